"""A run that may take only so much real time."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocpplab_runner.engine.planning.options import ExitCode
from ocpplab_runner.targets.simulated import SimulatedTarget
from tests.engine.suite_kit import run_texts

LONG = "steps: [{wait: 1s}, {plug_connector: 1, expect: {connector_status: Preparing}}]"


@pytest.mark.parametrize("jobs", [0, 1])
def test_the_rest_is_blocked(tmp_path: Path, jobs: int) -> None:
    """A case begins while there is time for what it must take; one that has begun ends."""
    target = SimulatedTarget(realtime=True)
    outcome = run_texts(tmp_path, LONG, LONG, LONG, target=target, jobs=jobs, budget=2.0)
    assert outcome.verdicts() == ["passed", "blocked", "blocked"]
    assert outcome.ends()[1]["reason"].startswith("out of budget: it takes at least 1 s, and of 2s 0.")
    assert outcome.code is ExitCode.OK


def test_nothing_begins_once_it_is_spent(tmp_path: Path) -> None:
    """Also where time is virtual: the budget is real."""
    outcome = run_texts(tmp_path, LONG, LONG, budget=0.0)
    assert outcome.verdicts() == ["blocked", "blocked"]
    assert outcome.ends()[0]["reason"] == "out of budget: the run has taken its 0s"
    assert outcome.code is ExitCode.NOTHING
