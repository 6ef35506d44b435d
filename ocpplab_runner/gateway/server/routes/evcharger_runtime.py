"""``/evcharger/deployment-runtime-ops``: stop, restart and delete runtimes, and see where they stand."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import Query, Response

from ocpplab_runner import clock
from ocpplab_runner.gateway.server.access import Caller, TheFleet
from ocpplab_runner.gateway.server.deployment import Deployment
from ocpplab_runner.gateway.server.diagnosis import diagnose
from ocpplab_runner.gateway.server.errors import BadRequest
from ocpplab_runner.gateway.server.models import evcharger as bodies
from ocpplab_runner.gateway.server.models.base import Moment, utc
from ocpplab_runner.gateway.server.models.errors import problems
from ocpplab_runner.gateway.server.organization import Organization
from ocpplab_runner.gateway.server.records import StageEvent
from ocpplab_runner.web.strict import router

routes = router("/evcharger/deployment-runtime-ops", "EV charger runtimes")
#: What the API's diagnostics look at is no longer.
_LONGEST_WINDOW = timedelta(hours=6)
_ALERTS = ("failed", "stuck", "recovered")


@routes.post(
    "",
    summary="Operate runtimes",
    response_model=bodies.RuntimeAnswer,
    responses={
        **problems(400, 404),
        202: {"model": bodies.Accepted, "description": "Of a location: it has been done, see the status"},
    },
)
async def operate(body: bodies.RuntimeOperation, organization: Caller, fleet: TheFleet, response: Response) -> Any:
    """Stop, restart or delete a charger's runtime, or those of a location."""
    if (body.deployment_id is None) == (body.location_id is None):
        raise BadRequest("exactly one of deployment_id and location_id names the target")
    if body.deployment_id is not None:
        deployment = organization.charger(body.deployment_id)
        await _operate(organization, deployment, body.action)
        fleet.commit()
        return {
            "action": body.action,
            "target_type": "deployment",
            "deployment_id": deployment.id,
            "accepted_count": 1,
            "failed_count": 0,
            "results": [{"deployment_id": deployment.id, "status": "accepted", "response": {"runtime": "local"}}],
        }
    location = organization.locations.get(body.location_id or "")
    chargers = organization.at_location(location.id)
    for deployment in chargers:
        await _operate(organization, deployment, body.action)
    fleet.commit()
    accepted = bodies.Accepted(status="accepted", detail=f"{body.action}: {len(chargers)} chargers")
    return Response(accepted.model_dump_json(), 202, media_type="application/json")


async def _operate(organization: Organization, deployment: Deployment, action: str) -> None:
    if action == "stop":
        await deployment.stop()
    elif action == "restart":
        await deployment.restart()
    else:
        await organization.delete_charger(deployment)


def _event(event: StageEvent) -> dict[str, Any]:
    return event.to_json()


@routes.get("/status", summary="Get runtime status", response_model=bodies.StageStatuses, responses=problems())
async def get_status(
    organization: Caller,
    identity: Annotated[list[str], Query(min_length=1, max_length=100, description="May be repeated.")],
    events: bool = False,
) -> Any:
    """Where the runtimes of chargers stand; an unknown identity is not deployed."""
    items: list[dict[str, Any]] = []
    known = {one.record.identity: one for one in organization.chargers.values()}
    for name in dict.fromkeys(identity):
        deployment = known.get(name)
        if deployment is None:
            items.append({"identity": name, "attempt": 0, "stage": "not_deployed"})
            continue
        stage, outcome, code, hint = deployment.stage()
        items.append(
            {
                "identity": name,
                "attempt": deployment.record.attempt,
                "stage": stage,
                "outcome": outcome,
                "code": code,
                "hint": hint,
                "since": deployment.events[-1].at,
                "events": [_event(event) for event in deployment.events] if events else None,
            }
        )
    return {"items": items}


@routes.get("/events", summary="List runtime events", response_model=bodies.StageEvents, responses=problems())
async def list_events(
    organization: Caller,
    since: Moment | None = None,
    outcome: Literal["failed", "stuck", "recovered", "alerts", "all"] = "alerts",
    identity: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Any:
    """What has happened to runtimes, the newest first."""
    start = "" if since is None else clock.timestamp(utc(since))
    wanted = _ALERTS if outcome == "alerts" else (outcome,)
    found = [
        event
        for deployment in organization.chargers.values()
        if identity is None or deployment.record.identity == identity
        for event in deployment.events
        if event.at >= start and (outcome == "all" or event.outcome in wanted)
    ]
    found.reverse()  # of two at the same time the later one comes first
    found.sort(key=lambda event: event.at, reverse=True)
    return {"events": [_event(event) for event in found[:limit]]}


@routes.get(
    "/diagnostics", summary="Diagnose a charger", response_model=bodies.Diagnostics, responses=problems(400, 404)
)
async def get_diagnostics(
    organization: Caller,
    deployment_id: str,
    since: Moment | None = None,
    until: Moment | None = None,
    level: Literal["debug", "info", "warning", "error", "critical"] | None = None,
    tail_lines: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Any:
    """What can be said of a charger that does not do what it should: its stages, not a cluster's."""
    deployment = organization.charger(deployment_id)
    end = utc(until) or clock.utcnow()
    try:
        start = utc(since) or end - timedelta(hours=1)
        too_long = end - start > _LONGEST_WINDOW
    except OverflowError as error:
        raise BadRequest("until lies before all time") from error
    if start > end or too_long:
        raise BadRequest("the window ends after it begins, and is at most 6 hours long")
    return diagnose(deployment, start, end, level=level, tail=tail_lines)
