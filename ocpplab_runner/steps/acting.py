"""What the acting verbs do: commands to the charger and the world, operations and calls of the CSMS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner.plugin.verb import Run, StepContext, StepResult


def _subject(fields: Mapping[str, Any]) -> Mapping[str, Any] | None:
    # The card whose first verdict decides an `auth_status` beside the step.
    if "id_tag" in fields:
        return {"id_tag": fields["id_tag"]}
    token = fields.get("id_token")
    if isinstance(token, Mapping):
        token = token.get("value")
    return {"id_tag": token} if isinstance(token, str) else None


def command(name: str) -> Run:
    """The handler of a verb that the charger or the world performs."""

    async def run(context: StepContext, fields: Mapping[str, Any]) -> StepResult:
        return StepResult(outcome=await context.perform(name, fields), subject=_subject(fields))

    return run


def operation(name: str) -> Run:
    """The handler of a version-neutral CSMS operation."""

    async def run(context: StepContext, fields: Mapping[str, Any]) -> StepResult:
        # A verb that takes one value instead of fields has it under the dot.
        arguments = fields.get(".", fields)
        call = await context.stage.operate(context.charger, name, arguments, raw=context.raw)
        return StepResult(call=call, subject=_subject(fields))

    return run


async def csms_call(context: StepContext, fields: Mapping[str, Any]) -> StepResult:
    """Send any OCPP call from the CSMS."""
    call = await context.stage.call(context.charger, fields["action"], fields.get("payload", {}), raw=context.raw)
    return StepResult(call=call)


async def csms_reply(context: StepContext, fields: Mapping[str, Any]) -> StepResult:
    """Program the CSMS's next answers."""
    # A CSMS that is told over a network has taken it on later; what the next step sets off must not come first.
    told = context.program_csms(fields)
    if told is not None:
        await told
    return StepResult()


async def update_id_tokens(context: StepContext, fields: Mapping[str, Any]) -> StepResult:
    """Change what the CSMS knows of cards."""
    return StepResult(outcome=await context.perform("update_id_tokens", fields["."]))
