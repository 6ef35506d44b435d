"""Expectations and prohibitions: which events are asked for, which have come, and whether that decides."""
