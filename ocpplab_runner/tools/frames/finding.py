"""Where the frames are in a recording: our own JSON Lines, a frame on each line, or a log that has them somewhere."""

from __future__ import annotations

import bisect
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ocpplab_runner.ocppj.frames import dumps
from ocpplab_runner.vocabulary.numbers import is_number
from ocpplab_runner.vocabulary.versions import OcppVersion

#: How a frame begins. The quote tells in which form it stands in the text around it: as it is, within a JSON string, or
#: within a field of CSV; two quotes before a comma are an empty message id.
_BEGINNING = re.compile(r'\[\s*[2-6]\s*,\s*(?P<quote>\\"|""(?!\s*,)|")')
#: Texts that write a quote as two characters → what stands for a quote, and for what stands before it.
_ESCAPED = {'\\"': (('\\"', '"'), ("\\\\", "\\")), '""': (('""', '"'),)}
_DATE = r"\d{4}-\d\d-\d\d[T ]"
_TIME = re.compile(rf"(?P<date>{_DATE})?(?P<time>\d\d:\d\d:\d\d)(?P<rest>[.,]\d+)?(?P<zone>Z|[+-]\d\d:?\d\d)?")
_TIME_KEYS = ("timestamp", "time", "ts", "at", "date", "datetime", "@timestamp")
_STATION_KEYS = ("charger", "station", "identity", "charge_point_id", "chargePointId", "chargingStationId", "cp")
_SUBPROTOCOL = re.compile(r"\bocpp(1\.6|2\.0\.1|2\.1)\b")
#: Records of ours that hold no frame, though a step may speak of one → keys by which they are known.
_RECORDS = {
    "run": {"wall_time"},
    "case": {"case"},
    "step": {"case"},
    "event": {"case"},
    "log": {"case"},
    "invalid": {"diagnostics", "file"},
    "station": {"identity"},
}
#: Numbers from here on are seconds since 1970, and milliseconds.
_EPOCH, _EPOCH_MS = 1e9, 1e11
#: Characters between the elements of a frame that stands on several lines.
_INDENTATION = 200
_DECODER = json.JSONDecoder()


@dataclass(slots=True)
class Found:
    """A frame, or what looks like one.

    Attributes:
        line: counted from 1, where it begins.
        text: as it crossed, as far as can be told.
        time: as the recording has it, for people; empty when it has none.
        at: the same in seconds, for differences; None when there is none.
        station: whose it is, where the recording says so.
        direction: ``to_csms`` or ``to_charger``, where the recording says so.
        version: that was spoken, where the recording says so.
        cut: why it is no JSON.
    """

    line: int
    text: str
    time: str = ""
    at: float | None = None
    station: str = ""
    direction: str | None = None
    version: OcppVersion | None = None
    cut: str = ""


def find(text: str) -> tuple[list[Found], int]:
    """The frames of a recording, and how many of its lines have none.

    Args:
        text: all of it.
    """
    finder = _Finder(text)
    found = list(finder.frames())
    return found, finder.lines_without


def station_of(case: str, event: Mapping[str, Any]) -> str:
    """What a station of our JSON Lines is called: one charger may be in many cases."""
    charger = str(event.get("charger", ""))
    return charger if charger == case else f"{case} {charger}".strip()


class _Finder:
    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._versions: dict[str, OcppVersion] = {}
        self._spoken: OcppVersion | None = None
        self.lines_without = 0

    def frames(self) -> Iterator[Found]:
        number = 0
        while number < len(self._starts):
            line = self._text[self._starts[number] : self._end(number)].strip()
            if not line:
                number += 1
                continue
            whole = _json(line) if line[0] in "{[" else None
            if isinstance(whole, dict):
                found = list(self._of_object(whole, number + 1))
                number += 1
            elif isinstance(whole, list) and _may_be_a_frame(whole):
                found = [Found(number + 1, line, version=self._spoken)]
                number += 1
            else:
                found, number = self._of_text(number)
            if not found:
                self.lines_without += 1
            yield from found

    def _end(self, number: int) -> int:
        return self._starts[number + 1] - 1 if number + 1 < len(self._starts) else len(self._text)

    def _of_text(self, number: int) -> tuple[list[Found], int]:
        """The frames that begin on a line, and where the last of them ends, and the number of the line after that."""
        found: list[Found] = []
        begin, end = self._starts[number], self._end(number)
        position = begin
        told = _SUBPROTOCOL.search(self._text, begin, end)
        if told is not None:
            self._spoken = OcppVersion(told[1])
        while (
            match := _BEGINNING.search(self._text, position, end + _INDENTATION)
        ) is not None and match.start() < end:
            time, at = _time_in(self._text[begin : match.start()])
            frame = Found(number + 1, "", time, at, version=self._spoken)
            escapes = _ESCAPED.get(match["quote"])
            if escapes is None:
                frame.text, position, frame.cut = _decoded(self._text, match.start())
            else:
                # Within a string or a field nothing is longer than its line.
                inner = self._text[match.start() : end]
                for written, meant in escapes:
                    inner = inner.replace(written, meant)
                frame.text, _, frame.cut = _decoded(inner, 0)
                position = end
            if frame.cut:
                frame.text = self._text[match.start() : end].rstrip()
                position = end
            found.append(frame)
            if position > end:
                number = bisect.bisect_right(self._starts, position) - 1
                begin, end = position, self._end(number)
        return found, number + 1

    def _of_object(self, data: dict[str, Any], line: int) -> Iterator[Found]:
        """A record of ours, or an object of somebody else's that holds a frame or its text."""
        event = data.get("event")
        if data.get("type") == "event" and isinstance(event, dict) and isinstance(event.get("fields"), dict):
            yield from self._of_event(str(data.get("case", "")), event, event["fields"], line)
            return
        if data.get("type") in _RECORDS and not _RECORDS[data["type"]].isdisjoint(data):
            if isinstance(data.get("case"), dict):
                self._remember(str(data["case"].get("id", "")), data["case"].get("ocpp"))
            return
        time, at = next((_time_of(data[key]) for key in _TIME_KEYS if key in data), ("", None))
        station = next((str(data[key]) for key in _STATION_KEYS if isinstance(data.get(key), str)), "")
        for text, cut in _within(data):
            yield Found(line, text, time, at, station, version=self._spoken, cut=cut)

    def _of_event(self, case: str, event: dict[str, Any], fields: dict[str, Any], line: int) -> Iterator[Found]:
        if event.get("name") == "connection" and "ocpp" in fields:
            self._remember(case, fields["ocpp"])
        if event.get("kind") != "frame":
            return
        at = event.get("at")
        seconds = float(at) if isinstance(at, int | float) else None
        yield Found(
            line,
            _text_of(str(event.get("name", "")), fields),
            "" if seconds is None else f"{seconds:.3f}s",
            seconds,
            station_of(case, event),
            fields.get("direction"),
            self._versions.get(case),
        )

    def _remember(self, case: str, version: Any) -> None:
        if version in list(OcppVersion):
            self._versions[case] = OcppVersion(version)


def _text_of(name: str, fields: dict[str, Any]) -> str:
    """A frame as it crossed, from an event's fields."""
    message_id, payload = fields.get("message_id"), fields.get("payload", {})
    error = [message_id, fields.get("error_code"), fields.get("error_description"), payload]
    match fields.get("type"):
        case "call":
            return dumps([2, message_id, name, payload])
        case "result":
            return dumps([3, message_id, payload])
        case "error":
            return dumps([4, *error])
        case "result_error":
            return dumps([5, *error])
        case "send":
            return dumps([6, message_id, name, payload])
    return str(fields.get("text", ""))


def _within(value: Any) -> Iterator[tuple[str, str]]:
    """Frames in somebody's data, as text, with why each is no JSON."""
    if isinstance(value, dict):
        for one in value.values():
            yield from _within(one)
    elif isinstance(value, list):
        if _may_be_a_frame(value):
            yield dumps(value), ""
        else:
            for one in value:
                yield from _within(one)
    elif isinstance(value, str):
        position = 0
        while (match := _BEGINNING.search(value, position)) is not None:
            text, position, cut = _decoded(value, match.start())
            yield (value[match.start() :] if cut else text), cut
            if cut:
                return


def _may_be_a_frame(value: list[Any]) -> bool:
    """Whether a list that stands by itself was meant as one: also with a message id that is a number, say."""
    return 3 <= len(value) <= 6 and value[0] in (2, 3, 4, 5, 6, "2", "3", "4", "5", "6") and isinstance(value[-1], dict)


def _decoded(text: str, start: int) -> tuple[str, int, str]:
    """The JSON that begins there, where it ends, and why there is none."""
    try:
        _, stop = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        return "", start, error.msg
    except RecursionError:
        return "", start, "nested too deep"
    return text[start:stop], stop, ""


def _json(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _time_in(text: str) -> tuple[str, float | None]:
    """The first time in a text, as it stands there and in seconds."""
    match = _TIME.search(text)
    if match is None:
        return "", None
    fraction = (match["rest"] or "").replace(",", ".")
    zone = (match["zone"] or "Z").replace("Z", "+00:00")
    date = match["date"] or "1970-01-01T"
    try:
        moment = datetime.fromisoformat(f"{date.replace(' ', 'T')}{match['time']}{fraction[:7]}{zone}")
    except ValueError:
        return "", None
    return match.group(), moment.timestamp()


def _time_of(value: Any) -> tuple[str, float | None]:
    if isinstance(value, str):
        return _time_in(value)
    if not is_number(value):
        return "", None
    seconds = value / 1000 if value > _EPOCH_MS else float(value)
    return (f"{seconds:.3f}" if seconds > _EPOCH else f"{seconds:.3f}s"), seconds
