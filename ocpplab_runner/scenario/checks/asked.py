"""Reports the flaws of questions where they stand in the file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ocpplab_runner.scenario.checks.scope import Scope
from ocpplab_runner.scenario.checks.unlikely import is_sent_raw
from ocpplab_runner.scenario.diagnostics import Span
from ocpplab_runner.scenario.known_values import ANYTHING, Flaw, Known
from ocpplab_runner.scenario.questions import Questions, is_wrong_token, known_of
from ocpplab_runner.scenario.registry import FacetSpec


def check_question(
    scope: Scope, container: Any, key: str | int, known: Known = ANYTHING, *, frames: bool = False
) -> None:
    """Check a wanted value.

    Args:
        scope: of the step.
        container: the mapping or list that holds it.
        key: of the value in it.
        known: what may come in its place.
        frames: whether frames are looked at that may break their schema: with ``raw``, or where the scenario itself
            sends such a value, it may come after all.
    """
    flaws = questions_of(scope).flaws(container[key], known)
    if frames:
        flaws = [one for one in flaws if not one.is_value or not (scope.raw or _is_sent(scope, container, key, one))]
    _report(scope, container, key, flaws)


def check_event(scope: Scope, container: Any, key: str | int, facet: FacetSpec) -> None:
    """Check the fields, written as a mapping, that one event of a facet is asked for."""
    flaws = questions_of(scope).of_event(facet, container[key], scope.versions)
    if facet.kind == "frame":
        flaws = [one for one in flaws if not one.is_value or not (scope.raw or _is_sent(scope, container, key, one))]
    elif scope.raw:
        flaws = [one for one in flaws if not is_wrong_token(one)]
    _report(scope, container, key, flaws)


def check_whole(scope: Scope, container: Any, key: str | int, facet: FacetSpec) -> None:
    """Check a bare value, or a matcher, in the place of a facet's fields."""
    shorthand = scope.language.shorthand_fields.get(facet.name)
    spec = next((spec for spec in facet.fields if spec.name == shorthand), None)
    known = known_of(facet, spec, scope.versions) if spec is not None else ANYTHING
    check_question(scope, container, key, known)


def questions_of(scope: Scope) -> Questions:
    """The judge of questions that stand in a step; a row that never runs there brings none."""
    return Questions(
        scope.language.matchers, lambda text: [value for value, where in scope.alternatives(text) if where]
    )


def _report(scope: Scope, container: Any, key: str | int, flaws: Iterable[Flaw]) -> None:
    for flaw in flaws:
        span = _place(scope, container, key, flaw)
        follows = flaw.code == "never-met" and _found_in(scope, *_holder(container, key, flaw))
        if not follows and not scope.check.found_at(scope.document, span):
            scope.report(span, flaw.code, flaw.message, flaw.hint)


def _place(scope: Scope, container: Any, key: str | int, flaw: Flaw) -> Span:
    holder, last = _holder(container, key, flaw)
    if isinstance(last, str) and (flaw.at_key or (flaw.code == "never-met" and isinstance(holder[last], dict))):
        return scope.document.key_span(holder, last)
    return scope.document.value_span(holder, last)


def _holder(container: Any, key: str | int, flaw: Flaw) -> tuple[Any, str | int]:
    holder, last = container, key
    for part in flaw.path:
        holder, last = holder[last], part
    return holder, last


def _is_sent(scope: Scope, container: Any, key: str | int, flaw: Flaw) -> bool:
    holder, last = _holder(container, key, flaw)
    value = last if flaw.at_key else holder[last]
    return not isinstance(value, dict | list) and is_sent_raw(scope, value, key=flaw.at_key)


def _found_in(scope: Scope, holder: Any, last: str | int) -> bool:
    """Whether a part of a value has a finding of its own, from which that of the whole follows."""
    value = holder[last]
    if isinstance(value, dict | list):
        return any(_found_in(scope, value, key) for key in (value if isinstance(value, dict) else range(len(value))))
    return scope.check.found_at(scope.document, scope.document.value_span(holder, last))
