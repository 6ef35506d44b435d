"""Records without secrets, still of the same shape.

What makes a record a record, its types, numbers and places, is known by its position in the record and never touched;
a key of the same name anywhere else is walked like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar, cast

from ocpplab_runner.plugin.results import FailureInfo, Record
from ocpplab_runner.redaction.redactor import Redactor

#: The parts of a record that say what was seen or written, per type of record; the rest says which record it is.
_TELLING: Final[Mapping[str, tuple[str, ...]]] = {
    "event": ("event",),
    "step": ("title", "failure"),
    "log": ("text",),
}
#: At the top of a failure: where it stands.
_PLACES: Final = frozenset({"file", "line", "column", "included_at"})
_NOTHING: Final[frozenset[str]] = frozenset()
#: What a frame is; only at the top of its fields.
_FRAME_PARTS: Final = frozenset({"type", "direction"})
E = TypeVar("E", bound=FailureInfo | list[str] | str | None)


def redact_record(redactor: Redactor, record: Record) -> Record:
    """A record as reports get it; the very same object when no secret is in it."""
    if not redactor.suspects(record):
        return record
    changed: dict[str, Any] = {}
    for part in _TELLING.get(record.get("type", ""), ()):
        told: Any = record.get(part)
        if told is not None:
            cleaned = _event(redactor, told) if part == "event" else redact_part(redactor, part, told)
            if cleaned is not told:
                changed[part] = cleaned
    return cast("Record", {**record, **changed}) if changed else record


def redact_part(redactor: Redactor, part: str, told: E) -> E:
    """A part of a record: its ``title``, ``text``, ``reason``, ``failure`` or ``warnings``."""
    return redactor.redact_ours(told, _PLACES if part == "failure" else _NOTHING)


def _event(redactor: Redactor, event: Mapping[str, Any]) -> Mapping[str, Any]:
    """An event: its fields have a shape of their own; a note's name is a text, and a frame's is the peer's word.

    What a plugin reports, under a name with its prefix, is foreign to us, keys and all.
    """
    kind, name = event["kind"], event["name"]
    changed: dict[str, Any] = {}
    if kind == "frame":
        fields = redactor.redact_ours(event["fields"], _FRAME_PARTS)
    elif name and "." in name:
        fields = redactor.redact(event["fields"])
    else:
        fields = redactor.redact_ours(event["fields"])
    if fields is not event["fields"]:
        changed["fields"] = fields
    if kind in ("note", "frame") and name and (shown := redactor.redact_text(name)) != name:
        changed["name"] = shown
    return {**event, **changed} if changed else event
