"""``/evcharger/commands``: the 15 commands, and what became of them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, TypeVar

from fastapi import Query
from pydantic import BaseModel

from ocpplab_runner.gateway.server import dispatch
from ocpplab_runner.gateway.server.access import Caller, TheFleet
from ocpplab_runner.gateway.server.commands import Command
from ocpplab_runner.gateway.server.errors import BadRequest, NotFound
from ocpplab_runner.gateway.server.fleet import Fleet
from ocpplab_runner.gateway.server.models import evcharger_commands as bodies
from ocpplab_runner.gateway.server.models.commands import FanoutAnswer
from ocpplab_runner.gateway.server.models.errors import problems
from ocpplab_runner.gateway.server.organization import Organization
from ocpplab_runner.gateway.server.results import CommandRecord
from ocpplab_runner.gateway.server.routes.commands import event_json
from ocpplab_runner.gateway.server.routes.strict import router

routes = router("/evcharger/commands", "EV charger commands")
_Handler = TypeVar("_Handler", bound=Callable[..., Coroutine[Any, Any, Any]])


async def _submit(
    fleet: Fleet, organization: Organization, command: Command, target: bodies.Target, payload: BaseModel | None
) -> dict[str, Any]:
    event = event_json(payload)
    charger = None
    if target.location_id is None:
        charger = organization.charger_named(deployment_id=target.deployment_id, identity=target.identity)
    targets = dispatch.find_targets(
        organization, charger=charger, location_id=target.location_id, only=target.charger_ids
    )
    victims = dispatch.left_out(targets, fleet.settings.pessimism.partial_fanout, fleet.disorder)
    results: list[dict[str, Any]] = []
    for deployment in targets.chargers:
        record = await deployment.results.submit(deployment, fleet.command_id(), command, event)
        queued = dispatch.queued(deployment, record.id, command.value, event)
        results.append({"charger_id": deployment.id, "identity": deployment.record.identity, "command": queued})
    fleet.commit()
    return dispatch.answer(results, [], targets.missing, victims)


def _command(path: str, summary: str) -> Callable[[_Handler], _Handler]:
    return routes.post(
        path, summary=summary, status_code=202, response_model=FanoutAnswer, responses=problems(400, 404, 503)
    )


@_command("/proxy-message", "Proxy OCPP message")
async def proxy_message(body: bodies.ProxyMessage, organization: Caller, fleet: TheFleet) -> Any:
    """Let the charger send any OCPP message; the result holds the CSMS's answer."""
    return await _submit(fleet, organization, Command.PROXY_MESSAGE, body.target, body.payload)


@_command("/configuration", "Change configuration")
async def change_configuration(body: bodies.ChangeConfiguration, organization: Caller, fleet: TheFleet) -> Any:
    """Set one configuration key inside the charger."""
    return await _submit(fleet, organization, Command.SET_CONFIGURATION, body.target, body.payload)


@_command("/cache/reset", "Reset authorization cache")
async def reset_cache(body: bodies.PlainCommand, organization: Caller, fleet: TheFleet) -> Any:
    """Empty the charger's authorization cache."""
    return await _submit(fleet, organization, Command.RESET_AUTH_CACHE, body.target, body.payload)


@_command("/local-auth-list", "Send local authorization list")
async def send_local_list(body: bodies.SendLocalList, organization: Caller, fleet: TheFleet) -> Any:
    """Replace or change the charger's local authorization list."""
    return await _submit(fleet, organization, Command.SEND_LOCAL_AUTH_LIST, body.target, body.payload)


@_command("/clear-local-auth-list", "Clear local authorization list")
async def clear_local_list(body: bodies.PlainCommand, organization: Caller, fleet: TheFleet) -> Any:
    """Remove every entry of the local authorization list."""
    return await _submit(fleet, organization, Command.CLEAR_LOCAL_AUTH_LIST, body.target, body.payload)


@_command("/inject-fault", "Inject fault")
async def inject_fault(body: bodies.InjectFault, organization: Caller, fleet: TheFleet) -> Any:
    """Break something in the charger."""
    return await _submit(fleet, organization, Command.INJECT_FAULT, body.target, body.payload)


@_command("/clear-fault", "Clear fault")
async def clear_fault(body: bodies.ConnectorCommand, organization: Caller, fleet: TheFleet) -> Any:
    """Repair a connector, or everything when none is named."""
    return await _submit(fleet, organization, Command.CLEAR_FAULT, body.target, body.payload)


@_command("/plug-connector", "Plug connector")
async def plug_connector(body: bodies.ConnectorCommand, organization: Caller, fleet: TheFleet) -> Any:
    """A driver connects an EV."""
    return await _submit(fleet, organization, Command.PLUG_CONNECTOR, body.target, body.payload)


@_command("/unplug-connector", "Unplug connector")
async def unplug_connector(body: bodies.ConnectorCommand, organization: Caller, fleet: TheFleet) -> Any:
    """A driver takes the cable away."""
    return await _submit(fleet, organization, Command.UNPLUG_CONNECTOR, body.target, body.payload)


@_command("/start-session", "Start session")
async def start_session(body: bodies.StartSession, organization: Caller, fleet: TheFleet) -> Any:
    """Plug, present the card, start."""
    return await _submit(fleet, organization, Command.START_SESSION, body.target, body.payload)


@_command("/stop-session", "Stop session")
async def stop_session(body: bodies.StopSession, organization: Caller, fleet: TheFleet) -> Any:
    """Stop, unplug."""
    return await _submit(fleet, organization, Command.STOP_SESSION, body.target, body.payload)


@_command("/authorize-id-tag", "Authorize ID tag")
async def authorize_id_tag(body: bodies.AuthorizeIdTag, organization: Caller, fleet: TheFleet) -> Any:
    """A driver presents a card; the result holds the verdict."""
    return await _submit(fleet, organization, Command.AUTHORIZE_ID_TAG, body.target, body.payload)


@_command("/ev-requests-energy", "EV requests energy")
async def ev_requests_energy(body: bodies.ConnectorCommand, organization: Caller, fleet: TheFleet) -> Any:
    """The EV asks for energy."""
    return await _submit(fleet, organization, Command.EV_REQUESTS_ENERGY, body.target, body.payload)


@_command("/ev-stops-energy", "EV stops energy")
async def ev_stops_energy(body: bodies.ConnectorCommand, organization: Caller, fleet: TheFleet) -> Any:
    """The EV asks for no more energy."""
    return await _submit(fleet, organization, Command.EV_STOPS_ENERGY, body.target, body.payload)


@_command("/power-update", "Power update")
async def power_update(body: bodies.PowerUpdate, organization: Caller, fleet: TheFleet) -> Any:
    """Set what the EV draws."""
    return await _submit(fleet, organization, Command.POWER_UPDATE, body.target, body.payload)


def result_of(record: CommandRecord) -> dict[str, Any]:
    """A command result's JSON."""
    data = record.to_json()
    data["command_id"] = data.pop("id")
    return {key: data[key] for key in bodies.CommandResult.model_fields}


@routes.get(
    "",
    summary="List command results",
    response_model=bodies.CommandResults,
    responses=problems(400, 404),
)
async def list_results(
    organization: Caller,
    deployment_id: str | None = None,
    identity: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Any:
    """What became of a charger's commands, the newest first."""
    if (deployment_id is None) == (identity is None):
        raise BadRequest("exactly one of deployment_id and identity names the charger")
    deployment = organization.charger_named(deployment_id=deployment_id, identity=identity)
    return {"data": [result_of(record) for record in deployment.results.newest()[:limit]]}


@routes.get("/{command_id}", summary="Get command result", response_model=bodies.CommandResult, responses=problems(404))
async def get_result(command_id: str, organization: Caller) -> Any:
    """What became of a command; 404 until the charger has received it."""
    for deployment in organization.chargers.values():
        record = deployment.results.get(command_id)
        if record is not None:
            return result_of(record)
    raise NotFound(f"no charger has received a command {command_id!r}")
