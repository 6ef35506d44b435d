"""A proxy between chargers and a CSMS that writes down what crosses: ``ocpplab-runner record``."""
