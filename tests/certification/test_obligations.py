"""Every obligation passes on a good peer, and fails at its step on a peer that breaks just that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from ocpplab_runner.engine.running.suite import SuiteOptions, plan_suite
from ocpplab_runner.scenario.loader import load_files
from ocpplab_runner.vocabulary.certification import catalogue
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.acceptance.cli_kit import ROOT
from tests.certification.misbehaving import Lie, lying
from tests.engine.suite_kit import Outcome, language, run_plan

_TABLE: dict[str, list[dict[str, Any]]] = yaml.safe_load((Path(__file__).parent / "ocpp16.yaml").read_text("utf-8"))
_ROWS = [
    pytest.param(row, id=f"{case}-{number}") for case, rows in _TABLE.items() for number, row in enumerate(rows, 1)
]


@cache
def _language() -> Any:
    return language()


def _run(scenario: str, case: str, lies: Sequence[Lie]) -> Outcome:
    plugins, options = _language(), SuiteOptions(jobs=0, only_version=OcppVersion.V16, events=False)
    loaded = load_files([ROOT / scenario], plugins.registry)
    plan = plan_suite(loaded.scenarios, options, plugins.target("simulated", "simulated", {}), plugins)
    cases = tuple(one for one in plan.cases if one.info["id"].endswith(f"::{case}"))
    with lying(lies):
        return run_plan(replace(plan, cases=cases), options)


@pytest.mark.parametrize("row", _ROWS)
def test_who_breaks_it_is_caught_at_its_step(row: dict[str, Any]) -> None:
    """And who does not is not."""
    good = _run(row["scenario"], row["case"], ())
    assert good.verdicts() == ["passed"]
    lie = Lie.from_fields(row["lie"])
    caught = _run(row["scenario"], row["case"], [lie])
    assert lie.told, "nobody has lied"
    assert caught.verdicts() == ["failed"]
    failed = [index for index, status in caught.steps() if status not in ("passed", "skipped")]
    assert failed[:1] == [row["fails"]]


def test_the_catalogue_says_what_is_proven() -> None:
    """No less and no more than this table shows."""
    told = {case.id: list(case.obligations) for case in catalogue("ocpp1.6").cases.values() if case.obligations}
    assert told == {case: [row["obligation"] for row in rows] for case, rows in _TABLE.items()}


def test_a_scenario_that_proves_a_case_names_it() -> None:
    """In its `covers`."""
    for case, rows in _TABLE.items():
        for row in rows:
            covers = yaml.safe_load((ROOT / row["scenario"]).read_text("utf-8"))["covers"]
            assert case in covers, f"{row['scenario']} does not name {case}"
