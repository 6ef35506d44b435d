"""OCPP 1.6 frames to facts, message by message."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpplab_runner.engine.interpreter import Fact, Interpreter
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.engine.frames_kit import DOWN, UP, Talk, facts_of, junk_frames

V16 = OcppVersion.V16
STOP = {"transactionId": 7, "meterStop": 900, "timestamp": "2024-01-01T10:00:00Z"}


@pytest.mark.parametrize(
    ("action", "payload", "facts"),
    [
        ("Heartbeat", {}, [("heartbeat", {})]),
        (
            "StatusNotification",
            {"connectorId": 1, "status": "Charging", "errorCode": "NoError"},
            [("connector_status", {"is": "Charging", "evse_id": 1, "connector_id": 1, "error_code": "NoError"})],
        ),
        (
            "StatusNotification",
            {"connectorId": 0, "status": "Faulted", "errorCode": "OtherError", "info": "i", "vendorErrorCode": "v"},
            [
                (
                    "connector_status",
                    {
                        "is": "Faulted",
                        "evse_id": 0,
                        "connector_id": 0,
                        "error_code": "OtherError",
                        "info": "i",
                        "vendor_error_code": "v",
                    },
                )
            ],
        ),
        (
            "StopTransaction",
            STOP,
            [
                (
                    "transaction",
                    {
                        "is": "ended",
                        "transaction_id": 7,
                        "reason": "Local",
                        "meter_wh": 900,
                        "timestamp": "2024-01-01T10:00:00Z",
                        "unverified": True,
                    },
                )
            ],
        ),
        (
            "MeterValues",
            {
                "connectorId": 2,
                "transactionId": 7,
                "meterValue": [
                    {"timestamp": "t", "sampledValue": [{"value": "1.5", "unit": "kWh"}]},
                    {
                        "timestamp": "t",
                        "sampledValue": [
                            {
                                "value": "11",
                                "unit": "kW",
                                "measurand": "Power.Active.Import",
                                "context": "Sample.Clock",
                            },
                            {"value": "16", "measurand": "Current.Import", "phase": "L1"},
                            {"value": "15", "measurand": "Current.Import", "phase": "L2"},
                            {"value": "230.1", "measurand": "Voltage", "phase": "L1-N"},
                            {"value": "40", "measurand": "SoC", "location": "EV"},
                            {"value": "1", "measurand": "Temperature"},
                            {"value": "no number"},
                        ],
                    },
                ],
            },
            [
                (
                    "meter",
                    {"evse_id": 2, "transaction_id": 7, "context": "Sample.Periodic", "energy_wh": 1500},
                ),
                (
                    "meter",
                    {
                        "evse_id": 2,
                        "transaction_id": 7,
                        "context": "Sample.Clock",
                        "power_w": 11000,
                        "soc_percent": 40,
                        "current_a": 16,
                        "voltage_v": 230.1,
                        "left_out": ["energy_wh: 'no number' is no number"],
                    },
                ),
            ],
        ),
        (
            "MeterValues",
            {
                "connectorId": 1,
                "meterValue": [
                    {
                        "sampledValue": [
                            {"value": "100", "phase": "L1"},
                            {"value": "200", "phase": "L2"},
                            {"value": "300", "phase": "L3"},
                            {"value": "9", "location": "Inlet"},
                        ]
                    }
                ],
            },
            [("meter", {"evse_id": 1, "context": "Sample.Periodic", "energy_wh": 600})],
        ),
        ("DataTransfer", {"vendorId": "x"}, []),
        ("StatusNotification", {"status": "Charging"}, []),
        ("MeterValues", "nonsense", []),
    ],
)
def test_requests(action: str, payload: Any, facts: list[Fact]) -> None:
    """What a request of the charger shows by itself."""
    assert Talk(V16).taken(UP, action, payload) == facts


@pytest.mark.parametrize(
    ("direction", "action", "request_", "answer", "facts"),
    [
        (
            UP,
            "Authorize",
            {"idTag": "CARD-1"},
            {"idTagInfo": {"status": "Accepted", "parentIdTag": "FLEET"}},
            [
                (
                    "auth_status",
                    {"is": "Accepted", "id_tag": "CARD-1", "via": "Authorize", "parent_id_token": "FLEET"},
                )
            ],
        ),
        (UP, "Authorize", {"idTag": "CARD-1"}, {}, []),
        (
            UP,
            "StartTransaction",
            {"connectorId": 1, "idTag": "C", "meterStart": 10, "timestamp": "t", "reservationId": 3},
            {"transactionId": 7, "idTagInfo": {"status": "Invalid"}},
            [
                (
                    "transaction",
                    {
                        "is": "started",
                        "transaction_id": 7,
                        "evse_id": 1,
                        "id_tag": "C",
                        "meter_wh": 10,
                        "reservation_id": 3,
                    },
                ),
                ("auth_status", {"is": "Invalid", "id_tag": "C", "via": "StartTransaction", "evse_id": 1}),
            ],
        ),
        (
            UP,
            "StopTransaction",
            {**STOP, "idTag": "C"},
            {"idTagInfo": {"status": "Blocked"}},
            [("auth_status", {"is": "Blocked", "id_tag": "C", "via": "StopTransaction"})],
        ),
        (UP, "StopTransaction", STOP, {}, []),
        (
            UP,
            "BootNotification",
            {"chargePointModel": "m", "chargePointVendor": "v"},
            {"status": "Pending", "interval": 10, "currentTime": "t"},
            [("boot", {"is": "Pending", "interval": 10})],
        ),
        (
            DOWN,
            "ChangeConfiguration",
            {"key": "heartbeatinterval", "value": "30"},
            {"status": "Accepted"},
            [
                (
                    "configuration",
                    {"is": "Accepted", "key": "heartbeatinterval", "setting": "heartbeat_interval", "value": "30"},
                )
            ],
        ),
        (
            DOWN,
            "GetConfiguration",
            {"key": ["ConnectionTimeOut", "X", "Y"]},
            {
                "configurationKey": [
                    {"key": "ConnectionTimeOut", "readonly": False, "value": "20"},
                    {"key": "X", "readonly": True},
                ],
                "unknownKey": ["Y"],
            },
            [
                (
                    "configuration",
                    {
                        "is": "Accepted",
                        "key": "ConnectionTimeOut",
                        "setting": "connection_timeout",
                        "value": "20",
                        "readonly": False,
                    },
                ),
                ("configuration", {"is": "Accepted", "key": "X", "readonly": True}),
                ("configuration", {"is": "Unknown", "key": "Y"}),
            ],
        ),
        (
            DOWN,
            "SendLocalList",
            {"listVersion": 4, "updateType": "Full"},
            {"status": "VersionMismatch"},
            [("local_list", {"is": "VersionMismatch", "version": 4})],
        ),
        (DOWN, "GetLocalListVersion", {}, {"listVersion": 4}, [("local_list", {"version": 4})]),
        (DOWN, "Reset", {"type": "Hard"}, {"status": "Accepted"}, []),
    ],
)
def test_answers(direction: str, action: str, request_: Any, answer: Any, facts: list[Fact]) -> None:
    """What an answer shows together with its call."""
    talk = Talk(V16)
    talk.call(direction, action, request_)
    ends = int(action == "StopTransaction")  # what the call itself shows stands in front
    assert talk.result(direction, answer)[ends:] == facts


def test_an_ended_transaction_knows_where_it_began() -> None:
    """StopTransaction names neither connector nor, often, a card; the start is remembered."""
    talk = Talk(V16)
    talk.call(UP, "StartTransaction", {"connectorId": 2, "idTag": "C", "meterStart": 0})
    talk.result(UP, {"transactionId": 7, "idTagInfo": {"status": "Accepted"}})
    sample = {"sampledValue": [{"value": "5", "context": "Transaction.End"}]}
    facts = talk.taken(UP, "StopTransaction", {**STOP, "reason": "EVDisconnected", "transactionData": [sample]})
    assert facts == [
        (
            "transaction",
            {
                "is": "ended",
                "transaction_id": 7,
                "evse_id": 2,
                "id_tag": "C",
                "reason": "EVDisconnected",
                "meter_wh": 900,
                "timestamp": "2024-01-01T10:00:00Z",
            },
        ),
        ("meter", {"evse_id": 2, "transaction_id": 7, "context": "Transaction.End", "energy_wh": 5}),
    ]


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ("2024-01-01T10:00:00+02:00", "2024-01-01T10:00:00+02:00"),
        ("2024-01-01T10:00:00.5Z", "2024-01-01T10:00:00.5Z"),
        ("2024-01-01T10:00:00", "2024-01-01T10:00:00Z"),
        ("t", None),
        (5, None),
        (None, None),
    ],
)
def test_times_are_told_as_sent_and_without_an_offset_as_utc(sent: Any, told: str | None) -> None:
    """Of a start, a stop and a reading; what is no time is left out."""
    talk = Talk(V16)
    more = {} if sent is None else {"timestamp": sent}
    sample = {"sampledValue": [{"value": "5"}], **more}
    facts = talk.taken(UP, "MeterValues", {"connectorId": 2, "meterValue": [sample]})
    talk.call(UP, "StartTransaction", {"connectorId": 2, "idTag": "C", "meterStart": 0, **more})
    facts += talk.result(UP, {"transactionId": 7, "idTagInfo": {"status": "Accepted"}})
    facts += talk.taken(UP, "StopTransaction", {"transactionId": 7, "meterStop": 900, **more})
    assert [fields.get("timestamp") for name, fields in facts if name in ("meter", "transaction")] == [told] * 3


def test_a_start_that_is_not_answered_is_none() -> None:
    """A CALLERROR starts nothing; the same request sent again and answered is the one start."""
    talk = Talk(V16)
    start = {"connectorId": 1, "idTag": "C", "meterStart": 0}
    talk.call(UP, "StartTransaction", start)
    assert talk.error(UP) == []
    talk.call(UP, "StartTransaction", start)
    assert [name for name, _ in talk.result(UP, {"transactionId": 1, "idTagInfo": {"status": "Accepted"}})] == [
        "transaction",
        "auth_status",
    ]


def test_a_late_answer_to_a_given_up_call_shows_nothing() -> None:
    """After the same call has been sent again only the new one can be answered."""
    talk = Talk(V16)
    start = {"connectorId": 1, "idTag": "C", "meterStart": 0}
    answer = {"transactionId": 1, "idTagInfo": {"status": "Accepted"}}
    talk.call(UP, "StartTransaction", start, message_id="old")
    talk.call(UP, "StartTransaction", start, message_id="new")
    assert talk.result(UP, answer, message_id="old") == []
    assert len(talk.result(UP, answer, message_id="new")) == 2


def test_a_stop_sent_again_is_the_same_end() -> None:
    """One fact per occurrence, however often the charger must send it."""
    talk = Talk(V16)
    assert len(talk.taken(UP, "StopTransaction", STOP, message_id="1")) == 1
    assert talk.taken(UP, "StopTransaction", STOP, message_id="2") == []


def test_what_traffic_contradicts_is_no_end() -> None:
    """An unknown transaction may have begun before anybody looked, until one has begun after a boot."""
    talk = Talk(V16)
    start = {"connectorId": 1, "idTag": "C", "meterStart": 0}
    begun = {"transactionId": 1, "idTagInfo": {"status": "Accepted"}}
    unknown = {**STOP, "transactionId": 99}
    ((_, fields),) = talk.taken(UP, "StopTransaction", unknown)
    assert fields["unverified"] is True
    talk.round(UP, "BootNotification", {}, {"status": "Accepted"})
    ((_, fields),) = talk.taken(UP, "StopTransaction", {**unknown, "transactionId": 98})
    assert fields["unverified"] is True, "a stop from before the boot may still be delivered"
    talk.round(UP, "StartTransaction", start, begun)
    assert talk.taken(UP, "StopTransaction", {**unknown, "transactionId": -1}) == []
    ((_, fields),) = talk.taken(UP, "StopTransaction", {**STOP, "transactionId": 1})
    assert "unverified" not in fields
    assert talk.taken(UP, "StopTransaction", {**STOP, "transactionId": 1, "meterStop": 1}) == [], "it has ended"


@pytest.mark.parametrize(
    ("second", "timestamp", "verified"),
    [
        ("Charging", "2026-01-02T00:00:00Z", True),
        (None, "2026-01-02T00:00:00Z", False),
        ("Available", "2026-01-02T00:00:00Z", False),
        ("Available", "2025-12-31T00:00:00", True),
    ],
)
def test_an_old_transaction_may_go_on_at_another_connector(second: str | None, timestamp: str, verified: bool) -> None:
    """The stop does not say where; it may be where something was going on after the boot, or tell of before it."""
    talk = Talk(V16)
    talk.round(UP, "BootNotification", {}, {"status": "Accepted", "currentTime": "2026-01-01T00:00:00Z"})
    for connector, status in ((0, "Available"), (1, "Available"), (2, second)):
        if status is not None:
            talk.taken(UP, "StatusNotification", {"connectorId": connector, "status": status, "errorCode": "NoError"})
    start = {"connectorId": 1, "idTag": "C", "meterStart": 0}
    talk.round(UP, "StartTransaction", start, {"transactionId": 1, "idTagInfo": {"status": "Accepted"}})
    found = talk.taken(UP, "StopTransaction", {**STOP, "transactionId": 99, "timestamp": timestamp})
    assert [fields.get("unverified") for _, fields in found] == ([True] if verified else [])


def test_a_start_under_a_running_id_is_none() -> None:
    """Its verdict on the card stands; when the first has ended the id may come again."""
    talk = Talk(V16)
    start = {"connectorId": 1, "idTag": "C", "meterStart": 0}
    begun = {"transactionId": 7, "idTagInfo": {"status": "Accepted"}}
    talk.round(UP, "StartTransaction", start, begun)
    again = talk.round(UP, "StartTransaction", {**start, "connectorId": 2}, begun)
    assert [name for name, _ in again] == ["auth_status"]
    talk.taken(UP, "StopTransaction", STOP)
    assert [name for name, _ in talk.round(UP, "StartTransaction", start, begun)] == ["transaction", "auth_status"]


@pytest.mark.parametrize(
    "sample",
    [{"value": value} for value in ("1_000", " 5", "5 ", "\uff15", "0x10", "nan", "inf", "", "1e999", True)]
    + [{"value": "5", "unit": unit} for unit in ("kW", "A", "Celsius", "wh")]
    + [{"value": "5", "unit": "Wh", "measurand": "Power.Active.Import"}],
)
def test_only_a_number_in_a_unit_of_its_measurand_is_a_reading(sample: dict[str, Any]) -> None:
    """What is left out is said."""
    element = {"sampledValue": [sample, {"value": "40", "measurand": "SoC", "unit": "Percent"}]}
    ((_, fields),) = talk_of_meter(element)
    assert fields.keys() == {"evse_id", "context", "soc_percent", "left_out"}
    assert len(fields["left_out"]) == 1


@pytest.mark.parametrize(
    ("measurand", "unit", "field", "read"),
    [
        ("Energy.Active.Import.Register", "Wh", "energy_wh", 5.0),
        ("Energy.Active.Import.Register", "kWh", "energy_wh", 5000.0),
        ("Power.Active.Import", "W", "power_w", 5.0),
        ("Power.Active.Import", "kW", "power_w", 5000.0),
        ("Current.Import", "A", "current_a", 5.0),
        ("Voltage", "V", "voltage_v", 5.0),
        ("SoC", "Percent", "soc_percent", 5.0),
    ],
)
def test_each_measurand_is_read_in_its_units(measurand: str, unit: str, field: str, read: float) -> None:
    """In each of them, and in the facet's own."""
    ((_, fields),) = talk_of_meter({"sampledValue": [{"value": "5", "measurand": measurand, "unit": unit}]})
    assert fields[field] == read


@pytest.mark.parametrize(
    ("drawn", "given", "power"),
    [("5", "0", 5), ("0", "5", -5), (None, "5", -5), (None, "0", None), ("2", "5", -3), ("5", "x", 5)],
)
def test_what_is_given_back_is_power_below_0(drawn: str | None, given: str, power: float | None) -> None:
    """Of a meter that says nothing of it nothing is said."""
    samples = [{"value": given, "measurand": "Power.Active.Export"}]
    if drawn is not None:
        samples.append({"value": drawn, "measurand": "Power.Active.Import"})
    ((_, fields),) = talk_of_meter({"sampledValue": samples})
    assert fields.get("power_w") == power
    assert fields.get("left_out") == (None if given != "x" else ["power_w: 'x' is no number"])


@pytest.mark.parametrize(("value", "read"), [("5", 5), ("-5.5", -5.5), ("+1e3", 1000), (".5", 0.5), ("5.", 5)])
def test_a_number_is_a_reading(value: str, read: float) -> None:
    """As XML and JSON write them."""
    ((_, fields),) = talk_of_meter({"sampledValue": [{"value": value, "unit": "Wh"}]})
    assert fields["energy_wh"] == read
    assert "left_out" not in fields


def talk_of_meter(element: dict[str, Any]) -> list[Fact]:
    """The facts of MeterValues with one element."""
    return Talk(V16).taken(UP, "MeterValues", {"connectorId": 1, "meterValue": [element]})


def test_a_call_that_is_refused_shows_nothing() -> None:
    """A CALLERROR drops what the call said; sent again and taken, it is a fact."""
    talk = Talk(V16)
    talk.call(UP, "StopTransaction", STOP, message_id="1")
    assert talk.error(UP, message_id="1") == []
    assert talk.result(UP, {}, message_id="1") == [], "it is answered"
    assert len(talk.taken(UP, "StopTransaction", STOP, message_id="2")) == 1


def test_a_callerror_that_its_receiver_ignores_drops_nothing() -> None:
    """The call stays open, and its answer counts."""
    talk = Talk(V16)
    talk.call(UP, "StopTransaction", STOP, message_id="1")
    ignored = {"direction": DOWN, "type": "error", "message_id": "1", "ignored": "it is broken"}
    assert facts_of(talk.interpreter.read("", ignored)) == []
    assert len(talk.result(UP, {}, message_id="1")) == 1


def test_a_call_whose_connection_is_gone_shows_nothing() -> None:
    """Nobody knows whether it was taken; its answer cannot come any more."""
    talk = Talk(V16)
    talk.call(UP, "Heartbeat", {}, message_id="1")
    talk.interpreter.disconnected()
    assert talk.result(UP, {"currentTime": "t"}, message_id="1") == []


def test_where_no_answer_can_be_seen_a_valid_call_suffices() -> None:
    """A log of calls shows no answers; what breaks its schema shows nothing there either."""
    fields = {"direction": UP, "type": "call", "message_id": "1", "payload": {}}
    interpreter = Interpreter(V16)
    assert facts_of(interpreter.read("Heartbeat", fields, answerable=False)) == [("heartbeat", {})]
    assert interpreter.read("Heartbeat", {**fields, "invalid": "x: unknown"}, answerable=False) == []


def test_an_answer_needs_its_call() -> None:
    """An unknown id, a second answer, and an answer in the wrong direction show nothing."""
    talk = Talk(V16)
    answer = {"idTagInfo": {"status": "Accepted"}}
    assert talk.result(UP, answer, message_id="x") == []
    talk.call(UP, "Authorize", {"idTag": "C"}, message_id="1")
    assert talk.result(DOWN, answer, message_id="1") == []
    assert len(talk.result(UP, answer, message_id="1")) == 1
    assert talk.result(UP, answer, message_id="1") == []


def test_calls_of_both_sides_may_share_an_id() -> None:
    """Message ids are each side's own."""
    talk = Talk(V16)
    talk.call(UP, "Authorize", {"idTag": "C"}, message_id="1")
    talk.call(DOWN, "GetLocalListVersion", {}, message_id="1")
    assert talk.result(DOWN, {"listVersion": 2}, message_id="1") == [("local_list", {"version": 2})]
    assert talk.result(UP, {"idTagInfo": {"status": "Accepted"}}, message_id="1")[0][0] == "auth_status"


@pytest.mark.parametrize("mark", [{"invalid": "idTagInfo is missing"}, {"ignored": "late-answer"}])
def test_an_answer_that_is_not_taken_shows_nothing(mark: dict[str, str]) -> None:
    """One that breaks its schema, or comes when nobody waits for it: neither its own fact nor its call's."""
    talk = Talk(V16)
    talk.call(UP, "StopTransaction", STOP)
    fields = {"direction": DOWN, "type": "result", "message_id": "1", "payload": {"idTagInfo": {"status": "Accepted"}}}
    assert talk.interpreter.read("", {**fields, **mark}) == []


@given(st.lists(junk_frames(V16), max_size=8))
def test_junk_never_raises(frames: list[tuple[str, dict[str, Any]]]) -> None:
    """Whatever the payloads are, there are facts or none."""
    interpreter = Interpreter(V16)
    for action, fields in frames:
        for _, name, values in interpreter.read(action, fields):
            assert isinstance(name, str)
            assert isinstance(values, dict)
