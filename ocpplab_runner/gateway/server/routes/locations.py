"""``/ocpp/locations``."""

from __future__ import annotations

from typing import Any

from fastapi import Response

from ocpplab_runner.gateway.server.access import Caller, TheFleet
from ocpplab_runner.gateway.server.models import locations as bodies
from ocpplab_runner.gateway.server.models.base import Page, page_of
from ocpplab_runner.gateway.server.models.errors import problems
from ocpplab_runner.gateway.server.routes.chargers import PageNumber, PageSize
from ocpplab_runner.web.strict import router

routes = router("/ocpp/locations", "Locations")


@routes.get("", summary="List locations", response_model=Page[bodies.Location], responses=problems())
async def list_locations(organization: Caller, page: PageNumber = 1, limit: PageSize = 50) -> Any:
    """The organization's locations, the oldest first."""
    return page_of([bodies.location_of(one) for one in organization.locations], page, limit)


@routes.post("", summary="Create location", status_code=201, response_model=bodies.Location, responses=problems(400))
async def create_location(body: bodies.CreateLocation, organization: Caller, fleet: TheFleet) -> Any:
    """Create a location; its slug comes from its name."""
    record = organization.locations.create(body.model_dump())
    fleet.commit()
    return bodies.location_of(record)


@routes.get("/{location_id}", summary="Get location", response_model=bodies.Location, responses=problems(404))
async def get_location(location_id: str, organization: Caller) -> Any:
    """A location."""
    return bodies.location_of(organization.locations.get(location_id))


@routes.put("/{location_id}", summary="Update location", response_model=bodies.Location, responses=problems(400, 404))
async def update_location(location_id: str, body: bodies.UpdateLocation, organization: Caller, fleet: TheFleet) -> Any:
    """Change a location; what is left out stays."""
    record = organization.locations.get(location_id)
    organization.locations.update(record, body.model_dump())
    fleet.commit()
    return bodies.location_of(record)


@routes.delete(
    "/{location_id}", summary="Delete location", status_code=204, response_class=Response, responses=problems(404)
)
async def delete_location(location_id: str, organization: Caller, fleet: TheFleet) -> None:
    """Remove a location with its chargers; doing it twice is no mistake."""
    await organization.delete_location(location_id)
    fleet.commit()
