"""Which status is reported when: OCPP 1.6 section 4.9 and ``MinimumStatusDuration``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from ocpplab_runner import clock
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.evse import ActiveFault, Connector, Evse
from ocpplab_runner.charger.core.model import Outgoing, StatusReport
from ocpplab_runner.charger.core.timers import Timers
from ocpplab_runner.vocabulary.statuses import ConnectorStatus

_Place = tuple[int, int]
_STATION: _Place = (0, 0)
#: What a status after the EV's end was unplugged says of itself, and which ones do (1.6 section 4.9).
_EV_LEFT, _LEFT = "EV side disconnected", (ConnectorStatus.SUSPENDED_EV, ConnectorStatus.FINISHING)
#: A wire status, the date since when, and the same on the run's clock, by which durations are measured.
_Since = tuple[str, datetime, float]


class Words(Protocol):
    """How one version says a status; see :class:`~ocpplab_runner.charger.blocks.availability.block.Availability`."""

    @property
    def reports_station(self) -> bool: ...

    def wire_status(self, report: StatusReport) -> str: ...

    def status_notification(self, report: StatusReport) -> Outgoing: ...

    def passed(self, before: str, report: StatusReport) -> Sequence[ConnectorStatus]: ...


class StatusReporter:
    """Reports each change of a status once, the changes of an offline time afterwards and only as they stand then.

    Args:
        context: the station.
        words: of its version.
        timers: of the block; those of the reporter have a place for a name.
        awaited: whether something keeps the station as a whole in service although it shall not be.
    """

    __slots__ = ("_awaited", "_context", "_reported", "_since", "_timers", "_words")

    def __init__(self, context: Context, words: Words, timers: Timers, awaited: Callable[[], bool]) -> None:
        self._context, self._words, self._timers, self._awaited = context, words, timers, awaited
        self._reported: dict[_Place, str] = {}
        self._since: dict[_Place, _Since] = {}

    def forget(self) -> None:
        """The station starts anew: everything will be reported after the boot."""
        self._reported.clear()

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
        for each in self._context.equipment.evses if evse is None else (evse,):
            for connector in each.connectors:
                place = (each.evse_id, connector.connector_id)
                before = self._since.get(place)
                self._consider(place, self.report(each, connector), before)

    def send(self, report: StatusReport) -> None:
        """Report now, news or not."""
        if self._context.post(self._words.status_notification(report)):
            place = (report.evse_id, report.connector_id)
            self._timers.stop(place)
            self._reported[place] = self._words.wire_status(report)

    def send_all(self, evse: Evse | None = None) -> None:
        """Report a whole EVSE, or the station with all of them, news or not."""
        if evse is None and self._words.reports_station:
            self.send(self.report(None))
        for each in self._context.equipment.evses if evse is None else (evse,):
            for connector in each.connectors:
                self.send(self.report(each, connector))

    def _refresh_station(self) -> None:
        if self._words.reports_station:
            self._consider(_STATION, self.report(None))

    def _consider(self, place: _Place, report: StatusReport, before: _Since | None = None) -> None:
        if not self._context.online:
            return
        known = self._reported.get(place)
        if known == self._words.wire_status(report):
            self._timers.stop(place)
            return
        wait = 0.0
        # What the CSMS has not heard of at all does not wait: the duration is for changes (1.6 section 9.1).
        if known is not None:
            lasted = clock.now() - self._since[place][2]
            wait = self._context.variables.integer("minimum_status_duration") - lasted
        if wait <= 0:
            # Only from the status that was told: a way from one that nobody has heard of would be made up.
            if before is not None and before[0] == known:
                for status in self._words.passed(known, report):
                    self.send(replace(report, status=status))
            self.send(report)
        else:
            self._timers.start(place, wait, lambda: self._lasted(place))

    def _lasted(self, place: _Place) -> None:
        if not self._context.online:
            return
        evse_id, connector_id = place
        if evse_id == 0:
            self.send(self.report(None))
        else:
            evse = self._context.equipment.evses[evse_id - 1]
            self.send(self.report(evse, evse.connectors[connector_id - 1]))

    def _stamped(self, place: _Place, report: StatusReport) -> StatusReport:
        wire = self._words.wire_status(report)
        known = self._since.get(place)
        if known is None or known[0] != wire:
            known = self._since[place] = (wire, self._context.time.now(), clock.now())
        report.at = known[1]
        return report

    def _station_report(self) -> StatusReport:
        equipment = self._context.equipment
        if equipment.broken:
            status = ConnectorStatus.FAULTED
        elif not equipment.operative and not self._awaited():
            status = ConnectorStatus.UNAVAILABLE
        else:
            status = ConnectorStatus.AVAILABLE
        return _with_fault(0, 0, status, worst(equipment.faults))

    def _connector_report(self, evse: Evse, connector: Connector) -> StatusReport:
        equipment = self._context.equipment
        status = equipment.status(evse, connector)
        shown = connector.broken
        if shown is None and equipment.broken:
            shown = worst(equipment.faults)
        report = _with_fault(evse.evse_id, connector.connector_id, status, shown or worst(connector.faults))
        if connector.cable_left and status in _LEFT and shown is None and not connector.faults:
            report.info = _EV_LEFT
        return report


def worst(faults: Mapping[str, ActiveFault]) -> ActiveFault | None:
    """The fault that is shown when there are several: the latest that stops charging, else the latest warning."""
    latest = list(faults.values())[::-1]
    return next((fault for fault in latest if fault.fault.inoperative), latest[0] if latest else None)


def _with_fault(evse_id: int, connector_id: int, status: ConnectorStatus, fault: ActiveFault | None) -> StatusReport:
    if fault is None:
        return StatusReport(evse_id, connector_id, status)
    return StatusReport(evse_id, connector_id, status, fault.fault.error_code, fault.info, fault.vendor_error_code)
