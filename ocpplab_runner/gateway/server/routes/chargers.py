"""``/ocpp/chargers``: create, watch, change, stop and start chargers, and read their logs."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Body, Query, Response

from ocpplab_runner.gateway.server.access import Caller, TheFleet
from ocpplab_runner.gateway.server.deployment import Deployment
from ocpplab_runner.gateway.server.errors import Forbidden, NotFound
from ocpplab_runner.gateway.server.fleet import Fleet
from ocpplab_runner.gateway.server.models import chargers as bodies
from ocpplab_runner.gateway.server.models.base import Moment, Page, page_of, utc
from ocpplab_runner.gateway.server.models.commands import QueuedCommand
from ocpplab_runner.gateway.server.models.errors import problems
from ocpplab_runner.web.strict import router

routes = router("/ocpp/chargers", "Chargers")
PageNumber = Annotated[int, Query(ge=1, le=1_000_000)]
PageSize = Annotated[int, Query(ge=1, le=100)]


@routes.get("", summary="List chargers", response_model=Page[bodies.Charger], responses=problems())
async def list_chargers(
    organization: Caller, location_id: str | None = None, page: PageNumber = 1, limit: PageSize = 50
) -> Any:
    """The organization's chargers, the oldest first."""
    chargers = organization.at_location(location_id)
    listed = page_of(chargers, page, limit)
    return {**listed, "data": [bodies.charger_of(one) for one in listed["data"]]}


@routes.post("", summary="Create charger", status_code=202, response_model=bodies.Created, responses=problems(400, 503))
async def create_charger(body: bodies.CreateCharger, organization: Caller, fleet: TheFleet) -> Any:
    """Create a charger; poll its status until it is READY, then it dials its CSMS."""
    deployment = organization.create_charger(body.charger())
    fleet.commit()
    record = deployment.record
    return {
        "charger_id": record.id,
        "identity": record.identity,
        "status": record.status,
        "workflow_run_id": record.workflow_run_id,
        "status_url": f"/ocpp/chargers/{record.id}/status",
    }


@routes.get(
    "/{charger_id}/status",
    summary="Get provisioning status",
    response_model=bodies.ProvisioningStatus,
    responses=problems(404),
)
async def get_status(charger_id: str, organization: Caller) -> Any:
    """How far provisioning is; READY does not mean connected."""
    record = organization.charger(charger_id).record
    return {
        "charger_id": record.id,
        "status": record.status,
        "workflow_run_id": record.workflow_run_id,
        "error": record.error,
        "provisioned_at": record.provisioned_at,
    }


@routes.get("/{charger_id}", summary="Get charger", response_model=bodies.Charger, responses=problems(404))
async def get_charger(charger_id: str, organization: Caller) -> Any:
    """A charger."""
    return bodies.charger_of(organization.charger(charger_id))


@routes.put("/{charger_id}", summary="Update charger", response_model=bodies.Charger, responses=problems(400, 404))
async def update_charger(charger_id: str, body: bodies.UpdateCharger, organization: Caller, fleet: TheFleet) -> Any:
    """Change a charger; another ``ws_url`` lets it connect there, another version starts it anew."""
    deployment = organization.charger(charger_id)
    await organization.update_charger(deployment, body.model_dump())
    fleet.commit()
    return bodies.charger_of(deployment)


@routes.delete(
    "/{charger_id}", summary="Delete charger", status_code=204, response_class=Response, responses=problems(404)
)
async def delete_charger(charger_id: str, organization: Caller, fleet: TheFleet) -> None:
    """Remove a charger with everything that belongs to it."""
    await organization.delete_charger(organization.charger(charger_id))
    fleet.commit()


def _runtime_answer(fleet: Fleet, deployment: Deployment, event_type: str) -> dict[str, Any]:
    running = not deployment.record.stopped
    fleet.commit()
    return {
        "id": deployment.id,
        "event_type": event_type,
        "ocpp_version": deployment.record.version_name,
        "payload": {
            "provider": "local",
            "runtime_kind": "simulated_charger",
            "service_name": deployment.id,
            "desired_count": int(running),
            "status": "ACTIVE" if running else "INACTIVE",
        },
    }


_Options = Annotated[dict[str, Any] | None, Body(description="Nothing that the local Gateway knows.")]


@routes.post(
    "/{charger_id}/start-charger", summary="Start runtime", response_model=QueuedCommand, responses=problems(404)
)
async def start_charger(charger_id: str, organization: Caller, fleet: TheFleet, options: _Options = None) -> Any:
    """Give the charger its power back: it connects and boots."""
    deployment = organization.charger(charger_id)
    await deployment.start()
    return _runtime_answer(fleet, deployment, "start_charger")


@routes.post(
    "/{charger_id}/stop-charger", summary="Stop runtime", response_model=QueuedCommand, responses=problems(404)
)
async def stop_charger(charger_id: str, organization: Caller, fleet: TheFleet, options: _Options = None) -> Any:
    """Take the charger's power away: the connection drops, and what charges is interrupted."""
    deployment = organization.charger(charger_id)
    await deployment.stop()
    return _runtime_answer(fleet, deployment, "stop_charger")


@routes.post(
    "/{charger_id}/reset-charger", summary="Reset runtime", response_model=QueuedCommand, responses=problems(404)
)
async def reset_charger(charger_id: str, organization: Caller, fleet: TheFleet, options: _Options = None) -> Any:
    """Stop and start."""
    deployment = organization.charger(charger_id)
    await deployment.restart()
    return _runtime_answer(fleet, deployment, "reset_charger")


@routes.get("/{charger_id}/logs", summary="Get logs", response_model=bodies.LogEntries, responses=problems())
async def get_logs(
    charger_id: str,
    organization: Caller,
    start_date: Annotated[Moment | None, Query(description="Inclusive; UTC unless it has a time zone.")] = None,
    end_date: Annotated[Moment | None, Query(description="Inclusive; UTC unless it has a time zone.")] = None,
    event: Annotated[str | None, Query(description="Only this OCPP action.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> Any:
    """The charger's OCPP messages, the oldest first."""
    try:
        log = organization.charger(charger_id).log
    except NotFound as error:
        # The API has no 404 here: what is not the caller's is forbidden.
        raise Forbidden(str(error)) from error
    found = log.page(start=utc(start_date), end=utc(end_date), action=event, limit=limit, offset=offset)
    rows = [
        {"direction": row.direction, "action": row.action, "message": row.message, "timestamp": log.timestamp(row)}
        for row in found.rows
    ]
    return {"data": rows, "total": found.total, "limit": limit, "offset": offset}
