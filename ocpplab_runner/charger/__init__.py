"""The simulated charging station: a version-neutral core, and one dialect per OCPP version."""
