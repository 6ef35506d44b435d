"""OCPP-J messages and their text: parse and encode, without I/O and without schemas.

OCPP-J 1.6 section 4, OCPP 2.0.1 and 2.1 Part 4 section 4. Odd JSON has a defined reading: of duplicate keys the last
one counts; an integer beyond 64 bits is read as a float; ``NaN``, ``Infinity``, numbers beyond a double, lone
surrogates, a byte order mark and nesting deeper than 64 are not taken and make the text :class:`Malformed`.
A ``null`` payload is read as ``{}`` (OCPP-J 1.6 section 4.2.1, 2.x Part 4 section 4.1.5).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

import orjson

from ocpplab_runner.vocabulary.versions import OcppVersion

#: OCPP-J 1.6 section 4.1.4, 2.x Part 4 section 4.1.4.
MAX_MESSAGE_ID_LENGTH = 36
#: Characters of an errorDescription: 2.x Part 4 section 4.2.3. OCPP-J 1.6 sets no limit; ours keep to this one there.
MAX_DESCRIPTION = 255
#: The message id of a CALLERROR for a text whose own id cannot be read (OCPP 2.x Part 4 section 4.2.3).
UNREADABLE_MESSAGE_ID = "-1"
#: A message id longer than this is not echoed in a CALLERROR: it counts as unreadable.
_LONGEST_ECHOED_ID = 255

CALL, CALLRESULT, CALLERROR, CALLRESULTERROR, SEND = 2, 3, 4, 5, 6


@dataclass(slots=True)
class Call:
    """A request, type 2: ``[2, message_id, action, payload]``."""

    message_id: str
    action: str
    payload: Any


@dataclass(slots=True)
class CallResult:
    """An answer, type 3: ``[3, message_id, payload]``."""

    message_id: str
    payload: Any


@dataclass(slots=True)
class CallError:
    """An error answer, type 4: ``[4, message_id, code, description, details]``.

    Attributes:
        local: True for one that never crossed the wire: the session made it because the answer that came cannot be
            used (malformed, or a required field is missing or of the wrong type).
    """

    message_id: str
    code: str
    description: str = ""
    details: Any = field(default_factory=dict)
    local: bool = False


@dataclass(slots=True)
class CallResultError:
    """OCPP 2.1 (Part 4 4.2.3), type 5: an error about an answer, ``[5, message_id, code, description, details]``."""

    message_id: str
    code: str
    description: str = ""
    details: Any = field(default_factory=dict)


@dataclass(slots=True)
class Send:
    """OCPP 2.1 (Part 4 4.2.4), type 6: an unconfirmed message, ``[6, message_id, action, payload]``."""

    message_id: str
    action: str
    payload: Any


@dataclass(slots=True)
class Malformed:
    """A text that is no OCPP-J message of its version.

    Attributes:
        text: what came.
        reason: what is wrong with it, in English.
        code: the CALLERROR code to answer with, or None when it must be ignored.
        message_id: the id that the CALLERROR carries: the text's own, ``"-1"`` (2.x) when that cannot be read, or
            None when there is none to answer to.
        kind: ``malformed-frame``, ``unexpected-message-type`` or ``message-id-too-long``.
        message_type: the message type number where it can be read.
    """

    text: str
    reason: str
    code: str | None
    message_id: str | None
    kind: str = "malformed-frame"
    message_type: int | None = None


Answer = CallResult | CallError
Message = Call | CallResult | CallError | CallResultError | Send

#: Arrays and objects that lie in one another at most; those of OCPP's own messages are some ten. What is deeper is
#: refused before anybody walks down into it, as most walks call themselves.
MAX_DEPTH = 64
_LENGTHS = {CALL: 4, CALLRESULT: 3, CALLERROR: 5, CALLRESULTERROR: 5, SEND: 4}
_NAMES = {
    CALL: "CALL",
    CALLRESULT: "CALLRESULT",
    CALLERROR: "CALLERROR",
    CALLRESULTERROR: "CALLRESULTERROR",
    SEND: "SEND",
}
# What can still be read of a text that is not JSON: its message type and a plain message id.
_PREFIX = re.compile(r'\s*\[\s*(\d{1,3})\s*,\s*"([^"\\\x00-\x1f\ud800-\udfff]{0,36})"\s*,')


def parse(text: str | bytes, version: OcppVersion) -> Message | Malformed:
    """Read one WebSocket message.

    Args:
        text: what the WebSocket delivered; bytes are read as UTF-8.
        version: the connection's OCPP version: it decides which message types exist and how malformed text is
            answered.

    Returns:
        The message, or a :class:`Malformed` that says how to answer. Never raises. The payload is any JSON value:
        whether it is an object that fits the action is for the validators to say.
    """
    try:
        data = orjson.loads(text)
    except ValueError as error:
        return _not_json(text, str(error), version)
    if _may_be_deep(text) and _is_deep(data):
        return _not_json(text, f"nested more than {MAX_DEPTH} deep", version)
    if type(data) is list and len(data) > 1:
        kind, message_id = data[0], data[1]
        # By type and not by isinstance: to Python `true` is an integer, and it is no message type.
        if type(message_id) is str and len(message_id) <= MAX_MESSAGE_ID_LENGTH and type(kind) is int:
            length = len(data)
            if kind == 2 and length == 4 and type(data[2]) is str:
                payload = data[3]
                return Call(message_id, data[2], {} if payload is None else payload)
            if kind == 3 and length == 3:
                payload = data[2]
                return CallResult(message_id, {} if payload is None else payload)
            if kind == 4 and length == 5 and type(data[2]) is str and type(data[3]) is str:
                return CallError(message_id, data[2], data[3], {} if data[4] is None else data[4])
            if version is OcppVersion.V21:
                if kind == 6 and length == 4 and type(data[2]) is str:
                    return Send(message_id, data[2], {} if data[3] is None else data[3])
                if kind == 5 and length == 5 and type(data[2]) is str and type(data[3]) is str:
                    return CallResultError(message_id, data[2], data[3], {} if data[4] is None else data[4])
    return _misshapen(text, data, version)


def _may_be_deep(text: str | bytes) -> bool:
    """Whether it opens so many arrays and objects that some might lie in one another; nothing for an ordinary frame."""
    if isinstance(text, str):
        return text.count("[") + text.count("{") > MAX_DEPTH
    return text.count(b"[") + text.count(b"{") > MAX_DEPTH


def _is_deep(data: Any) -> bool:
    layer = [data]
    for _ in range(MAX_DEPTH):
        inner: list[Any] = []
        for one in layer:
            if type(one) is list:
                inner += one
            elif type(one) is dict:
                inner += one.values()
        if not inner:
            return False
        layer = inner
    return any(type(one) in (list, dict) for one in layer)


def encode(message: Message) -> str:
    """The text of a message.

    Values that strict JSON cannot carry but a tester may want to send are written the lenient way: integers beyond 64
    bits in full, lone surrogates as ``\\ud800`` escapes. ``NaN`` and ``Infinity`` become ``null``.

    Raises:
        ValueError: the payload holds something that JSON has no form for (an object of a class, a cycle, nesting that
            is too deep).
    """
    match message:
        case Call(message_id, action, payload):
            data = [CALL, message_id, action, payload]
        case CallResult(message_id, payload):
            data = [CALLRESULT, message_id, payload]
        case CallError(message_id, code, description, details):
            data = [CALLERROR, message_id, code, description, details]
        case Send(message_id, action, payload):
            data = [SEND, message_id, action, payload]
        case CallResultError(message_id, code, description, details):
            data = [CALLRESULTERROR, message_id, code, description, details]
    return dumps(data)


def dumps(value: Any) -> str:
    """Compact JSON of a value, as :func:`encode` writes it.

    Raises:
        ValueError: JSON has no form for the value.
    """
    try:
        return orjson.dumps(value).decode()
    except TypeError as error:
        try:
            return json.dumps(value, separators=(",", ":"))
        except (TypeError, ValueError, RecursionError):
            raise ValueError(f"cannot be written as JSON: {error}") from None


def as_text(text: str | bytes) -> str:
    """A WebSocket message as text that can be shown; bytes that are not UTF-8 are escaped."""
    return text if isinstance(text, str) else text.decode("utf-8", "backslashreplace")


def _known_types(version: OcppVersion) -> frozenset[int]:
    return _TYPES_21 if version is OcppVersion.V21 else _TYPES


_TYPES = frozenset({CALL, CALLRESULT, CALLERROR})
_TYPES_21 = _TYPES | {CALLRESULTERROR, SEND}


def _not_json(text: str | bytes, error: str, version: OcppVersion) -> Malformed:
    shown = as_text(text)
    reason = f"not valid JSON: {error}"
    prefix = _PREFIX.match(shown)
    if prefix is None:
        return _unreadable(shown, reason, version, None)
    kind, message_id = int(prefix[1]), prefix[2]
    if kind not in _known_types(version):
        return _unknown_type(shown, kind, message_id, version)
    code = None
    if kind == CALL:
        code = "FormationViolation" if version is OcppVersion.V16 else "FormatViolation"
    return Malformed(shown, reason, code, message_id, message_type=kind)


def _misshapen(text: str | bytes, data: Any, version: OcppVersion) -> Malformed:
    shown = as_text(text)
    if type(data) is not list or not data:
        return _unreadable(shown, "not a JSON array with a message type and a message id", version, None)
    kind = data[0] if type(data[0]) is int else None
    raw_id = data[1] if len(data) > 1 else None
    message_id = raw_id if type(raw_id) is str and len(raw_id) <= _LONGEST_ECHOED_ID else None
    if kind is not None and kind not in _known_types(version):
        return _unknown_type(shown, kind, message_id, version)
    if message_id is None:
        reason = "the message id is not a string" if type(raw_id) is not str else "the message id is far too long"
        return _unreadable(shown, reason, version, kind)
    if kind is None:
        return _unreadable(shown, "the message type is not an integer", version, None, message_id)
    code = None
    if kind == CALL:
        # 2.x has a code for JSON that is no valid RPC request (Part 4 4.3); 1.6 has not (OCPP-J table 7).
        code = "FormationViolation" if version is OcppVersion.V16 else "RpcFrameworkError"
    if len(message_id) > MAX_MESSAGE_ID_LENGTH:
        reason = f"the message id has {len(message_id)} characters, more than {MAX_MESSAGE_ID_LENGTH}"
        return Malformed(shown, reason, code, message_id, "message-id-too-long", kind)
    if len(data) != _LENGTHS[kind]:
        reason = f"a {_NAMES[kind]} has {_LENGTHS[kind]} elements, not {len(data)}"
    elif kind in (CALL, SEND):
        reason = "the action is not a string"
    else:
        reason = "the error code and the error description are not both strings"
    return Malformed(shown, reason, code, message_id, message_type=kind)


def _unknown_type(text: str, kind: int, message_id: str | None, version: OcppVersion) -> Malformed:
    """1.6 and 2.1 ignore it (section 4.1.3); 2.0.1 answers MessageTypeNotSupported (Part 4 section 4.4)."""
    code = None
    if version is OcppVersion.V201:
        code = "MessageTypeNotSupported"
        message_id = UNREADABLE_MESSAGE_ID if message_id is None else message_id
    reason = f"OCPP {version.value} has no message type {kind if abs(kind) < 10**9 else 'of that size'}"
    return Malformed(text, reason, code, message_id, "unexpected-message-type", kind)


def _unreadable(
    text: str, reason: str, version: OcppVersion, kind: int | None, message_id: str | None = None
) -> Malformed:
    """No id or no type: 1.6 has no way to answer; 2.x answers RpcFrameworkError, but never an answer with an error."""
    if version is OcppVersion.V16 or (kind is not None and kind != CALL):
        return Malformed(text, reason, None, message_id, message_type=kind)
    answered = UNREADABLE_MESSAGE_ID if message_id is None else message_id
    return Malformed(text, reason, "RpcFrameworkError", answered, message_type=kind)
