"""``/ocpp/locations/{location_id}/chargers``: many chargers at once."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query

from ocpplab_runner.gateway.server.access import Caller, TheFleet
from ocpplab_runner.gateway.server.errors import BadRequest, NotFound
from ocpplab_runner.gateway.server.models import locations as bodies
from ocpplab_runner.gateway.server.models.base import Page, page_of
from ocpplab_runner.gateway.server.models.chargers import Charger, charger_of
from ocpplab_runner.gateway.server.models.errors import problems
from ocpplab_runner.gateway.server.organization import NewCharger, Organization
from ocpplab_runner.gateway.server.records import Provisioning
from ocpplab_runner.gateway.server.routes.chargers import PageNumber, PageSize
from ocpplab_runner.web.strict import router

routes = router("/ocpp/locations/{location_id}/chargers", "Location chargers")
_ALL: list[str] = []
_Ids = Annotated[list[str], Query(description="Deployment ids; may be repeated.")]


@routes.get("", summary="List location chargers", response_model=Page[Charger], responses=problems(400, 404))
async def list_chargers(
    location_id: str,
    organization: Caller,
    page: PageNumber = 1,
    limit: PageSize = 50,
    charger_ids: Annotated[list[str], Query(description="Only these deployment ids; all without one.")] = _ALL,
) -> Any:
    """The chargers of a location, the oldest first."""
    organization.locations.get(location_id)
    chargers = organization.at_location(location_id)
    if charger_ids:
        chargers = [one for one in chargers if one.id in charger_ids]
    listed = page_of(chargers, page, limit)
    return {**listed, "data": [charger_of(one) for one in listed["data"]]}


@routes.post(
    "",
    summary="Create location chargers",
    status_code=202,
    response_model=bodies.JobCreated,
    responses=problems(400, 404, 503),
)
async def create_chargers(location_id: str, body: list[bodies.Group], organization: Caller, fleet: TheFleet) -> Any:
    """Create many chargers in one job; poll it until it is READY."""
    organization.locations.get(location_id)
    wanted: list[NewCharger] = []
    for group in body:
        if group.charger_ids is None and group.chargers_number is None:
            raise BadRequest("a group needs charger_ids, chargers_number or both")
        fleet.require_room(max(len(group.charger_ids or ()), group.chargers_number or 0))
        wanted += _chargers(organization, group, location_id)
    if not wanted:
        raise BadRequest("no charger is asked for")
    job = organization.create_job(location_id, wanted)
    fleet.commit()
    return {
        "job_id": job.id,
        "status": Provisioning.PENDING.value,
        "status_url": f"/ocpp/locations/{location_id}/chargers/jobs/{job.id}",
        "workflow_run_id": job.workflow_run_id,
    }


def _chargers(organization: Organization, group: bodies.Group, location_id: str) -> list[NewCharger]:
    template = group.template
    return [
        NewCharger(
            identity=f"{template.identity_prefix or ''}{suffix}",
            brand_slug=template.brand_slug,
            model_slug=template.model_slug,
            connector_type=template.connector_type,
            ws_url=template.ws_url,
            ocpp_version=template.ocpp_version or "OCPP1.6",
            name=template.template_name,
            location_id=location_id,
        )
        for suffix in organization.suffixes(group.charger_ids, group.chargers_number)
    ]


@routes.put("", summary="Update location chargers", response_model=bodies.UpdatedMany, responses=problems(400, 404))
async def update_chargers(location_id: str, body: bodies.UpdateMany, organization: Caller, fleet: TheFleet) -> Any:
    """Change several chargers; each change stands for itself."""
    organization.locations.get(location_id)
    updated: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    for change in body.chargers:
        try:
            deployment = _at(organization, location_id, change.charger_id)
            await organization.update_charger(deployment, change.model_dump(exclude={"charger_id"}))
            updated.append(charger_of(deployment))
        except (BadRequest, NotFound) as error:
            failed.append({"charger_id": change.charger_id, "error": str(error)})
    fleet.commit()
    return {"updated_count": len(updated), "failed_count": len(failed), "updated": updated, "failed": failed}


@routes.delete("", summary="Delete location chargers", response_model=bodies.DeletedMany, responses=problems(400, 404))
async def delete_chargers(location_id: str, charger_ids: _Ids, organization: Caller, fleet: TheFleet) -> Any:
    """Remove several chargers; each removal stands for itself."""
    organization.locations.get(location_id)
    deleted: list[str] = []
    failed: list[dict[str, Any]] = []
    for charger_id in dict.fromkeys(charger_ids):
        try:
            await organization.delete_charger(_at(organization, location_id, charger_id))
            deleted.append(charger_id)
        except NotFound as error:
            failed.append({"charger_id": charger_id, "error": str(error)})
    fleet.commit()
    return {"deleted_count": len(deleted), "failed_count": len(failed), "deleted": deleted, "failed": failed}


@routes.get("/jobs/{job_id}", summary="Get bulk job", response_model=bodies.Job, responses=problems(404))
async def get_job(location_id: str, job_id: str, organization: Caller) -> Any:
    """How far a bulk job is."""
    organization.locations.get(location_id)
    job = organization.job(location_id, job_id)
    status = organization.job_status(job)
    members = [one.record for one in organization.job_members(job)]
    created = [
        {"charger_id": record.id, "identity": record.identity, "status": record.status}
        for record in members
        if record.status != Provisioning.FAILED
    ]
    broken = [
        {"charger_id": record.id, "identity": record.identity, "error": (record.error or {}).get("message", "")}
        for record in members
        if record.status == Provisioning.FAILED
    ]
    done = status in (Provisioning.READY, Provisioning.FAILED)
    moments = [record.provisioned_at for record in members if record.provisioned_at is not None]
    error = {"code": "no_charger_created", "message": "no charger of this job could be created", "retryable": False}
    return {
        "job_id": job.id,
        "job_type": "create_chargers",
        "status": status,
        "workflow_run_id": job.workflow_run_id,
        "error": error if status == Provisioning.FAILED else None,
        "results": {"created": created, "failed": [*job.failed, *broken]},
        "provisioned_at": max(moments) if done and moments else None,
    }


def _at(organization: Organization, location_id: str, charger_id: str) -> Any:
    deployment = organization.charger(charger_id)
    if deployment.record.location_id != location_id:
        raise NotFound(f"the location has no charger {charger_id!r}")
    return deployment
