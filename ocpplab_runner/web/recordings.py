"""What a page has seen, as the records of a recording: what `frames` and `scenario` read."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

#: Makes a scenario of a recording and the name of the station in it. Raises ValueError where none can be made.
Rewrite = Callable[[str, str], Awaitable[str]]
#: One frame: when it crossed, whether the station sent it, and its text.
Crossed = tuple[datetime, bool, str]

_KINDS = {2: "call", 3: "result", 4: "error", 5: "result_error", 6: "send"}


def recording_of(station: str, ocpp: str, frames: Iterable[Crossed]) -> str:
    """The recording, as JSON Lines.

    Args:
        station: its identity.
        ocpp: the version that it speaks.
        frames: the oldest first; a text that is no OCPP-J message is left out.
    """
    opened = {"is": "opened", "ocpp": ocpp}
    events = [{"kind": "fact", "name": "connection", "charger": station, "at": 0.0, "fields": opened}]
    events += _frames(station, frames)
    lines = ({"type": "event", "case": station, "event": {"seq": seq, **event}} for seq, event in enumerate(events))
    return "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)


def _frames(station: str, frames: Iterable[Crossed]) -> Iterator[dict[str, Any]]:
    began: datetime | None = None
    actions: dict[tuple[bool, str], str] = {}
    for moment, from_station, text in frames:
        began = began or moment
        try:
            kind, message_id, *rest = json.loads(text)
            fields = {"type": _KINDS[kind], "message_id": message_id} | _parts(kind, rest)
        except (ValueError, TypeError, KeyError, IndexError):
            continue
        if kind in (2, 6):
            actions[from_station, message_id] = rest[0]
        name = rest[0] if kind in (2, 6) else actions.get((not from_station, message_id), "")
        fields["direction"] = "to_csms" if from_station else "to_charger"
        at = round((moment - began).total_seconds(), 6)
        yield {"kind": "frame", "name": name, "charger": station, "at": at, "fields": fields}


def _parts(kind: int, rest: list[Any]) -> dict[str, Any]:
    if kind in (2, 6):
        return {"payload": rest[1]}
    if kind == 3:
        return {"payload": rest[0]}
    return {"error_code": rest[0], "error_description": rest[1], "payload": rest[2]}
