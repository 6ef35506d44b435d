"""Why an expectation failed, for people (rule 8).

What was wanted, the nearest miss with the fields that differ, the events that did arrive, and the OCPP frames around
it. Everything is plain ASCII: it goes into terminals, XML and CI logs alike.
"""

from __future__ import annotations

from collections.abc import Iterator

from ocpplab_runner.engine.explaining.sequence import draw
from ocpplab_runner.engine.explaining.unproven import unproven
from ocpplab_runner.engine.matching.expectations import ExpectationWatch, Problem, ProhibitionWatch
from ocpplab_runner.engine.matching.items import Free, Item
from ocpplab_runner.engine.matching.lists import ListPart
from ocpplab_runner.engine.matching.parts import Part
from ocpplab_runner.engine.matching.present import Finding
from ocpplab_runner.engine.matching.views import brief, describe, describe_fields, flow
from ocpplab_runner.engine.matching.watch import offset
from ocpplab_runner.engine.matching.windows import Window
from ocpplab_runner.engine.recording.ledger import Ledger
from ocpplab_runner.plugin.events import Event
from ocpplab_runner.plugin.results import FailureInfo
from ocpplab_runner.scenario.diagnostics import Span
from ocpplab_runner.scenario.model import FacetExpectation
from ocpplab_runner.scenario.values import Difference

_MOST_ARRIVED = 40
_MOST_SCANNED = 5_000
_LONGEST_LINE = 160
#: A frame that is said to be at fault leaves room for the fault.
_LONGEST_FRAME = 120


def explain(watch: ExpectationWatch | ProhibitionWatch) -> FailureInfo:
    """The explanation of a failed expectation or prohibition; ``line`` and ``column`` are set, ``file`` is not.

    For one that has not failed (its step was cancelled or timed out) the message says what it was waiting for.
    """
    problem = watch.problem or Problem(f"was still waiting for {watch.waiting_for() or 'nothing'}", tuple(watch.parts))
    info: FailureInfo = {"message": problem.message, "expected": watch.describe()}
    span = _span(watch, problem)
    if span is not None:
        info["line"], info["column"] = span.line, span.column
    events = list(_visible(watch))
    if isinstance(watch, ExpectationWatch):
        nearest = _nearest(watch, problem, events)
        if nearest is not None:
            info["nearest"], info["nearest_seq"] = nearest.text, nearest.event.seq
            info["diff"] = [difference.to_json() for difference in nearest.differences]
    elif problem.seq is not None:
        info["nearest"] = describe_event(watch.ledger.shown(watch.ledger[problem.seq]), watch.scope.window.at)
        info["nearest_seq"] = problem.seq
    info["window"] = watch.scope.window.seq
    info["arrived"] = _arrived(watch, events)
    info["sequence"] = draw(
        watch.ledger,
        charger=watch.scope.charger,
        since=watch.scope.window.seq,
        origin=watch.scope.window.at,
        until=watch.ledger.position,
        centre=problem.seq,
        kept=watch.came() if isinstance(watch, ExpectationWatch) else (),
    )
    return info


def explain_state(
    finding: Finding, facet: FacetExpectation, ledger: Ledger, charger: str, window: Window
) -> FailureInfo:
    """The explanation of a present state that is not as it should be; ``file`` is not set.

    Args:
        finding: the answer is no.
        facet: what was asked for, its expressions computed.
        ledger: where the events are.
        charger: whose state.
        window: the one in force; times count from it.
    """
    info = FailureInfo(message=finding.message, expected=f"still {describe(facet)}")
    centre = None
    if finding.nearest is not None:
        event = finding.nearest.event
        centre = event.seq
        info["message"] += f" since {offset(event.at - window.at)}"
        info["nearest"], info["nearest_seq"] = describe_event(ledger.shown(event), window.at), centre
        info["diff"] = [difference.to_json() for difference in finding.differences]
    since = window.seq if centre is None else min(window.seq, centre)
    info["sequence"] = draw(
        ledger,
        charger=charger,
        since=since,
        origin=window.at,
        until=ledger.position,
        centre=centre,
        opened=since == window.seq,
    )
    return info


def surroundings(ledger: Ledger, charger: str, origin: float) -> FailureInfo:
    """What there is to show for a given state that was not reached: everything so far, without a message.

    Args:
        ledger: where the events are.
        charger: the charger that was to be brought there.
        origin: the time that offsets count from, in seconds on the run's clock.
    """
    latest = ledger.since(ledger.position - _MOST_SCANNED)
    events = [event for event in latest if event.charger == charger]
    info: FailureInfo = {"message": ""}
    if any(event.kind != "note" for event in events):
        info["arrived"] = _lines(ledger, [event for event in events if event.kind not in ("frame", "note")], origin)
        info["sequence"] = draw(ledger, charger=charger, since=0, origin=origin, until=ledger.position, opened=False)
    return info


def describe_event(event: Event, origin: float, consumer: str | None = None, *, longest: int = _LONGEST_LINE) -> str:
    """One event on one line: when (after ``origin``, in seconds), what, and who has used it."""
    text = f"{offset(event.at - origin)} {brief(_event_text(event))}"
    if event.source == "inside":
        text += " (inside)"
    if consumer is not None:
        text += f" * used by {consumer}"
    return shorten(text, longest)


def shorten(text: str, longest: int = _LONGEST_LINE) -> str:
    """Plain ASCII on one line, cut to a length."""
    plain = "".join(char if char.isascii() and char.isprintable() else "?" for char in text)
    return plain if len(plain) <= longest else plain[: longest - 3] + "..."


def _event_text(event: Event) -> str:
    fields = event.fields
    if event.kind == "frame":
        side = "charger" if fields.get("direction") == "to_csms" else "csms"
        kind = fields.get("type")
        if kind == "malformed":
            return f"{side} sent malformed text {flow(fields.get('text', ''))}"
        if kind in ("error", "result_error"):
            error = f"{fields.get('error_code')} {fields.get('error_description') or ''}".rstrip()
            return f"{side} answered {event.name or 'a call'} with CALLERROR {error}"
        verb = "answered" if kind == "result" else "sent"
        return f"{side} {verb} {event.name or 'a call'} {flow(fields.get('payload'))}"
    if event.kind == "command":
        given = fields.get("fields")
        text = f"command {event.name}" + (f" {flow(given)}" if given else "")
        status = fields.get("is", fields.get("status"))
        reason = fields.get("reason")
        ignored = (fields.get("detail") or {}).get("ignored")
        why = reason or (ignored and f"ignored: {ignored}")
        return text + (f": {status}" if status else "") + (f" ({why})" if why else "")
    if event.kind == "violation":
        return f"violation {event.name} {flow(dict(fields))}"
    if event.kind == "note":
        return f"note {event.name}" + (f" {flow(dict(fields))}" if fields else "")
    return f"{event.name} {describe_fields(fields)}".rstrip()


def _span(watch: ExpectationWatch | ProhibitionWatch, problem: Problem) -> Span | None:
    for part in problem.parts:
        for item in part.items:
            if item.facet.span is not None:
                return item.facet.span
    return watch.expectation.span if isinstance(watch, ExpectationWatch) else watch.prohibition.span


def _visible(watch: ExpectationWatch | ProhibitionWatch) -> Iterator[Event]:
    scope = watch.scope
    start = max(scope.window.seq, watch.ledger.position - _MOST_SCANNED)
    for event in watch.ledger.since(start):
        if event.charger == scope.charger and event.at >= scope.window.at:
            yield event


def _arrived(watch: ExpectationWatch | ProhibitionWatch, events: list[Event]) -> list[str]:
    """The window's facts, commands and violations; the frames are in the sequence, unless a facet looks at them.

    Where nothing has come, notes may say why: of a connection that was refused, say.
    """
    frames = any(item.view.kind == "frame" for part in watch.parts for item in part.items)
    shown = [event for event in events if event.kind not in ("frame", "note") or (frames and event.kind == "frame")]
    if all(event.kind == "command" for event in events if event.kind != "note"):
        shown += [event for event in events if event.kind == "note"]
    return _lines(watch.ledger, shown, watch.scope.window.at)


def _lines(ledger: Ledger, shown: list[Event], origin: float) -> list[str]:
    # A command is on the ledger when it has ended, behind what it has caused; it is shown where it began.
    shown = sorted(shown, key=lambda event: (event.at, event.kind != "command", event.seq))
    lines = [
        describe_event(ledger.shown(event), origin, ledger.consumer(event.seq)) for event in shown[-_MOST_ARRIVED:]
    ]
    hidden = len(shown) - len(lines)
    return [f"... {hidden} earlier", *lines] if hidden else lines


class _Candidate:
    """An event held against an item that was not met."""

    def __init__(self, item: Item, event: Event, differences: list[Difference], note: str) -> None:
        self.item = item
        self.event = event
        self.differences = differences
        self.note = note
        self.text = ""

    def rank(self) -> tuple[int, int, int, int]:
        """Smaller is nearer: the fewest differences, then what could be used, then the right value, then the latest."""
        wrong_value = any(difference.path in ("is", "action") for difference in self.differences)
        return (len(self.differences), int(bool(self.note)), int(wrong_value), -self.event.seq)


def _nearest(watch: ExpectationWatch, problem: Problem, events: list[Event]) -> _Candidate | None:
    origin = watch.scope.window.at
    if problem.miss is not None and problem.miss.seq is not None:
        event = watch.ledger[problem.miss.seq]
        candidate = _Candidate(problem.miss.item, event, list(problem.miss.differences), "")
        candidate.text = describe_event(watch.ledger.shown(event), origin)
        return candidate
    if problem.seq is not None and problem.note:
        candidate = _Candidate(problem.parts[0].items[0], watch.ledger[problem.seq], [], problem.note)
        candidate.text = f"{describe_event(watch.ledger.shown(candidate.event), origin)} - {problem.note}"
        return candidate
    items = _open_items(watch, problem.parts)
    came = {seq for part in problem.parts if isinstance(part, ListPart) for seq in part.found(_free(watch))}
    # The wanted frame itself, which was not taken, tells more than others that are like it.
    if (refused := _refused(items, events)) is not None:
        frame = describe_event(watch.ledger.shown(refused.event), origin, longest=_LONGEST_FRAME)
        refused.text = shorten(f"{frame} - {refused.note}", 400)
        return refused
    candidates = [c for item in items for event in events if (c := _candidate(watch, item, event)) is not None]
    # What has come for another item of the sequence is near only when nothing else is.
    candidates = [c for c in candidates if c.event.seq not in came] or candidates
    candidates = list(_just_before(watch, problem.parts)) or candidates or list(_stale(watch, items))
    if not candidates:
        return None
    best = min(candidates, key=_Candidate.rank)
    best.text = describe_event(watch.ledger.shown(best.event), origin) + (f" - {best.note}" if best.note else "")
    return best


def _refused(items: list[Item], events: list[Event]) -> _Candidate | None:
    """The latest frame that would have shown what is wanted, had its receiver taken it."""
    wanted = {item.view.spec.event: item for item in items if item.view.kind == "fact" and item.view.spec.event}
    latest = max(unproven(events, wanted), key=lambda found: found[0].seq, default=None)
    return None if latest is None else _Candidate(next(iter(wanted.values())), latest[0], [], latest[1])


def _open_items(watch: ExpectationWatch, parts: tuple[Part, ...]) -> list[Item]:
    """What has not come; of a sequence that came up to some item, that item."""
    found: list[Item] = []
    for part in parts:
        number = part.missing_item(_free(watch)) if isinstance(part, ListPart) else None
        found += part.items if number is None else [part.items[number]]
    return found


def _free(watch: ExpectationWatch) -> Free:
    return lambda seq: not watch.ledger.is_consumed(seq)


def _candidate(watch: ExpectationWatch, item: Item, event: Event) -> _Candidate | None:
    if not item.view.sees(event):
        return None
    differences = item.differences(event)
    # Every frame differs from the wanted one somehow: one of another action, kind or side is no near miss.
    if item.view.kind == "frame" and not item.view.spec.bound and _is_another_message(differences):
        return None
    consumer = watch.ledger.consumer(event.seq)
    note = ""
    if consumer is not None:
        note = f"already used by {consumer}"
    elif event.at > watch.deadline:
        note = f"too late: the deadline was at {offset(watch.deadline - watch.scope.window.at)}"
    # It is what is wanted, and free: something else was lacking.
    elif not differences:
        return None
    return _Candidate(item, event, differences, note)


def _is_another_message(differences: list[Difference]) -> bool:
    return any(difference.path in ("action", "type", "from") for difference in differences)


def _stale(watch: ExpectationWatch, items: list[Item]) -> Iterator[_Candidate]:
    """Events that would have done, but lie before the window."""
    ledger: Ledger = watch.ledger
    start = max(0, watch.scope.window.seq - _MOST_SCANNED)
    for event in ledger.since(start, watch.scope.window.seq):
        if event.charger != watch.scope.charger:
            continue
        for item in items:
            if not item.view.spec.bound and item.is_met_by(event):
                yield _Candidate(item, event, [], _why_stale(watch, event))


def _just_before(watch: ExpectationWatch, parts: tuple[Part, ...]) -> Iterator[_Candidate]:
    """What a list that lacks its first item begins with, where that came last before the window."""
    lists = [part for part in parts if isinstance(part, ListPart) and not part.found(_free(watch))]
    latest = {part: set[object]() for part in lists}
    start = max(0, watch.scope.window.seq - _MOST_SCANNED)
    for seq in range(watch.scope.window.seq - 1, start - 1, -1):
        event = watch.ledger[seq]
        for part in lists if event.charger == watch.scope.charger else ():
            first = part.items[0]
            if first.view.spec.bound or not first.view.sees(event) or first.view.subject(event) in latest[part]:
                continue
            latest[part].add(first.view.subject(event))
            if first.is_met_by(event):
                consumer = watch.ledger.consumer(seq)
                note = f"already used by {consumer}" if consumer is not None else _why_stale(watch, event, "just ")
                yield _Candidate(first, event, [], note)


def _why_stale(watch: ExpectationWatch, event: Event, how: str = "") -> str:
    if event.seq < watch.ledger.first_step:
        return (
            "before the first step: it belongs to the recipe of given.state, where no since: reaches; "
            'begin with an earlier state, such as state: disconnected and then power: "on"'
        )
    opener = f" (opened by {watch.scope.window.label})" if watch.scope.window.label else ""
    return f"{how}before this window{opener}; since: (an earlier step's id, or start) looks further back"
