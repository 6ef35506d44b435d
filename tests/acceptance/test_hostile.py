"""A sample of the attacks of ``python -m benchmarks.hostile``, of 20 s on an idle machine: none gets what it wants."""

from __future__ import annotations

import pytest

from benchmarks.hostile.attacks import run_all
from tests.thoroughness import sample


@pytest.mark.parametrize(
    ("kind", "every", "first"),
    [
        # Each of these is an interpreter of its own, with its memory bounded.
        *(("files", 142, first) for first in sample((0, 71), 1, 2)),
        *(("csms", 122, first) for first in sample((0, 61), 1, 2)),
        *(("gateway", 62, first) for first in sample((0, 31), 1, 2)),
        *(("plugins", 122, first) for first in sample((0, 61), 0, 2)),
        ("signals", 41, 0),
        *sample([("floods", 13, 4), ("floods", 13, 0)], 0, 2),  # large calls come to their bound soonest
    ],
)
def test_no_attack_gets_what_it_wants(kind: str, every: int, first: int) -> None:
    """No traceback, no hang, no pass of what is contradicted, nothing left behind, and memory within its bound."""
    outcomes = run_all(kind, every, "2s", first)
    assert outcomes
    assert {outcome.name: outcome.problems for outcome in outcomes if outcome.problems} == {}
