"""The station as it stands there: its EVSEs and their connectors, what is broken, what is in service."""

from __future__ import annotations

from ocpplab_runner import clock
from ocpplab_runner.charger.config import ChargerConfig
from ocpplab_runner.charger.core.energy import EnergyMeter
from ocpplab_runner.charger.core.evse import ActiveFault, Connector, Evse, connector_status, in_service
from ocpplab_runner.charger.core.model import Refused
from ocpplab_runner.vocabulary.statuses import ConnectorStatus
from ocpplab_runner.vocabulary.versions import OcppVersion


class Equipment:
    """Three tiers: station, EVSE, connector (OCPP 2.x Part 1); in 1.6 an EVSE has one connector and gives its id.

    Args:
        config: what it is made of.
        version: decides how a reserved connector with a cable is seen.

    Attributes:
        evses: by EVSE id less one.
        operative: what ChangeAvailability made of the station as a whole.
        updating: whether new firmware keeps everything out of service that nobody uses.
        faults: of the whole station, by error code, the latest last.
        firmware_version: of what runs on it.
    """

    __slots__ = ("_cable_keeps_reserved", "evses", "faults", "firmware_version", "operative", "updating")

    def __init__(self, config: ChargerConfig, version: OcppVersion) -> None:
        if version is OcppVersion.V16 and config.connectors_per_evse != 1:
            raise ValueError("OCPP 1.6 knows one connector per EVSE: connectors_per_evse must be 1")
        now = clock.now()
        self.evses = tuple(
            Evse(
                number,
                config.connectors_per_evse,
                EnergyMeter(start_wh=config.meter_start_wh, now=now),
                config.max_power_w,
                phases=config.phases,
            )
            for number in range(1, config.evses + 1)
        )
        self.operative = True
        self.updating = False
        self.firmware_version = config.firmware_version
        self.faults: dict[str, ActiveFault] = {}
        self._cable_keeps_reserved = version is OcppVersion.V16

    @property
    def broken(self) -> bool:
        """Whether a fault of the whole station keeps it from charging."""
        return any(fault.fault.inoperative for fault in self.faults.values())

    def evse(self, evse_id: int) -> Evse:
        """The EVSE of that id.

        Raises:
            Refused: there is none.
        """
        evse = self.find(evse_id)
        if evse is None:
            raise Refused(f"there is no EVSE {evse_id}; the charger has {len(self.evses)}")
        return evse

    def find(self, evse_id: int) -> Evse | None:
        """The EVSE of an id from the wire, None when there is none; to JSON Schema (draft 6) 1.0 is an integer, too."""
        return self.evses[int(evse_id) - 1] if 1 <= evse_id <= len(self.evses) else None

    @property
    def _serves(self) -> bool:
        return self.operative and not self.updating

    def usable(self, evse: Evse) -> bool:
        """Whether an EVSE, and the station with it, is in service and works."""
        return not self.broken and any(self.in_service(evse, c) and c.broken is None for c in evse.connectors)

    def in_service(self, evse: Evse, connector: Connector) -> bool:
        """Whether a connector is in service, broken or not."""
        return in_service(evse, connector, station_operative=self._serves)

    def status(self, evse: Evse, connector: Connector) -> ConnectorStatus:
        """A connector's status as it is now, reported or not."""
        return connector_status(
            evse,
            connector,
            station_operative=self._serves,
            station_broken=self.broken,
            cable_keeps_reserved=self._cable_keeps_reserved,
        )
