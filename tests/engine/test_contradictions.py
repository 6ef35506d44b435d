"""Transactions that are none, as the charger's own traffic shows: a violation where no CSMS of ours would find it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ocpplab_runner.engine.recording.ledger import Ledger
from ocpplab_runner.plugin.events import Event, Observation
from ocpplab_runner.vocabulary.versions import OcppVersion

BOOT_TIME = "2026-01-01T00:00:00Z"
LATER = "2026-01-01T01:00:00Z"
V16, V201 = OcppVersion.V16, OcppVersion.V201


class World:
    """A ledger with one charger behind a CSMS that is not ours."""

    def __init__(self, version: OcppVersion, *, foreign: bool = True) -> None:
        self.ledger = Ledger(now=lambda: 0.0, minds_chargers=foreign)
        self.ledger.add_charger("A", version)
        self._number = 0
        if version is V16:
            self.do("BootNotification", {}, {"status": "Accepted", "currentTime": BOOT_TIME, "interval": 300})
            self.do("StatusNotification", {"connectorId": 1, "status": "Available", "errorCode": "NoError"}, {})
        else:
            answer = {"status": "Accepted", "currentTime": BOOT_TIME, "interval": 300}
            self.do("BootNotification", {"reason": "PowerUp"}, answer)
            self.do("StatusNotification", {"evseId": 1, "connectorId": 1, "connectorStatus": "Available"}, {})

    def do(self, action: str, payload: Any, answer: Any) -> str:
        """A call with its answer: an object, ``error``, or ``none``; its message id."""
        self._number += 1
        message_id = str(self._number)
        self._frame(action, "to_csms", "call", message_id, {"payload": payload})
        if answer == "error":
            self._frame(action, "to_charger", "error", message_id, {"error_code": "InternalError"})
        elif answer != "none":
            self._frame(action, "to_charger", "result", message_id, {"payload": answer})
        return message_id

    def found(self, kind: str, name: str = "") -> list[Event]:
        """The events of a kind, and of a name."""
        return [one for one in self.ledger.since(0) if one.kind == kind and name in ("", one.name)]

    def _frame(self, action: str, direction: str, kind: str, message_id: str, more: dict[str, Any]) -> None:
        fields = {"direction": direction, "type": kind, "message_id": message_id, **more}
        self.ledger.record(Observation("frame", action, "A", 0.0, fields))


def start(transaction_id: int = 7) -> tuple[str, Any, Any]:
    request = {"connectorId": 1, "idTag": "CARD-1", "meterStart": 0, "timestamp": LATER}
    return "StartTransaction", request, {"transactionId": transaction_id, "idTagInfo": {"status": "Accepted"}}


def stop(transaction_id: int = 7, **more: Any) -> tuple[str, Any, Any]:
    return "StopTransaction", {"transactionId": transaction_id, "meterStop": 1, "timestamp": LATER, **more}, {}


def event(kind: str, seq_no: int, transaction_id: str = "T", **more: Any) -> tuple[str, Any, Any]:
    payload = {
        "eventType": kind,
        "seqNo": seq_no,
        "timestamp": LATER,
        "triggerReason": "Authorized",
        "transactionInfo": {"transactionId": transaction_id},
        "evse": {"id": 1, "connectorId": 1},
    }
    return "TransactionEvent", {**payload, **more}, {}


def refused(call: tuple[str, Any, Any], answer: Any = "error") -> tuple[str, Any, Any]:
    return call[0], call[1], answer


def metered(transaction_id: int | None = 7, connector: int = 1, timestamp: str = LATER) -> tuple[str, Any, Any]:
    named = {} if transaction_id is None else {"transactionId": transaction_id}
    element = {"timestamp": timestamp, "sampledValue": [{"value": "1"}]}
    return "MeterValues", {"connectorId": connector, **named, "meterValue": [element]}, {}


CASES: list[tuple[OcppVersion, Sequence[tuple[str, Any, Any]], str | None]] = [
    (V16, [start(), stop()], None),
    (V16, [start(), stop(), stop()], None),
    (V16, [start(), stop(8)], "unknown-transaction-id"),
    (V16, [stop()], "unknown-transaction-id"),
    (V16, [stop(timestamp="2025-12-31T00:00:00Z")], None),
    (V16, [start(), stop(), stop(reason="Reboot")], "transaction-already-ended"),
    (V16, [refused(start()), stop(0)], None),
    (V16, [refused(start(), "none"), stop(0)], None),
    (V16, [refused(stop())], None),
    (V16, [start(), metered()], None),
    (V16, [start(), metered(connector=0)], None),
    (V16, [start(), metered(None)], None),
    (V16, [start(), metered(8)], "unknown-transaction-id"),
    (V16, [start(), metered(8, connector=0)], "unknown-transaction-id"),
    (V16, [metered()], "unknown-transaction-id"),
    (V16, [metered(timestamp="2025-12-31T00:00:00Z")], None),
    (V16, [metered(connector=2)], None),
    (V16, [start(), metered(8, connector=2)], None),
    (V16, [start(), metered(connector=2)], "wrong-transaction-id"),
    (V16, [start(), stop(), metered()], "transaction-already-ended"),
    (V16, [start(), stop(), start(), metered()], None),
    (V16, [refused(start()), metered(0)], None),
    (V16, [refused(start(), "none"), metered(0)], None),
    (V16, [refused(metered(8))], None),
    (V201, [event("Started", 0), event("Updated", 1), event("Ended", 2)], None),
    (V201, [event("Updated", 1)], "unknown-transaction-id"),
    (V201, [event("Started", 0), event("Ended", 1, "U")], "unknown-transaction-id"),
    (V201, [event("Updated", 1, timestamp="2025-12-31T00:00:00Z")], None),
    (V201, [event("Started", 0), event("Started", 1)], "duplicate-transaction-id"),
    (V201, [event("Started", 0), event("Started", 0)], None),
    (V201, [event("Started", 0), event("Ended", 1), event("Ended", 2)], "transaction-already-ended"),
    (V201, [event("Started", 0), event("Ended", 1), event("Updated", 2)], "transaction-already-ended"),
    (V201, [event("Started", 0), event("Ended", 2), event("Updated", 1)], None),
    (V201, [refused(event("Started", 0)), event("Updated", 1)], None),
    (V201, [refused(event("Started", 0), "none"), event("Updated", 1)], None),
    (V201, [refused(event("Started", 0)), event("Updated", 1, "U")], "unknown-transaction-id"),
]


@pytest.mark.parametrize(("version", "calls", "code"), CASES)
def test_what_the_traffic_contradicts_is_a_violation(
    version: OcppVersion, calls: Sequence[tuple[str, Any, Any]], code: str | None
) -> None:
    """Of the charger, at the call; it shows no fact. What may be from before the boot, or was lost, is none."""
    world = World(version)
    for call in calls[:-1]:
        world.do(*call)
    assert world.found("violation") == []
    facts = len(world.found("fact", "transaction"))
    message_id = world.do(*calls[-1])
    violations = [(one.name, one.fields["by"], one.fields["message_id"]) for one in world.found("violation")]
    assert violations == ([(code, "charger", message_id)] if code else [])
    assert list(world.ledger.violations) == world.found("violation")
    assert code is None or len(world.found("fact", "transaction")) == facts


@pytest.mark.parametrize("transaction_id", [7, 8, None])
def test_a_reading_is_one_whosoever_it_is_said_to_be(transaction_id: int | None) -> None:
    """The meter of the connector has shown that; that the transaction is none is for the violation to say."""
    world = World(V16)
    world.do(*start())
    world.do(*metered(transaction_id))
    (fact,) = world.found("fact", "meter")
    assert (fact.fields["evse_id"], fact.fields.get("transaction_id")) == (1, transaction_id)


def test_what_a_transaction_costs_that_is_none() -> None:
    """Nobody has told what it costs: neither the charger that counts nor the answer to its event."""
    world = World(OcppVersion.V21)
    counted = {"totalCost": {"currency": "EUR", "typeOfCost": "NormalCost", "total": {"inclTax": 2}}}
    world.do(*event("Started", 0)[:2], {"totalCost": 1})
    world.do(*event("Updated", 1, costDetails=counted))
    world.do(*event("Updated", 1, costDetails=counted))
    world.do(*event("Ended", 2, "U", costDetails=counted)[:2], {"totalCost": 3})
    costs = [(one.fields["by"], one.fields["amount"]) for one in world.found("fact", "cost")]
    assert costs == [("csms", 1), ("charger", 2)]


@pytest.mark.parametrize("version", [V16, V201])
def test_our_own_csms_says_it_itself(version: OcppVersion) -> None:
    """It would be told twice."""
    world = World(version, foreign=False)
    world.do(*(stop() if version is V16 else event("Updated", 1)))
    assert world.found("violation") == []


def test_a_start_that_is_lost_with_its_connection() -> None:
    """Nobody knows whether the CSMS has given an id, and which."""
    world = World(V16)
    world.do(*refused(start(), "none"))
    world.ledger.record(Observation("fact", "connection", "A", 0.0, {"is": "closed"}))
    world.do(*stop(3))
    assert world.found("violation") == []
