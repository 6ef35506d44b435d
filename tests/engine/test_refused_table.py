"""The table of refused frames: what breaks its schema shows no fact, whatever its receiver makes of it.

Every message that a fact is read from, with each of its fields broken, as a call and as an answer: between two real
sessions, and in a Gateway's log whose CSMS has taken it all the same.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from ocpplab_runner import clock
from ocpplab_runner.engine.interpreter import Interpreter
from ocpplab_runner.engine.recording.ledger import Ledger
from ocpplab_runner.engine.recording.observations import frame_observation
from ocpplab_runner.gateway.client import LogBook
from ocpplab_runner.gateway.client.model import LogEntry
from ocpplab_runner.ocppj import Reply, request_schema, response_schema
from ocpplab_runner.plugin.events import Event
from ocpplab_runner.targets.gateway.evidence import logged_frame
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.engine.broken_payloads import broken_payloads
from tests.ocppj.sessions import join

V16, V201 = OcppVersion.V16, OcppVersion.V201
UP, DOWN = "to_csms", "to_charger"
NOW = "2026-01-01T00:00:00Z"


@dataclass(frozen=True)
class Exchange:
    """A call and its answer, both well-formed, which show facts."""

    version: OcppVersion
    direction: str
    action: str
    call: dict[str, Any]
    answer: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.version.value} {self.action}"


_INFO = {"status": "Accepted", "expiryDate": NOW, "parentIdTag": "GROUP"}
_READINGS_16 = [
    {
        "timestamp": NOW,
        "sampledValue": [
            {"value": "5", "unit": "Wh", "measurand": "Energy.Active.Import.Register", "context": "Sample.Periodic"}
        ],
    }
]
_READINGS = [
    {
        "timestamp": NOW,
        "sampledValue": [
            {
                "value": 5,
                "measurand": "Energy.Active.Import.Register",
                "context": "Sample.Periodic",
                "unitOfMeasure": {"unit": "Wh", "multiplier": 0},
            }
        ],
    }
]
_TOKEN = {"idToken": "CARD", "type": "ISO14443"}
_TOKEN_INFO = {"idTokenInfo": {"status": "Accepted", "groupIdToken": _TOKEN}}
_PLACE = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
_STATION = {"vendorName": "V", "model": "M"}
EXCHANGES = [
    Exchange(V16, UP, "Authorize", {"idTag": "CARD"}, {"idTagInfo": _INFO}),
    Exchange(
        V16,
        UP,
        "BootNotification",
        {"chargePointVendor": "V", "chargePointModel": "M"},
        {"status": "Accepted", "currentTime": NOW, "interval": 300},
    ),
    Exchange(V16, UP, "Heartbeat", {}, {"currentTime": NOW}),
    Exchange(V16, UP, "MeterValues", {"connectorId": 1, "transactionId": 1, "meterValue": _READINGS_16}, {}),
    Exchange(
        V16,
        UP,
        "StartTransaction",
        {"connectorId": 1, "idTag": "CARD", "meterStart": 0, "timestamp": NOW, "reservationId": 1},
        {"transactionId": 1, "idTagInfo": _INFO},
    ),
    Exchange(
        V16,
        UP,
        "StatusNotification",
        {"connectorId": 1, "errorCode": "NoError", "status": "Charging", "timestamp": NOW, "info": "x"},
        {},
    ),
    Exchange(
        V16,
        UP,
        "StopTransaction",
        {
            "transactionId": 1,
            "meterStop": 5,
            "timestamp": NOW,
            "reason": "Local",
            "idTag": "CARD",
            "transactionData": _READINGS_16,
        },
        {"idTagInfo": _INFO},
    ),
    Exchange(V16, DOWN, "ChangeConfiguration", {"key": "HeartbeatInterval", "value": "5"}, {"status": "Accepted"}),
    Exchange(
        V16,
        DOWN,
        "GetConfiguration",
        {"key": ["HeartbeatInterval"]},
        {"configurationKey": [{"key": "HeartbeatInterval", "readonly": False, "value": "5"}], "unknownKey": ["x"]},
    ),
    Exchange(V16, DOWN, "GetLocalListVersion", {}, {"listVersion": 1}),
    Exchange(V16, DOWN, "SendLocalList", {"listVersion": 1, "updateType": "Full"}, {"status": "Accepted"}),
    Exchange(V201, UP, "Authorize", {"idToken": _TOKEN}, _TOKEN_INFO),
    Exchange(
        V201,
        UP,
        "BootNotification",
        {"reason": "PowerUp", "chargingStation": _STATION},
        {"status": "Accepted", "currentTime": NOW, "interval": 300},
    ),
    Exchange(V201, UP, "Heartbeat", {}, {"currentTime": NOW}),
    Exchange(V201, UP, "MeterValues", {"evseId": 1, "meterValue": _READINGS}, {}),
    Exchange(
        V201,
        UP,
        "StatusNotification",
        {"timestamp": NOW, "evseId": 1, "connectorId": 1, "connectorStatus": "Occupied"},
        {},
    ),
    Exchange(
        V201,
        UP,
        "TransactionEvent",
        {
            "eventType": "Started",
            "timestamp": NOW,
            "triggerReason": "Authorized",
            "seqNo": 0,
            "offline": False,
            "reservationId": 1,
            "evse": {"id": 1, "connectorId": 1},
            "idToken": _TOKEN,
            "transactionInfo": {"transactionId": "t", "chargingState": "Charging", "remoteStartId": 1},
            "meterValue": _READINGS,
        },
        _TOKEN_INFO,
    ),
    Exchange(
        V201,
        DOWN,
        "GetVariables",
        {"getVariableData": [_PLACE]},
        {"getVariableResult": [{**_PLACE, "attributeStatus": "Accepted", "attributeValue": "5"}]},
    ),
    Exchange(
        V201,
        DOWN,
        "SetVariables",
        {"setVariableData": [{**_PLACE, "attributeValue": "5"}]},
        {"setVariableResult": [{**_PLACE, "attributeStatus": "Accepted"}]},
    ),
    Exchange(V201, DOWN, "GetLocalListVersion", {}, {"versionNumber": 1}),
    Exchange(V201, DOWN, "SendLocalList", {"versionNumber": 1, "updateType": "Full"}, {"status": "Accepted"}),
]


#: Messages of security, certificates, firmware, diagnostics, monitoring and smart charging: still to come here.
_OWED = frozenset(
    {"CertificateSigned", "DeleteCertificate", "GetInstalledCertificateIds", "InstallCertificate", "SignCertificate"}
    | {"SecurityEventNotification", "Get15118EVCertificate", "GetCertificateStatus", "GetCompositeSchedule"}
    | {"SetChargingProfile", "FirmwareStatusNotification", "SignedFirmwareStatusNotification"}
    | {"DiagnosticsStatusNotification", "LogStatusNotification", "NotifyCustomerInformation", "NotifyEvent"}
    | {"NotifyMonitoringReport", "NotifyPeriodicEventStream", "ClearVariableMonitoring", "SetVariableMonitoring"}
)


def test_every_message_that_a_fact_is_read_from_is_here() -> None:
    """Of both versions; a BootNotification's call shows nothing by itself."""
    for version in (V16, V201):
        interpreter = Interpreter(version)
        read = {(side, action) for side, action in (*interpreter._calls, *interpreter._answers) if action not in _OWED}
        assert read == {(one.direction, one.action) for one in EXCHANGES if one.version is version}


@pytest.mark.parametrize("exchange", EXCHANGES, ids=str)
def test_between_two_sessions(exchange: Exchange) -> None:
    """The receiver refuses what is broken; the well-formed twin shows its facts."""
    assert facts(between_sessions(exchange, exchange.call, exchange.answer))
    for told, call, answer in broken(exchange):
        assert facts(between_sessions(exchange, call, answer)) == [], told


@pytest.mark.parametrize("exchange", EXCHANGES, ids=str)
def test_in_a_log(exchange: Exchange) -> None:
    """Nobody else has judged what a log tells, so a broken call may have been answered as if it were none."""
    assert facts(in_a_log(exchange, exchange.call, exchange.answer))
    for told, call, answer in broken(exchange):
        assert facts(in_a_log(exchange, call, answer)) == [], told


@pytest.mark.parametrize("exchange", EXCHANGES, ids=str)
def test_in_a_log_of_calls_only(exchange: Exchange) -> None:
    """A valid call is taken for one that was accepted; a broken one is none."""
    shows = Interpreter(exchange.version)._shows
    twin = facts(in_a_log(exchange, exchange.call, None))
    assert bool(twin) is (exchange.direction == UP and exchange.action in shows)
    for told, call in broken_payloads(request_schema(exchange.version, exchange.action), exchange.call):
        assert facts(in_a_log(exchange, call, None)) == [], told


@pytest.mark.parametrize("exchange", EXCHANGES, ids=str)
def test_a_call_that_is_refused_though_it_is_well_formed(exchange: Exchange) -> None:
    """A CALLERROR takes nothing, whatever the call says, and whatever comes after it under its id."""
    ledger = _ledger(exchange)
    messages = [[2, "1", exchange.action, exchange.call], [4, "1", "InternalError", "", {}], [3, "1", exchange.answer]]
    for at, frame in _logged(exchange, messages):
        ledger.record(logged_frame(frame, at, name="A", version=exchange.version, answerable=True))
    assert facts(ledger) == []


def broken(exchange: Exchange) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """What is broken, and the exchange with it."""
    for told, call in broken_payloads(request_schema(exchange.version, exchange.action), exchange.call):
        yield f"call: {told}", call, exchange.answer
    for told, answer in broken_payloads(response_schema(exchange.version, exchange.action), exchange.answer):
        yield f"answer: {told}", exchange.call, answer


def facts(ledger: Ledger) -> list[Event]:
    """All of them."""
    return [event for event in ledger.since(0) if event.kind == "fact"]


def between_sessions(exchange: Exchange, call: dict[str, Any], answer: dict[str, Any]) -> Ledger:
    """The exchange between a charger and a CSMS, as the charger sees it."""

    async def scene() -> Ledger:
        def handler(_: Any) -> Reply:
            return Reply(answer, validate=False)

        charger, csms, heard, _ = join(handler, handler, exchange.version)
        caller = charger if exchange.direction == UP else csms
        await caller.call(exchange.action, call, validate=False)
        await asyncio.sleep(0.1)
        ledger = _ledger(exchange)
        for record in heard.frames:
            ledger.record(frame_observation("A", record))
        return ledger

    return clock.run(scene())


def in_a_log(exchange: Exchange, call: dict[str, Any], answer: dict[str, Any] | None) -> Ledger:
    """The exchange as a log has it; without an answer in a log of calls only."""
    ledger = _ledger(exchange)
    messages: list[Any] = [[2, "1", exchange.action, call]]
    if answer is not None:
        messages.append([3, "1", answer])
    for at, frame in _logged(exchange, messages):
        ledger.record(logged_frame(frame, at, name="A", version=exchange.version, answerable=answer is not None))
    return ledger


def _logged(exchange: Exchange, messages: list[Any]) -> list[tuple[float, Any]]:
    ways = ["cp_to_csms", "csms_to_cp"]
    if exchange.direction == DOWN:
        ways.reverse()
    book = LogBook(exchange.version)
    entries = [
        LogEntry(way, "", json.dumps(message), None) for way, message in zip([*ways, ways[1]], messages, strict=False)
    ]
    book.take(entries, lambda _: 1.0)
    return book.release(2.0)


def _ledger(exchange: Exchange) -> Ledger:
    ledger = Ledger(now=lambda: 5.0)
    ledger.add_charger("A", exchange.version)
    return ledger
