"""Hooks that hear of a run, and checks that fail a case."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest

from ocpplab_runner.plugin.case import CaseView, CheckFailure
from ocpplab_runner.plugin.hookspecs import hookimpl
from ocpplab_runner.plugin.stage import BlockedError
from ocpplab_runner.testing import ScenarioRun, run_scenario
from tests.acceptance.cli_kit import cli

SCENARIO = """
name: A session
ocpp: ["1.6"]
given: {csms: {id_tokens: {CARD-1: Accepted}}}
steps:
  - group:
      - plug_connector: 1
  - authorize_id_tag: CARD-1
    expect: {transaction: started}
finally:
  - unplug_connector: 1
"""
FAILING = SCENARIO.replace("expect: {transaction: started}", "expect: {transaction: ended}\n    within: 1s")
SKIPPING = SCENARIO.replace("finally:", "  - skip: not here\nfinally:")


def end_of(run: ScenarioRun) -> Any:
    """The record that ends the only case."""
    [end] = [record for record in run.records if record["type"] == "case" and record["phase"] == "end"]
    return end


def plugin(**hooks: Any) -> Any:
    """A plugin with these functions as its hooks."""
    return SimpleNamespace(__name__="acme", **{f"ocpplab_{name}": hookimpl(hook) for name, hook in hooks.items()})


def check(*failures: CheckFailure) -> Any:
    """A plugin with a check that always finds these."""

    def check_case(case: CaseView) -> Iterable[CheckFailure]:
        return failures

    return plugin(check_case=check_case)


def test_a_plugin_hears_of_everything_in_its_order() -> None:
    """Collection, case, steps, events; the steps of ``finally`` and nested ones among them."""
    heard: list[str] = []
    run = run_scenario(
        SCENARIO,
        plugins=[
            plugin(
                check_file=lambda path: heard.append("never: there is no file"),
                collected=lambda cases: heard.append(f"collected {[case['name'] for case in cases]}"),
                case_begin=lambda case: heard.append(f"begin {case.info['id']} {case.chargers} {case.version}"),
                case_end=lambda case, verdict, reason: heard.append(f"end {verdict} {reason!r}"),
                step_begin=lambda step: heard.append(f"> {step['index']} {step['verb']}"),
                step_end=lambda step: heard.append(f"< {step['index']} {step['status']}"),
                event=lambda case, event: heard.append(f"{event.name}") if event.name == "transaction" else None,
            )
        ],
    )
    assert run.verdicts == ["passed"], run.report
    assert heard == [
        "collected ['A session [ocpp1.6]']",
        "begin scenario.yaml::A session [ocpp1.6] ('charger',) 1.6",
        "> 1 group",
        "> 1.1 plug_connector",
        "< 1.1 passed",
        "< 1 passed",
        "> 2 authorize_id_tag",
        "transaction",
        "< 2 passed",
        "> finally.1 unplug_connector",
        "transaction",
        "< finally.1 passed",
        "end passed ''",
    ]


def test_a_plugin_hears_every_event_once() -> None:
    """As the ledger has them."""
    heard: list[int] = []
    run = run_scenario(SCENARIO, plugins=[plugin(event=lambda event: heard.append(event.seq))])
    assert heard == [event["seq"] for event in run.events]


def test_a_failed_check_fails_the_case() -> None:
    """With its message, the plugin's name, and the place of the step in which the event came."""

    def check_case(case: CaseView) -> Iterable[CheckFailure]:
        assert case.sees("transaction")
        assert not case.sees("moon_phase")
        for event in case.events():
            if event.name == "transaction":
                yield CheckFailure("a transaction on a Sunday", event)

    end = end_of(run_scenario(SCENARIO, plugins=[plugin(check_case=check_case)]))
    assert end["verdict"] == "failed"
    assert end["reason"].startswith("a transaction on a Sunday (check of the plugin 'acme'), step 2")
    assert (end["failure"]["file"], end["failure"]["line"]) == ("scenario.yaml", 8)
    assert "StartTransaction" in "\n".join(end["failure"]["sequence"])
    assert len(end["warnings"]) == 1, "the other transaction event is told, too"


def test_a_failure_without_an_event_stands_at_the_scenario() -> None:
    """The case as a whole is wrong."""
    end = end_of(run_scenario(SCENARIO, plugins=[check(CheckFailure("too long"))]))
    assert end["reason"] == "too long (check of the plugin 'acme')"
    assert end["failure"]["file"] == "scenario.yaml"
    assert end["failure"]["line"] == 2


def test_a_failed_case_keeps_its_failure_and_a_skip_hides_nothing() -> None:
    """What came first counts."""
    failed = end_of(run_scenario(FAILING, plugins=[check(CheckFailure("too long"))]))
    assert failed["verdict"] == "failed"
    assert "too long" not in failed["reason"]
    assert failed["warnings"] == ["too long (check of the plugin 'acme')"]
    skipped = end_of(run_scenario(SKIPPING, plugins=[check(CheckFailure("too long"))]))
    assert (skipped["verdict"], skipped["reason"]) == ("failed", "too long (check of the plugin 'acme')")


def test_an_expected_failure_may_come_from_a_check() -> None:
    """``xfail`` is about the verdict."""
    text = SCENARIO.replace("ocpp:", "xfail: {reason: known, failure: {message: too long}}\nocpp:")
    assert end_of(run_scenario(text, plugins=[check(CheckFailure("too long"))]))["verdict"] == "xfailed"


def test_a_check_that_cannot_judge_blocks_the_case() -> None:
    """It is no pass."""

    def check_case(case: CaseView) -> Iterable[CheckFailure]:
        raise BlockedError("the oscilloscope is off")

    end = end_of(run_scenario(SCENARIO, plugins=[plugin(check_case=check_case)]))
    assert (end["verdict"], end["reason"]) == ("blocked", "the oscilloscope is off")


def _raise(*args: Any) -> Any:
    raise RuntimeError("no licence")


@pytest.mark.parametrize(
    ("hook", "function"),
    [
        ("case_begin", lambda case: _raise()),
        ("case_end", lambda case: _raise()),
        ("step_begin", lambda case: _raise()),
        ("step_end", lambda case: _raise()),
        ("event", lambda case: _raise()),
        ("check_case", lambda case: _raise()),
        ("check_case", lambda case: (_raise() for _ in "x")),
    ],
)
def test_a_hook_that_raises_makes_the_case_an_error_that_names_the_plugin(hook: str, function: Any) -> None:
    """Whatever the case would have been; and the case goes on to its end."""
    silent = plugin(**{hook: lambda case: []})
    silent.__name__ = "innocent"
    run = run_scenario(SCENARIO, plugins=[silent, plugin(**{hook: function})])
    end = end_of(run)
    assert (end["verdict"], end["reason"]) == (
        "error",
        f"plugin 'acme': ocpplab_{hook} raised RuntimeError: no licence",
    )
    assert [record["index"] for record in run.records if record["type"] == "step"][-1] == "finally.1"
    logs = [record["text"] for record in run.records if record["type"] == "log"]
    assert "_raise" in logs[0], "the traceback is in the reports"


def test_what_raises_while_collecting_is_named_on_the_command_line(tmp_path: Any) -> None:
    """It is no internal error of ours."""
    (tmp_path / "a.yaml").write_text(SCENARIO, "utf-8")
    (tmp_path / "nosy.py").write_text(
        "from ocpplab_runner.api import hookimpl\n\n\n@hookimpl\ndef ocpplab_collected(cases):\n    1 / 0\n", "utf-8"
    )
    done = cli("run", "a.yaml", "--plugin", "nosy", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert done.code == 1
    assert done.err == "Error: plugin 'nosy': ocpplab_collected raised ZeroDivisionError: division by zero\n"


@pytest.mark.parametrize("command", ["run", "check"])
def test_files_are_told_before_they_are_checked(command: str, tmp_path: Any) -> None:
    """By ``run`` and by ``check``."""
    (tmp_path / "a.yaml").write_text(SCENARIO, "utf-8")
    (tmp_path / "nosy.py").write_text(
        "from ocpplab_runner.api import hookimpl\n\n\n@hookimpl\ndef ocpplab_check_file(path):\n    print('>', path)\n",
        "utf-8",
    )
    done = cli(command, "a.yaml", "--plugin", "nosy", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert done.out.startswith("> a.yaml\n"), done.err


def test_in_workers_too(tmp_path: Any) -> None:
    """Each attempt is checked in the process that runs it."""
    (tmp_path / "a.yaml").write_text(SCENARIO, "utf-8")
    (tmp_path / "b.yaml").write_text(SCENARIO, "utf-8")
    (tmp_path / "strict_rig.py").write_text(
        "from ocpplab_runner.api import CheckFailure, hookimpl\n\n\n@hookimpl\ndef ocpplab_check_case(case):\n"
        "    return [CheckFailure('no good')] if case.info['file'] == 'b.yaml' else []\n",
        "utf-8",
    )
    done = cli("run", ".", "-j", "2", "--plugin", "strict_rig", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert done.code == 1
    assert "1 passed, 1 failed" in done.out or "1 failed, 1 passed" in done.out
    assert "no good (check of the plugin 'strict_rig')" in done.out
