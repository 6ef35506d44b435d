"""From the options of ``run`` to a plan, its reports and the exit code."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ocpplab_runner.cli import gc_tuning
from ocpplab_runner.cli import plugins as loading
from ocpplab_runner.cli.ending import signals_interrupt
from ocpplab_runner.cli.operator import ask_operator
from ocpplab_runner.cli.output import hide, is_terminal, say, say_json, unwritable, use_color
from ocpplab_runner.cli.paths import Selection, select
from ocpplab_runner.cli.report_files import github_options, named_files
from ocpplab_runner.cli.reporting import Reports
from ocpplab_runner.cli.state import STATE, keep_out_of_version_control
from ocpplab_runner.cli.targets import make_target
from ocpplab_runner.cli.ui import page_of, recording_of
from ocpplab_runner.cli.values import check_variables
from ocpplab_runner.engine.planning.written import case_secrets
from ocpplab_runner.engine.running.suite import ExitCode, Plan, SuiteOptions, plan_suite, render_plan, run_suite
from ocpplab_runner.plugin.manager import Plugins
from ocpplab_runner.reports.diagnostics import invalid_records, render
from ocpplab_runner.scenario.diagnostics import Diagnostic
from ocpplab_runner.scenario.loader import LoadResult, load_files
from ocpplab_runner.vocabulary.versions import OcppVersion


@loading.refusing()
def run(plugins: Plugins, given: Mapping[str, Any]) -> int:
    """Do what the command line asks for.

    Args:
        plugins: that have been loaded.
        given: the parameters of ``run``, as click has parsed them.

    Returns:
        the exit code.

    Raises:
        click.ClickException: usage, or a plugin or file that cannot be used.
    """
    selection = select(given["paths"])
    _refuse_contradictions(given)
    files = named_files(given, [*selection.paths, *given["card_files"]])
    own_secrets = loading.configure(plugins, given)
    target, secrets = make_target(given, plugins)
    hide(secrets)
    variables = given["variables"]
    loaded = load_files(
        selection.paths,
        plugins.registry,
        versions=target.capabilities.versions,
        variables=tuple(variables),
        told=plugins.check_file,
    )
    _check_variables(variables, loaded)
    reports = Reports()
    options = replace(_options(given, selection, variables, reports), secrets=(*secrets, *own_secrets))
    try:
        plan = plan_suite(
            loaded.scenarios, options, target, plugins, invalid_records(loaded.diagnostics, loaded.source_line)
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    hide(value for case in plan.cases for value in case_secrets(case.written, target, options))
    _show_notes(plan, loaded)
    if given["list_only"] or given["dry_run"]:
        return _show_plan(plan, options, loaded, given)
    _show_warnings(plan, loaded, given)
    if given["ui"]:
        files["jsonl"] = recording_of(files["jsonl"])
    _open_reports(reports, plugins, given, files)
    gc_tuning.resume()
    with page_of(files["jsonl"] if given["ui"] else None) as page:
        try:
            with signals_interrupt():
                options = replace(options, events=reports.takes_events)
                code = run_suite(plan, options, reports.handle, reports.handle_lines)
        finally:
            reports.close()
            keep_out_of_version_control()
        if page is not None and code is not ExitCode.INTERRUPTED:
            page.linger()
    # Whoever reads only an incomplete report must not take the run for good.
    if reports.broken and code is ExitCode.OK:
        return int(ExitCode.FAILED)
    return int(code)


def _check_variables(variables: Mapping[str, Any], loaded: LoadResult) -> None:
    if variables and loaded.ok and loaded.scenarios:  # a file that cannot be read may have the variable
        secret = {name for scenario in loaded.scenarios for name in scenario.secrets}
        for note in check_variables(variables, loaded.variables, secret):
            say(note, err=True)


def _refuse_contradictions(given: Mapping[str, Any]) -> None:
    if given["as_json"] and not given["list_only"]:
        raise click.UsageError("--json belongs to --list")
    if given["list_only"] and given["dry_run"]:
        raise click.UsageError("--list and --dry-run exclude each other")
    for name in ("pause_on_failure", "interactive"):
        if given[name] and not is_terminal(sys.stdin):
            raise click.UsageError(f"--{name.replace('_', '-')} needs a terminal to ask on")


def _options(
    given: Mapping[str, Any], selection: Selection, variables: Mapping[str, Any], reports: Reports
) -> SuiteOptions:
    def ask(question: str, limit: float | None) -> str | None:
        reports.make_room()
        return ask_operator(question, limit)

    return SuiteOptions(
        jobs=given["jobs"],
        seed=_seed(given),
        selectors=tuple(selection.selectors),
        keyword=given["keyword"],
        tag_expression=given["tag_expression"],
        only_version=OcppVersion(given["ocpp"]) if given["ocpp"] else None,
        shard=given["shard"],
        shuffle=given["shuffle"],
        repeat=given["repeat"],
        last_failed=given["last_failed"],
        state_directory=_state_directory(given),
        retries=given["retries"],
        max_failures=1 if given["fail_fast"] else given["max_failures"],
        strict=given["strict"],
        variables=variables,
        max_real=given["max_real"],
        budget=given["budget"],
        case_timeout=given["timeout"],
        ask=ask if is_terminal(sys.stdin) and is_terminal(sys.stderr) else None,
        interactive=given["interactive"],
        pause_on_failure=given["pause_on_failure"],
    )


def _seed(given: Mapping[str, Any]) -> int:
    if given["seed"] is not None:
        return int(given["seed"])
    # An order that never changes would shuffle nothing; the header and the reports tell what was drawn.
    return int.from_bytes(os.urandom(4), "big") if given["shuffle"] else 0


def _state_directory(given: Mapping[str, Any]) -> Path | None:
    """The place of the ``--last-failed`` record: none where it cannot be written."""
    if given["last_failed"] or os.access(STATE if STATE.exists() else Path(), os.W_OK):
        return STATE
    return None


def _open_reports(
    reports: Reports, plugins: Plugins, given: Mapping[str, Any], files: Mapping[str, Path | None]
) -> None:
    live = is_terminal(sys.stdout) and not given["quiet"] and os.environ.get("TERM") != "dumb"
    options = {
        **files,
        "junit_flavor": given["junit_flavor"],
        "terminal": sys.stdout,
        "color": use_color(given["color"], sys.stdout),
        "quiet": given["quiet"],
        "verbose": given["verbose"],
        "live": live,
        "immediate": given["pause_on_failure"],
        "durations": given["durations"],
        **github_options(given["github"], os.environ),
    }
    try:
        reports.open(plugins.reports(options))
    except OSError as error:
        raise unwritable(error, "a report") from error


def _show_plan(plan: Plan, options: SuiteOptions, loaded: LoadResult, given: Mapping[str, Any]) -> int:
    runnable = [case for case in plan.cases if case.blocked is None]
    if given["as_json"]:
        say_json(json.dumps([case.info for case in runnable], indent=2, ensure_ascii=False))
    elif given["list_only"]:
        for case in runnable:
            say(case.info["id"])
    else:
        say(render_plan(plan, options))
    if given["list_only"] and (blocked := len(plan.cases) - len(runnable)):
        click.echo(f"{blocked} of {len(plan.cases)} cases are blocked here; --dry-run says why", err=True)
    if plan.invalid:
        _show_diagnostics(_relevant("error", plan, loaded, given), loaded, "full")
        return int(ExitCode.INVALID)
    return int(ExitCode.OK if plan.cases else ExitCode.NOTHING)


def _show_notes(plan: Plan, loaded: LoadResult) -> None:
    """What there is to tell about the selection, and why nothing is left of it."""
    if not loaded.scenarios and not plan.invalid:
        click.echo("there is no scenario file (*.yaml, *.yml)", err=True)
    for note in plan.notes:
        say(note, err=True)


def _show_warnings(plan: Plan, loaded: LoadResult, given: Mapping[str, Any]) -> None:
    if not given["quiet"]:
        _show_diagnostics(_relevant("warning", plan, loaded, given), loaded, "concise")


def _relevant(severity: str, plan: Plan, loaded: LoadResult, given: Mapping[str, Any]) -> list[Diagnostic]:
    """What ``check`` has found; with ``--last-failed`` only in the files that are run again."""
    found = [diagnostic for diagnostic in loaded.diagnostics if diagnostic.severity == severity]
    if not given["last_failed"]:
        return found
    files = {case.info["file"] for case in plan.cases} | {record["file"] for record in plan.invalid}
    return [diagnostic for diagnostic in found if diagnostic.path.as_posix() in files]


def _show_diagnostics(diagnostics: Sequence[Diagnostic], loaded: LoadResult, form: str) -> None:
    from ocpplab_runner.reports.diagnostics import as_data

    text = render([as_data(diagnostic, loaded.source_line) for diagnostic in diagnostics], form)
    if text:
        say(text, err=True)
