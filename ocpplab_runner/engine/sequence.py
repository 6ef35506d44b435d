"""An ASCII message sequence of the frames on a ledger: charger on the left, CSMS on the right.

::

             charger                              csms
    +0.000s  |--- Authorize ---------------------->|
    +0.000s  |<---------- Authorize CALLRESULT ----|  auth_status Blocked {via: Authorize} *
"""

from __future__ import annotations

from collections.abc import Iterable

from ocpplab_runner.engine.ledger import Ledger
from ocpplab_runner.engine.views import describe_fields, flow
from ocpplab_runner.plugin.events import Event

_WIDTH = 42
_MOST_FRAMES = 24
_MOST_BEFORE = 4
_MOST_LOOKED_BACK = 2_000
_LONGEST_NOTE = 72
#: Fields that a note leaves out, for the sake of the others.
_COMMONPLACE = (("error_code", "NoError"), ("connector_id", 1), ("offline", False))
_TYPES = {"result": " CALLRESULT", "error": " CALLERROR", "send": " SEND", "result_error": " CALLRESULTERROR"}


def draw(
    ledger: Ledger,
    *,
    charger: str,
    since: int,
    origin: float,
    until: int,
    centre: int | None = None,
    opened: bool = True,
) -> list[str]:
    """The lines of a sequence; empty when no frame is near.

    Args:
        ledger: where the events are.
        charger: whose frames.
        since: first sequence number of the window; a few frames before it are shown too.
        origin: the time that offsets count from, in seconds on the run's clock.
        until: sequence number to stop before.
        centre: the event that it is all about; without one the latest frames are shown.
        opened: whether to show where the window opens.
    """
    inside: list[list[Event]] = []
    before: list[list[Event]] = []
    for event in ledger.since(max(0, since - _MOST_LOOKED_BACK), until):
        if event.charger != charger:
            continue
        groups = inside if event.seq >= since else before
        if event.kind == "frame":
            groups.append([event])
        elif event.kind == "fact" and event.cause is not None and groups and groups[-1][0].seq == event.cause:
            groups[-1].append(event)
        elif (event.kind in ("command", "violation")) or (event.kind == "fact" and event.cause is None):
            groups.append([event])
    inside.sort(key=_place)
    shown, cut_front, cut_back = _around(inside, centre)
    if not any(group[0].kind == "frame" for group in (*shown, *before)):
        return []
    lines = [f"{'':>11}  {'charger':<{_WIDTH}}csms"]
    for group in before[-_MOST_BEFORE:]:
        lines += _lines(ledger, group, origin)
    if opened:
        lines.append(f"{'':>11}  {' window opens '.center(_WIDTH + 2, '.')}")
    if cut_front:
        lines.append(f"{'':>11}  ... {cut_front} more")
    for group in shown:
        lines += _lines(ledger, group, origin)
    if cut_back:
        lines.append(f"{'':>11}  ... {cut_back} more")
    return lines


def _place(group: list[Event]) -> tuple[float, int, int]:
    """A command is recorded when it has ended, and shown where it began."""
    first = group[0]
    return first.at, int(first.kind != "command"), first.seq


def _around(groups: list[list[Event]], centre: int | None) -> tuple[list[list[Event]], int, int]:
    if len(groups) <= _MOST_FRAMES:
        return groups, 0, 0
    end = len(groups)
    if centre is not None:
        place = next((i for i, group in enumerate(groups) if group[0].seq <= centre <= group[-1].seq), end - 1)
        end = min(end, place + 1 + _MOST_FRAMES // 3)
    start = max(0, end - _MOST_FRAMES)
    return groups[start:end], start, len(groups) - end


def _lines(ledger: Ledger, group: list[Event], origin: float) -> Iterable[str]:
    first, *facts = group
    when = f"{first.at - origin:+.3f}s"
    if first.kind == "frame":
        notes = [_note(ledger, fact) for fact in facts]
        if first.fields.get("error_code"):
            notes.insert(
                0, _plain(f"{first.fields['error_code']} {first.fields.get('error_description') or ''}".rstrip())
            )
        mark = " *" if ledger.is_consumed(first.seq) else ""
        yield f"{when:>11}  {_arrow(first)}{mark}" + (f"  {notes[0]}" if notes else "")
        for note in notes[1:]:
            yield f"{'':>11}  |{'':<{_WIDTH}}|  {note}"
        return
    left, right = _aside(first)
    mark = " *" if ledger.is_consumed(first.seq) else ""
    yield f"{when:>11}  |{_plain(left)[:_WIDTH]:<{_WIDTH}}|  {_cut(_plain(right))}{mark}".rstrip()


def _arrow(frame: Event) -> str:
    kind = frame.fields.get("type")
    name = "malformed text" if kind == "malformed" else (frame.name or "?") + _TYPES.get(str(kind), "")
    label = f" {_plain(name)[: _WIDTH - 8]} "
    if frame.fields.get("direction") == "to_csms":
        return "|" + f"---{label}".ljust(_WIDTH - 1, "-") + ">|"
    return "|<" + f"{label}---".rjust(_WIDTH - 1, "-") + "|"


def _note(ledger: Ledger, fact: Event) -> str:
    return _cut(_plain(_told(fact))) + (" *" if ledger.is_consumed(fact.seq) else "")


def _told(fact: Event) -> str:
    shown = {name: value for name, value in fact.fields.items() if (name, value) not in _COMMONPLACE}
    return f"{fact.name} {describe_fields(shown)}".rstrip()


def _aside(event: Event) -> tuple[str, str]:
    """What no frame shows: its kind, for the space between the two, and what it is."""
    if event.kind == "command":
        given = event.fields.get("fields")
        return f" [{event.name}]", flow(given) if given else ""
    if event.kind == "violation":
        return f" ! {event.name}", str(event.fields.get("description", ""))
    return " (inside)", _told(event)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_NOTE else text[: _LONGEST_NOTE - 3] + "..."


def _plain(text: str) -> str:
    return "".join(char if char.isascii() and char.isprintable() else "?" for char in text)
