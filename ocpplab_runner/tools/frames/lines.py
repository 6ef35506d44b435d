"""Judged frames for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

from ocpplab_runner.ocppj.frames import Call, CallError, CallResult, CallResultError, Malformed, Send
from ocpplab_runner.redaction.redactor import Redactor
from ocpplab_runner.tools.frames.judging import Frame
from ocpplab_runner.vocabulary.texts import shortened

_ARROWS = {"to_csms": "→", "to_charger": "←", None: "·"}
#: Characters of a frame that cannot be read.
_BRIEF = 200


def pretty(name: str, frame: Frame, redactor: Redactor) -> Iterator[str]:
    """A frame, with its payload over several lines.

    Args:
        name: of the file.
        frame: to show.
        redactor: hides what nobody may see.
    """
    found = frame.found
    parts = [f"{name}:{found.line}:", found.time, found.station, _ARROWS[frame.direction], _title(frame)]
    if frame.latency is not None:
        parts.append(f"({milliseconds(frame.latency)})")
    yield " ".join(part for part in parts if part)
    if isinstance(frame.message, Malformed):
        yield f"    {shortened(redactor.redact_text(found.text), _BRIEF)}"
        return
    shown = json.dumps(redactor.redact(_content(frame)), indent=2, ensure_ascii=False)
    yield from (f"    {line}" for line in shown.splitlines())


def problems(name: str, frame: Frame, redactor: Redactor, *, quiet: bool) -> Iterator[str]:
    """What is wrong with a frame, and what may be, each in a line that names its place."""
    where = f"{name}:{frame.found.line}"
    title = _title(frame)
    for error in frame.errors:
        yield redactor.redact_text(f"{where}: error: {title}: {error}")
    for note in () if quiet else frame.notes:
        yield redactor.redact_text(f"{where}: note: {title}: {note}")


def as_data(name: str, frame: Frame) -> dict[str, Any]:
    """A frame for programs; what is not known is left out."""
    found, message = frame.found, frame.message
    data: dict[str, Any] = {
        "file": name,
        "line": found.line,
        "ocpp": frame.version.value,
        "type": frame.kind,
        "time": found.time or None,
        "station": found.station or None,
        "direction": frame.direction,
        "message_id": message.message_id,
        "action": frame.action or None,
        "latency": None if frame.latency is None else round(frame.latency, 6),
    }
    if isinstance(message, Malformed):
        data["text"] = found.text
    elif isinstance(message, CallError | CallResultError):
        data |= {"error_code": message.code, "error_description": message.description, "payload": message.details}
    else:
        data["payload"] = message.payload
    known = {key: value for key, value in data.items() if value is not None}
    return known | {"errors": frame.errors, "notes": frame.notes}


def summary(name: str, frames: Sequence[Frame], lines_without: int) -> str:
    """A recording in one line."""
    versions = ", ".join(dict.fromkeys(f"OCPP {frame.version}" for frame in frames))
    calls = [frame for frame in frames if frame.kind == "call"]
    parts = [_plural(len(calls), "call"), f"{sum(not call.answered for call in calls)} without an answer here"]
    latencies = [frame.latency for frame in frames if frame.latency is not None]
    if latencies:
        parts.append(f"answers in {milliseconds(median(latencies))} (median), {milliseconds(max(latencies))} (slowest)")
    if lines_without:
        parts.append(f"{_plural(lines_without, 'line')} without a frame")
    wrong = sum(bool(frame.errors) for frame in frames)
    told = "nothing wrong" if not wrong else f"{wrong} wrong"
    return f"{name}: {_plural(len(frames), 'frame')} of {versions}, {told}; {', '.join(parts)}"


def milliseconds(seconds: float) -> str:
    """A latency for people."""
    return f"{seconds * 1000:.0f} ms" if seconds < 10 else f"{seconds:.1f} s"


def _title(frame: Frame) -> str:
    message = frame.message
    about = frame.action or "a call that is not here"
    match message:
        case Call():
            return f"{message.action} {message.message_id}"
        case Send():
            return f"{message.action} {message.message_id}, unconfirmed"
        case CallResult():
            return f"answer to {about} {message.message_id}"
        case CallError():
            return f"CALLERROR to {about} {message.message_id}"
        case CallResultError():
            return f"CALLRESULTERROR to {about} {message.message_id}"
    return "no message"


def _content(frame: Frame) -> Any:
    message = frame.message
    if isinstance(message, CallError | CallResultError):
        return {"errorCode": message.code, "errorDescription": message.description, "errorDetails": message.details}
    assert not isinstance(message, Malformed)
    return message.payload


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
