"""One attempt of one case on the running loop: set up, steps, ``finally``, take down, verdict."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Coroutine
from functools import partial
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.engine.explaining.explain import surroundings
from ocpplab_runner.engine.judging.charges import Charge, Charges
from ocpplab_runner.engine.judging.parting import parting
from ocpplab_runner.engine.judging.undelivered import all_answered, undelivered
from ocpplab_runner.engine.judging.unexpected import unexpected_answers
from ocpplab_runner.engine.judging.verdicts import (
    RETRIED,
    CaseResult,
    apply_known_failure,
    apply_strict,
    apply_tally,
    apply_xfail,
)
from ocpplab_runner.engine.planning.options import Ask, SuiteOptions
from ocpplab_runner.engine.planning.plan import Plan, PlannedCase
from ocpplab_runner.engine.running.cancellation import Cancellation
from ocpplab_runner.engine.running.case_run import CaseRun
from ocpplab_runner.engine.running.guards import Guards
from ocpplab_runner.engine.running.outlet import Outlet
from ocpplab_runner.engine.running.redaction import redact_part
from ocpplab_runner.engine.running.step_failure import StepFailure
from ocpplab_runner.engine.running.stepper import Stepper
from ocpplab_runner.plugin.calling import traceback_of
from ocpplab_runner.plugin.results import FailureInfo, Verdict
from ocpplab_runner.plugin.stage import BlockedError, GraveComplaint, InfrastructureError
from ocpplab_runner.scenario.expressions import ExpressionError

#: Tag of scenarios that judge what OCPP leaves to an implementation.
POLICY = "policy"
_OPTIONAL = "it judges a policy that OCPP leaves to each CSMS and station (tag `policy`): this CSMS may have another"

_MOST_VIOLATIONS = 1000


async def execute(
    case: PlannedCase,
    plan: Plan,
    options: SuiteOptions,
    outlet: Outlet,
    *,
    seed: int,
    ask: Ask | None,
    cancellation: Cancellation,
) -> CaseResult:
    """Run one attempt of a case; never raises for what the case or a plugin does.

    Args:
        case: what to run; it is not blocked.
        plan: where and with which verbs.
        options: how.
        outlet: takes event, step and log records.
        seed: of this attempt.
        ask: puts a question to the operator.
        cancellation: bound to the steps, so that a request ends them early.
    """
    run = CaseRun(case, plan, options, outlet, seed=seed, ask=ask, cancellation=cancellation)
    guards = Guards(run)
    guards.watch_loop()
    run.observers.tell("case_begin")
    warnings: list[str] = []
    try:
        stop = await _body(run, cancellation, guards)
        _tell_parting(run, stop)
        stop = await cancellation.clean(_finally(run, stop, warnings), stop)
        stop = _checked(run, stop, warnings)
    finally:
        run.release()
        warnings += run.calls.warnings()
        warnings += await cancellation.clean(run.close(), ["cleaning up was cut short"])
    # After a crash in the background neither what came nor what did not can be judged.
    stop = guards.crash or stop
    result = CaseResult(Verdict.PASSED) if stop is None else _result_of(stop)
    result.elapsed = clock.now() - run.began
    result.warnings = warnings
    _bring_charges(run, result)
    # In this order: what --strict fails may be what `xfail` names, and a case that has judged nothing is no xpass.
    if options.strict:
        apply_strict(result)
    if result.verdict is Verdict.FAILED and POLICY in case.scenario.tags and not _programs_the_csms(plan):
        result.warnings.append(_OPTIONAL)
    apply_tally(result, run.tally.why_skipped())
    apply_xfail(result, case.scenario.xfail)
    apply_known_failure(result, plan.target.known_failure(case.scenario, case.version))
    run.observers.tell("case_end", verdict=result.verdict, reason=result.reason)
    if run.observers.crash and result.verdict is not Verdict.ERROR:
        result.verdict, result.reason = Verdict.ERROR, run.observers.crash
        result.failure = FailureInfo(message=run.observers.crash)
    result.failure = redact_part(run.redactor, "failure", result.failure)
    result.warnings = redact_part(run.redactor, "warnings", [str(warning) for warning in result.warnings])
    result.reason = redact_part(run.redactor, "reason", result.reason)
    return result


def _tell_parting(run: CaseRun, stop: StepFailure | None) -> None:
    """Say in a failure who has closed the connection, and why."""
    if stop is not None and stop.verdict in (Verdict.FAILED, Verdict.ERROR):
        told = parting(run.ledger, run.trail, run.began, several=len(run.chargers) > 1)
        if told is not None:
            stop.failure = FailureInfo({**stop.failure, "message": f"{stop.failure['message']}; {told}"})


def _checked(run: CaseRun, stop: StepFailure | None, warnings: list[str]) -> StepFailure | None:
    """Ask the checks of plugins. A skip hides nothing that they have found, and of a failure they tell more."""
    if not run.is_set_up or (stop is not None and stop.verdict in (Verdict.BLOCKED, Verdict.ERROR)):
        return stop
    try:
        found = run.observers.check()
    except BlockedError as error:
        return stop or StepFailure(Verdict.BLOCKED, {"message": str(error)})
    if stop is not None and stop.verdict is Verdict.FAILED:
        warnings += [one.message for one in found]
        return stop
    if not found:
        return stop
    first, *more = found
    warnings += [one.message for one in more]
    if first.event is not None:
        charges = Charges(run.ledger, run.trail, run.began, several=len(run.chargers) > 1)
        return StepFailure(Verdict.FAILED, charges.of(first.event, first.message).explain())
    scenario = run.case.scenario
    return StepFailure(
        Verdict.FAILED, FailureInfo(message=first.message, file=scenario.path.as_posix(), line=run.case.info["line"])
    )


def _bring_charges(run: CaseRun, result: CaseResult) -> None:
    """Note violations, unexpected CALLERRORs and lost messages, and what of it fails the case with ``--strict``."""
    charges = Charges(run.ledger, run.trail, run.began, several=len(run.chargers) > 1)
    _report_violations(run, result, charges)
    patience = run.plan.target.capabilities.call_timeout
    found = unexpected_answers(run.ledger, run.programmed, run.intended, patience=patience, now=clock.now())
    found += undelivered(run.sendings, run.intended, patience)
    complaints = [warning for warning in result.warnings if isinstance(warning, GraveComplaint)]
    brought = [charges.of(event, text) for text, event in found]
    result.warnings += [charge.text for charge in brought]
    result.charges += [*brought, *(Charge(str(text), partial(FailureInfo, message=str(text))) for text in complaints)]


def _report_violations(run: CaseRun, result: CaseResult, charges: Charges) -> None:
    """All of them; of a peer that floods so many as a reader can take in, and of the grave ones as many."""
    kept: Counter[bool] = Counter()
    hidden = 0
    for event in run.ledger.violations:
        if run.ledger.is_consumed(event.seq) or run.intended.covers(event):
            continue
        grave = event.fields.get("weight") != "should"
        if kept[grave] >= _MOST_VIOLATIONS:
            hidden += 1
            continue
        kept[grave] += 1
        told = run.redactor.redact_ours(dict(event.fields))
        stands = {"charger": event.charger, "at": run.since_began(event.at), "code": event.name}
        result.violations.append({**told, **stands, **charges.place(event)})
        if grave:
            result.charges.append(charges.of_violation(event))
    if hidden:
        result.warnings.append(f"{hidden} more protocol violations are not listed")


def _programs_the_csms(plan: Plan) -> bool:
    verbs = plan.plugins.registry.verbs
    return any(verbs[name].programs == "csms" for name in plan.target.capabilities.verbs if name in verbs)


def _result_of(stop: StepFailure) -> CaseResult:
    return CaseResult(
        stop.verdict, stop.failure["message"], stop.failure, unreached=stop.unreached, steps=frozenset(stop.steps)
    )


async def _body(run: CaseRun, cancellation: Cancellation, guards: Guards) -> StepFailure | None:
    """Set up and the steps, under the case's time-out, the guards and the cancellation."""
    stop = await _waited_for(_set_up(run), run, cancellation, guards, patient=True)
    if stop is not None and stop.verdict is Verdict.ERROR:
        shown = surroundings(run.ledger, run.chargers[0], run.began)
        stop.failure = FailureInfo({**shown, **stop.failure})
    if stop is None:
        try:
            guards.begin()
            stop = await _waited_for(_steps(run, guards), run, cancellation, guards)
        except ExpressionError as error:
            stop = _error(f"throughout: {error}")
        finally:
            guards.end()
        stop = guards.stop or stop
        if stop is None and (doubt := guards.doubt()):
            stop = _error(doubt)
        if stop is None and (unseen := guards.why_unjudgeable()) is not None:
            stop = StepFailure(Verdict.BLOCKED, {"message": unseen})
    return stop


async def _waited_for(
    work: Coroutine[Any, Any, None],
    run: CaseRun,
    cancellation: Cancellation,
    guards: Guards,
    *,
    patient: bool = False,
) -> StepFailure | None:
    """Await work that others may cancel; what it raises becomes a stop."""
    task = asyncio.create_task(work)
    guards.task = task
    try:
        if not await cancellation.wait_for(task, patient=patient):
            return _error(f"did not finish: {cancellation.reason}; its step would not stop")
    except asyncio.CancelledError:
        task.cancel()
        with contextlib.suppress(BaseException):
            await task
        raise
    finally:
        guards.task = None
    if task.cancelled():
        return guards.stop or _unfinished(run, f"did not finish: {cancellation.reason or 'cancelled'}")
    error = task.exception()
    if error is None:
        return None
    return _stop_of(error, run)


def _stop_of(error: BaseException, run: CaseRun) -> StepFailure:
    match error:
        case StepFailure():
            return error
        case BlockedError():
            return StepFailure(Verdict.BLOCKED, {"message": str(error)})
        case InfrastructureError():
            return StepFailure(Verdict.ERROR, {"message": str(error)}, unreached=not error.reached)
        case TimeoutError() | ExpressionError() | ValueError():
            return _error(str(error) or type(error).__name__)
        case _:
            run.log(traceback_of(error))
            return _error(f"{type(error).__name__}: {error}")


def _unfinished(run: CaseRun, message: str) -> StepFailure:
    """A case that was ended early, at the step that was running then."""
    stretch = run.trail.broken_off
    if stretch is None:
        return _error(message)
    failure = FailureInfo(message=f"{message}; {stretch.place} was running")
    return StepFailure(Verdict.ERROR, stretch.located(failure))


def _error(message: str) -> StepFailure:
    return StepFailure(Verdict.ERROR, FailureInfo(message=message))


async def _set_up(run: CaseRun) -> None:
    try:
        await _limited(run, run.set_up())
    except (StepFailure, BlockedError, InfrastructureError, TimeoutError, ExpressionError, ValueError):
        raise
    except Exception as error:
        run.log(traceback_of(error))
        raise _error(f"the target {run.plan.target.name!r} raised {type(error).__name__}: {error}") from error


async def _steps(run: CaseRun, guards: Guards) -> None:
    await _limited(run, _all_steps(run, guards))


async def _all_steps(run: CaseRun, guards: Guards) -> None:
    skipped: StepFailure | None = None
    try:
        await Stepper(run, run.windows).run_steps(run.case.scenario.steps)
    except StepFailure as stop:
        if stop.verdict is not Verdict.SKIPPED:
            raise
        skipped = stop
    # A skip hides nothing that went wrong before it.
    await run.calls.settle()
    await guards.see_all()
    if skipped is not None:
        raise skipped


async def _limited(run: CaseRun, work: Coroutine[Any, Any, None]) -> None:
    limit = run.scope.duration(run.case.scenario.timeout)
    try:
        async with asyncio.timeout(limit) as bound:
            await work
    except TimeoutError:
        # Something within has timed out by itself; that is no limit of ours.
        if not bound.expired():
            raise
        raise _unfinished(run, f"did not finish within its timeout of {limit:g} s") from None


async def _finally(run: CaseRun, stop: StepFailure | None, warnings: list[str]) -> StepFailure | None:
    """Run every ``finally`` step, also after one of them has failed; the first failure of all counts."""
    if not run.is_set_up:
        return stop
    run.tally.finally_begins()
    stepper = Stepper(run, run.windows)
    for number, step in enumerate(run.case.scenario.finally_, 1):
        if step.only and run.case.version not in step.only:
            continue
        try:
            await stepper.run_step(step, f"finally.{number}")
        except StepFailure as late:
            if stop is None or (stop.verdict is Verdict.SKIPPED and late.verdict in RETRIED):
                stop = late
            elif late.verdict is Verdict.SKIPPED:
                continue
            else:
                warnings.append(f"finally step {number}: {late.failure['message']}")
    try:
        if stop is None:
            await run.calls.settle()
            await all_answered(run.sendings, run.plan.target.capabilities.call_timeout)
    except StepFailure as late:
        stop = late
    return stop
