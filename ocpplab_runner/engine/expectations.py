"""The matcher: expectations and prohibitions that consume events. Sans-I/O; the caller feeds events and time.

How the engine uses it::

    windows.open(...); act; settled
    watch = ExpectationWatch(expectation, facets=registry.facets, ledger=ledger, scope=scope, started=t, within=30.0)
    watch.begin()                       # looks at what is already in the window
    unsubscribe = ledger.subscribe(watch.feed)
    ...                                 # at the deadline, once everything at that instant has run:
    watch.tick(ledger.watermark())
    if watch.state is State.FAILED: explain.explain(watch, ledger)

An event is consumed when the whole expectation is met, never before: until then another one may take it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from typing import Any

from ocpplab_runner.engine.assignment import assign
from ocpplab_runner.engine.ledger import Ledger
from ocpplab_runner.engine.parts import Item, Miss, Part, SlotPart, chain_of, part_of
from ocpplab_runner.engine.views import Binding, View, describe, flow, view_of
from ocpplab_runner.engine.windows import Window
from ocpplab_runner.plugin.events import Event
from ocpplab_runner.scenario.model import Expectation, FacetExpectation, Prohibition
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
    """

    message: str
    parts: tuple[Part, ...] = ()
    miss: Miss | None = None
    seq: int | None = None


class _Watch:
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
        """Show an event to the parts that may care; the ones for which something changed."""
        if event.charger != self.scope.charger or not self.scope.window.holds(event.seq, event.at):
            return []
        if event.at > self.deadline:
            return []
        named = self._by_name.get((event.kind, event.name), ())
        unnamed = self._by_name.get((event.kind, None), ())
        changed = [part for part in named if part.offer(event)]
        changed += [part for part in unnamed if part not in named and part.offer(event)]
        return changed

    @property
    def parts(self) -> Sequence[Part]:
        """What is asked for."""
        return self._parts


class ExpectationWatch(_Watch):
    """A step's ``expect`` while it waits.

    Args:
        expectation: with every expression evaluated.
        facets: name → spec.
        ledger: where consumed events are marked.
        scope: which events count.
        started: when the deadline begins to run, seconds on the run's clock.
        within: the deadline, in seconds; one for the whole expectation (rule 4).

    Attributes:
        state: pending, met or failed; it never changes again once it is not pending.
        problem: why it failed.
        consumed: sequence numbers of the events that met it, ascending.
        captured: facet name → the fields of the (last) event that met it, for ``save``.
    """

    def __init__(
        self,
        expectation: Expectation,
        *,
        facets: Mapping[str, FacetSpec],
        ledger: Ledger,
        scope: Scope,
        started: float,
        within: float,
    ) -> None:
        super().__init__(facets=facets, ledger=ledger, scope=scope, started=started, lasts=within)
        self.expectation = expectation
        self.within = within
        self.consumed: tuple[int, ...] = ()
        self.captured: dict[str, Any] = {}
        about = scope.about
        if expectation.ordered and not expectation.in_any_order:
            if expectation.facets:
                self._add(chain_of([(facet, self._view(facet)) for facet in expectation.facets], about))
        else:
            # In a fixed order, so that which events are consumed does not depend on how the mapping was written.
            for facet in sorted(expectation.facets, key=lambda one: (one.facet, repr(one.fields), repr(one.sequence))):
                loose = expectation.in_any_order
                self._add(part_of(facet, self._view(facet), about, in_any_order=loose))

    def begin(self) -> State:
        """Look at what the window already holds."""
        unbound = self._unbound()
        if unbound is not None:
            return self._fail(Problem(unbound, tuple(self._parts)))
        for event in self.ledger.since(self.scope.window.seq):
            if not self.ledger.is_consumed(event.seq):
                self._offer(event)
        return self._evaluate()

    def _unbound(self) -> str | None:
        binding = self.scope.binding
        for part in self._parts:
            for item in part.items:
                spec = item.view.spec
                if spec.bound and spec.kind == "frame" and binding.message_id is None:
                    return f"{spec.name}: this step has sent no call that could be answered"
                if spec.bound and spec.kind == "command" and binding.command_seq is None:
                    return f"{spec.name}: this step has no outcome"
        return None

    def feed(self, event: Event) -> State:
        """Take the next event of the ledger."""
        if self.state is State.PENDING and self._offer(event):
            return self._evaluate()
        return self.state

    def tick(self, watermark: float) -> State:
        """Take notice of time.

        Args:
            watermark: the time up to which everything has arrived from every evidence source
                (:meth:`Ledger.watermark`). An event at the very deadline still counts, so the caller lets everything
                that can run at that instant run first.
        """
        if self.state is State.PENDING and watermark >= self.deadline:
            self._evaluate(closing=True)
            if self.state is State.PENDING:
                lacking = self._lacking()
                self._fail(Problem(f"{self._missing_text(lacking)} within {seconds(self.within)}", tuple(lacking)))
        return self.state

    def _free(self, seq: int) -> bool:
        return not self.ledger.is_consumed(seq)

    def _evaluate(self, closing: bool = False) -> State:
        free = self._free
        for part in self._parts:
            miss = part.miss(free)
            if miss is not None:
                return self._fail(Problem(_decided(miss), (part,), miss, miss.seq))
            if isinstance(part, SlotPart) and part.surplus(free) > self._rivals(part):
                return self._fail(Problem(part.tally(free), (part,), None, part.last_found()))
        if not closing and any(part.waits_out for part in self._parts):
            return self.state
        needs = []
        for part in self._parts:
            need = part.need(free)
            if (need.chains is not None and not need.chains) or not all(need.slots):
                return self.state
            needs.append(need)
        chosen = assign(needs)
        if chosen is None:
            return self.state
        self.state = State.MET
        self.consumed = tuple(sorted({seq for seqs in chosen for seq in seqs}))
        self.ledger.consume(self.consumed, self.scope.label)
        for part, seqs in zip(self._parts, chosen, strict=True):
            self._capture(part, seqs)
        return self.state

    def _rivals(self, part: Part) -> int:
        """How many events other parts of this expectation might take from the ones that ``part`` sees."""
        kinds = {(item.view.kind, item.view.spec.event) for item in part.items}
        return sum(
            len(other.items)
            for other in self._parts
            if other is not part and any((item.view.kind, item.view.spec.event) in kinds for item in other.items)
        )

    def _capture(self, part: Part, seqs: Sequence[int]) -> None:
        for seq in seqs:
            event = self.ledger[seq]
            for item in part.items:
                if item.is_met_by(event):
                    self.captured[item.facet.facet] = item.view.captured(event)

    def _lacking(self) -> list[Part]:
        return [part for part in self._parts if part.missing(self._free)] or self._parts

    def _missing_text(self, lacking: Sequence[Part]) -> str:
        counted = [part for part in lacking if isinstance(part, SlotPart) and part.waits_out]
        if counted and len(counted) == len(lacking):
            return ", ".join(part.tally(self._free) for part in counted)
        if all(not part.missing(self._free) for part in lacking):
            return "an event of its own for each of " + ", ".join(self._texts(lacking)) + " did not come"
        return ", ".join(self._texts(lacking)) + " did not come"

    def _texts(self, parts: Sequence[Part]) -> list[str]:
        return [part.missing(self._free) or part.items[0].text for part in parts]

    def _fail(self, problem: Problem) -> State:
        self.state = State.FAILED
        self.problem = problem
        return self.state

    def waiting_for(self) -> str:
        """What has not come yet, in one line; empty when nothing is lacking or it is decided."""
        if self.state is not State.PENDING:
            return ""
        lacking = [text for part in self._parts if (text := part.missing(self._free))]
        return "; ".join(lacking) or "an event of its own for each of " + ", ".join(self._texts(self._parts))

    def describe(self) -> str:
        """The whole expectation for people, one facet a line."""
        lines = [describe(facet) for facet in self.expectation.facets]
        if self.expectation.ordered and not self.expectation.in_any_order and len(lines) > 1:
            lines = [f"{number}. {line}" for number, line in enumerate(lines, 1)]
        return "\n".join(lines)


class ProhibitionWatch(_Watch):
    """A ``never`` (or ``throughout``) while it watches: met when its time is over, failed the moment it is broken.

    The past of its window counts as far as nobody has consumed it; what comes while it watches always counts.

    Args:
        prohibition: with every expression evaluated.
        facets, ledger, scope, started: as for :class:`ExpectationWatch`.
        lasts: seconds to watch; None until :meth:`finish`.
    """

    def __init__(
        self,
        prohibition: Prohibition,
        *,
        facets: Mapping[str, FacetSpec],
        ledger: Ledger,
        scope: Scope,
        started: float,
        lasts: float | None,
    ) -> None:
        super().__init__(
            facets=facets, ledger=ledger, scope=scope, started=started, lasts=inf if lasts is None else lasts
        )
        self.prohibition = prohibition
        self.lasts = lasts
        for facet in prohibition.facets:
            plain = facet
            if facet.count is not None:
                plain = FacetExpectation(facet.facet, facet.fields, at_least=max(facet.count, 1), span=facet.span)
            self._add(part_of(plain, self._view(facet), {}, decisive=False))

    def begin(self) -> State:
        """Look at what the window already holds and nobody has consumed."""
        for event in self.ledger.since(self.scope.window.seq):
            if not self.ledger.is_consumed(event.seq):
                self.feed(event)
        return self.state

    def feed(self, event: Event) -> State:
        """Take the next event of the ledger."""
        if self.state is not State.PENDING:
            return self.state
        for part in self._offer(event):
            if assign([part.need(_always)]) is not None:
                self.state = State.FAILED
                text = ", then ".join(item.text for item in part.items)
                after = event.at - self.scope.window.at
                message = f"{text} must not come, and came {seconds(after)} after the window opened"
                self.problem = Problem(message, (part,), None, event.seq)
                break
        return self.state

    def tick(self, watermark: float) -> State:
        """Take notice of time; ``watermark`` as for :meth:`ExpectationWatch.tick`."""
        if self.state is State.PENDING and watermark >= self.deadline:
            self.state = State.MET
        return self.state

    def finish(self) -> State:
        """What it watched is over (the end of ``steps`` for ``throughout``)."""
        if self.state is State.PENDING:
            self.state = State.MET
        return self.state

    def waiting_for(self) -> str:
        """What it watches for, in one line; empty when it is decided."""
        if self.state is not State.PENDING:
            return ""
        return "watching that there is no " + "; ".join(describe(facet) for facet in self.prohibition.facets)

    def describe(self) -> str:
        """The whole prohibition for people, one facet a line."""
        return "\n".join(f"never {describe(facet)}" for facet in self.prohibition.facets)


def _always(_seq: int) -> bool:
    return True


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


def _decided(miss: Miss) -> str:
    name = miss.item.facet.facet
    first = miss.differences[0]
    if miss.item.view.spec.bound and first.path == "type":
        return f"{name}: the answer should be a {first.expected}, and is {first.actual}"
    where = f" {first.path}" if first.path not in ("", "is") else ""
    return f"{name}{where} should be {flow(first.expected)}, and is {flow(first.actual)}"


__all__ = ["Binding", "ExpectationWatch", "Item", "Problem", "ProhibitionWatch", "Scope", "State", "seconds"]
