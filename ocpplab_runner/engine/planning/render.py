"""The resolved plan as text, for ``--dry-run``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from ocpplab_runner.engine.matching.views import flow
from ocpplab_runner.engine.planning.options import SuiteOptions
from ocpplab_runner.engine.planning.plan import Plan, PlannedCase
from ocpplab_runner.engine.planning.preflight import least_duration, state_name
from ocpplab_runner.engine.planning.written import case_secrets, is_secret
from ocpplab_runner.redaction.redactor import HIDDEN, Redactor
from ocpplab_runner.scenario.model import Expectation, FacetExpectation, Prohibition, Step
from ocpplab_runner.vocabulary.durations import format_duration
from ocpplab_runner.vocabulary.versions import OcppVersion

_INDENT = "  "


def render_plan(plan: Plan, options: SuiteOptions) -> str:
    """Every case with its variables and the steps that exist in its version, one line each."""
    lines: list[str] = []
    for record in plan.invalid:
        lines.append(f"{record['file']}: invalid, runs nothing")
    for case in plan.cases:
        redactor = Redactor(case_secrets(case.written, plan.target, options))
        lines += map(redactor.redact_text, _case(case, plan))
    count = len(plan.cases)
    lines.append(f"{count} case{'' if count == 1 else 's'}, {plan.deselected} deselected, target {plan.target.name}")
    return "\n".join(lines)


def _case(case: PlannedCase, plan: Plan) -> Iterator[str]:
    scenario = case.scenario
    yield case.info["id"]
    if case.blocked is not None:
        yield f"{_INDENT}blocked: {case.blocked}"
        return
    least = least_duration(scenario.steps, case.version, plan.target.capabilities.default_within, case.variables)
    yield f"{_INDENT}state: {state_name(scenario.state)}; takes at least {format_duration(least)}"
    for name, value in case.variables.items():
        shown = HIDDEN if is_secret(scenario, name) else _value(value)
        yield f"{_INDENT}{name} = {shown}"
    for guard in scenario.throughout:
        yield f"{_INDENT}throughout never {_facets(guard.facets)}"
    yield from _steps(scenario.steps, case.version, "", 1)
    if scenario.finally_:
        yield f"{_INDENT}finally"
        yield from _steps(scenario.finally_, case.version, "finally.", 1)


def _steps(steps: Iterable[Step], version: OcppVersion, prefix: str, depth: int) -> Iterator[str]:
    for number, step in enumerate(steps, 1):
        if step.only and version not in step.only:
            continue
        index = f"{prefix}{number}"
        yield f"{_INDENT * depth}{index}. {describe_step(step)}"
        for name, block in step.blocks.items():
            yield from _steps(block, version, block_prefix(index, name), depth + 1)


def block_prefix(index: str, block: str) -> str:
    """What stands before the numbers of nested steps: branches of ``parallel`` and ``else`` carry their name."""
    if block.isdigit():
        return f"{index}.{int(block) + 1}."
    return f"{index}.else." if block == "else" else f"{index}."


@lru_cache(maxsize=1024)
def describe_step(step: Step) -> str:
    """A step in one line, as it is written."""
    parts = []
    if step.verb is not None:
        shown = {name: value for name, value in step.fields.items() if name not in step.blocks}
        value = shown.get(".", shown)
        parts.append(f"{step.verb}: {_value(value)}" if value else step.verb)
    if step.name:
        parts.insert(0, f"{step.name!r}")
    if step.charger:
        parts.append(f"charger {step.charger}")
    if step.expect is not None:
        parts.append(_expectation(step.expect))
    if step.still is not None:
        parts.append(f"still {_facets(step.still.facets)}")
    if step.never is not None:
        parts.append(_prohibition(step.never))
    if step.save:
        parts.append(f"save {', '.join(step.save)}")
    return "; ".join(parts)


def _expectation(expect: Expectation) -> str:
    within = f" within {_duration(expect.within)}" if expect.within is not None else ""
    since = f" since {expect.since}" if expect.since else ""
    return f"expect {_facets(expect.facets)}{within}{since}"


def _prohibition(never: Prohibition) -> str:
    watched = f" for {_duration(never.for_)}" if never.for_ is not None else ""
    return f"never {_facets(never.facets)}{watched}"


def _facets(facets: Iterable[FacetExpectation]) -> str:
    return ", ".join(_facet(facet) for facet in facets)


def _facet(facet: FacetExpectation) -> str:
    if facet.sequence:
        return f"{facet.facet} {_value([_short(fields) for fields in facet.sequence])}"
    number = f" ×{facet.count}" if facet.count is not None else ""
    if facet.at_least is not None:
        number = f" ≥{facet.at_least}"
    shown = _short(facet.fields)
    return f"{facet.facet}{'' if shown == {} else ' ' + _value(shown)}{number}"


def _short(fields: Mapping[str, Any]) -> Any:
    return fields["is"] if set(fields) == {"is"} else dict(fields)


def _value(value: Any) -> str:
    return value if isinstance(value, str) else flow(value, ascii_only=False)


def _duration(value: float | str) -> str:
    return value if isinstance(value, str) else format_duration(value)
