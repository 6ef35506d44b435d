"""An ASCII message sequence of the frames on a ledger: charger on the left, CSMS on the right.

::

             charger                              csms
    +0.000s  |--- Authorize ---------------------->|
    +0.000s  |<---------- Authorize CALLRESULT ----|  auth_status Blocked {via: Authorize} *
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence, Set

from ocpplab_runner.engine.explaining.collapse_repeats import Group, Row, collapse_repeats
from ocpplab_runner.engine.matching.views import brief, describe_fields, flow
from ocpplab_runner.engine.recording.ledger import Ledger
from ocpplab_runner.plugin.events import Event

_WIDTH = 42
_MOST_FRAMES = 24
_MOST_BEFORE = 4
_MOST_LOOKED_BACK = 2_000
_LONGEST_NOTE = 72
#: Fields that a note leaves out, for the sake of the others.
_UNSHOWN = frozenset({"timestamp"})
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
    kept: Collection[int] = (),
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
        kept: events that are shown even where others are left out.
    """
    inside: list[list[Event]] = []
    before: list[list[Event]] = []
    frames: dict[int, list[Event]] = {}
    for event in ledger.since(max(0, since - _MOST_LOOKED_BACK), until):
        if event.charger != charger:
            continue
        event = ledger.shown(event)
        groups = inside if event.seq >= since else before
        if event.kind == "frame":
            groups.append(frames.setdefault(event.seq, [event]))
        elif event.kind == "fact" and event.cause is not None and event.cause in frames:
            frames[event.cause].append(event)
        elif (event.kind in ("command", "violation")) or (event.kind == "fact" and event.cause is None):
            groups.append([event])
    inside.sort(key=_place)
    if not any(group[0].kind == "frame" for group in (*inside, *before)):
        return []
    who = f"charger {charger}" if len(ledger.chargers) > 1 else "charger"
    lines = [f"{'':>11}  {_plain(who)[: _WIDTH - 2]:<{_WIDTH}}csms"]
    for early in before[-_MOST_BEFORE:]:
        lines += _lines(ledger, early, origin)
    if opened:
        lines.append(f"{'':>11}  {' window opens '.center(_WIDTH + 2, '.')}")
    wanted = frozenset(kept) if centre is None else frozenset((*kept, centre))
    for row in _shortened(collapse_repeats(inside, wanted), wanted, centre):
        if row.groups:
            for group in row.groups:
                lines += _lines(ledger, group, origin)
        if row.note:
            lines.append(f"{'':>11}  ... {row.note}")
    return lines


def _place(group: list[Event]) -> tuple[float, int, int]:
    """A command is recorded when it has ended, and shown where it began."""
    first = group[0]
    return first.at, int(first.kind != "command"), first.seq


def _shortened(rows: Sequence[Row], wanted: Set[int], centre: int | None) -> Iterator[Row]:
    """The rows around the centre, or the latest, and those that are wanted; what is left out is counted."""
    end = len(rows)
    if end <= _MOST_FRAMES:
        yield from rows
        return
    if centre is not None:
        place = next((i for i, row in enumerate(rows) if row.covers(centre)), end - 1)
        end = min(end, place + 1 + _MOST_FRAMES // 3)
    special = [i for i, row in enumerate(rows) if row.holds(wanted)][-_MOST_FRAMES // 2 :]
    plain = range(max(0, end - max(_MOST_FRAMES - len(special), _MOST_FRAMES // 3)), end)
    chosen = sorted({*special, *plain})
    last = -1
    for index in (*chosen, len(rows)):
        hidden = sum(row.weight for row in rows[last + 1 : index])
        if hidden:
            yield Row((), f"{hidden} more")
        if index < len(rows):
            yield rows[index]
        last = index


def _lines(ledger: Ledger, group: Group, origin: float) -> Iterable[str]:
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
    shown = {
        name: value for name, value in fact.fields.items() if name not in _UNSHOWN and (name, value) not in _COMMONPLACE
    }
    return brief(f"{fact.name} {describe_fields(shown)}".rstrip())


def _aside(event: Event) -> tuple[str, str]:
    """What no frame shows: its kind, for the space between the two, and what it is."""
    if event.kind == "command":
        given = event.fields.get("fields")
        return f" [{event.name}]", brief(flow(given)) if given else ""
    if event.kind == "violation":
        return f" ! {event.name}", str(event.fields.get("description", ""))
    return " (inside)", _told(event)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_NOTE else text[: _LONGEST_NOTE - 3] + "..."


def _plain(text: str) -> str:
    return "".join(char if char.isascii() and char.isprintable() else "?" for char in text)
