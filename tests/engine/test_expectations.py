"""The eight rules of expectations, each by a table of cases."""

from __future__ import annotations

from typing import Any

import pytest

from ocpplab_runner.engine.matching.expectations import Binding, State
from ocpplab_runner.scenario.model import Order
from tests.engine.matcher_kit import World, facet

# Rule 1: one event satisfies at most one expectation.


def test_an_event_is_used_once() -> None:
    """A second expectation does not see the event that met the first."""
    world = World()
    world.status("Charging")
    first = world.expect(facet("connector_status", "Charging"))
    second = world.expect(facet("connector_status", "Charging"))
    assert (first.state, second.state) == (State.MET, State.PENDING)
    assert world.ledger.consumer(0) == "step 1"


def test_two_waiting_expectations_need_two_events() -> None:
    """Of two expectations that wait side by side, one event meets the first only."""
    world = World()
    first = world.expect(facet("connector_status", "Charging"))
    second = world.expect(facet("connector_status", "Charging"))
    world.status("Charging")
    assert (first.state, second.state) == (State.MET, State.PENDING)
    world.status("Charging")
    assert second.state is State.MET


def test_nothing_is_used_before_the_whole_is_met() -> None:
    """An expectation that has only half of what it needs leaves its half to others."""
    world = World()
    half = world.expect(facet("connector_status", "Charging"), facet("transaction", "started"))
    world.status("Charging")
    other = world.expect(facet("connector_status", "Charging"))
    world.fact("transaction", is_="started")
    assert (half.state, other.state) == (State.PENDING, State.MET)
    world.status("Charging")
    assert half.state is State.MET


def test_feeding_an_event_again_changes_nothing() -> None:
    """One event is one event, however often it is shown."""
    world = World()
    watch = world.expect(facet("heartbeat", at_least=2))
    event = world.fact("heartbeat")
    watch.feed(event)
    watch.feed(event)
    assert watch.state is State.PENDING


# Rule 2: windows.


def test_an_old_event_never_satisfies() -> None:
    """What came before the window opened does not count."""
    world = World()
    world.status("Available")
    watch = world.expect(facet("connector_status", "Available"), window=world.window())
    assert watch.state is State.PENDING
    world.status("Available")
    assert watch.state is State.MET


def test_a_late_report_of_an_old_event_never_satisfies() -> None:
    """An event that happened before the window opened does not count, though its evidence arrives afterwards."""
    world = World()
    world.time = 10.0
    watch = world.expect(facet("connector_status", "Available"), window=world.window())
    world.fact("connector_status", is_="Available", at=9.0)
    assert watch.state is State.PENDING


def test_another_chargers_event_never_satisfies() -> None:
    """An expectation is about its own charger."""
    world = World()
    watch = world.expect(facet("connector_status", "Available"))
    world.fact("connector_status", charger="other", is_="Available")
    assert watch.state is State.PENDING


# Rule 3: answers are bound to their own call.

BOUND = Binding(message_id="7")


@pytest.mark.parametrize(
    ("wanted", "frame", "state"),
    [
        (facet("response", status="Accepted"), {"payload": {"status": "Accepted"}}, State.MET),
        (facet("response", {"status": "Accepted"}), {"payload": {"status": "Accepted"}}, State.MET),
        (facet("response"), {"payload": {}}, State.MET),
        (facet("response", status="Accepted"), {"payload": {"status": "Rejected"}}, State.FAILED),
        (facet("response", status="Accepted"), {"message_id": "8", "payload": {"status": "Accepted"}}, State.PENDING),
        (facet("response", status="Accepted"), {"up": False, "payload": {"status": "Accepted"}}, State.PENDING),
        (facet("response", status="Accepted"), {"kind": "call", "payload": {"status": "Accepted"}}, State.PENDING),
        (facet("response"), {"kind": "error", "error_code": "NotImplemented"}, State.FAILED),
        (facet("call_error", "NotImplemented"), {"kind": "error", "error_code": "NotImplemented"}, State.MET),
        (facet("call_error", code="NotImplemented"), {"kind": "error", "error_code": "NotImplemented"}, State.MET),
        (facet("call_error", "NotSupported"), {"kind": "error", "error_code": "NotImplemented"}, State.FAILED),
        (facet("call_error", "NotSupported"), {"payload": {}}, State.FAILED),
    ],
)
def test_an_answer_belongs_to_its_call(wanted: Any, frame: dict[str, Any], state: State) -> None:
    """response and call_error look at the first answer with the call's message id, and at nothing else."""
    world = World()
    watch = world.expect(wanted, binding=BOUND)
    world.frame("Reset", **{"kind": "result", "message_id": "7", **frame})
    assert watch.state is state


def test_a_second_answer_changes_nothing() -> None:
    """The first answer decides, a duplicate with a better value comes too late."""
    world = World()
    world.frame("Reset", "result", {"status": "Rejected"}, message_id="7")
    world.frame("Reset", "result", {"status": "Accepted"}, message_id="7")
    assert world.expect(facet("response", status="Accepted"), binding=BOUND).state is State.FAILED


def test_a_second_answer_is_no_part_of_a_list_either() -> None:
    """In an ordered list, too, only the first answer is the answer."""
    world = World()
    wanted = [facet("response", status="Accepted"), facet("heartbeat")]
    watch = world.expect(*wanted, ordered=True, binding=BOUND)
    world.frame("Reset", "result", {"status": "Rejected"}, message_id="7")
    world.frame("Reset", "result", {"status": "Accepted"}, message_id="7")
    world.fact("heartbeat")
    assert watch.state is State.FAILED
    other = world.expect(*wanted, ordered=True, binding=Binding(message_id="8"))
    world.frame("Reset", "result", {"status": "Accepted"}, message_id="8")
    world.fact("heartbeat")
    assert other.state is State.MET


def test_a_step_without_a_call_has_no_response() -> None:
    """response after a step that sent nothing fails at once and says so."""
    watch = World().expect(facet("response", status="Accepted"))
    assert watch.state is State.FAILED
    assert watch.problem is not None
    assert "no call" in watch.problem.message


def test_the_outcome_is_the_steps_own() -> None:
    """outcome looks only at the command event of its own step."""
    world = World()
    world.put("command", "plug_connector", {"is": "refused", "reason": "in use"})
    own = world.put("command", "plug_connector", {"is": "done"})
    watch = world.expect(facet("outcome", "done"), binding=Binding(command_seq=own.seq))
    assert watch.consumed == (own.seq,)
    assert world.expect(facet("outcome", "done"), binding=Binding(command_seq=0)).state is State.FAILED


# Rule 4: one deadline.


@pytest.mark.parametrize(
    ("happened", "arrived", "watermark", "state"),
    [
        (30.0, 30.0, 30.0, State.MET),
        (30.001, 30.001, 31.0, State.FAILED),
        (29.0, 33.0, 33.0, State.MET),
    ],
)
def test_the_deadline(happened: float, arrived: float, watermark: float, state: State) -> None:
    """An event at the very deadline counts, and so does one in time that arrives late; later ones do not."""
    world = World()
    watch = world.expect(facet("connector_status", "Charging"), within=30.0)
    world.time = arrived
    world.fact("connector_status", is_="Charging", at=happened)
    watch.tick(watermark)
    assert watch.state is state


def test_the_deadline_waits_for_the_slowest_evidence() -> None:
    """While one source lags behind the deadline the expectation stays open."""
    world = World()
    watch = world.expect(facet("connector_status", "Charging"), within=30.0)
    world.time = 60.0
    assert watch.tick(29.9) is State.PENDING
    assert watch.tick(30.0) is State.FAILED
    assert watch.problem is not None
    assert watch.problem.message == "connector_status Charging did not come within 30s"


@pytest.mark.parametrize(
    ("before", "consumed", "after", "state"),
    [
        (None, False, None, State.MET),
        ("Charging", False, None, State.FAILED),
        ("Charging", True, None, State.MET),
        (None, False, "Charging", State.FAILED),
        (None, False, "Preparing", State.MET),
    ],
)
def test_never(before: str | None, consumed: bool, after: str | None, state: State) -> None:
    """never covers the unconsumed past of its window, and then fails the moment that the event comes."""
    world = World()
    if before:
        world.status(before)
    if consumed:
        world.expect(facet("connector_status", "Charging"))
    watch = world.never(facet("connector_status", "Charging"), lasts=60.0)
    world.time = 60.0
    if after:
        world.status(after)
        assert (watch.state is State.FAILED) is (state is State.FAILED)
    assert watch.tick(60.0) is state


def test_never_is_over_in_time() -> None:
    """What comes after its time is allowed."""
    world = World()
    watch = world.never(facet("transaction", "started"), lasts=60.0)
    world.time = 60.5
    world.fact("transaction", is_="started")
    assert watch.tick(60.5) is State.MET


def test_throughout_guards_used_events_too() -> None:
    """A guard without an end fails on an event even if an expectation wants the same one, and is met when finished."""
    world = World()
    guard = world.never(facet("connector_status", "Faulted"), lasts=None)
    assert world.never(facet("connector_status", "Faulted"), lasts=None).finish() is State.MET
    world.expect(facet("connector_status", "Faulted"))
    world.status("Faulted")
    assert guard.state is State.FAILED
    assert guard.problem is not None
    assert guard.problem.seq == 0


@pytest.mark.parametrize(("number", "state"), [(1, State.PENDING), (2, State.FAILED)])
def test_never_so_many(number: int, state: State) -> None:
    """never with a number fails when so many have come."""
    world = World()
    watch = world.never(facet("heartbeat", at_least=2))
    for _ in range(number):
        world.fact("heartbeat")
    assert watch.state is state


# Rule 5: order and number.


def test_facets_of_a_mapping_come_in_any_order() -> None:
    """A mapping is met whichever of its facets comes first."""
    for order in (0, 1):
        world = World()
        watch = world.expect(facet("connector_status", "Charging"), facet("transaction", "started", evse_id=1))
        acts = [lambda w=world: w.status("Charging"), lambda w=world: w.fact("transaction", is_="started", evse_id=1)]
        for act in reversed(acts) if order else acts:
            act()
        assert watch.state is State.MET
        assert watch.consumed == (0, 1)


@pytest.mark.parametrize(
    ("came", "state"),
    [
        (["Preparing", "Charging"], State.MET),
        (["Available", "Preparing", "Charging"], State.MET),
        (["Preparing", "SuspendedEV", "Charging"], State.PENDING),
        (["Charging", "Preparing"], State.PENDING),
        (["Preparing", "SuspendedEV", "Preparing", "Charging"], State.MET),
        (["Preparing"], State.PENDING),
    ],
)
def test_a_list_is_a_contiguous_sequence(came: list[str], state: State) -> None:
    """No other status of the same connector may stand between."""
    world = World()
    watch = world.expect(facet("connector_status", "Preparing", "Charging"))
    for status in came:
        world.status(status)
    assert watch.state is state


@pytest.mark.parametrize(
    ("items", "came", "state"),
    [
        (["Preparing", "Charging"], [("Preparing", 1), ("Available", 2), ("Charging", 1)], State.MET),
        (["Preparing", "Charging"], [("Preparing", 1), ("Charging", 2)], State.PENDING),
        (["Preparing", "Charging"], [("Preparing", 1), ("Preparing", 2), ("Charging", 2)], State.MET),
        (
            [{"is": "Preparing", "evse_id": 1}, {"is": "Preparing", "evse_id": 2}],
            [("Preparing", 1), ("Preparing", 2)],
            State.MET,
        ),
        (
            [{"is": "Preparing", "evse_id": 1}, {"is": "Preparing", "evse_id": 2}],
            [("Preparing", 1), ("Charging", 1), ("Preparing", 2)],
            State.PENDING,
        ),
        ([{"is": "Preparing", "evse_id": 1}, "Charging"], [("Preparing", 1), ("Charging", 2)], State.PENDING),
    ],
)
def test_a_sequence_is_about_one_connector(items: list[Any], came: list[tuple[str, int]], state: State) -> None:
    """Items that do not name the connector mean one and the same; other connectors may do what they like."""
    world = World()
    watch = world.expect(facet("connector_status", *items))
    for status, evse_id in came:
        world.status(status, evse_id)
    assert watch.state is state


@pytest.mark.parametrize(
    ("came", "state"),
    [
        ([("transaction", "started", 1), ("connector_status", "Charging", 1)], State.MET),
        ([("connector_status", "Charging", 1), ("transaction", "started", 1)], State.PENDING),
        (
            [("transaction", "started", 1), ("connector_status", "Faulted", 1), ("connector_status", "Charging", 1)],
            State.PENDING,
        ),
        (
            [("transaction", "started", 1), ("connector_status", "Faulted", 2), ("connector_status", "Charging", 1)],
            State.MET,
        ),
        ([("transaction", "started", 1), ("meter", "x", 1), ("connector_status", "Charging", 1)], State.MET),
        ([("transaction", "started", 2), ("connector_status", "Charging", 1)], State.PENDING),
    ],
)
def test_a_list_of_facets_is_a_contiguous_sequence(came: list[tuple[str, str, int]], state: State) -> None:
    """Between two facets of a list no other event of a named facet and the same subject may stand."""
    world = World()
    watch = world.expect(facet("transaction", "started"), facet("connector_status", "Charging"), ordered=True)
    for name, value, evse_id in came:
        more = {"connector_id": 1} if name == "connector_status" else {}
        world.fact(name, is_=value, evse_id=evse_id, **more)
    assert watch.state is state


def test_a_list_of_messages_may_be_interleaved_with_others() -> None:
    """For messages the subject is the action, and answers do not stand in the way of calls."""
    world = World()
    watch = world.expect(
        facet("message", action="Authorize"), facet("message", action="StartTransaction"), ordered=True
    )
    world.frame("Authorize")
    world.frame("Authorize", "result", up=False)
    world.frame("Heartbeat")
    world.frame("StartTransaction")
    assert watch.consumed == (0, 3)


def test_a_repeated_message_breaks_a_list() -> None:
    """A second Authorize between the two is not what the list says."""
    world = World()
    watch = world.expect(
        facet("message", action="Authorize", payload={"idTag": "A"}),
        facet("message", action="StartTransaction"),
        ordered=True,
    )
    world.frame("Authorize", payload={"idTag": "A"})
    world.frame("Authorize", payload={"idTag": "B"})
    world.frame("StartTransaction")
    assert watch.state is State.PENDING


@pytest.mark.parametrize("ordered", [False, True])
def test_in_any_order_loosens(ordered: bool) -> None:
    """in_any_order takes the events of a sequence as they come, each once."""
    world = World()
    wanted = (
        [facet("connector_status", "Preparing"), facet("connector_status", "Charging")]
        if ordered
        else [facet("connector_status", "Preparing", "Charging")]
    )
    watch = world.expect(*wanted, order=Order.ANY, ordered=ordered)
    world.status("Charging")
    world.status("SuspendedEV")
    assert watch.state is State.PENDING
    world.status("Preparing")
    assert watch.state is State.MET


def test_in_any_order_needs_an_event_for_each() -> None:
    """Two equal items want two events."""
    world = World()
    watch = world.expect(facet("connector_status", "Charging", "Charging"), order=Order.ANY)
    world.status("Charging")
    assert watch.state is State.PENDING
    world.status("Charging")
    assert watch.state is State.MET


@pytest.mark.parametrize(("number", "state"), [(2, State.FAILED), (3, State.MET), (4, State.FAILED)])
def test_count_is_exact(number: int, state: State) -> None:
    """count waits out the whole deadline, and one more fails at once."""
    world = World()
    watch = world.expect(facet("heartbeat", count=3))
    for _ in range(number):
        world.fact("heartbeat")
    assert watch.state is (State.FAILED if number > 3 else State.PENDING)
    world.time = 30.0
    assert watch.tick(30.0) is state
    if state is State.MET:
        assert watch.consumed == (0, 1, 2)


@pytest.mark.parametrize(("number", "state"), [(0, State.MET), (1, State.FAILED)])
def test_count_none(number: int, state: State) -> None:
    """count: 0 says that none comes."""
    world = World()
    watch = world.expect(facet("heartbeat", count=0))
    for _ in range(number):
        world.fact("heartbeat")
    assert watch.tick(30.0) is state


def test_at_least_returns_early() -> None:
    """at_least is met by the last that it needs and uses no more."""
    world = World()
    watch = world.expect(facet("meter", at_least=2, evse_id=1))
    world.fact("meter", evse_id=1)
    world.fact("meter", evse_id=2)
    assert watch.state is State.PENDING
    world.fact("meter", evse_id=1)
    world.fact("meter", evse_id=1)
    assert watch.consumed == (0, 2)


def test_an_event_that_two_facets_could_use_goes_where_it_is_needed() -> None:
    """A facet that takes any event does not rob the one that takes only this event."""
    world = World()
    watch = world.expect(
        facet("connector_status", "Charging"),
        facet("connector_status", "Charging", evse_id=2),
        ordered=True,
        order=Order.ANY,
    )
    world.status("Charging", 2)
    world.status("Charging", 1)
    assert watch.state is State.MET


def test_an_event_is_taken_back_when_another_facet_needs_it() -> None:
    """The only Charging goes to the facet that asks for Charging, the other takes what is left."""
    world = World()
    watch = world.expect(
        facet("connector_status", evse_id=2), facet("connector_status", "Charging"), ordered=True, order=Order.ANY
    )
    world.status("Charging", 2)
    world.status("Preparing", 2)
    assert watch.consumed == (0, 1)


# Rule 6: auth_status is decisive.


@pytest.mark.parametrize(
    ("wanted", "came", "state"),
    [
        (facet("auth_status", "Accepted"), [("Accepted", "A", "Authorize")], State.MET),
        (facet("auth_status", "Accepted"), [("Blocked", "A", "Authorize")], State.FAILED),
        (facet("auth_status", "Accepted"), [("Blocked", "A", "cache"), ("Accepted", "A", "Authorize")], State.FAILED),
        (facet("auth_status", "Accepted"), [("Blocked", "B", "Authorize"), ("Accepted", "a", "Authorize")], State.MET),
        (facet("auth_status", "Accepted"), [("Blocked", "B", "Authorize")], State.PENDING),
        (
            facet("auth_status", "Invalid", via="StartTransaction"),
            [("Accepted", "A", "local_list"), ("Invalid", "A", "StartTransaction")],
            State.MET,
        ),
        (facet("auth_status", "Blocked", id_tag="b"), [("Accepted", "A", "x"), ("Blocked", "B", "x")], State.MET),
        (facet("auth_status", {"$not": "Accepted"}), [("Blocked", "A", "Authorize")], State.MET),
        (facet("auth_status", "Accepted", parent_id_token="G"), [("Accepted", "A", "Authorize")], State.FAILED),
    ],
)
def test_the_first_verdict_decides(wanted: Any, came: list[tuple[str, str, str]], state: State) -> None:
    """The first verdict on the command's card decides; via and id_tag pick a particular one."""
    world = World()
    watch = world.expect(wanted, window=world.window(id_tag="A"))
    for status, card, via in came:
        world.fact("auth_status", is_=status, id_tag=card, via=via)
    assert watch.state is state


def test_a_verdict_that_is_used_up_decides_no_more() -> None:
    """After an expectation has used the first verdict, the next one decides."""
    world = World()
    window = world.window(id_tag="A")
    world.fact("auth_status", is_="Accepted", id_tag="A", via="local_list")
    assert world.expect(facet("auth_status", "Accepted"), window=window).state is State.MET
    watch = world.expect(facet("auth_status", "Invalid"), window=window)
    assert watch.state is State.PENDING
    world.fact("auth_status", is_="Invalid", id_tag="A", via="StartTransaction")
    assert watch.state is State.MET


def test_a_wrong_verdict_fails_the_whole_expectation_at_once() -> None:
    """The message says what was wanted and what came."""
    world = World()
    watch = world.expect(facet("auth_status", "Accepted"), facet("transaction", "started"))
    world.fact("auth_status", is_="Blocked", id_tag="A", via="Authorize")
    assert watch.state is State.FAILED
    assert watch.problem is not None
    assert watch.problem.message == "auth_status should be Accepted, and is Blocked"


@pytest.mark.parametrize(
    ("came", "state"),
    [
        ([("Accepted", "A"), "started"], State.MET),
        ([("Blocked", "B"), ("Accepted", "A"), "started"], State.MET),
        ([("Blocked", "A"), ("Accepted", "A"), "started"], State.FAILED),
        ([("Accepted", "B"), "started"], State.PENDING),
    ],
)
def test_the_first_verdict_decides_in_a_list_too(came: list[Any], state: State) -> None:
    """A better verdict on the card after a wrong one does not save the list."""
    world = World()
    watch = world.expect(
        facet("auth_status", "Accepted"),
        facet("transaction", "started"),
        ordered=True,
        window=world.window(id_tag="A"),
    )
    for event in came:
        if event == "started":
            world.fact("transaction", is_="started", evse_id=1)
        else:
            world.fact("auth_status", is_=event[0], id_tag=event[1], via="Authorize")
    assert watch.state is state


# Rule 7 is in test_values.py; here only that facets use it.


def test_facets_compare_by_value() -> None:
    """A card matches without letter case, a number by value, a payload as a subset."""
    world = World()
    world.fact("transaction", is_="started", id_tag="Card-1", meter_wh=10)
    assert world.expect(facet("transaction", "started", id_tag="CARD-1", meter_wh=10.0)).state is State.MET
    world.frame("Authorize", payload={"idTag": "Card-1"})
    assert world.expect(facet("message", action="Authorize", payload={"idTag": "card-1"})).state is State.MET


@pytest.mark.parametrize(
    ("wanted", "state"),
    [
        (facet("message", action="Reset", **{"from": "csms"}), State.MET),
        (facet("message", action="Reset", **{"from": "charger"}), State.PENDING),
        (facet("message", action="Reset", type="result"), State.PENDING),
        (facet("message", action="NotifyPeriodicEventStream"), State.MET),
        (facet("message", action="NotifyPeriodicEventStream", type="call"), State.MET),
        (facet("message", action="Heartbeat", type="error"), State.MET),
        (facet("violation", "schema", by="csms"), State.MET),
        (facet("violation", "late-answer"), State.PENDING),
    ],
)
def test_messages_and_violations(wanted: Any, state: State) -> None:
    """message sees calls unless told otherwise and who sent them; a violation's code is its value.

    What is sent without an answer is a call too, and a refused answer an error.
    """
    world = World()
    world.frame("Reset", up=False)
    world.frame("NotifyPeriodicEventStream", "send")
    world.frame("Heartbeat", "result_error", up=False)
    world.put("violation", "schema", {"by": "csms", "action": "Reset"})
    assert world.expect(wanted).state is state


# Rule 8: it says what it waits for, and keeps what save needs.


def test_it_says_what_it_is_waiting_for() -> None:
    """While it waits, the lacking facets are named with how far they have come."""
    world = World()
    watch = world.expect(
        facet("connector_status", "Charging", evse_id=1),
        facet("heartbeat", at_least=3),
        facet("transaction", "started"),
    )
    world.fact("heartbeat")
    world.fact("transaction", is_="started")
    assert watch.waiting_for() == "connector_status Charging {evse_id: 1}; heartbeat (at least 3, 1 so far)"
    never = world.never(facet("transaction", "ended"))
    assert never.waiting_for() == "watching that there is no transaction ended"


def test_what_was_met_can_be_saved() -> None:
    """The fields of the events that met the expectation are kept under the facets' names."""
    world = World()
    world.frame("GetConfiguration", "result", {"configurationKey": [{"key": "A"}]}, message_id="7")
    world.fact("transaction", is_="started", transaction_id=5)
    watch = world.expect(facet("transaction", "started"), facet("response"), binding=BOUND)
    assert watch.captured["transaction"]["transaction_id"] == 5
    assert watch.captured["response"]["configurationKey"][0]["key"] == "A"
