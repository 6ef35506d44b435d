"""Rule 8: what a failure says."""

from __future__ import annotations

from typing import Any

import pytest

from ocpplab_runner.engine.explaining.explain import describe_event, explain
from ocpplab_runner.engine.matching.expectations import Binding, ExpectationWatch, ProhibitionWatch, State
from ocpplab_runner.scenario.diagnostics import Span
from ocpplab_runner.scenario.model import FacetExpectation
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.engine.matcher_kit import World, facet


def charging_world() -> tuple[World, Any]:
    """A charger that has booted, then a window in which a card was presented and accepted."""
    world = World()
    world.ledger.add_charger("charger", OcppVersion.V16)
    world.frame("BootNotification", message_id="0")
    world.frame("BootNotification", "result", {"status": "Accepted", "interval": 300}, message_id="0", up=False)
    status = {"connectorId": 1, "errorCode": "NoError"}
    world.frame("StatusNotification", payload={**status, "status": "Available"}, message_id="1")
    world.frame("StatusNotification", "result", message_id="1", up=False)
    world.time = 3.0
    window = world.window(id_tag="CARD-1")
    world.frame("Authorize", payload={"idTag": "CARD-1"}, message_id="2")
    world.time = 3.25
    world.frame("Authorize", "result", {"idTagInfo": {"status": "Accepted"}}, message_id="2", up=False)
    world.frame("StatusNotification", payload={**status, "status": "Preparing"}, message_id="3")
    world.frame("StatusNotification", "result", message_id="3", up=False)
    world.frame("DataTransfer", message_id="4")
    world.frame("DataTransfer", "error", message_id="4", up=False, error_code="InternalError")
    world.put("command", "authorize_id_tag", {"is": "done", "fields": {"id_tag": "CARD-1"}})
    return world, window


def failure(watch: ExpectationWatch | ProhibitionWatch) -> dict[str, Any]:
    watch.tick(1000.0)
    assert watch.state is State.FAILED
    return dict(explain(watch))


def test_the_whole_explanation() -> None:
    """Message, expectation, nearest miss with its difference, what arrived, and the sequence, word by word."""
    world, window = charging_world()
    world.expect(facet("auth_status", "Accepted"), window=window, label="step 2")
    wanted = facet("connector_status", "Charging", evse_id=1)
    wanted = FacetExpectation(wanted.facet, wanted.fields, span=Span(12, 7, 12, 20))
    assert failure(world.expect(wanted, window=window, within=10.0)) == {
        "message": "connector_status Charging {evse_id: 1} did not come within 10s",
        "line": 12,
        "column": 7,
        "expected": "connector_status Charging {evse_id: 1}",
        "nearest": "+0.250s connector_status Preparing {evse_id: 1, connector_id: 1, error_code: NoError}",
        "nearest_seq": 11,
        "window": 6,
        "diff": [{"path": "is", "expected": "Charging", "actual": "Preparing", "reason": "differs"}],
        "arrived": [
            "+0.250s command authorize_id_tag {id_tag: CARD-1}: done",
            "+0.250s auth_status Accepted {id_tag: CARD-1, via: Authorize} * used by step 2",
            "+0.250s connector_status Preparing {evse_id: 1, connector_id: 1, error_code: NoError}",
        ],
        "sequence": [
            "             charger                                   csms",
            "    -3.000s  |--- BootNotification -------------------->|",
            "    -3.000s  |<--------- BootNotification CALLRESULT ---|  boot Accepted {interval: 300}",
            "    -3.000s  |--- StatusNotification ------------------>|  connector_status Available {evse_id: 1}",
            "    -3.000s  |<------- StatusNotification CALLRESULT ---|",
            "             ............... window opens ...............",
            "    +0.000s  |--- Authorize --------------------------->|",
            "    +0.250s  | [authorize_id_tag]                       |  {id_tag: CARD-1}",
            "    +0.250s  |<---------------- Authorize CALLRESULT ---|"
            "  auth_status Accepted {id_tag: CARD-1, via: Authorize} *",
            "    +0.250s  |--- StatusNotification ------------------>|  connector_status Preparing {evse_id: 1}",
            "    +0.250s  |<------- StatusNotification CALLRESULT ---|",
            "    +0.250s  |--- DataTransfer ------------------------>|",
            "    +0.250s  |<-------------- DataTransfer CALLERROR ---|  InternalError",
        ],
    }


@pytest.mark.parametrize(
    ("facets", "options", "message", "nearest"),
    [
        (
            [facet("auth_status", "Blocked")],
            {},
            "auth_status should be Blocked, and is Accepted",
            "+0.250s auth_status Accepted {id_tag: CARD-1, via: Authorize}",
        ),
        (
            [facet("message", action="Authorize", payload={"idTag": "X"})],
            {},
            "message {action: Authorize, payload: {idTag: X}} did not come within 30s",
            "+0.000s charger sent Authorize {idTag: CARD-1}",
        ),
        ([facet("message", action="Reset")], {}, "message {action: Reset} did not come within 30s", None),
        ([facet("heartbeat", count=2)], {}, "heartbeat came 0 times instead of twice within 30s", None),
        (
            [facet("connector_status", "Available")],
            {"within": 0.5},
            "connector_status Available did not come within 500ms",
            "+0.250s connector_status Preparing {evse_id: 1, connector_id: 1, error_code: NoError}",
        ),
        (
            [facet("boot", "Accepted")],
            {"within": 600.0},
            "boot Accepted did not come within 10m",
            "-3.000s boot Accepted {interval: 300} - before this window (opened by step 1); "
            "since: (an earlier step's id, or start) looks further back",
        ),
        (
            [facet("connector_status", "Preparing", "Charging")],
            {},
            "connector_status Charging (item 2 of 2) did not come within 30s",
            "+0.250s connector_status Preparing {evse_id: 1, connector_id: 1, error_code: NoError}",
        ),
        (
            [facet("response", status="Accepted")],
            {"binding": Binding("4", "to_charger")},
            "response: the answer should be a CALLRESULT, and is CALLERROR InternalError",
            "+0.250s csms answered DataTransfer with CALLERROR InternalError",
        ),
    ],
)  # fmt: skip
def test_messages_and_nearest_misses(facets: Any, options: Any, message: str, nearest: str | None) -> None:
    """One line that says what is wrong, and the event that came nearest to what was wanted."""
    world, window = charging_world()
    info = failure(world.expect(*facets, window=window, **options))
    assert (info["message"], info.get("nearest")) == (message, nearest)


def test_a_sequence_that_came_up_to_an_item() -> None:
    """The message and the difference are about the item that is missing; what came is not named."""
    world = World()
    world.status("Preparing")
    world.status("SuspendedEV")
    info = failure(
        world.expect(facet("connector_status", "Preparing", "Charging", "SuspendedEV"), facet("boot", "Accepted"))
    )
    assert info["message"] == "boot Accepted, connector_status Charging (item 2 of 3) did not come within 30s"
    assert info["nearest"].startswith("+0.000s connector_status SuspendedEV")
    assert info["diff"] == [{"path": "is", "expected": "Charging", "actual": "SuspendedEV", "reason": "differs"}]


def test_a_sequence_that_came_is_not_said_to_lack() -> None:
    """Beside a facet that has not come, only that facet is named."""
    world = World()
    world.status("Preparing")
    world.status("Charging")
    info = failure(world.expect(facet("connector_status", "Preparing", "Charging"), facet("boot", "Accepted")))
    assert info["message"] == "boot Accepted did not come within 30s"


def test_used_and_late_events_are_named_as_such() -> None:
    """An event that would do, but is used up or too late, is the nearest miss, with the reason."""
    world = World()
    world.status("Charging")
    world.expect(facet("connector_status", "Charging"), label="step 4")
    info = failure(world.expect(facet("connector_status", "Charging"), within=5.0))
    assert info["nearest"].endswith("{evse_id: 1, connector_id: 1} - already used by step 4")
    watch = world.expect(facet("connector_status", "Faulted"), within=5.0)
    world.time = 6.0
    world.status("Faulted")
    assert failure(watch)["nearest"].endswith("too late: the deadline was at +5.000s")


def test_what_must_not_come_is_shown() -> None:
    """A broken never names the event and when it came."""
    world, window = charging_world()
    info = failure(world.never(facet("connector_status", "Preparing"), window=window))
    assert info["message"] == "connector_status Preparing must not come, and came at +0.250s"
    assert info["expected"] == "never connector_status Preparing"
    assert info["nearest"].startswith("+0.250s connector_status Preparing")


def test_a_waiting_expectation_can_be_explained() -> None:
    """A step that was cancelled says what it was waiting for."""
    world, window = charging_world()
    info = explain(world.expect(facet("transaction", "started"), window=window))
    assert info["message"] == "was still waiting for transaction started"


def test_long_runs_are_cut() -> None:
    """A day of events gives a page, not a book."""
    world = World()
    world.ledger.add_charger("charger", OcppVersion.V16)
    for number in range(500):
        world.frame("Heartbeat", message_id=str(number))
        world.frame("Heartbeat", "result", message_id=str(number), up=False)
    info = failure(world.expect(facet("transaction", "started")))
    assert len(info["arrived"]) == 41
    assert info["arrived"][0] == "... 460 earlier"
    assert len(info["sequence"]) < 40
    assert "             ... the same 498 times more" in info["sequence"]


@pytest.mark.parametrize(
    ("kind", "name", "fields", "text"),
    [
        (
            "frame",
            "",
            {"direction": "to_csms", "type": "malformed", "text": "[é\n"},
            'charger sent malformed text "[\\u00e9\\n"',
        ),
        ("violation", "schema", {"by": "csms"}, "violation schema {by: csms}"),
        ("note", "connection opened", {}, "note connection opened"),
        ("command", "unplug", {"is": "refused", "reason": "in use"}, "command unplug: refused (in use)"),
        ("fact", "heartbeat", {}, "heartbeat"),
        ("fact", "configuration", {"is": "Accepted", "value": "30"}, 'configuration Accepted {value: "30"}'),
    ],
)  # fmt: skip
def test_every_kind_of_event_has_a_line(kind: Any, name: str, fields: Any, text: str) -> None:
    """Plain ASCII, one line, values as in YAML: a text that looks like a number is quoted."""
    world = World()
    event = world.put(kind, name, fields)
    assert describe_event(event, 0.0) == f"+0.000s {text}"


def charging_and_readings(world: World) -> None:
    """A session whose meter values come between its events."""
    for time, status in ((0.0, "Preparing"), (1.0, "Charging")):
        world.time = time
        world.status(status)
    for time in range(2, 40):
        world.time = float(time)
        world.frame("MeterValues", message_id=f"m{time}")
        world.frame("MeterValues", "result", message_id=f"m{time}", up=False)
    world.time = 40.0
    world.status("SuspendedEV")
    world.status("Charging")
    world.status("Finishing")


def test_a_broken_sequence_names_what_stood_between() -> None:
    """All items came: the failure says which one another event stood before, and how to allow that."""
    world = World()
    world.ledger.add_charger("charger", OcppVersion.V16)
    watch = world.expect(facet("connector_status", "Preparing", "Charging", "Finishing"), within=60.0)
    charging_and_readings(world)
    info = failure(watch)
    assert info["message"] == (
        "the sequence is broken: item 3, connector_status Finishing, came at +40.000s, "
        "but connector_status SuspendedEV stood before it (rule 5); in_order: true lets other events stand between"
    )
    assert info["nearest"] == (
        "+40.000s connector_status SuspendedEV {evse_id: 1, connector_id: 1} - stood between items 2 and 3"
    )
    assert info["expected"] == (
        "connector_status [Preparing, Charging, Finishing] (came at +0.000s, +1.000s, +40.000s)"
    )
    drawn = "\n".join(info["sequence"])
    for status in ("Preparing", "Charging", "SuspendedEV", "Finishing"):
        assert f"connector_status {status}" in drawn
    assert "... the same 36 times more" in drawn
    assert drawn.count("MeterValues") == 4


def test_a_sequence_in_another_order_says_so() -> None:
    """The item that came too early, and the one that it came before."""
    world = World()
    watch = world.expect(
        facet("connector_status", "Charging"), facet("connector_status", "Preparing"), ordered=True, within=5.0
    )
    world.status("Preparing")
    world.time = 1.0
    world.status("Charging")
    info = failure(watch)
    assert info["message"] == (
        "the sequence is broken: item 2, connector_status Preparing, came at +0.000s, before item 1 at +1.000s "
        "(rule 5); in_any_order: true loosens the order"
    )
    assert info["expected"] == "1. connector_status Charging (came at +1.000s)\n2. connector_status Preparing"


def test_what_has_come_is_marked() -> None:
    """Of several facets those that were met say when."""
    world = World()
    watch = world.expect(facet("connector_status", "Charging"), facet("transaction", "started"), within=5.0)
    world.time = 2.0
    world.status("Charging")
    info = failure(watch)
    assert info["message"] == "transaction started did not come within 5s"
    assert info["expected"] == "connector_status Charging (came at +2.000s)\ntransaction started"


def test_what_has_come_early_is_drawn_however_much_follows() -> None:
    """A matched item is not cut out of the diagram by what came after it."""
    world = World()
    world.ledger.add_charger("charger", OcppVersion.V16)
    watch = world.expect(facet("connector_status", "Charging", "Finishing"), within=600.0)
    world.status("Charging")
    for number in range(100):
        world.time = float(number)
        world.frame("DataTransfer" if number % 3 else f"Other{number}", message_id=str(number))
    drawn = failure(watch)["sequence"]
    assert any("connector_status Charging" in line for line in drawn)
    assert len(drawn) < 40


def test_an_event_of_the_recipe_cannot_be_looked_back_at() -> None:
    """Not even since: start reaches what brought the given state about; an earlier state does."""
    world, window = charging_world()
    world.ledger.first_step = 8
    info = failure(world.expect(facet("boot", "Accepted"), window=window))
    assert "before the first step: it belongs to the recipe of given.state" in info["nearest"]
    assert info["nearest"].endswith('such as state: disconnected and then power: "on"')


def test_long_ids_do_not_push_out_what_matters() -> None:
    """A UUID is cut to what tells it apart, in the lines and in the diagram."""
    world = World()
    world.ledger.add_charger("charger", OcppVersion.V16)
    world.frame("DataTransfer")
    world.fact("transaction", is_="updated", transaction_id="a494c60e-e541-4cde-adfb-a7609ae34ff0", evse_id=1)
    info = failure(world.expect(facet("transaction", "ended")))
    assert info["arrived"] == ["+0.000s transaction updated {transaction_id: a494c60e.., evse_id: 1}"]
    assert any("{transaction_id: a494c60e.., evse_id: 1}" in line for line in info["sequence"])
