"""Every obligation passes on a good peer, and fails at its step on a peer that breaks just that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from ocpplab_runner.engine.running.suite import Plan, SuiteOptions, plan_suite
from ocpplab_runner.scenario.loader import load_files
from ocpplab_runner.vocabulary.certification import catalogue
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.acceptance.cli_kit import ROOT
from tests.certification.misbehaving import Lie, lying
from tests.engine.suite_kit import Outcome, language, run_plan
from tests.thoroughness import sample

#: Table → the catalogues that it proves, by the versions in which its scenarios are run.
_CATALOGUES = {
    "ocpp16.yaml": {OcppVersion.V16: "ocpp1.6"},
    "ocpp2.yaml": {OcppVersion.V201: "ocpp2.0.1", OcppVersion.V21: "ocpp2.1"},
}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _table(name: str) -> dict[str, list[dict[str, Any]]]:
    table: dict[str, list[dict[str, Any]]] = yaml.load((Path(__file__).parent / name).read_text("utf-8"), _LOADER)
    return table


_TABLES = {name: _table(name) for name in _CATALOGUES}


def _rows(name: str) -> Sequence[Any]:
    return [
        pytest.param(row, version, id=f"{case}-{number}-{version.value}")
        for case, rows in _TABLES[name].items()
        for number, row in enumerate(rows, 1)
        for version, protocol in _CATALOGUES[name].items()
        if case in catalogue(protocol).cases
    ]


@cache
def _covers(scenario: str) -> Sequence[str]:
    covers: Sequence[str] = yaml.load((ROOT / scenario).read_text("utf-8"), _LOADER)["covers"]
    return covers


@cache
def _language() -> Any:
    return language()


@cache
def _plan(scenario: str, version: OcppVersion) -> tuple[Plan, SuiteOptions]:
    plugins, options = _language(), SuiteOptions(jobs=0, only_version=version, events=False)
    loaded = load_files([ROOT / scenario], plugins.registry)
    return plan_suite(loaded.scenarios, options, plugins.target("simulated", "simulated", {}), plugins), options


def _run(scenario: str, case: str, version: OcppVersion, lies: Sequence[Lie]) -> Outcome:
    plan, options = _plan(scenario, version)
    wanted = case.replace("{version}", version.value)
    cases = tuple(one for one in plan.cases if one.info["id"].endswith(f"::{wanted}"))
    with lying(lies):
        return run_plan(replace(plan, cases=cases), options)


@cache
def _passes(scenario: str, case: str, version: OcppVersion) -> bool:
    return _run(scenario, case, version, ()).verdicts() == ["passed"]


@pytest.mark.parametrize(("row", "version"), [*sample(_rows("ocpp16.yaml"), 1, 6), *sample(_rows("ocpp2.yaml"), 3, 20)])
def test_who_breaks_it_is_caught_at_its_step(row: dict[str, Any], version: OcppVersion) -> None:
    """And who does not is not."""
    assert _passes(row["scenario"], row["case"], version)
    lie = Lie.from_fields(row["lie"])
    caught = _run(row["scenario"], row["case"], version, [lie])
    assert lie.told, "nobody has lied"
    assert caught.verdicts() == ["failed"]
    failed = [index for index, status in caught.steps() if status not in ("passed", "skipped")]
    assert failed[:1] == [row["fails"]]


@pytest.mark.parametrize("name", sorted(_TABLES))
def test_the_catalogue_says_what_is_proven(name: str) -> None:
    """No less and no more than this table shows."""
    table = {case: [row["obligation"] for row in rows] for case, rows in _TABLES[name].items()}
    for protocol in _CATALOGUES[name].values():
        cases = catalogue(protocol).cases
        told = {case.id: list(case.obligations) for case in cases.values() if case.obligations}
        assert told == {case: said for case, said in table.items() if case in cases}


@pytest.mark.parametrize("name", sorted(_TABLES))
def test_a_scenario_that_proves_a_case_names_it(name: str) -> None:
    """In its `covers`."""
    for case, rows in _TABLES[name].items():
        for row in rows:
            assert case in _covers(row["scenario"]), f"{row['scenario']} does not name {case}"
