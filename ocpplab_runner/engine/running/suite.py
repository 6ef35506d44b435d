"""A whole run: workers do the cases, the parent puts their records in order and decides the exit code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import inf

from ocpplab_runner import __version__, clock
from ocpplab_runner.engine.judging.verdicts import BAD, exit_code
from ocpplab_runner.engine.planning.budget import Budget
from ocpplab_runner.engine.planning.options import ExitCode, Selector, SuiteOptions
from ocpplab_runner.engine.planning.plan import Plan, PlannedCase
from ocpplab_runner.engine.planning.planner import plan_suite
from ocpplab_runner.engine.planning.render import render_plan
from ocpplab_runner.engine.planning.selection import write_last_failed
from ocpplab_runner.plugin.former_protocols import RunTarget
from ocpplab_runner.plugin.lines import records_of
from ocpplab_runner.plugin.results import SCHEMA, Record, RunRecord, Verdict

__all__ = [
    "ExitCode",
    "Plan",
    "PlannedCase",
    "Selector",
    "Sink",
    "SuiteOptions",
    "plan_suite",
    "render_plan",
    "run_suite",
]

#: Takes the records of a run, one after the other.
Sink = Callable[[Record], None]
_Results = dict[int, tuple[Verdict, bool]]


def run_suite(plan: Plan, options: SuiteOptions, sink: Sink, lines: Callable[[bytes], None] | None = None) -> ExitCode:
    """Run every case of a plan.

    The records come in the order of the plan, those of the first unfinished case as they happen. SIGINT, SIGTERM,
    SIGHUP or SIGQUIT ends the run:
    running cases are cancelled and clean up, their records come with the verdict ``error``, and the rest is absent; a
    second one kills what still runs.

    Args:
        plan: from :func:`plan_suite`.
        options: how to run; with ``jobs=0`` the cases run in this process, without a watchdog.
        sink: takes every record. What it raises ends the run.
        lines: takes in its stead what workers have written as JSON Lines already: one or more ``event`` records.

    Returns:
        the exit code of design section 6.
    """
    began = clock.wall_seconds()
    start = RunRecord(
        type="run",
        phase="start",
        wall_time=clock.wall_timestamp(),
        schema=SCHEMA,
        version=__version__,
        seed=options.seed,
        target=plan.target.name,
        selected=len(plan.cases),
    )
    if options.shard is not None:
        start["shard"] = list(options.shard)
    sink(start)
    for record in plan.invalid:
        sink(record)
    # What only the workers' parent can do for all of them: begun before the first is forked, ended after the last.
    shared = plan.target if isinstance(plan.target, RunTarget) and any(not one.blocked for one in plan.cases) else None
    warnings: list[str] = []
    if shared is not None:
        shared.begin_run()
    try:
        results, interrupted = (
            _run_here(plan, options, sink) if options.jobs == 0 else _run_apart(plan, options, sink, lines)
        )
    finally:
        if shared is not None:
            warnings += shared.end_run()
    code = exit_code(results.values(), invalid=bool(plan.invalid), interrupted=interrupted)
    if options.state_directory is not None:
        _remember(plan, options, results)
    end = RunRecord(
        type="run",
        phase="end",
        wall_time=clock.wall_timestamp(),
        elapsed=round(clock.wall_seconds() - began, 6),
        exit_code=int(code),
    )
    if warnings:
        end["warnings"] = warnings
    sink(end)
    return code


def _run_apart(
    plan: Plan, options: SuiteOptions, sink: Sink, lines: Callable[[bytes], None] | None
) -> tuple[_Results, bool]:
    from ocpplab_runner.engine.running.sequencer import Sequencer
    from ocpplab_runner.engine.running.supervisor import Supervisor

    def deliver(record: Record | bytes) -> None:
        if not isinstance(record, bytes):
            sink(record)
        elif lines is not None:
            lines(record)
        else:
            for one in records_of(record):
                sink(one)

    sequencer = Sequencer(len(plan.cases), deliver)
    supervisor = Supervisor(plan, options, sequencer)
    supervisor.run()
    sequencer.give_up()
    return supervisor.results, supervisor.interrupted


def _run_here(plan: Plan, options: SuiteOptions, sink: Sink) -> tuple[_Results, bool]:
    from ocpplab_runner.engine.running.attempts import run_attempts

    results: _Results = {}
    budget = Budget(plan, options)
    for index, case in enumerate(plan.cases):
        if (reason := budget.objection(index)) is not None:
            case = replace(case, blocked=reason)
        result = run_attempts(case, plan, options, sink, ask=options.ask)
        results[index] = (result.verdict, result.unreached)
        if sum(verdict in BAD for verdict, _ in results.values()) >= (options.max_failures or inf):
            break
    return results, False


def _remember(plan: Plan, options: SuiteOptions, results: _Results) -> None:
    assert options.state_directory is not None
    good = [plan.cases[index].info["id"] for index, (verdict, _) in results.items() if verdict not in BAD]
    bad = [plan.cases[index].info["id"] for index, (verdict, _) in results.items() if verdict in BAD]
    write_last_failed(options.state_directory, good, bad)
