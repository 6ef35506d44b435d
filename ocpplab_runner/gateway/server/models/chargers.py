"""The ``/ocpp/chargers`` routes."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from ocpplab_runner.gateway.server.deployment import Deployment
from ocpplab_runner.gateway.server.models.base import Body, Text
from ocpplab_runner.gateway.server.organization import NewCharger

OcppVersionName = Literal["OCPP1.6", "OCPP2.0.1"]
#: A WebSocket URL: visible ASCII, as RFC 3986 has it.
_URL = r"^wss?://[!-~]+$"
Url = Field(max_length=2048, pattern=_URL)


class CreateCharger(Body):
    """A charger that is to be."""

    identity: Text
    brand_slug: Text
    model_slug: Text
    connector_type: Text
    ws_url: str = Url
    ocpp_version: OcppVersionName | None = None
    charge_point_name: Text | None = None
    location_id: Text | None = None
    location_name: Text | None = None

    def charger(self) -> NewCharger:
        """The same for the fleet."""
        return NewCharger(
            identity=self.identity,
            brand_slug=self.brand_slug,
            model_slug=self.model_slug,
            connector_type=self.connector_type,
            ws_url=self.ws_url,
            ocpp_version=self.ocpp_version or "OCPP1.6",
            name=self.charge_point_name,
            location_id=self.location_id,
            location_name=self.location_name,
        )


class UpdateCharger(Body):
    """What changes; what is left out stays."""

    name: Text | None = None
    charge_point_name: Text | None = None
    connector_type: Text | None = None
    ocpp_version: OcppVersionName | None = None
    ws_url: str | None = Field(None, max_length=2048, pattern=_URL)
    location_id: Text | None = None
    location_name: Text | None = None


class Charger(Body):
    """A charger."""

    id: str
    identity: str
    name: str | None = None
    vendor_name: str | None = None
    model: str | None = None
    image_url: str | None = None
    ocpp_version: str | None = None
    number_of_connectors: int | None = None
    max_charging_power: int | None = None
    connector_type: str | None = None
    location_id: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


class Created(Body):
    """A charger that is being provisioned."""

    charger_id: str
    identity: str
    status: str
    workflow_run_id: str | None = None
    status_url: str


class ProvisioningError(Body):
    """Why provisioning has failed."""

    code: str
    message: str
    step: str | None = None
    param: str | None = None
    doc_url: str | None = None
    retryable: bool | None = None


class ProvisioningStatus(Body):
    """How far provisioning is: PENDING, PROVISIONING, READY or FAILED."""

    charger_id: str
    status: str | None = None
    workflow_run_id: str | None = None
    error: ProvisioningError | None = None
    provisioned_at: str | None = None


class LogEntry(Body):
    """A frame: its text as it stood on the wire."""

    direction: str
    action: str
    message: str | None = None
    timestamp: str | None = None


class LogEntries(Body):
    """Part of a charger's log."""

    data: list[LogEntry]
    total: int
    limit: int
    offset: int


def charger_of(deployment: Deployment) -> dict[str, Any]:
    """A charger's JSON."""
    record, (brand, model) = deployment.record, deployment.make
    return {
        "id": record.id,
        "identity": record.identity,
        "name": record.name,
        "vendor_name": brand.name,
        "model": model.name,
        "image_url": None,
        "ocpp_version": record.version_name,
        "number_of_connectors": model.connectors,
        "max_charging_power": round(record.power_w or model.power_w),
        "connector_type": record.connector_type,
        "location_id": record.location_id,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
    }
