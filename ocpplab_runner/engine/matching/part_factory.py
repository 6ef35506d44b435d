"""From facets as written to the parts of an expectation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ocpplab_runner.engine.matching.contiguous import ContiguousPart
from ocpplab_runner.engine.matching.deciders import Decider, deciders_of
from ocpplab_runner.engine.matching.items import Item
from ocpplab_runner.engine.matching.lists import ListPart
from ocpplab_runner.engine.matching.ordered import OrderedPart
from ocpplab_runner.engine.matching.parts import DecisivePart, Part, SlotPart
from ocpplab_runner.engine.matching.views import View
from ocpplab_runner.scenario.model import FacetExpectation, Order


def part_of(
    facet: FacetExpectation,
    view: View,
    subject: Mapping[str, Any],
    *,
    order: Order = Order.CONTIGUOUS,
    decisive: bool = True,
    others: Sequence[Item] = (),
) -> Part:
    """The part for one facet of a mapping.

    Args:
        facet: as written.
        view: of its spec.
        subject: what the step is about, for decisive facets.
        order: of a sequence.
        decisive: False inside ``never``, where the first event decides nothing.
        others: items beside it that a decisive event may be instead.
    """
    decisive = view.spec.bound or (decisive and view.spec.decisive)
    if facet.sequence:
        items = items_of_facet(facet, view, subject)
        if order is Order.ANY and len(items) > 1:
            return SlotPart(items, deciders=deciders_of(items, ordered=False) if decisive else ())
        return _list_part(order)(items)
    item = Item.of(facet, view, facet.fields, subject)
    # That none comes is no question of the first one.
    deciders = [Decider(item, others)] if decisive and facet.count != 0 else []
    if facet.count is not None:
        return SlotPart([item], number=facet.count, exact=True, deciders=deciders)
    if facet.at_least is not None:
        return SlotPart([item], number=facet.at_least, deciders=deciders)
    if others or not decisive:
        return SlotPart([item], deciders=deciders)
    return DecisivePart(item)


def parts_of_list(
    facets: Sequence[tuple[FacetExpectation, View]], subject: Mapping[str, Any], order: Order
) -> list[Part]:
    """The parts for an ordered list: the list itself, and what has no place in it because none may come."""
    items: list[Item] = []
    counts: list[tuple[Item, int]] = []
    parts: list[Part] = []
    for facet, view in facets:
        if facet.sequence:
            items += items_of_facet(facet, view, subject)
            continue
        if facet.count == 0:
            parts.append(part_of(facet, view, subject))
            continue
        item = Item.of(facet, view, facet.fields, subject)
        items += [item] * items_of(facet)
        if facet.count is not None:
            counts.append((item, facet.count))
    return [_list_part(order)(items, counts), *parts] if items else parts


def items_of_facet(facet: FacetExpectation, view: View, subject: Mapping[str, Any]) -> list[Item]:
    """The different events that a facet asks for."""
    return [Item.of(facet, view, fields, subject) for fields in facet.sequence or (facet.fields,)]


def items_of(facet: FacetExpectation) -> int:
    """How many items an entry of an ordered list stands for."""
    if facet.sequence:
        return len(facet.sequence)
    number = facet.count if facet.count is not None else facet.at_least
    return 1 if number is None else number


def _list_part(order: Order) -> type[ListPart]:
    return OrderedPart if order is Order.GAPS else ContiguousPart
