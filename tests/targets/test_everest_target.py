"""The target everest: stand-ins for EVerest on a real broker, dialling our CSMS."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client

from ocpplab_runner.targets.everest.options import EverestOptions
from ocpplab_runner.targets.everest.target import EverestTarget
from tests.bench.kit import free_ports
from tests.engine.suite_kit import Outcome, failure, plan_texts, run_texts
from tests.everest.kit import PLUGGED, MosquittoBroker, broker, needs_mosquitto, standins
from tests.thoroughness import one_of_each

pytestmark = needs_mosquitto
_AS_OURS = {"selection_algorithm": "PlugEvents", "prioritize_authorization_over_stopping_transaction": False}
_TOPIC = "x_everest_api/1/auth_consumer/auth_observer/e2m/token_validation_status"
_VERSIONS = one_of_each(["1.6", "2.0.1", "2.1"], lambda version: version == "1.6")
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
        "discovery": "800ms",
        "journal": str(place),
        "within": "5s",
        "answer_delay": "10ms",
        **options,
    }
    with broker(place=place) as mosquitto, standins(mosquitto.port, [{**described, **(standin or {})}]):
        yield EverestTarget.from_mapping("everest", {"broker": mosquitto.url, **given}), mosquitto


def _run(place: Path, text: str, target: EverestTarget, version: str = "1.6") -> Outcome:
    return run_texts(place, f"ocpp: ['{version}']\n{text}", target=target)


#: A scenario, what an EVerest lacks, and options of its station → why it cannot run there; "None" where it can.
Blocked = Callable[..., str]


@pytest.fixture(scope="module")
def blocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Blocked]:
    """What is found out before a run, at EVerests that lack this or that, of which none is ever dialled."""
    place = tmp_path_factory.mktemp("planned")
    lacking = ("", "auth_consumer", "auth_token_provider", "evse_manager_consumer")
    everests = [
        {
            "identity": f"EV-{one}",
            "url": "ws://127.0.0.1:9/ocpp",
            "version": "1.6",
            "prefix": f"{one}_",
            "lacks": [one],
            "charger": {"reconnect": "1h"},
        }
        for one in lacking
    ]
    with broker(place=place) as mosquitto, standins(mosquitto.port, everests):

        def target(lacks: str, **options: Any) -> EverestTarget:
            own = {
                "prefix": f"{lacks}_",
                "versions": ["1.6"],
                "cars": 1,
                "charger": {"authorization": _AS_OURS},
                **options,
            }
            given = {"listen": "127.0.0.1:0", "stations": {"EV-1": own}, "discovery": "800ms"}
            return EverestTarget.from_mapping("everest", {"broker": mosquitto.url, **given})

        known = cache(target)

        def ask(text: str, *, lacks: str = "", **options: Any) -> str:
            chosen = target(lacks, **options) if options else known(lacks)
            return str(plan_texts(place, f"ocpp: ['1.6']\n{text}\n", target=chosen).cases[0].blocked)

        yield ask


@pytest.mark.parametrize("version", _VERSIONS)
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
    ("group", "wanted", "matters"), [("FAMILY", True, True), ("FAMILY", False, False), (None, True, False)]
)
def test_what_stops_first_matters_at_one_evse_only_with_a_master_pass_group(
    group: str | None, wanted: bool, matters: bool, blocked: Blocked
) -> None:
    """A master pass card starts nothing with it, and stops nothing without (rule AUTH-8)."""
    priority = "prioritize_authorization_over_stopping_transaction"
    told = {priority: wanted, **({"master_pass_group": group} if group else {})}
    own = {"authorization": {**_AS_OURS, **({"master_pass_group": group} if group else {})}}
    text = f"given: {{charger: {{authorization: {json.dumps(told)}}}}}\nsteps: [{{plug_connector: 1}}]"
    reason = blocked(text, charger=own)
    assert (priority in reason) is matters, reason


_FAMILY = {"authorization": {**_AS_OURS, "master_pass_group": "FAMILY"}}


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (
            "given: {charger: {authorization: {master_pass_group: OTHERS}}}\n",
            "master_pass_group must be OTHERS, and EV-1 has FAMILY",
        ),
        ("", "must be none"),
    ],
)
def test_the_master_pass_group_of_ocpp_1_6_is_what_an_everest_is(given: str, reason: str, blocked: Blocked) -> None:
    """OCPP 1.6 has no setting for it."""
    assert reason in blocked(f"{given}steps: [{{plug_connector: 1}}]", charger=_FAMILY)


def test_a_case_of_the_master_pass_group_that_an_everest_is_runs_there(tmp_path: Path) -> None:
    """In OCPP 1.6 too."""
    text = "given: {charger: {authorization: {master_pass_group: FAMILY}}}\nsteps: [{plug_connector: 1}]\n"
    with _everest(tmp_path, standin={"charger": _FAMILY}, charger=_FAMILY) as (target, _):
        outcome = _run(tmp_path, text, target)
    assert outcome.verdicts() == ["passed"], failure(outcome)


def test_a_group_that_ocpp_1_6_cannot_set_is_wanted_of_the_everest_that_has_it(blocked: Blocked) -> None:
    """One that is said to have none is another."""
    text = "given: {charger: {settings: {master_pass_group: FAMILY}}}\nsteps: [{plug_connector: 1}]"
    assert "master_pass_group must be FAMILY, and EV-1 has none" in blocked(text)


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


@pytest.mark.parametrize("version", _VERSIONS)
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
def test_what_cannot_be_concluded_blocks_ahead(step: str, reason: str, blocked: Blocked) -> None:
    """With what is missing."""
    assert reason in blocked(f"steps: [{{{step}}}]")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("{evses: 2, authorization: {selection_algorithm: UserInput}}", "EVerest's Auth throws"),
        ("{cache: {C: {status: Accepted, expired_for: 1h}}}", "which has expired when it learns of it"),
    ],
)
def test_what_no_everest_can_be_given_blocks_ahead(given: str, reason: str, blocked: Blocked) -> None:
    """Whichever it is."""
    assert reason in blocked(f"given: {{charger: {given}}}\nsteps: [{{plug_connector: 1}}]")


def test_a_refusal_that_was_concluded_is_not_known_further(tmp_path: Path) -> None:
    """Who has refused is concluded; where a status is asked for that only runs in, it is neither right nor wrong."""
    text = """
given: {csms: {id_tokens: {CARD-1: Accepted, CARD-2: Accepted}}, state: {charging: {id_tag: CARD-1}}}
steps: [{authorize_id_tag: CARD-2, expect: {auth_status: {via: station%s}, token_status: [Processing, Rejected]}}]
"""
    asked = text % ", is: \"${{ 'Inva' + 'lid' }}\""
    with _everest(tmp_path, allow=["reset"]) as (target, _):
        outcome = run_texts(tmp_path, text % "", asked, target=target, jobs=1)
    assert outcome.verdicts() == ["passed", "blocked"], outcome.ends()
    assert "not with which status" in outcome.ends()[1]["reason"]


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
def test_what_an_installation_lacks_blocks_ahead(lacks: str, step: str, reason: str, blocked: Blocked) -> None:
    """It is found out before anything runs, and the reason says what would help."""
    assert reason in blocked(f"steps: [{{{step}}}]", lacks=lacks)


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


@contextmanager
def _spoken_to(place: Path, *speeches: list[bytes]) -> Iterator[EverestTarget]:
    """An EVerest in whose name an impostor says, whenever a car is plugged in, what is next."""
    left = list(speeches)

    def speak(client: Client) -> None:
        for message in left.pop(0):
            client.publish(_TOPIC, message)

    with _everest(place) as (target, mosquitto), mosquitto.at_each(PLUGGED, speak):
        yield target


def _status(status: Any) -> bytes:
    token = {"id_token": {"value": "CARD-9", "type": "ISO14443"}, "authorization_type": "RFID"}
    return json.dumps({"token": token, "status": status}).encode()


#: What is said, what is expected, the verdict, and the violation that is named.
_WRONG: list[tuple[list[bytes], str, str, list[str]]] = [
    (
        [_status("Processing"), _status("Processing"), _status("Rejected")],
        "[Processing, Rejected]",
        "passed",
        ["everest-repeated"],
    ),
    ([b"{", _status("Processing")], "Processing", "passed", ["everest-type"]),
    ([_status(7), _status("Processing")], "Processing", "passed", ["everest-type"]),
    ([_status("UsedToDream"), _status("Rejected")], "Rejected", "passed", []),
    ([_status("Rejected"), _status("Processing")], "[Processing, Rejected]", "failed", []),
]


def test_what_is_said_wrong_is_named_and_is_no_fact(tmp_path: Path) -> None:
    """Twice, malformed, unknown, in the wrong order: each its own."""
    steps = [f"steps: [{{plug_connector: 1, expect: {{token_status: {one[1]}}}, within: 2s}}]" for one in _WRONG]
    with _spoken_to(tmp_path, *(said for said, *_ in _WRONG)) as target:
        outcome = run_texts(tmp_path, *steps, target=target, jobs=1)
    seen = [(one["verdict"], [each["code"] for each in one.get("violations", [])]) for one in outcome.ends()]
    for (said, _, verdict, codes), found in zip(_WRONG, seen, strict=True):
        assert found == (verdict, codes), said


def test_what_is_said_late_counts_for_no_step_before_it(tmp_path: Path) -> None:
    """Neither as what was expected there, nor as what must not come."""
    missed = "steps: [{expect: {token_status: Processing}, within: 300ms}]"
    late = "{plug_connector: 1, expect: {token_status: Processing}, within: 5s}"
    awaited = f"steps: [{{never: {{token_status: Processing}}, for: 300ms}}, {late}]"
    with _spoken_to(tmp_path, [_status("Processing")]) as target:
        outcome = run_texts(tmp_path, missed, awaited, target=target, jobs=1)
    assert outcome.verdicts() == ["failed", "passed"], outcome.ends()


def test_what_was_said_while_the_broker_was_away_may_have_been_said(tmp_path: Path) -> None:
    """Neither a failure nor a pass."""
    text = "steps: [{plug_connector: 1, expect: {token_status: Processing}, within: 2s}]\n"
    with _everest(tmp_path) as (target, mosquitto), mosquitto.away_at(PLUGGED):
        outcome = _run(tmp_path, text, target)
    assert outcome.verdicts() == ["blocked"], failure(outcome)
    assert "the broker was away for a time" in failure(outcome)


def test_a_quirk_of_the_target_is_a_known_failure(tmp_path: Path) -> None:
    """By target and by rule; another failure stays one, and a pass stays one."""
    text = "covers: [{rule}]\nsteps: [{{expect: {{token_status: Accepted}}, within: 300ms}}]\n"
    with _everest(tmp_path, quirks=["stuck-sibling"]) as (target, _):
        outcome = run_texts(tmp_path, text.format(rule="AUTH-8b"), text.format(rule="AUTH-9"), target=target, jobs=1)
    assert outcome.verdicts() == ["xfailed", "failed"]
    assert "stuck-sibling" in outcome.ends()[0]["reason"]


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
