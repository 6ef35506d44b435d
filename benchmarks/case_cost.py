"""What a case costs in function calls, by room: ``python -m benchmarks.case_cost [SCENARIO] [CASES]``.

Calls are the same in every run, however busy the machine is: what a change has saved shows here when no clock can tell.
Those of built-in functions count for the room that makes them. Worker, pipe and reports are left out.
"""

from __future__ import annotations

import cProfile
import itertools
import pstats
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from ocpplab_runner.engine.running.suite import SuiteOptions, plan_suite, run_suite
from ocpplab_runner.plugin.manager import Plugins
from ocpplab_runner.scenario.loader import load_files
from ocpplab_runner.steps import builtin as steps
from ocpplab_runner.targets import builtin as targets

SESSION = Path(__file__).parent / "scenarios" / "session.yaml"
_CASES = 50
_BUILT_IN = "~"
_Function = tuple[str, int, str]


def cost(scenario: Path, cases: int) -> Counter[str]:
    """Room or library → function calls per case, once everything is warm."""
    language = Plugins([steps, targets], {})
    target = language.target("simulated", "simulated", {})
    loaded = load_files([scenario], language.registry, versions=target.capabilities.versions)
    options = SuiteOptions(jobs=0, repeat=cases)
    plan = plan_suite(loaded.scenarios, options, target, language)
    profile = cProfile.Profile(timer=itertools.count().__next__)
    run_suite(plan, options, lambda record: None)
    profile.runcall(run_suite, plan, options, lambda record: None)
    found: Counter[str] = Counter()
    for function, (_, calls, _, _, callers) in _stats(profile).items():
        if function[0] == _BUILT_IN:
            for caller, (_, made, _, _) in callers.items():
                found[_room(caller)] += made
        else:
            found[_room(function)] += calls
    return Counter({room: round(calls / len(plan.cases)) for room, calls in found.items()})


def _stats(profile: cProfile.Profile) -> dict[_Function, Any]:
    return pstats.Stats(profile).stats  # type: ignore[attr-defined,no-any-return]


def _room(function: _Function) -> str:
    parts = Path(function[0]).parts
    if "ocpplab_runner" in parts:
        return "/".join(parts[parts.index("ocpplab_runner") :][:2])
    return next((one for one in ("asyncio", "websockets") if one in parts), "the rest")


def main(arguments: list[str]) -> int:
    """Count and print; returns the exit code."""
    scenario = Path(arguments[0]) if arguments else SESSION
    found = cost(scenario, int(arguments[1]) if len(arguments) > 1 else _CASES)
    for room, calls in found.most_common():
        print(f"{calls:8,}  {room}")
    print(f"{found.total():8,}  calls a case of {scenario}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
