"""The report, of cases run by the real engine."""

from __future__ import annotations

import csv
from pathlib import Path

import ocpplab_csv_report

from ocpplab_runner.api import run_scenario

SCENARIO = """
name: Plugged, "quoted"
ocpp: ["1.6"]
cases: [{name: right, status: Preparing}, {name: wrong, status: Charging}]
steps:
  - plug_connector: {}
    expect: {connector_status: "${{ status }}"}
    within: 5s
"""


def test_each_case_is_a_line(tmp_path: Path) -> None:
    """With its verdict and reason, and quoted as CSV wants it."""
    table = tmp_path / "cases.csv"
    run_scenario(SCENARIO, plugins=[ocpplab_csv_report], options={"csv.file": str(table)}, reports={})
    with table.open(encoding="utf-8", newline="") as lines:
        head, right, wrong = csv.reader(lines)
    assert tuple(head) == ocpplab_csv_report.COLUMNS
    assert right == ["scenario.yaml", 'Plugged, "quoted" [right, ocpp1.6]', "1.6", "passed", "0.0", ""]
    assert wrong[3:5] == ["failed", "5.0"]
    assert wrong[5] == "connector_status Charging did not come within 5s"


def test_nobody_asked_for_it(tmp_path: Path) -> None:
    """Then there is no file."""
    run = run_scenario(SCENARIO, plugins=[ocpplab_csv_report], reports={})
    assert run.verdicts == ["passed", "failed"]
    assert list(tmp_path.iterdir()) == []
