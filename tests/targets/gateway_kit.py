"""What the tests of the gateway target share: a target in front of the fake Gateway, on the virtual clock."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from ocpplab_runner.csms import BuiltInCsms, CsmsConfig
from ocpplab_runner.engine.running.suite import SuiteOptions
from ocpplab_runner.plugin.capabilities import Capabilities
from ocpplab_runner.plugin.stage import Stage, StageRequest
from ocpplab_runner.targets.gateway.hosted import Hosting
from ocpplab_runner.targets.gateway.options import GatewayOptions
from ocpplab_runner.targets.gateway.target import GatewayTarget
from tests.engine.suite_kit import Outcome, language, plan_texts, run_plan
from tests.fixtures.gateway import TOKEN, Badness, FakeGateway


class VirtualGatewayTarget(GatewayTarget):
    """Time may jump: the fake's chargers live on the case's own loop."""

    #: While it plans, what takes long can be blocked as on a real clock.
    pretend_real = False

    @property
    def capabilities(self) -> Capabilities:
        """As declared, but for the clock."""
        return replace(super().capabilities, virtual_clock=not self.pretend_real)


def gateway_target(
    bad: Badness | None = None, *, foreign: bool = False, **options: Any
) -> tuple[VirtualGatewayTarget, FakeGateway]:
    """A target and the Gateway behind it."""
    fake = FakeGateway(bad)
    if foreign:
        options["csms"] = "ws://somebody.test/ocpp"
    made = GatewayOptions.from_mapping({"base_url": "http://gateway.test", "token": TOKEN, **options})
    kind = ForeignCsmsTarget if foreign else VirtualGatewayTarget
    return kind("gateway", made, transport=fake), fake


def run_through(
    directory: Path,
    *texts: str,
    bad: Badness | None = None,
    run: SuiteOptions | None = None,
    foreign: bool = False,
    **options: Any,
) -> tuple[Outcome, FakeGateway]:
    """Run scenarios in this process."""
    target, fake = gateway_target(bad, foreign=foreign, **options)
    options_of_run = run or SuiteOptions(jobs=0)
    plugins = language()
    plan = plan_texts(directory, *texts, target=target, plugins=plugins, options=options_of_run)
    return run_plan(plan, options_of_run), fake


class ForeignCsmsTarget(VirtualGatewayTarget):
    """Somebody else's CSMS, which happens to know the scenario's cards: the Gateway's log is the only evidence."""

    async def set_up(self, request: StageRequest) -> Stage:
        """Start that CSMS first."""
        csms = BuiltInCsms(CsmsConfig.from_given(request.csms), observer=_Deaf(), random=Random(7))
        await csms.start(versions=[request.version])
        self._options = replace(self._options, csms=f"ws://127.0.0.1:{csms.port}/ocpp")
        try:
            stage = await super().set_up(request)
        except BaseException:
            await csms.stop()
            raise
        return _Both(stage, csms)


class HostedForeignTarget(ForeignCsmsTarget):
    """The same in front of a real Gateway, whose configuration is given."""

    config: str | None = None

    def begin_run(self) -> None:
        """Prepare the Gateway."""
        self._hosting = Hosting.prepared(self.config)


class _Both:
    """The case's stage, and the CSMS that ends after it."""

    def __init__(self, stage: Stage, csms: BuiltInCsms) -> None:
        self._stage, self._csms = stage, csms

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stage, name)

    def doubts(self, charger: str, since: float, until: float) -> Any:
        """As the stage."""
        return self._stage.doubts(charger, since, until)

    async def settle(self) -> None:
        """As the stage."""
        await self._stage.settle()  # type: ignore[attr-defined]

    async def close(self) -> Any:
        """The stage first."""
        complaints = await self._stage.close()
        await self._csms.stop()
        return complaints


class _Deaf:
    def frame(self, identity: str, record: Any) -> None:
        """Hears nothing."""

    def violation(self, identity: str, violation: Any) -> None:
        """Hears nothing."""

    def fact(self, identity: str, name: str, fields: Any) -> None:
        """Hears nothing."""

    def note(self, identity: str, text: str) -> None:
        """Hears nothing."""
