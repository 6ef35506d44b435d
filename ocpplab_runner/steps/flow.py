"""What the flow verbs do: they steer the scenario and touch no charger."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.plugin.verb import (
    Run,
    ScenarioSkippedError,
    StepContext,
    StepError,
    StepFailedError,
    StepResult,
)
from ocpplab_runner.scenario.expressions import whole_expression
from ocpplab_runner.vocabulary.durations import parse_duration

#: Between two tries of ``until``, so that a pause of 0s does not stop time.
_LEAST_PAUSE = 0.001


def _condition(context: StepContext, written: Any) -> bool:
    if isinstance(written, bool):
        return written
    # A condition may be written bare or in braces.
    inner = whole_expression(str(written))
    value = context.evaluate(str(written) if inner is None else inner)
    if not isinstance(value, bool):
        raise StepError(f"the condition {written!r} is {value!r}, which is neither true nor false")
    return value


async def wait(context: StepContext, fields: Mapping[str, Any]) -> None:
    """Let time pass."""
    await context.sleep(parse_duration(fields["for"]))


async def group(context: StepContext, fields: Mapping[str, Any]) -> None:
    """Run the steps that belong together."""
    await context.run_block(".")


async def parallel(context: StepContext, fields: Mapping[str, Any]) -> None:
    """Run the branches side by side."""
    await context.run_parallel(list(context.blocks))


async def repeat(context: StepContext, fields: Mapping[str, Any]) -> None:
    """Run the same steps several times."""
    counter = fields.get("as")
    for number in range(1, fields["times"] + 1):
        await context.run_block("steps", {counter: number} if counter else None)


async def until(context: StepContext, fields: Mapping[str, Any]) -> None:
    """Run steps again and again until the condition holds; the deadline is for all tries together."""
    every = parse_duration(fields.get("every", "1s"))
    limit = parse_duration(fields["deadline"])
    deadline = clock.now() + limit
    try:
        async with asyncio.timeout_at(deadline):
            while True:
                await context.run_block("steps")
                if _condition(context, fields["condition"]):
                    return
                await context.sleep(max(every, _LEAST_PAUSE))
    except TimeoutError:
        raise StepFailedError(f"{fields['condition']!r} did not become true within {fields['deadline']}") from None


async def if_(context: StepContext, fields: Mapping[str, Any]) -> None:
    """Run one of two lists of steps."""
    branch = "then" if _condition(context, fields["condition"]) else "else"
    if branch in context.blocks:
        await context.run_block(branch)


async def prompt(context: StepContext, fields: Mapping[str, Any]) -> None:
    """Ask the operator to do something."""
    await context.ask(str(fields["text"]))


async def log(context: StepContext, fields: Mapping[str, Any]) -> None:
    """Put a line into the trace."""
    context.log(str(fields["text"]))


async def fail(context: StepContext, fields: Mapping[str, Any]) -> StepResult:
    """Fail the scenario."""
    raise StepFailedError(str(fields["reason"]))


async def skip(context: StepContext, fields: Mapping[str, Any]) -> StepResult:
    """End the scenario as skipped."""
    raise ScenarioSkippedError(str(fields["reason"]))


async def include(context: StepContext, fields: Mapping[str, Any]) -> None:
    """Run the steps that the loader has put in the place of the ``include``."""
    for block in context.blocks:
        await context.run_block(block, fields.get("with"))


HANDLERS: dict[str, Run] = {
    "wait": wait,
    "group": group,
    "parallel": parallel,
    "repeat": repeat,
    "until": until,
    "if": if_,
    "include": include,
    "prompt": prompt,
    "log": log,
    "fail": fail,
    "skip": skip,
}
