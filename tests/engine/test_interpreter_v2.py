"""OCPP 2.0.1 frames to facts, message by message, and the derived connector status."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpplab_runner.engine.interpreter import Fact, Interpreter
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.engine.frames_kit import DOWN, UP, Talk, junk_frames

V201 = OcppVersion.V201
TOKEN = {"idToken": "CARD-1", "type": "ISO14443"}


def event(kind: str, seq_no: int = 0, state: str | None = None, *, reason: str | None = None, **more: Any) -> Any:
    """A TransactionEventRequest of transaction T on EVSE 1."""
    info: dict[str, Any] = {"transactionId": "T"}
    if state:
        info["chargingState"] = state
    if reason:
        info["stoppedReason"] = reason
    return {
        "eventType": kind,
        "seqNo": seq_no,
        "timestamp": "t",
        "triggerReason": "Authorized",
        "transactionInfo": info,
        **more,
    }


def status(value: str, evse_id: int = 1, connector_id: int = 1) -> Any:
    """A StatusNotificationRequest."""
    return {"timestamp": "t", "connectorStatus": value, "evseId": evse_id, "connectorId": connector_id}


@pytest.mark.parametrize(
    ("direction", "action", "request_", "answer", "facts"),
    [
        (UP, "Heartbeat", {}, {"currentTime": "t"}, [("heartbeat", {})]),
        (
            UP,
            "Authorize",
            {"idToken": TOKEN},
            {"idTokenInfo": {"status": "NoCredit", "groupIdToken": {"idToken": "FLEET", "type": "Central"}}},
            [
                (
                    "auth_status",
                    {"is": "NoCredit", "id_tag": "CARD-1", "via": "Authorize", "parent_id_token": "FLEET"},
                )
            ],
        ),
        (
            UP,
            "BootNotification",
            {"reason": "PowerUp", "chargingStation": {}},
            {"status": "Accepted", "interval": 60, "currentTime": "t"},
            [("boot", {"is": "Accepted", "interval": 60, "reason": "PowerUp"})],
        ),
        (
            UP,
            "TransactionEvent",
            event(
                "Started",
                evse={"id": 1, "connectorId": 1},
                idToken=TOKEN,
                reservationId=4,
                meterValue=[
                    {
                        "timestamp": "t",
                        "sampledValue": [
                            {"value": 1.5, "context": "Transaction.Begin", "unitOfMeasure": {"unit": "kWh"}},
                            {
                                "value": 11,
                                "measurand": "Power.Active.Import",
                                "unitOfMeasure": {"unit": "W", "multiplier": 3},
                            },
                        ],
                    }
                ],
            ),
            {"idTokenInfo": {"status": "Accepted"}},
            [
                (
                    "transaction",
                    {
                        "is": "started",
                        "transaction_id": "T",
                        "evse_id": 1,
                        "id_tag": "CARD-1",
                        "trigger": "Authorized",
                        "seq_no": 0,
                        "offline": False,
                        "reservation_id": 4,
                        "meter_wh": 1500,
                    },
                ),
                (
                    "meter",
                    {
                        "evse_id": 1,
                        "transaction_id": "T",
                        "context": "Transaction.Begin",
                        "energy_wh": 1500,
                        "power_w": 11000,
                    },
                ),
                ("auth_status", {"is": "Accepted", "id_tag": "CARD-1", "via": "TransactionEvent", "evse_id": 1}),
            ],
        ),
        (
            UP,
            "MeterValues",
            {"evseId": 0, "meterValue": [{"timestamp": "t", "sampledValue": [{"value": 5}]}]},
            {},
            [("meter", {"evse_id": 0, "context": "Sample.Periodic", "energy_wh": 5})],
        ),
        (
            DOWN,
            "SetVariables",
            {
                "setVariableData": [
                    {
                        "attributeValue": "30",
                        "component": {"name": "OCPPCommCtrlr"},
                        "variable": {"name": "HeartbeatInterval"},
                    },
                    {"attributeValue": "x", "component": {"name": "No"}, "variable": {"name": "Such"}},
                ]
            },
            {
                "setVariableResult": [
                    {
                        "attributeStatus": "UnknownComponent",
                        "component": {"name": "No"},
                        "variable": {"name": "Such"},
                    },
                    {
                        "attributeStatus": "RebootRequired",
                        "component": {"name": "OCPPCommCtrlr"},
                        "variable": {"name": "HeartbeatInterval"},
                    },
                ]
            },
            [
                ("configuration", {"is": "NotSupported", "key": "No.Such", "value": "x"}),
                (
                    "configuration",
                    {
                        "is": "RebootRequired",
                        "key": "OCPPCommCtrlr.HeartbeatInterval",
                        "setting": "heartbeat_interval",
                        "value": "30",
                    },
                ),
            ],
        ),
        (
            DOWN,
            "GetVariables",
            {"getVariableData": []},
            {
                "getVariableResult": [
                    {
                        "attributeStatus": "Accepted",
                        "attributeValue": "5",
                        "component": {"name": "OCPPCommCtrlr"},
                        "variable": {"name": "MessageAttempts", "instance": "TransactionEvent"},
                    },
                    {
                        "attributeStatus": "UnknownVariable",
                        "component": {"name": "OCPPCommCtrlr"},
                        "variable": {"name": "X"},
                    },
                ]
            },
            [
                (
                    "configuration",
                    {
                        "is": "Accepted",
                        "key": "OCPPCommCtrlr.MessageAttempts.TransactionEvent",
                        "setting": "transaction_message_attempts",
                        "value": "5",
                    },
                ),
                ("configuration", {"is": "Unknown", "key": "OCPPCommCtrlr.X"}),
            ],
        ),
        (
            DOWN,
            "SendLocalList",
            {"versionNumber": 4, "updateType": "Full"},
            {"status": "Failed"},
            [("local_list", {"is": "Failed", "version": 4})],
        ),
        (DOWN, "GetLocalListVersion", {}, {"versionNumber": 4}, [("local_list", {"version": 4})]),
        (UP, "NotifyReport", {}, {}, []),
        (UP, "Authorize", {"idToken": None}, {}, []),
    ],
)
def test_calls_and_answers(direction: str, action: str, request_: Any, answer: Any, facts: list[Fact]) -> None:
    """The facts of a call and its answer, in order."""
    assert Talk(V201).round(direction, action, request_, answer) == facts


def statuses(*frames: Any) -> list[str]:
    """The connector statuses that these frames show one after the other."""
    talk = Talk(V201)
    told: list[str] = []
    for frame in frames:
        if "bootNotification" in frame:
            action, frame = "BootNotification", frame["bootNotification"]
        else:
            action = "TransactionEvent" if "eventType" in frame else "StatusNotification"
        told += [fields["is"] for name, fields in talk.taken(UP, action, frame) if name == "connector_status"]
    return told


EVSE = {"id": 1, "connectorId": 1}


@pytest.mark.parametrize(
    ("frames", "told"),
    [
        ([status("Available"), status("Reserved"), status("Unavailable"), status("Faulted")],
         ["Available", "Reserved", "Unavailable", "Faulted"]),
        ([status("Occupied")], ["Preparing"]),
        # A whole session: plug, card, charge, suspend, stop, unplug.
        ([status("Occupied"), event("Started", 0, "Charging", evse=EVSE), event("Updated", 1, "SuspendedEV"),
          event("Updated", 2, "SuspendedEVSE"), event("Updated", 3, "Charging"), event("Ended", 4),
          status("Available"), status("Occupied")],
         ["Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Charging", "Finishing", "Available", "Preparing"]),
        # EVConnected says what Occupied says, whichever comes first.
        ([status("Occupied"), event("Started", 0, "EVConnected", evse=EVSE)], ["Preparing"]),
        ([event("Started", 0, "EVConnected", evse=EVSE), status("Occupied")], ["Preparing"]),
        ([event("Started", 0, "Charging", evse=EVSE), status("Occupied")], ["Charging"]),
        # A card before the cable has no frame.
        ([event("Started", 0, "Idle", evse=EVSE), status("Occupied"), event("Updated", 1, "Charging")],
         ["Preparing", "Charging"]),
        # Nothing new, nothing told.
        ([event("Started", 0, "Charging", evse=EVSE), event("Updated", 1, "Charging"), event("Updated", 2)],
         ["Charging"]),
        # The same event sent again is the same occurrence.
        ([event("Started", 0, "Charging", evse=EVSE), event("Updated", 1, "SuspendedEV"),
          event("Updated", 1, "SuspendedEV")], ["Charging", "SuspendedEV"]),
        # EVConnected after charging: the session is over for the driver, the cable is in.
        ([event("Started", 0, "Charging", evse=EVSE), event("Updated", 1, "EVConnected"), event("Ended", 2)],
         ["Charging", "Finishing"]),
        # Unplugged while charging, in both orders.
        ([status("Occupied"), event("Started", 0, "Charging", evse=EVSE),
          event("Ended", 1, reason="EVDisconnected"), status("Available"), status("Occupied")],
         ["Preparing", "Charging", "Available", "Preparing"]),
        ([status("Occupied"), event("Started", 0, "Charging", evse=EVSE), status("Available"),
          event("Ended", 1, reason="Local"), status("Occupied")],
         ["Preparing", "Charging", "Available", "Preparing"]),
        # A fault ends the session; after repair the cable is still in.
        ([status("Occupied"), event("Started", 0, "Charging", evse=EVSE), status("Faulted"), event("Ended", 1),
          status("Occupied")], ["Preparing", "Charging", "Faulted", "Finishing"]),
        # Reported again on request: again what it is.
        ([status("Occupied"), status("Occupied")], ["Preparing", "Preparing"]),
        ([status("Occupied"), event("Started", 0, "Charging", evse=EVSE), status("Occupied")],
         ["Preparing", "Charging", "Charging"]),
        ([status("Available"), status("Available")], ["Available", "Available"]),
        # Told of the past: only while the cable is in.
        ([status("Available"), event("Started", 0, "Charging", evse=EVSE, offline=True),
          event("Ended", 1, offline=True)], ["Available"]),
        ([status("Occupied"), event("Started", 0, "Charging", evse=EVSE, offline=True),
          event("Ended", 1, offline=True)], ["Preparing", "Charging", "Finishing"]),
        # After a power loss nothing is charging until it is said again; the end of what it interrupted is past.
        ([status("Occupied"), event("Started", 0, "Charging", evse=EVSE),
          {"bootNotification": {"reason": "PowerUp"}}, status("Occupied"), event("Ended", 1, reason="PowerLoss")],
         ["Preparing", "Charging", "Preparing"]),
        ([status("Occupied"), event("Started", 0, "Charging", evse=EVSE), event("Ended", 1, reason="ImmediateReset"),
          {"bootNotification": {"reason": "RemoteReset"}}, status("Occupied")],
         ["Preparing", "Charging", "Finishing", "Preparing"]),
        # It goes on after the boot, and ends then.
        ([status("Occupied"), event("Started", 0, "Charging", evse=EVSE),
          {"bootNotification": {"reason": "PowerUp"}}, status("Occupied"), event("Updated", 1, "Charging"),
          event("Ended", 2)], ["Preparing", "Charging", "Preparing", "Charging", "Finishing"]),
        ([status("Occupied"), event("Started", 0, "Charging", evse=EVSE),
          {"bootNotification": {"reason": "Triggered"}}, status("Occupied")],
         ["Preparing", "Charging", "Charging"]),
        # Another connector keeps its own status.
        ([status("Occupied"), status("Occupied", 2), event("Started", 0, "Charging", evse=EVSE),
          status("Available", 2)], ["Preparing", "Preparing", "Charging", "Available"]),
        # Without a connector in the event it is the EVSE's occupied one.
        ([status("Available", 1, 1), status("Occupied", 1, 2), event("Started", 0, "Charging", evse={"id": 1}),
          status("Occupied", 1, 2)], ["Available", "Preparing", "Charging", "Charging"]),
    ],
)  # fmt: skip
def test_connector_status(frames: list[Any], told: list[str]) -> None:
    """The neutral status is derived from both messages, one fact for each change."""
    assert statuses(*frames) == told


@pytest.mark.parametrize(
    ("stopped", "reason"), [(None, "Local"), ("ImmediateReset", "HardReset"), ("EVDisconnected", "EVDisconnected")]
)
def test_why_it_ended(stopped: str | None, reason: str) -> None:
    """A missing reason is Local, ImmediateReset is 1.6's HardReset; place and card are remembered from the start."""
    talk = Talk(V201)
    talk.taken(UP, "TransactionEvent", event("Started", 0, evse=EVSE, idToken=TOKEN))
    (_, fields), *_ = talk.taken(UP, "TransactionEvent", event("Ended", 1, reason=stopped))
    assert (fields["is"], fields["reason"], fields["evse_id"], fields["id_tag"]) == ("ended", reason, 1, "CARD-1")


def test_the_verdict_is_about_the_requests_card() -> None:
    """Another card of the group may stop; a request without a card is about the transaction's."""
    talk = Talk(V201)
    talk.taken(UP, "TransactionEvent", event("Started", 0, evse=EVSE, idToken=TOKEN))
    other = event("Updated", 1, idToken={"idToken": "CARD-2", "type": "ISO14443"})
    facts = talk.round(UP, "TransactionEvent", other, {"idTokenInfo": {"status": "Accepted"}})
    assert facts[-1][1]["id_tag"] == "CARD-2"
    facts = talk.round(UP, "TransactionEvent", event("Updated", 2), {"idTokenInfo": {"status": "Invalid"}})
    assert facts[-1][1]["id_tag"] == "CARD-1"


def test_an_event_sent_again_is_the_same_occurrence() -> None:
    """A TransactionEvent that must be repeated shows nothing new; its answer's verdict counts once."""
    talk = Talk(V201)
    started = event("Started", 0, "Charging", evse=EVSE, idToken=TOKEN)
    assert len(talk.taken(UP, "TransactionEvent", started, message_id="1")) == 2
    facts = talk.round(UP, "TransactionEvent", started, {"idTokenInfo": {"status": "Accepted"}})
    assert [name for name, _ in facts] == ["auth_status"]


def test_what_traffic_contradicts_is_no_transaction() -> None:
    """An unknown one may have begun earlier, until one has begun after a boot; no id begins or ends twice."""
    talk = Talk(V201)

    def told(frame: Any) -> list[tuple[str, bool]]:
        facts = talk.taken(UP, "TransactionEvent", frame)
        return [(fields["is"], fields.get("unverified", False)) for name, fields in facts if name == "transaction"]

    assert told(event("Ended", 4, evse=EVSE)) == [("ended", True)]
    talk.round(UP, "BootNotification", {"reason": "PowerUp"}, {"status": "Accepted"})
    started = event("Started", 0, evse=EVSE, idToken=TOKEN)
    started["transactionInfo"] = {**started["transactionInfo"], "transactionId": "new"}
    assert told(started) == [("started", False)]
    for kind in ("Updated", "Ended"):
        unknown = event(kind, 7)
        unknown["transactionInfo"] = {**unknown["transactionInfo"], "transactionId": "nobody's"}
        assert told(unknown) == []
    assert told({**started, "seqNo": 3}) == []
    ended = {**started, "eventType": "Ended", "seqNo": 4}
    assert told(ended) == [("ended", False)]
    assert told({**ended, "seqNo": 5}) == []


@pytest.mark.parametrize(
    ("evse", "first", "timestamp", "told"),
    [
        # Charging goes on where it was before a loss of power, while another EVSE has begun something new.
        ({"id": 2, "connectorId": 1}, "Occupied", "2026-01-02T00:00:00Z", "unverified"),
        (None, "Occupied", "2026-01-02T00:00:00Z", "unverified"),
        ({"id": 1, "connectorId": 1}, "Occupied", "2026-01-02T00:00:00Z", "nothing"),
        ({"id": 2, "connectorId": 1}, "Available", "2026-01-02T00:00:00Z", "nothing"),
        (None, "Available", "2026-01-02T00:00:00Z", "nothing"),
        # It ended before the boot, and that is delivered now.
        ({"id": 2, "connectorId": 1}, "Available", "2025-12-31T00:00:00Z", "unverified"),
    ],
)
@pytest.mark.parametrize("kind", ["Updated", "Ended"])
def test_an_old_transaction_may_go_on_elsewhere(
    kind: str, evse: dict[str, int] | None, first: str, timestamp: str, told: str
) -> None:
    """A start rules out old ones on its own EVSE; so does an idle connector, but for what was before the boot."""
    talk = Talk(V201)
    boot = {"status": "Accepted", "interval": 300, "currentTime": "2026-01-01T00:00:00Z"}
    talk.round(UP, "BootNotification", {"reason": "PowerUp"}, boot)
    for number, status in ((1, "Available"), (2, first), (2, "Occupied")):
        talk.taken(UP, "StatusNotification", {"evseId": number, "connectorId": 1, "connectorStatus": status})
    started = event("Started", 0, evse={"id": 1, "connectorId": 1}, idToken=TOKEN)
    assert next(name for name, _ in talk.taken(UP, "TransactionEvent", started)) == "transaction"
    old = {**event(kind, 7), "timestamp": timestamp, **({} if evse is None else {"evse": evse})}
    old["transactionInfo"] = {**old["transactionInfo"], "transactionId": "old"}
    found = [fields for name, fields in talk.taken(UP, "TransactionEvent", old) if name == "transaction"]
    assert [fields.get("unverified") for fields in found] == ([True] if told == "unverified" else [])


@given(st.lists(junk_frames(V201), max_size=8))
def test_junk_never_raises(frames: list[tuple[str, dict[str, Any]]]) -> None:
    """Whatever the payloads are, there are facts or none."""
    interpreter = Interpreter(V201)
    for action, fields in frames:
        for _, name, values in interpreter.read(action, fields):
            assert isinstance(name, str)
            assert isinstance(values, dict)


_MOVES = st.sampled_from(
    [status(s) for s in ("Available", "Occupied", "Faulted")]
    + [event("Updated", n, s, evse=EVSE) for n in range(3) for s in ("Charging", "SuspendedEV", "EVConnected", "Idle")]
    + [event("Ended", 3, evse=EVSE)]
)


@given(st.lists(_MOVES, max_size=12))
def test_a_transaction_event_never_repeats_a_status(frames: list[Any]) -> None:
    """Only a status report may tell the same status twice in a row."""
    talk = Talk(V201)
    last = None
    for frame in frames:
        action = "TransactionEvent" if "eventType" in frame else "StatusNotification"
        told = [fields["is"] for name, fields in talk.taken(UP, action, frame) if name == "connector_status"]
        assert len(told) <= 1
        if told:
            assert told[0] != last or action == "StatusNotification"
            last = told[0]
