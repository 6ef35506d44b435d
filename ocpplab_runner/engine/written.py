"""The secrets that a case's text holds, before anything of it runs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ocpplab_runner.engine.plan import PlannedCase
from ocpplab_runner.engine.redaction import is_sensitive, sensitive_values
from ocpplab_runner.scenario.model import Step

_FROM_ENVIRONMENT: Final = re.compile(r"\benv\.([A-Za-z_]\w*)")
_SECRET_NAME: Final = re.compile(r"(?i)passw|passphrase|token|key|secret|credential")


def written_secrets(case: PlannedCase, environment: Mapping[str, str] = os.environ) -> Iterator[Any]:
    """Values of ``secrets``, of sensitive variables and keys, and of ``env.NAME`` where the name looks secret."""
    scenario = case.scenario
    places = [
        case.variables,
        dict(scenario.chargers),
        dict(scenario.csms),
        *_written((*scenario.steps, *scenario.finally_)),
    ]
    for name, value in case.variables.items():
        if name in scenario.secrets or is_sensitive(name):
            yield from _literal([value])
    yield from _literal(sensitive_values(places))
    for text in _texts(places):
        for name in _FROM_ENVIRONMENT.findall(text) if "env." in text else ():
            if _SECRET_NAME.search(name):
                yield environment.get(name)


def _literal(values: Iterable[Any]) -> Iterator[Any]:
    """An expression is no secret; what it gives is."""
    return (value for value in values if not (isinstance(value, str) and "${{" in value))


def _written(steps: Iterable[Step]) -> Iterator[Any]:
    for step in steps:
        yield {name: value for name, value in step.fields.items() if name not in step.blocks}
        for judged in (step.expect, step.still, step.never):
            for facet in judged.facets if judged is not None else ():
                yield dict(facet.fields)
                yield list(facet.sequence)
        for block in step.blocks.values():
            yield from _written(block)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
