"""The scenarios that we ship: they pass, whoever runs them and however."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

import pytest

from tests.acceptance.cli_kit import ROOT, Done, cli, cli_anew, without_wall_times
from tests.thoroughness import part


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reports")


@pytest.fixture(scope="module")
def whole(reports: Path) -> Done:
    junit, trace = str(reports / "out.xml"), str(reports / "out.jsonl")
    return cli_anew("run", "scenarios", "-j", "2", "--strict", "--junit", junit, "--jsonl", trace, cwd=ROOT)


def test_every_scenario_passes(whole: Done) -> None:
    """Over two processes, with nothing but passes, and without a violation."""
    assert (whole.code, whole.err) == (0, ""), whole.out
    verdicts = Counter(line.split()[0] for line in whole.out.splitlines() if "::" in line)
    assert set(verdicts) <= {"passed", "xfailed"}, whole.out


def test_the_junit_report_has_each_case_once(whole: Done, reports: Path) -> None:
    """One testcase per scenario case, names unique."""
    cases = json.loads(cli("run", "scenarios", "--list", "--json", cwd=ROOT).out)
    found = [(case.get("classname"), case.get("name")) for case in ET.parse(reports / "out.xml").iter("testcase")]
    assert sorted(found) == sorted((case["classname"], case["name"]) for case in cases)
    assert len(set(found)) == len(found)


def test_the_library_is_large_enough(whole: Done) -> None:
    """Sixty files, twenty of which run on 1.6 and 2.0.1 from one text."""
    cases = json.loads(cli("run", "scenarios", "--list", "--json", cwd=ROOT).out)
    versions: dict[str, set[str]] = {}
    for case in cases:
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


def test_one_seed_gives_one_trace(tmp_path: Path) -> None:
    """Byte for byte but for the run records at -j 1; the same lines at -j 2. A tenth of the library will do."""
    traces = []
    for number, jobs in enumerate(("1", "1", "2")):
        trace = tmp_path / f"{number}.jsonl"
        more = (
            "scenarios/csms/out_of_service.yaml"  # whose chargers are refused by an address that is another each time
        )
        done = cli_anew("run", *part(1, 10), more, "-j", jobs, "--seed", "7", "--jsonl", str(trace), "-q", cwd=ROOT)
        assert done.code == 0, done.out
        traces.append(without_wall_times(trace.read_text("utf-8")))
    assert traces[0] == traces[1]
    assert sorted(traces[0].splitlines()) == sorted(traces[2].splitlines())
