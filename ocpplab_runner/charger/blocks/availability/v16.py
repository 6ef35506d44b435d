"""Availability in OCPP 1.6: ChangeAvailability (section 5.2) and StatusNotification (sections 4.9 and 6.47)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.charger.blocks.availability.block import Availability
from ocpplab_runner.charger.blocks.availability.transitions import passage
from ocpplab_runner.charger.core.block import V16, Payload, answers, triggered
from ocpplab_runner.charger.core.model import Outgoing, StatusReport
from ocpplab_runner.charger.core.services.station import Place
from ocpplab_runner.ocppj.records import HandlerResult, Reply
from ocpplab_runner.vocabulary.statuses import ConnectorStatus


class AvailabilityV16(Availability):
    """An EVSE's number is its connectorId, and connector 0 the station."""

    versions = V16
    reports_station = True

    @answers("ChangeAvailability")
    def change_availability(self, payload: Payload) -> HandlerResult:
        """ChangeAvailability.req."""
        connector = payload["connectorId"]
        evse = self.context.equipment.find(connector)
        if evse is None and connector != 0:
            return {"status": "Rejected"}
        operative = payload["type"] == "Operative"
        scheduled, change = self.change(evse, None, operative=operative, connectors_only=True)
        return Reply({"status": "Scheduled" if scheduled else "Accepted"}, then=change)

    @triggered("StatusNotification")
    def trigger_status(self, place: Place) -> HandlerResult:
        """Of a connector, of connector 0, or of all (section 5.17)."""
        statuses = self.statuses
        if place.connector_id == 0:
            return Reply({"status": "Accepted"}, then=lambda: statuses.send(statuses.report(None)))
        return Reply({"status": "Accepted"}, then=lambda: statuses.send_all(place.evse))

    def wire_status(self, report: StatusReport) -> str:
        """Status, error code and texts: a warning that comes or goes is news, too."""
        return f"{report.status.value}|{report.error_code}|{report.info}|{report.vendor_error_code}"

    def passed(self, before: str, report: StatusReport) -> Sequence[ConnectorStatus]:
        """As the table of section 4.9 wants it; connector 0 goes from any of its statuses to any."""
        return passage(ConnectorStatus(before.partition("|")[0]), report.status) if report.evse_id else ()

    def status_notification(self, report: StatusReport) -> Outgoing:
        """StatusNotification.req (section 6.47)."""
        payload: dict[str, Any] = {
            "connectorId": report.evse_id,
            "errorCode": report.error_code,
            "status": report.status.value,
            "timestamp": clock.timestamp(report.at),
        }
        # Both texts are CiString50Type (section 6.47), and a scenario's may be longer.
        if report.info:
            payload["info"] = report.info[:50]
        if report.vendor_error_code:
            payload["vendorErrorCode"] = report.vendor_error_code[:50]
        return Outgoing("StatusNotification", payload)
