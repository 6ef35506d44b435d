"""One event that is asked for, and the decision against it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ocpplab_runner.engine.matching.views import View, describe_fields
from ocpplab_runner.plugin.events import Event
from ocpplab_runner.scenario.model import FacetExpectation
from ocpplab_runner.scenario.values import Difference, is_unsure

Free = Callable[[int], bool]


@dataclass(frozen=True, slots=True)
class Item:
    """One event that is asked for.

    Attributes:
        facet: as the scenario writes it, for people.
        view: how it looks at events.
        wanted: fields as the view compares them.
        stated: the fields that the scenario names, and the subject that it means.
    """

    facet: FacetExpectation
    view: View
    wanted: Mapping[str, Any]
    stated: Mapping[str, Any]

    @classmethod
    def of(cls, facet: FacetExpectation, view: View, fields: Mapping[str, Any], subject: Mapping[str, Any]) -> Item:
        """An item from a facet's fields; a decisive facet is about the step's own subject unless it says otherwise."""
        stated = dict(fields)
        if view.spec.decisive:
            for name in view.spec.subject:
                if name in subject:
                    stated.setdefault(name, subject[name])
        return cls(facet, view, view.wanted(stated), stated)

    def differences(self, event: Event) -> list[Difference]:
        """What keeps the event from being this one; the view remembers the first of which nobody can say."""
        found = self.view.differences(self.wanted, event)
        if found and is_unsure(found):
            self.view.doubt_at(event, found[0])
        return found

    def is_met_by(self, event: Event) -> bool:
        """Whether the event is this one."""
        return self.view.sees(event) and not self.differences(event)

    @property
    def text(self) -> str:
        """For people."""
        return f"{self.facet.facet} {describe_fields(self.stated)}".rstrip()


@dataclass(frozen=True, slots=True)
class Miss:
    """A decision against the expectation: which event made it, and why."""

    item: Item
    seq: int
    differences: tuple[Difference, ...]
