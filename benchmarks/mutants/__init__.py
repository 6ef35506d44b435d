"""Seeded random faults in the product, and whether the shipped scenarios notice: ``python -m benchmarks.mutants``."""
