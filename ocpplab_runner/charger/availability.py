"""In service and out of it: OCPP 1.6 section 5.2, 2.0.1 G03 and G04.

Station, EVSE and connector each keep what ChangeAvailability made of them; power cycles change nothing of it. What runs
outlives the change, and in 1.6 so does what is being prepared: section 4.9 has no way from Preparing to Unavailable.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ocpplab_runner.charger.evse import Connector, Evse
from ocpplab_runner.vocabulary.statuses import ConnectorStatus

if TYPE_CHECKING:
    from ocpplab_runner.charger.station import SimulatedCharger

Effect = Callable[[], None]


class Availability:
    """Changes it, and knows what a change waits for."""

    __slots__ = ("_station",)

    def __init__(self, station: SimulatedCharger) -> None:
        self._station = station

    def change(
        self, evse: Evse | None, connector: Connector | None, *, operative: bool, connectors_only: bool = False
    ) -> tuple[bool, Effect]:
        """Take the station, an EVSE or a connector out of service or back.

        Args:
            evse: None for the whole station.
            connector: None for the EVSE as a whole.
            operative: what it shall be.
            connectors_only: OCPP 1.6, where an EVSE is its connector, a change of the station is one of every
                connector too, and a driver who prepares to charge is not disturbed.

        Returns:
            Whether the change has to wait somewhere (Scheduled), and what to do after the answer.
        """
        station = self._station
        affected = station.evses if evse is None else (evse,)
        places = [(e, c) for e in affected for c in e.connectors if connector is None or c is connector]
        lingering = [c for e, c in places if connectors_only and not operative and self._prepares(e, c)]
        running = any(e.transaction is not None and e.transaction.connector_id == c.connector_id for e, c in places)

        def change() -> None:
            were_out = [(e, c) for e, c in places if not station.in_service(e, c)]
            if evse is None:
                station.operative = operative
            for each, one in places:
                if connectors_only or connector is not None:
                    one.operative = operative
                elif evse is not None:
                    each.operative = operative
                one.lingers = one in lingering
            for each, one in were_out:
                if one.finished and station.in_service(each, one):
                    one.finished = False
                    station.cards.replugged(each)  # its driver may start anew (1.6 H2)
            for each in affected:
                station.usability_changed(each)
            if evse is None:
                station.statuses.refresh()

        return not operative and (running or bool(lingering)), change

    @property
    def awaited(self) -> bool:
        """Whether something keeps the station as a whole in service although it shall not be."""
        station = self._station
        return bool(station.transactions.running()) or any(c.lingers for e in station.evses for c in e.connectors)

    def prepared(self, evse: Evse) -> None:
        """Those who prepared at an EVSE are done: they charge, or they are gone."""
        changed = [c for c in evse.connectors if c.lingers and not self._prepares(evse, c)]
        for connector in changed:
            connector.lingers = False
        if changed:
            self._station.usability_changed(evse)
            if not self._station.operative:
                self._station.statuses.refresh()

    def _prepares(self, evse: Evse, connector: Connector) -> bool:
        return self._station.status_of(evse, connector) is ConnectorStatus.PREPARING
