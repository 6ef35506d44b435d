"""An EVerest as the charger of a case, where the CSMS is not ours: all that is done to it goes over MQTT or by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.everest.topics import Module
from ocpplab_runner.plugin.stage import BlockedError, InfrastructureError, Outcome
from ocpplab_runner.plugin.verb import StepError
from ocpplab_runner.targets.everest.ear import Ear, TransactionWatch
from ocpplab_runner.targets.everest.inside import LAG
from ocpplab_runner.targets.everest.limits import NOT_OURS
from ocpplab_runner.targets.everest.site import Site
from ocpplab_runner.targets.station.handled import HandledCharger
from ocpplab_runner.targets.station.hands import Hands
from ocpplab_runner.targets.station.options import OVER_OCPP

#: Seconds in which a transaction ends once its car has gone.
_ENDING = 5.0


class DrivenEverest(HandledCharger):
    """A case's hold of one EVerest.

    Args:
        name: the scenario's name of it.
        identity: with which it dials its CSMS.
        site: the EVerest.
        ear: what is heard of its OCPP.
        hands: at it.
        quiet: seconds without a frame after which nothing more is expected.
        ev: what a scenario gives every car.
    """

    def __init__(
        self, name: str, identity: str, site: Site, ear: Ear, hands: Hands, quiet: float, ev: Mapping[str, Any]
    ) -> None:
        super().__init__(name, hands, quiet + LAG, ev)
        self.identity, self._site, self._ear = identity, site, ear

    @property
    def watch(self) -> TransactionWatch:
        """What is known of it."""
        return self._ear.watch

    async def boot(self, limit: float) -> None:
        """It has booted with its CSMS, before anybody looked."""

    def online(self) -> bool:
        """Whether nobody has cut it off."""
        return not self.cut

    def stirred(self) -> None:
        """What the CSMS sets off shows with its own call."""

    def watermark(self, evidence: str) -> float:
        """The time up to which everything has come through the broker."""
        return clock.now() - LAG

    async def perform(self, command: str, fields: Mapping[str, Any], *, raw: bool = False) -> Outcome:
        """Do a command by EVerest's topics, or by hand.

        Raises:
            BlockedError: nobody can.
            InfrastructureError: the broker is away, or the rig is in trouble.
        """
        given = {name: value for name, value in fields.items() if value is not None}
        if command in OVER_OCPP or (command == "stop_transaction" and given.get("reason") == "Remote"):
            raise BlockedError(f"{command}: {NOT_OURS}")
        return await self.handle(command, given)

    async def come_to_rest(self) -> str:
        """Leave it without cars, cards, faults and transactions; returns what is left, in words, or nothing."""
        left: list[str] = []
        acts: list[tuple[str, Mapping[str, Any]]] = [("unplug_connector", {"evse_id": evse}) for evse in self.plugged]
        if self.faulted:
            acts.insert(0, ("clear_fault", {}))
        if self._site.installation.first(Module.AUTH) is not None:
            acts.append(("withdraw_authorization", {}))
        try:
            await self.reconnect()
            for command, fields in acts:
                await self.perform(command, fields)
        except (BlockedError, InfrastructureError, StepError) as error:
            left.append(str(error))
        try:
            await self.until(lambda: not self.watch.running, "without a transaction", _ENDING)
        except InfrastructureError:
            left.append(f"{len(self.watch.running)} of its transactions run")
        return "; ".join(left)
