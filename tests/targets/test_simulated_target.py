"""The target simulated: every named state, and what it does when the given data cannot be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ocpplab_runner.steps.blocks import ACTING
from ocpplab_runner.targets.simulated import SimulatedTarget
from ocpplab_runner.targets.states import RECIPES
from ocpplab_runner.vocabulary.states import STATES
from tests.engine.suite_kit import failure, run_texts

CARDS = "csms: {id_tokens: {CARD-1: Accepted}}"
REACHED = {
    "disconnected": ("disconnected", None),
    "booted": ("booted", "Available"),
    "ev_connected": ("ev_connected", "Preparing"),
    "authorized": ("{authorized: {id_tag: CARD-1}}", "Preparing"),
    "charging": ("{charging: {id_tag: CARD-1}}", "Charging"),
    "suspended_ev": ("{suspended_ev: {id_tag: CARD-1}}", "SuspendedEV"),
    "finishing": ("{finishing: {id_tag: CARD-1}}", "Finishing"),
    "unavailable": ("{unavailable: {evse_id: 1}}", "Unavailable"),
    "faulted": ("{faulted: {fault_type: GroundFailure}}", "Faulted"),
    "offline": ("offline", "Available"),
    "reserved": ("{reserved: {id_tag: CARD-1}}", "Reserved"),
}


def test_every_state_is_tested() -> None:
    """The table of this test has the states of the table of recipes."""
    assert set(REACHED) == set(STATES)


def before_start(records: list[Any], name: str) -> list[Any]:
    """Values of that fact before the first step."""
    found = []
    for record in records:
        if record["type"] in ("step", "log"):
            break
        event = record.get("event", {})
        if event.get("name") == name and event.get("kind") == "fact":
            found.append(event["fields"]["is"])
    return found


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
@pytest.mark.parametrize("state", sorted(REACHED))
def test_state_is_reached_before_the_first_step(tmp_path: Path, state: str, version: str) -> None:
    """What the frames said last is the state that was asked for."""
    written, status = REACHED[state]
    outcome = run_texts(tmp_path, f"ocpp: ['{version}']\ngiven: {{{CARDS}, state: {written}}}\nsteps: [{{log: x}}]")
    assert outcome.verdicts() == ["passed"], failure(outcome)
    seen = before_start(outcome.records, "connector_status")
    if state == "authorized" and version == "2.0.1":
        status = "Available"  # no 2.0.1 frame shows a card before the cable
    if status is None:
        assert seen == []
    else:
        assert seen[-1] == status
    if state in ("charging", "suspended_ev", "finishing"):
        phases = before_start(outcome.records, "transaction")
        assert phases[0] == "started"
        assert ("ended" in phases) is (state == "finishing")
    if state == "offline":
        assert before_start(outcome.records, "connection")[-1] == "closed"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("{chargers: {A: {identity: X}, B: {identity: X}}}", "two chargers have the identity 'X'"),
        ("{state: {faulted: {evse_id: '${{ 3 }}'}}}", "the given state was not reached: inject_fault"),
    ],
)
def test_given_data_that_cannot_be(tmp_path: Path, given: str, reason: str) -> None:
    """A world that cannot be set up is an error with the reason."""
    outcome = run_texts(tmp_path, f"given: {given}\nsteps: [{{log: x}}]")
    assert outcome.verdicts() == ["error"]
    assert failure(outcome).startswith(reason)


def test_a_pending_boot_is_waited_for(tmp_path: Path) -> None:
    """The state booted comes after as many refusals as the CSMS is told to give."""
    outcome = run_texts(tmp_path, "given: {csms: {boot: {status: Pending, interval: 2m, times: 3}}}\nsteps: [{log: x}]")
    assert outcome.verdicts() == ["passed"]
    assert before_start(outcome.records, "boot") == ["Pending", "Pending", "Pending", "Accepted"]


def test_everything_in_the_language_can_be_done() -> None:
    """Both ends are ours: nothing is blocked."""
    capabilities = SimulatedTarget().capabilities
    assert capabilities.verbs == {spec.name for spec in ACTING}
    assert capabilities.virtual_clock
    assert not SimulatedTarget(realtime=True).capabilities.virtual_clock


def test_the_same_scenario_in_real_time(tmp_path: Path) -> None:
    """--realtime changes the clock and nothing else."""
    text = f"""
given: {{{CARDS}, state: ev_connected}}
steps:
  - authorize_id_tag: CARD-1
    expect: {{auth_status: Accepted, transaction: started, connector_status: Charging}}
  - remote_stop: {{}}
    expect: {{response: {{status: Accepted}}, transaction: ended}}
"""
    outcome = run_texts(tmp_path, text, target=SimulatedTarget(realtime=True))
    assert outcome.verdicts() == ["passed"], failure(outcome)
    assert 0 < outcome.end()["elapsed"] < 10
    assert all(0 <= record["event"]["at"] < 10 for record in outcome.records if record["type"] == "event")


def test_call_error_that_comes_late_in_real_time(tmp_path: Path) -> None:
    """On a real clock the answer to the last call is waited for before the verdict."""
    text = """
steps:
  - charger_reply: {to: GetConfiguration, error: InternalError, delay: 200ms}
  - csms_call: {action: GetConfiguration}
"""
    outcome = run_texts(tmp_path, text, target=SimulatedTarget(realtime=True))
    assert outcome.verdicts() == ["failed"]


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
@pytest.mark.parametrize(
    ("given", "state", "reason"),
    [
        ("", "charging: {id_tag: CARD-1}", "CARD-1 was answered Invalid"),
        ("csms: {id_tokens: {CARD-1: Blocked}}", "authorized: {id_tag: CARD-1}", "CARD-1 was answered Blocked"),
    ],
)
def test_a_refused_card_ends_a_recipe_at_once(
    tmp_path: Path, given: str, state: str, reason: str, version: str
) -> None:
    """Nothing is waited for; the failure says who refused the card, and shows everything that happened."""
    given = f"{given}, " if given else ""
    outcome = run_texts(tmp_path, f"ocpp: ['{version}']\ngiven: {{{given}state: {{{state}}}}}\nsteps: [{{log: x}}]")
    assert outcome.verdicts() == ["error"]
    assert failure(outcome) == f"the given state was not reached: {reason}"
    assert outcome.end()["elapsed"] < 1
    shown = outcome.end()["failure"]
    assert any("token_status Rejected" in line for line in shown["arrived"])
    assert any("--- Authorize ---" in line for line in shown["sequence"])
    assert not any("window opens" in line for line in shown["sequence"])


def test_a_state_that_is_not_reached_shows_what_happened(tmp_path: Path) -> None:
    """The limit is told in the words of the language, and the frames are drawn."""
    text = "given: {csms: {boot: {status: Pending, interval: 2h, times: 3}}}\nsteps: [{log: x}]"
    outcome = run_texts(tmp_path, text)
    assert failure(outcome) == "the given state was not reached: not booted within 1h"
    assert any("boot Pending" in line for line in outcome.end()["failure"]["sequence"])


def test_a_card_that_the_local_list_refuses_ends_a_recipe(tmp_path: Path) -> None:
    """The failure says that it was the list."""
    charger = "{settings: {local_pre_authorize: true}, local_list: {version: 1, entries: {CARD-1: Blocked}}}"
    text = f"given: {{charger: {charger}, {CARDS}, state: {{charging: {{id_tag: CARD-1}}}}}}\nsteps: [{{log: x}}]"
    outcome = run_texts(tmp_path, text)
    assert failure(outcome) == "the given state was not reached: CARD-1 is Blocked in the local list"


def test_every_state_has_a_recipe() -> None:
    """One table says what states there are, another how each is reached."""
    assert set(RECIPES) == set(STATES)


@pytest.mark.parametrize(
    ("delay", "second"),
    [("100ms", "never: {transaction: started}\n    for: 400ms"), ("1s", "expect: {transaction: started}")],
)
def test_a_real_clock_settles_between_steps(tmp_path: Path, delay: str, second: str) -> None:
    """An answer that is on its way belongs to the step before; one that is late on purpose to whoever waits for it."""
    text = f"""
given: {{csms: {{id_tokens: {{CARD-1: Accepted}}, answer_delay: {{StartTransaction: {delay}}}}}, state: ev_connected}}
ocpp: ["1.6"]
steps:
  - authorize_id_tag: CARD-1
  - authorize_id_tag: CARD-2
    {second}
"""
    outcome = run_texts(tmp_path, text, target=SimulatedTarget(realtime=True))
    assert outcome.verdicts() == ["passed"], failure(outcome)
