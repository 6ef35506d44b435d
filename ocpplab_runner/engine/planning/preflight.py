"""What a target cannot do or see, found before a case's first step; and how long the case must at least take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ocpplab_runner.engine.planning.unbuilt import Unbuilt
from ocpplab_runner.plugin.capabilities import Capabilities
from ocpplab_runner.scenario.expressions import ExpressionError, condition, render
from ocpplab_runner.scenario.model import Duration, FacetExpectation, Scenario, Step
from ocpplab_runner.scenario.registry import Registry
from ocpplab_runner.vocabulary.durations import parse_duration
from ocpplab_runner.vocabulary.versions import OcppVersion

_DEFAULT_STATE = "booted"


def state_name(state: Mapping[str, Any] | str | None) -> str:
    """The name in a ``given.state``."""
    if state is None:
        return _DEFAULT_STATE
    return state if isinstance(state, str) else next(iter(state), _DEFAULT_STATE)


def why_blocked(
    scenario: Scenario,
    version: OcppVersion,
    capabilities: Capabilities,
    registry: Registry,
    *,
    operator: bool,
    max_real: float | None,
    variables: Mapping[str, Any] | None = None,
) -> str | None:
    """Why a case cannot run on a target, in one sentence; None when it can.

    Args:
        scenario: what shall run.
        version: in which OCPP version.
        capabilities: what the target declares.
        registry: the language.
        operator: whether somebody can answer a ``prompt``.
        max_real: the longest least duration allowed, and the longest `within` that a step may give, in seconds; None
            under a virtual clock.
        variables: of the case; a duration that is one of them counts.
    """
    if version not in capabilities.versions:
        return f"the target does not speak OCPP {version}"
    state = state_name(scenario.state)
    if state not in capabilities.states:
        return _because(f"the target cannot bring a charger into the state {state!r}", state, capabilities)
    steps = [*walk(scenario.steps, version), *walk(scenario.finally_, version)]
    for step in steps:
        if step.verb is None:
            continue
        verb = registry.verbs.get(step.verb)
        if verb is not None and verb.needs_operator and not operator:
            return f"{step.verb} needs an operator, and nobody is there"
        if verb is not None and version not in verb.versions:
            return f"{step.verb} does not exist in OCPP {version}"
        # A verb with a dot in its name is a plugin's, of which a target knows nothing.
        if (verb is None or verb.actor != "flow") and "." not in step.verb and step.verb not in capabilities.verbs:
            return _because(f"the target cannot {step.verb}", step.verb, capabilities)
    unbuilt = unbuilt_of(scenario, version, capabilities, registry)
    if (reason := unbuilt.given()) is not None:
        return reason
    for step in steps:
        if (reason := unbuilt.ahead(step, variables or {})) is not None:
            return reason
    for facet in _facets(scenario, steps):
        reason = _invisible(facet, registry, capabilities)
        if reason is not None:
            return reason
    if max_real is not None:
        least = least_duration(scenario.steps, version, capabilities.default_within, variables)
        if least > max_real:
            return f"it takes at least {least:g} s of real time, and --max-real allows {max_real:g} s"
        longest = max((_patience(step, variables or {}) for step in steps), default=0.0)
        if longest > max_real:
            return f"a step may wait {longest:g} s of real time, and --max-real allows {max_real:g} s"
    return None


def unbuilt_of(scenario: Scenario, version: OcppVersion, capabilities: Capabilities, registry: Registry) -> Unbuilt:
    """What a target's own ends lack for a scenario in one version."""
    steps = [*walk(scenario.steps, version), *walk(scenario.finally_, version)]
    return Unbuilt(version, capabilities.built(version), registry, steps, _given_replies(scenario))


def _given_replies(scenario: Scenario) -> list[Mapping[str, Any]]:
    replies = scenario.csms.get("replies")
    return [reply for reply in replies if isinstance(reply, Mapping)] if isinstance(replies, list | tuple) else []


def walk(steps: Iterable[Step], version: OcppVersion) -> Iterator[Step]:
    """Every step that exists in a version, nested ones after the step that holds them."""
    for step in steps:
        if step.only and version not in step.only:
            continue
        yield step
        for block in step.blocks.values():
            yield from walk(block, version)


def least_duration(
    steps: Iterable[Step],
    version: OcppVersion,
    default_within: float,
    variables: Mapping[str, Any] | None = None,
) -> float:
    """Seconds that a list of steps must take at least; what the case's variables do not tell counts as nothing."""
    known = variables or {}
    return sum(_least(step, version, default_within, known) for step in steps if not step.only or version in step.only)


def _least(step: Step, version: OcppVersion, default_within: float, variables: Mapping[str, Any]) -> float:
    blocks = [least_duration(block, version, default_within, variables) for block in step.blocks.values()]
    total = 0.0
    if step.verb == "wait":
        total = _literal(step.fields.get("for"), variables)
    elif step.verb == "parallel":
        total = max(blocks, default=0.0)
    elif step.verb == "if":
        named = dict(zip(step.blocks, blocks, strict=True))
        either = named.get("then", 0.0), named.get("else", 0.0)
        holds = _condition(step.fields.get("condition"), variables)
        total = min(either) if holds is None else either[0 if holds else 1]
    elif step.verb == "repeat":
        times = step.fields.get("times")
        total = sum(blocks) * (times if isinstance(times, int) else 1)
    else:
        total = sum(blocks)
    if step.never is not None:
        total += _literal(step.never.for_, variables)
    # An exact count waits for the whole `within` (rule 5).
    if step.expect is not None and any(facet.count is not None for facet in step.expect.facets):
        total += default_within if step.expect.within is None else _literal(step.expect.within, variables)
    return total


def _condition(expression: Any, variables: Mapping[str, Any]) -> bool | None:
    """Whether a condition holds, as far as the case's variables tell."""
    try:
        return condition(expression, variables)
    except ExpressionError:
        return None


def _patience(step: Step, variables: Mapping[str, Any]) -> float:
    """Seconds that a step says it may wait; how long one waits that says nothing is the target's affair."""
    until = step.fields.get("deadline") if step.verb == "until" else None
    expect = None if step.expect is None else step.expect.within
    return max(_literal(until, variables), _literal(expect, variables))


def _literal(duration: Duration | None, variables: Mapping[str, Any]) -> float:
    if isinstance(duration, str) and "${{" in duration:
        try:
            duration = render(duration, variables)
        except ExpressionError:
            return 0.0
    if isinstance(duration, str):
        try:
            return parse_duration(duration)
        except ValueError:
            return 0.0
    return float(duration) if isinstance(duration, int | float) else 0.0


def _facets(scenario: Scenario, steps: Iterable[Step]) -> Iterator[FacetExpectation]:
    for guard in scenario.throughout:
        yield from guard.facets
    for step in steps:
        for holder in (step.expect, step.still, step.never):
            if holder is not None:
                yield from holder.facets


def _invisible(facet: FacetExpectation, registry: Registry, capabilities: Capabilities) -> str | None:
    spec = registry.facets.get(facet.facet)
    if spec is None:
        return f"nobody knows the facet {facet.facet!r}"
    if spec.kind == "frame" and not capabilities.frames:
        return _because(f"the target sees no OCPP frames, so no {facet.facet}", facet.facet, capabilities)
    if spec.kind != "fact" or spec.event is None or "." in spec.event:
        return None
    if not capabilities.facts.get(spec.event):
        return _because(f"the target cannot see {facet.facet}", facet.facet, capabilities)
    if spec.event == "auth_status":
        for fields in (facet.fields, *facet.sequence):
            for route in _routes(fields.get("via")):
                if route not in capabilities.routes:
                    return _because(f"the target cannot see a verdict via {route}", route, capabilities)
    return None


def _routes(via: Any) -> list[str]:
    return [via] if isinstance(via, str) and "${{" not in via else []


def _because(sentence: str, name: str, capabilities: Capabilities) -> str:
    reason = capabilities.reasons.get(name)
    return f"{sentence}: {reason}" if reason else sentence
