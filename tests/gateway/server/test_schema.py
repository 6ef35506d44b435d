"""Schemathesis against the running server: a few hundred requests of `python -m benchmarks.fuzz_gateway`."""

from __future__ import annotations

from benchmarks.fuzz_gateway import cases_in, fuzz
from ocpplab_runner import clock


def test_no_answer_differs_from_the_openapi_document() -> None:
    """All checks hold: no 5xx, nothing wrong accepted, nothing right refused."""
    code, output = clock.run(fuzz(300, 7, phases="fuzzing"), virtual=False)
    assert code == 0, output[-20_000:]
    assert cases_in(output) >= 200, output[-2_000:]
