"""The built-in language as a plugin: the hooks that hand over its verbs, facets and matchers."""

from __future__ import annotations

from collections.abc import Iterable

from ocpplab_runner.plugin.hookspecs import hookimpl
from ocpplab_runner.plugin.verb import Run, Verb
from ocpplab_runner.scenario.registry import FacetSpec, MatcherSpec, VerbSpec
from ocpplab_runner.steps import acting, flow
from ocpplab_runner.steps.blocks import ACTING, FACETS
from ocpplab_runner.steps.flow_specs import FLOW_SPECS
from ocpplab_runner.steps.matcher_specs import MATCHER_SPECS

_OWN_HANDLERS: dict[str, Run] = {
    "csms_call": acting.csms_call,
    "csms_reply": acting.csms_reply,
    "update_id_tokens": acting.update_id_tokens,
    **flow.HANDLERS,
}


def _verb(spec: VerbSpec) -> Verb:
    handler = _OWN_HANDLERS.get(spec.name)
    if handler is None:
        handler = acting.operation(spec.name) if spec.actor == "csms" else acting.command(spec.name)
    return Verb(spec, handler)


@hookimpl
def ocpplab_verbs() -> Iterable[Verb]:
    """Every built-in verb."""
    return [_verb(spec) for spec in (*ACTING, *FLOW_SPECS)]


@hookimpl
def ocpplab_facets() -> Iterable[FacetSpec]:
    """Every built-in facet."""
    return FACETS


@hookimpl
def ocpplab_matchers() -> Iterable[MatcherSpec]:
    """Every built-in matcher."""
    return MATCHER_SPECS
