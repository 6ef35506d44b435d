"""What expectations and prohibitions share: which events they look at, until when, and how they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from typing import Any

from ocpplab_runner.engine.matching.items import Miss
from ocpplab_runner.engine.matching.parts import Part
from ocpplab_runner.engine.matching.views import Binding, View, flow, view_of
from ocpplab_runner.engine.matching.windows import Window
from ocpplab_runner.engine.recording.ledger import Ledger
from ocpplab_runner.plugin.events import Event
from ocpplab_runner.scenario.model import FacetExpectation
from ocpplab_runner.scenario.registry import FacetSpec


class State(StrEnum):
    """How an expectation stands."""

    PENDING = "pending"
    MET = "met"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which events an expectation looks at.

    Attributes:
        charger: only this one's.
        window: how far back.
        binding: the step's own call and outcome.
        subject: what the step is about (``{"id_tag": …}``); None for the window's own subject.
        label: whose expectation it is, for people (``step 3``); it marks the events that it consumes.
    """

    charger: str
    window: Window
    binding: Binding = field(default_factory=Binding)
    subject: Mapping[str, Any] | None = None
    label: str = "an expectation"

    @property
    def about(self) -> Mapping[str, Any]:
        """The subject in force."""
        return self.window.subject if self.subject is None else self.subject


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an expectation failed.

    Attributes:
        message: one line.
        parts: the parts that were not met.
        miss: the decision of a decisive event, if that was it.
        seq: the event that made it fail, if one did.
        note: what is to say of that event.
    """

    message: str
    parts: tuple[Part, ...] = ()
    miss: Miss | None = None
    seq: int | None = None
    note: str = ""


class Watch:
    """What expectations and prohibitions share: scope, deadline, and the way to their parts."""

    def __init__(
        self, *, facets: Mapping[str, FacetSpec], ledger: Ledger, scope: Scope, started: float, lasts: float
    ) -> None:
        self.scope = scope
        self.started = started
        self.deadline = started + lasts
        self.state = State.PENDING
        self.problem: Problem | None = None
        self.ledger = ledger
        self._specs = facets
        self._views: dict[str, View] = {}
        self._parts: list[Part] = []
        self._by_name: dict[tuple[str, str | None], list[Part]] = {}
        self._next = 0

    def _view(self, facet: FacetExpectation) -> View:
        view = self._views.get(facet.facet)
        if view is None:
            view = self._views[facet.facet] = view_of(self._specs[facet.facet], self.scope.binding)
        return view

    def _add(self, part: Part) -> None:
        self._parts.append(part)
        keys = {(item.view.kind, item.view.spec.event) for item in part.items}
        for key in keys:
            self._by_name.setdefault(key, []).append(part)

    def _offer(self, event: Event) -> list[Part]:
        """Show an event to the parts that may care; the ones for which something changed. Each event counts once."""
        # What begin() has read from the ledger, its listener may be told once more.
        if event.seq < self._next:
            return []
        self._next = event.seq + 1
        named = self._by_name.get((event.kind, event.name), ())
        unnamed = self._by_name.get((event.kind, None), ())
        if not named and not unnamed:
            return []
        if event.charger != self.scope.charger or not self.scope.window.holds(event.place, event.at):
            return []
        if event.at > self.deadline:
            return []
        changed = [part for part in named if part.offer(event)]
        changed += [part for part in unnamed if part not in named and part.offer(event)]
        return changed

    def doubt(self) -> str:
        """Why it cannot be judged: a matcher could not compare what came; empty when all could be compared."""
        for view in self._views.values():
            if view.doubt is not None:
                event, difference = view.doubt
                when = offset(event.at - self.scope.window.at)
                where = f"{view.spec.name} {difference.path}".rstrip()
                wanted, came = flow(difference.expected), flow(difference.actual)
                return f"{where}: {wanted} cannot judge {came}, which came at {when}: it {difference.reason}"
        return ""

    @property
    def facts(self) -> frozenset[str]:
        """The names of the facts that it looks at."""
        return frozenset(name for kind, name in self._by_name if kind == "fact" and name is not None)

    @property
    def parts(self) -> Sequence[Part]:
        """What is asked for."""
        return self._parts


def offset(seconds: float) -> str:
    """A time offset of fixed form: ``+1.500s``."""
    return f"{seconds:+.3f}s"


def seconds(value: float) -> str:
    """A duration for people: ``500ms``, ``30s``, ``90m``."""
    if value == inf:
        return "the whole scenario"
    if 0 < value < 1:
        return f"{round(value * 1000, 3):g}ms"
    if value >= 60 and value % 60 == 0:
        minutes = value / 60
        return f"{minutes:g}m" if minutes < 60 or minutes % 60 else f"{minutes / 60:g}h"
    return f"{round(value, 3):g}s"
