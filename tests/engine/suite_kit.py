"""What the engine's tests share: scenarios as text, run through the real engine, and what came of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

from ocpplab_runner.engine.running.suite import ExitCode, Plan, SuiteOptions, plan_suite, run_suite
from ocpplab_runner.plugin.manager import Plugins
from ocpplab_runner.plugin.results import Record
from ocpplab_runner.plugin.target import Target
from ocpplab_runner.scenario.loader import load_files
from ocpplab_runner.steps import builtin as steps
from ocpplab_runner.targets import builtin as targets

HEAD = {"ocpp": '["1.6"]'}


@dataclass
class Outcome:
    """A run's exit code and records."""

    code: ExitCode
    records: list[Any] = field(default_factory=list)

    def ends(self) -> list[Any]:
        """The records that end an attempt."""
        return [record for record in self.records if record["type"] == "case" and record["phase"] == "end"]

    def verdicts(self) -> list[str]:
        """Their verdicts."""
        return [record["verdict"] for record in self.ends()]

    def end(self) -> Any:
        """The only one."""
        (record,) = self.ends()
        return record

    def steps(self) -> list[tuple[str, str]]:
        """(index, status) of every step that ended."""
        return [(record["index"], record["status"]) for record in self.records if record["type"] == "step"]

    def logs(self) -> list[str]:
        """The lines of log steps."""
        return [record["text"] for record in self.records if record["type"] == "log"]

    def facts(self, name: str) -> list[Any]:
        """The fields of every fact of that name."""
        return [
            record["event"]["fields"]
            for record in self.records
            if record["type"] == "event" and record["event"]["kind"] == "fact" and record["event"]["name"] == name
        ]

    def text(self) -> str:
        """JSON Lines without the run records."""
        return "\n".join(json.dumps(record, sort_keys=True) for record in self.records if record["type"] != "run")


def language(**plugins: ModuleType | object) -> Plugins:
    """The built-in language and targets, and test plugins by name."""
    return Plugins([steps, targets], plugins) if plugins else _built_in()


@cache
def _built_in() -> Plugins:
    """Nobody changes them, and to compile their schema takes longer than most cases."""
    return Plugins([steps, targets], {})


def plan_texts(
    directory: Path,
    *texts: str,
    options: SuiteOptions | None = None,
    target: Target | None = None,
    plugins: Plugins | None = None,
) -> Plan:
    """Write scenarios to a.yaml, b.yaml … and plan them; ``name``, ``ocpp`` and ``smoke`` are added where they lack."""
    plugins = plugins or language()
    target = target or plugins.target("simulated", "simulated", {})
    paths = []
    for number, text in enumerate(texts):
        text = dedent(text)
        letter = chr(ord("a") + number)
        for key, value in {"name": letter.upper(), **HEAD}.items():
            if f"\n{key}:" not in f"\n{text}":
                text = f"{key}: {value}\n{text}"
        if "\nsmoke:" not in f"\n{text}":
            text = f"{text.rstrip()}\nsmoke: true\n"
        path = directory / f"{letter}.yaml"
        path.write_text(text, "utf-8")
        paths.append(path)
    loaded = load_files(paths, plugins.registry)
    assert loaded.ok, loaded.diagnostics
    return plan_suite(loaded.scenarios, options or SuiteOptions(), target, plugins)


def run_plan(plan: Plan, options: SuiteOptions) -> Outcome:
    """Run a plan and keep its records."""
    records: list[Record] = []
    code = run_suite(plan, options, records.append)
    return Outcome(code, records)


def run_texts(
    directory: Path,
    *texts: str,
    target: Target | None = None,
    plugins: Plugins | None = None,
    **options: Any,
) -> Outcome:
    """Plan and run scenarios in this process, unless ``jobs`` says otherwise."""
    made = SuiteOptions(**{"jobs": 0, **options})
    return run_plan(plan_texts(directory, *texts, options=made, target=target, plugins=plugins), made)


def failure(outcome: Outcome) -> str:
    """The reason of the only case."""
    return str(outcome.end().get("reason", ""))


def names(records: Sequence[Any]) -> list[str]:
    """Names of the cases that ended, in order."""
    return [record["id"].rsplit("/", 1)[-1] for record in records]
