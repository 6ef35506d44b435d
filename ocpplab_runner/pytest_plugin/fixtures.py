"""What Python tests get: a scenario to call."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from ocpplab_runner.engine.judging.verdicts import BAD, exit_code
from ocpplab_runner.plugin.results import Record, Verdict
from ocpplab_runner.pytest_plugin.items import explained
from ocpplab_runner.pytest_plugin.session import Scenarios
from ocpplab_runner.reports.collect import CaseResult
from ocpplab_runner.reports.diagnostics import as_data, render
from ocpplab_runner.reports.text import one_line
from ocpplab_runner.testing import ScenarioRun

_SUFFIXES = (".yaml", ".yml")


class ScenarioCall:
    """The fixture ``scenario``.

    Args:
        scenarios: those of the session.
        directory: where files are looked for: that of the test's module.
    """

    def __init__(self, scenarios: Scenarios, directory: Path) -> None:
        self._scenarios, self._directory = scenarios, directory

    def __call__(self, scenario: str | Path, *, variables: Mapping[str, Any] | None = None) -> ScenarioRun:
        """Run every case of a scenario on the session's target.

        Args:
            scenario: its text, or a file: a path, relative to that of the test. Includes of a text are looked for
                there too.
            variables: as ``--var`` gives them.

        Returns:
            what came of it, when no case was bad and at least one ran.

        Raises:
            pytest.fail.Exception: a case was bad or the scenario has mistakes; the text says why.
            pytest.skip.Exception: every case was blocked or skipped.
        """
        __tracebackhide__ = True
        text = None
        if isinstance(scenario, str) and ("\n" in scenario or not scenario.endswith(_SUFFIXES)):
            text, scenario = dedent(scenario), "scenario.yaml"
        loaded = self._scenarios.load(self._directory / scenario, text=text, variables=variables or {})
        if not loaded.ok:
            found = [as_data(one, loaded.source_line) for one in loaded.diagnostics]
            pytest.fail(render(found, "full"), pytrace=False)
        records: list[Record] = []
        results = [self._scenarios.run(case, records.append) for case in self._scenarios.cases(loaded, variables or {})]
        if bad := [one for one in results if one.verdict in BAD]:
            pytest.fail("\n\n".join(_told(one) for one in bad), pytrace=False)
        if all(one.verdict in (Verdict.BLOCKED, Verdict.SKIPPED) for one in results):
            pytest.skip("; ".join(sorted({f"{one.verdict.value}: {one_line(one.last.reason)}" for one in results})))
        code = exit_code(((one.verdict, False) for one in results), invalid=False, interrupted=False)
        return ScenarioRun(code, tuple(records))


def _told(result: CaseResult) -> str:
    return f"{one_line(result.info['id'])} {result.verdict.value}: {explained(result)}"
