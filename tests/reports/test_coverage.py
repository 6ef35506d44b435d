"""The table of ``coverage``: which scenarios name which rule, and what became of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ocpplab_runner.reports.collect import collect
from ocpplab_runner.reports.coverage import NO_SUCH_RULE, CoverageTable, render
from ocpplab_runner.scenario.model import Case, Scenario
from tests.reports.records import end, info, start

RULES = {"AUTH-8": "Groups stop.", "AUTH-8a": "A master pass | stops all.", "AUTH-R1": "The past is Rejected."}


def scenario(name: str, *covers: str, rows: int = 0) -> Scenario:
    """A scenario that covers these ids."""
    cases = tuple(Case(f"row {number}", {}) for number in range(rows))
    return Scenario(Path(f"{name}.yaml"), name, (), covers=covers, cases=cases)


def table(*scenarios: Scenario, prefix: str = "", others: bool = False) -> CoverageTable:
    """A table of these scenarios."""
    made = CoverageTable(RULES, prefix=prefix, others=others)
    for one in scenarios:
        made.add(one)
    return made


def counts(made: CoverageTable) -> dict[str, tuple[int, int]]:
    """id → scenarios, cases."""
    return {line.id: (len(line.files), line.cases) for line in made.lines}


def test_a_row_is_a_case() -> None:
    """A file without rows is one case; OCPP versions do not count."""
    made = table(scenario("a", "AUTH-R1"), scenario("b", "AUTH-R1", rows=3))
    assert counts(made)["AUTH-R1"] == (2, 4)


def test_a_rule_counts_the_scenarios_of_its_parts() -> None:
    """Once, also when a scenario names both; a rule of letters is no part."""
    made = table(scenario("a", "AUTH-8a"), scenario("b", "AUTH-8", "AUTH-8a"), scenario("c", "AUTH-8"))
    assert counts(made) == {"AUTH-8": (3, 3), "AUTH-8a": (2, 2), "AUTH-R1": (0, 0)}


def test_rules_without_a_scenario_are_gaps() -> None:
    """They are named in the summary, and marked in the table."""
    made = table(scenario("a", "AUTH-8a"))
    assert made.gaps == ["AUTH-R1"]
    assert made.summary == "2 of 3 ids covered by 1 scenario; gaps: AUTH-R1"
    assert "GAP: The past is Rejected." in render(made, "text")
    assert table(scenario("a", *RULES)).summary == "3 of 3 ids covered by 1 scenario, no gaps"


def test_other_ids_are_there_only_when_asked_for() -> None:
    """In natural order, behind the rules."""
    one = scenario("a", "TC_10_CS", "TC_9_CS", "AUTH-8")
    assert list(counts(table(one))) == list(RULES)
    assert list(counts(table(one, others=True))) == [*RULES, "TC_9_CS", "TC_10_CS"]


def test_an_id_that_looks_like_a_rule_and_is_none_is_always_there() -> None:
    """A slip of the pen in ``covers`` is seen."""
    (line,) = [line for line in table(scenario("a", "AUTH-88")).lines if line.id not in RULES]
    assert (line.id, line.title) == ("AUTH-88", NO_SUCH_RULE)


def test_an_unknown_id_is_neither_covered_nor_a_gap() -> None:
    """It is named at the end of the summary, however its letters are written."""
    made = table(scenario("a", "AUTH-88", "auth-8", *RULES))
    assert made.summary == "3 of 3 ids covered by 1 scenario, no gaps; no such rule: AUTH-88, auth-8"
    assert made.gaps == []


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [("AUTH-8", ["AUTH-8", "AUTH-8a"]), ("AUTH-8a", ["AUTH-8a"]), ("TC", ["TC_9_CS"]), ("X", [])],
)
def test_a_prefix_limits_the_table(prefix: str, expected: list[str]) -> None:
    """To the ids that begin with it."""
    assert list(counts(table(scenario("a", "AUTH-8a", "TC_9_CS"), prefix=prefix, others=True))) == expected


def test_results_come_from_the_records_of_a_run() -> None:
    """Each OCPP version by itself; the worst stands first, and what did not run says so."""
    cases = [info(f"{name} [ocpp1.6]", covers=["AUTH-8a"]) for name in "ABC"]
    made = table(scenario("a", "AUTH-8a"))
    made.add_results(
        collect(
            [start(case) for case in cases] + [end(case=cases[0]), end("failed", case=cases[1]), end(case=cases[2])]
        )
    )
    results = {line.id: line.result for line in made.lines}
    assert results == {"AUTH-8": "1 failed, 2 passed", "AUTH-8a": "1 failed, 2 passed", "AUTH-R1": "not run"}


def test_thin_rules_are_named() -> None:
    """Those with fewer scenarios than asked for."""
    made = table(scenario("a", "AUTH-8a"), scenario("b", "AUTH-8"))
    assert made.thinner_than(0) == []
    assert made.thinner_than(1) == ["AUTH-R1"]
    assert made.thinner_than(2) == ["AUTH-8a", "AUTH-R1"]


def test_json_has_everything() -> None:
    """Files, cases, results and gaps."""
    made = table(scenario("a", "AUTH-8a", rows=2))
    assert json.loads(render(made, "json"))["ids"][1] == {
        "id": "AUTH-8a",
        "title": "A master pass | stops all.",
        "scenarios": ["a.yaml"],
        "cases": 2,
    }
    made.add_results(collect([]))
    data = json.loads(render(made, "json"))
    assert data["gaps"] == ["AUTH-R1"]
    assert [entry["results"] for entry in data["ids"]] == [{}, {}, {}]


def test_markdown_keeps_its_columns() -> None:
    """A bar in a sentence is escaped."""
    lines = render(table(scenario("a", "AUTH-8a")), "markdown").splitlines()
    assert lines[:2] == ["| id | scenarios | cases | what it says |", "| --- | --- | --- | --- |"]
    assert lines[3] == "| AUTH-8a | 1 | 1 | A master pass \\| stops all. |"
