"""The JUnit document of some results. The only module that knows the ``junit-xml`` package.

That package has no case properties, no flaky marks and one failure text only, writes attributes that the Jenkins xUnit
schema does not have, and breaks on text that XML forbids. So every text is cleaned before it goes in, and the element
tree is finished here; its own serialiser is never used.
"""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Literal

import junit_xml

from ocpplab_runner import __version__
from ocpplab_runner.plugin.results import Verdict
from ocpplab_runner.reports.collect import DID_NOT_FINISH, Attempt, CaseResult, InvalidFile, Results
from ocpplab_runner.reports.explain import attempt_lines, full_place, invalid_lines, own_line, step_line, violation_line
from ocpplab_runner.reports.text import clean, one_line, plural
from ocpplab_runner.reports.traces import has_trace, trace_path

Flavor = Literal["extended", "strict"]

_FAILURES = (Verdict.FAILED, Verdict.XPASSED)
_SKIPS = (Verdict.BLOCKED, Verdict.SKIPPED, Verdict.XFAILED)


def build(results: Results, *, flavor: Flavor = "extended", traces: Path | None = None) -> bytes:
    """The document, UTF-8, ending in a line break."""
    names = _Names()
    root = ET.Element("testsuites", {"name": "ocpplab-runner"})
    for file, cases in _by_file(results.cases):
        root.append(_suite(file, cases, results, names, flavor, traces))
    for invalid in results.invalid:
        root.append(_invalid_suite(invalid, results, names, flavor))
    for key in ("tests", "failures", "errors"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    root.set("time", _seconds(sum(float(suite.get("time", "0")) for suite in root)))
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


class _Names:
    """Makes (classname, name) unique: GitLab counts only the first of two."""

    def __init__(self) -> None:
        self._seen: Counter[tuple[str, str]] = Counter()

    def unique(self, classname: str, name: str) -> str:
        wanted, number = name, 1
        while self._seen[classname, wanted]:
            number += 1
            wanted = f"{name} #{number}"
        self._seen[classname, wanted] += 1
        return wanted


def _by_file(cases: list[CaseResult]) -> Iterator[tuple[str, list[CaseResult]]]:
    order: dict[str, int] = {}
    for case in cases:
        order.setdefault(case.info["file"], len(order))
    by_file = sorted(cases, key=lambda case: order[case.info["file"]])
    for file, group in groupby(by_file, key=lambda case: case.info["file"]):
        yield file, list(group)


def _suite(
    file: str, cases: list[CaseResult], results: Results, names: _Names, flavor: Flavor, traces: Path | None
) -> ET.Element:
    first = cases[0].info
    test_cases = [_test_case(case, names, _trace(case, traces)) for case in cases]
    suite = _tree(first["classname"], file, test_cases, _suite_properties(cases, results), results)
    for element, case in zip(suite.findall("testcase"), cases, strict=True):
        element.set("time", _seconds(case.took))
        _finish_results(element, case)
        if flavor == "extended":
            element.set("file", clean(file))
            element.set("line", str(own_line(case)))
            properties = ET.Element("properties")
            for name, value in _case_properties(case, _trace(case, traces)):
                ET.SubElement(properties, "property", {"name": name, "value": one_line(value)})
            element.insert(0, properties)
    suite.set("time", _seconds(sum(float(element.get("time", "0")) for element in suite.findall("testcase"))))
    return suite


def _invalid_suite(invalid: InvalidFile, results: Results, names: _Names, flavor: Flavor) -> ET.Element:
    classname = classname_of(invalid.file)
    case = junit_xml.TestCase(names.unique(classname, "check"), classname=classname)
    count = plural(len(invalid.diagnostics), "problem")
    first = one_line(str(invalid.diagnostics[0].get("message", ""))) if invalid.diagnostics else ""
    case.add_error_info(
        f"invalid scenario: {first}" if len(invalid.diagnostics) == 1 else f"invalid scenario: {count}",
        "\n".join(invalid_lines(invalid)) or "invalid",
        "invalid",
    )
    suite = _tree(classname, invalid.file, [case], {}, results)
    element = suite.find("testcase")
    assert element is not None
    element.set("time", _seconds(0))
    suite.set("time", _seconds(0))
    if flavor == "extended":
        element.set("file", clean(invalid.file))
        element.set("line", str(next((d["line"] for d in invalid.diagnostics if d.get("line")), 1)))
    return suite


def classname_of(file: str) -> str:
    """A file's path without suffix, ``/`` as ``.`` and other dots as ``_``: Jenkins splits package and class there."""
    parts = [part for part in clean(file).replace("\\", "/").split("/") if part not in ("", ".")]
    if parts and "." in parts[-1].lstrip("."):
        parts[-1] = parts[-1].rpartition(".")[0]
    return ".".join(part.replace(".", "_") for part in parts) or "_"


def _tree(
    name: str, file: str, cases: list[junit_xml.TestCase], properties: dict[str, str], results: Results
) -> ET.Element:
    suite: ET.Element = junit_xml.TestSuite(
        clean(name),
        cases,
        file=clean(file),
        timestamp=results.start.get("wall_time", "")[:19] or None,
        properties=properties,
    ).build_xml_doc()
    suite.attrib.pop("disabled", None)
    return suite


def _suite_properties(cases: list[CaseResult], results: Results) -> dict[str, str]:
    properties = {"generator": f"ocpplab-runner {__version__}", "target": cases[0].info["target"]}
    if "seed" in results.start:
        properties["seed"] = str(results.start["seed"])
    properties["ocpp"] = ", ".join(_distinct(case.info["ocpp"] for case in cases))
    properties["tags"] = ", ".join(_distinct(tag for case in cases for tag in case.info["tags"]))
    properties["covers"] = ", ".join(_distinct(item for case in cases for item in case.info["covers"]))
    return {name: one_line(value) for name, value in properties.items() if value}


def _distinct(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _case_properties(case: CaseResult, trace: Path | None) -> Iterator[tuple[str, str]]:
    yield "id", case.info["id"]
    yield "ocpp", case.info["ocpp"]
    yield "target", case.info["target"]
    yield "seed", str(case.last.seed)
    yield "verdict", case.verdict.value
    yield "scenario_time", _seconds(sum(attempt.elapsed for attempt in case.attempts))
    for tag in case.info["tags"]:
        yield "tag", tag
    for item in case.info["covers"]:
        yield "covers", item
    if case.flaky:
        yield "flaky", "true"
    if trace is not None:
        yield "attachment", _relative(trace)


def _trace(case: CaseResult, directory: Path | None) -> Path | None:
    """The recording of the case, where it has one."""
    return trace_path(directory, case.info["id"]) if directory is not None and has_trace(case) else None


def _test_case(case: CaseResult, names: _Names, trace: Path | None) -> junit_xml.TestCase:
    classname = clean(case.info["classname"])
    test_case = junit_xml.TestCase(
        names.unique(classname, one_line(case.test_name)),
        classname=classname,
        stdout="\n".join(_output(case, trace)) or None,
    )
    deciding = _deciding(case)
    message, text = _message(deciding), "\n".join(attempt_lines(deciding))
    if text and deciding.verdict in (*_FAILURES, Verdict.ERROR):
        text = f"at {full_place(case)}\n{text}"
    if not case.finished:
        test_case.add_error_info(DID_NOT_FINISH, "\n".join((DID_NOT_FINISH, text)).strip(), Verdict.ERROR.value)
    elif deciding.verdict in _FAILURES:
        test_case.add_failure_info(message, text, deciding.verdict.value)
    elif deciding.verdict is Verdict.ERROR:
        test_case.add_error_info(message, text or message, deciding.verdict.value)
    elif deciding.verdict in _SKIPS:
        test_case.add_skipped_info(message, text)
    return test_case


def _deciding(case: CaseResult) -> Attempt:
    """Surefire's rule: of attempts that all failed the first is the failure, the others are its reruns."""
    failed = case.finished and case.verdict in (*_FAILURES, Verdict.ERROR)
    return case.attempts[0] if failed else case.last


def _message(attempt: Attempt) -> str:
    reason = one_line(attempt.reason)
    if attempt.verdict is Verdict.XPASSED:
        return f"passed, but {reason}" if reason else "passed unexpectedly"
    if attempt.verdict in (Verdict.BLOCKED, Verdict.XFAILED):
        return f"{attempt.verdict.value}: {reason}" if reason else attempt.verdict.value
    return reason or attempt.verdict.value


def _finish_results(element: ET.Element, case: CaseResult) -> None:
    """Kinds of skip, and Surefire's marks for the attempts that did not decide."""
    skipped = element.find("skipped")
    if skipped is not None:
        skipped.set("type", case.verdict.value)
    place = next((i for i, child in enumerate(element) if child.tag.startswith("system-")), len(element))
    prefix = "flaky" if case.verdict is Verdict.PASSED else "rerun"
    others = [attempt for attempt in case.attempts if attempt is not _deciding(case)]
    for offset, attempt in enumerate(others):
        element.insert(place + offset, _rerun(prefix, attempt))


def _rerun(prefix: str, attempt: Attempt) -> ET.Element:
    kind = "Error" if attempt.verdict is Verdict.ERROR else "Failure"
    mark = ET.Element(prefix + kind, {"message": _message(attempt), "type": attempt.verdict.value})
    trace = ET.SubElement(mark, "stackTrace")
    trace.text = "\n".join(attempt_lines(attempt))
    output = ET.SubElement(mark, "system-out")
    output.text = "\n".join(step_line(step) for step in attempt.steps)
    return mark


def _output(case: CaseResult, trace: Path | None) -> Iterator[str]:
    attempt = case.last
    if len(case.attempts) > 1:
        yield f"attempt {attempt.number} of {len(case.attempts)}"
    for step in attempt.steps:
        yield step_line(step)
    for log in attempt.logs:
        yield clean(f"log: {log['text']}")
    if attempt.left_out:
        yield f"({attempt.left_out} more steps and logs of the middle are left out)"
    if attempt.end is not None:
        for violation in attempt.end.get("violations", []):
            yield f"protocol violation: {violation_line(violation)}"
        for warning in attempt.end.get("warnings", []):
            yield clean(f"warning: {warning}")
    if trace is not None:
        yield f"trace: {_relative(trace)}"
        # As the attachments plugin of Jenkins and GitLab find it.
        yield f"[[ATTACHMENT|{_relative(trace)}]]"


def _relative(path: Path) -> str:
    try:
        shown = os.path.relpath(path)
    except ValueError:
        shown = str(path)
    return clean(shown).replace(os.sep, "/")


def _seconds(value: float) -> str:
    """At most three decimals, as Surefire's time type has it."""
    return f"{value:.3f}"
