"""``simulate``: chargers at a CSMS that is not ours, told what to do in lines of text."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.cli_kit import ROOT, cli
from tests.acceptance.forking import Forked, forker
from tests.acceptance.servers import HOST, Csms, beside
from tests.fixtures.peers import Peer, reference_csms

CHARGE = "plug_connector\nauthorize_id_tag: CARD-OK\n"


@pytest.fixture(scope="module")
def reference() -> Iterator[Peer]:
    """One reference CSMS for this module."""
    with reference_csms() as peer:
        yield peer


def simulate(here: Path, url: str, *options: str) -> Forked:
    """The command, with pipes for all that it reads and writes."""
    return forker().start(
        ("-m", "ocpplab_runner", "simulate", url, *options),
        cwd=here,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_a_pipe_of_lines(tmp_path: Path, reference: Peer, version: str) -> None:
    """What they say happens, and what has begun is ended at the end."""
    process = simulate(tmp_path, reference.url, "--identity", f"PIPE-{version}", "--ocpp", version)
    out, err = process.communicate(f"# a comment\n\n{CHARGE}", timeout=120)
    assert (process.returncode, err) == (0, "")
    assert f"PIPE-{version}" in reference.seen()["identities"]
    assert not any(one["open"] for one in reference.seen()["transactions"].values())
    begun, ended = {"1.6": ("StartTransaction", "StopTransaction")}.get(version, ("Started", "Ended"))
    assert 0 < out.index(begun) < out.index(ended)


def test_many_by_a_script(tmp_path: Path, reference: Peer) -> None:
    """Each has its identity; a line may be for one of them."""
    (tmp_path / "it.txt").write_text("plug_connector\n{authorize_id_tag: CARD-OK-2, charger: MANY-03}\n")
    options = ("--count", "3", "--identity", "MANY-{n:02}", "--script", "it.txt", "--jsonl", "it.jsonl", "-q")
    done = cli("simulate", reference.url, *options, cwd=tmp_path)
    assert (done.code, done.out, done.err) == (0, "", "")
    events = [json.loads(line)["event"] for line in (tmp_path / "it.jsonl").read_text().splitlines()[1:]]
    frames = [(one["charger"], one["name"]) for one in events if one["kind"] == "frame"]
    assert {who for who, name in frames if name == "BootNotification"} == {"MANY-01", "MANY-02", "MANY-03"}
    assert {who for who, name in frames if name == "StartTransaction"} == {"MANY-03"}
    assert cli("frames", "it.jsonl", "-q", cwd=tmp_path).code == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_its_transactions(tmp_path: Path, reference: Peer, number: signal.Signals) -> None:
    """While it waits for the next line; that is how it is ended."""
    process = simulate(tmp_path, reference.url, "--identity", f"SIGNAL-{number}")
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(CHARGE.replace("CARD-OK", "CARD-OK-3"))
    process.stdin.flush()
    assert any("StartTransaction" in line for line in iter(process.stdout.readline, ""))
    process.send_signal(number)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, "")
    assert "StopTransaction" in out
    assert not any(one["open"] for one in reference.seen()["transactions"].values())


def test_a_signal_cuts_a_script_short(tmp_path: Path, reference: Peer) -> None:
    """And the exit code says so."""
    (tmp_path / "it.txt").write_text("wait: 10m\n")
    process = simulate(tmp_path, reference.url, "--identity", "CUT", "--script", "it.txt")
    assert process.stdout is not None
    assert any("StatusNotification" in line for line in iter(process.stdout.readline, ""))
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=120)
    assert process.returncode == 130


def test_a_prompt(tmp_path: Path, reference: Peer) -> None:
    """A wrong line is told, and the next is read."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "ocpplab_runner", "simulate", reference.url, "--identity", "PROMPT"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(terminal)
    os.write(controller, b"plug_conector\nplug_connector\nexit\n")
    out, err = process.communicate(timeout=120)
    os.close(controller)
    assert process.returncode == 1
    assert "plug_conector: there is no verb 'plug_conector' (did you mean 'plug_connector'?" in err
    assert '"status":"Preparing"' in out


def test_what_is_refused_is_told(tmp_path: Path, reference: Peer) -> None:
    """And the others go on."""
    process = simulate(tmp_path, reference.url, "--identity", "REFUSED", "-q")
    _, err = process.communicate("unplug_connector\nplug_connector\n", timeout=120)
    assert process.returncode == 1
    assert err.startswith("REFUSED: unplug_connector was refused: ")
    assert len(err.splitlines()) == 1


def test_nobody_boots(tmp_path: Path) -> None:
    """A CSMS that is not there, and one that takes no charger."""
    done = cli("simulate", f"ws://{HOST}:9", cwd=tmp_path)
    assert done.code == 3
    assert done.err.startswith("CP-1 cannot connect to the CSMS: cannot reach")
    rejected = {"status": "Rejected", "interval": 60, "currentTime": "2026-01-01T00:00:00Z"}
    with beside(Csms({"BootNotification": rejected})) as port:
        done = cli("simulate", f"ws://{HOST}:{port}", "--timeout", "2s", cwd=tmp_path)
    assert done.code == 3
    assert "CP-1" in done.err


@pytest.mark.parametrize(
    ("script", "options", "told"),
    [
        ("plug_connector\nplug_conector\nfoo: 1\n", (), "it.txt:2: there is no verb 'plug_conector'"),
        ("remote_start: {id_tag: X}\n", (), "is nothing that a charger or the world around it does"),
        ("plug_connector: {evse_id: 3}\n", (), "there is no EVSE 3"),
        ("{plug_connector: {}, charger: CP-9}\n", (), "CP-9"),
        ("{plug_connector: {}, expect: {boot: Accepted}}\n", (), "nothing is judged here"),
        ("", ("--given", "bad.yaml"), "--given bad.yaml: "),
        ("", ("--given", "none.yaml"), "none.yaml"),
        ("", ("--count", "2", "--identity", "X"), "--identity needs {n}"),
        ("", ("--script", "none.txt"), "none.txt cannot be read"),
    ],
)
def test_wrong_usage(tmp_path: Path, script: str, options: tuple[str, ...], told: str) -> None:
    """Before anybody is dialled; of a script all that is wrong."""
    (tmp_path / "it.txt").write_text(script)
    (tmp_path / "bad.yaml").write_text("evses: 0\n")
    done = cli("simulate", f"ws://{HOST}:9", "--script", "it.txt", *options, cwd=tmp_path)
    assert done.code == 2, done.err
    assert told in done.err
