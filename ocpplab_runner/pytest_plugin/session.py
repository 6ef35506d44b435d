"""The scenarios of one pytest process: the language and the target that they share, and what runs a case."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import chdir
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from ocpplab_runner.engine.planning.options import SuiteOptions
from ocpplab_runner.engine.planning.plan import Plan, PlannedCase
from ocpplab_runner.engine.planning.planner import plan_cases
from ocpplab_runner.engine.planning.variables import parse_variables
from ocpplab_runner.engine.running.attempts import run_attempts
from ocpplab_runner.engine.running.loops import Loops
from ocpplab_runner.plugin.calling import PluginError
from ocpplab_runner.plugin.former_protocols import RunTarget, SharedTarget
from ocpplab_runner.plugin.manager import load_plugins
from ocpplab_runner.plugin.options import OptionError
from ocpplab_runner.plugin.results import Record
from ocpplab_runner.redaction.options import Consulted, option_secrets
from ocpplab_runner.redaction.redactor import Redactor
from ocpplab_runner.reports.collect import CaseResult, Results
from ocpplab_runner.scenario.language import language_of
from ocpplab_runner.scenario.loader import Loader, LoadResult
from ocpplab_runner.scenario.suggest import did_you_mean
from ocpplab_runner.steps import builtin as steps
from ocpplab_runner.targets import builtin as targets
from ocpplab_runner.targets.configuration import ConfigurationError, find_target, make_target, read_plugin_sections


class Scenarios:
    """Loads and runs cases as ``run`` does, one after the other in this process.

    Args:
        config: of the session; its options are those of :mod:`ocpplab_runner.pytest_plugin`.

    Attributes:
        plugins: the language.
        target: where cases run.
        options: how.

    Raises:
        pytest.Collector.CollectError: a plugin, the target or a variable cannot be used.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._directory = config.invocation_params.dir
        modules = config.getoption("ocpplab_plugin")
        if modules and str(self._directory) not in sys.path:
            # As with `run`: a plugin under development lies beside its scenarios.
            sys.path.insert(0, str(self._directory))
        environment = Consulted(os.environ)
        secrets: Sequence[Any] = ()
        try:
            self.plugins = load_plugins([steps, targets], modules)
            sections = read_plugin_sections(self._directory, environment) if self.plugins.options else {}
            self.plugins.configure({}, sections)
            name = config.getoption("ocpplab_target") or "simulated"
            kind, options = find_target(name, self._directory, environment)
            secrets = (*environment.secrets(), *option_secrets([options, sections]))
            self.target = make_target(self.plugins, kind, name, options)
            variables = parse_variables(config.getoption("ocpplab_var"))
        except (PluginError, OptionError, ConfigurationError, ValueError, OSError) as error:
            told = Redactor((*secrets, *environment.secrets())).redact_text(str(error))
            raise pytest.Collector.CollectError(told) from error
        self.options = SuiteOptions(
            jobs=0,
            seed=config.getoption("ocpplab_seed"),
            strict=config.getoption("ocpplab_strict"),
            variables=variables,
            secrets=tuple(secrets),
        )
        worker: Mapping[str, Any] = getattr(config, "workerinput", {})  # of pytest-xdist
        self._number = int(str(worker.get("workerid", "gw0")).removeprefix("gw"))
        self._workers = int(worker.get("workercount", 1))
        self._plan: Plan | None = None
        self._begun = False
        self._loops = Loops(self.target)
        self._known: set[str] = set()

    def load(
        self, path: Path, *, text: str | None = None, variables: Mapping[str, Any] = MappingProxyType({})
    ) -> LoadResult:
        """Check a file and read its scenario.

        Args:
            path: of the file; its cases are named after it as seen from where pytest was called, as with ``run``.
            text: to take in the place of the file's.
            variables: what is given beside the session's.
        """
        seen = path.relative_to(self._directory) if path.is_relative_to(self._directory) else path
        with chdir(self._directory):
            loader = Loader(
                language_of(self.plugins.registry),
                versions=self.target.capabilities.versions,
                variables=(*self.options.variables, *variables),
                build=True,
            )
            if text is not None:
                loader.sources.put(seen, text)
            self.plugins.check_file(seen)
            loader.load(seen)
            loaded = loader.finish()
        self._known.update(loaded.variables)
        return loaded

    def cases(self, loaded: LoadResult, variables: Mapping[str, Any] = MappingProxyType({})) -> list[PlannedCase]:
        """The cases of a file, each id once."""
        options = replace(self.options, variables={**self.options.variables, **variables})
        found: dict[str, PlannedCase] = {}
        for scenario in loaded.scenarios:
            for case in plan_cases(scenario, options, self.target, self.plugins):
                found.setdefault(case.info["id"], case)
        return list(found.values())

    def collected(self, cases: Sequence[PlannedCase]) -> None:
        """All files have been loaded, and these cases will run.

        Raises:
            pytest.UsageError: a variable is none of any file.
        """
        for name in self.options.variables:
            if self._known and name not in self._known:
                meant = did_you_mean(name, self._known) or f"there are {', '.join(sorted(self._known))}"
                raise pytest.UsageError(f"--ocpplab-var: no scenario has a variable '{name}'; {meant}")
        self._plan = Plan(tuple(cases), self.target, self.plugins)
        if cases and self.plugins.hooks.hears("ocpplab_collected"):
            self.plugins.hooks.call("ocpplab_collected", cases=[case.info for case in cases])

    def run(self, case: PlannedCase, take: Callable[[Record], None] | None = None) -> CaseResult:
        """Run a case to its end, in the directory where pytest was called.

        Args:
            case: what to run.
            take: gets every record; without it none is made of events.
        """
        self._begin()
        plan = self._plan or Plan((case,), self.target, self.plugins)
        results = Results()

        def handle(record: Record) -> None:
            results.handle(record)
            if take is not None:
                take(record)

        options = replace(self.options, events=take is not None)
        with chdir(self._directory), warnings.catch_warnings():
            # What a session makes of warnings is for its tests; with `run` none changes a verdict.
            warnings.simplefilter("default")
            run_attempts(case, plan, options, handle, loops=self._loops)
        [result] = results.cases
        return result

    def refusal(self) -> str:
        """Why this process can run nothing; empty when it can."""
        most = self.target.max_workers if isinstance(self.target, SharedTarget) else self._workers
        if self._workers <= most:
            return ""
        return f"the target {self.target.name} serves at most {most} at once, and here are {self._workers}: -n {most}"

    def close(self) -> None:
        """The session is over."""
        self._loops.close()
        if self._begun and isinstance(self.target, RunTarget):
            self.target.end_run()

    def _begin(self) -> None:
        if self._begun:
            return
        self._begun = True
        if isinstance(self.target, RunTarget):
            self.target.begin_run()
        if isinstance(self.target, SharedTarget):
            self.target.take_share(self._number, self._workers)
