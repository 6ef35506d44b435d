"""Lists: contiguous, ordered with gaps (``in_order``), exact counts and decisive events in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ocpplab_runner.engine.explaining.explain import explain
from ocpplab_runner.engine.matching.expectations import Binding, ExpectationWatch, State
from ocpplab_runner.plugin.events import Event
from ocpplab_runner.scenario.model import Order
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.engine.matcher_kit import World, facet
from tests.engine.suite_kit import run_texts


def end(watch: ExpectationWatch) -> State:
    """How it stands once its deadline has come."""
    return watch.tick(watch.deadline)


def exchange(world: World, action: str, message_id: str, payload: Any = None, *, up: bool = True) -> list[Event]:
    """A call and its answer."""
    return [
        world.frame(action, "call", payload, message_id=message_id, up=up),
        world.frame(action, "result", message_id=message_id, up=not up),
    ]


# What is no intruder.


def test_the_answer_to_an_items_call_is_no_intruder() -> None:
    """An answer is named for one action; the answer to another item's call does not stand in the way."""
    world = World()
    watch = world.expect(
        facet("message", {"action": "RemoteStopTransaction", "type": "result"}, {"action": "StopTransaction"}),
        facet("message", action="StatusNotification"),
        ordered=True,
    )
    exchange(world, "RemoteStopTransaction", "a", up=False)
    exchange(world, "StopTransaction", "b")
    exchange(world, "StatusNotification", "c")
    assert watch.consumed == (1, 2, 4)


def test_the_answer_is_no_intruder_where_the_list_names_answers_of_that_action() -> None:
    """Two calls, and the second one's answer: the first one's answer belongs to an item."""
    world = World()
    watch = world.expect(
        facet("message", {"action": "Authorize"}, {"action": "Authorize"}, {"action": "Authorize", "type": "result"})
    )
    exchange(world, "Authorize", "a")
    exchange(world, "Authorize", "b")
    assert watch.consumed == (0, 2, 3)


def test_the_call_of_an_items_answer_is_no_intruder() -> None:
    """Two answers in a row: the call of the second cannot but stand between."""
    world = World()
    watch = world.expect(
        facet(
            "message",
            {"action": "Authorize"},
            {"action": "Authorize", "type": "result"},
            {"action": "Authorize", "type": "result"},
        )
    )
    exchange(world, "Authorize", "a")
    exchange(world, "Authorize", "b")
    assert watch.consumed == (0, 1, 3)


def reported(status: str) -> dict[str, Any]:
    """The payload of a StatusNotification."""
    return {"connectorId": 1, "errorCode": "NoError", "status": status}


def test_a_messages_own_fact_is_no_intruder() -> None:
    """Neither the fact that an item's message shows, nor the message that shows an item's fact."""
    world = World()
    world.ledger.add_charger("charger", OcppVersion.V16)
    watch = world.expect(
        facet("message", action="StatusNotification", payload={"status": "Preparing"}),
        facet("connector_status", "Charging"),
        ordered=True,
    )
    exchange(world, "StatusNotification", "a", reported("Preparing"))
    exchange(world, "StatusNotification", "b", reported("Charging"))
    assert watch.state is State.MET


def test_an_answers_own_fact_is_no_intruder() -> None:
    """Between an answer and the verdict of the next stands the verdict that the answer itself gives."""
    world = World()
    world.ledger.add_charger("charger", OcppVersion.V16)
    watch = world.expect(
        facet("message", action="BootNotification", type="result", payload={"status": "Pending"}),
        facet("boot", "Accepted"),
        ordered=True,
    )
    for message_id, status in (("a", "Pending"), ("b", "Accepted")):
        boot = {"chargePointVendor": "v", "chargePointModel": "m"}
        answer = {"status": status, "interval": 300, "currentTime": "2026-01-01T00:00:00Z"}
        world.frame("BootNotification", "call", boot, message_id=message_id)
        world.frame("BootNotification", "result", answer, message_id=message_id, up=False)
    assert watch.state is State.MET, explain(watch)["message"]


def test_another_call_of_the_same_action_is_an_intruder() -> None:
    """Only what belongs to an item may stand between."""
    world = World()
    watch = world.expect(
        facet("message", {"action": "StatusNotification", "payload": {"status": "Preparing"}}, {"action": "Authorize"})
    )
    exchange(world, "StatusNotification", "a", {"status": "Preparing"})
    exchange(world, "StatusNotification", "b", {"status": "Charging"})
    exchange(world, "Authorize", "c")
    assert end(watch) is State.FAILED
    assert "StatusNotification stood before it" in explain(watch)["message"]


def test_two_facts_of_one_message_are_two() -> None:
    """Another reading of the same message is another event of the same facet and subject."""
    world = World()
    world.ledger.add_charger("charger", OcppVersion.V16)
    watch = world.expect(facet("meter", {"energy_wh": 0}, {"energy_wh": 10}))
    for message_id, readings in (("a", ("0", "5")), ("b", ("10",))):
        values = [{"timestamp": "2026-01-01T00:00:00Z", "sampledValue": [{"value": value}]} for value in readings]
        exchange(world, "MeterValues", message_id, {"connectorId": 1, "meterValue": values})
    assert [event.fields["energy_wh"] for event in world.ledger.since(0) if event.name == "meter"] == [0, 5, 10]
    assert end(watch) is State.FAILED


# Ordered with gaps.


def test_in_order_lets_others_stand_between() -> None:
    """What breaks a contiguous list does not break this one."""
    world = World()
    wanted = facet("connector_status", "Preparing", "Finishing")
    gaps, contiguous = world.expect(wanted, order=Order.GAPS, label="a"), world.expect(wanted, label="b")
    for status in ("Preparing", "Charging", "Finishing"):
        world.status(status)
    assert gaps.consumed == (0, 2)
    assert contiguous.state is State.PENDING


def test_in_order_keeps_the_order() -> None:
    """The other way round is not met, and the text says which item came too early."""
    world = World()
    watch = world.expect(facet("boot", "Accepted"), facet("connection", "closed"), ordered=True, order=Order.GAPS)
    world.fact("connection", is_="closed")
    world.time = 1.0
    world.fact("boot", is_="Accepted")
    assert end(watch) is State.FAILED
    assert explain(watch)["message"] == (
        "the sequence is broken: item 2, connection closed, came at +0.000s, before item 1 at +1.000s (rule 5)"
    )


def test_in_order_is_about_one_subject() -> None:
    """An item that does not name its connector means that of the item before."""
    world = World()
    watch = world.expect(facet("connector_status", "Preparing", "Charging"), order=Order.GAPS)
    world.status("Preparing", 1)
    world.status("Charging", 2)
    assert watch.state is State.PENDING
    world.status("Preparing", 2)
    world.status("Faulted", 2)
    world.status("Charging", 2)
    assert watch.consumed == (2, 4)


def test_in_order_takes_late_reports_where_they_belong() -> None:
    """An event that is reported late stands where it happened."""
    world = World()
    watch = world.expect(facet("boot", "Accepted"), facet("connection", "closed"), ordered=True, order=Order.GAPS)
    world.time = 2.0
    world.fact("connection", is_="closed")
    assert watch.state is State.PENDING
    world.fact("boot", is_="Accepted", at=1.0)
    assert watch.state is State.MET


def test_in_order_does_without_what_another_expectation_has_used() -> None:
    """A used event is gone, also when the list had counted on it."""
    world = World()
    watch = world.expect(facet("connector_status", "Preparing", "Charging"), order=Order.GAPS)
    world.status("Preparing")
    world.expect(facet("connector_status", "Preparing"), label="other")
    world.status("Charging")
    assert watch.state is State.PENDING
    world.status("Preparing")
    world.status("Charging")
    assert watch.consumed == (2, 3)


def test_in_order_leaves_an_event_to_a_facet_that_needs_it() -> None:
    """The list takes another one where two facets look at the same events."""
    world = World()
    watch = world.expect(
        facet("message", {"action": "Reset", "type": "result"}, {"action": "BootNotification"}),
        facet("response", status="Accepted"),
        order=Order.GAPS,
        binding=Binding(message_id="a"),
    )
    world.frame("Reset", "result", {"status": "Accepted"}, message_id="a")
    world.frame("Reset", "result", {"status": "Accepted"}, message_id="b")
    world.frame("BootNotification", message_id="c")
    assert watch.consumed == (0, 1, 2)


@pytest.mark.parametrize(
    ("order", "statuses"),
    [(Order.GAPS, ("Charging", "Faulted", "Charging")), (Order.CONTIGUOUS, ("Preparing", "Faulted", "Charging"))],
)
def test_a_long_stream_costs_no_more_per_event(order: Order, statuses: tuple[str, ...]) -> None:
    """Events that could be items and never make the list: the number of steps grows with them, no faster."""
    steps = []
    for number in (1_000, 2_000):
        world = World()
        watch = world.expect(facet("connector_status", "Preparing", "Charging"), order=order)
        if order is Order.GAPS:
            watch = world.expect(facet("connector_status", "Charging", "Preparing", "Finishing"), order=order)
        counted = Counted()
        with counted:
            for place in range(number):
                world.status(statuses[place % 3])
        assert watch.state is State.PENDING
        steps.append(counted.calls)
    assert steps[1] < 2.2 * steps[0]


def test_a_used_intruder_is_none() -> None:
    """What another expectation has used meanwhile does not stand in the way, as if it had not come."""
    world = World()
    watch = world.expect(facet("connector_status", "Preparing", "Finishing"))
    for status in ("Preparing", "Charging", "Finishing"):
        world.status(status)
    assert watch.state is State.PENDING
    world.expect(facet("connector_status", "Charging"), label="other")
    world.fact("heartbeat")
    assert end(watch) is State.MET


class Counted:
    """Counts the calls of Python functions."""

    def __init__(self) -> None:
        self.calls = 0

    def __enter__(self) -> Counted:
        import sys

        def count(_frame: Any, event: str, _arg: Any) -> None:
            self.calls += event == "call"

        sys.setprofile(count)
        return self

    def __exit__(self, *_: object) -> None:
        import sys

        sys.setprofile(None)


# Exact counts in lists.


@pytest.mark.parametrize("order", [Order.CONTIGUOUS, Order.GAPS, Order.ANY])
@pytest.mark.parametrize(("came", "state"), [(1, State.FAILED), (2, State.MET), (3, State.FAILED)])
def test_count_is_exact_in_a_list(order: Order, came: int, state: State) -> None:
    """It waits out the whole deadline, in every kind of list."""
    world = World()
    watch = world.expect(facet("heartbeat", count=2), ordered=True, order=order)
    for _ in range(came):
        world.fact("heartbeat")
    assert watch.state is (State.FAILED if came > 2 else State.PENDING)
    assert end(watch) is state


@pytest.mark.parametrize("order", [Order.CONTIGUOUS, Order.GAPS])
def test_a_counted_event_that_comes_outside_the_list_is_one_too_many(order: Order) -> None:
    """The list has come in its order, and the count is not right."""
    world = World()
    watch = world.expect(facet("heartbeat", count=2), facet("boot", "Accepted"), ordered=True, order=order)
    world.fact("heartbeat")
    world.fact("heartbeat")
    world.fact("boot", is_="Accepted")
    assert watch.state is State.PENDING
    world.fact("heartbeat")
    assert end(watch) is State.FAILED
    assert explain(watch)["message"] == "heartbeat came 3 times instead of twice"


@pytest.mark.parametrize("order", [Order.CONTIGUOUS, Order.GAPS])
@pytest.mark.parametrize(("beats", "state"), [(0, State.MET), (1, State.FAILED)])
def test_none_in_a_list(order: Order, beats: int, state: State) -> None:
    """count: 0 has no place in the order: none may come at all."""
    world = World()
    watch = world.expect(facet("boot", "Accepted"), facet("heartbeat", count=0), ordered=True, order=order)
    world.fact("boot", is_="Accepted")
    for _ in range(beats):
        world.fact("heartbeat")
    assert end(watch) is state


def test_a_count_finds_the_way_that_uses_every_counted_event() -> None:
    """A later event may be what an open item takes, so that none is left over."""
    world = World()
    watch = world.expect(
        facet("connector_status", "Charging", count=1),
        facet("connector_status", evse_id=1),
        ordered=True,
        order=Order.GAPS,
    )
    for status in ("Charging", "Preparing", "Charging"):
        world.status(status)
    assert end(watch) is State.MET
    assert watch.consumed == (0, 2)


# Decisive in every form.

FIRST_OF = [
    facet("auth_status", "Accepted"),
    facet("auth_status", "Accepted", at_least=1),
    facet("auth_status", "Accepted", count=1),
    facet("auth_status", "Accepted", "Accepted"),
]


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("wanted", FIRST_OF)
def test_the_first_verdict_decides_in_every_form(wanted: Any, ordered: bool, order: Order) -> None:
    """Blocked comes first: nothing that comes later saves it."""
    world = World()
    watch = world.expect(wanted, ordered=ordered, order=order, window=world.window(id_tag="A"))
    world.fact("auth_status", is_="Accepted", id_tag="B")
    assert watch.state is State.PENDING
    world.fact("auth_status", is_="Blocked", id_tag="A")
    assert watch.state is State.FAILED
    assert explain(watch)["message"] == "auth_status should be Accepted, and is Blocked"


@pytest.mark.parametrize("form", ["list", "entries"])
def test_in_any_order_the_first_verdict_may_be_each(form: str) -> None:
    """Two verdicts in any order: either may be the first."""
    wanted = (
        [facet("auth_status", "Accepted", "Blocked")]
        if form == "list"
        else [facet("auth_status", "Accepted"), facet("auth_status", "Blocked")]
    )
    world = World()
    watch = world.expect(*wanted, ordered=form == "entries", order=Order.ANY)
    world.fact("auth_status", is_="Blocked", id_tag="A")
    world.fact("auth_status", is_="Accepted", id_tag="A")
    assert watch.state is State.MET


@pytest.mark.parametrize("order", [Order.CONTIGUOUS, Order.GAPS])
def test_each_route_has_its_own_first_verdict(order: Order) -> None:
    """The first verdict via StartTransaction decides for the item that asks for that one."""
    world = World()
    watch = world.expect(
        facet("auth_status", {"is": "Accepted", "via": "Authorize"}, {"is": "Accepted", "via": "StartTransaction"}),
        order=order,
    )
    world.fact("auth_status", is_="Accepted", id_tag="A", via="Authorize")
    world.fact("auth_status", is_="ConcurrentTx", id_tag="A", via="StartTransaction")
    assert watch.state is State.FAILED


def test_that_no_verdict_comes_is_no_question_of_the_first() -> None:
    """count: 0 of one status is not broken by another."""
    world = World()
    watch = world.expect(facet("auth_status", "Blocked", count=0))
    world.fact("auth_status", is_="Accepted", id_tag="A")
    assert end(watch) is State.MET


def test_what_comes_just_before_the_window_is_named_for_a_list() -> None:
    """The first item of a list lies before the window: the failure says so, and how to look further back."""
    world = World()
    world.status("Preparing")
    world.time = 1.0
    watch = world.expect(facet("connector_status", "Preparing", "Charging"), window=world.window())
    world.status("Charging")
    assert end(watch) is State.FAILED
    assert explain(watch)["nearest"] == (
        "-1.000s connector_status Preparing {evse_id: 1, connector_id: 1} - just before this window "
        "(opened by step 1); since: (an earlier step's id, or start) looks further back"
    )


def test_what_was_not_the_last_before_the_window_is_not_named() -> None:
    """A Preparing that another status followed would not begin the list either."""
    world = World()
    world.status("Preparing")
    world.status("Finishing")
    world.time = 1.0
    watch = world.expect(facet("connector_status", "Preparing", "Charging"), window=world.window())
    world.status("Charging")
    assert end(watch) is State.FAILED
    assert "window" not in explain(watch)["nearest"]


def test_what_a_step_before_has_used_is_named_as_used() -> None:
    """Looking further back would not help: the event is gone."""
    world = World()
    world.status("Preparing")
    world.expect(facet("connector_status", "Preparing"), label="step 7")
    world.time = 1.0
    watch = world.expect(facet("connector_status", "Preparing", "Charging"), window=world.window())
    world.status("Charging")
    assert end(watch) is State.FAILED
    assert explain(watch)["nearest"].endswith("- already used by step 7")


def test_another_event_of_a_former_items_facet_is_an_intruder() -> None:
    """What stands between is held against every item, not only against its neighbours."""
    world = World()
    watch = world.expect(facet("transaction", "started"), facet("connector_status", "Charging"), ordered=True)
    world.fact("transaction", is_="started", evse_id=1)
    world.fact("transaction", is_="ended", evse_id=1)
    world.status("Charging")
    assert end(watch) is State.FAILED
    assert "transaction ended stood before it" in explain(watch)["message"]


_PLUGGED = "given: {csms: {id_tokens: {CARD-1: Accepted}}, state: ev_connected}\n"
_BOTH = 'ocpp: ["1.6", "2.0.1"]\n'
_STARTED, _CHARGING, _ACCEPTED = "{transaction: started}", "{connector_status: Charging}", "{auth_status: Accepted}"


@pytest.mark.parametrize(
    ("items", "verdict"),
    [
        ((_ACCEPTED, _STARTED), "passed"),
        ((_ACCEPTED, _STARTED, _ACCEPTED), "passed"),
        ((_STARTED, _ACCEPTED), "failed"),
        ((_CHARGING, _ACCEPTED), "failed"),
        ((_STARTED, _CHARGING, _ACCEPTED), "failed"),
        ((_STARTED, "{auth_status: {is: Accepted, at_least: 1}}"), "failed"),
        ((_STARTED, "{auth_status: {is: Accepted, via: Authorize}}"), "failed"),
        ((_STARTED, "{auth_status: {is: Accepted, via: {$not: Authorize}}}"), "passed"),
    ],
)
def test_the_first_verdict_has_its_place_in_both_versions(items: tuple[str, ...], verdict: str, tmp_path: Path) -> None:
    """A later one does not stand in for it, contiguous or with gaps."""
    for order in ("", "    in_order: true\n"):
        expect = "".join(f"      - {item}\n" for item in items)
        text = f"{_BOTH}{_PLUGGED}steps:\n  - authorize_id_tag: CARD-1\n    expect:\n{expect}{order}"
        outcome = run_texts(tmp_path, text)
        assert outcome.verdicts() == [verdict, verdict]
        if verdict == "failed":
            assert all("out of its order" in end["reason"] or "before item" in end["reason"] for end in outcome.ends())
