"""The ``/ocpp/locations`` routes and the chargers below them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StrictInt

from ocpplab_runner.gateway.server.models.base import INTEGRAL, Body, Flag, Number, Text
from ocpplab_runner.gateway.server.models.chargers import Charger, OcppVersionName, UpdateCharger, Url
from ocpplab_runner.gateway.server.records import LocationRecord

_Country = Annotated[str, Field(pattern=r"^[A-Za-z]{2}$", description="ISO 3166-1 alpha-2.")]


class Coordinates(Body):
    """Degrees."""

    latitude: Annotated[Number, Field(ge=-90, le=90)]
    longitude: Annotated[Number, Field(ge=-180, le=180)]


class CreateLocation(Body):
    """A place that is to be."""

    name: Text
    address: Text
    city: Text
    country: _Country
    coordinates: Coordinates
    timezone: Text | None = None
    owner_name: Text | None = None
    public: Flag | None = None


class UpdateLocation(Body):
    """What changes; what is left out stays."""

    name: Text | None = None
    slug: Text | None = None
    address: Text | None = None
    city: Text | None = None
    country: _Country | None = None
    coordinates: Coordinates | None = None
    timezone: Text | None = None
    owner_name: Text | None = None
    public: Flag | None = None
    status: Text | None = None


class Location(Body):
    """A place with chargers."""

    id: str
    slug: str
    name: str
    address: str
    city: str
    country: str
    coordinates: Coordinates
    timezone: str | None = None
    owner_name: str | None = None
    public: bool
    status: str
    created_at: str
    updated_at: str


class GroupTemplate(Body):
    """What the chargers of a group have in common."""

    brand_slug: Text
    model_slug: Text
    connector_type: Text
    ws_url: str = Url
    ocpp_version: OcppVersionName | None = None
    identity_prefix: Annotated[str, Field(max_length=200)] | None = None
    template_name: Text | None = None


class Group(Body):
    """Chargers of one kind: those whose suffix is given, a number of them, or both."""

    template: GroupTemplate
    charger_ids: list[Text] | None = Field(None, description="Suffixes; an identity is prefix and suffix.")
    chargers_number: Annotated[StrictInt, Field(ge=1, le=10_000), INTEGRAL] | None = None


class UpdateOne(UpdateCharger):
    """What changes of one charger."""

    charger_id: Text


class UpdateMany(Body):
    """What changes of several chargers."""

    chargers: list[UpdateOne]


class ChargerFailure(Body):
    """A charger to which it could not be done."""

    charger_id: str | None = None
    error: str


class UpdatedMany(Body):
    """What became of the changes."""

    updated_count: int
    failed_count: int
    updated: list[Charger]
    failed: list[ChargerFailure]


class DeletedMany(Body):
    """What became of the deletions."""

    deleted_count: int
    failed_count: int
    deleted: list[str]
    failed: list[ChargerFailure]


class JobCreated(Body):
    """Many chargers are being provisioned."""

    job_id: str
    status: str
    status_url: str
    workflow_run_id: str | None = None


class Job(Body):
    """How far a bulk job is."""

    job_id: str
    job_type: str | None = None
    status: str | None = None
    workflow_run_id: str | None = None
    error: dict[str, Any] | None = None
    results: dict[str, Any] | None = None
    provisioned_at: str | None = None


def location_of(record: LocationRecord) -> dict[str, Any]:
    """A location's JSON."""
    data = record.to_json()
    del data["tenant"]
    return data
