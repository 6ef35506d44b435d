"""Annotations for GitHub Actions: failures beside the lines of the pull request."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from ocpplab_runner.plugin.results import Verdict
from ocpplab_runner.reports.at_the_end import ReportAtTheEnd
from ocpplab_runner.reports.collect import CaseResult, InvalidFile, Results
from ocpplab_runner.reports.explain import attempt_lines
from ocpplab_runner.reports.markdown import build
from ocpplab_runner.reports.text import clean, one_line, plural

#: GitHub shows ten errors per step; the tenth says how many more there are.
MOST = 10


def annotation(
    level: str, message: str, *, title: str = "", file: str = "", line: int | None = None, column: int | None = None
) -> str:
    """One workflow command.

    Args:
        level: ``error``, ``warning`` or ``notice``.
        message: text, may have several lines.
        title: one line.
        file: path from the repository's root.
        line: from 1.
        column: from 1.
    """
    given = {"file": file, "line": line, "col": column, "title": one_line(title)}
    properties = ",".join(f"{name}={_property(str(value))}" for name, value in given.items() if value)
    return f"::{level}{' ' + properties if properties else ''}::{_data(clean(message))}"


def capped(lines: Iterable[str], most: int = MOST) -> list[str]:
    """At most so many annotations, the last of which counts what is not shown."""
    shown = list(lines)
    if len(shown) <= most:
        return shown
    hidden = len(shown) - (most - 1)
    return [*shown[: most - 1], annotation("error", f"{plural(hidden, 'more problem')} not shown here; see the log")]


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    # Between the properties of a command these are signs.
    return _data(text).replace(":", "%3A").replace(",", "%2C")


class GitHubReport(ReportAtTheEnd):
    """Prints the annotations at the end of the run, worst first."""

    def __init__(self, out: TextIO, *, root: Path | None = None, summary: Path | None = None) -> None:
        """Prepare for a step.

        Args:
            out: its standard output.
            root: of the repository, to which annotations are relative; without it they are to the working directory.
            summary: the file of the step's summary, to which the run is added.
        """
        super().__init__()
        self._out = out
        self._root = root
        self._summary = summary

    def _write(self, results: Results) -> None:
        found: list[str] = []
        for invalid in results.invalid:
            found.extend(self._of_invalid(invalid))
        for verdict in (Verdict.ERROR, Verdict.FAILED, Verdict.XPASSED):
            found.extend(self._of_case(case) for case in results.cases if case.verdict is verdict)
        for line in capped(found):
            self._out.write(line + "\n")
        self._out.flush()
        if self._summary is not None:
            with self._summary.open("a", encoding="utf-8", errors="replace") as file:
                file.write(build(results) + "\n")

    def _path(self, file: str) -> str:
        """As the repository has it, wherever the run has begun."""
        if self._root is None:
            return file
        inside = os.path.relpath(os.path.realpath(file), os.path.realpath(self._root))
        return file if inside.startswith("..") else inside.replace(os.sep, "/")

    def _of_invalid(self, invalid: InvalidFile) -> list[str]:
        return [
            annotation(
                "error",
                str(diagnostic.get("message", "")),
                title=f"invalid scenario [{diagnostic.get('code', '')}]",
                file=self._path(str(diagnostic.get("file") or invalid.file)),
                line=diagnostic.get("line"),
                column=diagnostic.get("column"),
            )
            for diagnostic in invalid.diagnostics
        ]

    def _of_case(self, case: CaseResult) -> str:
        failure, step = case.last.failure, case.last.failed_step
        file, line, column = case.info["file"], case.info["line"], None
        if failure is not None and failure.get("file"):
            file, line, column = failure["file"], failure.get("line", line), failure.get("column")
        elif step is not None:
            file, line = step["file"], step["line"]
        text = "\n".join(attempt_lines(case.last)) or case.last.reason or case.verdict.value
        return annotation(
            "error",
            text,
            title=f"{case.verdict.value}: {case.test_name}",
            file=self._path(file),
            line=line,
            column=column,
        )
