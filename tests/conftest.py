"""What all tests share."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

from ocpplab_runner.cli import gc_tuning
from tests.thoroughness import THOROUGH, examples

# How long an example takes says how busy the machine is, and whether Hypothesis has made its tables before: neither is
# a fault of what is tested.
_calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("sample", _calm, derandomize=True, database=None, max_examples=examples(100))
settings.register_profile("thorough", _calm)
settings.load_profile("thorough" if THOROUGH else "sample")

# Thousands of tests are made at the start and stay to the end: looking for garbage among them takes a fifth of it.
gc_tuning.postpone()


def pytest_collection_finish() -> None:
    """What the tests make is looked through again."""
    gc_tuning.resume()
