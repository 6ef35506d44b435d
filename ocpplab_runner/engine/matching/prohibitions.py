"""``never`` and ``throughout``: what must not come."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from ocpplab_runner.engine.matching.assignment import assign
from ocpplab_runner.engine.matching.part_factory import part_of
from ocpplab_runner.engine.matching.views import describe
from ocpplab_runner.engine.matching.watch import Problem, Scope, State, Watch, offset
from ocpplab_runner.engine.matching.windows import START
from ocpplab_runner.engine.recording.ledger import Ledger
from ocpplab_runner.plugin.events import Event
from ocpplab_runner.scenario.model import FacetExpectation, Prohibition
from ocpplab_runner.scenario.registry import FacetSpec


class ProhibitionWatch(Watch):
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
            # About nobody: the step's own card does not narrow what must not come.
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
                message = f"{text} must not come, and came at {offset(event.at - self.scope.window.at)}{self._whose()}"
                self.problem = Problem(message, (part,), None, event.seq)
                break
        return self.state

    def _whose(self) -> str:
        """Of several chargers which one it is, and what its times count from: each has a window of its own."""
        if len(self.ledger.chargers) < 2:
            return ""
        opener = self.scope.window.label
        began = "the first step" if opener == START else f"its {opener}" if opener else "the beginning of this step"
        return f" from charger {self.scope.charger} (counted from {began})"

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
