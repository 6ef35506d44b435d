"""What recorded frames mean: which version they are of, which answer belongs to which call, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ocpplab_runner.ocppj.frames import Call, CallError, CallResult, CallResultError, Malformed, Message, Send, parse
from ocpplab_runner.ocppj.schema_breach import SchemaBreach
from ocpplab_runner.ocppj.schemas import actions, request_schema, response_schema, send_actions, send_schema
from ocpplab_runner.ocppj.validation import (
    validate_error,
    validate_request,
    validate_response,
    validate_send,
)
from ocpplab_runner.scenario.suggest import did_you_mean
from ocpplab_runner.tools.frames.finding import Found
from ocpplab_runner.tools.payloads import breach_lines
from ocpplab_runner.vocabulary.directions import sends
from ocpplab_runner.vocabulary.texts import shortened
from ocpplab_runner.vocabulary.versions import OcppVersion

Kind = Literal["call", "result", "error", "result_error", "send", "malformed"]
_KINDS: dict[type[Any], Kind] = {
    Call: "call",
    CallResult: "result",
    CallError: "error",
    CallResultError: "result_error",
    Send: "send",
    Malformed: "malformed",
}
_OTHER_WAY = {"to_csms": "to_charger", "to_charger": "to_csms"}


@dataclass(slots=True)
class Frame:
    """A frame that was found, and what it means.

    Attributes:
        found: where and when.
        version: it is read as.
        message: what it says.
        action: of the call that it is, or answers; empty when nobody knows.
        direction: ``to_csms`` or ``to_charger``, where that can be known.
        errors: what is wrong with it.
        notes: what a reader wants to know, and what may be right all the same.
        latency: of an answer: seconds since its call, where both have a time.
        answered: of a call: whether its answer is there.
        call: of the first answer to a call, or of what refuses that answer: that call.
    """

    found: Found
    version: OcppVersion
    message: Message | Malformed
    action: str = ""
    direction: str | None = None
    errors: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    latency: float | None = None
    answered: bool = False
    call: Frame | None = None

    @property
    def kind(self) -> Kind:
        """What sort of frame it is."""
        return _KINDS[type(self.message)]


def judge(found: Sequence[Found], version: OcppVersion | None = None) -> list[Frame]:
    """Read and judge what was found in one recording.

    Args:
        found: in its order.
        version: of all of it; None takes what the recording says, and otherwise that in which most of a station's
            frames are right.
    """
    guessed: dict[str, OcppVersion] = {}
    if version is None:
        unsaid: dict[str, list[Found]] = {}
        for one in found:
            if one.version is None:
                unsaid.setdefault(one.station, []).append(one)
        guessed = {station: _guess(theirs) for station, theirs in unsaid.items()}
    frames = [
        Frame(one, spoken, parse(one.text, spoken))
        for one in found
        for spoken in (version or one.version or guessed[one.station],)
    ]
    _pair(frames)
    for frame in frames:
        _judge(frame)
    return frames


def _guess(found: Iterable[Found]) -> OcppVersion:
    """The version in which most frames are right; the earliest of several."""
    right = dict.fromkeys(OcppVersion, 0)
    known = {one.text: one for one in found if not one.cut}.values()
    for version in OcppVersion:
        frames = [Frame(one, version, parse(one.text, version)) for one in known]
        _pair(frames)
        right[version] = sum(frame.kind != "malformed" and not any(_broken(frame)) for frame in frames)
    return max(OcppVersion, key=lambda version: right[version])


def _pair(frames: Iterable[Frame]) -> None:
    """Give calls their directions and answers their calls."""
    # Both ends choose ids of their own, and may choose the same one.
    waiting: dict[tuple[str, str], dict[str | None, Frame]] = {}
    for frame in frames:
        message, station = frame.message, frame.found.station
        frame.direction = frame.found.direction
        if isinstance(message, Malformed):
            continue
        calls = waiting.setdefault((station, message.message_id), {})
        if isinstance(message, Call | Send):
            frame.action = message.action
            frame.direction = frame.direction or _direction(frame.version, message.action)
            if isinstance(message, Send):
                continue
            earlier = calls.get(frame.direction)
            if earlier is not None and earlier.found.text == frame.found.text:
                frame.notes.append(f"the same as in line {earlier.found.line}")
                frame.answered = True
            else:
                calls[frame.direction] = frame
            continue
        if isinstance(message, CallResultError):  # of who has called, on the answer (OCPP 2.1 part 4)
            _refused(frame, calls)
            continue
        asked = [one for way, one in calls.items() if way is None or way != frame.direction]
        call = next((one for one in asked if not one.answered), asked[-1] if asked else None)
        if call is None:
            frame.notes.append("no call of that message id stands before it")
            continue
        frame.action = call.action
        frame.direction = frame.direction or _OTHER_WAY.get(call.direction or "")
        if call.answered:
            frame.notes.append(f"the call of line {call.found.line} has been answered before")
            continue
        if call.found.at is not None and frame.found.at is not None and frame.found.at >= call.found.at:
            frame.latency = frame.found.at - call.found.at
        call.answered, frame.call = True, call


def _refused(frame: Frame, calls: Mapping[str | None, Frame]) -> None:
    call = next((one for way, one in calls.items() if None in (way, frame.direction) or way == frame.direction), None)
    if call is None:
        frame.notes.append("no call of that message id stands before it")
        return
    frame.call, frame.action, frame.direction = call, call.action, call.direction or frame.direction


def _direction(version: OcppVersion, action: str) -> str | None:
    """Which way a call goes; None for those that go both ways, and for what OCPP does not have."""
    if action not in actions(version) | send_actions(version):
        return None
    by_charger, by_csms = sends("charger", version, action), sends("csms", version, action)
    return None if by_charger and by_csms else "to_csms" if by_charger else "to_charger"


def _broken(frame: Frame) -> Iterator[SchemaBreach]:
    """How a message breaks its schema, quickly."""
    message, version = frame.message, frame.version
    breach: SchemaBreach | None = None
    match message:
        case Call():
            breach = validate_request(version, message.action, message.payload)
        case Send():
            breach = validate_send(version, message.action, message.payload)
        case CallResult() if frame.action:
            breach = validate_response(version, frame.action, message.payload)
        case CallError() | CallResultError():
            breach = validate_error(version, message)
    if breach is not None:
        yield breach


def _judge(frame: Frame) -> None:
    message, version = frame.message, frame.version
    if frame.found.cut:
        frame.errors.append(f"it is no JSON: {frame.found.cut}")
        return
    if isinstance(message, Malformed):
        frame.errors.append(message.reason)
        return
    if isinstance(message, Call) and not frame.answered:
        frame.notes.append("its answer does not stand here")
    for breach in _broken(frame):
        if breach.weight == "should":
            frame.notes.append(str(breach))
        elif breach.taken or isinstance(message, CallError | CallResultError):
            frame.errors.append(str(breach))
        else:
            frame.errors += _reasons(frame, message, version)


def _reasons(frame: Frame, message: Call | Send | CallResult, version: OcppVersion) -> Iterator[str]:
    """Everything that is wrong with a payload, or with its action."""
    if isinstance(message, Send):
        names, schema = send_actions(version), send_schema
    else:
        names, schema = actions(version), response_schema if isinstance(message, CallResult) else request_schema
    if frame.action not in names:
        hint = did_you_mean(frame.action, names)
        kind = "unconfirmed message" if isinstance(message, Send) else "action"
        yield f"OCPP {version} has no {kind} {shortened(frame.action)}" + (f"; {hint}" if hint else "")
        return
    yield from breach_lines(schema(version, frame.action), version, message.payload)
