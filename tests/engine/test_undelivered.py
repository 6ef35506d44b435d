"""Messages of transactions that the CSMS never answers: a warning, and a failure with --strict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ocpplab_runner.engine.judging.undelivered import message_of
from ocpplab_runner.plugin.events import Event
from tests.engine.suite_kit import Outcome, failure, run_texts

_HEAD = """
ocpp: ["{version}"]
given:
  csms: {{id_tokens: {{CARD-1: Accepted}}, replies: {replies}}}
  state: ev_connected
"""


def _run(tmp_path: Path, steps: str, *, version: str = "1.6", replies: str = "[]", strict: bool = True) -> Outcome:
    head = _HEAD.format(version=version, replies=replies)
    return run_texts(tmp_path, f"{head}steps: {steps}\n", strict=strict)


_SWIPE = "{authorize_id_tag: CARD-1, expect: {auth_status: {is: Accepted, via: Authorize}}}"
_PULL = "{unplug_connector: 1}"
_LONG = "{wait: 20m}"


@pytest.mark.parametrize(
    ("steps", "version", "replies", "message"),
    [
        (f"[{_SWIPE}, {_LONG}]", "1.6", "[{to: StartTransaction, silence: true, times: 9}]", "StartTransaction"),
        (f"[{_SWIPE}]", "1.6", "[{to: StartTransaction, silence: true}]", "StartTransaction"),
        (
            f"[{{csms_reply: {{to: StopTransaction, silence: true, times: 9}}}}, {_SWIPE}, {_PULL}, {_LONG}]",
            "1.6",
            "[]",
            "StopTransaction",
        ),
        (f"[{_SWIPE}, {_PULL}]", "1.6", "[{to: StopTransaction, silence: true}]", "StopTransaction"),
        (f"[{_SWIPE}, {_LONG}]", "2.0.1", "[{to: TransactionEvent, silence: true, times: 99}]", "TransactionEvent"),
        (f"[{_SWIPE}, {{wait: 61s}}]", "1.6", "[{to: MeterValues, silence: true, times: 99}]", "MeterValues"),
    ],
)
def test_what_is_never_answered_fails_with_strict(
    steps: str, version: str, replies: str, message: str, tmp_path: Path
) -> None:
    """Whoever programmes the silence; without --strict it is a warning."""
    outcome = _run(tmp_path, steps, version=version, replies=replies)
    assert outcome.verdicts() == ["failed"]
    assert f"the CSMS has never answered {message} of charger" in failure(outcome)
    assert "a.yaml" in outcome.end()["failure"]["file"]
    mild = _run(tmp_path, steps, version=version, replies=replies, strict=False)
    assert mild.verdicts() == ["passed"]
    assert any(message in warning for warning in mild.end()["warnings"])


@pytest.mark.parametrize(
    ("steps", "version", "replies"),
    [
        (f"[{_SWIPE}, {_PULL}]", "1.6", "[]"),
        (f"[{_SWIPE}, {_PULL}]", "2.0.1", "[]"),
        # It is sent again, and answered then.
        (f"[{_SWIPE}, {{wait: 3m}}]", "1.6", "[{to: StartTransaction, silence: true}]"),
        (f"[{_SWIPE}, {{wait: 3m}}]", "2.0.1", "[{to: TransactionEvent, silence: true}]"),
        # A slow CSMS has its time.
        (f"[{_SWIPE}, {_PULL}]", "1.6", "[{to: StopTransaction, payload: {}, delay: 10s}]"),
        # The charger is offline: it has sent nothing.
        (f"[{_SWIPE}, {{network: down}}, {_PULL}]", "1.6", "[]"),
        # The scenario says that it is wanted.
        (f"[{_SWIPE}, {_LONG}]", "1.6", "[{to: StartTransaction, silence: true, times: 9, raw: true}]"),
        (
            "[{proxy_message: {action: StopTransaction, payload: {transactionId: 7, meterStop: 1,"
            " timestamp: '2026-01-01T00:00:00Z'}}, expect: {response: none}}]",
            "1.6",
            "[{to: StopTransaction, silence: true}]",
        ),
        # Nothing of a transaction.
        ("[{trigger_message: Heartbeat, expect: {heartbeat: {}}}, {wait: 1m}]", "1.6", "[]"),
    ],
)
def test_what_is_delivered_late_or_wanted_is_no_complaint(
    steps: str, version: str, replies: str, tmp_path: Path
) -> None:
    """And what the charger could not send at all."""
    outcome = _run(tmp_path, steps, version=version, replies=replies)
    assert outcome.verdicts() == ["passed"], failure(outcome)
    assert "warnings" not in outcome.end()


@pytest.mark.parametrize(
    ("frame", "is_one"),
    [
        ({}, True),
        ({"type": "result"}, False),
        ({"direction": "to_charger"}, False),
        ({"payload": "all of it"}, False),
    ],
)
def test_a_message_of_a_transaction_is_a_call_of_the_charger(frame: dict[str, Any], is_one: bool) -> None:
    """Not an answer, nor the same call in the wrong direction, nor one whose payload is none."""
    fields = {"type": "call", "direction": "to_csms", "payload": {"transactionId": 1, "timestamp": "x"}, **frame}
    event = Event(0, "frame", "StopTransaction", "charger", 0.0, 0.0, fields, "wire", "charger")
    assert (message_of(event) is not None) is is_one
