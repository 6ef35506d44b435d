"""Where output goes: odd places, closed places, full ones, and places that somebody else uses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ocpplab_runner.reports.files import ReportFile
from tests.acceptance.cli_kit import cli
from tests.acceptance.forking import command
from tests.thoroughness import sample

SCENARIO = """\
name: It boots
ocpp: ["1.6"]
given: {state: disconnected}
steps:
  - power: "on"
    expect: {boot: Accepted}
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A directory with a scenario."""
    (tmp_path / "boots.yaml").write_text(SCENARIO, "utf-8")
    return tmp_path


def _shell(line: str, place: Path, *, anew: bool = False) -> subprocess.CompletedProcess[str]:
    """Run a line of bash; anew where streams are closed or lost, or more than them is handed over."""
    program = f"{sys.executable} -m ocpplab_runner" if anew else str(command(place))
    return subprocess.run(
        ["bash", "-c", line.replace("ocpplab-runner", program)],
        cwd=place,
        env={**os.environ, "PYTHONWARNINGS": "error"},
        capture_output=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )


def test_reports_on_standard_output(place: Path) -> None:
    """`/dev/stdout` is written in place: the device is still there, and the whole report has come."""
    done = _shell("ocpplab-runner run boots.yaml --quiet --junit /dev/stdout", place)
    assert done.returncode == 0, done.stderr
    begin = done.stdout.index("<?xml")
    end = done.stdout.index("</testsuites>") + len("</testsuites>")
    root = ElementTree.fromstring(done.stdout[begin:end])
    assert root.find(".//testcase") is not None
    assert Path("/dev/stdout").is_symlink()


def test_a_report_into_another_program(place: Path) -> None:
    """A pipe's reader gets every record."""
    count = 'grep -c \'"type":"case"\' > count'
    done = _shell(f"ocpplab-runner run boots.yaml --quiet --jsonl >({count}); wait $!", place, anew=True)
    assert done.returncode == 0, done.stderr
    assert (place / "count").read_text() == "2\n"


@pytest.mark.parametrize("stream", sample([">&-", "2>&-", "<&-", ">&- 2>&- <&-"], 1, 2))
def test_closed_standard_streams(place: Path, stream: str) -> None:
    """A closed stream is no internal error, and nothing printed gets into a report."""
    done = _shell(f"ocpplab-runner run boots.yaml --jsonl out.jsonl --junit out.xml {stream}", place, anew=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    ElementTree.parse(place / "out.xml")
    lines = (place / "out.jsonl").read_text().splitlines()
    assert all(line.startswith("{") for line in lines)


def test_a_full_standard_output(place: Path) -> None:
    """That nobody can read the result is said, and is no pass."""
    done = _shell("ocpplab-runner check boots.yaml > /dev/full", place, anew=True)
    assert done.returncode == 1
    assert done.stderr == "ocpplab-runner: the output cannot be written: No space left on device\n"


def test_a_full_disk_costs_the_report_only(place: Path) -> None:
    """The run ends, says which report is incomplete, and does not exit with 0."""
    done = _shell("ocpplab-runner run boots.yaml --jsonl /dev/full --junit out.xml", place)
    assert done.returncode == 1
    assert "1 passed" in done.stdout
    assert "the report /dev/full is incomplete: it cannot be written: No space left on device" in done.stderr
    ElementTree.parse(place / "out.xml")


def test_a_disk_that_fills_up_while_the_run_writes(place: Path) -> None:
    """Each file is named; the JUnit file is what it was when there was room, the JSON Lines hold what went before."""
    done = _shell(
        "(ulimit -f 8; ocpplab-runner run boots.yaml --repeat 60 --jsonl out.jsonl --junit out.xml) | cat",
        place,
        anew=True,
    )
    assert "60 passed" in done.stdout
    for name in ("out.jsonl", "out.xml"):
        assert f"the report {name} is incomplete: it cannot be written: File too large" in done.stderr
    ElementTree.parse(place / "out.xml")
    *whole, _ = (place / "out.jsonl").read_text("utf-8").split("\n")
    assert [json.loads(line)["type"] for line in whole][:2] == ["run", "case"]
    assert [one.name for one in place.iterdir() if one.name.endswith(".part")] == []


@pytest.mark.parametrize("option", ["--jsonl", "--junit"])
def test_two_runs_that_would_write_one_file(place: Path, option: str) -> None:
    """The second is told before it runs anything, and the first one's file is untouched."""
    first = ReportFile(place / "out")
    first.replace(b"of the first run")
    done = cli("run", "boots.yaml", option, "out", cwd=place)
    first.close()
    assert done.code == 2
    assert done.err.endswith("Error: out cannot be written: another run is writing it\n")
    assert (place / "out").read_bytes() == b"of the first run"


def test_two_spellings_of_one_file(place: Path) -> None:
    """Both reports in one file are refused however its name is written."""
    done = cli("run", "boots.yaml", "--jsonl", "out", "--junit", "./x/../out", cwd=place)
    assert (done.code, done.out) == (2, "")
    assert "--jsonl and --junit name the same file" in done.err


@pytest.mark.parametrize("kind", ["pipe", "device", "directory"])
@pytest.mark.parametrize("use", ["scenario", "include", "configuration", "cards"])
def test_only_regular_files_are_read(place: Path, kind: str, use: str) -> None:
    """What would be waited for for ever is refused at once, and named."""
    odd = place / ("ocpplab.yaml" if use == "configuration" else "odd.yaml")
    match kind:
        case "pipe":
            os.mkfifo(odd)
        case "device":
            odd.symlink_to("/dev/zero")
        case _:
            odd.mkdir()
    if use == "include":
        (place / "boots.yaml").write_text(SCENARIO + "  - include: odd.yaml#steps\n", "utf-8")
    arguments = {
        "scenario": ("check", "boots.yaml", "odd.yaml"),
        "include": ("check", "boots.yaml"),
        "configuration": ("run", "boots.yaml", "--target", "lab"),
        "cards": ("run", "boots.yaml", "--csms", "ws://127.0.0.1:9", "--cards", "odd.yaml"),
    }[use]
    done = cli(*arguments, cwd=place)
    if kind == "directory" and use == "scenario":
        assert done.code == 0  # a directory is searched
        return
    assert done.code == 2
    assert f"a {kind}" in done.out + done.err


def test_a_directory_that_holds_itself(place: Path) -> None:
    """A loop of links is walked once."""
    (place / "suite").mkdir()
    (place / "suite" / "again").symlink_to("..")
    done = cli("check", ".", cwd=place)
    assert done.code == 0
    assert done.out.startswith("1 file checked")


BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + before] * 10)}]\n" for before, name in zip("abcdefg", "bcdefgh", strict=True)
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (BOMB, "more than 10,000 nodes"),
        ("[" * 100, "64 levels"),
        ("x: " + "y" * 2_000_000, "larger than 1 MiB"),
        ("targets: {}\ntargets: {}\n", "stands here twice"),
    ],
    ids=["aliases", "depth", "size", "twice"],
)
@pytest.mark.parametrize("use", ["configuration", "cards"])
def test_plain_yaml_has_limits_too(place: Path, use: str, text: str, told: str) -> None:
    """A configuration or a list of cards may be no larger than a scenario."""
    name = "ocpplab.yaml" if use == "configuration" else "cards.yaml"
    (place / name).write_text(text, "utf-8")
    how = ("--target", "lab") if use == "configuration" else ("--csms", "ws://127.0.0.1:9", "--cards", name)
    done = cli("run", "boots.yaml", *how, cwd=place)
    assert done.code == 2
    assert told in done.err
    assert f"{name}:" in done.err
