"""The target ``gateway``: chargers behind an OCPPLAB Gateway, made for a run and unmade after it."""
