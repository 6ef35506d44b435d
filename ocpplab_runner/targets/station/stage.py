"""A case's world around real stations: what they are asked for, and how they are left."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from ocpplab_runner.ocppj.id_tokens import exchange_tokens
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.plugin.stage import (
    BlockedError,
    Doubt,
    GraveComplaint,
    InfrastructureError,
    Outcome,
    Recorder,
    SentCall,
)
from ocpplab_runner.targets.sides import BuiltInSide
from ocpplab_runner.targets.stage import UnhurriedStage
from ocpplab_runner.targets.station import certificate_verdicts, reservation_news
from ocpplab_runner.targets.station.cards import CardPool
from ocpplab_runner.targets.station.disturbing import disturbance, disturbance_of
from ocpplab_runner.targets.station.options import StationOptions
from ocpplab_runner.targets.station.reception import Reception
from ocpplab_runner.targets.station.settings import keys_of
from ocpplab_runner.targets.station.station_charger import StationCharger
from ocpplab_runner.targets.station.tidying import Tidying
from ocpplab_runner.targets.token_map import TokenMap
from ocpplab_runner.vocabulary.versions import OcppVersion


class StationStage(UnhurriedStage[StationCharger]):
    """One case with one station or several.

    Args:
        reception: where they have arrived.
        pool: real cards.
        options: of the target.
        version: of the case.
    """

    def __init__(self, reception: Reception, pool: CardPool, options: StationOptions, version: OcppVersion) -> None:
        super().__init__(BuiltInSide(reception.csms), TokenMap({}, version))
        self._reception, self._pool, self._options, self._version = reception, pool, options, version
        self.tidying: dict[str, Tidying] = {}

    def recorder(self, record: Recorder) -> Recorder:
        """A recorder that puts the scenario's own cards back, those too that are lent later."""
        return lambda observation: self.tokens.recorder(record)(observation)

    def lend(self, data: Any) -> None:
        """Lend real cards for those in data of the language.

        Raises:
            BlockedError: there are too few.
        """
        self.tokens = TokenMap(self._pool.lend(data), self._version)

    def hear(self, name: str, observation: Observation) -> None:
        """Note what a case does to a station that must be undone."""
        fields, installed = observation.fields, self.tidying[name].installed
        if observation.kind != "frame":
            return
        if fields.get("direction") != "to_charger":
            if fields.get("type") == "result":
                installed.answered(str(fields.get("message_id")), fields.get("payload"))
            return
        if fields.get("type") != "call":
            return
        installed.sent(str(fields.get("message_id")), observation.name, fields.get("payload"))
        if observation.name in ("ChangeConfiguration", "SetVariables"):
            self.chargers[name].station.dirty = True
        if observation.name == "ChangeAvailability":
            self.tidying[name].out_of_service = True
        if observation.name == "SendLocalList":
            self.chargers[name].station.listed = True

    async def perform(self, charger: str, command: str, fields: Mapping[str, Any], *, raw: bool = False) -> Outcome:
        """Do a charger or world command; ``update_id_tokens`` changes what the CSMS knows."""
        if command == "update_id_tokens":
            return await self.csms.perform(command, self.tokens.outwards({"entries": fields})["entries"])
        self.lend(fields)
        return await super().perform(charger, command, fields, raw=raw)

    async def operate(self, charger: str, operation: str, fields: Mapping[str, Any], *, raw: bool = False) -> SentCall:
        """Let the CSMS do a version-neutral operation, if it may."""
        self._refuse(disturbance(operation), operation)
        # On disk before it is sent: after a kill in between nobody else knows the value.
        if operation == "change_configuration":
            self.charger(charger).station.settings_of(self._version).will_change_settings(fields)
        self.lend(fields)
        return await super().operate(charger, operation, self.tokens.outwards(dict(fields)), raw=raw)

    async def call(self, charger: str, action: str, payload: Any, *, raw: bool = False) -> SentCall:
        """Let the CSMS send any OCPP call, if it may."""
        self._refuse(disturbance_of(action, payload), action)
        asked = self.charger(charger)
        asked.station.settings_of(self._version).will_change(keys_of(self._version, action, payload))
        await self.tidying[charger].installed.remember(asked.station.questions, action, payload)
        exchanged = exchange_tokens(self._version, action, "request", payload, self._pool.real)
        return await super().call(charger, action, exchanged, raw=raw)

    def doubts(self, charger: str, since: float, until: float) -> Sequence[Doubt]:
        """What a station need not tell of its reservations, and of certificates."""
        return (reservation_news.UNTOLD, certificate_verdicts.UNTOLD)

    def _refuse(self, word: str | None, what: str) -> None:
        if word is not None and word not in self._options.allow:
            raise BlockedError(f"{what} disturbs the station, and `allow` has no {word}")

    # -- leaving --------------------------------------------------------------------------------------------------

    async def wind_up(self) -> None:
        """End what still runs and bring every station to rest; what cannot be is a complaint, also when cut short."""
        identities = [charger.identity for charger in self.chargers.values()]
        # What the case has programmed, silence for one, would keep transactions from ending.
        self._reception.csms.answer_as_usual(identities, self._options.answer_delay)
        try:
            await asyncio.gather(*(self._leave(charger) for charger in self.chargers.values()))
        finally:
            for charger in self.chargers.values():
                self._judge(charger)
                charger.station.leave_case()

    async def _leave(self, charger: StationCharger) -> None:
        if charger.station.arrived:
            await self.tidying[charger.name].run(hurry=True)

    def _judge(self, charger: StationCharger) -> None:
        station, tidying = charger.station, self.tidying[charger.name]
        if not station.arrived:
            return
        # A card that waits for its car is the next case's affair: nothing here would end its waiting.
        restless = tidying.restless(cards=False)
        if charger.running:
            station.lost = f"an earlier case has left something open at {charger.identity}: {restless}"
        if restless or tidying.left:
            because = f" ({'; '.join(dict.fromkeys(tidying.troubles))})" if tidying.troubles else ""
            told = ", ".join(filter(None, (restless, *tidying.left)))
            text = f"{charger.identity} is not left as it was: {told}{because}"
            self.complaints.append(GraveComplaint(text) if charger.running else text)


async def bring_to_rest(tidying: Tidying, charger: StationCharger) -> None:
    """Before a case: a station is idle, or can be made so.

    Raises:
        InfrastructureError: it is not.
    """
    await tidying.learn()
    if not tidying.restless():
        return
    restless = await tidying.run()
    if restless:
        because = f" ({'; '.join(dict.fromkeys(tidying.troubles))})" if tidying.troubles else ""
        raise InfrastructureError(f"{charger.identity} is not at rest: {restless}{because}", reached=True)
