"""Certification cases: for each obligation a peer that breaks just that, and the step that must notice."""
