"""Trying a written scenario on the simulated charger, and taking out what does not come there."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from ocpplab_runner.engine.planning.options import SuiteOptions
from ocpplab_runner.engine.planning.planner import plan_suite
from ocpplab_runner.engine.running.suite import run_suite
from ocpplab_runner.plugin.manager import Plugins
from ocpplab_runner.plugin.results import Record
from ocpplab_runner.scenario.loader import load_files
from ocpplab_runner.targets.simulated import SimulatedTarget
from ocpplab_runner.tools.rewriting.script import Script


class UnreplayableError(Exception):
    """What was written does not run: the text says why."""


def settle(script: Script, text: Callable[[Script], str], plugins: Plugins) -> None:
    """Run the scenario until it passes, each time without the expectation that has failed.

    What is taken out stays as a comment above its step: another charger has done it, the simulated one does not.

    Args:
        script: is changed.
        text: writes the scenario.
        plugins: the language.

    Raises:
        UnreplayableError: it cannot be checked, or fails where nothing is expected.
    """
    # Each round takes an expectation or a step out: more rounds than there are of these cannot be needed.
    for _ in range(1 + 2 * sum(1 + len(step.expect) for step in script.steps)):
        failed = _failing_step(text(script), plugins)
        if failed is None:
            return
        number, reason = failed
        step = script.steps[number - 1] if 0 < number <= len(script.steps) else None
        if step is None:
            raise UnreplayableError(reason)
        if step.expect:
            name = next((one for one in step.expect if reason.startswith(one)), next(iter(step.expect)))
            step.comments.append(
                f"recorded, and does not come on the simulated charger: {name} {step.expect.pop(name)}"
            )
        else:
            del script.steps[number - 1]
            script.left.append(f"{step.verb}: {reason}")
    raise UnreplayableError("it never passes")


def _failing_step(text: str, plugins: Plugins) -> tuple[int, str] | None:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "scenario.yaml"
        path.write_text(text, "utf-8")
        loaded = load_files([path], plugins.registry)
        if not loaded.ok:
            problem = next(one for one in loaded.diagnostics if one.severity == "error")
            raise UnreplayableError(f"line {problem.span.line}: {problem.message}")
        options = SuiteOptions(jobs=0)
        plan = plan_suite(loaded.scenarios, options, SimulatedTarget(), plugins)
        records: list[Record] = []
        run_suite(plan, options, records.append)
    end = next(one for one in records if one["type"] == "case" and one["phase"] == "end")
    if end["verdict"] == "passed":
        return None
    step = next((one for one in records if one["type"] == "step" and one["status"] not in ("passed", "skipped")), None)
    reason = str(end.get("reason", end["verdict"]))
    if step is None:
        return (0, reason)
    return int(step["index"].partition(".")[0]), reason
