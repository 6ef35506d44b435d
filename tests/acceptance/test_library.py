"""The scenarios that we ship: they pass, whoever runs them and however."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

import pytest

from tests.acceptance.cli_kit import ROOT, Done, cli, cli_anew, without_wall_times
from tests.thoroughness import sample


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reports")


@pytest.fixture(scope="module")
def listed() -> list[dict[str, str]]:
    """Every case of it."""
    cases: list[dict[str, str]] = json.loads(cli("run", "scenarios", "--list", "--json", cwd=ROOT).out)
    return cases


@pytest.fixture(scope="module")
def chosen(listed: list[dict[str, str]]) -> list[dict[str, str]]:
    """A thirty-sixth of each block's cases in each version, of each version another one; all of them when thorough."""
    groups: dict[tuple[str, str], list[dict[str, str]]] = {}
    for case in listed:
        groups.setdefault((Path(case["file"]).parts[1], case["ocpp"]), []).append(case)
    turns = {version: turn for turn, version in enumerate(sorted({version for _, version in groups}))}
    parts = [sample(cases, turns[version] % len(cases), 36) for (_, version), cases in groups.items()]
    assert all(parts)
    return [case for cases in parts for case in cases]


@pytest.fixture(scope="module")
def whole(reports: Path, chosen: list[dict[str, str]]) -> Done:
    junit, trace = str(reports / "out.xml"), str(reports / "out.jsonl")
    options = ("-j", "2", "--seed", "7", "--strict", "--junit", junit, "--jsonl", trace)
    return cli_anew("run", *(case["id"] for case in chosen), *options, cwd=ROOT)


def test_every_scenario_passes(whole: Done) -> None:
    """Over two processes, with nothing but passes, and without a violation."""
    assert (whole.code, whole.err) == (0, ""), whole.out
    verdicts = Counter(line.split()[0] for line in whole.out.splitlines() if "::" in line)
    assert set(verdicts) <= {"passed", "xfailed"}, whole.out


def test_the_junit_report_has_each_case_once(whole: Done, reports: Path, chosen: list[dict[str, str]]) -> None:
    """One testcase per scenario case, names unique."""
    found = [(case.get("classname"), case.get("name")) for case in ET.parse(reports / "out.xml").iter("testcase")]
    assert sorted(found) == sorted((case["classname"], case["name"]) for case in chosen)
    assert len(set(found)) == len(found)


def test_the_library_is_large_enough(listed: list[dict[str, str]]) -> None:
    """Sixty files, twenty of which run on 1.6 and 2.0.1 from one text."""
    versions: dict[str, set[str]] = {}
    for case in listed:
        versions.setdefault(case["file"], set()).add(case["ocpp"])
    assert len(versions) >= 60
    assert sum(found >= {"1.6", "2.0.1"} for found in versions.values()) >= 20


def test_each_scenario_has_a_place_and_says_what_it_is_for() -> None:
    """Grouped by functional block, described, with the editor's schema line."""
    for file in sorted((ROOT / "scenarios").rglob("*.yaml")):
        text = file.read_text("utf-8")
        assert file.parent != ROOT / "scenarios", f"{file} is in no functional block"
        assert text.startswith("# yaml-language-server: $schema="), f"{file} names no schema"
        schema = text.splitlines()[0].partition("$schema=")[2].strip()
        assert (file.parent / schema).resolve() == ROOT / "schemas" / "scenario.schema.json", f"{file}: {schema}"


def test_one_seed_gives_one_trace(whole: Done, reports: Path, chosen: list[dict[str, str]], tmp_path: Path) -> None:
    """Byte for byte but for the run records at -j 1, a part of the library; the same lines of it at -j 2."""
    traces = []
    # Whose chargers are refused by an address that is another each time.
    more = "scenarios/csms/out_of_service.yaml"
    some = [case["id"] for case in sample(chosen, 1, 5)]
    for number in range(2):
        trace = tmp_path / f"{number}.jsonl"
        done = cli_anew("run", *some, more, "-j", "1", "--seed", "7", "--jsonl", str(trace), "-q", cwd=ROOT)
        assert done.code == 0, done.out
        traces.append(trace.read_text("utf-8"))
    assert without_wall_times(traces[0]) == without_wall_times(traces[1])
    alone, together = lines_by_case(traces[0]), lines_by_case((reports / "out.jsonl").read_text("utf-8"))
    both = alone.keys() & together.keys()
    assert len(both) >= 20
    assert {case: alone[case] for case in both} == {case: together[case] for case in both}


def lines_by_case(trace: str) -> dict[str, list[str]]:
    """The lines of each case, in order; run records are of none."""
    found: dict[str, list[str]] = {}
    for line in trace.splitlines():
        record = json.loads(line)
        case = record.get("case", record)
        if record["type"] != "run":
            found.setdefault(case if isinstance(case, str) else case["id"], []).append(line)
    return found
