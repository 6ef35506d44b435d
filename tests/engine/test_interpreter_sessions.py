"""One charging session in OCPP 1.6 and in 2.0.1: two lists of frames, one list of neutral facts."""

from __future__ import annotations

from typing import Any

from ocpplab_runner.engine.interpreter import Fact
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.engine.frames_kit import DOWN, UP, Talk

Exchange = tuple[str, str, dict[str, Any], dict[str, Any]]


def status_16(status: str) -> Exchange:
    return UP, "StatusNotification", {"connectorId": 1, "status": status, "errorCode": "NoError"}, {}


def status_201(status: str) -> Exchange:
    payload = {"timestamp": "t", "connectorStatus": status, "evseId": 1, "connectorId": 1}
    return UP, "StatusNotification", payload, {}


def event_201(kind: str, seq_no: int, state: str | None, reading: int, answer: Any = None, **more: Any) -> Exchange:
    info = {"transactionId": "abc", **({"chargingState": state} if state else {}), **more.pop("info", {})}
    sample = {"value": reading, "context": "Sample.Periodic"}
    payload = {
        "eventType": kind,
        "seqNo": seq_no,
        "timestamp": "t",
        "triggerReason": "ChargingStateChanged",
        "transactionInfo": info,
        "meterValue": [{"timestamp": "t", "sampledValue": [sample]}],
        **more,
    }
    return UP, "TransactionEvent", payload, answer or {}


CARD_16 = {"idTagInfo": {"status": "Accepted", "parentIdTag": "FLEET"}}
CARD_201 = {"idTokenInfo": {"status": "Accepted", "groupIdToken": {"idToken": "FLEET", "type": "Central"}}}
TOKEN = {"idToken": "CARD-1", "type": "ISO14443"}

SESSION_16: list[Exchange] = [
    (
        UP,
        "BootNotification",
        {"chargePointModel": "m", "chargePointVendor": "v"},
        {"status": "Accepted", "interval": 300},
    ),
    status_16("Available"),
    (UP, "Heartbeat", {}, {}),
    (DOWN, "ChangeConfiguration", {"key": "HeartbeatInterval", "value": "60"}, {"status": "Accepted"}),
    (DOWN, "SendLocalList", {"listVersion": 2, "updateType": "Full"}, {"status": "Accepted"}),
    status_16("Preparing"),
    (UP, "Authorize", {"idTag": "CARD-1"}, CARD_16),
    (
        UP,
        "StartTransaction",
        {"connectorId": 1, "idTag": "CARD-1", "meterStart": 0, "timestamp": "t"},
        {"transactionId": 1, **CARD_16},
    ),
    status_16("Charging"),
    (
        UP,
        "MeterValues",
        {"connectorId": 1, "transactionId": 1, "meterValue": [{"sampledValue": [{"value": "100"}]}]},
        {},
    ),
    status_16("SuspendedEV"),
    (UP, "StopTransaction", {"transactionId": 1, "meterStop": 150, "timestamp": "t"}, {}),
    status_16("Finishing"),
    status_16("Available"),
]

SESSION_201: list[Exchange] = [
    (UP, "BootNotification", {"reason": "PowerUp", "chargingStation": {}}, {"status": "Accepted", "interval": 300}),
    status_201("Available"),
    (UP, "Heartbeat", {}, {}),
    (
        DOWN,
        "SetVariables",
        {
            "setVariableData": [
                {
                    "attributeValue": "60",
                    "component": {"name": "OCPPCommCtrlr"},
                    "variable": {"name": "HeartbeatInterval"},
                }
            ]
        },
        {
            "setVariableResult": [
                {
                    "attributeStatus": "Accepted",
                    "component": {"name": "OCPPCommCtrlr"},
                    "variable": {"name": "HeartbeatInterval"},
                }
            ]
        },
    ),
    (DOWN, "SendLocalList", {"versionNumber": 2, "updateType": "Full"}, {"status": "Accepted"}),
    status_201("Occupied"),
    (UP, "Authorize", {"idToken": TOKEN}, CARD_201),
    event_201("Started", 0, "Charging", 0, CARD_201, evse={"id": 1, "connectorId": 1}, idToken=TOKEN),
    event_201("Updated", 1, "Charging", 100),
    event_201("Updated", 2, "SuspendedEV", 120),
    event_201("Ended", 3, "SuspendedEV", 150, info={"stoppedReason": "Local"}),
    status_201("Available"),
]

STORY = [
    ("boot", "Accepted"),
    ("connector_status", "Available"),
    ("heartbeat", None),
    ("configuration", "Accepted", "heartbeat_interval", "60"),
    ("local_list", "Accepted", 2),
    ("connector_status", "Preparing"),
    ("auth_status", "Accepted", "CARD-1", "FLEET", "Authorize"),
    ("transaction", "started", 1, "CARD-1", None, 0),
    ("connector_status", "Charging"),
    ("auth_status", "Accepted", "CARD-1", "FLEET", "the transaction"),
    ("connector_status", "SuspendedEV"),
    ("transaction", "ended", 1, "CARD-1", "Local", 150),
    ("connector_status", "Finishing"),
    ("connector_status", "Available"),
]


def neutral(fact: Fact) -> tuple[Any, ...] | None:
    """A fact without what only one version carries; None for what only one version tells."""
    name, fields = fact
    if name == "meter" or fields.get("is") == "updated":
        return None
    parts: tuple[Any, ...] = ()
    if name == "configuration":
        parts = fields["setting"], fields["value"]
    elif name == "local_list":
        parts = (fields["version"],)
    elif name == "auth_status":
        via = "Authorize" if fields["via"] == "Authorize" else "the transaction"
        parts = fields["id_tag"], fields["parent_id_token"], via
    elif name == "transaction":
        parts = fields["evse_id"], fields["id_tag"], fields.get("reason"), fields["meter_wh"]
    return (name, fields.get("is"), *parts)


def told(version: OcppVersion, session: list[Exchange]) -> list[Fact]:
    talk = Talk(version)
    return [fact for exchange in session for fact in talk.round(*exchange)]


def test_the_same_session_gives_the_same_facts() -> None:
    """Boot, configuration, list, plug, card, charge, suspend, stop, unplug: one story, whichever version tells it.

    Only the moment differs at which the start's own verdict stands: in 1.6 it comes with the transaction's id, before
    Charging is reported.
    """
    for version, session in ((OcppVersion.V16, SESSION_16), (OcppVersion.V201, SESSION_201)):
        story = [fact for fact in map(neutral, told(version, session)) if fact is not None]
        verdict = STORY[9]
        assert [fact for fact in story if fact != verdict] == [fact for fact in STORY if fact != verdict]
        assert story.count(verdict) == 1
        assert story.index(verdict) > story.index(STORY[7])


def test_the_energy_of_the_session_is_the_same() -> None:
    """1.6 tells its readings in MeterValues, 2.0.1 in TransactionEvents; the values are in Wh in both."""
    energies = {
        version: [fields["energy_wh"] for name, fields in told(version, session) if name == "meter"]
        for version, session in ((OcppVersion.V16, SESSION_16), (OcppVersion.V201, SESSION_201))
    }
    assert energies == {OcppVersion.V16: [100], OcppVersion.V201: [0, 100, 120, 150]}
