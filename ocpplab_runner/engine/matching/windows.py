"""Windows: how far back an expectation may look (rule 2).

Every acting step opens a window for its charger. A branch of ``parallel`` has windows of its own; after it, the window
is the one that the ``parallel`` step itself opened. A window is a place on the ledger, never a copy of events.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

#: The reserved name in ``since: start``.
START = "start"


class UnknownStepError(LookupError):
    """``since`` names a step that has not run (its branch was not taken, or it comes later)."""


@dataclass(slots=True)
class Window:
    """Where looking begins.

    Attributes:
        seq: the first sequence number inside.
        at: when it opened, in seconds on the run's clock. An event that happened before does not count, however late
            it arrives.
        label: which step opened it, for people.
        subject: what the step was about (``{"id_tag": "CARD-1"}``): "this command's card" of rule 6. May be set
            after the step has run.
    """

    seq: int
    at: float
    label: str = ""
    subject: Mapping[str, Any] = field(default_factory=dict)

    def holds(self, seq: int, at: float) -> bool:
        """Whether an event with that number, which happened at that time, lies inside."""
        return seq >= self.seq and at >= self.at


class Windows:
    """The windows of one thread of steps.

    Args:
        position: gives the ledger's next sequence number.
        now: the run's clock.
    """

    def __init__(self, position: Callable[[], int], now: Callable[[], float]) -> None:
        self._position = position
        self._now = now
        start = Window(position(), now(), START)
        self._current: dict[str, Window] = {}
        self._default = start
        self._named: dict[str, Window] = {START: start}

    def mark_start(self) -> Window:
        """Begin the scenario's steps here: everything before (the state's recipe) lies before ``since: start``."""
        start = Window(self._position(), self._now(), START)
        self._current.clear()
        self._default = start
        self._named[START] = start
        return start

    def open(self, charger: str, label: str = "", subject: Mapping[str, Any] | None = None) -> Window:
        """An acting step on ``charger`` begins now."""
        window = Window(self._position(), self._now(), label, subject or {})
        self._current[charger] = window
        return window

    def open_all(self, label: str = "") -> Window:
        """A step that acts on every charger (``parallel``) begins now."""
        window = Window(self._position(), self._now(), label)
        self._current.clear()
        self._default = window
        return window

    def name(self, step_id: str, window: Window | None = None) -> Window:
        """Let ``since: step_id`` mean ``window``; without one (a step that opens none) this very moment."""
        window = window or Window(self._position(), self._now(), step_id)
        self._named[step_id] = window
        return window

    def current(self, charger: str) -> Window:
        """The window of an expectation that stands after, or is attached to, the charger's last acting step."""
        return self._current.get(charger, self._default)

    def since(self, step_id: str) -> Window:
        """The window that a ``since`` names.

        Raises:
            UnknownStepError: that step has not run.
        """
        try:
            return self._named[step_id]
        except KeyError:
            raise UnknownStepError(f"since: {step_id} names a step that has not run") from None

    def resolve(self, charger: str, since: str | None) -> Window:
        """The window for an expectation with that ``since`` (or none); raises as :meth:`since`.

        A widened window keeps the current one's subject: it looks further back for the same card.
        """
        current = self.current(charger)
        if since is None:
            return current
        wide = self.since(since)
        return Window(wide.seq, wide.at, wide.label, wide.subject or current.subject)

    def branch(self) -> Windows:
        """Windows for one branch of ``parallel``: it starts with the present ones; step ids are shared."""
        child = Windows.__new__(Windows)  # without a start of its own: `since: start` is the scenario's
        child._position = self._position
        child._now = self._now
        child._current = dict(self._current)
        child._default = self._default
        child._named = self._named
        return child
