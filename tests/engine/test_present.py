"""Present states: what the latest facts say, and the four answers to a question about it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ocpplab_runner.engine.matching.present import Answer, Presents, judge_state
from tests.engine.matcher_kit import FACETS, World
from tests.engine.suite_kit import failure, run_texts


def answer(world: World, name: str, **wanted: Any) -> Answer:
    """Whether that is so now."""
    fields = {"is": wanted.pop("is_"), **wanted} if "is_" in wanted else wanted
    return judge_state(FACETS[name], fields, Presents(world.ledger, FACETS).of(name, "charger")).answer


def test_the_latest_fact_of_each_connector_is_its_state() -> None:
    """A later fact of another connector changes nothing for the first."""
    world = World()
    for status, evse in (("Preparing", 1), ("Charging", 1), ("Available", 2)):
        world.status(status, evse)
    assert answer(world, "connector_status", is_="Charging", evse_id=1) is Answer.YES
    assert answer(world, "connector_status", is_="Preparing", evse_id=1) is Answer.NO
    assert answer(world, "connector_status", is_="Available", evse_id=2) is Answer.YES
    assert answer(world, "connector_status", is_={"$any_of": ["Charging", "Available"]}) is Answer.YES


def test_where_connectors_differ_nobody_knows_which_is_meant() -> None:
    """Not a pass because one of them is so, and not a failure because another is not."""
    world = World()
    world.status("Charging", 1)
    world.status("Available", 2)
    assert answer(world, "connector_status", is_="Charging") is Answer.DIVIDED
    assert answer(world, "connector_status", is_="Faulted") is Answer.NO


def test_the_station_as_a_whole_counts_only_where_it_is_named() -> None:
    """Connector 0 of OCPP 1.6 is no connector."""
    world = World()
    world.status("Charging", 1)
    world.status("Available", 0)
    assert answer(world, "connector_status", is_="Charging") is Answer.YES
    assert answer(world, "connector_status", is_="Available", evse_id=0) is Answer.YES


def test_what_nothing_was_said_of_is_unknown() -> None:
    """Neither so nor not so."""
    assert answer(World(), "connector_status", is_="Available") is Answer.UNKNOWN
    assert answer(World(), "connection", is_="opened") is Answer.UNKNOWN


def test_used_events_and_the_recipe_count() -> None:
    """A state is no event: nothing consumes it, and no window hides it."""
    world = World()
    event = world.status("Charging")
    world.ledger.consume([event.seq], "step 1")
    world.ledger.first_step = 1
    assert answer(world, "connector_status", is_="Charging") is Answer.YES


def test_a_late_report_of_what_is_over_changes_nothing() -> None:
    """The latest is what happened last, not what was heard last."""
    world = World()
    world.time = 10.0
    world.status("Available")
    world.fact("connector_status", is_="Charging", evse_id=1, connector_id=1, at=5.0)
    assert answer(world, "connector_status", is_="Available") is Answer.YES


def test_a_transaction_runs_until_it_has_ended() -> None:
    """It keeps what was said of it earlier, and none is left when the last has ended."""
    world = World()
    assert answer(world, "transaction", is_="none") is Answer.YES
    assert answer(world, "transaction", is_="running") is Answer.NO
    world.fact("transaction", is_="started", transaction_id=1, evse_id=1, id_tag="A")
    world.fact("transaction", is_="started", transaction_id=2, evse_id=2, id_tag="B")
    world.fact("transaction", is_="updated", transaction_id=1)
    assert answer(world, "transaction", is_="running", id_tag="a", evse_id=1) is Answer.YES
    assert answer(world, "transaction", is_="running", id_tag="a", evse_id=2) is Answer.NO
    assert answer(world, "transaction", is_="none") is Answer.NO
    assert answer(world, "transaction", is_="none", evse_id=3) is Answer.YES
    world.fact("transaction", is_="ended", transaction_id=1)
    assert answer(world, "transaction", is_="none", evse_id=1) is Answer.YES
    assert answer(world, "transaction", is_="running") is Answer.YES
    world.fact("transaction", is_="ended", transaction_id=2)
    assert answer(world, "transaction", is_="none") is Answer.YES


@pytest.mark.parametrize("end", ["Used", "Expired", "Cancelled", "Removed"])
def test_a_reservation_is_there_until_something_ends_it(end: str) -> None:
    """Used, expired, cancelled or removed: it is none, and none of its other fields is so any more."""
    world = World()
    world.fact("reservation", is_="Placed", reservation_id=7, evse_id=1)
    assert answer(world, "reservation", is_="Placed", evse_id=1) is Answer.YES
    assert answer(world, "reservation", reservation_id=7) is Answer.YES
    world.fact("reservation", is_=end, reservation_id=7)
    assert answer(world, "reservation", is_="none") is Answer.YES
    assert answer(world, "reservation", reservation_id=7) is Answer.NO


def test_another_chargers_state_is_its_own() -> None:
    """States are told charger by charger."""
    world = World()
    world.fact("connection", is_="opened")
    world.fact("connection", is_="closed", charger="B")
    assert answer(world, "connection", is_="opened") is Answer.YES


@pytest.mark.parametrize("name", [name for name, spec in FACETS.items() if spec.state is not None])
def test_a_state_asks_for_fields_that_its_facts_have(name: str) -> None:
    """Every subject and field of a state is a field of the facet, and its words are those of the fact."""
    spec = FACETS[name]
    assert spec.state is not None
    assert {*spec.state.subject, *spec.state.fields} <= {field.name for field in spec.fields}
    if spec.state.words:
        assert spec.value is not None
        assert set(spec.state.words) == set(spec.value["enum"])


CHARGING = """
given: {csms: {id_tokens: {CARD-1: Accepted}}, state: {charging: {id_tag: CARD-1}}}
"""


def test_a_step_is_passed_by_what_the_recipe_brought_about(tmp_path: Path) -> None:
    """An expectation would wait for ever; the state holds, twice."""
    still = (
        "{connector_status: Charging, transaction: {is: running, id_tag: CARD-1}, connection: opened, boot: Accepted}"
    )
    outcome = run_texts(tmp_path, CHARGING + f"steps: [{{still: {still}}}, {{wait: 1h, still: {still}}}]")
    assert outcome.verdicts() == ["passed"]
    assert outcome.end()["elapsed"] == 3600.0


def test_a_failure_says_what_is_and_since_when(tmp_path: Path) -> None:
    """And shows the fact that says so, with what differs."""
    outcome = run_texts(
        tmp_path,
        CHARGING
        + """
steps:
  - authorize_id_tag: CARD-1
    expect: {transaction: ended}
  - wait: 5s
  - still: {connector_status: {is: Charging, evse_id: 1}}
""",
    )
    assert outcome.verdicts() == ["failed"]
    assert failure(outcome) == (
        "connector_status should be Charging {evse_id: 1}, and is Finishing {evse_id: 1, connector_id: 1} since +0.000s"
    )
    shown = outcome.end()["failure"]
    assert shown["expected"] == "still connector_status Charging {evse_id: 1}"
    assert shown["diff"] == [{"path": "is", "expected": "Charging", "actual": "Finishing", "reason": "differs"}]
    assert any("StatusNotification" in line for line in shown["sequence"])


def test_it_is_judged_after_the_steps_own_expectation(tmp_path: Path) -> None:
    """What the expectation waits for has come about."""
    outcome = run_texts(
        tmp_path,
        CHARGING
        + """
steps:
  - authorize_id_tag: CARD-1
    expect: {transaction: ended}
    still: {transaction: none}
""",
    )
    assert outcome.verdicts() == ["passed"]


@pytest.mark.parametrize(
    ("state", "still", "reason"),
    [
        ("booted", "{connector_status: Preparing}", "say which one is meant, with evse_id or connector_id"),
        ("disconnected", "{connection: opened}", "connection: nothing has been said so far"),
        ("booted", "{connection: '${{ found + found }}'}", "gives 'donedone'"),
    ],
)
def test_what_cannot_be_answered_is_an_error(tmp_path: Path, state: str, still: str, reason: str) -> None:
    """Never a pass, and no accusation."""
    outcome = run_texts(
        tmp_path,
        f"""
        given: {{charger: {{evses: 2}}, csms: {{id_tokens: {{CARD-1: Accepted}}}}, state: {state}}}
        steps:
          - plug_connector: 1
            expect: {{outcome: done}}
            save: {{found: outcome.is}}
          - log: "${{{{ found }}}}"
          - still: {still}
        """,
    )
    assert outcome.verdicts() == ["error"]
    assert reason in failure(outcome)


def test_a_report_on_its_way_is_waited_for(tmp_path: Path) -> None:
    """A call that is not answered yet says nothing yet: the state is judged once it is."""
    outcome = run_texts(
        tmp_path,
        """
        given: {csms: {id_tokens: {CARD-1: Accepted}}}
        steps:
          - csms_reply: {to: StatusNotification, delay: 5s}
          - plug_connector: 1
            still: {connector_status: Preparing}
        """,
    )
    assert outcome.verdicts() == ["passed"]
