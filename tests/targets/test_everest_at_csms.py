"""The target everest where the CSMS is somebody else's: a stand-in that dials a CSMS of another process by itself."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ocpplab_runner.targets.everest.at_csms import EverestAtCsmsTarget
from tests.acceptance.forking import forker
from tests.bench.kit import free_ports
from tests.engine.suite_kit import Outcome, failure, plan_texts, run_texts
from tests.everest.kit import PLUGGED, MosquittoBroker, broker, needs_mosquitto, standins

pytestmark = needs_mosquitto
_AS_OURS = {"selection_algorithm": "PlugEvents", "prioritize_authorization_over_stopping_transaction": False}


@contextmanager
def _csms(place: Path, port: int) -> Iterator[None]:
    """A CSMS that knows two cards; nobody here can ask it for anything."""
    cards = place / "cards.yaml"
    cards.write_text("{REAL-1: Accepted, REAL-2: Blocked}", "utf-8")
    command = ("-m", "ocpplab_runner", "csms", "--listen", f"127.0.0.1:{port}", "--cards", str(cards))
    process = forker().start(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(400):
            try:
                socket.create_connection(("127.0.0.1", port), 0.5).close()
                break
            except OSError:
                time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def _everest(
    place: Path, *, version: str = "1.6", standin: Mapping[str, Any] | None = None, **options: Any
) -> Iterator[tuple[EverestAtCsmsTarget, MosquittoBroker]]:
    (port,) = free_ports(1)
    url = f"ws://127.0.0.1:{port}/ocpp"
    described = {"identity": "EV-1", "url": url, "version": version, "prefix": "x_", **(standin or {})}
    own = {"prefix": "x_", "versions": [version], "cars": 1, "charger": {"authorization": _AS_OURS}}
    given = {
        "csms": url,
        "cards": {"REAL-1": "Accepted", "REAL-2": "Blocked"},
        "stations": {"EV-1": own},
        "discovery": "1s",
        "within": "8s",
        "websocket": True,
        **options,
    }
    with _csms(place, port), broker(place=place) as mosquitto, standins(mosquitto.port, [described]):
        yield EverestAtCsmsTarget.from_mapping("everest", {"broker": mosquitto.url, **given}), mosquitto


def _run(place: Path, text: str, target: EverestAtCsmsTarget, version: str = "1.6") -> Outcome:
    return run_texts(place, f"ocpp: ['{version}']\n{text}", target=target)


_CARDS = "given: {csms: {id_tokens: {CARD-1: Accepted, CARD-2: Blocked}}}\n"
_SESSION = f"""{_CARDS}steps:
  - plug_connector: 1
    expect: {{session: {{is: SessionStarted, reason: EVConnected}}}}
  - authorize_id_tag: CARD-2
    expect: {{token_status: [Processing, Rejected], auth_status: Blocked}}
  - authorize_id_tag: CARD-1
    expect:
      token_status: [Processing, Accepted, UsedToStart]
      auth_status: {{is: Accepted, id_tag: CARD-1}}
      transaction: started
  - unplug_connector: 1
    expect: {{transaction: ended, session: SessionFinished}}
"""


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_a_session_is_driven_and_seen(version: str, tmp_path: Path) -> None:
    """With the CSMS's own cards in the place of the scenario's; what crosses is seen as EVerest repeats it."""
    with _everest(tmp_path, version=version) as (target, _):
        outcome = _run(tmp_path, _SESSION, target, version)
    assert outcome.verdicts() == ["passed"], failure(outcome)
    trace = outcome.text()
    assert "REAL-1" not in trace.replace("CARD-1 is REAL-1", "")
    assert "which dials ws://127.0.0.1" in trace


def test_a_case_leaves_nothing_to_the_next(tmp_path: Path) -> None:
    """The car leaves and the transaction ends, whatever became of the case."""
    stays = f"{_CARDS}steps: [{{plug_connector: 1}}, {{authorize_id_tag: CARD-1, expect: {{transaction: started}}}}]\n"
    with _everest(tmp_path) as (target, _):
        first, second = _run(tmp_path, stays, target), _run(tmp_path, stays, target)
    assert (first.verdicts(), second.verdicts()) == (["passed"], ["passed"]), failure(second)
    assert "is not left as it was" not in first.text()


def test_a_connection_that_is_cut(tmp_path: Path) -> None:
    """By EVerest's own topic; what it could not say then it says later."""
    text = f"""{_CARDS}steps:
  - network: down
  - network: up
  - plug_connector: 1
    expect: {{connector_status: Preparing}}
"""
    with _everest(tmp_path) as (target, _):
        outcome = _run(tmp_path, text, target)
    assert outcome.verdicts() == ["passed"], failure(outcome)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("steps: [{remote_start: CARD-1}]", "the CSMS is not ours"),
        ("steps: [{set_configuration: {settings: {heartbeat_interval: 5s}}}]", "it is done over OCPP"),
        (
            "given: {charger: {settings: {heartbeat_interval: 5s}}}\nsteps: [{plug_connector: 1}]",
            "given.charger.settings",
        ),
        ("given: {charger: {evses: 2}}\nsteps: [{plug_connector: 1}]", "given.charger.evses must be 2"),
        ("given: {csms: {answer_delay: 5s}}\nsteps: [{plug_connector: 1}]", "given.csms.answer_delay"),
        ("given: {csms: {id_tokens: {C: Expired}}}\nsteps: [{authorize_id_tag: C}]", "Expired"),
        ("given: {state: {reserved: {id_tag: C}}}\nsteps: [{plug_connector: 1}]", "the CSMS is not ours"),
        ("steps: [{csms: stopped}]", "the CSMS is not ours"),
        ("steps: [{plug_connector: 1, never: {violation: {by: csms}}, for: 1s}]", "happens inside it"),
    ],
)
def test_what_only_the_csms_could_do_blocks_ahead(text: str, reason: str, tmp_path: Path) -> None:
    """With the reason, before anything runs."""
    with _everest(tmp_path) as (target, _):
        plan = plan_texts(tmp_path, f"ocpp: ['1.6']\n{text}\n", target=target)
    assert reason in str(plan.cases[0].blocked)


def test_without_an_ocpp_consumer_only_the_inside_is_seen(tmp_path: Path) -> None:
    """What frames show is blocked with the module that would show it."""
    inside = f"{_CARDS}steps: [{{authorize_id_tag: CARD-2, expect: {{token_status: [Processing, Rejected]}}}}]\n"
    with _everest(tmp_path, standin={"lacks": ["ocpp_consumer"]}) as (target, _):
        outcome = _run(tmp_path, inside, target)
        wire = f"ocpp: ['1.6']\n{_CARDS}steps: [{{authorize_id_tag: CARD-2, expect: {{auth_status: Blocked}}}}]\n"
        shown = "{message: {action: StatusNotification, from: charger}}"
        frame = f"ocpp: ['1.6']\nsteps: [{{plug_connector: 1, expect: {shown}}}]\n"
        plan = [plan_texts(tmp_path, text, target=target).cases[0].blocked for text in (wire, frame)]
    assert outcome.verdicts() == ["passed"], failure(outcome)
    assert "no module of the type ocpp_consumer_API" in str(plan[0])
    assert plan[1] is not None


def test_what_crossed_while_the_broker_was_away_may_have_crossed(tmp_path: Path) -> None:
    """Neither a failure nor a pass, for facts and for frames."""
    text = "steps: [{plug_connector: 1, expect: {message: {action: Heartbeat, from: charger}}, within: 5s}]\n"
    with _everest(tmp_path) as (target, mosquitto):
        assert "boot" in target.capabilities.facts, "found out before the broker goes"
        with mosquitto.away_at(PLUGGED):
            outcome = _run(tmp_path, text, target)
    assert outcome.verdicts() == ["blocked"], failure(outcome)
    assert "the broker was away for a time" in failure(outcome)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"listen": "127.0.0.1:9000"}, "`listen` belongs to the built-in CSMS"),
        ({"csms": "http://x"}, "a csms target needs a ws:// or wss:// URL"),
        ({"cards": ["A"]}, "cards"),
        ({"driver": "x"}, "driver"),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, Any], problem: str) -> None:
    """With what would be right."""
    with pytest.raises(ValueError, match=problem):
        EverestAtCsmsTarget.from_mapping("e", {"csms": "ws://127.0.0.1/ocpp", **options})
