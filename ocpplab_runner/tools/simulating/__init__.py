"""Simulated chargers that dial a CSMS and do what lines of text tell them."""
