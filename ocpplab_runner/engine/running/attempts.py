"""One case from its first attempt to its last."""

from __future__ import annotations

from collections.abc import Callable

from ocpplab_runner.clock import ClockStalledError
from ocpplab_runner.engine.judging.verdicts import RETRIED, CaseResult, end_record
from ocpplab_runner.engine.planning.options import Ask, SuiteOptions
from ocpplab_runner.engine.planning.plan import Plan, PlannedCase
from ocpplab_runner.engine.planning.seeds import case_seed
from ocpplab_runner.engine.running.cancellation import Cancellation
from ocpplab_runner.engine.running.executor import execute
from ocpplab_runner.engine.running.loops import Loops, NotBegunError
from ocpplab_runner.engine.running.outlet import Outlet
from ocpplab_runner.engine.running.stopwatch import Stopwatch
from ocpplab_runner.plugin.results import CaseStartRecord, Record, Verdict

Emit = Callable[[Record], None]


def run_attempts(
    case: PlannedCase,
    plan: Plan,
    options: SuiteOptions,
    emit: Emit,
    *,
    lines: Callable[[bytes], None] | None = None,
    loops: Loops | None = None,
    first: int = 1,
    ask: Ask | None = None,
    cancellation: Cancellation | None = None,
    stopwatch: Stopwatch | None = None,
) -> CaseResult:
    """Run a case, again after a failure as often as ``--retries`` says; returns the last attempt's result.

    Args:
        case: what to run.
        plan: where it runs and with which verbs.
        options: how it runs.
        emit: takes the records.
        lines: takes event records as JSON Lines; without it they go to ``emit`` like all others.
        loops: those of the worker; without them the case has its own.
        first: number of the first attempt (above 1 when a worker has died in an earlier one).
        ask: puts a question to the operator.
        cancellation: lets somebody else end the case early.
        stopwatch: of the first attempt, where that is to be counted from before it begins.
    """
    cancellation = cancellation or Cancellation()
    own = loops or Loops(plan.target)
    for attempt in range(first, options.retries + 2):
        stopwatch = stopwatch if stopwatch is not None and attempt == first else Stopwatch()
        seed = case_seed(options.seed, case.info["id"], attempt)
        emit(CaseStartRecord(type="case", phase="start", case=case.info, attempt=attempt, seed=seed))
        outlet = Outlet(emit, lines, bursts=plan.target.capabilities.virtual_clock)
        try:
            result = _attempt(case, plan, options, outlet, seed, ask, cancellation, own)
        finally:
            outlet.flush()
        last = attempt > options.retries or result.verdict not in RETRIED or cancellation.requested
        emit(stopwatch.record(case.info["id"], attempt))
        emit(end_record(case.info["id"], attempt, result, last=last))
        if last:
            break
    if loops is None:
        own.close()
    return result


def _attempt(
    case: PlannedCase,
    plan: Plan,
    options: SuiteOptions,
    outlet: Outlet,
    seed: int,
    ask: Ask | None,
    cancellation: Cancellation,
    loops: Loops,
) -> CaseResult:
    if case.blocked is not None:
        return CaseResult(Verdict.BLOCKED, case.blocked)
    try:
        return loops.run(execute(case, plan, options, outlet, seed=seed, ask=ask, cancellation=cancellation))
    except NotBegunError as error:
        return CaseResult(Verdict.ERROR, str(error), {"message": str(error)}, unreached=True)
    except ClockStalledError as error:
        return CaseResult(Verdict.ERROR, f"did not finish: {error}", {"message": f"did not finish: {error}"})
