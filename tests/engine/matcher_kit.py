"""What the matcher's tests share: a ledger with a hand-set clock, and short ways to write events and expectations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner.engine.matching.expectations import Binding, ExpectationWatch, ProhibitionWatch, Scope
from ocpplab_runner.engine.matching.windows import Window
from ocpplab_runner.engine.recording.ledger import Ledger
from ocpplab_runner.plugin.events import Event, EventKind, Observation
from ocpplab_runner.scenario.model import Expectation, FacetExpectation, Prohibition
from ocpplab_runner.scenario.registry import FacetSpec
from ocpplab_runner.steps import blocks

FACETS: dict[str, FacetSpec] = {spec.name: spec for spec in blocks.FACETS}


class World:
    """A ledger and its clock; facts arrive ``lag`` seconds after they have happened."""

    def __init__(self) -> None:
        self.time = 0.0
        self.lag = 0.0
        self.ledger = Ledger(now=lambda: self.time)

    def put(self, kind: EventKind, name: str, fields: Mapping[str, Any], charger: str = "charger") -> Event:
        """Record an event now."""
        return self.ledger.record(Observation(kind, name, charger, self.time, fields))

    def fact(self, name: str, *, charger: str = "charger", at: float | None = None, **fields: Any) -> Event:
        """A fact; ``is_`` stands for its ``is``, ``at`` for an earlier time than now."""
        if "is_" in fields:
            fields = {"is": fields.pop("is_"), **fields}
        return self.ledger.record(
            Observation("fact", name, charger, self.time - self.lag if at is None else at, fields)
        )

    def status(self, status: str, evse_id: int = 1, **more: Any) -> Event:
        """A connector_status fact."""
        return self.fact("connector_status", is_=status, evse_id=evse_id, connector_id=1, **more)

    def frame(
        self,
        action: str,
        kind: str = "call",
        payload: Any = None,
        *,
        message_id: str = "m",
        up: bool = True,
        **more: Any,
    ) -> Event:
        """An OCPP frame, from the charger unless ``up`` is False."""
        direction = "to_csms" if up else "to_charger"
        return self.put(
            "frame",
            action,
            {"direction": direction, "type": kind, "message_id": message_id, "payload": payload or {}, **more},
        )

    def window(self, **subject: Any) -> Window:
        """A window that opens now."""
        return Window(self.ledger.position, self.time, "step 1", subject)

    def expect(self, *facets: FacetExpectation, window: Window | None = None, **options: Any) -> ExpectationWatch:
        """An expectation that has begun now and listens; options of Expectation, and binding, within, label."""
        binding = options.pop("binding", Binding())
        within = options.pop("within", 30.0)
        label = options.pop("label", "step 1")
        scope = Scope("charger", window or Window(0, 0.0), binding, None, label)
        watch = ExpectationWatch(
            Expectation(facets, **options),
            facets=FACETS,
            ledger=self.ledger,
            scope=scope,
            started=self.time,
            within=within,
        )
        watch.begin()
        self.ledger.subscribe(watch.feed)
        return watch

    def never(
        self, *facets: FacetExpectation, window: Window | None = None, lasts: float | None = 30.0
    ) -> ProhibitionWatch:
        """A prohibition that has begun now and listens."""
        scope = Scope("charger", window or Window(0, 0.0))
        watch = ProhibitionWatch(
            Prohibition(facets), facets=FACETS, ledger=self.ledger, scope=scope, started=self.time, lasts=lasts
        )
        watch.begin()
        self.ledger.subscribe(watch.feed)
        return watch


def facet(name: str, *sequence: Any, count: int | None = None, at_least: int | None = None, **fields: Any) -> Any:
    """``facet("connector_status", "Charging", evse_id=1)``; several values make a sequence."""
    if len(sequence) > 1:
        items = tuple(one if isinstance(one, Mapping) else {"is": one} for one in sequence)
        return FacetExpectation(name, {}, sequence=items)
    if sequence:
        fields = {"is": sequence[0], **fields}
    return FacetExpectation(name, fields, count=count, at_least=at_least)
