"""Bringing a station to rest: no transaction, no car, no fault, nothing that a case has installed, in service."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from ocpplab_runner import clock
from ocpplab_runner.plugin.stage import BlockedError, InfrastructureError
from ocpplab_runner.plugin.verb import StepError
from ocpplab_runner.targets.station.installed import Installed
from ocpplab_runner.targets.station.options import StationOptions
from ocpplab_runner.targets.station.questions import RefusedError
from ocpplab_runner.targets.station.station_charger import StationCharger
from ocpplab_runner.vocabulary.versions import OcppVersion

#: Seconds in which a transaction ends once that is asked for, and a connector becomes free.
_ENDING = 5.0
#: Seconds in which a station that has booted reports its connectors.
_OWN_WORD = 2.0
#: Seconds that a card which nobody has used may keep a connector at most.
_LONGEST_TIMEOUT = 90.0
_CAR = frozenset({"Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing"})
_FREE = "Available"


class Tidying:
    """Of one station.

    Args:
        charger: the station.
        options: of the target.
        version: of the case.
        installed: what the case has had installed.
        out_of_service: whether the case has taken anything out of service.
    """

    def __init__(self, charger: StationCharger, options: StationOptions, version: OcppVersion) -> None:
        self._charger, self._options, self._version = charger, options, version
        self.installed = Installed()
        self.out_of_service = False
        #: What could not be done.
        self.troubles: list[str] = []
        #: What of that was to take away what the case has installed.
        self.left: list[str] = []

    async def run(self, *, hurry: bool = False) -> str:
        """Bring it to rest; returns what is not at rest then, in words, or nothing.

        Args:
            hurry: do not wait for what only time ends.
        """
        charger = self._charger
        await self._try(charger.reconnect)
        if not charger.online():
            await self._try(lambda: charger.until(charger.online, "connected", self._options.boot))
        if charger.online():
            for act in (self._end_transactions, self._repair, self._unplug, self._take_away, self._put_in_service):
                await self._try(act)
            if not await self._soon(lambda: not self.restless(cards=False), _ENDING) or charger.watch.waiting:
                await self._try(lambda: self._last_resort(hurry=hurry))
                if self.restless() and not hurry:
                    await self._outwait()
        return self.restless()

    async def learn(self) -> None:
        """Have every connector report its status, unless that is known.

        Raises:
            InfrastructureError: the station does not answer.
        """
        charger, evses = self._charger, range(1, self._charger.station.facts.evses + 1)
        if charger.station.asked:
            return
        # One that has just booted is about to say so by itself.
        if await self._soon(lambda: all(charger.status(evse) is not None for evse in evses), _OWN_WORD):
            return
        charger.station.asked = True
        try:
            if self._version is OcppVersion.V16:
                await charger.station.questions.operate("trigger_message", {"message": "StatusNotification"})
            else:
                for evse in evses:
                    fields = {"message": "StatusNotification", "evse_id": evse}
                    await charger.station.questions.operate("trigger_message", fields)
        except RefusedError:
            return
        await self._soon(lambda: all(charger.status(evse) is not None for evse in evses), _ENDING)

    def restless(self, *, cards: bool = True) -> str:
        """What is not at rest, in words; nothing when all is.

        Args:
            cards: whether a card counts that may wait for its car.
        """
        charger = self._charger
        told = [f"transaction {one.transaction_id} runs" for one in charger.running]
        told += [
            f"EVSE {evse} is {status}"
            for (evse, connector), status in sorted(charger.watch.statuses.items())
            if evse and status != _FREE
        ]
        if cards and charger.watch.waiting:
            told.append(f"the card {min(charger.watch.waiting)} may wait for its car")
        if not charger.online():
            told.append("it is not connected")
        return ", ".join(told)

    # -- the acts -------------------------------------------------------------------------------------------------

    async def _end_transactions(self) -> None:
        charger = self._charger
        for one in charger.running:
            with contextlib.suppress(RefusedError):  # what hands can do is still to come
                await charger.station.questions.operate("remote_stop", {"transaction_id": one.transaction_id})
        if not charger.running or await self._soon(lambda: not charger.running, _ENDING):
            return
        for one in charger.running:
            if charger.hands.can("stop_transaction", ("evse_id",)):
                await charger.hands.do("stop_transaction", {"evse_id": one.evse_id or 1})
        await self._soon(lambda: not charger.running, _ENDING)

    async def _repair(self) -> None:
        charger = self._charger
        broken = charger.faulted or "Faulted" in charger.watch.statuses.values()
        if broken and charger.hands.can("clear_fault"):
            await charger.hands.do("clear_fault", {})
            charger.faulted = False

    async def _unplug(self) -> None:
        charger = self._charger
        cars = {evse for (evse, _), status in charger.watch.statuses.items() if evse and status in _CAR}
        for evse in sorted(charger.plugged | cars):
            if charger.hands.can("unplug_connector", ("evse_id",)):
                await charger.hands.do("unplug_connector", {"evse_id": evse})
        charger.plugged.clear()

    async def _take_away(self) -> None:
        self.left += await self.installed.take_away(self._charger.station.questions)

    async def _put_in_service(self) -> None:
        charger = self._charger
        unavailable = "Unavailable" in charger.watch.statuses.values() and "availability" in self._options.allow
        if not (self.out_of_service or unavailable):
            return
        for evse in (None, *range(1, charger.station.facts.evses + 1)):
            place = {} if evse is None else {"evse_id": evse}
            with contextlib.suppress(RefusedError):  # the whole station is in service, and so are its parts
                await charger.station.questions.operate("change_availability", {"status": "Operative", **place})
        self.out_of_service = False

    async def _last_resort(self, *, hurry: bool) -> None:
        """What nothing else has ended, such as a card that waits for its car, a restart ends."""
        charger = self._charger
        if "reset" in self._options.allow:
            try:
                await charger.restart()
            except RefusedError as refusal:
                self.troubles.append(str(refusal))
        # By the rig alone: no operator is asked to cut a station's power between two cases.
        elif charger.hands.rigged("power"):
            charger.watch.boot = None
            await charger.perform("power", {"state": "off"})
            await charger.perform("power", {"state": "on"})
            await charger.until(lambda: charger.watch.boot == "Accepted", "booted", self._options.boot)
        await self._soon(lambda: not self.restless(cards=not hurry), _ENDING)

    async def _outwait(self) -> None:
        """A card that waits for its car does so for the station's own time."""
        watch, timeout = self._charger.watch, self._card_timeout()
        await asyncio.sleep(max(0.0, watch.waiting_since + timeout - clock.now()) if watch.waiting else 0.0)
        watch.waiting.clear()
        await self._soon(lambda: not self.restless(), timeout)

    def _card_timeout(self) -> float:
        settings = self._charger.station.settings
        key = "ConnectionTimeOut" if self._version is OcppVersion.V16 else "TxCtrlr.EVConnectionTimeOut"
        known = None if settings is None else settings.get(key)
        seconds = float(known) if known is not None and known.isdigit() else 0.0
        return min(seconds + _ENDING, _LONGEST_TIMEOUT) if seconds else 0.0

    # -- waiting --------------------------------------------------------------------------------------------------

    async def _soon(self, holds: Callable[[], bool], limit: float) -> bool:
        if holds():
            return True
        try:
            await self._charger.until(holds, "", limit)
        except InfrastructureError:
            return False
        return True

    async def _try(self, act: Callable[[], Awaitable[None]]) -> None:
        """Whatever goes wrong with one act, the others are to come."""
        try:
            await act()
        except (InfrastructureError, BlockedError, RefusedError, StepError) as error:
            self.troubles.append(str(error))
        except asyncio.CancelledError:
            raise
        except Exception as error:  # of a rig that a plugin has made
            self.troubles.append(f"the rig raised {type(error).__name__}: {error}")
