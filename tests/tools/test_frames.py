"""Recorded frames: found in whatever a program has written, and judged."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpplab_runner.tools.frames.finding import find
from ocpplab_runner.tools.frames.judging import Frame, judge
from ocpplab_runner.vocabulary.versions import OcppVersion

V16, V201, V21 = OcppVersion
BOOT = '[2,"1","BootNotification",{"chargePointVendor":"v","chargePointModel":"m"}]'
BOOTED = '[3,"1",{"status":"Accepted","interval":300,"currentTime":"2026-01-01T10:00:01Z"}]'
BOOT_2 = '[2,"1","BootNotification",{"reason":"PowerUp","chargingStation":{"vendorName":"v","model":"m"}}]'
HEARTBEAT = '[2,"9","Heartbeat",{}]'


def judged(text: str, version: OcppVersion | None = None) -> list[Frame]:
    """The frames of a recording."""
    return judge(find(text)[0], version)


def csv_line(*fields: str) -> str:
    """Fields as a spreadsheet writes them."""
    out = io.StringIO()
    csv.writer(out).writerow(fields)
    return out.getvalue().strip()


#: How a program may write down a frame → the line, and the time that it has.
FORMS: dict[str, tuple[str, str]] = {
    "alone": (BOOT, ""),
    "with spaces": (f"   {BOOT}  ", ""),
    "after a time": (f"2026-01-01T10:00:00.123Z {BOOT}", "2026-01-01T10:00:00.123Z"),
    "as Java logs": (f"2026-01-01 10:00:00,123 [main-1] INFO c.x.Y - << {BOOT} (12 ms)", "2026-01-01 10:00:00,123"),
    "after a time of day": (f"[10:00:00.123] CP-1 -> {BOOT}", "10:00:00.123"),
    "in a JSON string": (f'sent: {json.dumps(BOOT)} to "CP-1"', ""),
    "as an object's list": (
        json.dumps({"time": "2026-01-01T10:00:00Z", "frame": json.loads(BOOT)}),
        "2026-01-01T10:00:00Z",
    ),
    "as an object's text": (json.dumps({"ts": 1767261600.5, "msg": {"raw": f"sent {BOOT}"}}), "1767261600.500"),
    "with milliseconds since 1970": (json.dumps({"timestamp": 1767261600500, "msg": BOOT}), "1767261600.500"),
    "in CSV": (csv_line("2026-01-01 10:00:00", "CP-1", BOOT, "ok"), "2026-01-01 10:00:00"),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_frame_is_found_in_each_form(form: str) -> None:
    """With its line and its time, and nothing of what stands around it."""
    line, time = FORMS[form]
    found, without = find(f"starting\n\n{line}\nstopping\n")
    assert [(one.line, json.loads(one.text), one.time, one.cut) for one in found] == [(3, json.loads(BOOT), time, "")]
    assert without == 2


def test_several_on_a_line_and_one_over_several() -> None:
    """Lines are counted from where each begins."""
    pretty = json.dumps(json.loads(BOOT), indent=2)
    text = f"a {BOOT} b {BOOTED}\nthen {pretty} and {HEARTBEAT}\n{json.dumps([json.loads(HEARTBEAT)] * 2)}"
    last = 1 + len(pretty.splitlines())
    found = [(one.line, json.loads(one.text)[:2]) for one in find(text)[0]]
    expected = [(1, [2, "1"]), (1, [3, "1"]), (2, [2, "1"]), (last, [2, "9"])]
    assert found == [*expected, (last + 1, [2, "9"]), (last + 1, [2, "9"])]


@pytest.mark.parametrize(
    "line",
    [
        "[2026-01-01] INFO",
        "[2, 3, 4]",
        '{"a": [1, "x"]}',
        "{not JSON",
        "[",
        '{"type":"step","case":"c","text":"[2,\\"1\\",\\"Heartbeat\\",{}]"}',
        '{"type":"run","wall_time":"2026-01-01T00:00:00Z"}',
    ],
)
def test_what_is_no_frame_is_none(line: str) -> None:
    """A step of ours that speaks of a frame is none, either."""
    assert find(line) == ([], 1)


@given(st.text(), st.text())
def test_any_text_can_be_looked_at(before: str, after: str) -> None:
    """Whatever a log holds, a frame on a line of its own is found in it."""
    text = "\n".join([before, HEARTBEAT, after])
    for frame in judge(find(text)[0]):
        assert frame.found.line >= 1
    assert find(text)[1] >= 0


def test_calls_and_answers_come_together() -> None:
    """By message id, with the time between them, and in which direction they went."""
    frames = judged(f"10:00:00.000 {BOOT}\n10:00:00.250 {BOOTED}\n10:00:01.000 {HEARTBEAT}\n")
    boot, booted, heartbeat = frames
    assert (boot.direction, booted.direction) == ("to_csms", "to_charger")
    assert (booted.action, booted.latency) == ("BootNotification", 0.25)
    assert boot.answered
    assert heartbeat.notes == ["its answer does not stand here"]
    assert not any(frame.errors for frame in frames)


def test_what_may_be_right_is_no_error() -> None:
    """A recording that begins in the middle, one that has frames twice, an answer that is repeated."""
    frames = judged("\n".join([BOOTED, BOOT, BOOT, BOOTED, BOOTED]))
    assert [frame.errors for frame in frames] == [[]] * 5
    assert frames[0].notes == ["no call of that message id stands before it"]
    assert frames[2].notes == ["the same as in line 2"]
    assert frames[4].notes == ["the call of line 2 has been answered before"]


def test_two_stations_may_use_the_same_ids() -> None:
    """Where the recording says whose a frame is."""
    other = BOOTED.replace("Accepted", "Rejected")
    lines = [{"cp": who, "frame": text} for who, text in (("A", BOOT), ("B", BOOT), ("A", other), ("B", BOOTED))]
    frames = judged("\n".join(map(json.dumps, lines)))
    assert [frame.notes + frame.errors for frame in frames] == [[]] * 4


@pytest.mark.parametrize(
    ("lines", "version"),
    [
        ([BOOT, BOOTED], V16),
        ([BOOT_2, BOOTED], V201),
        ([HEARTBEAT], V16),
        ([f"GET /ocpp/CP-1 HTTP/1.1, Sec-WebSocket-Protocol: ocpp2.1: {HEARTBEAT}"], V21),
        (['[2,"1","NotifyDERAlarm",{"controlType":"FreqDroop","timestamp":"2026-01-01T00:00:00Z"}]'], V21),
        ([BOOT_2, HEARTBEAT, BOOT_2.replace("reason", "raeson")], V201),
    ],
)
def test_the_version_is_told_or_guessed(lines: list[str], version: OcppVersion) -> None:
    """That in which most frames are right; who calls has the last word."""
    assert {frame.version for frame in judged("\n".join(lines))} == {version}
    assert {frame.version for frame in judged("\n".join(lines), V21)} == {V21}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            '[2,"1","BootNotification",{"chargepointVendor":"v","chargePointModel":"m"}]',
            "did you mean 'chargePointVendor'?",
        ),
        ('[2,"1","BootNotificaton",{}]', "OCPP 1.6 has no action BootNotificaton; did you mean 'BootNotification'?"),
        ('[2,"1","Heartbeat",{}', "it is no JSON: "),
        ('[2,17,"Heartbeat",{}]', "the message id is not a string"),
        ('["2","1","Heartbeat",{}]', "the message type is not an integer"),
        ('[2,"1","Heartbeat"]', "a CALL has 4 elements, not 3"),
        (f'[2,"{"x" * 37}","Heartbeat",{{}}]', "the message id has 37 characters"),
        ('[2,"1","Heartbeat",[]]', "the payload is no JSON object"),
        ('[6,"1","NotifyPeriodicEventStream",{}]', "OCPP 1.6 has no message type 6"),
        ('[4,"1","NoSuchCode","",{}]', "OCPP 1.6 has no error code 'NoSuchCode'"),
        (f'{BOOT}\n[3,"1",{{"status":"Sure","interval":300}}]', "currentTime is missing"),
    ],
)
def test_what_is_wrong_is_an_error(text: str, told: str) -> None:
    """In words, at its line."""
    frame = judged(text, V16)[-1]
    assert any(told in error for error in frame.errors), frame.errors
    assert frame.found.line == text.count("\n") + 1


def test_a_time_without_an_offset_weighs_as_its_version_has_it() -> None:
    """In 1.6 it is left open, and so a note."""
    status: dict[str, Any] = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
    frame = judged(json.dumps([2, "1", "StatusNotification", status | {"timestamp": "2026-01-01T10:00:00"}]))[0]
    assert (frame.errors, "has no offset" in frame.notes[1]) == ([], True)


def test_a_value_that_was_hidden_is_not_judged() -> None:
    """A recording of ours has no secrets, also where a schema wants a number."""
    call = ["2", "1", "SetChargingProfile"]
    payload = {"connectorId": "[redacted]", "csChargingProfiles": {}}
    frame = judged(json.dumps([2, *call[1:], payload]), V16)[0]
    assert frame.errors
    assert not any("connectorId" in error for error in frame.errors)


def _recorded(*frames: tuple[str, dict[str, Any], str]) -> str:
    """JSON Lines of a run with these frames: direction, fields, action."""
    events = (
        {"kind": "frame", "name": name, "fields": {**fields, "direction": way, "message_id": "1"}}
        for way, fields, name in frames
    )
    return "\n".join(json.dumps({"type": "event", "case": "x", "event": event}) for event in events)


def test_both_ends_may_use_the_same_id_at_once() -> None:
    """An answer is of the call that went the other way; a second answer is of none."""
    frames = [
        ("to_csms", {"type": "call", "payload": {}}, "Heartbeat"),
        ("to_charger", {"type": "call", "payload": {"type": "Soft"}}, "Reset"),
        ("to_csms", {"type": "result", "payload": {"status": "Accepted"}}, ""),
        ("to_charger", {"type": "result", "payload": {"currentTime": "2026-01-01T00:00:00Z"}}, ""),
        ("to_charger", {"type": "result", "payload": {"currentTime": "2026-01-01T00:00:00Z"}}, ""),
    ]
    judged = judge(find(_recorded(*frames))[0], OcppVersion.V16)
    answers = [frame for frame in judged if frame.kind == "result"]
    assert [(one.action, one.call and one.call.action) for one in answers] == [
        ("Reset", "Reset"),
        ("Heartbeat", "Heartbeat"),
        ("Heartbeat", None),
    ]
    assert not any(one.errors for one in judged)


def test_a_refused_answer_is_of_its_call() -> None:
    """CALLRESULTERROR of OCPP 2.1 goes the way of the call."""
    frames = [
        ("to_csms", {"type": "call", "payload": {}}, "Heartbeat"),
        ("to_charger", {"type": "result", "payload": {"currentTime": "now"}}, ""),
        ("to_csms", {"type": "result_error", "error_code": "FormatViolation", "error_description": ""}, ""),
    ]
    last = judge(find(_recorded(*frames))[0], OcppVersion.V21)[-1]
    assert (last.action, last.call and last.call.found.line, last.notes) == ("Heartbeat", 1, [])
