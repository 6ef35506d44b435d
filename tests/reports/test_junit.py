from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpplab_runner.plugin.results import Record, Verdict
from ocpplab_runner.reports.collect import Results, collect
from ocpplab_runner.reports.junit import JUnitReport
from ocpplab_runner.reports.junit_document import build, classname_of
from ocpplab_runner.reports.traces import trace_path
from tests.reports.records import (
    FILE,
    end,
    failing,
    failure,
    info,
    invalid,
    log,
    passing,
    run_end,
    run_start,
    start,
    step,
    wall,
)
from tests.thoroughness import examples


@cache
def strict() -> xmlschema.XMLSchema:
    """The schema that the strictest readers hold to."""
    return xmlschema.XMLSchema(str(Path(__file__).with_name("strict_junit.xsd")))


RETRIED: list[Record] = [
    start(),
    step("1", "failed", failed=failure()),
    end("failed", last=False, failure=failure(), elapsed=1.0),
    start(attempt=2),
    step(),
    end(attempt=2, flaky=True, elapsed=2.0),
]
RETRIED_IN_VAIN: list[Record] = [
    start(),
    step("1", "failed", failed=failure("first reason")),
    end("failed", last=False, failure=failure("first reason")),
    start(attempt=2),
    end("error", attempt=2, reason="second reason"),
]


def parsed(records: list[Record], *, flavor: str = "extended", traces: Path | None = None) -> ET.Element:
    return ET.fromstring(build(collect(records), flavor="strict" if flavor == "strict" else "extended", traces=traces))


def only_case(root: ET.Element) -> ET.Element:
    (case,) = root.iter("testcase")
    return case


def children(element: ET.Element) -> list[str]:
    return [child.tag for child in element]


def test_a_passed_case() -> None:
    """Name, classname, file, line, time and properties stand where CI systems look."""
    case = only_case(parsed([run_start(), *passing(), run_end()]))
    assert case.attrib == {
        "name": "A blocked card [ocpp1.6]",
        "classname": "scenarios.auth.blocked",
        "time": "60.250",
        "file": FILE,
        "line": "2",
    }
    assert [(p.get("name"), p.get("value")) for p in case.iter("property")] == [
        ("id", f"{FILE}::A blocked card [ocpp1.6]"),
        ("ocpp", "1.6"),
        ("target", "simulated"),
        ("seed", "7"),
        ("verdict", "passed"),
        ("scenario_time", "60.250"),
        ("tag", "auth"),
        ("tag", "smoke"),
        ("covers", "TC_023_3_CSMS"),
    ]
    assert children(case) == ["properties", "system-out"]


def test_the_time_is_real_time_where_it_was_measured() -> None:
    """That of all attempts, and their sum over suite and file; the scenario's own time is a property."""
    case = info()
    records: list[Record] = [
        run_start(),
        start(),
        wall(case, 0.25),
        end("failed", last=False, failure=failure(), elapsed=3600.0),
        start(attempt=2),
        wall(case, 0.5, attempt=2),
        end(attempt=2, flaky=True, elapsed=1800.0),
        run_end(),
    ]
    root = parsed(records)
    assert [element.get("time") for element in (root, *root.iter("testsuite"), *root.iter("testcase"))] == ["0.750"] * 3
    (told,) = (p.get("value") for p in only_case(root).iter("property") if p.get("name") == "scenario_time")
    assert told == "5400.000"


def test_a_suite_is_a_file_with_its_run() -> None:
    """The suite carries counts, the wall time of the run's start, and what the whole run shares."""
    root = parsed([run_start(), *passing(), *failing(), run_end(1)])
    (suite,) = root.findall("testsuite")
    properties = {p.get("name"): p.get("value") for p in suite.findall("properties/property")}
    assert suite.attrib == {
        "name": "scenarios.auth.blocked",
        "tests": "2",
        "failures": "1",
        "errors": "0",
        "skipped": "0",
        "time": "60.260",
        "timestamp": "2026-03-04T05:06:07",
        "file": FILE,
    }
    assert properties == {
        "generator": "ocpplab-runner 0.1.0",
        "target": "simulated",
        "seed": "42",
        "ocpp": "1.6",
        "tags": "auth, smoke",
        "covers": "TC_023_3_CSMS",
    }
    assert (root.get("tests"), root.get("failures"), root.get("errors"), root.get("time")) == ("2", "1", "0", "60.260")


def test_a_failure_has_a_short_message_and_the_whole_story() -> None:
    """The message is one line; the text explains; the output is the step log."""
    case = only_case(parsed(failing()))
    found = case.find("failure")
    assert found is not None
    assert (found.get("type"), found.get("message")) == ("failed", "auth_status is Blocked, expected Accepted")
    assert "expected  auth_status: Accepted" in (found.text or "")
    assert "|--Authorize-->|" in (found.text or "")
    assert case.get("line") == "9"
    output = case.findtext("system-out") or ""
    assert output.splitlines()[0].startswith("    1  passed")


@pytest.mark.parametrize(
    ("verdict", "reason", "tag", "kind", "message"),
    [
        ("failed", "why", "failure", "failed", "why"),
        ("error", "why", "error", "error", "why"),
        ("blocked", "why", "skipped", "blocked", "blocked: why"),
        ("skipped", "why", "skipped", "skipped", "why"),
        ("xfailed", "why", "skipped", "xfailed", "xfailed: why"),
        ("xpassed", "why", "failure", "xpassed", "passed, but why"),
        ("failed", "", "failure", "failed", "failed"),
        ("error", "", "error", "error", "error"),
        ("skipped", "", "skipped", "skipped", "skipped"),
    ],
)
def test_every_verdict_has_its_element(verdict: str, reason: str, tag: str, kind: str, message: str) -> None:
    """Failed and unexpectedly passed are failures; errors are errors; the rest is skipped with its reason."""
    root = parsed([start(), end(verdict, reason=reason) if reason else end(verdict)])
    found = only_case(root).find(tag)
    assert found is not None
    assert (found.get("type"), found.get("message")) == (kind, message)
    assert root.get("failures") == str(int(tag == "failure"))
    assert root.get("errors") == str(int(tag == "error"))


def test_a_pass_after_a_retry_is_marked_flaky() -> None:
    """Old consumers see a pass, Surefire-aware ones the failed attempt."""
    root = parsed(RETRIED)
    case = only_case(root)
    assert children(case) == ["properties", "flakyFailure", "system-out"]
    assert case.findtext("flakyFailure/stackTrace", "").startswith("step 1")
    assert (case.get("time"), root.get("failures")) == ("3.000", "0")


def test_a_failure_after_retries_keeps_the_first() -> None:
    """The first attempt is the failure, the others its reruns; it counts once."""
    root = parsed(RETRIED_IN_VAIN)
    case = only_case(root)
    assert children(case) == ["properties", "failure", "rerunError", "system-out"]
    assert [child.get("message") for child in case if child.tag != "properties"][:2] == [
        "first reason",
        "second reason",
    ]
    assert (root.get("failures"), root.get("errors")) == ("1", "0")


def test_an_unfinished_case_is_an_error() -> None:
    """A kill leaves an error that says so, also between two attempts."""
    for records in ([start(), step()], [start(), end("failed", last=False, reason="first")]):
        found = only_case(parsed(records)).find("error")
        assert found is not None
        assert found.get("message") == "did not finish"


def test_an_invalid_file_is_one_error() -> None:
    """It ran nothing, so it is one case with all its problems."""
    root = parsed([run_start(), invalid("scenarios/a.b/broken.yaml", 3)])
    case = only_case(root)
    assert (case.get("classname"), case.get("name"), case.get("line")) == ("scenarios.a_b.broken", "check", "3")
    found = case.find("error")
    assert found is not None
    assert found.get("message") == "invalid scenario: 3 problems"
    assert len((found.text or "").splitlines()) == 3


def test_names_are_unique() -> None:
    """GitLab counts only the first of two equal names, so the second gets a number."""
    root = parsed([*passing(), *passing(), *passing("A blocked card [ocpp1.6] #2")])
    names = [case.get("name") for case in root.iter("testcase")]
    assert len(set(names)) == 3


def test_a_trace_of_its_own_is_attached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where CI systems look for attachments, of a case that did not pass or did so only at last."""
    monkeypatch.chdir(tmp_path)
    case = only_case(parsed(failing(), traces=tmp_path / "out"))
    path = trace_path(Path("out"), case.findtext("properties/property[@name='id']") or info("Fails [ocpp1.6]")["id"])
    assert f"\n[[ATTACHMENT|{path}]]" in (case.findtext("system-out") or "")
    assert ("attachment", str(path)) in [(p.get("name"), p.get("value")) for p in case.iter("property")]
    assert "ATTACHMENT" in ET.tostring(parsed(RETRIED, traces=tmp_path / "out"), "unicode")
    assert "ATTACHMENT" not in ET.tostring(parsed(passing(), traces=tmp_path / "out"), "unicode")


def test_logs_violations_and_warnings_are_in_the_output() -> None:
    """What a reader of the report needs besides the steps."""
    violation = {"name": "schema", "at": 1.0, "fields": {"action": "Heartbeat", "description": "extra field"}}
    case = only_case(parsed([start(), log("hello"), end(violations=[violation], warnings=["left a transaction"])]))
    output = case.findtext("system-out") or ""
    assert output.splitlines() == [
        "log: hello",
        "protocol violation: 1.0s: schema in Heartbeat: extra field",
        "warning: left a transaction",
    ]


EVERYTHING: list[list[Record]] = [
    [],
    [run_start(), run_end(5)],
    passing(),
    failing(),
    RETRIED,
    RETRIED_IN_VAIN,
    [start(), step()],
    [invalid(count=2), invalid("b.yaml"), *passing()],
    [*passing(file="a.yaml"), *passing(file="b.yaml"), *failing(file="a.yaml")],
    *[[start(), end(verdict.value, reason="why\nso")] for verdict in Verdict],
    *[[start(), end(verdict.value)] for verdict in Verdict],
]


@pytest.mark.parametrize("records", EVERYTHING)
def test_the_strict_flavor_is_valid(records: list[Record], tmp_path: Path) -> None:
    """No document that we write breaks the schema, and tests= is the number of cases."""
    document = build(collect(records), flavor="strict", traces=tmp_path)
    strict().validate(document.decode())
    root = ET.fromstring(document)
    assert root.get("tests") == str(len(list(root.iter("testcase"))))


@pytest.mark.parametrize("records", EVERYTHING)
def test_the_extended_flavor_is_the_strict_one_and_more(records: list[Record]) -> None:
    """Without its additions the extended document is the strict one."""
    extended = parsed(records)
    for case in extended.iter("testcase"):
        for added in ("file", "line"):
            del case.attrib[added]
        for properties in case.findall("properties"):
            case.remove(properties)
    without, strict = (ET.tostring(root, "unicode") for root in (extended, parsed(records, flavor="strict")))
    assert ET.canonicalize(without, strip_text=True) == ET.canonicalize(strict, strip_text=True)


ANY_TEXT = st.text(st.characters(exclude_categories=[]), min_size=1)


@given(name=ANY_TEXT, text=ANY_TEXT, file=ANY_TEXT)
@settings(deadline=None, max_examples=examples(50))
def test_any_text_makes_a_valid_document(name: str, text: str, file: str) -> None:
    """NUL, U+FFFE, lone surrogates and escape sequences can stand anywhere."""
    case = info(f"{name} [ocpp1.6]", f"{file}.yaml", tags=[text], covers=[text], classname=f"x.{file}")
    why = failure(text, expected=text, nearest=text, arrived=[text], sequence=[text])
    results = collect(
        [
            start(case),
            step("1", "failed", case=case, failed=why, title=text),
            log(text, case),
            end("failed", case=case, failure=why, warnings=[text]),
            {"type": "invalid", "file": f"{file}.yaml", "diagnostics": [{"message": text, "code": "c", "line": 1}]},
        ]
    )
    strict().validate(build(results, flavor="strict").decode())
    ET.fromstring(build(results))


def test_the_file_is_valid_at_any_moment(tmp_path: Path) -> None:
    """After every record there is a whole document, up to date; cases under way are errors in it."""
    path, seconds = tmp_path / "out.xml", itertools.count()
    report = JUnitReport(path, flavor="strict", wall_seconds=lambda: next(seconds) / 1e3)
    strict().validate(str(path))
    records: list[Record] = [run_start()]
    for number in range(5):
        records += passing(f"Case {number} [ocpp1.6]")
    for count, record in enumerate(records):
        for _ in range(200):
            next(seconds)
        report.handle(record)
        strict().validate(str(path))
        root = ET.parse(path).getroot()
        assert root.get("tests") == str((count + 2) // 3)
        assert root.get("errors") == str(int(count % 3 != 0))
    report.close()
    report.close()
    root = ET.parse(path).getroot()
    assert (root.get("tests"), root.get("errors")) == ("5", "0")
    assert list(tmp_path.iterdir()) == [path]


def test_a_fast_run_does_not_wait_for_its_report(tmp_path: Path) -> None:
    """Rewriting takes a tenth of the time at most; the rest comes when the report is closed."""
    path, now = tmp_path / "out.xml", [0.0]
    report = JUnitReport(path, wall_seconds=lambda: now[0])
    versions = set()
    for number in range(100):
        now[0] += 0.01
        for record in passing(f"Case {number} [ocpp1.6]"):
            report.handle(record)
        versions.add(path.read_bytes())
    assert 5 <= len(versions) <= 12
    report.close()
    assert ET.parse(path).getroot().get("tests") == "100"


@pytest.mark.parametrize(
    ("file", "classname"),
    [
        ("scenarios/auth/blocked.yaml", "scenarios.auth.blocked"),
        ("./x.ocpp.yaml", "x_ocpp"),
        ("/abs/v1.6/a b.yaml", "abs.v1_6.a b"),
        ("win\\dir\\a.yaml", "win.dir.a"),
        ("no_suffix", "no_suffix"),
    ],
)
def test_classnames_split_where_jenkins_splits(file: str, classname: str) -> None:
    """Directories are packages; a dot in a file name is none."""
    assert classname_of(file) == classname


def test_an_empty_run_is_a_document() -> None:
    """A report without cases is still a report."""
    assert ET.fromstring(build(Results())).attrib["tests"] == "0"


@pytest.mark.parametrize(
    ("failed", "line"),
    [
        (failure(line=25), "25"),
        (failure(file="_lib.yaml", line=4, included_at=["_more.yaml:8", f"{FILE}:12"]), "12"),
        (failure(file="_lib.yaml", line=4), "2"),
    ],
)
def test_the_line_is_the_one_that_the_terminal_names(failed: Any, line: str) -> None:
    """Of the expectation that failed; for a fragment that of the include in the scenario's own file."""
    place = {"file": failed["file"], "line": 24}
    case = only_case(parsed([start(), step("1", "failed", failed=failed, **place), end("failed", failure=failed)]))
    assert case.get("line") == line
    (found,) = case.iter("failure")
    assert (found.text or "").startswith(f"at {failed['file']}:{failed['line']}:5")


def test_the_case_that_takes_long_is_in_the_file(tmp_path: Path) -> None:
    """It begins a moment after the one before has ended: a kill finds it in the file."""
    path, now = tmp_path / "out.xml", [0.0]
    report = JUnitReport(path, wall_seconds=lambda: now[0])
    report.handle(run_start(selected=3))
    for name in ("A [ocpp1.6]", "B [ocpp1.6]"):
        for record in passing(name):
            now[0] += 1.0 if record["type"] == "step" else 0.001
            report.handle(record)
    report.handle(start(info("C [ocpp1.6]")))
    root = ET.parse(path).getroot()
    assert (root.get("tests"), root.get("errors")) == ("3", "1")
