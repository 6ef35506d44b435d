"""Availability: what the connectors are."""

from __future__ import annotations

from typing import Any

from ocpplab_runner.engine.interpreter.core.block import V2, V16, Block, shown_by
from ocpplab_runner.engine.interpreter.core.facts import NO_FACTS, Fact, connector_status, is_boot, put


class AvailabilityV16(Block):
    """``connector_status``, as it is reported."""

    versions = V16

    @shown_by("StatusNotification", "connector_status")
    def status_notification(self, payload: Any) -> list[Fact]:
        """StatusNotification.req; connector 0 is the whole station."""
        connector = payload["connectorId"]
        # Connector 0 is the station's main controller (1.6, 6.47): no transaction runs on it.
        if connector:
            self.traffic.starts.reported(connector, 1, payload["status"])
        name, fields = connector_status(payload["status"], connector, 1 if connector else 0)
        put(fields, "error_code", payload.get("errorCode"))
        put(fields, "info", payload.get("info"))
        put(fields, "vendor_error_code", payload.get("vendorErrorCode"))
        return [(name, fields)]


class AvailabilityV2(Block):
    """``connector_status``, derived; see :mod:`..core.connectors`."""

    versions = V2

    @shown_by("BootNotification")
    def booting(self, payload: Any) -> list[Fact]:
        """Statuses are reported anew."""
        if is_boot(payload):
            self.traffic.connectors.booted()
        return NO_FACTS

    @shown_by("StatusNotification", "connector_status")
    def status_notification(self, payload: Any) -> list[Fact]:
        """StatusNotificationRequest."""
        evse_id, connector_id, status = payload["evseId"], payload["connectorId"], payload["connectorStatus"]
        self.traffic.starts.reported(evse_id, connector_id, status)
        shown = self.traffic.connectors.at(evse_id, connector_id).reported(status)
        return NO_FACTS if shown is None else [connector_status(shown, evse_id, connector_id)]


AVAILABILITY = (AvailabilityV16, AvailabilityV2)
