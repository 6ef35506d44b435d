"""Texts to messages and back, and what malformed text is answered with."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpplab_runner.ocppj import (
    Call,
    CallError,
    CallResult,
    CallResultError,
    Malformed,
    Message,
    Send,
    encode,
    parse,
)
from ocpplab_runner.ocppj.validation import ERROR_CODES
from ocpplab_runner.vocabulary.versions import OcppVersion

V16, V201, V21 = OcppVersion.V16, OcppVersion.V201, OcppVersion.V21
CALM = settings(deadline=None)
LONG = "x" * 37

IDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=36)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(TEXT, JSON, max_size=4)
COMMON = (
    st.builds(Call, IDS, TEXT, OBJECTS)
    | st.builds(CallResult, IDS, OBJECTS)
    | st.builds(CallError, IDS, TEXT, TEXT, OBJECTS)
)
ONLY_21 = st.builds(Send, IDS, TEXT, OBJECTS) | st.builds(CallResultError, IDS, TEXT, TEXT, OBJECTS)


@pytest.mark.parametrize(
    ("version", "text", "message"),
    [
        (V16, '[2,"1","Heartbeat",{}]', Call("1", "Heartbeat", {})),
        (V16, ' [ 2 , "1" , "Heartbeat" , { } ] ', Call("1", "Heartbeat", {})),
        (V16, '[2,"1","Heartbeat",null]', Call("1", "Heartbeat", {})),
        (V16, '[2,"1","Heartbeat",[]]', Call("1", "Heartbeat", [])),
        (V16, '[2,"","Heartbeat",{}]', Call("", "Heartbeat", {})),
        (V16, '[3,"1",{"a":1,"a":2}]', CallResult("1", {"a": 2})),
        (V16, '[3,"1",{"a":123456789012345678901234567890}]', CallResult("1", {"a": 1.2345678901234568e29})),
        (V16, '[4,"1","GenericError","",{}]', CallError("1", "GenericError")),
        (V16, '[4,"1","GenericError","",null]', CallError("1", "GenericError")),
        (V201, b'[2,"1","Heartbeat",{}]', Call("1", "Heartbeat", {})),
        (V21, '[5,"1","GenericError","why",{"x":1}]', CallResultError("1", "GenericError", "why", {"x": 1})),
        (V21, '[6,"1","NotifyPeriodicEventStream",{}]', Send("1", "NotifyPeriodicEventStream", {})),
    ],
)
def test_reads_messages(version: OcppVersion, text: str | bytes, message: Message) -> None:
    """Each message type is read, whatever its white space; null stands for an empty object."""
    assert parse(text, version) == message


# What malformed text is answered with: (1.6, 2.0.1, 2.1), each a CALLERROR code and message id, or None to ignore it.
IGNORED = (None, None, None)
UNREADABLE = (None, ("RpcFrameworkError", "-1"), ("RpcFrameworkError", "-1"))


@pytest.mark.parametrize(
    ("text", "answers", "kind"),
    [
        ("", UNREADABLE, "malformed-frame"),
        ("hello", UNREADABLE, "malformed-frame"),
        ("{}", UNREADABLE, "malformed-frame"),
        ("[]", UNREADABLE, "malformed-frame"),
        ("[2]", UNREADABLE, "malformed-frame"),
        ("null", UNREADABLE, "malformed-frame"),
        ('[2,7,"Heartbeat",{}]', UNREADABLE, "malformed-frame"),
        ('[2,null,"Heartbeat",{}]', UNREADABLE, "malformed-frame"),
        (
            '[2,"1","Heartbeat",{}',
            (("FormationViolation", "1"), ("FormatViolation", "1"), ("FormatViolation", "1")),
            "",
        ),
        ('[2,"1","Heartbeat",{"a":NaN}]', (("FormationViolation", "1"), ("FormatViolation", "1")), ""),
        ('[2,"1","Heartbeat",{"a":Infinity}]', (("FormationViolation", "1"), ("FormatViolation", "1")), ""),
        ('[2,"1","Heartbeat",{"a":1e400}]', (("FormationViolation", "1"), ("FormatViolation", "1")), ""),
        ('[2,"1","Heartbeat",{"a":"\\ud800"}]', (("FormationViolation", "1"), ("FormatViolation", "1")), ""),
        ('[2,"\\ud800","Heartbeat",{}]', UNREADABLE, ""),
        ('\ufeff[2,"1","Heartbeat",{}]', UNREADABLE, ""),
        (b'[2,"\xff","Heartbeat",{}]', UNREADABLE, ""),
        ('[2,"1","Heartbeat"]', (("FormationViolation", "1"), ("RpcFrameworkError", "1")), ""),
        ('[2,"1","Heartbeat",{},{}]', (("FormationViolation", "1"), ("RpcFrameworkError", "1")), ""),
        ('[2,"1",5,{}]', (("FormationViolation", "1"), ("RpcFrameworkError", "1")), ""),
        (
            f'[2,"{LONG}","Heartbeat",{{}}]',
            (("FormationViolation", LONG), ("RpcFrameworkError", LONG), ("RpcFrameworkError", LONG)),
            "message-id-too-long",
        ),
        (f'[2,"{"x" * 256}","Heartbeat",{{}}]', UNREADABLE, "malformed-frame"),
        ('[3,"1"]', IGNORED, "malformed-frame"),
        ('[3,"1",{},{}]', IGNORED, "malformed-frame"),
        ('[3,"1",{]', IGNORED, "malformed-frame"),
        ("[3,7,{}]", IGNORED, "malformed-frame"),
        (f'[3,"{LONG}",{{}}]', IGNORED, "message-id-too-long"),
        ('[4,"1","GenericError"]', IGNORED, "malformed-frame"),
        ('[4,"1",null,"",{}]', IGNORED, "malformed-frame"),
        ('["2","1","Heartbeat",{}]', (None, ("RpcFrameworkError", "1"), ("RpcFrameworkError", "1")), ""),
        ('[2.0,"1","Heartbeat",{}]', (None, ("RpcFrameworkError", "1"), ("RpcFrameworkError", "1")), ""),
        ('[true,"1","Heartbeat",{}]', (None, ("RpcFrameworkError", "1"), ("RpcFrameworkError", "1")), ""),
        ('[7,"1","Heartbeat",{}]', (None, ("MessageTypeNotSupported", "1"), None), "unexpected-message-type"),
        ('[7,"1",{]', (None, ("MessageTypeNotSupported", "1"), None), "unexpected-message-type"),
        ("[7]", (None, ("MessageTypeNotSupported", "-1"), None), "unexpected-message-type"),
        ('[-1,"1",{}]', (None, ("MessageTypeNotSupported", "1"), None), "unexpected-message-type"),
    ],
)
def test_malformed_text_has_its_answer(text: str | bytes, answers: tuple[Any, ...], kind: str) -> None:
    """1.6 answers only what it can name; 2.x says RpcFrameworkError with id "-1"; only 2.0.1 refuses unknown types."""
    for version, answer in zip((V16, V201, V21), answers, strict=False):
        read = parse(text, version)
        assert isinstance(read, Malformed)
        assert (read.code and (read.code, read.message_id)) == answer
        assert kind in ("", read.kind)
        assert read.code is None or read.code in ERROR_CODES[version]


@pytest.mark.parametrize("text", ['[5,"1","GenericError","",{}]', '[6,"1","NotifyPeriodicEventStream",{}]'])
def test_types_5_and_6_belong_to_2_1(text: str) -> None:
    """CALLRESULTERROR and SEND are unknown message types before 2.1."""
    for version in (V16, V201):
        read = parse(text, version)
        assert isinstance(read, Malformed)
        assert read.kind == "unexpected-message-type"
    assert not isinstance(parse(text, V21), Malformed)


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"a":' * 100_000, '[2,"1","Heartbeat",' + "[" * 2000 + "]" * 2000 + "]", "9" * 100_000],
    ids=["lists", "objects", "payload", "digits"],
)
def test_nesting_and_digit_bombs_are_malformed(text: str) -> None:
    """Nesting beyond 1024 and absurd numbers are refused, not followed."""
    assert isinstance(parse(text, V201), Malformed)


def test_a_large_frame_is_read() -> None:
    """Eight megabytes of payload are a message like any other."""
    data = "x" * 8_000_000
    assert parse(f'[2,"1","DataTransfer",{{"vendorId":"v","data":"{data}"}}]', V16) == Call(
        "1", "DataTransfer", {"vendorId": "v", "data": data}
    )


@pytest.mark.parametrize(
    ("payload", "written"),
    [
        ({"a": 2**70}, '{"a":1180591620717411303424}'),
        ({"a": "\ud800"}, '{"a":"\\ud800"}'),
        ({"a": math.nan, "b": math.inf}, '{"a":null,"b":null}'),
        ({"a": (1, 2)}, '{"a":[1,2]}'),
        ({"a": "é€"}, '{"a":"é€"}'),
    ],
)
def test_odd_values_are_written(payload: dict[str, Any], written: str) -> None:
    """What strict JSON cannot carry is written leniently; NaN and infinity become null."""
    assert encode(CallResult("1", payload)) == f'[3,"1",{written}]'


def test_what_is_not_json_cannot_be_encoded() -> None:
    """An object of a class and a cycle are a ValueError."""
    cycle: list[Any] = []
    cycle.append(cycle)
    for value in (object(), cycle, {1: object()}):
        with pytest.raises(ValueError, match="cannot be written as JSON"):
            encode(CallResult("1", {"a": value}))


@CALM
@given(COMMON, st.sampled_from(OcppVersion))
def test_what_is_encoded_is_read_back(message: Message, version: OcppVersion) -> None:
    """Encoding and parsing are each other's inverse."""
    assert parse(encode(message), version) == message


@CALM
@given(ONLY_21)
def test_what_2_1_adds_is_read_back(message: Message) -> None:
    """As above, for CALLRESULTERROR and SEND."""
    assert parse(encode(message), V21) == message


@CALM
@given(st.text() | JSON.map(lambda value: json.dumps(value)), st.sampled_from(OcppVersion))
def test_any_text_is_read(text: str, version: OcppVersion) -> None:
    """No text raises; what is answered has a known code and an id, and an answer is never answered."""
    read = parse(text, version)
    if isinstance(read, Malformed) and read.code is not None:
        assert read.code in ERROR_CODES[version]
        assert read.message_id is not None
        assert read.message_type not in (3, 4)


@CALM
@given(st.binary(), st.sampled_from(OcppVersion))
def test_any_bytes_are_read(data: bytes, version: OcppVersion) -> None:
    """No bytes raise, and their text can be shown."""
    read = parse(data, version)
    if isinstance(read, Malformed):
        read.text.encode()


@CALM
@given(COMMON, st.data())
def test_mutated_messages_are_read(message: Message, data: st.DataObject) -> None:
    """A message with bytes cut out, doubled or replaced is a message or malformed, never a crash."""
    text = encode(message)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    middle = data.draw(st.sampled_from(["", text[start:end] * 2, "NaN", "[", '"', "\x00", "1e999", "\\ud800"]))
    for version in OcppVersion:
        parse(text[:start] + middle + text[end:], version)


@pytest.mark.parametrize("version", list(OcppVersion))
@pytest.mark.parametrize(("depth", "told"), [(61, False), (70, True), (900, True), (5000, True)])
def test_a_frame_is_nested_only_so_deep(version: OcppVersion, depth: int, told: bool) -> None:
    """What no OCPP message needs is refused before anything walks down into it, as text and as bytes."""
    text = '[2,"1","DataTransfer",{"vendorId":"v","data":' + "[" * depth + "]" * depth + "}]"
    for form in (text, text.encode()):
        message = parse(form, version)
        assert isinstance(message, Malformed) is told
        if isinstance(message, Malformed):
            assert (message.message_id, message.code is None) == ("1", False)
