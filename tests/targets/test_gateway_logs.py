"""Shipped scenarios with the log of a real Gateway as the only evidence, in virtual time: late, shuffled, rough."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from ocpplab_runner.engine.running.suite import SuiteOptions, plan_suite
from ocpplab_runner.scenario.loader import load_files
from ocpplab_runner.targets.gateway.options import GatewayOptions
from tests.engine.suite_kit import language, run_plan
from tests.targets.gateway_kit import HostedForeignTarget
from tests.thoroughness import at_least, sample

DIALECTS = ("g2", "g4")
_SCENARIOS = Path(__file__).parents[2] / "scenarios"
_ROOMS = ("fault", "session", "stop")
#: Seconds of scenario time: the log is read twice in each of them.
_LONGEST = 20.0
_CONFIG = """
tenants: {local: {tokens: ["${{ env.OCPPLAB_GATEWAY_TOKEN }}"]}}
pessimism: {provisioning_delay: 5s, result_delay: 1s, log_delay: 2s, %s}
"""


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("pessimism", "log", "number"),
    [("shuffle_logs: true", "frames", 12), ("whole_seconds: true", "frames", 12), ("calls_only: true", "calls", 4)],
)
def test_no_false_verdict(tmp_path: Path, dialect: str, pessimism: str, log: str, number: int) -> None:
    """What can run passes; what cannot be judged was blocked before it began."""
    config = tmp_path / "gateway.yaml"
    config.write_text(_CONFIG % pessimism, "utf-8")
    target = HostedForeignTarget(
        "lab",
        GatewayOptions.from_mapping(
            {"local": True, "dialect": dialect, "csms": "ws://somebody.test/ocpp", "log": log, "log_delay": "3s"}
        ),
    )
    target.config = str(config)
    plugins, options = language(), SuiteOptions(jobs=0, max_real=_LONGEST)
    files = sorted(path for room in _ROOMS for path in (_SCENARIOS / room).glob("*.yaml"))
    files = list(sample(files, DIALECTS.index(dialect), 4))
    target.pretend_real = True
    plan = plan_suite(load_files(files, plugins.registry).scenarios, options, target, plugins)
    target.pretend_real = False
    runnable = sum(case.blocked is None for case in plan.cases)
    verdicts = Counter(run_plan(plan, options).verdicts())
    assert verdicts == Counter(passed=runnable, blocked=len(plan.cases) - runnable)
    assert runnable >= at_least(number, 4)
