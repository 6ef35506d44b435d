"""Consumers of result records: terminal, JUnit XML, JSON Lines, GitHub annotations.

Every report takes the records of :mod:`ocpplab_runner.plugin.results`, live from the engine or read back from a file.
"""
