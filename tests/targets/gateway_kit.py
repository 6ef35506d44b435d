"""What the tests of the gateway target share: a target in front of the fake Gateway, on the virtual clock."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from ocpplab_runner.engine.suite import SuiteOptions
from ocpplab_runner.plugin.target import Capabilities
from ocpplab_runner.targets.gateway.options import GatewayOptions
from ocpplab_runner.targets.gateway.target import GatewayTarget
from tests.engine.suite_kit import Outcome, language, plan_texts, run_plan
from tests.fixtures.gateway import TOKEN, Badness, FakeGateway


class VirtualGatewayTarget(GatewayTarget):
    """Time may jump: the fake's chargers live on the case's own loop."""

    @property
    def capabilities(self) -> Capabilities:
        """As declared, but for the clock."""
        return replace(super().capabilities, virtual_clock=True)


def gateway_target(bad: Badness | None = None, **options: Any) -> tuple[VirtualGatewayTarget, FakeGateway]:
    """A target and the Gateway behind it."""
    fake = FakeGateway(bad)
    made = GatewayOptions.from_mapping({"base_url": "http://gateway.test", "token": TOKEN, **options})
    return VirtualGatewayTarget("gateway", made, transport=fake), fake


def run_through(
    directory: Path, *texts: str, bad: Badness | None = None, run: SuiteOptions | None = None, **options: Any
) -> tuple[Outcome, FakeGateway]:
    """Run scenarios in this process."""
    target, fake = gateway_target(bad, **options)
    options_of_run = run or SuiteOptions(jobs=0)
    plugins = language()
    plan = plan_texts(directory, *texts, target=target, plugins=plugins, options=options_of_run)
    return run_plan(plan, options_of_run), fake
