"""Runs the cases of a plan: the worker processes, one attempt of a case, its steps."""
