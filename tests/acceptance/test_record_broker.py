"""``record mqtt://…``: a session on EVerest's broker, written down, read again, and told once more."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiomqtt import Client

from tests.acceptance.cli_kit import cli
from tests.bench.kit import free_ports
from tests.everest.kit import MosquittoBroker, broker, needs_mosquitto, standins, with_passwords
from tests.fixtures.processes import serving

pytestmark = needs_mosquitto
PASSWORD = "kein-Wort-davon-4713"
_TOKEN = {"id_token": {"value": "CARD-1", "type": "ISO14443"}, "authorization_type": "RFID"}
_PROVIDER = "x_everest_api/1/auth_token_provider/provider/m2e/provided_token"
_CAR = "x_everest_external/nodered/1/carsim/cmd"


@contextmanager
def _everest(place: Path, *, lacks: Sequence[str] = ()) -> Iterator[MosquittoBroker]:
    """A stand-in with its CSMS, behind a broker that wants a password."""
    (port,) = free_ports(1)
    everest = {"identity": "EV-1", "url": f"ws://127.0.0.1:{port}/ocpp", "version": "1.6", "prefix": "x_"}
    everest["charger"] = {"authorization": {"selection_algorithm": "PlugEvents"}}
    everest["lacks"] = list(lacks)
    lines = with_passwords(place, qa=PASSWORD)
    with (
        serving("csms", "--quiet", "--listen", f"127.0.0.1:{port}", listens=r".*?(ws://\S+?),", cwd=place),
        broker(lines, place=place) as mosquitto,
        standins(mosquitto.port, [everest], user="qa", password=PASSWORD),
    ):
        yield mosquitto


def _url(mosquitto: MosquittoBroker, password: str = PASSWORD) -> str:
    return f"mqtt://qa:{password}@127.0.0.1:{mosquitto.port}"


def _session(mosquitto: MosquittoBroker, trace: Path) -> str:
    """Record a card and a car that comes and goes; returns what ``record`` has said."""

    async def drive() -> None:
        async with Client("127.0.0.1", mosquitto.port, username="qa", password=PASSWORD) as client:
            await client.publish(f"{_CAR}/execute_charging_session", "iec_wait_pwr_ready;sleep 36000")
            await asyncio.sleep(0.5)
            await client.publish(_PROVIDER, json.dumps(_TOKEN))
            await asyncio.sleep(1.5)
            await client.publish(f"{_CAR}/modify_charging_session", "unplug")
            await asyncio.sleep(1.0)

    arguments = ("record", _url(mosquitto), "--jsonl", str(trace), "--prefix", "x_")
    with serving(*arguments, listens=r"listening to (\S+);", cwd=trace.parent, environment=dict(os.environ)) as served:
        asyncio.run(drive())
        code, out, err = served.end()
    assert code == 0, out + err
    return out + err


def _events(trace: Path) -> list[dict[str, Any]]:
    records = [json.loads(line) for line in trace.read_text("utf-8").splitlines()]
    return [record["event"] for record in records if record["type"] == "event"]


def _facts(trace: Path, name: str) -> list[Any]:
    return [one["fields"]["is"] for one in _events(trace) if one["kind"] == "fact" and one["name"] == name]


def test_a_session_is_recorded_made_a_scenario_and_told_again(tmp_path: Path) -> None:
    """What was said, what it means, and OCPP; without the broker's password."""
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    with _everest(tmp_path) as mosquitto:
        said = _session(mosquitto, first)
        again = cli("record", _url(mosquitto), "--replay", str(first), "--jsonl", str(second), "-q", cwd=tmp_path)
    assert PASSWORD not in said + first.read_text("utf-8") + second.read_text("utf-8") + again.out + again.err
    assert again.code == 0, again.out + again.err
    for trace in (first, second):
        assert _facts(trace, "token_status") == ["Processing", "Accepted", "UsedToStart"]
        assert _facts(trace, "transaction")[:1] == ["started"]
        assert {"SessionStarted", "SessionFinished"} <= set(_facts(trace, "session"))
    assert {one["fields"].get("evse_id") for one in _events(first) if one["name"] == "session"} == {1}
    topics = [one["fields"]["topic"] for one in _events(first) if one["kind"] == "note" and "topic" in one["fields"]]
    assert _PROVIDER in topics
    assert not any(topic.endswith("heartbeat") for topic in topics)
    frames = cli("frames", str(first), cwd=tmp_path)
    assert "StartTransaction" in frames.out, frames.err
    made = cli("scenario", str(first), "-o", "again.yaml", cwd=tmp_path)
    assert made.code == 0, made.out + made.err
    scenario = (tmp_path / "again.yaml").read_text("utf-8")
    assert "plug_connector" in scenario
    assert "authorize_id_tag" in scenario


def test_without_an_ocpp_consumer_no_scenario_is_promised(tmp_path: Path) -> None:
    """It is said when the recording ends, and by ``scenario``."""
    trace = tmp_path / "trace.jsonl"
    with _everest(tmp_path, lacks=["ocpp_consumer"]) as mosquitto:
        said = _session(mosquitto, trace)
    assert "no scenario can be made of this trace" in said
    assert _facts(trace, "token_status") == ["Processing", "Accepted", "UsedToStart"]
    made = cli("scenario", str(trace), cwd=tmp_path)
    assert made.code == 5
    assert "there is no frame in it" in made.err


def test_a_broker_that_lets_nobody_in(tmp_path: Path) -> None:
    """Is no recording, and told as such."""
    with broker(with_passwords(tmp_path, qa=PASSWORD), place=tmp_path) as mosquitto:
        done = cli("record", _url(mosquitto, "wrong-4714"), "--timeout", "1s", cwd=tmp_path)
    assert done.code == 3
    assert "refuses this user with this password" in done.err
    assert "wrong-4714" not in done.out + done.err


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("mqtt://127.0.0.1", "ws://127.0.0.1/x"), "a broker has no UPSTREAM"),
        (("mqtt://127.0.0.1", "--client-ca", "x"), "--client-ca: a broker has no use for that"),
        (("mqtt://127.0.0.1", "--replay", "nothing.jsonl"), "nothing in it was told to an EVerest"),
        (("mqtt://127.0.0.1", "--replay", "secret.jsonl"), "a secret was taken out of what was said there"),
        (("127.0.0.1:0",), "Missing argument 'UPSTREAM'"),
        (("127.0.0.1:0", "ws://127.0.0.1/x", "--prefix", "x"), "--prefix and --replay are for EVerest's broker"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], problem: str, tmp_path: Path) -> None:
    """Told as such, and no recording is left behind."""
    heard = {"topic": "x_everest_api/1/auth_consumer/a/e2m/token_validation_status", "payload": {}}
    told = {"topic": _PROVIDER, "payload": {"password": "[redacted]"}}
    for name, fields in (("nothing", heard), ("secret", told)):
        line = {"type": "event", "case": "x", "event": {"kind": "note", "at": 1.0, "fields": fields}}
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(line), "utf-8")
    done = cli("record", *arguments, cwd=tmp_path)
    assert done.code == 2
    assert problem in done.err
    assert not (tmp_path / "record.jsonl").exists()
