"""Rigs that come with the runner."""
