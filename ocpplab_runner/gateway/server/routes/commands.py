"""``/ocpp/commands``: the 18 commands."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from pydantic import BaseModel

from ocpplab_runner.gateway.server import dispatch
from ocpplab_runner.gateway.server.access import Caller, TheFleet
from ocpplab_runner.gateway.server.commands import Command
from ocpplab_runner.gateway.server.deployment import Deployment
from ocpplab_runner.gateway.server.errors import BadRequest
from ocpplab_runner.gateway.server.fleet import Fleet
from ocpplab_runner.gateway.server.models import commands as bodies
from ocpplab_runner.gateway.server.models.errors import problems
from ocpplab_runner.gateway.server.organization import Organization
from ocpplab_runner.gateway.server.routes.strict import router

routes = router("/ocpp/commands", "Commands")
_REFUSALS = problems(400, 404)
_Handler = TypeVar("_Handler", bound=Callable[..., Coroutine[Any, Any, Any]])


def event_json(event: BaseModel | None) -> dict[str, Any]:
    """An event as it came: JSON, without what was left out."""
    return {} if event is None else event.model_dump(mode="json", exclude_unset=True)


async def _fan_out(
    fleet: Fleet, organization: Organization, command: Command, target: bodies.CommandTarget, event: BaseModel
) -> dict[str, Any]:
    payload = event_json(event)
    charger = None if target.charger_id is None else organization.charger(target.charger_id)
    targets = dispatch.find_targets(
        organization, charger=charger, location_id=target.location_id, only=target.charger_ids
    )
    victims = dispatch.left_out(targets, fleet.settings.pessimism.partial_fanout, fleet.disorder)
    results: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    for deployment in targets.chargers:
        done = await dispatch.perform(deployment, command, payload)
        identity = deployment.record.identity
        if done.status == "refused":
            failed.append({"identity": identity, "error": done.reason})
        else:
            queued = dispatch.queued(deployment, fleet.command_id(), command.value, payload)
            results.append({"charger_id": deployment.id, "identity": identity, "command": queued})
    fleet.commit()
    return dispatch.answer(results, failed, targets.missing, victims)


def _place_answer(deployment: Deployment, event: BaseModel, msg: str, fault_type: str | None) -> dict[str, Any]:
    payload = event_json(event)
    evse_id = payload.get("evse_id", payload.get("connector_id"))
    status = None
    if deployment.runtime is not None and evse_id is not None:
        status = deployment.runtime.charger.status(evse_id).value
    return {
        "msg": msg,
        "fault_type": fault_type,
        "evse_id": payload.get("evse_id"),
        "connector_id": payload.get("connector_id"),
        "status": status,
    }


@routes.post(
    "/proxy-message",
    summary="Proxy OCPP message",
    status_code=202,
    response_model=bodies.QueuedCommand,
    responses=_REFUSALS,
)
async def proxy_message(body: bodies.ProxyMessage, organization: Caller, fleet: TheFleet) -> Any:
    """Let the charger send any OCPP message, past its own state."""
    deployment = organization.charger(body.target.charger_id)
    event = body.event
    await dispatch.must(deployment, Command.PROXY_MESSAGE, event_json(event))
    fleet.commit()
    return dispatch.queued(deployment, fleet.command_id(), event.action, event.payload)


@routes.post(
    "/configuration",
    summary="Set charger configuration",
    response_model=bodies.ConfigurationAnswer,
    responses=_REFUSALS,
)
async def set_configuration(body: bodies.SetConfiguration, organization: Caller, fleet: TheFleet) -> Any:
    """Set configuration keys inside the charger; each takes effect at once or is refused with its reason."""
    deployment = organization.charger(body.target.charger_id)
    wanted = body.event.configuration
    if not wanted:
        raise BadRequest("no configuration key is given")
    configured: list[str] = []
    refused: list[str] = []
    for key, value in wanted.items():
        done = await deployment.perform(Command.SET_CONFIGURATION.value, {"configuration": {key: value}})
        if done.status == "refused":
            refused.append(done.reason)
        else:
            configured.append(key)
    fleet.commit()
    return {
        "status": "Rejected" if refused else "Accepted",
        "configured": configured,
        "msg": "; ".join(refused) or "Configuration changed",
    }


@routes.post(
    "/cache/reset", summary="Reset authorization cache", response_model=bodies.CacheAnswer, responses=_REFUSALS
)
async def reset_auth_cache(body: bodies.ResetCache, organization: Caller, fleet: TheFleet) -> Any:
    """Empty the charger's authorization cache."""
    deployment = organization.charger(body.target.charger_id)
    detail = await dispatch.must(deployment, Command.RESET_AUTH_CACHE, {})
    fleet.commit()
    return {"msg": "Authorization cache cleared", "cleared_entries": detail["cleared_entries"]}


@routes.post(
    "/local-auth-list",
    summary="Send local authorization list",
    response_model=bodies.LocalListAnswer,
    response_model_exclude_none=True,
    responses=_REFUSALS,
)
async def send_local_list(body: bodies.SendLocalList, organization: Caller, fleet: TheFleet) -> Any:
    """Replace the charger's local authorization list; the version must grow."""
    deployment = organization.charger(body.target.charger_id)
    detail = await dispatch.must(deployment, Command.SEND_LOCAL_AUTH_LIST, event_json(body.event))
    fleet.commit()
    return {"status": "Accepted", **detail}


@routes.post(
    "/clear-local-auth-list",
    summary="Clear local authorization list",
    response_model=bodies.LocalListAnswer,
    response_model_exclude_none=True,
    responses=_REFUSALS,
)
async def clear_local_list(body: bodies.ClearLocalList, organization: Caller, fleet: TheFleet) -> Any:
    """Remove every entry of the local authorization list; its version becomes 0."""
    deployment = organization.charger(body.target.charger_id)
    detail = await dispatch.must(deployment, Command.CLEAR_LOCAL_AUTH_LIST, {})
    fleet.commit()
    return {"msg": "Local authorization list cleared", "entries_deleted": detail["entries_deleted"]}


@routes.post("/inject-fault", summary="Inject fault", response_model=bodies.FaultAnswer, responses=_REFUSALS)
async def inject_fault(body: bodies.InjectFault, organization: Caller, fleet: TheFleet) -> Any:
    """Break something in the charger."""
    deployment = organization.charger(body.target.charger_id)
    await dispatch.must(deployment, Command.INJECT_FAULT, event_json(body.event))
    fleet.commit()
    return _place_answer(deployment, body.event, "Fault injected", body.event.fault_type)


@routes.post("/clear-fault", summary="Clear fault", response_model=bodies.FaultAnswer, responses=_REFUSALS)
async def clear_fault(body: bodies.ClearFault, organization: Caller, fleet: TheFleet) -> Any:
    """Repair a connector, or everything when none is named."""
    deployment = organization.charger(body.target.charger_id)
    await dispatch.must(deployment, Command.CLEAR_FAULT, event_json(body.event))
    fleet.commit()
    return _place_answer(deployment, body.event, "Fault cleared", None)


def _fanout_route(path: str, summary: str) -> Callable[[_Handler], _Handler]:
    return routes.post(path, summary=summary, status_code=202, response_model=bodies.FanoutAnswer, responses=_REFUSALS)


@_fanout_route("/plug-connector", "Plug connector")
async def plug_connector(body: bodies.ConnectorCommand, organization: Caller, fleet: TheFleet) -> Any:
    """A driver connects an EV."""
    return await _fan_out(fleet, organization, Command.PLUG_CONNECTOR, body.target, body.event)


@_fanout_route("/unplug-connector", "Unplug connector")
async def unplug_connector(body: bodies.ConnectorCommand, organization: Caller, fleet: TheFleet) -> Any:
    """A driver takes the cable away."""
    return await _fan_out(fleet, organization, Command.UNPLUG_CONNECTOR, body.target, body.event)


@_fanout_route("/unlock-connector", "Unlock connector")
async def unlock_connector(body: bodies.ConnectorCommand, organization: Caller, fleet: TheFleet) -> Any:
    """The lock is released at the charger; a transaction there ends."""
    return await _fan_out(fleet, organization, Command.UNLOCK_CONNECTOR, body.target, body.event)


@_fanout_route("/start-transaction", "Start transaction")
async def start_transaction(body: bodies.StartTransaction, organization: Caller, fleet: TheFleet) -> Any:
    """Begin a transaction without authorizing its card."""
    return await _fan_out(fleet, organization, Command.START_TRANSACTION, body.target, body.event)


@_fanout_route("/stop-transaction", "Stop transaction")
async def stop_transaction(body: bodies.StopTransaction, organization: Caller, fleet: TheFleet) -> Any:
    """End a transaction without asking for a card."""
    return await _fan_out(fleet, organization, Command.STOP_TRANSACTION, body.target, body.event)


@_fanout_route("/start-session", "Start session")
async def start_session(body: bodies.StartSession, organization: Caller, fleet: TheFleet) -> Any:
    """Plug, present the card, start."""
    return await _fan_out(fleet, organization, Command.START_SESSION, body.target, body.event)


@_fanout_route("/stop-session", "Stop session")
async def stop_session(body: bodies.StopSession, organization: Caller, fleet: TheFleet) -> Any:
    """Stop, unplug."""
    return await _fan_out(fleet, organization, Command.STOP_SESSION, body.target, body.event)


@_fanout_route("/authorize-id-tag", "Authorize ID tag")
async def authorize_id_tag(body: bodies.AuthorizeIdTag, organization: Caller, fleet: TheFleet) -> Any:
    """A driver presents a card; the verdict is in the log."""
    return await _fan_out(fleet, organization, Command.AUTHORIZE_ID_TAG, body.target, body.event)


@_fanout_route("/ev-requests-energy", "EV requests energy")
async def ev_requests_energy(body: bodies.ConnectorCommand, organization: Caller, fleet: TheFleet) -> Any:
    """The EV asks for energy."""
    return await _fan_out(fleet, organization, Command.EV_REQUESTS_ENERGY, body.target, body.event)


@_fanout_route("/ev-stops-energy", "EV stops energy")
async def ev_stops_energy(body: bodies.ConnectorCommand, organization: Caller, fleet: TheFleet) -> Any:
    """The EV asks for no more energy."""
    return await _fan_out(fleet, organization, Command.EV_STOPS_ENERGY, body.target, body.event)


@_fanout_route("/power-update", "Power update")
async def power_update(body: bodies.PowerUpdate, organization: Caller, fleet: TheFleet) -> Any:
    """Set what the EV draws."""
    return await _fan_out(fleet, organization, Command.POWER_UPDATE, body.target, body.event)
