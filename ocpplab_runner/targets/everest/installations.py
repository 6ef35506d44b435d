"""The EVerests of a target behind their broker: finding out what they offer, and the connection of a worker."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from ocpplab_runner import clock
from ocpplab_runner.everest.broker import BrokerError, Bus
from ocpplab_runner.plugin.stage import InfrastructureError
from ocpplab_runner.scenario.model import Scenario
from ocpplab_runner.targets.everest.limits import known_failure
from ocpplab_runner.targets.everest.options import EverestOptions
from ocpplab_runner.targets.everest.rig import EverestRig
from ocpplab_runner.targets.everest.site import Site
from ocpplab_runner.targets.station.options import StationFacts


class Installations:
    """Of one target.

    Args:
        everest: where they are, and what they are told to offer.
        stations: the same as stations.

    Attributes:
        sites: identity → EVerest.
        rig: the hands at them.
        bus: of the worker; connected between :meth:`join` and :meth:`leave`.
    """

    def __init__(self, everest: EverestOptions, stations: Iterable[StationFacts]) -> None:
        self._everest = everest
        self.sites: Mapping[str, Site] = {
            facts.identity: Site(everest.place(facts.identity), everest) for facts in stations
        }
        self.rig = EverestRig(self.sites, everest.other)
        self.bus = Bus(everest.broker)
        self._asked = False
        self._unasked = ""

    @property
    def secrets(self) -> Sequence[str]:
        """The password that the broker takes."""
        password = self._everest.broker.password
        return () if password is None else (password,)

    def find_out(self) -> bool:
        """Ask the broker which modules there are, the first time; returns whether it was.

        Where it cannot be reached, each case says so when it runs.
        """
        first, self._asked = not self._asked, True
        if first:
            clock.run(self._find_out(), virtual=False)
        return first

    async def _find_out(self) -> None:
        bus = Bus(self._everest.broker)
        try:
            await bus.open(self._everest.reach)
            await asyncio.gather(*(site.find_out(bus) for site in self.sites.values()))
        except BrokerError as error:
            self._unasked = str(error)
            for site in self.sites.values():
                site.presume()  # whoever runs a case is told
        finally:
            await bus.close()

    async def join(self, identities: Iterable[str]) -> None:
        """Connect, and listen for these EVerests.

        Raises:
            InfrastructureError: the broker cannot be reached, or could not when it was to be asked what is there.
        """
        self.bus = Bus(self._everest.broker)
        try:
            await self.bus.open(self._everest.reach)
        except BrokerError as error:
            raise InfrastructureError(str(error), reached=False) from None
        # Cases were planned on modules that were presumed: none of them may run on that.
        if self._unasked:
            await self.leave()
            raise InfrastructureError(f"when the run began, {self._unasked}; it is there now", reached=False)
        for identity in identities:
            await self.sites[identity].open(self.bus)

    async def leave(self) -> None:
        """Leave the broker."""
        await self.bus.close()

    def known_failure(self, scenario: Scenario) -> str | None:
        """The oddity of EVerest's that a failure may come from."""
        quirks = frozenset().union(*(site.place.quirks for site in self.sites.values()))
        return known_failure(scenario, quirks)
