"""What cannot be judged because not all of it was seen: what is missing may have been there unseen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from ocpplab_runner import clock
from ocpplab_runner.engine.matching.expectations import ExpectationWatch, Problem, ProhibitionWatch, State
from ocpplab_runner.engine.matching.items import Item
from ocpplab_runner.engine.matching.lists import ListPart
from ocpplab_runner.engine.matching.parts import Part
from ocpplab_runner.plugin.abilities import may_miss
from ocpplab_runner.plugin.capabilities import Capabilities
from ocpplab_runner.plugin.events import Event
from ocpplab_runner.plugin.stage import Doubt, Stage
from ocpplab_runner.scenario.values import MISSING, matches
from ocpplab_runner.vocabulary.statuses import AuthorizationRoute

_FACT = "auth_status"
_TIED = "the log has both at the same time, and is in no order"
#: Verdicts that come with a transaction: another one has gone before, and may have been given unseen.
_LATER_ROUTES = frozenset(
    {
        AuthorizationRoute.START_TRANSACTION,
        AuthorizationRoute.STOP_TRANSACTION,
        AuthorizationRoute.TRANSACTION_EVENT,
    }
)


def why_unjudgeable(watch: ExpectationWatch, capabilities: Capabilities, stage: Stage) -> str | None:
    """Why nobody can say whether an expectation is met; None when it is as the watch has it.

    Args:
        watch: it is decided.
        capabilities: of the target, which may see no verdict of some routes at all.
        stage: it may have missed something.
    """
    if (tied := _of_unknown_order(watch)) is not None:
        return tied
    doubts = _doubts(watch, stage)
    if watch.state is not State.FAILED:
        counted = [part for part in watch.parts if part.waits_out]
        found = _first(doubts, [item for part in counted for item in part.items])
        return None if found is None else f"{_texts(counted)} cannot be counted: {found.reason}"
    problem = watch.problem
    if problem is None or not problem.parts:
        return None
    earlier = _may_have_been_earlier(watch)
    hidden = [route.value for route in AuthorizationRoute if route not in capabilities.routes]
    if earlier and hidden and _all(problem.parts, lambda item: _may_be_hidden(item, hidden)):
        unseen = f"the target cannot see a verdict via {', '.join(hidden)}"
        return f"{problem.message}; it may have been given unseen: {unseen}"
    if not earlier:
        doubts = [doubt for doubt in doubts if doubt.unknown] if _is_lacking(problem) else []
    found = _first(doubts, problem.parts[0].items)
    if found is None or not _all(problem.parts, lambda item: _first(doubts, [item]) is not None):
        return None
    return f"{problem.message}; it may have been given unseen: {found.reason}"


def why_not_absent(watch: ProhibitionWatch, stage: Stage) -> str | None:
    """Why nobody can say that what must not come has not come; None when it can be said.

    Args:
        watch: nothing has broken it.
        stage: it may have missed something.
    """
    found = _first(_doubts(watch, stage), [item for part in watch.parts for item in part.items])
    return None if found is None else f"that there is no {_texts(watch.parts)} cannot be said: {found.reason}"


def _of_unknown_order(watch: ExpectationWatch) -> str | None:
    """Why nobody can say whether something came in its order, or came first; None when that is known, or no matter."""
    if watch.state is not State.FAILED:
        for part in watch.parts:
            if isinstance(part, ListPart):
                events = [watch.ledger[seq] for seq in watch.consumed if _asks_for(part, watch.ledger[seq])]
                if any(_are_tied(one, other) for one, other in pairwise(events)):
                    return f"{_texts([part])} cannot be put in order: {_TIED}"
        return None
    problem = watch.problem
    if problem is None or problem.seq is None:
        return None
    decider = watch.ledger[problem.seq]
    others = watch.ledger.since(watch.scope.window.seq) if decider.tie is not None else ()
    for other in others:
        if other is not decider and _are_tied(other, decider) and any(_asks_for(one, other) for one in problem.parts):
            return f"{problem.message}; it may have been the other way round: {_TIED}"
    return None


def _asks_for(part: Part, event: Event) -> bool:
    return any(item.is_met_by(event) for item in part.items)


def _are_tied(one: Event, other: Event) -> bool:
    return one.tie is not None and one.tie == other.tie and one.charger == other.charger


def _may_have_been_earlier(watch: ExpectationWatch) -> bool:
    """Whether what is missing may have come unseen: nothing has decided, or a verdict that need not be the first."""
    assert watch.problem is not None
    if watch.problem.seq is None:
        return True
    decider = watch.ledger[watch.problem.seq]
    if decider.name != _FACT or decider.fields.get("via") not in _LATER_ROUTES:
        return False
    card = decider.fields.get("id_tag")
    before = watch.ledger.since(watch.scope.window.seq, decider.seq)
    return not any(
        event.name == _FACT and event.charger == decider.charger and matches(card, event.fields.get("id_tag"), "id_tag")
        for event in before
    )


def _is_lacking(problem: Problem) -> bool:
    """Whether the event that has decided is as wanted but for fields that it has not."""
    return problem.miss is not None and all(one.actual is MISSING for one in problem.miss.differences)


def _may_be_hidden(item: Item, hidden: Sequence[str]) -> bool:
    if item.view.spec.event != _FACT:
        return False
    return "via" not in item.stated or any(matches(item.stated["via"], route, "via") for route in hidden)


def _doubts(watch: ExpectationWatch | ProhibitionWatch, stage: Stage) -> Sequence[Doubt]:
    if not may_miss(stage):
        return ()
    return stage.doubts(watch.scope.charger, watch.scope.window.at, min(watch.deadline, clock.now()))


def _first(doubts: Sequence[Doubt], items: Sequence[Item]) -> Doubt | None:
    return next((doubt for doubt in doubts if any(_could_be(item, doubt) for item in items)), None)


def _could_be(item: Item, doubt: Doubt) -> bool:
    spec = item.view.spec
    if (spec.event or spec.name) != doubt.fact or (doubt.unknown and not doubt.unknown & item.wanted.keys()):
        return False
    return all(
        any(matches(item.wanted[name], value, name) for value in values)
        for name, values in doubt.fields.items()
        if name in item.wanted
    )


def _all(parts: Sequence[Part], holds: Callable[[Item], bool]) -> bool:
    """Of a sequence one item is enough: what comes after it is not looked for."""
    return all(any(map(holds, part.items)) for part in parts)


def _texts(parts: Sequence[Part]) -> str:
    return ", ".join(item.text for part in parts for item in part.items)
