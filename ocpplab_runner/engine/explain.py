"""Why an expectation failed, for people: what was wanted, the nearest miss, what arrived, and the frames around it."""

from __future__ import annotations

from ocpplab_runner.engine.expectations import ExpectationWatch, ProhibitionWatch
from ocpplab_runner.plugin.results import FailureInfo


def explain(watch: ExpectationWatch | ProhibitionWatch) -> FailureInfo:
    """Explain a failed expectation (rule 8). The caller adds the file."""
    raise NotImplementedError
