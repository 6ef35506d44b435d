"""The gateway target: scenarios through a Gateway, good and bad, with our CSMS and somebody else's."""

from __future__ import annotations

import dataclasses
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ocpplab_runner.engine.running.suite import SuiteOptions, plan_suite
from ocpplab_runner.plugin.former_protocols import ChoosyTarget, RunTarget, SecretiveTarget, SharedTarget
from ocpplab_runner.scenario.loader import load_files
from ocpplab_runner.scenario.model import Scenario
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.engine.suite_kit import Outcome, failure, language, plan_texts, run_plan
from tests.fixtures.gateway import TOKEN, Badness, FakeGateway
from tests.targets.gateway_kit import gateway_target, run_through
from tests.thoroughness import at_least, crossed, sample

SCENARIOS = Path(__file__).parents[2] / "scenarios"
DIALECTS = ("g2", "g4")
SESSION = """
ocpp: ["1.6", "2.0.1"]
given: {csms: {id_tokens: {CARD-1: Accepted, CARD-2: Blocked}}, state: ev_connected}
steps:
  - authorize_id_tag: CARD-2
    expect: {auth_status: Blocked}
  - never: {transaction: started}
    for: 5s
  - authorize_id_tag: CARD-1
    expect: {auth_status: Accepted, transaction: started, connector_status: Charging}
  - ev_stops_energy: 1
    expect: {connector_status: SuspendedEV}
  - stop_session: 1
    expect: {transaction: ended, connector_status: [Finishing, Available]}
"""
#: What a Gateway may do to its log, and what the target is told of it.
BAD_DAYS: dict[str, tuple[Badness, dict[str, Any]]] = {
    "good": (Badness(), {}),
    "late": (Badness(log_delay=4), {}),
    "shuffled": (Badness(shuffled=True, log_delay=2), {}),
    "twice": (Badness(twice=True), {}),
    "snake_case": (Badness(snake_case=True), {}),
    "clock fast": (Badness(clock_off=95.0), {}),
    "clock slow": (Badness(clock_off=-95.0), {}),
    "whole seconds": (Badness(whole_seconds=True), {}),
    "slow": (Badness(slow=20), {}),
    "everything": (
        Badness(slow=5, log_delay=9, shuffled=True, twice=True, snake_case=True, clock_off=3.3),
        {"log_delay": "10s"},
    ),
}
WRONG = [
    "expect: {auth_status: Accepted}, within: 5s",
    "expect: {transaction: started}, within: 5s",
    "never: {auth_status: {is: Blocked, via: Authorize}}, for: 3s",
]


@cache
def library(versions: tuple[OcppVersion, ...], number: int, of: int) -> tuple[Scenario, ...]:
    """The shipped scenarios; one of so many parts of them, unless thorough."""
    files = sample(sorted(SCENARIOS.rglob("*.yaml")), number, of)
    return tuple(load_files(files, language().registry, versions=versions).scenarios)


def shipped(
    number: int, of: int, bad: Badness | None = None, longest: float = 60.0, **options: Any
) -> tuple[Outcome, FakeGateway]:
    """Run every shipped scenario that is not blocked; one of so many parts of them, unless thorough."""
    target, fake = gateway_target(bad, **options)
    run = SuiteOptions(jobs=0, max_real=longest)
    target.pretend_real = True
    plan = plan_suite(library(target.capabilities.versions, number, of), run, target, language())
    target.pretend_real = False
    plan = dataclasses.replace(plan, cases=tuple(case for case in plan.cases if case.blocked is None))
    return run_plan(plan, run), fake


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_shipped_scenario_that_can_run_passes(dialect: str) -> None:
    """Nothing of what is planned fails or turns out to be blocked, and that is at least 60 scenarios."""
    outcome, fake = shipped(DIALECTS.index(dialect), 20, dialect=dialect, longest=120.0)
    wrong = [(end["id"], end["verdict"], end.get("reason")) for end in outcome.ends() if end["verdict"] != "passed"]
    assert wrong == []
    assert len({end["id"].partition("::")[0] for end in outcome.ends()}) >= at_least(60, 20)
    assert fake.chargers == {}
    assert fake.locations == []


@pytest.mark.parametrize("day", BAD_DAYS)
def test_no_false_verdict_from_a_bad_log(day: str) -> None:
    """Somebody else's CSMS, and a log that is all there is to see: what passes elsewhere passes here, or is blocked."""
    bad, options = BAD_DAYS[day]
    outcome, fake = shipped([*BAD_DAYS].index(day), 8, bad, longest=10.0, foreign=True, **options)
    verdicts = {end["id"]: (end["verdict"], end.get("reason")) for end in outcome.ends()}
    assert [(name, *one) for name, one in verdicts.items() if one[0] not in ("passed", "blocked")] == []
    assert sum(one[0] == "passed" for one in verdicts.values()) >= at_least(20, 8)
    assert fake.chargers == {}


@pytest.mark.parametrize(("wrong", "day"), crossed(3, WRONG, [*BAD_DAYS]))
def test_a_bad_log_lets_nothing_pass_that_is_wrong(tmp_path: Path, day: str, wrong: str) -> None:
    """A blocked card is not accepted, and starts nothing, however the log looks."""
    bad, options = BAD_DAYS[day]
    text = f"""
given: {{csms: {{id_tokens: {{CARD-1: Accepted, CARD-2: Blocked}}}}, state: ev_connected}}
steps:
  - {{authorize_id_tag: CARD-2, {wrong}}}
"""
    outcome, _ = run_through(tmp_path, text, bad=bad, foreign=True, **options)
    assert outcome.verdicts() == ["failed"]


def test_a_guard_waits_for_a_late_log(tmp_path: Path) -> None:
    """What the last step has set off breaks it, although the log shows it seconds later."""
    text = "throughout: {never: {connector_status: Preparing}}\nsteps: [{plug_connector: 1}]"
    outcome, _ = run_through(tmp_path, text, bad=Badness(log_delay=4), foreign=True)
    assert outcome.verdicts() == ["failed"]


def test_a_log_of_calls_only_is_noticed(tmp_path: Path) -> None:
    """Without a word in the configuration cases are blocked with the word to say; with it, what calls show is seen."""
    text = """
given: {csms: {id_tokens: {CARD-1: Accepted}}}
steps: [{plug_connector: 1, expect: {connector_status: Preparing}}]
"""
    bad = Badness(calls_only=True, log_delay=3)
    outcome, _ = run_through(tmp_path, text, bad=bad, foreign=True)
    assert outcome.verdicts() == ["blocked"]
    assert "give the target `log: calls`" in failure(outcome)
    outcome, _ = run_through(tmp_path, text, bad=bad, foreign=True, log="calls")
    assert outcome.verdicts() == ["passed"], failure(outcome)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("address", ["charger", "location", "subset"])
def test_a_session(tmp_path: Path, dialect: str, address: str) -> None:
    """Addressed in any way, the frames at our own CSMS prove it; what was made is unmade."""
    outcome, fake = run_through(tmp_path, SESSION, dialect=dialect, address=address)
    assert outcome.verdicts() == ["passed", "passed"], [end.get("reason") for end in outcome.ends()]
    assert (len(fake.made), fake.chargers, fake.locations) == (2, {}, [])


@pytest.mark.parametrize(
    "text",
    [
        "steps: [{fail: on purpose}]",
        "steps: [{set_configuration: {configuration: {NoSuchKey: x}}}]",
        "given: {state: {charging: {id_tag: CARD-9}}}\nsteps: [{log: x}]",
        "given: {charger: {evses: 9}}\nsteps: [{log: x}]",
        "timeout: 1s\nsteps: [{wait: 1m}]",
    ],
)
def test_what_was_made_is_unmade_whatever_happens(tmp_path: Path, text: str) -> None:
    """Also when the case fails, is in error, or never gets into its state."""
    outcome, fake = run_through(tmp_path, text, address="subset")
    assert outcome.verdicts() != ["passed"]
    assert (fake.chargers, fake.locations) == ({}, [])


def test_what_cannot_be_unmade_now_is_unmade_at_the_end(tmp_path: Path) -> None:
    """The run itself remembers, and tries again."""
    target, fake = gateway_target(Badness(fails={"/ocpp/chargers/dep-1": [403]}))
    plan = plan_texts(tmp_path, "steps: [{log: x}]", target=target)
    outcome = run_plan(plan, SuiteOptions(jobs=0))
    assert outcome.verdicts() == ["passed"]
    assert "warnings" not in outcome.records[-1]
    assert fake.requests.count(("DELETE", "/ocpp/chargers/dep-1")) == 2


def test_what_is_left_is_told(tmp_path: Path) -> None:
    """Whoever pays for the charger wants to know."""
    target, _ = gateway_target(Badness(fails={"/ocpp/chargers/dep-1": [403, 403]}))
    outcome = run_plan(plan_texts(tmp_path, "steps: [{log: x}]", target=target), SuiteOptions(jobs=0))
    (warning,) = outcome.records[-1]["warnings"]
    assert "(dep-1) is left at the Gateway" in warning
    assert TOKEN not in warning


@pytest.mark.parametrize(
    ("status", "verdict", "code"), [(401, "error", 3), (403, "error", 3), (500, "error", 3), (422, "error", 1)]
)
def test_a_gateway_in_trouble(tmp_path: Path, status: int, verdict: str, code: int) -> None:
    """Is infrastructure where nobody understood the request, and no failure of the scenario in any case."""
    outcome, fake = run_through(tmp_path, "steps: [{log: x}]", bad=Badness(fails={"/ocpp/chargers": [status]}))
    assert (outcome.verdicts(), outcome.code) == ([verdict], code)
    assert failure(outcome).startswith("POST /ocpp/chargers: HTTP")
    assert TOKEN not in outcome.text()
    assert fake.chargers == {}


def test_a_command_is_sent_once(tmp_path: Path) -> None:
    """Trouble with a command is an error of the case; the command is not sent again."""
    path = "/ocpp/commands/plug-connector"
    outcome, fake = run_through(tmp_path, "steps: [{plug_connector: 1}]", bad=Badness(fails={path: [503]}))
    assert outcome.verdicts() == ["error"]
    assert fake.requests.count(("POST", path)) == 1


def test_a_log_that_cannot_be_read_ends_the_case(tmp_path: Path) -> None:
    """Without evidence there is no verdict."""
    bad = Badness(fails={"/ocpp/chargers/dep-1/logs": [200 if number < 0 else 403 for number in range(1)]})
    outcome, _ = run_through(tmp_path, "steps: [{wait: 1m}]", bad=bad, foreign=True)
    assert outcome.verdicts() == ["error"]
    assert "/ocpp/chargers/dep-1/logs" in failure(outcome)


@pytest.mark.parametrize(
    ("dialect", "text", "reason"),
    [
        ("g2", "steps: [{network: down}]", "cannot cut a charger's connection"),
        ("g2", "steps: [{power: 'off'}]", "does not say what the charger keeps"),
        ("g2", "steps: [{charger_reply: {to: Reset, silence: true}}]", "cannot choose what a charger answers"),
        ("g4", "steps: [{stop_transaction: {}}]", "generation 4 of the Gateway API has no such command"),
        ("g2", "steps: [{authorize_id_tag: {id_tag: A, evse_id: 1}}]", "no connector_id in authorize-id-tag"),
        ("g2", "steps: [{plug_connector: {evse_id: 1, ev: {demand: false}}}]", "no ev in plug-connector"),
        ("g2", "steps: [{plug_connector: 1, expect: {outcome: done}}]", "never tells its outcome"),
        (
            "g2",
            "steps: [{clear_fault: {}, expect: {outcome: {is: done, detail: {faults_cleared: 2}}}}]",
            "does not promise that its answer to clear_fault says faults_cleared",
        ),
        ("g4", "steps: [{authorize_id_tag: A, expect: {outcome: refused}}]", "rejected when the card is refused"),
        ("g2", "steps: [{expect: {token_status: Accepted}}]", "happens inside the charger"),
        (
            "g2",
            "steps: [{authorize_id_tag: A, expect: {auth_status: {is: Accepted, via: cache}}}]",
            "verdict via cache",
        ),
        ("g2", "steps: [{never: {auth_status: Accepted}, for: 1s}]", "cannot be judged without `via`"),
        ("g2", "throughout: {never: {auth_status: Blocked}}\nsteps: [{log: x}]", "cannot be judged without `via`"),
        ("g2", "given: {charger: {cache: {A: Accepted}}}\nsteps: [{log: x}]", "can empty the authorization cache, not"),
        ("g2", "given: {charger: {basic_auth: {password: x}}}\nsteps: [{log: x}]", "gives a charger no credentials"),
        ("g2", "given: {charger: {ev: {demand: false}}}\nsteps: [{log: x}]", "says nothing of the EV"),
        ("g2", "given: {state: offline}\nsteps: [{log: x}]", "cannot cut a charger's connection"),
        ("g2", "given: {state: disconnected}\nsteps: [{log: x}]", "switches its chargers on"),
        (
            "g2",
            "steps: [{send_local_auth_list: {list_version: 1, entries: [{id_tag: A, status: Blocked}]}}]",
            "have no status",
        ),
        ("g2", "steps: [{proxy_message: {action: Heartbeat, payload: {x: 1}}, raw: true}]", "deliberately wrong"),
        ("g2", "steps: [{expect: {violation: {is: schema, by: csms}}}]", "happens inside the Gateway"),
        (
            "g2",
            "cases: [{name: r, how: cache}]\n"
            "steps: [{authorize_id_tag: A, expect: {auth_status: {is: Accepted, via: '${{ how }}'}}}]",
            "verdict via cache",
        ),
    ],
)
def test_what_the_api_forces_is_known_beforehand(tmp_path: Path, dialect: str, text: str, reason: str) -> None:
    """With a reason to act on, before anything is made."""
    target, _ = gateway_target(dialect=dialect)
    (case,) = plan_texts(tmp_path, text, target=target).cases
    assert case.blocked is not None
    assert reason in case.blocked


def test_a_verdict_that_nobody_saw_is_no_failure(tmp_path: Path) -> None:
    """The cache accepts the card the second time, and no frame shows it."""
    text = """
given: {csms: {id_tokens: {CARD-1: Accepted}}}
steps:
  - start_session: CARD-1
    expect: {transaction: started}
  - stop_session: 1
    expect: {transaction: ended}
  - authorize_id_tag: CARD-1
    expect: {auth_status: Accepted}
    within: 5s
"""
    outcome, _ = run_through(tmp_path, text)
    assert outcome.verdicts() == ["blocked"]
    assert "it may have been given unseen" in failure(outcome)


def test_the_given_world_is_arranged(tmp_path: Path) -> None:
    """Settings through the configuration command, a plain list through the API, one with statuses through our CSMS."""
    text = """
given:
  charger:
    evses: 2
    settings: {heartbeat_interval: 90s}
    local_list: {version: 4, entries: {CARD-1: %s}}
steps:
  - get_configuration: heartbeat_interval
    expect: {configuration: {value: "90"}}
  - get_local_list_version: {}
    expect: {local_list: {version: 4}}
"""
    for status, posted in (("Accepted", True), ("Blocked", False)):
        outcome, fake = run_through(tmp_path, text % status)
        assert outcome.verdicts() == ["passed"], failure(outcome)
        assert ("/ocpp/commands/local-auth-list" in fake.bodies) is posted
        assert fake.bodies["/ocpp/chargers"][0]["model_slug"] == "test-2"


def test_a_charger_has_its_password(tmp_path: Path) -> None:
    """In generation 4, and the user is its identity: another one cannot be arranged."""
    text = "given: {charger: {identity: CP-7, basic_auth: {user: %s, password: key-of-CP-7}}}\nsteps: [{log: x}]"
    outcome, fake = run_through(tmp_path, text % "CP-7", dialect="g4")
    assert outcome.verdicts() == ["passed"], failure(outcome)
    assert fake.bodies["/evcharger/deployment"][0]["authorization_key"] == "key-of-CP-7"
    assert "key-of-CP-7" not in outcome.text()
    outcome, fake = run_through(tmp_path, text % "somebody", dialect="g4")
    assert (outcome.verdicts(), fake.made) == (["blocked"], [])
    assert "makes a charger's identity the user" in failure(outcome)


def test_a_proxied_message_has_an_answer(tmp_path: Path) -> None:
    """The API does not name the message; the first call of that action is taken to be it."""
    text = """
steps:
  - proxy_message: {action: DataTransfer, payload: {vendorId: x}}
    expect: {response: {status: UnknownVendorId}}
"""
    outcome, fake = run_through(tmp_path, text)
    assert outcome.verdicts() == ["passed"], failure(outcome)
    assert fake.bodies["/ocpp/commands/proxy-message"][0]["event"]["action"] == "data_transfer"


def test_identities_are_nobody_elses() -> None:
    """Each charger of each case has one of its own, short enough for OCPP 1.6."""
    _, fake = shipped(1, 4, longest=1.0)
    identities = [body["identity"] for body in fake.bodies["/ocpp/chargers"]]
    assert len(set(identities)) == len(identities)
    assert max(map(len, identities)) <= 20


def test_it_is_all_that_the_engine_can_ask_for() -> None:
    """Its optional parts are found by their protocols."""
    target, _ = gateway_target()
    assert isinstance(target, ChoosyTarget)
    assert isinstance(target, RunTarget)
    assert isinstance(target, SecretiveTarget)
    assert isinstance(target, SharedTarget)
    assert target.secrets == (TOKEN,)
