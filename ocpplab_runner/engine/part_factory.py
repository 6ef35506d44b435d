"""From facets as written to the parts of an expectation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ocpplab_runner.engine.chains import ChainPart
from ocpplab_runner.engine.parts import DecisivePart, Item, Part, SlotPart
from ocpplab_runner.engine.views import View
from ocpplab_runner.scenario.model import FacetExpectation


def part_of(
    facet: FacetExpectation,
    view: View,
    subject: Mapping[str, Any],
    *,
    in_any_order: bool = False,
    decisive: bool = True,
) -> Part:
    """The part for one facet of a mapping.

    Args:
        facet: as written.
        view: of its spec.
        subject: what the step is about, for decisive facets.
        in_any_order: loosens a sequence.
        decisive: False inside ``never``, where the first event decides nothing.
    """
    if facet.sequence:
        items = [Item.of(facet, view, fields, subject) for fields in facet.sequence]
        return SlotPart(items) if in_any_order and len(items) > 1 else ChainPart(items)
    item = Item.of(facet, view, facet.fields, subject)
    if facet.count is not None:
        return SlotPart([item], number=facet.count, exact=True)
    if facet.at_least is not None:
        return SlotPart([item], number=facet.at_least)
    if view.spec.bound or (decisive and view.spec.decisive):
        return DecisivePart(item)
    return SlotPart([item])


def chain_of(facets: Sequence[tuple[FacetExpectation, View]], subject: Mapping[str, Any]) -> Part:
    """The part for an ordered list; an entry that asks for n events, or for a sequence, stands for them all."""
    items: list[Item] = []
    for facet, view in facets:
        if facet.sequence:
            items += [Item.of(facet, view, fields, subject) for fields in facet.sequence]
            continue
        items += [Item.of(facet, view, facet.fields, subject)] * items_of(facet)
    return ChainPart(items)


def items_of(facet: FacetExpectation) -> int:
    """How many items an entry of an ordered list stands for."""
    if facet.sequence:
        return len(facet.sequence)
    number = facet.count if facet.count is not None else facet.at_least
    return 1 if number is None else number
