"""Recorded frames of any program: found in files of many kinds, read and judged."""
