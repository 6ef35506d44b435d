"""The product as one process has it: imported anew with a fault in it, and the scenarios that it runs."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "ocpplab_runner"
#: Rooms that never hold a fault: they are imported once.
_GROUND = frozenset({"scenario", "ocppj", "clock", "loopback", "vocabulary"})


def module_name(file: str) -> str:
    """The module of a file of the package.

    >>> module_name("ocpplab_runner/csms/__init__.py")
    'ocpplab_runner.csms'
    """
    return file.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


class _Faulty(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds one module, and gives it another code."""

    def __init__(self, file: str, code: CodeType) -> None:
        self._file, self._code = file, code

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != module_name(self._file):
            return None
        return importlib.util.spec_from_file_location(
            name,
            ROOT / self._file,
            loader=self,  # type: ignore[arg-type]
            submodule_search_locations=[str((ROOT / self._file).parent)] if "__init__" in self._file else None,
        )

    def exec_module(self, module: ModuleType) -> None:
        exec(self._code, module.__dict__)


class Ran(NamedTuple):
    """What became of a case: its verdict, the first step that is not passed (empty when each is), and why."""

    verdict: str
    step: str
    reason: str


class Product:
    """What runs scenarios, as it is imported at this moment.

    Args:
        paths: files and folders of scenarios.
        lenient: names of the files whose cases do not run under ``--strict``.
        loaded: the scenarios, where they have been read before; the rooms that may be broken leave no trace in them.

    Raises:
        ValueError: a scenario has mistakes.
    """

    def __init__(
        self, paths: Iterable[Path], loaded: Sequence[Any] | None = None, lenient: Collection[str] = ()
    ) -> None:
        suite: Any = importlib.import_module("ocpplab_runner.engine.running.suite")
        self._attempts: Any = importlib.import_module("ocpplab_runner.engine.running.attempts")
        manager: Any = importlib.import_module("ocpplab_runner.plugin.manager")
        builtin = [importlib.import_module(f"ocpplab_runner.{room}.builtin") for room in ("steps", "targets")]
        plugins = manager.Plugins(builtin, {})
        target = plugins.target("simulated", "simulated", {})
        self._options = {strict: suite.SuiteOptions(jobs=0, events=False, strict=strict) for strict in (False, True)}
        if loaded is None:
            loader: Any = importlib.import_module("ocpplab_runner.scenario.loader")
            found = loader.load_files(list(paths), plugins.registry, versions=target.capabilities.versions)
            if not found.ok:
                raise ValueError("\n".join(f"{one.path}:{one.span.line}: {one.message}" for one in found.diagnostics))
            loaded = found.scenarios
        self.scenarios = loaded
        self._lenient = frozenset(lenient)
        self._plan = suite.plan_suite(loaded, self._options[True], target, plugins)
        #: Ids of the cases, in order.
        self.cases = [case.info["id"] for case in self._plan.cases]

    def is_strict(self, index: int) -> bool:
        """Whether a case runs under ``--strict``."""
        return Path(self._plan.cases[index].info["file"]).name not in self._lenient

    def run(self, index: int, *, strict: bool | None = None) -> Ran:
        """Run a case in this process, under ``--strict`` unless it or the caller says otherwise."""
        options = self._options[self.is_strict(index) if strict is None else strict]
        records: list[Any] = []
        result = self._attempts.run_attempts(self._plan.cases[index], self._plan, options, records.append)
        steps = (one["index"] for one in records if one["type"] == "step" and one["status"] != "passed")
        return Ran(str(result.verdict.value), next(steps, ""), result.reason)


def import_anew(file: str | None = None, code: CodeType | None = None) -> None:
    """Forget every room that can be broken; the next import finds a file's other code.

    Args:
        file: of the broken module.
        code: what it holds now.
    """
    for name in list(sys.modules):
        parts = name.split(".")
        if parts[0] == "ocpplab_runner" and len(parts) > 1 and parts[1] not in _GROUND:
            del sys.modules[name]
            parent = sys.modules.get(".".join(parts[:-1]))
            if parent is not None and hasattr(parent, parts[-1]):
                delattr(parent, parts[-1])
    if file is not None and code is not None:
        sys.meta_path.insert(0, _Faulty(file, code))


def caches() -> Iterator[Callable[[], None]]:
    """What empties each cache of a function that can be broken: what it remembers hides who calls it."""
    for name, module in list(sys.modules.items()):
        parts = name.split(".")
        if parts[0] == "ocpplab_runner" and len(parts) > 1 and parts[1] not in _GROUND:
            for value in list(vars(module).values()):
                if hasattr(value, "cache_clear"):
                    yield value.cache_clear
