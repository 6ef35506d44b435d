"""A charger in another process is tested over twenty cases without a redial."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import ocpplab_bench_charger
import pytest

HERE = Path(__file__).parent
SCENARIO = HERE.parent / "scenarios" / "configuration_and_triggers.yaml"


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """A free port with a charger that dials it, and writes a line into ``dials`` for each connection."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = int(free.getsockname()[1])
    with (tmp_path / "dials").open("wb") as dials:
        charger = subprocess.Popen(
            [sys.executable, str(HERE / "charger.py"), f"ws://127.0.0.1:{number}/CP-1"], stdout=dials
        )
    try:
        yield number
    finally:
        charger.kill()
        charger.wait()


def run(folder: Path, port: int, *more: str) -> tuple[subprocess.CompletedProcess[str], list[dict[str, object]]]:
    """The scenario at the bench; returns the process and its records."""
    config = folder / "ocpplab.yaml"
    config.write_text(f"targets:\n  bench: {{kind: bench, identity: CP-1, port: {port}, patience: 3}}\n", "utf-8")
    records = folder / "records.jsonl"
    command = [sys.executable, "-m", "ocpplab_runner", "run"]
    done = subprocess.run(
        [
            *command,
            str(SCENARIO),
            "--plugin",
            "ocpplab_bench_charger",
            "--target",
            "bench",
            "--jsonl",
            str(records),
            *more,
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(ocpplab_bench_charger.__file__).parent)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    lines = records.read_text("utf-8").splitlines() if records.exists() else []
    return done, [json.loads(line) for line in lines]


def test_twenty_cases_over_one_connection(tmp_path: Path, port: int) -> None:
    """The charger dials once; every case sees its own traffic and nothing else."""
    done, records = run(tmp_path, port, "--repeat", "10", "--strict")
    assert done.returncode == 0, done.stdout + done.stderr
    ends = [record for record in records if record["type"] == "case" and record["phase"] == "end"]
    assert [record["verdict"] for record in ends] == ["passed"] * 20
    events = [record["event"] for record in records if record["type"] == "event"]
    assert (tmp_path / "dials").read_text("utf-8").split() == ["connected"]
    calls = [e for e in events if e["kind"] == "frame" and e["name"] == "GetConfiguration"]  # type: ignore[index]
    assert len(calls) == 40  # question and answer, once each


def test_sixty_lines_and_the_public_api_are_enough() -> None:
    """Of ours it imports `ocpplab_runner.api` alone."""
    lines = Path(ocpplab_bench_charger.__file__).read_text("utf-8").splitlines()
    assert len(lines) <= 60
    assert [line for line in lines if "import" in line and "ocpplab_runner" in line] == [
        "import ocpplab_runner.api as api"
    ]


def test_nobody_dials(tmp_path: Path) -> None:
    """Each case says so, and the run that nothing was reached."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = int(free.getsockname()[1])
    done, _ = run(tmp_path, number, "--fail-fast")
    assert done.returncode == 3
    assert "has not connected" in done.stdout
