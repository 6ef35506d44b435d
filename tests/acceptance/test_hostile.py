"""A sample of the attacks of ``python -m benchmarks.hostile``: none gets what it wants."""

from __future__ import annotations

import pytest

from benchmarks.hostile.attacks import run_all


@pytest.mark.parametrize(
    ("kind", "every"), [("files", 67), ("csms", 41), ("gateway", 17), ("signals", 29), ("floods", 13)]
)
def test_no_attack_gets_what_it_wants(kind: str, every: int) -> None:
    """No traceback, no hang, no pass of what is contradicted, nothing left behind, and memory within its bound."""
    outcomes = run_all(kind, every, "2s")
    assert outcomes
    assert {outcome.name: outcome.problems for outcome in outcomes if outcome.problems} == {}
