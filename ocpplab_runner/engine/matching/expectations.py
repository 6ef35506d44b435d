"""The matcher: expectations and prohibitions that consume events. Sans-I/O; the caller feeds events and time.

How the engine uses it::

    windows.open(...); act; settled
    watch = ExpectationWatch(expectation, facets=registry.facets, ledger=ledger, scope=scope, started=t, within=30.0)
    watch.begin()                       # looks at what is already in the window
    unsubscribe = ledger.subscribe(watch.feed)
    ...                                 # at the deadline, once everything at that instant has run:
    watch.tick(ledger.watermark(charger, watch.facts))
    if watch.state is State.FAILED: explain.explain(watch, ledger)

An event is consumed when the whole expectation is met, never before: until then another one may take it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ocpplab_runner.engine.matching.assignment import assign
from ocpplab_runner.engine.matching.items import Item, Miss
from ocpplab_runner.engine.matching.lists import ListPart
from ocpplab_runner.engine.matching.part_factory import items_of, items_of_facet, part_of, parts_of_list
from ocpplab_runner.engine.matching.parts import Part, SlotPart
from ocpplab_runner.engine.matching.prohibitions import ProhibitionWatch
from ocpplab_runner.engine.matching.views import Binding, describe, flow
from ocpplab_runner.engine.matching.watch import Problem, Scope, State, Watch, offset, seconds
from ocpplab_runner.engine.recording.ledger import Ledger
from ocpplab_runner.plugin.events import Event
from ocpplab_runner.scenario.model import Expectation, FacetExpectation, Order
from ocpplab_runner.scenario.registry import FacetSpec

_MOST_MARKS = 5

__all__ = ["Binding", "ExpectationWatch", "Problem", "ProhibitionWatch", "Scope", "State"]


class ExpectationWatch(Watch):
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
        self._consumptions = ledger.consumptions
        self._part_of: list[tuple[FacetExpectation, Part]] = []
        about = scope.about
        if expectation.ordered and expectation.order is not Order.ANY:
            listed = [(facet, self._view(facet)) for facet in expectation.facets]
            for part in parts_of_list(listed, about, expectation.order):
                self._add(part)
        else:
            # In a fixed order, so that which events are consumed does not depend on how the mapping was written.
            for facet in sorted(expectation.facets, key=lambda one: (one.facet, repr(one.fields), repr(one.sequence))):
                part = part_of(
                    facet, self._view(facet), about, order=expectation.order, others=self._beside(facet, about)
                )
                self._part_of.append((facet, part))
                self._add(part)
        for part in self._parts:
            if isinstance(part, ListPart):
                part.contested = self._rivals(part) > 0

    def _beside(self, facet: FacetExpectation, about: Mapping[str, Any]) -> list[Item]:
        """What a decisive event may be instead of this facet's: the list's other entries for the same facet."""
        return [
            item
            for other in self.expectation.facets
            if other is not facet and other.facet == facet.facet and other.count != 0
            for item in items_of_facet(other, self._view(other), about)
        ]

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
                self._fail(self._overdue(self._lacking()))
        return self.state

    def _overdue(self, lacking: Sequence[Part]) -> Problem:
        """What is wrong when the deadline has come."""
        message = f"{self._missing_text(lacking)} within {seconds(self.within)}"
        sequence = lacking[0] if len(lacking) == 1 else None
        if not isinstance(sequence, ListPart) or not (found := sequence.broken(self._free)).matched:
            return Problem(message, tuple(lacking))
        if found.item == len(sequence.items):
            return (
                self._miscounted(sequence)
                or self._too_early(sequence, found.matched)
                or Problem(message, tuple(lacking))
            )
        item, number = sequence.items[found.item], found.item + 1
        if found.intruder is not None:
            other = self.ledger[found.intruder]
            what = " ".join(str(one) for one in (other.name, other.fields.get("is")) if one)
            came = self._when(found.matched[found.item])
            return Problem(
                f"the sequence is broken: item {number}, {item.text}, came at {came}, "
                f"but {what} stood before it (rule 5); in_order: true lets other events stand between",
                (sequence,),
                seq=found.intruder,
                note=f"stood between items {found.item} and {number}",
            )
        if found.early is not None:
            # Who has said `in_order` means the order.
            advice = "" if sequence.gaps else "; in_any_order: true loosens the order"
            return Problem(
                f"the sequence is broken: item {number}, {item.text}, came at {self._when(found.early)}, "
                f"before item {found.item} at {self._when(found.matched[-1])} (rule 5){advice}",
                (sequence,),
                seq=found.early,
                note=f"came before item {found.item}",
            )
        return Problem(message, (sequence,))

    def _too_early(self, part: ListPart, matched: Sequence[int]) -> Problem | None:
        """The first verdict, where only a later one stands in the sequence (rule 6)."""
        seq = next((one for one in part.first_of_all(self._free) if one not in matched), None)
        if seq is None:
            return None
        first = self.ledger[seq]
        what = " ".join(str(one) for one in (first.name, first.fields.get("is")) if one)
        via = f" via {first.fields['via']}" if "via" in first.fields else ""
        text = f"the sequence is broken: {what}{via} came first, at {self._when(seq)}, out of its order, and decides"
        return Problem(
            f"{text} (rule 6); name the later one by its via, or list the first too",
            (part,),
            seq=seq,
            note="the first decides",
        )

    def _miscounted(self, part: ListPart, most: int = 0) -> Problem | None:
        """The count of a list that too many events have come for."""
        over = part.overcount(self._free, most)
        return None if over is None else Problem(over[0], (part,), None, over[1])

    def _when(self, seq: int) -> str:
        return offset(self.ledger[seq].at - self.scope.window.at)

    @property
    def counts_all(self) -> bool:
        """Whether it asks how many events there are, so that each counts."""
        return any(part.waits_out for part in self._parts)

    def came(self) -> tuple[int, ...]:
        """The events that have come for what is asked, while it is not met; for people."""
        return tuple(sorted({seq for part in self._parts for seq in part.found(self._free)}))

    def _free(self, seq: int) -> bool:
        return not self.ledger.is_consumed(seq)

    def _evaluate(self, closing: bool = False) -> State:
        free = self._free
        # What another expectation has used since is no longer free, and what was found with it falls.
        if self._consumptions != self.ledger.consumptions:
            self._consumptions = self.ledger.consumptions
            for part in self._parts:
                part.restart()
        for part in self._parts:
            miss = part.miss(free)
            if miss is not None:
                return self._fail(Problem(_decided(miss), (part,), miss, miss.seq))
            # What is beyond a count may still be another part's.
            if isinstance(part, SlotPart) and part.surplus(free) > self._rivals(part):
                return self._fail(Problem(part.tally(free), (part,), None, part.last_found()))
            if isinstance(part, ListPart):
                over = self._miscounted(part, len(part.items) + self._rivals(part))
                if over is not None:
                    return self._fail(over)
        # An exact count is met when no more can come, and not before.
        if not closing and any(part.waits_out for part in self._parts):
            return self.state
        needs = []
        for part in self._parts:
            need = part.need(free)
            if (need.sequences is not None and not need.sequences) or not all(need.slots):
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
            other.size
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
        """The whole expectation for people, one facet a line; what has come is marked as such."""
        facets = self.expectation.facets
        ordered = self.expectation.ordered and self.expectation.order is not Order.ANY
        lines = [describe(facet) + self._mark(number, facet, ordered) for number, facet in enumerate(facets)]
        if ordered and len(lines) > 1:
            lines = [f"{number}. {line}" for number, line in enumerate(lines, 1)]
        return "\n".join(lines)

    def _mark(self, number: int, facet: FacetExpectation, ordered: bool) -> str:
        """When the events of a facet came, if not all of the expectation is lacking."""
        if ordered:
            sequence = self._parts[0]
            if not isinstance(sequence, ListPart):
                return ""
            first = sum(map(items_of, self.expectation.facets[:number]))
            came = sequence.found(self._free)[first : first + items_of(facet)]
        else:
            part = next(part for one, part in self._part_of if one is facet)
            if part.waits_out or (len(self._parts) == 1 and len(part.items) == 1):
                return ""
            came = part.found(self._free)
        if not came:
            return ""
        shown = ", ".join(map(self._when, came[:_MOST_MARKS])) + (", ..." if len(came) > _MOST_MARKS else "")
        return f" (came at {shown})"


def _decided(miss: Miss) -> str:
    name = miss.item.facet.facet
    first = miss.differences[0]
    if miss.item.view.spec.bound and first.path == "type":
        return f"{name}: the answer should be a {first.expected}, and is {first.actual}"
    where = f" {first.path}" if first.path not in ("", "is") else ""
    return f"{name}{where} should be {flow(first.expected)}, and is {flow(first.actual)}"
