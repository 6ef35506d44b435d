"""Which status is reported when: OCPP 1.6 section 4.9 and ``MinimumStatusDuration``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from ocpplab_runner import clock
from ocpplab_runner.charger.evse import ActiveFault, Connector, Evse
from ocpplab_runner.charger.model import StatusReport
from ocpplab_runner.charger.timers import Timers
from ocpplab_runner.vocabulary.statuses import ConnectorStatus

if TYPE_CHECKING:
    from ocpplab_runner.charger.station import SimulatedCharger

_Place = tuple[int, int]
_STATION: _Place = (0, 0)
#: A wire status, the date since when, and the same on the run's clock, by which durations are measured.
_Since = tuple[str, datetime, float]


class StatusReporter:
    """Reports each change of a status once, the changes of an offline time afterwards and only as they stand then."""

    __slots__ = ("_reported", "_since", "_station", "_timers")

    def __init__(self, station: SimulatedCharger) -> None:
        self._station = station
        self._reported: dict[_Place, str] = {}
        self._since: dict[_Place, _Since] = {}
        self._timers = Timers()

    def forget(self) -> None:
        """The station starts anew: everything will be reported after the boot."""
        self._reported.clear()
        self._timers.stop_all()

    def stop(self) -> None:
        """Report nothing any more."""
        self._timers.stop_all()

    def report(self, evse: Evse | None, connector: Connector | None = None) -> StatusReport:
        """The status as it is now: of a connector, or of the station without an EVSE."""
        if evse is None:
            return self._stamped(_STATION, self._station_report())
        assert connector is not None
        return self._stamped((evse.evse_id, connector.connector_id), self._connector_report(evse, connector))

    def refresh(self, evse: Evse | None = None) -> None:
        """Something may have changed: at an EVSE, or anywhere."""
        if evse is None:
            self._refresh_station()
        for each in self._station.evses if evse is None else (evse,):
            for connector in each.connectors:
                place = (each.evse_id, connector.connector_id)
                before = self._since.get(place)
                self._consider(place, self.report(each, connector), before)

    def connected(self) -> None:
        """The station may report again: send what is news to the CSMS."""
        self.refresh()

    def send(self, report: StatusReport) -> None:
        """Report now, news or not."""
        dialect = self._station.dialect
        if self._station.post(dialect.status_notification(report)):
            place = (report.evse_id, report.connector_id)
            self._timers.stop(place)
            self._reported[place] = dialect.wire_status(report)

    def send_all(self, evse: Evse | None = None) -> None:
        """Report a whole EVSE, or the station with all of them, news or not."""
        if evse is None and self._station.dialect.reports_station:
            self.send(self.report(None))
        for each in self._station.evses if evse is None else (evse,):
            for connector in each.connectors:
                self.send(self.report(each, connector))

    def _refresh_station(self) -> None:
        if self._station.dialect.reports_station:
            self._consider(_STATION, self.report(None))

    def _consider(self, place: _Place, report: StatusReport, before: _Since | None = None) -> None:
        if not self._station.online:
            self._timers.stop(place)
            return
        known = self._reported.get(place)
        if known == self._station.dialect.wire_status(report):
            self._timers.stop(place)
            return
        wait = 0.0
        if known is not None:
            lasted = clock.now() - self._since[place][2]
            wait = self._station.settings.integer("minimum_status_duration") - lasted
        if wait <= 0:
            if before is not None and before[0] == known:
                for status in self._station.dialect.passed(known, report):
                    self.send(replace(report, status=status))
            self.send(report)
        else:
            self._timers.start(place, wait, lambda: self._lasted(place))

    def _lasted(self, place: _Place) -> None:
        if not self._station.online:
            return
        evse_id, connector_id = place
        if evse_id == 0:
            self.send(self.report(None))
        else:
            evse = self._station.evses[evse_id - 1]
            self.send(self.report(evse, evse.connectors[connector_id - 1]))

    def _stamped(self, place: _Place, report: StatusReport) -> StatusReport:
        wire = self._station.dialect.wire_status(report)
        known = self._since.get(place)
        if known is None or known[0] != wire:
            known = self._since[place] = (wire, self._station.time.now(), clock.now())
        return replace(report, at=known[1])

    def _station_report(self) -> StatusReport:
        station = self._station
        if station.broken:
            status = ConnectorStatus.FAULTED
        elif not station.operative and not station.availability.awaited:
            status = ConnectorStatus.UNAVAILABLE
        else:
            status = ConnectorStatus.AVAILABLE
        return _with_fault(0, 0, status, worst(station.faults))

    def _connector_report(self, evse: Evse, connector: Connector) -> StatusReport:
        station = self._station
        status = station.status_of(evse, connector)
        shown = connector.broken
        if shown is None and station.broken:
            shown = worst(station.faults)
        return _with_fault(evse.evse_id, connector.connector_id, status, shown or worst(connector.faults))


def worst(faults: Mapping[str, ActiveFault]) -> ActiveFault | None:
    """The fault that is shown when there are several: the latest that stops charging, else the latest warning."""
    latest = list(faults.values())[::-1]
    return next((fault for fault in latest if fault.fault.inoperative), latest[0] if latest else None)


def _with_fault(evse_id: int, connector_id: int, status: ConnectorStatus, fault: ActiveFault | None) -> StatusReport:
    if fault is None:
        return StatusReport(evse_id, connector_id, status)
    return StatusReport(evse_id, connector_id, status, fault.fault.error_code, fault.info, fault.vendor_error_code)
