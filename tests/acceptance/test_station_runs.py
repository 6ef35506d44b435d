"""Runs on one station that are cut short, in which nobody comes, and in which a person has the hands."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
import yaml

from tests.acceptance.cli_kit import cli
from tests.acceptance.forking import forker
from tests.bench.kit import Bench, bench, free_ports

_PATIENCE = 60.0
SESSION = """
name: A session
given:
  charger: {settings: {connection_timeout: 20s}}
  csms: {id_tokens: {CARD-1: Accepted}}
steps:
  - plug_connector: 1
    expect: {connector_status: Preparing}
  - authorize_id_tag: CARD-1
    expect: {transaction: started, connector_status: Charging}
"""
LONG = SESSION + "  - wait: 60s\n"


@contextmanager
def standing(place: Path, scenario: str, **options: Any) -> Iterator[Bench]:
    """A charger, a target for it, and a scenario in a directory."""
    (port,) = free_ports(1)
    settings = {"settings": {"connection_timeout": "77s"}}
    with bench(
        [{"identity": "CP-1", "url": f"ws://127.0.0.1:{port}/ocpp", "version": "1.6", "charger": settings}]
    ) as there:
        target = {
            "kind": "station",
            "listen": f"127.0.0.1:{port}",
            "versions": ["1.6"],
            "call_timeout": "5s",
            "rig": there.option(),
            **options,
        }
        told = {name: value for name, value in target.items() if value is not None}
        (place / "ocpplab.yaml").write_text(yaml.safe_dump({"targets": {"bench": told}}))
        (place / "session.yaml").write_text(scenario)
        yield there


def end_of(place: Path) -> dict[str, Any]:
    """How the only case has ended."""
    records = [json.loads(line) for line in (place / "out.jsonl").read_text("utf-8").splitlines()]
    (end,) = [one for one in records if one["type"] == "case" and one["phase"] == "end"]
    return dict(end)


def until(holds: Any) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + _PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def begun(place: Path) -> bool:
    """Whether the transaction has begun."""
    trace = place / "out.jsonl"
    return trace.is_file() and b'"StartTransaction"' in trace.read_bytes()


COMMAND = ("-m", "ocpplab_runner", "run", "session.yaml", "--target", "bench", "--jsonl", "out.jsonl")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_ended_leaves_the_station_as_it_was(tmp_path: Path, number: signal.Signals) -> None:
    """Settings restored, transaction ended, report whole."""
    with standing(tmp_path, LONG) as there:
        run = forker().start(COMMAND, cwd=tmp_path, stdout=subprocess.DEVNULL, start_new_session=True)
        until(lambda: begun(tmp_path))
        assert there.values("CP-1")["connection_timeout"] == "20"
        run.send_signal(number)
        assert run.wait(_PATIENCE) == 130
        assert there.values("CP-1")["connection_timeout"] == "77"
    end = end_of(tmp_path)
    assert end["verdict"] == "error"
    assert "warnings" not in end
    assert b'"StopTransaction"' in (tmp_path / "out.jsonl").read_bytes()
    assert not list((tmp_path / ".ocpplab").glob("restore-*"))


def test_after_a_kill_the_next_run_puts_settings_back_first(tmp_path: Path) -> None:
    """The journal has survived it."""
    with standing(tmp_path, LONG) as there:
        run = forker().start(COMMAND, cwd=tmp_path, stdout=subprocess.DEVNULL, start_new_session=True)
        until(lambda: begun(tmp_path))
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        assert there.values("CP-1")["connection_timeout"] == "20"
        (tmp_path / "session.yaml").write_text(SESSION)
        done = cli("run", "session.yaml", "--target", "bench", "--jsonl", "out.jsonl", cwd=tmp_path)
        assert done.code == 0, done.out + done.err
        assert "an earlier run had left settings changed; put back: ConnectionTimeOut = 77" in done.err
        assert there.values("CP-1")["connection_timeout"] == "77"


_PLUGIN = """
import os
from ocpplab_runner.api import Outcome, Rig, hookimpl
from ocpplab_runner.targets.rigs.http import HttpRig


class Deadly(HttpRig):
    async def perform(self, station, verb, fields):
        if verb == "ev_stops_energy":
            os._exit(7)
        if verb == "ev_requests_energy":
            raise RuntimeError("a bug of the plugin")
        return await super().perform(station, verb, fields)


@hookimpl
def ocpplab_rig(kind, options):
    return Deadly(options) if kind == "deadly" else None
"""


@pytest.mark.parametrize(
    ("verb", "told"), [("ev_stops_energy", "its worker"), ("ev_requests_energy", "a bug of the plugin")]
)
def test_a_plugin_that_crashes_leaves_the_station_as_it_was(tmp_path: Path, verb: str, told: str) -> None:
    """Whether it raises in the middle of a session, or takes its process with it."""
    (tmp_path / "deadly.py").write_text(_PLUGIN)
    with standing(tmp_path, SESSION + f"  - {verb}: 1\n") as there:
        configuration = yaml.safe_load((tmp_path / "ocpplab.yaml").read_text())
        configuration["targets"]["bench"]["rig"]["kind"] = "deadly"
        (tmp_path / "ocpplab.yaml").write_text(yaml.safe_dump(configuration))
        arguments = ("session.yaml", "--target", "bench", "--jsonl", "out.jsonl", "-p", "deadly")
        done = cli("run", *arguments, cwd=tmp_path, PYTHONPATH=str(tmp_path))
        assert done.code in (1, 3), done.out + done.err
        assert there.values("CP-1")["connection_timeout"] == "77", done.out + done.err
        assert not list((tmp_path / ".ocpplab").glob("restore-*"))
        (tmp_path / "session.yaml").write_text(SESSION)
        again = cli("run", "session.yaml", "--target", "bench", cwd=tmp_path, PYTHONPATH=str(tmp_path))
        assert "no rig of kind 'deadly' is registered" in again.err
    end = end_of(tmp_path)
    assert end["verdict"] == "error"
    assert told in end["reason"]


def test_nobody_comes(tmp_path: Path) -> None:
    """Told while it waits, and exit code 3; without any configuration."""
    (tmp_path / "session.yaml").write_text(
        "name: Boots\nsteps:\n  - trigger_message: Heartbeat\n    expect: {response: {status: Accepted}}\n"
    )
    (port,) = free_ports(1)
    (tmp_path / "ocpplab.yaml").write_text(
        yaml.safe_dump({"targets": {"bench": {"kind": "station", "listen": f"127.0.0.1:{port}", "boot": "2s"}}})
    )
    done = cli("run", "session.yaml", "--target", "bench", "--ocpp", "1.6", cwd=tmp_path)
    assert done.code == 3
    url = f"ws://127.0.0.1:{port}/ocpp/CP-1"
    assert f"waiting for CP-1 to dial {url} (ocpp1.6), 2s at most" in done.err
    assert f"CP-1 has not dialled {url} within 2s" in done.out


def _at_a_terminal(folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    """A run that asks a person; gives it with the person's end of the terminal."""
    ours, theirs = pty.openpty()
    run = subprocess.Popen(
        [sys.executable, *COMMAND, "--interactive", "--color", "never"],
        cwd=folder,
        stdin=theirs,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    return run, ours


def test_a_person_has_the_hands(tmp_path: Path) -> None:
    """Asked in the words of the verbs, at the terminal, in this order; the car is gone afterwards."""
    asked: list[str] = []
    with standing(tmp_path, SESSION, rig=None) as there:
        run, ours = _at_a_terminal(tmp_path)
        said = ""
        try:
            while True:
                try:
                    said += os.read(ours, 4096).decode()
                except OSError:
                    break
                if (question := re.search(r"(([A-Z]\w+) [^\n]*?), then press Enter[^\n]*\(1m\) ", said)) is None:
                    continue
                asked.append(question[1])
                said = said[question.end() :]
                _do(there, question[2])
                os.write(ours, b"\n")
        finally:
            os.close(ours)
            run.wait(_PATIENCE)
    assert run.returncode == 0, said
    assert asked == [
        "Plug the car into EVSE 1 of CP-1",
        "Present the card CARD-1 at CP-1",
        "Unplug the car from EVSE 1 of CP-1",
    ]


def test_a_run_that_is_ended_while_it_asks_puts_settings_back(tmp_path: Path) -> None:
    """Nobody will answer any more; the case winds up all the same."""
    with standing(tmp_path, SESSION, rig=None) as there:
        run, ours = _at_a_terminal(tmp_path)
        said = ""
        while "Plug the car" not in said:
            said += os.read(ours, 4096).decode()
        assert there.values("CP-1")["connection_timeout"] == "20"
        run.send_signal(signal.SIGTERM)
        try:
            assert run.wait(_PATIENCE) == 130
        finally:
            os.close(ours)
        assert there.values("CP-1")["connection_timeout"] == "77"


def _do(there: Bench, verb: str) -> None:
    path = {"Plug": "plug_connector", "Unplug": "unplug_connector", "Present": "authorize_id_tag"}[verb]
    body = json.dumps({"id_tag": "CARD-1"} if verb == "Present" else {"evse_id": 1}).encode()
    urlopen(Request(f"{there.rig}/CP-1/{path}", body, {"Content-Type": "application/json"}), timeout=10).close()


def test_interactive_needs_a_terminal(tmp_path: Path) -> None:
    """Nobody would answer."""
    done = cli("run", ".", "--target", "station", "--interactive", cwd=tmp_path)
    assert (done.code, "--interactive needs a terminal to ask on" in done.err) == (2, True)
