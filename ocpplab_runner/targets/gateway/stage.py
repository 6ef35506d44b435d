"""What a stage behind a Gateway has besides: chargers and locations that exist there and must be unmade."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import replace

from ocpplab_runner.gateway.client import Charger, GatewayClient, GatewayError
from ocpplab_runner.ocppj.session import CALL_TIMEOUT
from ocpplab_runner.plugin.stage import BlockedError, Doubt, InfrastructureError
from ocpplab_runner.targets.gateway.created_resources import CreatedResources
from ocpplab_runner.targets.gateway.remote_charger import RemoteCharger
from ocpplab_runner.targets.sides import CsmsSide
from ocpplab_runner.targets.stage import UnhurriedStage
from ocpplab_runner.targets.token_map import TokenMap

#: Seconds in which what a case has made is unmade; what is left then the run unmakes at its end.
_UNMAKING = 8.0
_CHARGING = ("Charging", "SuspendedEV", "SuspendedEVSE")


class GatewayStage(UnhurriedStage[RemoteCharger]):
    """A stage whose chargers stand behind a Gateway.

    Args:
        client: the Gateway.
        created: where it is written down what exists.
        csms: that the chargers dial.
        tokens: a scenario's cards and the real ones.
    """

    def __init__(self, client: GatewayClient, created: CreatedResources, csms: CsmsSide, tokens: TokenMap) -> None:
        super().__init__(csms, tokens)
        self._client, self._created = client, created
        self._made: list[Charger] = []
        self._locations: list[str] = []

    def made_charger(self, charger: Charger) -> None:
        """A charger exists that must be unmade."""
        self._made.append(charger)
        self._created.made_charger(charger)

    def made_location(self, location_id: str) -> None:
        """A location exists that must be unmade."""
        self._locations.append(location_id)
        self._created.made_location(location_id)

    def doubts(self, charger: str, since: float, until: float) -> Sequence[Doubt]:
        """Verdicts that may have been given unseen."""
        doubts = self.charger(charger).watched.cards.doubts(since, until)
        return [replace(doubt, fields=self.tokens.inwards(doubt.fields)) for doubt in doubts]

    async def end_transactions(self, left_open: list[str]) -> None:
        """Leave no transaction open at a CSMS that somebody else runs.

        Args:
            left_open: gets the names of the chargers of which that cannot be said.
        """

        async def end(charger: RemoteCharger) -> None:
            running = [evse for (evse, _), status in charger.watched.statuses.items() if status in _CHARGING]
            for evse in running:
                await charger.perform("stop_session", {"evse_id": evse})
            if running:
                limit = CALL_TIMEOUT + charger.patience
                await charger.until(lambda: _idle(charger, running), "idle", limit)

        for charger in self.chargers.values():
            # Until it is done: when this is cut short, nobody else may have its cards.
            left_open.append(charger.name)
            try:
                await end(charger)
                left_open.remove(charger.name)
            except (InfrastructureError, BlockedError) as error:
                self.complaints.append(f"charger {charger.name}: a transaction may be left open at the CSMS: {error}")

    async def unmake(self) -> None:
        """Delete every charger and location; what cannot be deleted now the run deletes at its end."""
        for charger in self.chargers.values():
            await charger.stop()

        async def delete_charger(made: Charger) -> None:
            await self._client.delete(made)
            self._created.unmade(made.id)

        async def delete_location(location_id: str) -> None:
            await self._client.delete_location(location_id)
            self._created.unmade(location_id)

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_UNMAKING):
                for things in (map(delete_charger, self._made), map(delete_location, self._locations)):
                    for error in await asyncio.gather(*things, return_exceptions=True):
                        if isinstance(error, BaseException) and not isinstance(error, GatewayError):
                            raise error


def _idle(charger: RemoteCharger, evses: Sequence[int]) -> bool:
    return all(charger.watched.status(evse) not in _CHARGING for evse in evses)
