"""Deployments, locations, runtime operations and logs of the ``/evcharger`` routes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StrictInt

from ocpplab_runner.gateway.server.models.base import INTEGRAL, Body, Number, Text
from ocpplab_runner.gateway.server.models.chargers import LogEntry, Url
from ocpplab_runner.gateway.server.organization import NewCharger

Stage = Literal[
    "not_deployed",
    "queued",
    "scheduling",
    "pulling",
    "starting",
    "connecting",
    "registering",
    "online",
    "offline",
    "stopped",
]
VersionName = Literal["OCPP1.6", "OCPP2.0.1", "ocpp1.6", "ocpp2.0.1", "ocpp2.1"]
_Profile = Annotated[StrictInt, Field(ge=0, le=3, description="2 and 3 follow from a wss:// URL."), INTEGRAL]


def basic_auth(identity: str, key: str | None) -> tuple[str, str] | None:
    """The credentials behind an authorization key: the user is the identity (OCPP security profiles 1 and 2)."""
    return None if key is None else (identity, key)


class CreateDeployment(Body):
    """A charger that is to be."""

    identity: Text
    model: Text
    ws_url: str = Url
    ocpp_version: VersionName
    charger_name: Text
    location_id: Text | None = None
    security_profile: _Profile | None = None
    authorization_key: Text | None = None
    connector_type: Text | None = None
    power_kwh: Annotated[Number, Field(gt=0, le=10_000, description="kW of one connector.")] | None = None


class DeploymentCreated(Body):
    """A charger that is being provisioned."""

    id: str
    deployment_id: str
    identity: str
    ocpp_version: str
    provisioning_state: str


class LocationCharger(Body):
    """A charger of a location that is to be."""

    identity: Text
    brand_slug: Text
    model: Text
    connector_type: Text
    ws_url: str = Url
    ocpp_version: VersionName | None = None
    security_profile: _Profile | None = None
    authorization_key: Text | None = None
    charge_point_name: Text | None = None

    def charger(self, location_id: str) -> NewCharger:
        """The same for the fleet."""
        return NewCharger(
            identity=self.identity,
            brand_slug=self.brand_slug,
            model_slug=self.model,
            connector_type=self.connector_type,
            ws_url=self.ws_url,
            ocpp_version=self.ocpp_version or "OCPP1.6",
            name=self.charge_point_name,
            location_id=location_id,
            basic_auth=basic_auth(self.identity, self.authorization_key),
        )


class LatLng(Body):
    """Degrees."""

    lat: Annotated[Number, Field(ge=-90, le=90)]
    lng: Annotated[Number, Field(ge=-180, le=180)]


class CreateLocation(Body):
    """A place that is to be, perhaps with its chargers."""

    name: Text
    address: Text
    city: Text
    country: Annotated[str, Field(pattern=r"^[A-Za-z]{2}$", description="ISO 3166-1 alpha-2.")]
    coordinates: LatLng
    timezone: Text | None = None
    owner_name: Text | None = None
    chargers: list[LocationCharger] | None = None


class Accepted(Body):
    """Something goes on in the background."""

    status: str
    detail: str


class LocationAccepted(Accepted):
    """A location has been created, and something goes on in the background."""

    location_id: str


class RuntimeOperation(Body):
    """What is to be done to one charger, or to those of a location."""

    action: Literal["stop", "restart", "delete"]
    deployment_id: Text | None = None
    location_id: Text | None = None


class RuntimeResult(Body):
    """What became of it at one charger."""

    deployment_id: str
    status: Literal["accepted", "failed"]
    response: dict[str, Any] | None = None
    error: str | None = None


class RuntimeAnswer(Body):
    """What became of it."""

    action: Literal["stop", "restart", "delete"]
    target_type: Literal["deployment", "location"]
    deployment_id: str | None = None
    location_id: str | None = None
    accepted_count: int
    failed_count: int
    results: list[RuntimeResult]


class StageEvent(Body):
    """A step in the life of a charger's runtime."""

    identity: str
    attempt: int
    stage: Stage
    outcome: Literal["in_progress", "succeeded", "failed", "stuck", "recovered"]
    code: str | None = None
    hint: str | None = None
    at: str


class StageStatus(Body):
    """Where a charger's runtime stands."""

    identity: str
    attempt: int
    stage: Stage | None = None
    outcome: Literal["in_progress", "succeeded", "failed", "stuck"] | None = None
    code: str | None = None
    hint: str | None = None
    since: str | None = None
    events: list[StageEvent] | None = None


class StageStatuses(Body):
    """Where several runtimes stand."""

    items: list[StageStatus]


class StageEvents(Body):
    """What has happened to runtimes, the newest first."""

    events: list[StageEvent]


class Window(Body):
    """The time that a diagnosis looks at."""

    since: str
    until: str


class Verdict(Body):
    """What is the matter with a charger, if anything."""

    code: Literal["stopped", "starting", "csms_unreachable", "csms_rejected", "connected", "unknown"]
    severity: Literal["ok", "info", "warning", "error"]
    title: str
    hint: str
    evidence: str | None = None


class Replicas(Body):
    """How many runtimes a charger has: one or none."""

    replicas: int
    ready_replicas: int


class DiagnosticLine(Body):
    """A line about a charger's runtime."""

    ts: str
    level: Literal["debug", "info", "warning", "error", "critical"]
    text: str


class DiagnosticEvent(Body):
    """A step in the life of a charger's runtime."""

    ts: str
    type: str
    reason: str | None = None
    message: str
    count: int


class DiagnosticLines(Body):
    """Lines about a charger's runtime."""

    source: Literal["current", "previous", "history", "none"]
    truncated: bool
    lines: list[DiagnosticLine]


class Diagnostics(Body):
    """What can be said of a charger that does not do what it should."""

    window: Window
    verdict: Verdict
    deployment: Replicas
    pods: list[dict[str, Any]] = Field(description="Always empty: the chargers run in no cluster.")
    events: list[DiagnosticEvent]
    logs: DiagnosticLines
    notes: list[str] | None = None


class Logs(Body):
    """Part of a charger's log."""

    data: list[LogEntry]
    total: int
    limit: int
    offset: int


class LogsCleared(Body):
    """How many entries are gone."""

    status: str
    deleted: int


class Templates(Body):
    """Locations worth copying."""

    count: int
    filters: dict[str, Any]
    templates: list[dict[str, Any]]
