"""The built-in CSMS as a program of its own: ``ocpplab-runner csms``."""
