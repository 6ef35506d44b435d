"""Every hook that a plugin can implement.

A plugin is an installed package with an entry point in the group ``ocpplab_runner``, or a module named with
``--plugin``. It implements any of these functions under :data:`hookimpl`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pluggy

from ocpplab_runner.plugin.results import Report
from ocpplab_runner.plugin.target import Target
from ocpplab_runner.plugin.verb import Verb
from ocpplab_runner.scenario.registry import FacetSpec, MatcherSpec

PROJECT = "ocpplab_runner"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def ocpplab_verbs() -> Iterable[Verb]:
    """Verbs to add to the language. Called once at start-up.

    A plugin's verb is named ``prefix.name``; the built-in verbs, which have no prefix, come through this hook too.
    """
    raise NotImplementedError


@hookspec
def ocpplab_facets() -> Iterable[FacetSpec]:
    """Facets to add to ``expect``, ``never`` and ``throughout``. Called once at start-up."""
    raise NotImplementedError


@hookspec
def ocpplab_matchers() -> Iterable[MatcherSpec]:
    """Matchers to describe to the schema. Called once at start-up."""
    raise NotImplementedError


@hookspec(firstresult=True)
def ocpplab_target(kind: str, name: str, options: Mapping[str, Any]) -> Target | None:
    """Make the target of that kind, or return None to leave it to others.

    Args:
        kind: ``simulated``, ``csms`` or a kind of the plugin's own.
        name: as chosen with ``--target``.
        options: its configuration, checked for nothing; raise ``click.UsageError`` or ValueError for bad values.
    """
    raise NotImplementedError


@hookspec
def ocpplab_reports(options: Mapping[str, Any]) -> Iterable[Report]:
    """Reports that consume this run's records.

    Args:
        options: the command line's report options (``junit``, ``jsonl``, ``junit_flavor`` …), see docs/plugins.md.
    """
    raise NotImplementedError


@hookspec
def ocpplab_check_file(path: Path) -> None:
    """A scenario file is about to be checked. For plugins that want to know which files a run touches."""
    raise NotImplementedError
