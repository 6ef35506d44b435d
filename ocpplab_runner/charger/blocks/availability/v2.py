"""Availability in OCPP 2.x: use cases B04, G01, G03 and G04."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from ocpplab_runner import clock
from ocpplab_runner.charger.blocks.availability.block import Availability
from ocpplab_runner.charger.core.block import V2, Payload, answers, hears, triggered
from ocpplab_runner.charger.core.datatypes_v2 import rejected
from ocpplab_runner.charger.core.events import Reconnected
from ocpplab_runner.charger.core.evse import Connector, Evse
from ocpplab_runner.charger.core.model import Outgoing, StatusReport
from ocpplab_runner.charger.core.services.station import Place
from ocpplab_runner.charger.core.variables import Component, Variable, of_2x, setting
from ocpplab_runner.ocppj.records import HandlerResult, Reply
from ocpplab_runner.vocabulary.statuses import ConnectorStatus

#: ConnectorStatusEnumType of the neutral statuses; a Preparing without a cable is Available.
_STATUS: dict[ConnectorStatus, str] = {
    ConnectorStatus.AVAILABLE: "Available",
    ConnectorStatus.PREPARING: "Occupied",
    ConnectorStatus.CHARGING: "Occupied",
    ConnectorStatus.SUSPENDED_EV: "Occupied",
    ConnectorStatus.SUSPENDED_EVSE: "Occupied",
    ConnectorStatus.FINISHING: "Occupied",
    ConnectorStatus.RESERVED: "Reserved",
    ConnectorStatus.UNAVAILABLE: "Unavailable",
    ConnectorStatus.FAULTED: "Faulted",
}
#: Which status of a connector speaks for its EVSE: the first of these that one of them has.
_LOUDEST = ("Occupied", "Reserved", "Available", "Faulted", "Unavailable")


class AvailabilityV2(Availability):
    """Station, EVSE and connector each keep their own; only connectors report."""

    versions = V2

    def variables(self) -> Iterable[Variable]:
        """AvailabilityState of station, EVSEs and connectors."""
        state = "AvailabilityState"
        yield from super().variables()
        yield setting("offline_threshold")
        yield of_2x("ChargingStation", state, "OptionList", self._station_state, choices=_LOUDEST)
        for evse in self.context.equipment.evses:
            place = Component("EVSE", None, evse.evse_id)
            yield of_2x(place, state, "OptionList", partial(self._evse_state, evse), choices=_LOUDEST)
            for connector in evse.connectors:
                place = Component("Connector", None, evse.evse_id, connector.connector_id)
                value = partial(self._connector_state, evse, connector)
                yield of_2x(place, state, "OptionList", value, choices=_LOUDEST)

    @hears(Reconnected)
    def reconnected(self, event: Reconnected) -> None:
        """After more than OfflineThreshold all is reported (B04.FR.01), else what is another status now (B04.FR.02)."""
        if event.away > self.context.variables.integer("offline_threshold"):
            self.statuses.send_all()
        else:
            self.statuses.refresh()

    @answers("ChangeAvailability")
    def change_availability(self, payload: Payload) -> HandlerResult:
        """G03 and G04."""
        evse: Evse | None = None
        connector: Connector | None = None
        place = payload.get("evse")
        if place is not None:
            evse = self.context.equipment.find(place["id"])
            if evse is None:
                return rejected("UnknownEvse")
            if "connectorId" in place:
                connector = evse.connector(place["connectorId"])
                if connector is None:
                    return rejected("UnknownConnectorId")
        operative = payload["operationalStatus"] == "Operative"
        scheduled, change = self.change(evse, connector, operative=operative)
        return Reply({"status": "Scheduled" if scheduled else "Accepted"}, then=change)

    @triggered("StatusNotification")
    def trigger_status(self, place: Place) -> HandlerResult:
        """Of one connector, which must be named (F06.FR.12)."""
        evse, connector_id = place.evse, place.connector_id
        connector = None if evse is None or connector_id is None else evse.connector(connector_id)
        if evse is None or connector is None:
            return rejected("MissingParam" if connector_id is None else "UnknownConnectorId")
        return Reply({"status": "Accepted"}, then=lambda: self.statuses.send(self.statuses.report(evse, connector)))

    def wire_status(self, report: StatusReport) -> str:
        """ConnectorStatusEnumType; a card alone does not occupy a connector."""
        if report.status is ConnectorStatus.PREPARING and report.evse_id:
            connector = self.context.equipment.evses[report.evse_id - 1].connector(report.connector_id)
            if connector is not None and not connector.plugged:
                return _STATUS[ConnectorStatus.AVAILABLE]
        return _STATUS[report.status]

    def status_notification(self, report: StatusReport) -> Outgoing:
        """G01."""
        return Outgoing(
            "StatusNotification",
            {
                "timestamp": clock.timestamp(report.at),
                "connectorStatus": self.wire_status(report),
                "evseId": report.evse_id,
                "connectorId": report.connector_id,
            },
        )

    def _connector_state(self, evse: Evse, connector: Connector) -> str:
        status = self.context.equipment.status(evse, connector)
        return self.wire_status(StatusReport(evse.evse_id, connector.connector_id, status))

    def _evse_state(self, evse: Evse) -> str:
        states = {self._connector_state(evse, connector) for connector in evse.connectors}
        return next(state for state in _LOUDEST if state in states)

    def _station_state(self) -> str:
        equipment = self.context.equipment
        if equipment.broken:
            return "Faulted"
        return "Available" if equipment.operative else "Unavailable"
