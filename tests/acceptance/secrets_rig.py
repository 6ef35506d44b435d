"""Verbs that end a case badly, with something on their lips."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping
from typing import Any

from ocpplab_runner.plugin.hookspecs import hookimpl
from ocpplab_runner.plugin.stage import BlockedError, InfrastructureError
from ocpplab_runner.plugin.verb import StepContext, StepError, StepFailedError, Verb
from ocpplab_runner.scenario.registry import FieldSpec, VerbSpec

_RAISED = {
    "failed": StepFailedError,
    "error": StepError,
    "blocked": BlockedError,
    "unreached": InfrastructureError,
    "raised": LookupError,
}


async def _end(context: StepContext, fields: Mapping[str, Any]) -> None:
    how, said = str(fields["how"]), str(fields["said"])
    context.log(f"it says {said!r}")
    context.report("rig.said", {"text": f"{said[: len(said) // 2]}…", said: "a key"})
    if how in _RAISED:
        raise _RAISED[how](f"the rig said {said} and {said[: len(said) - 3]}...")
    if how == "loop":

        def fall() -> None:
            raise RuntimeError(f"loose wire at {said}")

        asyncio.get_running_loop().call_soon(fall)
        await context.sleep(1)
    if how == "hangs":
        await context.sleep(10_000)
    if how == "exits":
        raise SystemExit(f"good bye {said}")
    if how == "dies":
        os._exit(7)


@hookimpl
def ocpplab_verbs() -> Iterable[Verb]:
    """The one."""
    fields = (
        FieldSpec("how", {"type": "string"}, "How the case ends.", required=True),
        FieldSpec("said", {"type": "string"}, "What is said then.", required=True),
    )
    return [Verb(VerbSpec("rig.end", "For tests.", "world", fields, example="rig.end: {how: failed, said: x}"), _end)]
