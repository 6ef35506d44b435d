"""What a run says of the rules of the protocol."""

from __future__ import annotations

import os
from typing import Any

import pytest

from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.targets.station.rules import CHANCES, RULES, RuleTally


def frame(action: str, payload: dict[str, Any], kind: str = "call", direction: str = "to_csms") -> Observation:
    """A frame of a station."""
    return Observation("frame", action, "1", 0.0, {"type": kind, "direction": direction, "payload": payload})


def test_every_rule_says_when_it_is_put_to_the_test() -> None:
    """A new one too."""
    assert set(CHANCES) == set(RULES)


def test_broken_held_and_never_exercised_are_told_apart() -> None:
    """A heartbeat says nothing of transactions."""
    tally = RuleTally()
    tally.hear(frame("Heartbeat", {}))
    tally.hear(Observation("violation", "schema", "1", 0.0, {"by": "charger"}))
    tally.hear(Observation("violation", "late-answer", "1", 0.0, {"by": "csms"}))
    tally.write()
    first, broken, never = tally.summary().splitlines()
    assert first.startswith("rules of the protocol: 1 broken, ")
    assert broken == "  broken: schema (1)"
    assert "unknown-transaction-id" in never
    assert "duplicate-message-id" not in never
    assert "late-answer" in never


@pytest.mark.parametrize(
    ("observation", "rule"),
    [
        (frame("MeterValues", {"connectorId": 1, "transactionId": 7}), "unknown-transaction-id"),
        (frame("TransactionEvent", {"seqNo": 0, "transactionInfo": {"remoteStartId": 1}}), "unknown-remote-start-id"),
        (frame("StatusNotification", {"evseId": 1}), "unknown-evse"),
        (frame("StopTransaction", {"transactionData": [{"timestamp": "…"}]}), "missing-offset"),
        (frame("Heartbeat", {}, "result"), "unknown-message-id"),
    ],
)
def test_what_puts_a_rule_to_the_test(observation: Observation, rule: str) -> None:
    """At any depth of the payload."""
    tally = RuleTally()
    tally.hear(observation)
    tally.write()
    assert rule not in tally.summary()


def test_our_own_frames_say_nothing_of_the_station() -> None:
    """And a run in which no station has spoken says nothing at all."""
    tally = RuleTally()
    tally.hear(frame("Reset", {"transactionId": 1}, direction="to_charger"))
    tally.write()
    assert tally.summary() == ""


def test_workers_are_counted_together() -> None:
    """They are forked after it was made."""
    tally = RuleTally()
    if (child := os.fork()) == 0:
        tally.hear(frame("MeterValues", {"transactionId": 7}))
        tally.write()
        os._exit(0)
    os.waitpid(child, 0)
    assert "unknown-transaction-id" not in tally.summary()
