"""``coverage --certification``: what can be said of a case, from what was run."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from ocpplab_runner.vocabulary.certification import CATALOGUES, PROFILES, Capabilities, catalogue
from tests.acceptance.cli_kit import ROOT, cli

_SCENARIO = "name: {name}\ncovers: [{covers}]\nocpp: ['1.6', '2.0.1']\nsmoke: true\nsteps: [{step}]\n"


@cache
def _named() -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Of every shipped scenario the versions that it is written for, and what it names."""
    texts = (path.read_text("utf-8") for path in sorted((ROOT / "scenarios").rglob("*.yaml")))
    data = (yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)) for text in texts)
    return [(tuple(one.get("ocpp") or ()), tuple(one.get("covers") or ())) for one in data]


def _coverage(place: Path, *options: str) -> Any:
    done = cli("coverage", ".", "--certification", "ocpp1.6", "--format", "json", *options, cwd=place)
    assert done.code == 0, done.err
    return {one["id"]: one for one in json.loads(done.out)["cases"]}


def test_each_state(tmp_path: Path) -> None:
    """Of scenarios that pass, fail, are blocked, pass in part, did not run, or are not there."""
    steps = {
        "passes": ("TC_001_CS", "{log: x}"),
        "fails": ("TC_003_CS", "{expect: {heartbeat: {}}, within: 1s}"),
        "blocked": ("TC_010_CS", "{prompt: x}"),
        "half": ("TC_012_CS", "{log: x}"),
        "other_half": ("TC_012_CS", "{prompt: x}"),
    }
    for name, (covers, step) in steps.items():
        (tmp_path / f"{name}.yaml").write_text(_SCENARIO.format(name=name, covers=covers, step=step), "utf-8")
    cli("run", ".", "--jsonl", "out.jsonl", cwd=tmp_path)
    (tmp_path / "late.yaml").write_text(_SCENARIO.format(name="late", covers="TC_013_CS", step="{log: x}"), "utf-8")
    (tmp_path / "pics").mkdir()
    pics = tmp_path / "pics" / "capabilities.yml"
    pics.write_text("capabilities: {profiles: [core], lacks: {TC_014_CS: it has no brain}}\n", "utf-8")
    pics = pics.rename(tmp_path.parent / f"{tmp_path.name}.capabilities")
    found = _coverage(tmp_path, "--jsonl", "out.jsonl", "--capabilities", str(pics), "--side", "CS")
    wanted = {
        "TC_001_CS": "passed",
        "TC_003_CS": "failed",
        "TC_010_CS": "blocked",
        "TC_012_CS": "partial",
        "TC_013_CS": "not run",
        "TC_014_CS": "not applicable",
        "TC_056_CS": "not applicable",
        "TC_015_CS": "not covered",
    }
    assert {case: found[case]["state"] for case in wanted} == wanted
    assert found["TC_014_CS"]["reason"] == "it has no brain"
    assert "needs an operator" in found["TC_010_CS"]["reason"]
    assert found["TC_001_CS"]["results"] == {"passed": 1}, "the other version of OCPP says nothing here"
    assert not any(case.endswith("CSMS") for case in found)


def test_an_id_that_no_version_has(tmp_path: Path) -> None:
    """A slip in `lacks` ends the command, one in `covers` is told; ids of other versions and kinds are no slips."""
    covers = "TC_001_CS, TC_999_CS, TC_K_01_CS, REQ-7"
    (tmp_path / "a.yaml").write_text(_SCENARIO.format(name="a", covers=covers, step="{log: x}"), "utf-8")
    told = cli("coverage", ".", "--certification", "ocpp1.6", cwd=tmp_path)
    assert (told.code, told.err.strip()) == (0, "no version has TC_999_CS, which `covers` names")
    pics = tmp_path.parent / f"{tmp_path.name}.capabilities"
    pics.write_text("capabilities: {lacks: {TC_K_01_CS: it cannot, TC_K01_CS: it cannot}}\n", "utf-8")
    refused = cli("coverage", ".", "--certification", "ocpp1.6", "--capabilities", str(pics), cwd=tmp_path)
    assert refused.code == 2
    assert "`lacks` names TC_K01_CS, which is no case of any version; did you mean 'TC_K_01_CS'?" in refused.err


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_the_table_can_be_read(form: str, tmp_path: Path) -> None:
    """By people."""
    (tmp_path / "a.yaml").write_text(_SCENARIO.format(name="<b>", covers="TC_001_CS", step="{log: x}"), "utf-8")
    done = cli("coverage", ".", "--certification", "ocpp1.6", "--format", form, cwd=tmp_path)
    assert done.code == 0, done.err
    assert "TC_001_CS" in done.out and "not covered" in done.out
    assert "OCPP 1.6: 184 cases: 1 not run, 183 not covered" in done.out


def test_too_few_passed(tmp_path: Path) -> None:
    """The exit code says so."""
    (tmp_path / "a.yaml").write_text(_SCENARIO.format(name="A", covers="TC_001_CS", step="{log: x}"), "utf-8")
    done = cli("coverage", ".", "--certification", "ocpp1.6", "--fail-under", "1", cwd=tmp_path)
    assert (done.code, "0 cases passed, and 1 must" in done.err) == (1, True)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ([], "has `capabilities`"),
        ({"capabilities": {"profile": []}}, "`profiles` and `lacks`"),
        ({"capabilities": {"profiles": ["kore"]}}, "not 'kore'"),
        ({"capabilities": {"lacks": {"TC_001_CS": ""}}}, "the reason why"),
    ],
)
def test_a_capabilities_file_that_is_none(data: Any, problem: str) -> None:
    """Is refused with what would be right."""
    with pytest.raises(ValueError, match=problem):
        Capabilities.from_data(data)
    schema = json.loads((ROOT / "schemas" / "capabilities.schema.json").read_text("utf-8"))
    assert not jsonschema.Draft202012Validator(schema).is_valid(data)


def test_schema_and_catalogue_know_the_same_profiles() -> None:
    """And every case is of one."""
    schema = json.loads((ROOT / "schemas" / "capabilities.schema.json").read_text("utf-8"))
    listed = schema["properties"]["capabilities"]["properties"]["profiles"]["items"]["enum"]
    assert tuple(listed) == PROFILES
    cases = catalogue("ocpp1.6").cases.values()
    every = [case for name in CATALOGUES for case in catalogue(name).cases.values()]
    assert {one for case in every for one in case.profiles} == set(PROFILES)
    assert len([one for one in cases if one.id.endswith("_CS")]) == 107
    assert len([one for one in cases if one.id.endswith("_CSMS")]) == 77


def test_a_profile_of_two_is_enough() -> None:
    """A case of several profiles applies to whoever has one of them."""
    case = catalogue("ocpp2.0.1").cases["TC_K_01_CS"]
    assert case.profiles == ("iso15118", "smart_charging")
    assert Capabilities(frozenset({"smart_charging"})).why_not(case) is None
    assert Capabilities(frozenset({"core"})).why_not(case) == "it has no iso15118 and no smart_charging"


def test_the_cases_of_two_versions(tmp_path: Path) -> None:
    """OCPP 2.1 keeps those of 2.0.1, and a scenario counts only in the versions that it is written for."""
    text = "name: A\ncovers: [TC_G_03_CS]\nocpp: ['2.1']\nsteps: [{log: x}]\n"
    (tmp_path / "a.yaml").write_text(text, "utf-8")
    states = {}
    for name in ("ocpp2.0.1", "ocpp2.1"):
        done = cli("coverage", ".", "--certification", name, "--format", "json", "--prefix", "TC_G_03", cwd=tmp_path)
        states[name] = [(one["id"], one["state"], one["block"], one["need"]) for one in json.loads(done.out)["cases"]]
    assert states["ocpp2.0.1"][0] == ("TC_G_03_CS", "not covered", "availability", "mandatory")
    assert states["ocpp2.1"][0] == ("TC_G_03_CS", "not run", "availability", "mandatory")


@pytest.mark.parametrize(("name", "station", "csms"), [("ocpp2.0.1", 424, 250), ("ocpp2.1", 552, 329)])
def test_every_case_has_a_scenario_or_a_reason(name: str, station: int, csms: int) -> None:
    """A reason that has gone stale is not shown, and none has neither."""
    found = catalogue(name)
    assert [sum(case.side == side for case in found.cases.values()) for side in ("CS", "CSMS")] == [station, csms]
    covered = {case for versions, cases in _named() if not versions or found.version in versions for case in cases}
    assert {case.id for case in found.cases.values() if not case.missing} <= covered


def test_scenarios_name_cases_that_there_are() -> None:
    """Of all that look like one."""
    known = {case for name in CATALOGUES for case in catalogue(name).cases}
    named = {case for _, cases in _named() for case in cases}
    assert sorted(case for case in named - known if case.startswith("TC_")) == []
