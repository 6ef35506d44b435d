"""The eight rules of expectations, each held against random histories.

A history is a list of facts. Each property puts deliberately stale, duplicated or reordered events into it and holds
the matcher to a plain statement of the rule that was written without looking at it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise, permutations
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ocpplab_runner.engine.explaining.explain import explain
from ocpplab_runner.engine.matching.expectations import Binding, ExpectationWatch, State
from ocpplab_runner.plugin.events import Event
from ocpplab_runner.scenario.model import FacetExpectation, Order
from tests.engine.matcher_kit import World, facet
from tests.thoroughness import examples

STATUSES = ("Preparing", "Charging", "Faulted")
CARDS = ("A", "B")
VERDICTS = ("Accepted", "Blocked")
ROUTES = ("Authorize", "cache", "StartTransaction")

status_events = st.tuples(st.just("connector_status"), st.sampled_from(STATUSES), st.integers(1, 2))
auth_events = st.tuples(
    st.just("auth_status"), st.sampled_from(VERDICTS), st.sampled_from(CARDS), st.sampled_from(ROUTES)
)
beats = st.tuples(st.just("heartbeat"))
starts = st.tuples(st.just("transaction"), st.sampled_from(["started", "ended"]), st.integers(1, 2))
moves = status_events | auth_events | beats | starts
histories = st.lists(moves, max_size=10)

status_facets = st.builds(
    lambda value, evse: facet("connector_status", value, **({} if evse is None else {"evse_id": evse})),
    st.sampled_from(STATUSES),
    st.sampled_from([None, 1, 2]),
) | st.builds(lambda evse: facet("connector_status", evse_id=evse), st.integers(1, 2))
start_facets = st.builds(lambda value: facet("transaction", value), st.sampled_from(["started", "ended"]))
beat_facets = st.builds(lambda number: facet("heartbeat", at_least=number), st.integers(1, 3))
plain_facets = status_facets | start_facets | beat_facets
facet_sets = st.lists(plain_facets, min_size=1, max_size=4)


def put(world: World, move: tuple[Any, ...]) -> Event:
    """Record one move of a history."""
    name, *values = move
    if name == "connector_status":
        return world.status(*values)
    if name == "auth_status":
        return world.fact(name, is_=values[0], id_tag=values[1], via=values[2])
    if name == "transaction":
        return world.fact(name, is_=values[0], evse_id=values[1])
    return world.fact(name)


def fits(wanted: FacetExpectation, event: Event) -> bool:
    """The plain statement of what one event of a facet is."""
    return event.name == wanted.facet and all(event.fields.get(k) == v for k, v in wanted.fields.items())


def number_of(wanted: FacetExpectation) -> int:
    return wanted.count or wanted.at_least or 1


def can_be_met(facets: list[FacetExpectation], events: list[Event]) -> bool:
    """By trying every way to give each wanted event one of its own."""
    slots = [wanted for wanted in facets for _ in range(number_of(wanted))]
    if len(slots) > len(events):
        return False

    def place(index: int, used: frozenset[int]) -> bool:
        return index == len(slots) or any(
            event.seq not in used and fits(slots[index], event) and place(index + 1, used | {event.seq})
            for event in events
        )

    return place(0, frozenset())


# Rule 1


@given(st.lists(facet_sets, min_size=2, max_size=3), histories)
def test_1_no_event_is_used_twice(wanted: list[list[FacetExpectation]], history: list[Any]) -> None:
    """Whatever waits side by side, the events that were used are different ones, and each did fit its facet."""
    world = World()
    watches = [world.expect(*facets, ordered=True, order=Order.ANY, label=str(i)) for i, facets in enumerate(wanted)]
    for move in history:
        put(world, move)
    used = [seq for watch in watches for seq in watch.consumed]
    assert len(used) == len(set(used))
    for number, watch in enumerate(watches):
        if watch.state is State.MET:
            assert can_be_met(wanted[number], [world.ledger[seq] for seq in watch.consumed])
            assert {world.ledger.consumer(seq) for seq in watch.consumed} == {str(number)}
        else:
            assert watch.consumed == ()


# Rule 2


@given(histories, histories, facet_sets, st.lists(st.tuples(moves, st.integers(0, 10)), max_size=4))
def test_2_stale_events_change_nothing(
    stale: list[Any], history: list[Any], facets: list[FacetExpectation], late: list[tuple[Any, int]]
) -> None:
    """Events before the window, and late reports of such events, make no difference to the state at any moment."""
    fresh, burdened = World(), World()
    for world in (fresh, burdened):
        world.time = 0.0
    for move in stale:
        put(burdened, move)
    fresh.time = burdened.time = 100.0
    options: dict[str, Any] = {"ordered": True, "order": Order.ANY}
    plain = fresh.expect(*facets, window=fresh.window(), **options)
    watch = burdened.expect(*facets, window=burdened.window(), **options)
    for index, move in enumerate(history):
        put(fresh, move)
        for old, place in late:
            if place == index:
                burdened.time = 50.0
                put(burdened, old)
                burdened.time = 100.0
        put(burdened, move)
        assert watch.state is plain.state


# Rule 3

answers = st.tuples(
    st.sampled_from(["own", "other"]),
    st.sampled_from(["result", "error", "call"]),
    st.booleans(),
    st.sampled_from(["Accepted", "Rejected"]),
)


@given(st.lists(answers, max_size=8), st.sampled_from(["response", "call_error"]))
def test_3_only_the_first_own_answer_counts(frames: list[tuple[str, str, bool, str]], name: str) -> None:
    """Answers with other ids, in the other direction, duplicates and calls decide nothing."""
    world = World()
    wanted = facet("response", status="Accepted") if name == "response" else facet("call_error", "Accepted")
    watch = world.expect(wanted, binding=Binding(message_id="own"))
    for message_id, kind, up, value in frames:
        more = {"error_code": value} if kind == "error" else {}
        world.frame("Reset", kind, {"status": value}, message_id=message_id, up=up, **more)
    own = [f for f in frames if f[0] == "own" and f[1] != "call" and f[2]]
    kind = "result" if name == "response" else "error"
    expected = State.PENDING if not own else State.MET if own[0][1:] == (kind, True, "Accepted") else State.FAILED
    assert watch.state is expected


# Rule 4


@given(st.lists(st.tuples(moves, st.integers(0, 20), st.integers(0, 15)), max_size=8), facet_sets)
def test_4_only_what_happened_in_time_counts(history: list[Any], facets: list[FacetExpectation]) -> None:
    """An event counts by the time at which it happened, however late its evidence; after the deadline none does."""
    world = World()
    watch = world.expect(*facets, within=10.0, ordered=True, order=Order.ANY)
    for move, happened, lag in sorted(history, key=lambda entry: (entry[1] + entry[2], entry[1])):
        world.time, world.lag = float(happened + lag), float(lag)
        put(world, move)
    in_time = [event for event in world.ledger.since(0) if event.at <= 10]
    watch.tick(9.99)
    assert watch.state is (State.MET if can_be_met(facets, in_time) else State.PENDING)
    watch.tick(10.0)
    assert watch.state is (State.MET if can_be_met(facets, in_time) else State.FAILED)


@given(histories, histories, st.sampled_from(STATUSES), st.booleans())
def test_4_never_is_broken_by_exactly_what_it_forbids(
    past: list[Any], future: list[Any], value: str, used: bool
) -> None:
    """The unconsumed past of the window and everything to come, and nothing else."""
    world = World()
    for move in past:
        put(world, move)
    forbidden = facet("connector_status", value)
    if used:
        while world.expect(forbidden).state is State.MET:
            pass
    watch = world.never(forbidden)
    broken = not used and any(move[:2] == ("connector_status", value) for move in past)
    for move in future:
        assert (watch.state is State.FAILED) is broken
        put(world, move)
        broken = broken or move[:2] == ("connector_status", value)
    assert watch.tick(30.0) is (State.FAILED if broken else State.MET)


# Rule 5


@given(facet_sets, histories, st.randoms(use_true_random=False))
def test_5_the_order_of_a_mapping_makes_no_difference(
    facets: list[FacetExpectation], history: list[Any], random: Any
) -> None:
    """Written in any order, a mapping has the same state after each event and uses the same events."""
    other = list(facets)
    random.shuffle(other)
    world, shuffled = World(), World()
    options: dict[str, Any] = {"ordered": True, "order": Order.ANY}
    first, second = world.expect(*facets, **options), shuffled.expect(*other, **options)
    for move in history:
        put(world, move)
        put(shuffled, move)
        assert first.state is second.state
    assert first.consumed == second.consumed


@given(facet_sets, histories, histories)
def test_5_the_past_of_the_window_counts_like_what_comes(
    facets: list[FacetExpectation], past: list[Any], future: list[Any]
) -> None:
    """An expectation that begins in the middle ends like one that was there from the start."""
    early, late = World(), World()
    options: dict[str, Any] = {"ordered": True, "order": Order.ANY}
    first = early.expect(*facets, **options)
    for move in past:
        put(early, move)
        put(late, move)
    second = late.expect(*facets, **options)
    assert first.state is second.state
    for move in future:
        put(early, move)
        put(late, move)
        assert first.state is second.state


@given(facet_sets, histories)
def test_5_a_mapping_is_met_as_soon_as_it_can_be(facets: list[FacetExpectation], history: list[Any]) -> None:
    """A facet that could use several events never takes the one that another needs."""
    world = World()
    watch = world.expect(*facets, ordered=True, order=Order.ANY)
    for move in history:
        put(world, move)
        possible = can_be_met(facets, list(world.ledger.since(0)))
        assert (watch.state is State.MET) is possible
        if possible:
            break


@given(
    st.lists(status_events, max_size=8), st.integers(0, 8), st.lists(st.sampled_from(STATUSES), min_size=2, max_size=3)
)
def test_5_a_list_is_contiguous_for_one_connector(history: list[Any], before: int, wanted: list[str]) -> None:
    """Met exactly when the statuses of some one connector contain the list without a gap."""
    world = World()
    for move in history[:before]:
        put(world, move)
    watch = world.expect(facet("connector_status", *wanted))
    for move in history[before:]:
        put(world, move)
    runs = [[move[1] for move in history if move[2] == evse] for evse in (1, 2)]
    length = len(wanted)
    met = any(run[i : i + length] == wanted for run in runs for i in range(len(run) - length + 1))
    assert (watch.state is State.MET) is met


@given(st.lists(status_events | starts, max_size=8), st.permutations(["started", "Charging", "Preparing"]))
def test_5_a_list_of_facets_is_contiguous(history: list[Any], wanted: list[str]) -> None:
    """Met exactly when the events of the named facets on some EVSE contain the list; other facets do not matter."""
    world = World()
    facets = [facet("transaction" if value == "started" else "connector_status", value) for value in wanted]
    watch = world.expect(*facets, ordered=True)
    for move in history:
        put(world, move)
        world.fact("heartbeat")
    runs = [[move[1] for move in history if move[2] == evse] for evse in (1, 2)]
    met = any(run[i : i + 3] == wanted for run in runs for i in range(len(run) - 2))
    assert (watch.state is State.MET) is met


@given(st.integers(0, 4), st.integers(0, 6))
def test_5_count_is_exact_and_at_least_is_early(wanted: int, came: int) -> None:
    """One duplicated event too many fails a count; at_least is met by the event that makes it full."""
    world = World()
    exact = world.expect(facet("heartbeat", count=wanted))
    other = World()
    least = other.expect(facet("heartbeat", at_least=wanted or 1))
    for number in range(1, came + 1):
        world.fact("heartbeat")
        other.fact("heartbeat")
        assert (least.state is State.MET) is (number >= (wanted or 1))
        assert exact.state is (State.FAILED if number > wanted else State.PENDING)
    exact.tick(30.0)
    assert exact.state is (State.MET if came == wanted else State.FAILED)


list_entries = (
    st.builds(
        lambda value, evse: facet("connector_status", value, **({} if evse is None else {"evse_id": evse})),
        st.sampled_from(STATUSES[:2]),
        st.sampled_from([None, 1, 2]),
    )
    | start_facets
    | st.builds(
        lambda name, number: facet("heartbeat", **{name: number}),
        st.sampled_from(["count", "at_least"]),
        st.integers(1, 2),
    )
)
list_moves = st.tuples(st.just("connector_status"), st.sampled_from(STATUSES[:2]), st.integers(1, 2)) | beats | starts


def list_can_be_met(facets: list[FacetExpectation], events: list[Event], order: Order, *, over: bool) -> bool:
    """The plain statement of a list, by trying every choice of events."""
    items = [one for one in facets for _ in range(number_of(one))]
    counted = [one for one in facets if one.count is not None]
    if counted and not over:
        return False
    choose = permutations if order is Order.ANY else combinations
    return any(
        all(fits(item, event) for item, event in zip(items, chosen, strict=True))
        and all(event in chosen for one in counted for event in events if fits(one, event))
        and (order is Order.ANY or about_one(items, chosen))
        and (order is not Order.CONTIGUOUS or nothing_between(events, chosen))
        for chosen in choose(events, len(items))
    )


def about_one(items: list[FacetExpectation], chosen: Sequence[Event]) -> bool:
    """Neighbours that have an EVSE are about the same one, unless both items name it."""
    placed = [(item, event) for item, event in zip(items, chosen, strict=True) if "evse_id" in event.fields]
    return all(
        a.fields["evse_id"] == b.fields["evse_id"] or ("evse_id" in first.fields and "evse_id" in second.fields)
        for (first, a), (second, b) in pairwise(placed)
    )


def nothing_between(events: list[Event], chosen: Sequence[Event]) -> bool:
    """No other event of the same facet and EVSE as one of the chosen."""
    about = {(event.name, event.fields.get("evse_id")) for event in chosen}
    between = [event for event in events if chosen[0].seq < event.seq < chosen[-1].seq and event not in chosen]
    return all((event.name, event.fields.get("evse_id")) not in about for event in between)


@st.composite
def nearly_met_lists(draw: st.DrawFn) -> tuple[list[FacetExpectation], list[Any]]:
    """A list, and a history with an event for each of its items, with others put in between."""
    facets = draw(st.lists(list_entries, min_size=1, max_size=3))
    evse = draw(st.integers(1, 2))
    history: list[Any] = []
    for one in facets:
        move = (one.facet, one.fields["is"], one.fields.get("evse_id", evse)) if one.fields else (one.facet,)
        history += [move] * number_of(one)
    for move, place in draw(st.lists(st.tuples(list_moves, st.integers(0, len(history))), max_size=3)):
        history.insert(place, move)
    return facets, history


@given(nearly_met_lists(), st.integers(0, 7), st.sampled_from(list(Order)))
@settings(max_examples=examples(600), deadline=None)
def test_5_a_list_means_what_it_says(
    asked: tuple[list[FacetExpectation], list[Any]], before: int, order: Order
) -> None:
    """Contiguous, in order and in any order, with exact and least numbers: met exactly when some choice does."""
    facets, history = asked
    world = World()
    for move in history[:before]:
        put(world, move)
    watch = world.expect(*facets, ordered=True, order=order)
    for move in history[before:]:
        put(world, move)
        if watch.state is State.PENDING:
            assert not list_can_be_met(facets, list(world.ledger.since(0)), order, over=False)
    events = list(world.ledger.since(0))
    early = watch.state is State.MET
    watch.tick(30.0)
    counted = any(one.count is not None for one in facets)
    assert not (early and counted)
    if not early:
        assert (watch.state is State.MET) is list_can_be_met(facets, events, order, over=True)
    else:
        assert list_can_be_met(facets, [e for e in events if e.seq <= max(watch.consumed)], order, over=True)


# Rule 6


@given(
    st.lists(auth_events, max_size=6), st.integers(0, 6), st.sampled_from(VERDICTS), st.sampled_from([None, *ROUTES])
)
def test_6_the_first_verdict_decides(history: list[Any], before: int, wanted: str, via: str | None) -> None:
    """A better verdict after the first one never saves it, and another card's decides nothing."""
    world = World()
    more = {} if via is None else {"via": via}
    window = world.window(id_tag="a")
    for move in history[:before]:
        put(world, move)
    watch = world.expect(facet("auth_status", wanted, **more), window=window)
    for move in history[before:]:
        put(world, move)
    own = [move for move in history if move[2] == "A" and via in (None, move[3])]
    expected = State.PENDING if not own else State.MET if own[0][1] == wanted else State.FAILED
    assert watch.state is expected


# Rule 7 is held by the properties of test_values.py; here that facets go by it.


@given(st.sampled_from(["card-1", "CARD-1", "Card-1", "card-2"]), st.integers(0, 3), st.booleans())
def test_7_values_decide_as_written(card: str, meter: int, as_float: bool) -> None:
    """Card without letter case, number by value, and a text is no number."""
    world = World()
    world.fact("transaction", is_="started", id_tag=card, meter_wh=float(meter) if as_float else meter)
    assert (world.expect(facet("transaction", "started", id_tag="CaRd-1", meter_wh=2)).state is State.MET) is (
        card.casefold() == "card-1" and meter == 2
    )
    assert world.expect(facet("transaction", "started", meter_wh=str(meter))).state is State.PENDING


# Rule 8


def explained(watch: ExpectationWatch) -> dict[str, Any]:
    info: dict[str, Any] = dict(explain(watch))
    return info


@given(facet_sets, histories)
def test_8_every_failure_explains_itself(facets: list[FacetExpectation], history: list[Any]) -> None:
    """A message of one line; a nearest miss that differs, is used up or is stale; every event of the window listed."""
    world = World()
    watch = world.expect(*facets, ordered=True, order=Order.ANY)
    for move in history:
        put(world, move)
    if watch.state is State.PENDING:
        assert watch.waiting_for()
    watch.tick(30.0)
    assume(watch.state is State.FAILED)
    info = explained(watch)
    assert "\n" not in info["message"]
    assert len(info["arrived"]) == len(history)
    lacking = [wanted for wanted in facets if any(move[0] == wanted.facet for move in history)]
    for wanted in facets:
        assert wanted.facet in info["expected"]
    if "nearest" in info:
        assert lacking
        assert info["diff"]
    assert all(line.isascii() for line in (*info["arrived"], *info["sequence"], info["message"]))


@given(st.lists(plain_facets, min_size=3, max_size=3), histories)
def test_verdicts_are_the_same_for_every_order(facets: list[FacetExpectation], history: list[Any]) -> None:
    """All six ways to write three facets end alike."""
    ends = set()
    for order in permutations(facets):
        world = World()
        watch = world.expect(*order, ordered=True, order=Order.ANY)
        for move in history:
            put(world, move)
        watch.tick(30.0)
        ends.add((watch.state, watch.consumed))
    assert len(ends) == 1
