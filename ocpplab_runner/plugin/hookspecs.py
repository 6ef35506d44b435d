"""Every hook that a plugin can implement.

A plugin is an installed package with an entry point in the group ``ocpplab_runner``, or a module named with
``--plugin``. It implements any of these functions under :data:`hookimpl`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pluggy

from ocpplab_runner.plugin.case import CaseView, CheckFailure
from ocpplab_runner.plugin.csms_driver import CsmsDriver
from ocpplab_runner.plugin.events import Event
from ocpplab_runner.plugin.options import OptionSpec
from ocpplab_runner.plugin.results import CaseInfo, Report, StepInfo, StepRecord, Verdict
from ocpplab_runner.plugin.rig import Rig
from ocpplab_runner.plugin.target import Target
from ocpplab_runner.plugin.verb import Verb
from ocpplab_runner.scenario.registry import FacetSpec, MatcherSpec

PROJECT = "ocpplab_runner"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def ocpplab_options() -> Iterable[OptionSpec]:
    """Options of the plugin's own, for ``run`` and for ``ocpplab.yaml``. Called once at start-up."""
    raise NotImplementedError


@hookspec
def ocpplab_configure(options: Mapping[str, Any]) -> None:
    """A run is about to begin; called once, before its target is made.

    Args:
        options: the value of every plugin's options, by name with prefix.
    """
    raise NotImplementedError


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
    """Matchers of payloads and facet fields, each with its function. Called once at start-up."""
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


@hookspec(firstresult=True)
def ocpplab_rig(kind: str, options: Mapping[str, Any]) -> Rig | None:
    """Make the rig of that kind for a target `station`, or return None to leave it to others.

    Args:
        kind: of the option ``rig``; ``http`` where it does not say.
        options: the rest of that option, checked for nothing; raise ValueError for bad values.
    """
    raise NotImplementedError


@hookspec(firstresult=True)
def ocpplab_csms_driver(kind: str, options: Mapping[str, Any]) -> CsmsDriver | None:
    """Make the driver of that kind for a target `csms`, or return None to leave it to others.

    Args:
        kind: of the option ``driver``; ``http`` where it does not say.
        options: the rest of that option, checked for nothing; raise ValueError for bad values.
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
    """A scenario file is about to be checked, by `run` or `check`."""
    raise NotImplementedError


@hookspec
def ocpplab_collected(cases: Sequence[CaseInfo]) -> None:
    """The cases of the run are known, in their order; those that are blocked here are among them."""
    raise NotImplementedError


@hookspec
def ocpplab_case_begin(case: CaseView) -> None:
    """A case (an attempt of it) begins, in the process that runs it. One that is blocked ahead never does."""
    raise NotImplementedError


@hookspec
def ocpplab_case_end(case: CaseView, verdict: Verdict, reason: str) -> None:
    """It has ended; ``reason`` is empty for a plain pass."""
    raise NotImplementedError


@hookspec
def ocpplab_step_begin(case: CaseView, step: StepInfo) -> None:
    """A step begins, a nested one too."""
    raise NotImplementedError


@hookspec
def ocpplab_step_end(case: CaseView, step: StepRecord) -> None:
    """It has ended; ``status`` says how, and ``failure`` why it has not passed."""
    raise NotImplementedError


@hookspec
def ocpplab_event(case: CaseView, event: Event) -> None:
    """Something was observed: a frame, a fact, a command, a violation or a note. Secrets are in it as they came."""
    raise NotImplementedError


@hookspec
def ocpplab_check_case(case: CaseView) -> Iterable[CheckFailure]:
    """What is wrong with a case whose steps, those of ``finally`` too, have ended; the first one fails it.

    Asked unless it is blocked or an error anyway. Raise ``BlockedError`` where it cannot be judged here.
    """
    raise NotImplementedError
