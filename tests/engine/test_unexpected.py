"""CALLERRORs to what the charger sent: a warning and a failure with --strict, unless they are wanted or deserved."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocpplab_runner.engine.deliberate import Deliberate
from ocpplab_runner.engine.ledger import Ledger
from ocpplab_runner.engine.unexpected import unexpected_errors
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.engine.suite_kit import failure, run_texts


@pytest.mark.parametrize(
    "steps",
    [
        "[{csms_reply: {to: Heartbeat, error: InternalError}}, {proxy_message: {action: Heartbeat, payload: {}},"
        " expect: {call_error: InternalError}}]",
        "[{csms_reply: {to: Heartbeat, error: InternalError, times: 2}}, {trigger_message: Heartbeat,"
        " expect: {response: {status: Accepted}}}]",
        # What the charger has broken is its violation, and the CSMS is right.
        "[{proxy_message: {action: Heartbeat, payload: {x: 1}}, raw: true, expect: {call_error: {}}}]",
        "[{proxy_message: {action: Heartbeat, payload: {x: 1}}, raw: true, expect: {message: {action: Heartbeat,"
        " from: csms, type: error}}}]",
        "[{proxy_message: {action: ClearCache, payload: {}}, raw: true, expect: {call_error: NotSupported}}]",
    ],
)
def test_what_is_wanted_or_deserved_is_no_complaint(steps: str, tmp_path: Path) -> None:
    """Programmed, expected, or the answer to what breaks a rule."""
    outcome = run_texts(tmp_path, f"steps: {steps}\n", strict=True)
    assert outcome.verdicts() == ["passed"], failure(outcome)
    assert "warnings" not in outcome.end()


def _error(message_id: str, action: str = "Heartbeat") -> Observation:
    fields = {"direction": "to_charger", "type": "error", "message_id": message_id, "error_code": "InternalError"}
    return Observation("frame", action, "A", 0.0, fields)


def test_what_is_told() -> None:
    """Each error once, with how often it came; not what the charger's own breach has earned, nor what is programmed."""
    ledger = Ledger(now=lambda: 0.0)
    ledger.add_charger("A", OcppVersion.V16)
    for message_id in ("1", "2", "3"):
        ledger.record(_error(message_id))
    ledger.record(Observation("violation", "schema", "A", 0.0, {"by": "charger", "message_id": "3"}))
    ledger.record(_error("4", "MeterValues"))
    ledger.record(Observation("frame", "Reset", "A", 0.0, {**_error("5").fields, "direction": "to_csms"}))
    text = "the CSMS answered Heartbeat of A with CALLERROR InternalError (2 times)"
    found = unexpected_errors(ledger, [{"to": "MeterValues", "error": "InternalError"}], Deliberate())
    assert [(told, event.fields["message_id"]) for told, event in found] == [(text, "1")]
    assert unexpected_errors(ledger, [{"to": "${{ action }}", "error": "InternalError"}], Deliberate()) == []
    assert len(unexpected_errors(ledger, [{"to": "Heartbeat", "delay": "1s"}], Deliberate())) == 2
