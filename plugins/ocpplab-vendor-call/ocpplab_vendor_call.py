"""An example plugin: a verb that makes the CSMS call the charger, and a matcher for what the answer says.

The call is a DataTransfer, whose ``data`` may be JSON as text: the built-in matchers see the text only.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ocpplab_runner.api import (
    FieldSpec,
    MatcherSpec,
    OcppVersion,
    StepContext,
    StepResult,
    Verb,
    VerbSpec,
    hookimpl,
)

VENDOR = "org.tariff"


async def ask(context: StepContext, fields: Mapping[str, Any]) -> StepResult:
    """Send the question; `response` and `call_error` of the step look at the answer to the call that is returned."""
    payload = {"vendorId": VENDOR, "messageId": fields["about"]}
    return StepResult(call=await context.stage.call(context.charger, "DataTransfer", payload))


def says(wanted: Mapping[str, Any], came: Any) -> bool:
    """Whether there is a JSON object with these members and values: in a text, or in 2.x as it is."""
    if isinstance(came, str):
        try:
            came = json.loads(came)
        except ValueError:
            return False
    return isinstance(came, Mapping) and all(name in came and came[name] == value for name, value in wanted.items())


@hookimpl
def ocpplab_verbs() -> Iterable[Verb]:
    """The verb: the CSMS acts, and the action tells `check` what can be answered."""
    spec = VerbSpec(
        name="tariff.ask",
        summary="The CSMS asks the station for its tariff.",
        actor="csms",
        fields=(FieldSpec("about", {"enum": ["price", "validity"]}, "What is asked for.", required=True),),
        shorthand="about",
        actions=dict.fromkeys(OcppVersion, "DataTransfer"),
        example="tariff.ask: price",
    )
    yield Verb(spec, ask)


@hookimpl
def ocpplab_matchers() -> Iterable[MatcherSpec]:
    """The matcher."""
    example = "{$tariff.says: {kwh: 0.3}}"
    yield MatcherSpec("$tariff.says", "JSON with these members, in a text too.", {"type": "object"}, example, says)
