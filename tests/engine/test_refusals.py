"""Answers that refuse, and that nobody looks at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ocpplab_runner.engine.judging.refusals import refused_status
from tests.engine.suite_kit import run_texts


@pytest.mark.parametrize(
    ("payload", "status"),
    [
        ({"status": "Accepted"}, None),
        ({"status": "Rejected"}, "Rejected"),
        ({"status": "UnlockFailed"}, "UnlockFailed"),
        ({"status": "Scheduled"}, None),
        ({"setVariableResult": [{"attributeStatus": "Accepted"}, {"attributeStatus": "Rejected"}]}, "Rejected"),
        ({"configurationKey": []}, None),
        (None, None),
    ],
)
def test_which_answers_refuse(payload: Any, status: str | None) -> None:
    """By their status, or that of one of their results."""
    assert refused_status(payload) == status


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
@pytest.mark.parametrize(
    ("steps", "warned"),
    [
        ("- csms_call: {action: CancelReservation, payload: {reservationId: 7}}", True),
        (
            "- csms_call: {action: CancelReservation, payload: {reservationId: 7}}\n"
            "    expect: {response: {status: Rejected}}",
            False,
        ),
        (
            "- csms_call: {action: CancelReservation, payload: {reservationId: 7}}\n"
            "    expect: {message: {action: CancelReservation, type: result, payload: {status: Rejected}}}",
            False,
        ),
        (
            "- csms_call: {action: CancelReservation, payload: {reservationId: 7}}\n    save: {how: response.status}",
            False,
        ),
        (
            "- send_local_list: {version: 4, entries: {CARD-1: Accepted}}\n"
            "  - send_local_list: {version: 3, update_type: Differential, entries: {CARD-2: Accepted}}\n"
            "    expect: {local_list: VersionMismatch}",
            False,
        ),
        ("- change_configuration: {heartbeat_interval: 20s}", False),
    ],
)
def test_a_refusal_that_nobody_looks_at_is_a_warning(tmp_path: Path, steps: str, warned: bool, version: str) -> None:
    """The case passes; the warning names the step."""
    outcome = run_texts(tmp_path, f"ocpp: ['{version}']\nsteps:\n  {steps}\n")
    assert outcome.verdicts() == ["passed"]
    found = outcome.end().get("warnings", [])
    assert len(found) == int(warned)
    if warned:
        assert "a.yaml:" in found[0]
        assert "CancelReservation was answered Rejected, and no expectation looks at that" in found[0]
