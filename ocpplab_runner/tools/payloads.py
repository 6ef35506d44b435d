"""What is wrong with a payload, all of it, and what may have been meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ocpplab_runner.ocppj.schema_breach import path_of
from ocpplab_runner.redaction.redactor import HIDDEN
from ocpplab_runner.scenario.suggest import did_you_mean
from ocpplab_runner.vocabulary.versions import OcppVersion


def breach_lines(schema: dict[str, Any], version: OcppVersion, payload: Any) -> Iterator[str]:
    """One line for each way in which a payload breaks its schema; none for a value that has been hidden.

    Args:
        schema: of the action's request or response.
        version: whose schema it is.
        payload: any JSON.
    """
    from ocpplab_runner.ocppj.diagnosis import every_breach  # imports jsonschema, which takes its time

    if not isinstance(payload, dict):
        yield "the payload is no JSON object"
        return
    for breach in every_breach(schema, version, payload):
        value: Any = payload
        for key in breach.path:
            value = value[key]
        if value == HIDDEN:
            continue
        where = path_of(breach.path)
        hints = [hint for word in breach.wrong if (hint := did_you_mean(word, breach.known))]
        yield "; ".join([f"{where + ' ' if where else ''}{breach.message}", *hints])
