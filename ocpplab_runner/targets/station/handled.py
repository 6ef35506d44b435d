"""A charger that is not ours, in the hands of a rig or a person: what they do to it, and what becomes of it."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.plugin.stage import Outcome
from ocpplab_runner.targets.station.hands import Hands
from ocpplab_runner.targets.station.station_watch import StationWatch
from ocpplab_runner.vocabulary.durations import seconds_of

#: Seconds in which what hands have done shows its first effect.
EFFECT = 1.0
_OFF: Mapping[str, tuple[str, str, str]] = {"network": ("down", "up", "down_for"), "power": ("off", "on", "off_for")}


class HandledCharger(ABC):
    """A case's hold of it.

    Args:
        name: the scenario's name of it.
        hands: at it.
        quiet: seconds without a frame after which nothing more is expected.
        ev: what a scenario gives every car.

    Attributes:
        plugged: EVSEs where a car may be.
        faulted: whether a fault may be there.
        cut: which of network and power are off.
    """

    def __init__(self, name: str, hands: Hands, quiet: float, ev: Mapping[str, Any]) -> None:
        self.name, self.hands = name, hands
        self._quiet, self._ev = quiet, ev
        self._due, self._heard = 0.0, 0
        self._returns: dict[str, asyncio.Task[None]] = {}
        self.plugged: set[int] = set()
        self.faulted = False
        self.cut: set[str] = set()

    @property
    @abstractmethod
    def watch(self) -> StationWatch:
        """What is known of it."""

    @abstractmethod
    def online(self) -> bool:
        """Whether it is connected."""

    @abstractmethod
    async def perform(self, command: str, fields: Mapping[str, Any], *, raw: bool = False) -> Outcome:
        """Do a command."""

    async def handle(self, command: str, fields: Mapping[str, Any]) -> Outcome:
        """Have it done by hand.

        Raises:
            BlockedError: nobody can.
            InfrastructureError: the rig is in trouble, or it or the operator has taken too long.
        """
        return await (self._switch if command in _OFF else self._by_hand)(command, fields)

    async def present(self, card: str, evse_id: int) -> Outcome:
        """Present a card, at that EVSE where hands can choose."""
        fields: dict[str, Any] = {"id_tag": card, "evse_id": evse_id}
        if not self.hands.can("authorize_id_tag", fields):
            del fields["evse_id"]
        return await self.perform("authorize_id_tag", fields)

    def status(self, evse_id: int) -> str | None:
        """The status of an EVSE's first connector; None before it has been reported."""
        return self.watch.status(evse_id)

    def accepted(self, card: str) -> bool:
        """Whether a frame has shown that a card is accepted."""
        return card.lower() in self.watch.accepted

    async def until(self, holds: Callable[[], bool], what: str, limit: float, *, card: str | None = None) -> None:
        """Wait until something is true of it; what refuses a card need not be seen."""
        await self.watch.changes.until(holds, what, limit, reached=self.online)

    async def answered(self) -> None:
        """As :meth:`settle`: what the station has still to say is not seen."""
        await self.settle()

    async def settle(self) -> None:
        """Return when what was set off so far can be expected to have shown."""
        await self.watch.changes.quiet(
            self._quiet,
            # While it has said nothing, the first effect of what hands have done may be yet to come.
            lambda: self._due if self.watch.frames == self._heard else 0.0,
        )

    async def _by_hand(self, command: str, fields: Mapping[str, Any]) -> Outcome:
        if command == "plug_connector" and (self._ev or "ev" in fields):
            fields = {**fields, "ev": {**self._ev, **(fields.get("ev") or {})}}
        if command in ("plug_connector", "start_session"):
            self.plugged.add(int(fields.get("evse_id", 1)))
        if command == "inject_fault":
            self.faulted = True
        if "id_tag" in fields:
            self.watch.presented(str(fields["id_tag"]))
        heard = self.watch.frames
        outcome = await self.hands.do(command, fields)
        self._due, self._heard = clock.now() + EFFECT, heard
        if outcome.status == "done" and command in ("unplug_connector", "stop_session"):
            self.plugged.discard(int(fields.get("evse_id", 1)))
        return outcome

    async def _switch(self, what: str, fields: Mapping[str, Any]) -> Outcome:
        off, on, duration = _OFF[what]
        # What is switched now is not switched again when an earlier `down_for` is over.
        if (task := self._returns.pop(what, None)) is not None:
            task.cancel()
        state = fields.get("state", off)
        outcome = await self._by_hand(what, {"state": state})
        if outcome.status != "done":
            return outcome
        if state == on:
            self.cut.discard(what)
            return outcome
        self.cut.add(what)
        if duration in fields:
            self._returns[what] = asyncio.ensure_future(self._back(what, on, seconds_of(fields[duration])))
        return outcome

    async def _back(self, what: str, on: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        del self._returns[what]
        if (await self._by_hand(what, {"state": on})).status == "done":
            self.cut.discard(what)

    async def reconnect(self) -> None:
        """Undo what cuts the station off; raises as :meth:`perform`."""
        for task in self._returns.values():
            task.cancel()
        self._returns.clear()
        for what in sorted(self.cut, reverse=True):  # power first
            await self._switch(what, {"state": _OFF[what][1]})
