"""A sample of the attacks of ``python -m benchmarks.hostile``, of 20 s on an idle machine: none gets what it wants."""

from __future__ import annotations

import pytest

from benchmarks.hostile.attacks import run_all


@pytest.mark.parametrize(
    ("kind", "every"), [("files", 71), ("csms", 61), ("gateway", 31), ("plugins", 61), ("signals", 41), ("floods", 13)]
)
def test_no_attack_gets_what_it_wants(kind: str, every: int) -> None:
    """No traceback, no hang, no pass of what is contradicted, nothing left behind, and memory within its bound."""
    outcomes = run_all(kind, every, "2s")
    assert outcomes
    assert {outcome.name: outcome.problems for outcome in outcomes if outcome.problems} == {}
