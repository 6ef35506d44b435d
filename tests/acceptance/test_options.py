"""Options that need more than one run, a terminal or a plugin to show what they do."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.acceptance.cli_kit import cli, workspace

PLUGIN = """
from ocpplab_runner.plugin.hookspecs import hookimpl


class Count:
    def __init__(self):
        self.seen = 0

    def handle(self, record):
        self.seen += 1

    def close(self):
        print(f"the plugin saw {self.seen > 0}")


@hookimpl
def ocpplab_reports(options):
    return [Count()]
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return workspace(tmp_path)


def test_last_failed_runs_what_did_not_pass(here: Path) -> None:
    """Until it passes; then everything again."""
    scenario = here / "suite" / "failing.yaml"
    selected = ("run", "suite/failing.yaml", "suite/passing.yaml")
    assert cli(*selected, cwd=here).code == 1
    again = cli(*selected, "--last-failed", cwd=here)
    assert [line.split()[0] for line in again.out.splitlines() if line.startswith(("passed", "failed   "))] == [
        "failed"
    ]
    scenario.write_text(scenario.read_text("utf-8").replace("expect: Accepted", "expect: Blocked"), "utf-8")
    assert "1 passed" in cli(*selected, "--last-failed", cwd=here).out
    assert "4 passed" in cli(*selected, "--last-failed", cwd=here).out
    assert (here / ".ocpplab" / ".gitignore").read_text("utf-8") == "*\n"


def test_variables_come_from_the_command_line(here: Path) -> None:
    """They override a row's, too."""
    done = cli("run", "suite/late.yaml", "--var", "patience=7s", "--quiet", cwd=here)
    assert done.out.count("did not come within 7s") >= 2


_SWITCHED = """name: A switch
smoke: true
vars: {wet: true, card: CARD-1, times: 2}
steps:
  - if: {condition: wet, then: [{log: "it rains on ${{ card }} ${{ times }} ${{ seat }}"}]}
  - log: the end
"""


def test_a_variable_that_no_scenario_has_is_refused(tmp_path: Path) -> None:
    """With the one that was meant; one that is only used counts."""
    (tmp_path / "a.yaml").write_text(_SWITCHED, "utf-8")
    wrong = cli("run", "a.yaml", "--var", "cadr=X", "--var", "seat=1", cwd=tmp_path)
    assert wrong.code == 2
    assert "no scenario has a variable 'cadr'; did you mean 'card'?" in wrong.err
    none = cli("run", "a.yaml", "--var", "zzz=X", "--var", "seat=1", cwd=tmp_path)
    assert "no scenario has a variable 'zzz'; there are card, seat, times, wet" in none.err
    assert cli("run", "a.yaml", "--var", "seat=1", cwd=tmp_path).code == 0


def test_text_for_a_variable_that_is_none_is_noted(tmp_path: Path) -> None:
    """``--var flag=false`` is the text; the way to the value stands beside it."""
    (tmp_path / "a.yaml").write_text(_SWITCHED, "utf-8")
    done = cli("run", "a.yaml", "--var", "seat=1", "--var", "wet=false", "--var", "times=3", cwd=tmp_path)
    assert "note: --var wet=false is text, and 'wet' is true or false: --var wet:=false" in done.err
    assert "note: --var times=3 is text, and 'times' is a number: --var times:=3" in done.err
    assert done.err.count("note:") == 2
    typed = cli("run", "a.yaml", "--var", "seat=1", "--var", "wet:=false", "--var", "card=42", cwd=tmp_path)
    assert typed.code == 0
    assert typed.err == ""


def test_a_shuffled_order_follows_its_seed(here: Path) -> None:
    """Another seed, another order; the first line names a seed that was drawn."""

    def order(*arguments: str) -> list[str]:
        return cli("run", "suite", "--list", "--shuffle", *arguments, cwd=here).out.splitlines()

    assert order("--seed", "1") == order("--seed", "1")
    assert len({tuple(order("--seed", str(seed))) for seed in range(1, 5)}) > 1
    assert sorted(order("--seed", "1")) == sorted(order())
    drawn = cli("run", "suite/others.yaml", "--shuffle", cwd=here).out.splitlines()[0]
    assert int(drawn.partition("seed ")[2].split()[0]) > 0


def test_output_keeps_the_order_of_the_cases(here: Path) -> None:
    """Whatever finishes first."""
    wanted = cli("run", "suite", "--list", cwd=here).out.splitlines()
    out = cli("run", "suite", "-j", "4", cwd=here).out.splitlines()
    lines = [line for line in out[1:] if line[:9].endswith(" ") and "::" in line and line[0] != " "]
    lines = [line for line in lines if not line.startswith("blocked")]
    assert [next(name for name in wanted if name in line) for line in lines[: len(wanted)]] == wanted


def test_a_plugin_adds_a_report(here: Path) -> None:
    """A module beside the scenarios, named on the command line."""
    (here / "my_report.py").write_text(PLUGIN, "utf-8")
    done = cli("run", "suite/passing.yaml", "--plugin", "my_report", cwd=here)
    assert (done.code, done.err) == (0, "")
    assert "the plugin saw True" in done.out


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        (None, 2, "No module named 'my_plugin'"),
        ("import ocpplab_runner.nonsense", 2, "nonsense"),
        ("1/0", 1, "division by zero"),
        ("def ocpplab_nonsense(): ...", 1, "there is no hook"),
    ],
)
def test_a_plugin_that_cannot_be_used_is_explained(here: Path, content: str | None, code: int, message: str) -> None:
    """In a line, before anything runs."""
    if content is not None:
        (here / "my_plugin.py").write_text(content, "utf-8")
    done = cli("run", "suite/passing.yaml", "--plugin", "my_plugin", cwd=here)
    assert (done.code, done.out) == (code, "")
    assert message in done.err
    assert "Traceback" not in done.err


def test_a_plugin_report_that_breaks_fails_the_run(here: Path) -> None:
    """But the other reports are whole."""
    (here / "my_report.py").write_text(PLUGIN.replace("self.seen += 1", "raise ValueError('boo')"), "utf-8")
    done = cli("run", "suite/passing.yaml", "--plugin", "my_report", "--jsonl", "run.jsonl", cwd=here)
    assert done.code == 1
    assert "the report my_report.Count failed and is incomplete: it raised ValueError: boo" in done.err
    assert "3 passed" in done.out
    assert json.loads((here / "run.jsonl").read_text("utf-8").splitlines()[-1])["phase"] == "end"


def test_a_target_comes_from_the_configuration_file(here: Path) -> None:
    """With its secrets from the environment."""
    (here / "ocpplab.yaml").write_text(
        "targets:\n  nobody:\n    kind: csms\n    url: ws://127.0.0.1:9/x\n"
        "    basic_auth: {password: '${{ env.LAB_PASSWORD }}'}\n",
        "utf-8",
    )
    assert cli("run", "suite/failing.yaml", "--target", "nobody", cwd=here).code == 2
    done = cli("run", "suite/failing.yaml", "--target", "nobody", cwd=here, LAB_PASSWORD="geheim")
    assert done.code == 3
    assert "target nobody" in done.out
    assert "geheim" not in done.out + done.err


def test_files_that_are_no_scenarios_are_explained(here: Path) -> None:
    """Binary, empty, another kind of YAML: never a traceback."""
    (here / "binary.yaml").write_bytes(bytes(range(256)))
    (here / "empty.yaml").write_bytes(b"")
    (here / "list.yaml").write_text("- 1\n- 2\n", "utf-8")
    for command in ("check", "run"):
        done = cli(command, "binary.yaml", "empty.yaml", "list.yaml", cwd=here)
        assert done.code == 2
        assert all(name in done.out for name in ("binary.yaml", "empty.yaml", "list.yaml"))
        assert "Traceback" not in done.out + done.err


def test_a_report_that_cannot_be_written_is_said_at_once(here: Path) -> None:
    """Before anything runs."""
    for option in ("--junit", "--jsonl"):
        done = cli("run", "suite/passing.yaml", option, "suite/passing.yaml/out", cwd=here)
        assert (done.code, done.out) == (2, "")
        assert "suite/passing.yaml" in done.err
        assert "cannot be written" in done.err


def test_damaged_records_are_refused(here: Path) -> None:
    """With the line that is no record."""
    (here / "run.jsonl").write_text("oops\n{}\n", "utf-8")
    done = cli("report", "run.jsonl", cwd=here)
    assert done.code == 2
    assert "run.jsonl: line 1 is not JSON" in done.err


@pytest.mark.parametrize(
    "command", [("report", "new.jsonl", "--junit", "out.xml"), ("coverage", "--jsonl", "new.jsonl")]
)
def test_records_of_a_newer_version_are_refused(here: Path, command: tuple[str, ...]) -> None:
    """Before anything is written or shown of them."""
    first = {"type": "run", "phase": "start", "wall_time": "", "version": "9.9.0", "schema": 99}
    (here / "new.jsonl").write_text(json.dumps(first) + "\n", "utf-8")
    done = cli(*command, *(("suite/passing.yaml",) if command[0] == "coverage" else ()), cwd=here)
    assert (done.code, done.out) == (2, "")
    assert "new.jsonl: line 1 says that the records have the schema 99" in done.err
    assert "9.9.0 has written them" in done.err
    assert not (here / "out.xml").exists()


def at_terminal(here: Path, arguments: list[str], answers: list[tuple[str, str]]) -> tuple[int, str]:
    """Run with somebody at a terminal who waits for a text and then types."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "ocpplab_runner", *arguments],
        cwd=here,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "120", "NO_COLOR": "1"},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    shown, deadline, waiting = "", time.monotonic() + 15, list(answers)
    while time.monotonic() < deadline:
        if select.select([controller], [], [], 0.1)[0]:
            try:
                shown += os.read(controller, 65536).decode("utf-8", "replace")
            except OSError:
                break
        if waiting and waiting[0][0] in shown:
            os.write(controller, waiting.pop(0)[1].encode())
    os.close(controller)
    return process.wait(timeout=30), shown


def test_an_operator_is_asked(here: Path) -> None:
    """A prompt waits for Enter; what is blocked without a terminal passes with one."""
    code, shown = at_terminal(here, ["run", "suite/blocked.yaml"], [("Please wave at the camera.", "\n")])
    assert code == 0, shown
    assert "1 passed" in shown


def test_a_run_pauses_on_failure(here: Path) -> None:
    """The failure is explained first, then the run waits."""
    code, shown = at_terminal(here, ["run", "suite/failing.yaml", "--pause-on-failure"], [("press Enter", "\n")])
    assert code == 1, shown
    assert shown.index("nearest   +0.000s auth_status Blocked") < shown.index("press Enter") < shown.index("1 failed")


def test_a_selection_that_matches_nothing_says_why(here: Path) -> None:
    """Each filter with what it left, and the nearest name."""
    cases = {
        ("-k", "blokced"): "-k 'blokced' leaves 0 of 10; no id holds 'blokced'; did you mean 'blocked'?",
        ("--tag", "smok"): "--tag 'smok' leaves 0 of 10; no case has the tag 'smok'; did you mean 'smoke'?",
        ("--tag", "zzz"): "no case has the tag 'zzz'; there are auth, smoke",
        ("--shard", "9/99", "-k", "short"): "--shard 9/99 leaves 0 of 1",
    }
    for arguments, text in cases.items():
        for more in ((), ("--list",)):
            done = cli("run", "suite", *arguments, *more, cwd=here)
            assert done.code == 5
            assert text in done.err
    old = cli("run", "suite/failing.yaml", "suite/late.yaml", "--ocpp", "2.1", cwd=here)
    assert (old.code, old.err) == (5, "--ocpp 2.1 leaves nothing of 2 scenarios; they are for OCPP 1.6\n")
    assert cli("run", "suite", "--tag", "smoke", cwd=here).err == ""
    assert "there is no scenario file (*.yaml, *.yml)" in cli("run", "empty", cwd=here).err
    named = cli("run", "suite/late.yaml::A fact that does not com [short, ocpp1.6]", cwd=here)
    assert "did you mean 'A fact that does not come [short, ocpp1.6]'?" in named.err


def test_last_failed_finds_repeated_cases_and_leaves_invalid_files_aside(here: Path) -> None:
    """The record is of cases, not of their turns; a file that did not fail is no concern of this run."""
    clean = cli("run", "suite/passing.yaml", "--last-failed", cwd=here)
    assert "nothing is on record as failed, so everything is run" in clean.err
    assert cli("run", "suite/failing.yaml", "--ocpp", "1.6", "--repeat", "2", cwd=here).code == 1
    again = cli("run", ".", "--last-failed", cwd=here)
    assert again.code == 1
    assert "1 failed" in again.out
    assert "--last-failed: broken/typos.yaml is not a valid scenario, and is left aside" in again.err
    assert "unknown-verb" not in again.out + again.err
    listed = cli("run", ".", "--last-failed", "--list", cwd=here)
    assert (listed.code, len(listed.out.splitlines())) == (0, 1)


@pytest.mark.parametrize("option", ["--jsonl", "--junit"])
def test_a_report_never_overwrites_a_scenario(option: str, here: Path) -> None:
    """What is read, and any YAML file that exists, stays as it is; other files are replaced."""
    files = ("suite/passing.yaml", "suite/failing.yaml")
    before = [(here / file).read_text("utf-8") for file in files]
    (here / "odd").write_text(before[0], "utf-8")
    for path, refused in (("suite/passing.yaml", "odd"), ("suite/failing.yaml", "passing"), ("odd", "odd")):
        done = cli("run", "odd" if path == "odd" else "suite/passing.yaml", option, path, cwd=here)
        assert done.code == 2, refused
        assert f"{option} {path} would overwrite" in done.err
    assert [(here / file).read_text("utf-8") for file in files] == before
    assert cli("run", "suite/passing.yaml", option, "odd", "-q", cwd=here).code == 0
    if option == "--jsonl":
        assert cli("report", "odd", "--junit", "odd", cwd=here).code == 2
