"""A stage for a charger that somebody else has made: it dials our CSMS and stays there; nobody is at its buttons."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from ocpplab_runner.csms import BuiltInCsms, CsmsConfig
from ocpplab_runner.plugin.stage import BlockedError, InfrastructureError, Outcome, SentCall, Stage, StageRequest
from ocpplab_runner.targets.observing import CsmsEnd
from ocpplab_runner.targets.sides import CSMS_COMMANDS, BuiltInSide


class ServedStage(Stage):
    """One case with one charger; the CSMS and the connection outlive it.

    Args:
        csms: which listens, for the length of the worker.
        identity: of the charger.
        request: the case; it has exactly one charger.

    Raises:
        BlockedError: the case has several chargers.
    """

    def __init__(self, csms: BuiltInCsms, identity: str, request: StageRequest) -> None:
        if len(request.chargers) != 1:
            raise BlockedError(f"this target has one charger, and the scenario {len(request.chargers)}")
        (name,) = request.chargers
        self._csms, self._identity = csms, identity
        self._side = BuiltInSide(csms)
        csms.begin_case(CsmsConfig.from_given(request.csms), CsmsEnd({identity: name}, request.record, frames=True))

    async def begin(self, limit: float) -> None:
        """Wait until the charger is connected and the CSMS has accepted its boot, in this case or an earlier one.

        Raises:
            InfrastructureError: not within ``limit`` seconds.
        """
        try:
            async with asyncio.timeout(limit):
                await self._csms.wait_accepted(self._identity)
        except TimeoutError:
            told = self._csms.stations.get(self._identity)
            reached = told is not None and told.connected
            what = "has not booted" if reached else f"has not connected to port {self._csms.port}"
            raise InfrastructureError(f"{self._identity} {what} within {limit:g} s", reached=reached) from None

    async def perform(self, charger: str, command: str, fields: Mapping[str, Any], *, raw: bool = False) -> Outcome:
        """Only what is about the CSMS; raises BlockedError for what takes hands."""
        if command in CSMS_COMMANDS:
            return await self._side.perform(command, fields)
        raise BlockedError(f"nobody is at {self._identity} for {command}")

    async def operate(self, charger: str, operation: str, fields: Mapping[str, Any], *, raw: bool = False) -> SentCall:
        """Let the CSMS do a version-neutral operation."""
        return await self._side.operate(self._identity, operation, fields, raw=raw)

    async def call(self, charger: str, action: str, payload: Any, *, raw: bool = False) -> SentCall:
        """Let the CSMS send any OCPP call."""
        return await self._side.call(self._identity, action, payload, raw=raw)

    def program_csms(self, charger: str, rule: Mapping[str, Any]) -> None:
        """Set how the CSMS answers the charger's next calls."""
        self._side.program(self._identity, rule)

    async def close(self) -> Sequence[str]:
        """The connection stays for the next case; a transaction that still runs is told."""
        self._csms.resume()
        running = self._csms.stations[self._identity].running_transactions if self._csms.stations else ()
        return [f"{self._identity}: transaction {one.transaction_id} still runs" for one in running]
