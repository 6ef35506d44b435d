"""What the other side must do and has not: who, in which step, and the frames that show it; fails with ``--strict``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ocpplab_runner.engine.explaining.explain import describe_event
from ocpplab_runner.engine.explaining.sequence import draw
from ocpplab_runner.engine.recording.ledger import Ledger
from ocpplab_runner.engine.recording.trail import Stretch, Trail
from ocpplab_runner.plugin.events import Event
from ocpplab_runner.plugin.results import FailureInfo

#: Between a frame and the violation that it commits.
_MOST_LOOKED_BACK = 64


@dataclass(frozen=True, slots=True)
class Charge:
    """One of them.

    Attributes:
        text: one line.
        explain: gives what there is to show of it; asked only when it decides.
    """

    text: str
    explain: Callable[[], FailureInfo]


class Charges:
    """Explains them.

    Args:
        ledger: where the events are.
        trail: which step was running.
        began: when the case did, in seconds on the run's clock.
        several: whether a charger's name tells something.
    """

    def __init__(self, ledger: Ledger, trail: Trail, began: float, *, several: bool) -> None:
        self._ledger = ledger
        self._trail = trail
        self._began = began
        self._several = several

    def place(self, event: Event) -> dict[str, Any]:
        """The step in which an event came, as keys of a record."""
        stretch = self._trail.at(event.seq, event.charger)
        if stretch is None:
            return {}
        return {"step": stretch.index, "file": stretch.step.path.as_posix(), "line": stretch.step.span.line}

    def of_violation(self, event: Event) -> Charge:
        """A violation that weighs ``must``."""
        fields = event.fields
        about = f" in {fields['action']}" if fields.get("action") else ""
        told = f"protocol violation {event.name} (must) by {self._by(event)}{about}"
        return self._charge(event, told, str(fields.get("description", "")))

    def of(self, event: Event, text: str) -> Charge:
        """Anything else that a frame shows."""
        return self._charge(event, text, "")

    def _charge(self, event: Event, told: str, more: str) -> Charge:
        stretch = self._trail.at(event.seq, event.charger)
        where = f", {stretch.place}" if stretch is not None else ", before the first step"
        text = f"{told}{where}" + (f": {more}" if more else "")
        return Charge(text, lambda: self._explained(event, text, stretch))

    def _explained(self, event: Event, text: str, stretch: Stretch | None) -> FailureInfo:
        since, origin = (0, self._began) if stretch is None else (stretch.seq, stretch.at)
        shown = [describe_event(self._ledger.shown(one), origin) for one in (*self._frames(event), event)]
        drawn = draw(
            self._ledger,
            charger=event.charger,
            since=since,
            origin=origin,
            until=self._ledger.position,
            centre=event.seq,
            opened=False,
        )
        failure = FailureInfo(message=text, arrived=shown, sequence=drawn)
        return failure if stretch is None else stretch.located(failure)

    def _frames(self, event: Event) -> Iterator[Event]:
        """The frame that a violation is about: the last before it with its message id."""
        wanted = event.fields.get("message_id")
        if event.kind != "violation":
            return
        for seq in range(event.seq - 1, max(-1, event.seq - _MOST_LOOKED_BACK), -1):
            one = self._ledger[seq]
            if one.kind == "frame" and one.charger == event.charger and one.fields.get("message_id") == wanted:
                yield one
                return

    def _by(self, event: Event) -> str:
        who = event.fields.get("by")
        if who == "charger":
            return f"charger {event.charger}" if self._several else "the charger"
        side = "the CSMS" if who == "csms" else str(who or "the other side")
        return f"{side} to charger {event.charger}" if self._several else side
