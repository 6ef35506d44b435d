"""The target ``simulated``: a built-in charger and the built-in CSMS, over real WebSockets on loopback."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

from ocpplab_runner.charger.config import ChargerConfig
from ocpplab_runner.csms import (
    BuiltInCsms,
    CsmsConfig,
    NothingToOperateOn,
    OperationNotAvailable,
    StationNotConnected,
)
from ocpplab_runner.ocppj.frames import CallError
from ocpplab_runner.ocppj.records import CallFailed, InvalidMessage
from ocpplab_runner.plugin.target import (
    BlockedError,
    Capabilities,
    InfrastructureError,
    Outcome,
    SentCall,
    Stage,
    StageRequest,
)
from ocpplab_runner.plugin.verb import StepError
from ocpplab_runner.targets.capabilities import simulated_capabilities
from ocpplab_runner.targets.charger_host import ChargerHost
from ocpplab_runner.targets.observing import CsmsEnd
from ocpplab_runner.targets.stage import ChargerStage, charger_configs, own_random
from ocpplab_runner.targets.states import booted, reach

#: Seconds that each stage of a state's recipe may take: a long Pending costs nothing on a virtual clock.
_LIMIT_VIRTUAL = 3600.0
_LIMIT_REAL = 30.0
_HOST = "127.0.0.1"


class SimulatedTarget:
    """Both ends are ours.

    Args:
        name: as chosen on the command line.
        realtime: use the real clock instead of the virtual one.
    """

    def __init__(self, name: str = "simulated", *, realtime: bool = False) -> None:
        self._name = name
        self._capabilities = simulated_capabilities(virtual_clock=not realtime)

    @property
    def name(self) -> str:
        """As chosen on the command line."""
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        """Everything that the language has."""
        return self._capabilities

    async def set_up(self, request: StageRequest) -> Stage:
        """Start a CSMS and the chargers, and bring the first charger into the given state.

        Raises:
            InfrastructureError: the state was not reached.
            ValueError: the given data makes no sense.
        """
        configs = charger_configs(request)
        names = {config.identity: name for name, config in configs.items()}
        csms = BuiltInCsms(
            CsmsConfig.from_given(request.csms), observer=CsmsEnd(names, request.record), random=own_random(request)
        )
        await csms.start(_HOST, 0, versions=[request.version])
        limit = _LIMIT_VIRTUAL if self._capabilities.virtual_clock else _LIMIT_REAL
        async with AsyncExitStack() as undo:
            undo.push_async_callback(csms.stop)
            stage = _SimulatedStage(csms, configs, request)
            undo.push_async_callback(stage.close)
            await stage.begin(request, limit)
            undo.pop_all()
        return stage


class _SimulatedStage(ChargerStage):
    def __init__(self, csms: BuiltInCsms, configs: Mapping[str, ChargerConfig], request: StageRequest) -> None:
        url = f"ws://{_HOST}:{csms.port}/ocpp"
        super().__init__(
            {
                name: ChargerHost(
                    name,
                    config,
                    version=request.version,
                    url=url,
                    record=request.record,
                    random=own_random(request),
                )
                for name, config in configs.items()
            }
        )
        self._csms = csms

    async def begin(self, request: StageRequest, limit: float) -> None:
        """Bring the first charger into the given state; the others are booted."""
        state, fields = request.state or ("booted", {})
        first, *others = self.hosts.values()

        async def operate(operation: str, arguments: Mapping[str, Any]) -> None:
            await self._accepted(first, operation, arguments)

        await reach(first, state, fields, operate=operate, limit=limit)
        for other in others:
            await booted(other, limit)

    async def _accepted(self, host: ChargerHost, operation: str, fields: Mapping[str, Any]) -> None:
        sent = self._csms.operate(host.config.identity, operation, fields)
        try:
            answer = await sent.future
        except CallFailed as error:
            raise InfrastructureError(f"the given state was not reached: {error}", reached=True) from error
        status = None if isinstance(answer, CallError) else answer.payload.get("status")
        if status not in ("Accepted", "Scheduled"):
            shown = f"CALLERROR {answer.code}" if isinstance(answer, CallError) else status
            raise InfrastructureError(
                f"the given state was not reached: {sent.action} was answered {shown}", reached=True
            )

    async def perform(self, charger: str, command: str, fields: Mapping[str, Any], *, raw: bool = False) -> Outcome:
        """Do a charger or world command; ``update_id_tokens`` changes what the CSMS knows."""
        if command != "update_id_tokens":
            return await super().perform(charger, command, fields, raw=raw)
        for card, data in fields.items():
            try:
                self._csms.set_id_token(card, data)
            except ValueError as error:
                raise StepError(f"update_id_tokens: {error}") from error
        return Outcome()

    async def operate(self, charger: str, operation: str, fields: Mapping[str, Any], *, raw: bool = False) -> SentCall:
        """Let the CSMS do a version-neutral operation."""
        try:
            sent = self._csms.operate(self.host(charger).config.identity, operation, fields, raw=raw)
        except OperationNotAvailable as error:
            raise BlockedError(str(error)) from error
        except (StationNotConnected, NothingToOperateOn, InvalidMessage, ValueError) as error:
            raise StepError(f"{operation}: {error}") from error
        return SentCall(sent.message_id, sent.action)

    async def call(self, charger: str, action: str, payload: Any, *, raw: bool = False) -> SentCall:
        """Let the CSMS send any OCPP call."""
        try:
            sent = self._csms.call(self.host(charger).config.identity, action, payload, raw=raw)
        except (StationNotConnected, InvalidMessage, ValueError) as error:
            raise StepError(f"{action}: {error}") from error
        return SentCall(sent.message_id, sent.action)

    def program_csms(self, charger: str, rule: Mapping[str, Any]) -> None:
        """Set how the CSMS answers that charger's next calls."""
        try:
            self._csms.program(self.host(charger).config.identity, rule)
        except ValueError as error:
            raise StepError(f"csms_reply: {error}") from error

    async def close(self) -> Sequence[str]:
        """Switch the chargers off, then stop the CSMS."""
        complaints = list(await super().close())
        await self._csms.stop()
        return complaints
