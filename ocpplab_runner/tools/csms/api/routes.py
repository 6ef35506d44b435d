"""The routes: stations, what they can be asked for, what the CSMS can be told, and what was said."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

import orjson
from fastapi import Body, Query, Response
from pydantic import BeforeValidator

from ocpplab_runner import __version__
from ocpplab_runner.csms import NothingToOperateOn, OperationNotAvailable, StationNotConnected
from ocpplab_runner.ocppj.frames import CallError
from ocpplab_runner.ocppj.records import CallFailed, InvalidMessage, SentCall
from ocpplab_runner.tools.csms.api.access import Program
from ocpplab_runner.tools.csms.api.bodies import (
    OPERATION_VERBS,
    VERBS,
    BadBody,
    body_schema,
    case_schema,
    check,
    reply_schema,
)
from ocpplab_runner.tools.csms.api.errors import Refusal
from ocpplab_runner.tools.csms.api.rows import station_row
from ocpplab_runner.web.strict import router

routes = router("", "CSMS")
stations = router("/stations", "Stations")
operations = router("/stations/{identity}", "Operations")
telling = router("", "What the CSMS knows and answers")
#: Seconds that a request may wait for a station's answer.
_LONGEST_WAIT = 120.0

Wait = Annotated[
    float,
    Query(
        ge=0, le=_LONGEST_WAIT, description="Seconds to wait for the station's answer, which then stands in this one."
    ),
]
Raw = Annotated[bool, Query(description="Send a payload that breaks its schema all the same.")]


def _as_json(body: Any) -> Any:
    """What FastAPI leaves as bytes, since the caller does not say that it is JSON: curl says it is a form."""
    if isinstance(body, bytes):
        return orjson.loads(body) if body.strip() else None
    return body


Fields = Annotated[Any, Body(), BeforeValidator(_as_json)]


def _body(schema: Mapping[str, Any], example: Any = None, *, required: bool = True) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": schema}
    if example is not None:
        content["example"] = example
    return {"requestBody": {"required": required, "content": {"application/json": content}}}


@routes.get("/health", summary="Health", response_model=dict[str, str])
async def health() -> dict[str, str]:
    """Whether the CSMS runs."""
    return {"status": "ok", "version": __version__}


@stations.get("", summary="Every station that has connected, or has been told something")
async def list_stations(program: Program) -> list[dict[str, Any]]:
    """Whether each is connected, its OCPP version, registration and running transactions."""
    return [station_row(program, station) for station in program.csms.stations.values()]


@stations.get("/{identity}", summary="One station")
async def show_station(program: Program, identity: str) -> dict[str, Any]:
    """The same of one, and what it has done against the protocol."""
    station = program.csms.stations.get(identity)
    if station is None:
        raise Refusal(404, f"no station {identity!r} has connected")
    return {**station_row(program, station), "violations": program.violations_of(identity)}


@routes.get("/messages", summary="Calls with their answers, the latest last", tags=["Messages"])
async def list_messages(
    program: Program, station: str | None = None, after: int = 0, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> list[dict[str, Any]]:
    """Each with its latency; of one station where that is named, and only those numbered above ``after``."""
    found = [
        exchange for exchange in program.history if exchange.number > after and station in (None, exchange.station)
    ]
    return [program.exchange_row(exchange) for exchange in found[-limit:]]


def _operation(name: str) -> None:
    spec = VERBS[name]

    async def operate(
        program: Program, response: Response, identity: str, fields: Fields = None, wait: Wait = 0.0, raw: Raw = False
    ) -> dict[str, Any]:
        given = {} if fields is None else fields
        _checked(body_schema(name), given)
        try:
            sent = program.csms.operate(identity, name, given, raw=raw)
        except OperationNotAvailable as error:
            raise Refusal(501, str(error)) from error
        except (StationNotConnected, NothingToOperateOn) as error:
            raise Refusal(409, str(error)) from error
        except (InvalidMessage, ValueError) as error:
            raise Refusal(400, f"{name}: {error}") from error
        return await _told(sent, wait, response)

    operate.__doc__ = spec.description or spec.summary
    operations.post(
        f"/{name}",
        name=name,
        summary=spec.summary.rstrip("."),
        status_code=202,
        openapi_extra=_body(body_schema(name), required=False),
    )(operate)


for _name in OPERATION_VERBS:
    _operation(_name)


@operations.post(
    "/csms_call",
    summary=VERBS["csms_call"].summary.rstrip("."),
    status_code=202,
    openapi_extra=_body(body_schema("csms_call")),
)
async def csms_call(
    program: Program, response: Response, identity: str, fields: Fields, wait: Wait = 0.0, raw: Raw = False
) -> dict[str, Any]:
    """Its payload is checked against the schema of the station's OCPP version, unless it is raw."""
    _checked(body_schema("csms_call"), fields)
    try:
        sent = program.csms.call(identity, fields["action"], fields.get("payload", {}), raw=raw)
    except StationNotConnected as error:
        raise Refusal(409, str(error)) from error
    except (InvalidMessage, ValueError) as error:
        raise Refusal(400, str(error)) from error
    return await _told(sent, wait, response)


@telling.post(
    "/stations/{identity}/csms_reply",
    summary=VERBS["csms_reply"].summary.rstrip("."),
    status_code=204,
    openapi_extra=_body(reply_schema(), {"to": "Authorize", "error": "GenericError", "times": 2}),
)
async def csms_reply(program: Program, identity: str, fields: Fields) -> None:
    """Rules are taken in the order in which they are given; a station need not be connected."""
    _checked(reply_schema(), fields)
    try:
        program.csms.program(identity, fields)
    except ValueError as error:
        raise Refusal(400, str(error)) from error


@telling.post(
    "/cards",
    summary="Change what the CSMS knows of cards",
    status_code=204,
    openapi_extra=_body(body_schema("update_id_tokens"), {"CARD-1": "Blocked"}),
)
async def update_cards(program: Program, fields: Fields, station: str | None = None) -> None:
    """From now on, for every station that was given nothing of its own, or for one and those that share with it."""
    _checked(body_schema("update_id_tokens"), fields)
    try:
        for card, data in fields.items():
            program.csms.set_id_token(card, data, identity=station)
    except ValueError as error:
        raise Refusal(400, str(error)) from error


@telling.post(
    "/signing",
    summary="How requests for certificates are met from now on",
    status_code=204,
    openapi_extra=_body(body_schema("sign_certificates"), {"how": "by_another_ca"}),
)
async def sign_certificates(program: Program, fields: Fields, station: str | None = None) -> None:
    """Those of every station that was given nothing of its own, or of one and those that share with it."""
    _checked(body_schema("sign_certificates"), fields)
    program.csms.sign_certificates(fields["how"], identity=station)


@telling.put("/case", summary="Begin anew for some stations", status_code=204, openapi_extra=_body(case_schema()))
async def begin_case(program: Program, fields: Fields) -> None:
    """They share cards, answers and transactions of their own from now on, as ``given.csms`` of a scenario says.

    What was programmed for them, and what they have done, is forgotten; connections stay.
    """
    _checked(case_schema(), fields)
    try:
        program.give(fields["stations"], fields.get("csms", {}), own_heartbeat=fields.get("own_heartbeat", ()))
    except ValueError as error:
        raise Refusal(400, str(error)) from error


def _checked(schema: dict[str, Any], body: Any) -> None:
    try:
        check(schema, body)
    except BadBody as error:
        raise Refusal(400, str(error)) from error


async def _told(sent: SentCall, wait: float, response: Response) -> dict[str, Any]:
    told: dict[str, Any] = {"message_id": sent.message_id, "action": sent.action}
    if not wait:
        return told
    try:
        async with asyncio.timeout(wait):
            # Only the waiting ends with the time: a call that is still queued would be taken out with its future.
            answer = await asyncio.shield(sent.future)
    except TimeoutError:
        return told
    except CallFailed as error:
        response.status_code = 200
        return {**told, "failed": str(error)}
    response.status_code = 200
    if isinstance(answer, CallError):
        return {**told, "error": {"code": answer.code, "description": answer.description}}
    return {**told, "answer": answer.payload}
