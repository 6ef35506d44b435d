"""The secrets of a case that are known before anything of it runs: what its text holds, and what the run was told."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from ocpplab_runner.engine.planning.options import SuiteOptions
from ocpplab_runner.plugin.former_protocols import SecretiveTarget
from ocpplab_runner.plugin.target import Target
from ocpplab_runner.redaction.names import is_of_the_environment, is_sensitive, sensitive_values, texts_in
from ocpplab_runner.scenario.model import Scenario, Step

_FROM_ENVIRONMENT: Final = re.compile(r"\benv\.([A-Za-z_]\w*)")


class Written:
    """What is written of a case: the same for all its turns and attempts, and looked through once.

    Args:
        scenario: its text.
        variables: of its row, and of the command line.
    """

    def __init__(self, scenario: Scenario, variables: Mapping[str, Any]) -> None:
        self._scenario = scenario
        self._variables = variables

    @cached_property
    def secrets(self) -> tuple[Any, ...]:
        """What of it nobody may see."""
        return tuple(written_secrets(self._scenario, self._variables))


def case_secrets(written: Written, target: Target, options: SuiteOptions) -> Iterator[Any]:
    """Everything that nobody may see of a case: what is written, the target's secrets, and what the run was told."""
    yield from options.secrets
    if isinstance(target, SecretiveTarget):
        yield from target.secrets
    yield from written.secrets


def is_secret(scenario: Scenario, name: str) -> bool:
    """Whether the variable of that name holds a secret: declared, or called like one."""
    return name in scenario.secrets or is_sensitive(name)


def written_secrets(
    scenario: Scenario, variables: Mapping[str, Any], environment: Mapping[str, str] = os.environ
) -> Iterator[Any]:
    """Values of ``secrets``, of sensitive variables and keys, and of ``env.NAME`` where the name looks secret."""
    places = [
        variables,
        dict(scenario.chargers),
        dict(scenario.csms),
        scenario.state,
        dict(scenario.files),
        dict(scenario.uploads),
        *(dict(facet.fields) for guard in scenario.throughout for facet in guard.facets),
        *_written((*scenario.steps, *scenario.finally_)),
    ]
    for bound in (variables, *_bindings(places)):
        for name, value in bound.items():
            if is_secret(scenario, name):
                yield from _literal([value])
    yield from _literal(sensitive_values(places))
    for text in texts_in(places):
        for name in _FROM_ENVIRONMENT.findall(text) if "env." in text else ():
            if is_of_the_environment(name):
                yield environment.get(name)


def _literal(values: Iterable[Any]) -> Iterator[Any]:
    """An expression is no secret; what it gives is."""
    return (value for value in values if not (isinstance(value, str) and "${{" in value))


def _written(steps: Iterable[Step]) -> Iterator[Any]:
    for step in steps:
        yield {name: value for name, value in step.fields.items() if name not in step.blocks}
        yield [step.name, step.timeout]
        for judged in (step.expect, step.still, step.never):
            for facet in judged.facets if judged is not None else ():
                yield dict(facet.fields)
                yield list(facet.sequence)
        for block in step.blocks.values():
            yield from _written(block)


def _bindings(places: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    """What includes give the variables of their steps."""
    for fields in places:
        if isinstance(fields, Mapping) and isinstance(fields.get("with"), Mapping):
            yield fields["with"]
