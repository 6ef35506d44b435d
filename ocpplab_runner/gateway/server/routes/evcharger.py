"""``/evcharger``: deployments, locations, logs, catalogue and templates."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Response

from ocpplab_runner.gateway.server import catalogue
from ocpplab_runner.gateway.server.access import Caller, TheFleet
from ocpplab_runner.gateway.server.errors import BadRequest
from ocpplab_runner.gateway.server.models import catalog as catalog_bodies
from ocpplab_runner.gateway.server.models import evcharger as bodies
from ocpplab_runner.gateway.server.models.base import Page
from ocpplab_runner.gateway.server.models.errors import problems
from ocpplab_runner.gateway.server.organization import NewCharger
from ocpplab_runner.gateway.server.routes.catalog import TOKEN, list_brands, list_models, model_json
from ocpplab_runner.gateway.server.routes.chargers import PageNumber
from ocpplab_runner.web.strict import router

routes = router("/evcharger", "EV charger")


@routes.post(
    "/deployment",
    summary="Create deployment",
    response_model=bodies.DeploymentCreated,
    responses=problems(400, 503),
)
async def create_deployment(body: bodies.CreateDeployment, organization: Caller, fleet: TheFleet) -> Any:
    """Deploy a charger; its runtime status says when it is online."""
    found = catalogue.find_model(body.model)
    if found is None:
        raise BadRequest(f"there is no model {body.model!r}: see the catalogue")
    brand, model = found
    deployment = organization.create_charger(
        NewCharger(
            identity=body.identity,
            brand_slug=brand.slug,
            model_slug=model.slug,
            connector_type=body.connector_type or model.connector_types[0],
            ws_url=body.ws_url,
            ocpp_version=body.ocpp_version,
            name=body.charger_name,
            location_id=body.location_id,
            basic_auth=bodies.basic_auth(body.identity, body.authorization_key),
            power_w=None if body.power_kwh is None else float(body.power_kwh) * 1000,
        )
    )
    fleet.commit()
    record = deployment.record
    return {
        "id": record.id,
        "deployment_id": record.id,
        "identity": record.identity,
        "ocpp_version": record.ocpp_version.subprotocol,
        "provisioning_state": record.status,
    }


@routes.delete(
    "/deployment",
    summary="Delete deployment",
    status_code=204,
    response_class=Response,
    responses=problems(400, 404),
)
async def delete_deployment(
    organization: Caller, fleet: TheFleet, deployment_id: str | None = None, identity: str | None = None
) -> None:
    """Remove a charger with everything that belongs to it."""
    if (deployment_id is None) == (identity is None):
        raise BadRequest("exactly one of deployment_id and identity names the charger")
    await organization.delete_charger(organization.charger_named(deployment_id=deployment_id, identity=identity))
    fleet.commit()


@routes.post(
    "/location",
    summary="Create location",
    status_code=202,
    response_model=bodies.LocationAccepted,
    responses=problems(400, 503),
)
async def create_location(body: bodies.CreateLocation, organization: Caller, fleet: TheFleet) -> Any:
    """Create a location, and deploy its chargers in the background; one that fails does not keep the others."""
    fleet.require_room(len(body.chargers or ()))
    given = body.model_dump(exclude={"chargers", "coordinates"})
    given["coordinates"] = {"latitude": body.coordinates.lat, "longitude": body.coordinates.lng}
    location = organization.locations.create(given)
    detail = "the location has been created"
    if body.chargers:
        job = organization.create_job(location.id, [one.charger(location.id) for one in body.chargers])
        detail += f", and {len(job.charger_ids)} chargers are being deployed"
        detail += "".join(f"; {failure['identity']}: {failure['error']}" for failure in job.failed)
    fleet.commit()
    return {"status": "accepted", "detail": detail, "location_id": location.id}


@routes.delete(
    "/location",
    summary="Delete location",
    status_code=204,
    response_class=Response,
    responses=problems(404, 409),
)
async def delete_location(
    organization: Caller,
    fleet: TheFleet,
    location_id: Annotated[str, Query(description="Its id, slug or name.")],
) -> None:
    """Remove a location with its chargers."""
    await organization.delete_location(organization.locations.find(location_id).id)
    fleet.commit()


@routes.get("/logs", summary="Get logs", response_model=bodies.Logs, responses=problems(404))
async def get_logs(
    organization: Caller,
    identity: str,
    page: PageNumber = 1,
    page_size: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Any:
    """The charger's OCPP messages, the oldest first."""
    log = organization.charger_named(identity=identity).log
    offset = (page - 1) * page_size
    found = log.page(limit=page_size, offset=offset)
    rows = [
        {"direction": row.direction, "action": row.action, "message": row.message, "timestamp": log.timestamp(row)}
        for row in found.rows
    ]
    return {"data": rows, "total": found.total, "limit": page_size, "offset": offset}


@routes.delete("/logs", summary="Clear logs", response_model=bodies.LogsCleared, responses=problems(404))
async def clear_logs(organization: Caller, fleet: TheFleet, identity: str) -> Any:
    """Forget the charger's OCPP messages."""
    deployment = organization.charger_named(identity=identity)
    count = deployment.log.clear()
    fleet.store.clear_log(deployment.id)
    fleet.commit()
    return {"status": "cleared", "deleted": count}


# The same two lists as in the other generation, without what has no value.
routes.get(
    "/catalog",
    summary="List brands",
    response_model=Page[catalog_bodies.Brand],
    response_model_exclude_none=True,
    responses=problems(),
    dependencies=TOKEN,
)(list_brands)
routes.get(
    "/catalog/{brand_slug}/models",
    summary="List models",
    response_model=Page[catalog_bodies.Model],
    response_model_exclude_none=True,
    responses=problems(404),
    dependencies=TOKEN,
)(list_models)


@routes.get(
    "/catalog/{brand_slug}/models/{model}",
    summary="Get model",
    response_model=catalog_bodies.Model,
    response_model_exclude_none=True,
    responses=problems(404),
    dependencies=TOKEN,
)
async def get_model(brand_slug: str, model: str) -> Any:
    """A model."""
    return model_json(brand_slug, model)


@routes.get(
    "/templates/locations",
    summary="List location templates",
    response_model=bodies.Templates,
    responses=problems(),
    dependencies=TOKEN,
)
async def list_templates(
    ocpp_version: str | None = None,
    ocpi_version: str | None = None,
    connector_type: str | None = None,
    include_all: bool | None = None,
) -> Any:
    """Locations worth copying; none of them has anything to do with OCPI."""
    found = [
        {
            "name": template.name,
            "slug": template.slug,
            "description": template.description,
            "cpo_name": "",
            "cpo_slug": "",
            "party_id": "",
            "ocpp_version": template.ocpp_version.lower(),
            "ocpi_version": "",
            "connector_type": template.groups[0][2],
            "body": {
                "chargers": [
                    {"brand_slug": brand, "model": model, "connector_type": connector, "count": number}
                    for brand, model, connector, number in template.groups
                ]
            },
        }
        for template in catalogue.TEMPLATES
        if ocpp_version is None or template.ocpp_version.lower() == ocpp_version.lower()
        if connector_type is None or connector_type in {group[2] for group in template.groups}
    ]
    filters = {
        "ocpp_version": ocpp_version,
        "ocpi_version": ocpi_version,
        "connector_type": connector_type,
        "include_all": include_all,
    }
    return {"count": len(found), "filters": filters, "templates": found}
