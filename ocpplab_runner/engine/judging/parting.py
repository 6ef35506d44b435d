"""Who has gone away: a charger or a CSMS that closes the connection often says in its Close frame what is wrong."""

from __future__ import annotations

from ocpplab_runner.engine.explaining.explain import shorten
from ocpplab_runner.engine.matching.watch import offset
from ocpplab_runner.engine.recording.ledger import Ledger
from ocpplab_runner.engine.recording.trail import Trail
from ocpplab_runner.ocppj.closing import Ended
from ocpplab_runner.ocppj.records import Role
from ocpplab_runner.plugin.events import Event

#: Codes with which a charger that restarts, or is taken down, says good-bye.
_ORDINARY = (1000, 1001)


def parting(ledger: Ledger, trail: Trail, began: float, *, several: bool) -> str | None:
    """What a reader of a failure must know: the latest end of a connection that nobody has asked for.

    It came in the step that has just ended, or before it and the charger has not come back.

    Args:
        ledger: where the events are.
        trail: which step was running.
        began: when the case did, in seconds on the run's clock.
        several: whether a charger's name tells something.
    """
    away: dict[str, Event] = {}
    told: Event | None = None
    stretch = trail.at(ledger.position, "")
    since, origin = (0, began) if stretch is None else (stretch.seq, stretch.at)
    for event in ledger.since(0):
        if event.kind != "fact" or event.name != "connection":
            continue
        away.pop(event.charger, None)
        # One that an expectation has used was wanted.
        if event.fields.get("is") == "closed" and _is_odd(event) and not ledger.is_consumed(event.seq):
            away[event.charger] = event
            told = event if event.seq >= since else told
    told = told or max(away.values(), key=lambda event: event.seq, default=None)
    if told is None:
        return None
    fields = ledger.shown(told).fields
    end = Ended(Role(fields["by"]), fields.get("code"), shorten(str(fields.get("reason", ""))))
    of = f" (charger {told.charger})" if several else ""
    return f"at {offset(told.at - origin)} {end}{of}"


def _is_odd(event: Event) -> bool:
    by, code = event.fields.get("by"), event.fields.get("code")
    return by == Role.CSMS or (by == Role.CHARGER and code not in _ORDINARY)
