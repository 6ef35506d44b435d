"""Questions about verdicts on cards that a target cannot see: found in a scenario's text, before it runs. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ocpplab_runner.scenario.model import FacetExpectation, Step
from ocpplab_runner.scenario.values import matches
from ocpplab_runner.vocabulary.statuses import AuthorizationRoute

_VARIABLE = re.compile(r"\s*\$\{\{\s*(\w+)\s*\}\}\s*")
_VERDICT = "auth_status"
_COMPUTED = "${{"
#: Who gives verdicts that no frame shows.
INSIDE_ROUTES = frozenset(
    {
        AuthorizationRoute.CACHE,
        AuthorizationRoute.LOCAL_LIST,
        AuthorizationRoute.OFFLINE,
        AuthorizationRoute.STATION,
    }
)


def unseen_verdict(step: Step, variables: Mapping[str, Any], why: str) -> str | None:
    """Why a step cannot be judged where no verdict of :data:`INSIDE_ROUTES` is seen; None when it can.

    Args:
        step: of a scenario.
        variables: of the case.
        why: such verdicts are not seen.
    """
    for facet in step.expect.facets if step.expect is not None else ():
        for fields in each_of(facet):
            routes = routes_of(fields, variables)
            if facet.facet == _VERDICT and routes and routes <= INSIDE_ROUTES:
                return f"the target cannot see a verdict via {min(routes)}: {why}"
    return None if step.never is None else unseen_absence(step.never.facets, variables, why)


def unseen_absence(facets: Collection[FacetExpectation], variables: Mapping[str, Any], why: str) -> str | None:
    """Why it cannot be said that there is no such verdict: that can be said only where one would be seen."""
    for facet in facets:
        for fields in each_of(facet):
            if facet.facet != _VERDICT:
                continue
            if "via" not in fields:
                return f"that there is no auth_status cannot be judged without `via`: {why}"
            if unseen := routes_of(fields, variables) & INSIDE_ROUTES:
                return f"the target cannot see a verdict via {min(unseen)}: {why}"
    return None


def each_of(facet: FacetExpectation) -> Iterator[Mapping[str, Any]]:
    """What a facet asks for, once for each of a sequence."""
    yield from facet.sequence or (facet.fields,)


def routes_of(fields: Mapping[str, Any], variables: Mapping[str, Any]) -> frozenset[AuthorizationRoute]:
    """The routes that a ``via`` lets in, also where a variable gives it; all where an expression computes it."""
    via = stated(fields.get("via", _COMPUTED), variables)
    if _COMPUTED in str(via):
        return frozenset(AuthorizationRoute)
    return frozenset(route for route in AuthorizationRoute if matches(via, route.value, "via"))


def stated(value: Any, variables: Mapping[str, Any]) -> Any:
    """What a value of a scenario is, also where it is just a variable of the case."""
    named = _VARIABLE.fullmatch(str(value))
    return variables.get(named.group(1), value) if named else value
