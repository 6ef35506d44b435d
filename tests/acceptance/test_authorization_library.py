"""The scenarios of the authorization rules: how many there are, and that each says what it is for."""

from __future__ import annotations

from collections import Counter
from functools import cache

from ocpplab_runner.plugin.manager import Plugins
from ocpplab_runner.reports.coverage import CoverageTable
from ocpplab_runner.scenario.loader import load_files
from ocpplab_runner.scenario.model import Scenario
from ocpplab_runner.steps import builtin as steps
from ocpplab_runner.vocabulary.rules import RULES
from tests.acceptance.cli_kit import ROOT

FOLDER = ROOT / "scenarios" / "authorization"
FAMILIES = {
    "basics",
    "contract",
    "local",
    "master_pass",
    "remote",
    "reservation",
    "robustness",
    "selection",
    "stopping",
    "timeouts",
    "withdrawal",
}


@cache
def library() -> list[Scenario]:
    """Every scenario about authorization."""
    loaded = load_files([FOLDER], Plugins([steps], {}).registry)
    assert loaded.ok, loaded.diagnostics
    return loaded.scenarios


def test_there_are_enough_test_cases() -> None:
    """At least 150 distinct ones: file and row, OCPP versions not counted; every row's name is unique in its file."""
    cases = [(scenario.path, case.name) for scenario in library() for case in scenario.cases or [scenario]]
    assert len(set(cases)) == len(cases) >= 150


def test_each_scenario_names_a_rule() -> None:
    """One that exists."""
    for scenario in library():
        rules = [name for name in scenario.covers if name.startswith("AUTH-")]
        assert rules, f"{scenario.path} names no rule"
        assert set(rules) <= set(RULES), f"{scenario.path} names a rule that does not exist"


def test_each_rule_has_two_scenarios() -> None:
    """Every part of a rule by itself, too."""
    named = Counter(name for scenario in library() for name in scenario.covers)
    whole = CoverageTable(RULES)
    for scenario in library():
        whole.add(scenario)
    assert whole.thinner_than(2) == []
    assert [name for name in RULES if name[-1].islower() and named[name] < 2] == []


def test_each_scenario_belongs_to_a_family() -> None:
    """A folder per family of questions, and no two scenarios of one name."""
    files = sorted(FOLDER.rglob("*.yaml"))
    assert {file.parent for file in files} == {FOLDER / family for family in FAMILIES}
    names = Counter(scenario.name for scenario in library())
    assert [name for name, count in names.items() if count > 1] == []


def test_they_are_written_for_every_version_that_can_say_it() -> None:
    """At least nine in ten run in 1.6, 2.0.1 and 2.1 from one text; one without `ocpp` does."""
    both = [scenario for scenario in library() if not scenario.ocpp or len(scenario.ocpp) > 1]
    assert len(both) >= 0.9 * len(library())
