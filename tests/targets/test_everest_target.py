"""The target everest: stand-ins for EVerest on a real broker, dialling our CSMS."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiomqtt import Client

from ocpplab_runner.plugin.stage import Stage, StageRequest
from ocpplab_runner.targets.everest.options import EverestOptions
from ocpplab_runner.targets.everest.target import EverestTarget
from tests.bench.kit import free_ports
from tests.engine.suite_kit import Outcome, failure, plan_texts, run_texts
from tests.everest.kit import MosquittoBroker, broker, needs_mosquitto, standins

pytestmark = needs_mosquitto
_AS_OURS = {"selection_algorithm": "PlugEvents", "prioritize_authorization_over_stopping_transaction": False}
_TOPIC = "x_everest_api/1/auth_consumer/auth_observer/e2m/token_validation_status"
#: Seconds that a stage may take to be there on a busy machine.
_SET_UP = 30.0
_CARD = "given: {csms: {id_tokens: {CARD-1: Accepted, CARD-2: Blocked}}}\n"


@contextmanager
def _everest(
    place: Path, *, version: str = "1.6", standin: Mapping[str, Any] | None = None, **options: Any
) -> Iterator[tuple[EverestTarget, MosquittoBroker]]:
    (port,) = free_ports(1)
    described = {"identity": "EV-1", "url": f"ws://127.0.0.1:{port}/ocpp", "version": version, "prefix": "x_"}
    own = {"prefix": "x_", "versions": [version], "cars": 1, "charger": {"authorization": _AS_OURS}}
    shared = {name: options.pop(name) for name in list(options) if name in ("quirks", "validators", "cars", "charger")}
    given = {
        "listen": f"127.0.0.1:{port}",
        "stations": {"EV-1": {**own, **shared}},
        "discovery": "300ms",
        "journal": str(place),
        "within": "5s",
        "answer_delay": "10ms",
        **options,
    }
    with broker(place=place) as mosquitto, standins(mosquitto.port, [{**described, **(standin or {})}]):
        yield EverestTarget.from_mapping("everest", {"broker": mosquitto.url, **given}), mosquitto


def _run(place: Path, text: str, target: EverestTarget, version: str = "1.6") -> Outcome:
    return run_texts(place, f"ocpp: ['{version}']\n{text}", target=target)


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_a_session_is_driven_and_looked_into(version: str, tmp_path: Path) -> None:
    """Cars and tokens by MQTT, the verdict over OCPP and from inside."""
    text = f"""{_CARD}steps:
  - plug_connector: 1
    expect: {{session: {{is: SessionStarted, reason: EVConnected}}}}
  - authorize_id_tag: CARD-2
    expect: {{token_status: [Processing, Rejected], auth_status: Blocked}}
  - authorize_id_tag: CARD-1
    expect: {{token_status: [Processing, Accepted, UsedToStart], authorized_evse: 1, session: TransactionStarted}}
  - withdraw_authorization: {{evse_id: 1}}
    expect:
      outcome: {{is: done, detail: {{result: Accepted}}}}
      withdrawal: Accepted
      transaction: {{is: ended, reason: DeAuthorized}}
  - unplug_connector: 1
    expect: {{session: SessionFinished}}
"""
    with _everest(tmp_path, version=version) as (target, _):
        outcome = _run(tmp_path, text, target, version)
    assert outcome.verdicts() == ["passed"], failure(outcome)


@pytest.mark.parametrize(
    ("group", "wanted", "blocked"), [("FAMILY", True, True), ("FAMILY", False, False), (None, True, False)]
)
def test_what_stops_first_matters_at_one_evse_only_with_a_master_pass_group(
    group: str | None, wanted: bool, blocked: bool, tmp_path: Path
) -> None:
    """A master pass card starts nothing with it, and stops nothing without (rule AUTH-8)."""
    priority = "prioritize_authorization_over_stopping_transaction"
    told = {priority: wanted, **({"master_pass_group": group} if group else {})}
    own = {"authorization": {**_AS_OURS, **({"master_pass_group": group} if group else {})}}
    text = f"ocpp: ['1.6']\ngiven: {{charger: {{authorization: {json.dumps(told)}}}}}\nsteps: [{{plug_connector: 1}}]\n"
    with _everest(tmp_path, charger=own) as (target, _):
        plan = plan_texts(tmp_path, text, target=target)
    assert (priority in str(plan.cases[0].blocked)) is blocked, plan.cases[0].blocked


@pytest.mark.parametrize(
    ("group", "reason"),
    [("FAMILY", None), ("OTHERS", "master_pass_group must be OTHERS, and EV-1 has FAMILY"), (None, "must be none")],
)
def test_the_master_pass_group_of_ocpp_1_6_is_what_an_everest_is(
    group: str | None, reason: str | None, tmp_path: Path
) -> None:
    """OCPP 1.6 has no setting for it."""
    given = f"given: {{charger: {{authorization: {{master_pass_group: {group}}}}}}}\n" if group else ""
    charger = {"authorization": {**_AS_OURS, "master_pass_group": "FAMILY"}}
    with _everest(tmp_path, standin={"charger": charger}, charger=charger) as (target, _):
        plan = plan_texts(tmp_path, f"ocpp: ['1.6']\n{given}steps: [{{plug_connector: 1}}]\n", target=target)
        outcome = _run(tmp_path, f"{given}steps: [{{plug_connector: 1}}]\n", target) if reason is None else None
    assert (reason or "None") in str(plan.cases[0].blocked)
    assert outcome is None or outcome.verdicts() == ["passed"], failure(outcome)


def test_a_group_that_ocpp_1_6_cannot_set_is_wanted_of_the_everest_that_has_it(tmp_path: Path) -> None:
    """One that is said to have none is another."""
    text = "ocpp: ['1.6']\ngiven: {charger: {settings: {master_pass_group: FAMILY}}}\nsteps: [{plug_connector: 1}]\n"
    with _everest(tmp_path) as (target, _):
        plan = plan_texts(tmp_path, text, target=target)
    assert "master_pass_group must be FAMILY, and EV-1 has none" in str(plan.cases[0].blocked)


def test_scripted_validators_are_ours(tmp_path: Path) -> None:
    """Auth asks over the broker, and the scenario's script answers, late where it says so."""
    text = """
given:
  charger:
    authorization:
      validators: [{name: gate, verdicts: {CARD-1: {status: Accepted, delay: 300ms}}, otherwise: Expired}]
steps:
  - plug_connector: 1
  - authorize_id_tag: CARD-2
    expect: {validation_result: {is: Expired, via: gate}, token_status: [Processing, Rejected]}
  - authorize_id_tag: CARD-1
    expect: {validation_result: {is: Accepted, via: gate}, token_status: [Processing, Accepted, UsedToStart]}
"""
    with _everest(tmp_path, standin={"validators": ["scripted"]}, validators="scripted") as (target, _):
        outcome = _run(tmp_path, text, target)
        plain = plan_texts(tmp_path, "ocpp: ['1.6']\nsteps: [{plug_connector: 1}]\n", target=target)
    assert outcome.verdicts() == ["passed"], failure(outcome)
    assert "tokens are judged at EV-1 by scripted" in str(plain.cases[0].blocked)


_CACHE = "given: {charger: {cache: {CARD-1: Accepted}}, csms: {id_tokens: {CARD-1: Blocked}}, state: ev_connected}\n"


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_a_cache_is_filled_by_presenting_its_cards(version: str, tmp_path: Path) -> None:
    """The CSMS of the case would refuse the card, and is not asked; what filled the cache is no part of the case."""
    text = f"""{_CACHE}throughout: {{never: {{message: {{action: Authorize}}, withdrawal: {{}}}}}}
steps:
  - authorize_id_tag: CARD-1
    expect: {{auth_status: {{is: Accepted, via: cache}}, token_status: [Processing, Accepted, UsedToStart]}}
"""
    with _everest(tmp_path, version=version) as (target, _):
        outcome = _run(tmp_path, text, target, version)
    assert outcome.verdicts() == ["passed"], failure(outcome)


def test_an_everest_that_keeps_no_card_cannot_be_given_a_cache(tmp_path: Path) -> None:
    """It asks about the card again: nothing that the case would show then is about a cache."""
    with _everest(tmp_path, standin={"forgets": True}) as (target, _):
        outcome = _run(tmp_path, f"{_CACHE}steps: [{{authorize_id_tag: CARD-1}}]\n", target)
    assert outcome.verdicts() == ["blocked"], failure(outcome)
    assert "asks the CSMS about CARD-1 each time" in failure(outcome)


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ("authorize_id_tag: C, expect: {auth_status: {is: Blocked, via: cache}}", "not with which status"),
        ("authorize_id_tag: C, expect: {auth_status: {via: station, reason: R}}", "nor why"),
        ("authorize_id_tag: C, never: {auth_status: {via: cache}}, for: 1s", "does not tell who has judged"),
        ("never: {reservation: Used}, for: 1s", "only what OCPP has a message for"),
        ("expect: {reservation: Removed}", "by which a station tells that a reservation is Removed"),
    ],
)
def test_what_cannot_be_concluded_blocks_ahead(step: str, reason: str, tmp_path: Path) -> None:
    """With what is missing."""
    with _everest(tmp_path) as (target, _):
        plan = plan_texts(tmp_path, f"ocpp: ['1.6']\nsteps: [{{{step}}}]\n", target=target)
    assert reason in str(plan.cases[0].blocked)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("{evses: 2, authorization: {selection_algorithm: UserInput}}", "EVerest's Auth throws"),
        ("{cache: {C: {status: Accepted, expired_for: 1h}}}", "which has expired when it learns of it"),
    ],
)
def test_what_no_everest_can_be_given_blocks_ahead(given: str, reason: str, tmp_path: Path) -> None:
    """Whichever it is."""
    with _everest(tmp_path) as (target, _):
        text = f"ocpp: ['1.6']\ngiven: {{charger: {given}}}\nsteps: [{{plug_connector: 1}}]\n"
        plan = plan_texts(tmp_path, text, target=target)
    assert reason in str(plan.cases[0].blocked)


def test_a_refusal_that_was_concluded_is_not_known_further(tmp_path: Path) -> None:
    """Who has refused is concluded; where a status is asked for that only runs in, it is neither right nor wrong."""
    text = """
given: {csms: {id_tokens: {CARD-1: Accepted, CARD-2: Accepted}}, state: {charging: {id_tag: CARD-1}}}
steps: [{authorize_id_tag: CARD-2, expect: {auth_status: {via: station%s}, token_status: [Processing, Rejected]}}]
"""
    with _everest(tmp_path) as (target, _):
        seen = _run(tmp_path, text % "", target)
        asked = _run(tmp_path, text % ", is: \"${{ 'Inva' + 'lid' }}\"", target)
    assert seen.verdicts() == ["passed"], failure(seen)
    assert asked.verdicts() == ["blocked"], failure(asked)
    assert "not with which status" in failure(asked)


@pytest.mark.parametrize(
    ("lacks", "step", "reason"),
    [
        ("auth_consumer", "never: {token_status: Rejected}, for: 1s", "no module of the type auth_consumer_API"),
        ("auth_consumer", "withdraw_authorization: {}", "no module of the type auth_consumer_API"),
        ("auth_token_provider", "authorize_id_tag: CARD-1", "no auth_token_provider_API and no `dummy_token_provider`"),
        ("evse_manager_consumer", "expect: {session: SessionStarted}", "evse_manager_consumer_API"),
        ("", "expect: {validation_result: Accepted}", "auth_token_validator_API"),
        ("", "network: down", "EnableExternalWebsocketControl"),
        ("", "inject_fault: GroundFailure", "option `board_errors`"),
        ("", "select_evse: 1", "no hand can select_evse"),
        ("", "authorize_id_tag: C, expect: {outcome: done}", "takes it without an answer"),
        ("", "plug_connector: 1, expect: {outcome: refused}", "takes it without an answer"),
    ],
)
def test_what_an_installation_lacks_blocks_ahead(lacks: str, step: str, reason: str, tmp_path: Path) -> None:
    """It is found out before anything runs, and the reason says what would help."""
    with _everest(tmp_path, standin={"lacks": [lacks]}) as (target, _):
        plan = plan_texts(tmp_path, f"ocpp: ['1.6']\nsteps: [{{{step}}}]\n", target=target)
    assert reason in str(plan.cases[0].blocked)


def test_no_broker_is_told_by_every_case(tmp_path: Path) -> None:
    """Nothing can be said of EVerest then, and nothing fails."""
    target = EverestTarget.from_mapping(
        "everest", {"broker": "mqtt://qa:geheim@127.0.0.1:9", "reach": "300ms", "listen": "127.0.0.1:0", "cars": 1}
    )
    steps = (
        "steps: [{plug_connector: 1}, {authorize_id_tag: C, expect: {token_status: Rejected, session: AuthRequired}}]"
    )
    outcome = _run(tmp_path, f"{steps}\n", target)
    assert (outcome.verdicts(), outcome.code) == (["error"], 3), failure(outcome)
    assert "the broker mqtt://127.0.0.1:9 cannot be reached" in failure(outcome)
    assert "geheim" not in outcome.text()


def test_a_broker_that_comes_after_the_run_has_begun_is_too_late(tmp_path: Path) -> None:
    """Nobody knows then what is there, and nothing is judged."""
    with _everest(tmp_path, reach="500ms") as (target, mosquitto):
        mosquitto.stop()
        assert "token_status" in target.capabilities.facts, "nothing is called missing"
        mosquitto.start()
        outcome = _run(tmp_path, "steps: [{plug_connector: 1, expect: {session: SessionStarted}}]\n", target)
    assert outcome.verdicts() == ["error"], failure(outcome)
    assert "when the run began, the broker" in failure(outcome)


def _said(
    target: EverestTarget, place: Path, port: int, messages: list[bytes], steps: str, *, after: float = 0.3
) -> Outcome:
    """Run steps while an impostor speaks in EVerest's name, so many seconds after there is a stage that hears it."""
    ready, set_up = multiprocessing.Event(), target.set_up  # which forked workers share

    async def tell_when_ready(request: StageRequest) -> Stage:
        stage = await set_up(request)
        ready.set()
        return stage

    async def speak() -> None:
        async with Client("127.0.0.1", port) as client:
            for message in messages:
                await client.publish(_TOPIC, message)

    def later() -> None:
        if ready.wait(_SET_UP):
            time.sleep(after)
            asyncio.run(speak())

    target.set_up = tell_when_ready  # type: ignore[method-assign]
    thread = threading.Thread(target=later)
    thread.start()
    try:
        return _run(place, f"steps: [{steps}]\n", target)
    finally:
        thread.join()


def _status(status: Any) -> bytes:
    token = {"id_token": {"value": "CARD-9", "type": "ISO14443"}, "authorization_type": "RFID"}
    return json.dumps({"token": token, "status": status}).encode()


@pytest.mark.parametrize(
    ("messages", "expected", "verdict", "code"),
    [
        (
            [_status("Processing"), _status("Processing"), _status("Rejected")],
            "[Processing, Rejected]",
            "passed",
            "everest-repeated",
        ),
        ([b"{", _status("Processing")], "Processing", "passed", "everest-type"),
        ([_status(7), _status("Processing")], "Processing", "passed", "everest-type"),
        ([_status("UsedToDream"), _status("Rejected")], "Rejected", "passed", None),
        ([_status("Rejected"), _status("Processing")], "[Processing, Rejected]", "failed", None),
    ],
)
def test_what_is_said_wrong_is_named_and_is_no_fact(
    messages: list[bytes], expected: str, verdict: str, code: str | None, tmp_path: Path
) -> None:
    """Twice, malformed, unknown, in the wrong order: each its own."""
    with _everest(tmp_path) as (target, mosquitto):
        assert "token_status" in target.capabilities.facts, "found out before the impostor speaks"
        step = f"{{expect: {{token_status: {expected}}}, within: 6s}}"
        outcome = _said(target, tmp_path, mosquitto.port, messages, step)
    assert outcome.verdicts() == [verdict], failure(outcome)
    assert [one["code"] for one in outcome.end().get("violations", [])] == ([code] if code else [])


@pytest.mark.parametrize(
    ("step", "verdict"),
    [
        ("{expect: {token_status: Processing}, within: 500ms}", "failed"),
        ("{never: {token_status: Processing}, for: 500ms}", "passed"),
    ],
)
def test_what_is_said_late_counts_for_no_step_before_it(step: str, verdict: str, tmp_path: Path) -> None:
    """Neither as what was expected there, nor as what must not come."""
    with _everest(tmp_path) as (target, mosquitto):
        assert "token_status" in target.capabilities.facts, "found out before the impostor speaks"
        late = "{expect: {token_status: Processing}, within: 8s}"
        steps = f"{step}, {late}" if verdict == "passed" else step
        outcome = _said(target, tmp_path, mosquitto.port, [_status("Processing")], steps, after=3.0)
    assert outcome.verdicts() == [verdict], failure(outcome)


def test_what_was_said_while_the_broker_was_away_may_have_been_said(tmp_path: Path) -> None:
    """Neither a failure nor a pass."""
    text = "steps: [{expect: {token_status: Processing}, within: 5s}]\n"
    with _everest(tmp_path) as (target, mosquitto):
        assert "token_status" in target.capabilities.facts, "found out before the broker goes"
        with mosquitto.away_for_a_moment():
            outcome = _run(tmp_path, text, target)
    assert outcome.verdicts() == ["blocked"], failure(outcome)
    assert "the broker was away for a time" in failure(outcome)


def test_a_quirk_of_the_target_is_a_known_failure(tmp_path: Path) -> None:
    """By target and by rule; another failure stays one, and a pass stays one."""
    text = "covers: [{rule}]\nsteps: [{{expect: {{token_status: Accepted}}, within: 300ms}}]\n"
    with _everest(tmp_path, quirks=["stuck-sibling"]) as (target, _):
        known = _run(tmp_path, text.format(rule="AUTH-8b"), target)
        other = _run(tmp_path, text.format(rule="AUTH-9"), target)
    assert known.verdicts() == ["xfailed"]
    assert "stuck-sibling" in failure(known)
    assert other.verdicts() == ["failed"]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"broker": "http://x"}, "`broker` is mqtt://"),
        ({"cars": "many"}, "`cars` maps EVSE ids"),
        ({"modules": {"auth": "x"}}, "`modules` knows auth_token_provider"),
        ({"modules": {"auth_consumer": 7}}, "`modules.auth_consumer` is a module id"),
        ({"validators": ["gate"]}, "some of csms, scripted"),
        ({"quirks": ["slow"]}, "not 'slow'"),
        ({"websocket": "yes"}, "`websocket` is true or false"),
        ({"stations": {"A": {"prefix": 7}}}, r"`stations.A.prefix` is a text"),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, Any], problem: str) -> None:
    """With what would be right."""
    with pytest.raises(ValueError, match=problem):
        EverestOptions.from_mapping(options)


def test_an_unknown_option_is_one_of_a_station() -> None:
    """Which names those that there are."""
    with pytest.raises(ValueError, match="has no option bróker"):
        EverestTarget.from_mapping("e", {"bróker": "x"})
