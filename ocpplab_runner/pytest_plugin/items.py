"""A scenario file and its cases, as pytest sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ocpplab_runner.engine.planning.plan import PlannedCase
from ocpplab_runner.plugin.results import InvalidFileRecord, Verdict
from ocpplab_runner.pytest_plugin.session import Scenarios
from ocpplab_runner.reports.collect import CaseResult
from ocpplab_runner.reports.diagnostics import as_data, invalid_records, render
from ocpplab_runner.reports.explain import attempt_lines, full_place, violation_line
from ocpplab_runner.reports.text import clean, one_line

#: Marks that change what pytest does: a tag of such a name is a word for ``-k`` only.
_ACTING = frozenset({"skip", "skipif", "xfail", "usefixtures", "parametrize", "filterwarnings", "tryfirst", "trylast"})
_MARK = re.compile(r"[A-Za-z0-9][^:()\s]*")
_NOT_RUN = (Verdict.BLOCKED, Verdict.SKIPPED)


class NotPassed(Exception):
    """A case, or a file, is not good.

    Attributes:
        text: why, as ``run`` shows it.
        message: the same in one line.
    """

    def __init__(self, message: str, text: str) -> None:
        super().__init__(message)
        self.message, self.text = message, text


class _Crash:
    def __init__(self, message: str) -> None:
        self.message = message


class _Explanation:
    """What pytest shows of a failure: our text, and its gist in the short summary."""

    def __init__(self, error: NotPassed) -> None:
        self.reprcrash = _Crash(error.message)
        self._text = error.text

    def toterminal(self, tw: Any) -> None:
        """Write it to a ``TerminalWriter``."""
        for line in self._text.splitlines():
            colors = {"    - ": {"green": True}, "    + ": {"red": True}}.get(line[:6], {})
            tw.line(line, **colors)

    def __str__(self) -> str:
        return self._text


class ScenarioFile(pytest.File):
    """A file of scenarios."""

    def __init__(self, *, scenarios: Scenarios, **more: Any) -> None:
        super().__init__(**more)
        self._scenarios = scenarios

    def collect(self) -> Iterator[CaseNode]:
        """Its cases; one item, which is an error, for a file that ``check`` refuses."""
        loaded = self._scenarios.load(self.path)
        refused = invalid_records(loaded.diagnostics, loaded.source_line)
        if refused:
            yield InvalidFile.from_parent(self, name="is a valid scenario", refused=refused)
        notes = render([as_data(one, loaded.source_line) for one in loaded.diagnostics], "concise")
        for case in self._scenarios.cases(loaded):
            name = one_line(case.info["name"])
            # Said as a whole: what stands in brackets is read as parameters where an id comes from a file.
            nodeid = f"{self.nodeid}::{name}"
            yield ScenarioItem.from_parent(
                self, name=name, nodeid=nodeid, case=case, scenarios=self._scenarios, notes=notes
            )


class CaseNode(pytest.Item):
    """What stands for a case."""

    #: The line that a report points at, from 1.
    line = 1
    #: ``error`` when nothing could be judged.
    verdict = Verdict.ERROR

    def amend(self, report: pytest.TestReport) -> None:
        """Say of a report what only we know."""
        if report.failed and self.verdict is Verdict.ERROR:
            # As pytest tells a test that could not be set up from one that has failed.
            report.when = "setup"
        if report.skipped and isinstance(report.longrepr, tuple):
            report.longrepr = (str(self.path), self.line, report.longrepr[2])

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Ours, for what is ours."""
        if isinstance(excinfo.value, NotPassed):
            return _Explanation(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it stands."""
        return self.path, self.line - 1, self.name


class InvalidFile(CaseNode):
    """A file that ``check`` has refused."""

    def __init__(self, *, refused: list[InvalidFileRecord], **more: Any) -> None:
        super().__init__(**more)
        self._diagnostics = [one for record in refused for one in record["diagnostics"]]
        self.line = next((one["line"] for one in self._diagnostics if one["severity"] == "error"), 1)

    def runtest(self) -> None:
        """Tell what is wrong with it."""
        wrong = [one for one in self._diagnostics if one["severity"] == "error"]
        raise NotPassed(f"invalid scenario: {clean(str(wrong[0]['message']))}", render(self._diagnostics, "full"))


class ScenarioItem(CaseNode):
    """A case: a scenario in one OCPP version with one row of variables.

    Attributes:
        case: as it is planned.
    """

    def __init__(self, *, case: PlannedCase, scenarios: Scenarios, notes: str, **more: Any) -> None:
        super().__init__(**more)
        self.case, self._scenarios, self._notes = case, scenarios, notes
        self.line = case.info["line"]
        for tag in case.info["tags"]:
            if _MARK.fullmatch(tag) and tag not in _ACTING:
                # With --strict-markers pytest refuses what nobody has told it of.
                self.config.addinivalue_line("markers", f"{tag}: a tag of scenarios")
                self.add_marker(tag)
            else:
                self.extra_keyword_matches.add(tag)

    def runtest(self) -> None:
        """Run it, and end as its verdict says."""
        if reason := self._scenarios.refusal():
            raise NotPassed(reason, reason)
        result = self._scenarios.run(self.case)
        self.verdict = result.verdict
        self.user_properties.append(("ocpplab_verdict", result.verdict.value))
        self.user_properties += [("ocpplab_covers", covered) for covered in self.case.info["covers"]]
        self._tell(result)
        reason = one_line(result.last.reason)
        if result.verdict in _NOT_RUN:
            pytest.skip(f"{result.verdict.value}: {reason}")
        if result.verdict is Verdict.XFAILED and not self.config.getoption("runxfail", default=False):
            pytest.xfail(reason)
        if result.verdict is not Verdict.PASSED:
            raise NotPassed(reason, explained(result))

    def _tell(self, result: CaseResult) -> None:
        end: Mapping[str, Any] = result.last.end or {}
        told = {
            "check": self._notes,
            "log": "\n".join(clean(log["text"]) for log in result.last.logs),
            "violations": "\n".join(violation_line(one) for one in end.get("violations", [])),
            "warnings": "\n".join(clean(one) for one in end.get("warnings", [])),
        }
        for name, text in told.items():
            if text:
                self.add_report_section("call", name, text)


def explained(result: CaseResult) -> str:
    """Why a case is not good, as the terminal report of ``run`` says it, and before that in one line."""
    reason = one_line(result.last.reason)
    lines = [] if result.verdict is Verdict.XPASSED else attempt_lines(result.last)
    return "\n".join([reason, f"at {full_place(result)}", *(line for line in lines if line != reason)])
