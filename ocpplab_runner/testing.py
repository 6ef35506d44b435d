"""For plugin authors: run a scenario in a test of one's own, and look at what came of it.

```python
from ocpplab_runner.api import run_scenario
import my_plugin

def test_led_turns_blue():
    run = run_scenario('''
        name: LED
        ocpp: ["1.6"]
        steps:
          - acme.press_button: stop
            expect: {acme.led: blue}
    ''', plugins=[my_plugin])
    assert run.verdicts == ["passed"], run.report
```
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

from ocpplab_runner.engine.running.suite import ExitCode, SuiteOptions, plan_suite, run_suite
from ocpplab_runner.plugin.manager import Plugins
from ocpplab_runner.plugin.results import Record, Report
from ocpplab_runner.plugin.target import Target
from ocpplab_runner.scenario.loader import load_files, load_text
from ocpplab_runner.steps import builtin as steps
from ocpplab_runner.targets import builtin as targets


class InvalidScenario(ValueError):
    """The scenario has mistakes; the text lists them."""


@dataclass(frozen=True, slots=True)
class ScenarioRun:
    """What came of a run.

    Attributes:
        exit_code: as the command line would give it.
        records: everything that reports get, in order (see :mod:`ocpplab_runner.plugin.results`).
    """

    exit_code: ExitCode
    records: tuple[Record, ...]

    @property
    def verdicts(self) -> list[str]:
        """Of every case, in order: one per OCPP version and row."""
        return [record["verdict"] for record in self.records if record["type"] == "case" and record["phase"] == "end"]

    @property
    def events(self) -> list[dict[str, Any]]:
        """Every event of the ledger: frames, facts, commands, violations, notes."""
        return [record["event"] for record in self.records if record["type"] == "event"]

    @property
    def report(self) -> str:
        """Why cases have not passed, one line each; for the message of an assertion."""
        return "\n".join(
            f"{record['verdict']}: {record['id']}: {record.get('reason', '')}"
            for record in self.records
            if record["type"] == "case" and record["phase"] == "end" and record["verdict"] != "passed"
        )


def run_scenario(
    scenario: str | Path,
    *,
    plugins: Sequence[ModuleType | object] = (),
    variables: Mapping[str, Any] | None = None,
    target: str | Target = "simulated",
    target_options: Mapping[str, Any] | None = None,
    reports: Mapping[str, Any] | Sequence[Report] | None = None,
    options: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> ScenarioRun:
    """Run a scenario in this process, on the simulated target unless another is named.

    Args:
        scenario: its text, or the path of a file.
        plugins: plugin modules that take part; installed ones do not unless they are named here.
        variables: as ``--var``.
        target: kind of the target, or a target itself.
        target_options: its options, as in ``ocpplab.yaml``.
        reports: reports that get every record; or the options for ``ocpplab_reports`` of the plugins, whose reports
            do then. What one of them raises is raised here.
        options: of the plugins (``{"wallbox.port": "COM3"}``), as on the command line.
        seed: of everything random.

    Raises:
        InvalidScenario: the scenario has mistakes.
        PluginError: a plugin cannot be used, or raises where no case is running.
        ValueError: an option is wrong.
    """
    language = Plugins([steps, targets], {getattr(plugin, "__name__", repr(plugin)): plugin for plugin in plugins})
    language.configure(options or {}, {})
    where = language.target(target, target, target_options or {}) if isinstance(target, str) else target
    versions, names = where.capabilities.versions, tuple(variables or {})
    if isinstance(scenario, Path):
        loaded = load_files([scenario], language.registry, versions=versions, variables=names, told=language.check_file)
    else:
        loaded = load_text(dedent(scenario), language.registry, versions=versions, variables=names)
    if not loaded.ok:
        raise InvalidScenario(
            "\n".join(f"{one.path}:{one.span.line}:{one.span.column}: {one.message}" for one in loaded.diagnostics)
        )
    suite = SuiteOptions(jobs=0, seed=seed, variables=dict(variables or {}))
    records: list[Record] = []
    takers = [*(language.reports(reports) if isinstance(reports, Mapping) else reports or ())]

    def take(record: Record) -> None:
        records.append(record)
        for taker in takers:
            if record["type"] != "event" or getattr(taker, "takes_events", True):
                taker.handle(record)

    try:
        code = run_suite(plan_suite(loaded.scenarios, suite, where, language), suite, take)
    finally:
        for taker in takers:
            taker.close()
    return ScenarioRun(code, tuple(records))
