"""What users see, word for word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.acceptance.cli_kit import GOLDEN, ROOT, assert_golden, cli, without_wall_times, workspace
from tests.reports.test_junit import strict as strict_schema
from tests.tools.test_csms_command import COMMANDS as CSMS_COMMANDS

COMMANDS: dict[str, tuple[str, ...]] = {
    "run_passing": ("run", "suite/passing.yaml"),
    "run_failing": ("run", "suite/failing.yaml"),
    "run_late": ("run", "suite/late.yaml"),
    "run_blocked": ("run", "suite/blocked.yaml"),
    "run_invalid": ("run", "broken"),
    "run_everything": ("run", "suite"),
    "run_everything_and_invalid": ("run", "suite", "broken", "-j", "2"),
    "run_quiet": ("run", "suite/passing.yaml", "suite/failing.yaml", "--quiet"),
    "run_verbose": ("run", "suite/failing.yaml", "-vv"),
    "run_color": ("run", "suite/failing.yaml", "--color", "always"),
    "run_github": ("run", "suite/failing.yaml", "broken", "--github", "--quiet"),
    "run_fail_fast": ("run", "suite/failing.yaml", "suite/passing.yaml", "--fail-fast"),
    "run_repeat": ("run", "suite/passing.yaml", "--ocpp", "1.6", "--repeat", "2"),
    "run_retries": ("run", "suite/failing.yaml", "--retries", "2", "--quiet"),
    "run_nothing": ("run", "suite", "-k", "no such case"),
    "run_nobody_there": ("run", "suite/failing.yaml", "--csms", "ws://127.0.0.1:9/ocpp"),
    "run_too_long": ("run", "suite/passing.yaml", "--realtime", "--ocpp", "1.6"),
    "run_no_file": ("run", "siute"),
    "run_bad_expression": ("run", "suite", "--tag", "auth and"),
    "run_bad_var": ("run", "suite", "--var", "x"),
    "run_pause_without_terminal": ("run", "suite", "--pause-on-failure"),
    "list": ("run", "suite", "--list"),
    "list_json": ("run", "suite/late.yaml::A fact that does not come [short, ocpp1.6]", "--list", "--json"),
    "list_line": ("run", "suite/late.yaml:5", "--list"),
    "list_tag": ("run", "suite", "--list", "--tag", "auth and not smoke"),
    "list_shard": ("run", "suite", "--list", "--shard", "2/3"),
    "dry_run": ("run", "suite/late.yaml", "suite/passing.yaml", "--dry-run"),
    "check_good": ("check", "suite"),
    "check_full": ("check", "broken"),
    "check_concise": ("check", "broken", "--format", "concise"),
    "check_json": ("check", "broken", "--format", "json"),
    "check_github": ("check", "broken", "--format", "github"),
    "check_nothing": ("check", "empty"),
    "check_no_file": ("check", "nowhere.yaml"),
    "steps": ("steps",),
    "steps_some": ("steps", "authorize_id_tag", "transaction", "$contains", "parallel"),
    "steps_unknown": ("steps", "plug_conector"),
    "coverage_all": ("coverage", "suite", "--all", "--prefix", "TC"),
    "coverage_gaps": ("coverage", "suite", "--prefix", "AUTH-13", "--fail-under", "1"),
    "coverage_markdown": ("coverage", "suite", "--prefix", "AUTH-8", "--format", "markdown"),
    "coverage_json": ("coverage", "suite", "--prefix", "AUTH-R1", "--format", "json"),
    "coverage_nothing": ("coverage", "suite", "--prefix", "auth-18"),
    "coverage_invalid": ("coverage", "broken"),
    "coverage_no_file": ("coverage",),
    "certs_help": ("certs", "--help"),
    "certs_no_host": ("certs", "--host", "wss://csms.example.org:443/ocpp"),
    "probe_help": ("probe", "--help"),
    "probe_closed": ("probe", "ws://127.0.0.1:9/ocpp"),
    "probe_closed_json": ("probe", "ws://127.0.0.1:9/ocpp?token=abcdefgh", "--json", "--identity", "CP 1"),
    "call_help": ("call", "--help"),
    "call_closed": ("call", "ws://127.0.0.1:9/ocpp", "Heartbeat"),
    "call_wrong_action": ("call", "ws://127.0.0.1:9/ocpp", "Heartbeet"),
    "call_wrong_key": ("call", "ws://127.0.0.1:9/ocpp", "Authorize", '{"idtag": "CARD-1"}', "--ocpp", "1.6"),
    "call_wrong_everywhere": ("call", "ws://127.0.0.1:9/ocpp", "StopTransaction"),
    "frames_help": ("frames", "--help"),
    "frames_nothing": ("frames", "suite/passing.yaml"),
    "frames_no_file": ("frames", "nowhere.log"),
    "simulate_help": ("simulate", "--help"),
    "simulate_closed": ("simulate", "ws://127.0.0.1:9/ocpp", "-q"),
    "simulate_wrong_script": ("simulate", "ws://127.0.0.1:9/ocpp", "--script", "suite/passing.yaml"),
    "help": ("--help",),
    "no_arguments": (),
}


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return workspace(tmp_path)


@pytest.mark.parametrize("name", COMMANDS)
def test_output_is_golden(name: str, here: Path) -> None:
    """The whole session: output, errors, exit code."""
    transcript = cli(*COMMANDS[name], cwd=here).transcript()
    if "--csms" in COMMANDS[name]:
        transcript = re.sub(r"\b0\.\d{3}s\b", "<real time>", transcript)
    assert_golden(f"{name}.txt", transcript)


def test_reports_of_a_run_and_rebuilt_ones(here: Path) -> None:
    """JUnit in both flavours, the records, and the same report from the records."""
    run = ("run", "suite", "broken", "--junit", "live.xml", "--jsonl", "run.jsonl", "--quiet", "--retries", "1")
    assert cli(*run, cwd=here).code == 2
    report = cli("report", "run.jsonl", "--junit", "again.xml", cwd=here)
    cli("report", "run.jsonl", "--junit", "strict.xml", "--junit-flavor", "strict", "--quiet", cwd=here)
    assert report.code == 2
    live, strict = ((here / name).read_text("utf-8") for name in ("live.xml", "strict.xml"))
    assert (here / "again.xml").read_text("utf-8") == live
    strict_schema().validate(strict)
    records = (here / "run.jsonl").read_text("utf-8").splitlines()
    steps_and_ends = [line for line in records if '"type":"event"' not in line]
    assert_golden("records.jsonl", without_wall_times("\n".join(steps_and_ends) + "\n"))
    assert_golden("junit_extended.xml", without_wall_times(live))
    assert_golden("junit_strict.xml", without_wall_times(strict))
    assert_golden("report.txt", report.transcript())


def test_a_new_scenario_runs(tmp_path: Path) -> None:
    """What `new` writes is checked and passes as it is; a file that exists is kept."""
    sessions = [
        cli(*arguments, cwd=tmp_path).transcript()
        for arguments in (
            ("new", "tests/my-first-scenario"),
            ("check", "tests"),
            ("run", "tests/my-first-scenario.yaml"),
            ("new", "tests/my-first-scenario"),
        )
    ]
    written = (tmp_path / "tests" / "my-first-scenario.yaml").read_text("utf-8")
    assert_golden("new.txt", "\n".join([*sessions, written]))


def test_the_printed_schema_is_the_one_in_the_repository(tmp_path: Path) -> None:
    """Editors may point at either."""
    assert cli("schema", cwd=tmp_path).out == (ROOT / "schemas" / "scenario.schema.json").read_text("utf-8")


def test_no_golden_file_is_left_over() -> None:
    """Each belongs to a test."""
    others = {"junit_extended.xml", "junit_strict.xml", "records.jsonl", "report.txt", "new.txt", "api.txt"}
    commands = COMMANDS.keys() | CSMS_COMMANDS.keys()
    assert {path.name for path in GOLDEN.iterdir()} == {f"{name}.txt" for name in commands} | others
