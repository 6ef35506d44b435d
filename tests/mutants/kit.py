"""Mutants of the authorization rules, and the shipped scenarios that should notice them, run in this process."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest

from ocpplab_runner.engine.running.suite import Plan, PlannedCase, SuiteOptions, plan_suite, run_suite
from ocpplab_runner.plugin.manager import Plugins
from ocpplab_runner.plugin.results import Record, Verdict
from ocpplab_runner.scenario.loader import load_files
from ocpplab_runner.scenario.model import Scenario
from ocpplab_runner.steps import builtin as steps
from ocpplab_runner.targets import builtin as targets

FOLDER = Path(__file__).parents[2] / "scenarios" / "authorization"
#: How many scenarios must notice each mutant.
ENOUGH = 2
_OPTIONS = SuiteOptions(jobs=0, events=False)
_PART = re.compile(r"(.*\d)[a-z]")

Break = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A broken rule.

    Attributes:
        rule: its id.
        what: what the station does wrong, in a few words.
        apply: breaks it until the monkeypatch is undone.
        enough: scenarios that must notice it.
    """

    rule: str
    what: str
    apply: Break
    enough: int = ENOUGH

    @property
    def name(self) -> str:
        """For the test's id."""
        return f"{self.rule}: {self.what}"


class Mutants(list[Mutant]):
    """Collects mutants; an instance decorates the functions that break something."""

    def __call__(self, rule: str, what: str, *, enough: int = ENOUGH) -> Callable[[Break], Break]:
        """Decorate the function that breaks a rule."""

        def take(apply: Break) -> Break:
            self.append(Mutant(rule, what, apply, enough))
            return apply

        return take


@cache
def language() -> Plugins:
    """The built-in language and targets."""
    return Plugins([steps, targets], {})


@cache
def shipped() -> tuple[Scenario, ...]:
    """Every scenario about authorization that we ship."""
    loaded = load_files([FOLDER], language().registry)
    assert loaded.ok, loaded.diagnostics
    return tuple(loaded.scenarios)


def naming(rule: str) -> list[Scenario]:
    """The scenarios that name a rule, or a part of it."""

    def names(covered: str) -> bool:
        part = _PART.fullmatch(covered)
        return covered == rule or (part is not None and part.group(1) == rule)

    return [scenario for scenario in shipped() if any(names(covered) for covered in scenario.covers)]


def distinct(plan: Plan) -> tuple[PlannedCase, ...]:
    """Its cases, each in one OCPP version only."""
    first: dict[tuple[Path, str | None], PlannedCase] = {}
    for case in plan.cases:
        first.setdefault((case.scenario.path, case.row), case)
    return tuple(first.values())


@cache
def plan_of(path: Path) -> Plan:
    """What a scenario's file would run, each case in one OCPP version only."""
    plugins = language()
    scenarios = [scenario for scenario in shipped() if scenario.path == path]
    plan = plan_suite(scenarios, _OPTIONS, plugins.target("simulated", "simulated", {}), plugins)
    return replace(plan, cases=distinct(plan))


def verdicts(path: Path) -> list[Verdict]:
    """What becomes of each case of a scenario's file."""
    records: list[Record] = []
    run_suite(plan_of(path), _OPTIONS, records.append)
    return [Verdict(record["verdict"]) for record in records if record["type"] == "case" and record["phase"] == "end"]


def who_notices(rule: str, enough: int) -> list[str]:
    """The scenarios that name a rule and fail now: an expectation is not met. Stops when there are enough."""
    found: list[str] = []
    for scenario in naming(rule):
        if Verdict.FAILED in verdicts(scenario.path):
            found.append(scenario.path.stem)
        if len(found) >= enough:
            break
    return found
