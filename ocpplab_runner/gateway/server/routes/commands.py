"""The commands of both generations, from one table: ``/ocpp/commands`` and ``/evcharger/commands``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import NoneType
from typing import Annotated, Any, NamedTuple, get_args

from fastapi import APIRouter, Query
from pydantic import BaseModel, create_model

from ocpplab_runner.gateway.server import dispatch
from ocpplab_runner.gateway.server.access import Caller, TheFleet
from ocpplab_runner.gateway.server.commands import Command
from ocpplab_runner.gateway.server.deployment import Deployment
from ocpplab_runner.gateway.server.errors import BadRequest, NotFound
from ocpplab_runner.gateway.server.fleet import Fleet
from ocpplab_runner.gateway.server.models import commands as bodies
from ocpplab_runner.gateway.server.models.base import Body
from ocpplab_runner.gateway.server.models.commands import NoEvent, Place
from ocpplab_runner.gateway.server.models.errors import problems
from ocpplab_runner.gateway.server.organization import Organization
from ocpplab_runner.gateway.server.results import CommandRecord
from ocpplab_runner.web.strict import router

routes = router("/ocpp/commands", "Commands")
evcharger_routes = router("/evcharger/commands", "EV charger commands")


@dataclass(frozen=True, slots=True)
class _Request:
    fleet: Fleet
    organization: Organization
    command: Command
    target: Any
    fields: dict[str, Any]


_Detail = Mapping[str, Any]
#: What is said of a command that a charger has done at once, with the charger's details.
_Words = Callable[[_Request, Deployment, _Detail], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Answer:
    """How a command is answered.

    Attributes:
        target: whom it may name.
        model: of the body; what has no value is left out of it where it is ``sparse``.
        status: of HTTP.
        carry_out: does it and returns the body.
    """

    target: type[BaseModel]
    model: type[BaseModel]
    status: int
    carry_out: Callable[[_Request], Awaitable[dict[str, Any]]]
    sparse: bool = False


async def _queue(request: _Request) -> dict[str, Any]:
    async def take(deployment: Deployment) -> dict[str, Any]:
        await dispatch.perform(deployment, request.command, request.fields)
        return dispatch.queued(deployment, request.fleet.command_id(), request.command.value, request.fields)

    target, charger = request.target, None
    if target.charger_id is not None:
        charger = request.organization.charger(target.charger_id)
    return await dispatch.fan_out(
        request.fleet, request.organization, charger, target.location_id, target.charger_ids, take
    )


async def _submit(request: _Request) -> dict[str, Any]:
    async def take(deployment: Deployment) -> dict[str, Any]:
        record = await deployment.results.submit(
            deployment, request.fleet.command_id(), request.command, request.fields
        )
        return dispatch.queued(deployment, record.id, request.command.value, request.fields)

    target, charger = request.target, None
    if target.location_id is None:
        charger = request.organization.charger_named(deployment_id=target.deployment_id, identity=target.identity)
    return await dispatch.fan_out(
        request.fleet, request.organization, charger, target.location_id, target.charger_ids, take
    )


async def _configure(request: _Request) -> dict[str, Any]:
    deployment, wanted = request.organization.charger(request.target.charger_id), request.fields["configuration"]
    if not wanted:
        raise BadRequest("no configuration key is given")
    configured: list[str] = []
    refused: list[str] = []
    for key, value in wanted.items():
        # One by one: those that are taken stay, and the answer lists them.
        try:
            await dispatch.perform(deployment, request.command, {"configuration": {key: value}})
            configured.append(key)
        except BadRequest as refusal:
            refused.append(str(refusal))
    return {
        "status": "Rejected" if refused else "Accepted",
        "configured": configured,
        "msg": "; ".join(refused) or "Configuration changed",
    }


def _at_once(model: type[BaseModel], words: _Words, status: int = 200, *, sparse: bool = False) -> _Answer:
    async def carry_out(request: _Request) -> dict[str, Any]:
        deployment = request.organization.charger(request.target.charger_id)
        return words(request, deployment, await dispatch.perform(deployment, request.command, request.fields))

    return _Answer(bodies.ChargerTarget, model, status, carry_out, sparse)


def _sent(request: _Request, deployment: Deployment, _: _Detail) -> dict[str, Any]:
    return dispatch.queued(deployment, request.fleet.command_id(), request.fields["action"], request.fields["payload"])


def _saying(**words: str) -> _Words:
    return lambda request, deployment, detail: {**words, **detail}


def _place(msg: str) -> _Words:
    def words(request: _Request, deployment: Deployment, _: _Detail) -> dict[str, Any]:
        evse_id, status = request.fields.get("evse_id", request.fields.get("connector_id")), None
        if deployment.runtime is not None and evse_id is not None:
            status = deployment.runtime.charger.status(evse_id).value
        where = {key: request.fields.get(key) for key in ("fault_type", "evse_id", "connector_id")}
        return {"msg": msg, **where, "status": status}

    return words


_QUEUED = _Answer(bodies.CommandTarget, bodies.FanoutAnswer, 202, _queue)
_SUBMITTED = _Answer(bodies.Target, bodies.FanoutAnswer, 202, _submit)
_SENT = _at_once(bodies.QueuedCommand, _sent, 202)
_CONFIGURED = _Answer(bodies.ChargerTarget, bodies.ConfigurationAnswer, 200, _configure)
_CACHE = _at_once(bodies.CacheAnswer, _saying(msg="Authorization cache cleared"))
_LIST_SENT = _at_once(bodies.LocalListAnswer, _saying(status="Accepted"), sparse=True)
_LIST_CLEARED = _at_once(bodies.LocalListAnswer, _saying(msg="Local authorization list cleared"), sparse=True)
_FAULT_INJECTED = _at_once(bodies.FaultAnswer, _place("Fault injected"))
_FAULT_CLEARED = _at_once(bodies.FaultAnswer, _place("Fault cleared"))


class _Row(NamedTuple):
    """A command.

    Attributes:
        command: what the charger does.
        summary: of the OpenAPI document; ``description``, too.
        answer: of ``/ocpp/commands``; ``/evcharger/commands`` takes every command for whomever it names.
        event: what ``/ocpp/commands`` takes.
        payload: what ``/evcharger/commands`` takes; None where that generation has no such command.
        path: where it is not the command's name.
    """

    command: Command
    summary: str
    description: str
    answer: _Answer
    event: Any
    payload: Any
    path: str | None = None


_TABLE = (
    _Row(
        Command.PROXY_MESSAGE,
        "Proxy OCPP message",
        "Let the charger send any OCPP message, past its own state.",
        _SENT,
        bodies.ProxyEvent,
        bodies.ProxyPayload,
    ),
    _Row(
        Command.SET_CONFIGURATION,
        "Set charger configuration",
        "Set configuration inside the charger; a key takes effect at once or is refused with its reason.",
        _CONFIGURED,
        bodies.ConfigurationEvent,
        bodies.ConfigurationPayload,
        "configuration",
    ),
    _Row(
        Command.RESET_AUTH_CACHE,
        "Reset authorization cache",
        "Empty the charger's authorization cache.",
        _CACHE,
        NoEvent | None,
        NoEvent | None,
        "cache/reset",
    ),
    _Row(
        Command.SEND_LOCAL_AUTH_LIST,
        "Send local authorization list",
        "Bring the charger a local authorization list; a whole one needs a greater version than the last.",
        _LIST_SENT,
        bodies.LocalListEvent,
        bodies.LocalListPayload,
        "local-auth-list",
    ),
    _Row(
        Command.CLEAR_LOCAL_AUTH_LIST,
        "Clear local authorization list",
        "Remove every entry of the local authorization list; its version becomes 0.",
        _LIST_CLEARED,
        NoEvent | None,
        NoEvent | None,
    ),
    _Row(
        Command.INJECT_FAULT,
        "Inject fault",
        "Break something in the charger.",
        _FAULT_INJECTED,
        bodies.FaultEvent,
        bodies.FaultEvent,
    ),
    _Row(
        Command.CLEAR_FAULT,
        "Clear fault",
        "Repair a connector, or everything when none is named.",
        _FAULT_CLEARED,
        Place,
        Place | None,
    ),
    _Row(Command.PLUG_CONNECTOR, "Plug connector", "A driver connects an EV.", _QUEUED, Place, Place | None),
    _Row(Command.UNPLUG_CONNECTOR, "Unplug connector", "A driver takes the cable away.", _QUEUED, Place, Place | None),
    _Row(
        Command.UNLOCK_CONNECTOR,
        "Unlock connector",
        "The lock is released at the charger; a transaction there ends.",
        _QUEUED,
        Place,
        None,
    ),
    _Row(
        Command.START_TRANSACTION,
        "Start transaction",
        "Begin a transaction without authorizing its card.",
        _QUEUED,
        bodies.TransactionStartEvent,
        None,
    ),
    _Row(
        Command.STOP_TRANSACTION,
        "Stop transaction",
        "End a transaction without asking for a card.",
        _QUEUED,
        bodies.TransactionStopEvent,
        None,
    ),
    _Row(
        Command.START_SESSION,
        "Start session",
        "Plug, present the card, start.",
        _QUEUED,
        bodies.SessionStartEvent,
        bodies.SessionStartEvent,
    ),
    _Row(
        Command.STOP_SESSION,
        "Stop session",
        "Stop, unplug.",
        _QUEUED,
        bodies.SessionStopEvent,
        bodies.SessionStopEvent | None,
    ),
    _Row(
        Command.AUTHORIZE_ID_TAG,
        "Authorize ID tag",
        "A driver presents a card; the verdict is in the log.",
        _QUEUED,
        bodies.CardEvent,
        bodies.CardPayload,
    ),
    _Row(Command.EV_REQUESTS_ENERGY, "EV requests energy", "The EV asks for energy.", _QUEUED, Place, Place | None),
    _Row(Command.EV_STOPS_ENERGY, "EV stops energy", "The EV asks for no more energy.", _QUEUED, Place, Place | None),
    _Row(Command.POWER_UPDATE, "Power update", "Set what the EV draws.", _QUEUED, bodies.PowerEvent, bodies.PowerEvent),
)


def _add(
    to: APIRouter, row: _Row, kind: str, key: str, fields: Any, answer: _Answer, refusals: tuple[int, ...]
) -> None:
    """Add the route of a command.

    Args:
        to: the routes of its generation.
        row: the command.
        kind: before the name of its body, which is unique in the OpenAPI document.
        key: of its fields in the body.
        fields: their type.
        answer: how it is answered.
        refusals: the HTTP statuses of refusals that the document names.
    """
    name, path = row.command.value, row.path or row.command.value.replace("_", "-")
    definition: dict[str, Any] = {key: (fields, None if NoneType in get_args(fields) else ...)}
    body_model = create_model(
        kind + name.title().replace("_", ""),
        __base__=Body,
        __doc__=f"Body of {path}.",
        target=(answer.target, ...),
        **definition,
    )

    async def endpoint(body: Any, organization: Caller, fleet: TheFleet) -> Any:
        event = getattr(body, key)
        # What was left out is not in the echo, either.
        given = {} if event is None else event.model_dump(mode="json", exclude_unset=True)
        answered = await answer.carry_out(_Request(fleet, organization, row.command, body.target, given))
        fleet.commit()
        return answered

    # Where FastAPI looks for it: a model that is made here has no name that an annotation could hold.
    endpoint.__annotations__["body"] = body_model
    to.add_api_route(
        f"/{path}",
        endpoint,
        methods=["POST"],
        name=name,
        summary=row.summary,
        description=row.description,
        status_code=answer.status,
        response_model=answer.model,
        response_model_exclude_none=answer.sparse,
        responses=problems(*refusals),
    )


for _row in _TABLE:
    _add(routes, _row, "", "event", _row.event, _row.answer, (400, 404))
    if _row.payload is not None:
        _add(evcharger_routes, _row, "Evcharger", "payload", _row.payload, _SUBMITTED, (400, 404, 503))


def result_of(record: CommandRecord) -> dict[str, Any]:
    """A command result's JSON."""
    data = record.to_json()
    data["command_id"] = data.pop("id")
    return {key: data[key] for key in bodies.CommandResult.model_fields}


@evcharger_routes.get(
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


@evcharger_routes.get(
    "/{command_id}", summary="Get command result", response_model=bodies.CommandResult, responses=problems(404)
)
async def get_result(command_id: str, organization: Caller) -> Any:
    """What became of a command; 404 until the charger has received it."""
    for deployment in organization.chargers.values():
        record = deployment.results.get(command_id)
        if record is not None:
            return result_of(record)
    raise NotFound(f"no charger has received a command {command_id!r}")
