"""What the scenario room's tests share: the built-in language, and short ways to check a text."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

from ocpplab_runner.scenario.diagnostics import Diagnostic
from ocpplab_runner.scenario.loader import LoadResult, load_text
from ocpplab_runner.scenario.model import Scenario
from ocpplab_runner.scenario.registry import Registry
from ocpplab_runner.steps.blocks import ACTING, FACETS
from ocpplab_runner.steps.flow_specs import FLOW_SPECS
from ocpplab_runner.steps.matcher_specs import MATCHER_SPECS
from ocpplab_runner.vocabulary.versions import OcppVersion

IDLE = frozenset({"nothing-done", "nothing-judged"})
ROOT = Path(__file__).resolve().parent.parent.parent


@functools.cache
def language() -> Registry:
    """The built-in verbs, facets and matchers."""
    registry = Registry()
    registry.add_verbs((*ACTING, *FLOW_SPECS))
    registry.add_facets(FACETS)
    registry.add_matchers(MATCHER_SPECS)
    return registry


def load(
    text: str | bytes,
    *,
    versions: Sequence[OcppVersion] | None = None,
    variables: Sequence[str] = (),
    path: Path = Path("scenario.yaml"),
) -> LoadResult:
    """Load one text as a file; that a short example judges nothing is the question of `test_idle.py` alone."""
    result = load_text(text, language(), path=path, versions=versions, variables=variables)
    result.diagnostics = [diagnostic for diagnostic in result.diagnostics if diagnostic.code not in IDLE]
    return result


def scenario(text: str) -> Scenario:
    """The only scenario of a text that is sound."""
    result = load(text)
    assert result.diagnostics == []
    return result.scenarios[0]


def steps(body: str, head: str = "") -> str:
    """A scenario with these steps, each line indented by two."""
    indented = "".join(f"  {line}\n" for line in body.strip("\n").splitlines())
    return f"name: An example\n{head}steps:\n{indented}"


def codes(result: LoadResult) -> list[str]:
    """The codes of a result, in order."""
    return [diagnostic.code for diagnostic in result.diagnostics]


def line_of(diagnostic: Diagnostic) -> str:
    """A diagnostic as the documentation writes it."""
    span = diagnostic.span
    return f"{diagnostic.path.as_posix()}:{span.line}:{span.column}: {diagnostic.message} [{diagnostic.code}]"
