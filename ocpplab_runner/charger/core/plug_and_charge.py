"""How a station of OCPP 1.6 speaks of Plug & Charge: see :mod:`ocpplab_runner.ocppj.plug_and_charge`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ocpplab_runner.charger.config import SECURITY
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.model import Outgoing
from ocpplab_runner.ocppj.plug_and_charge import answered, request, response, wrong_request
from ocpplab_runner.ocppj.records import HandlerResult, Reply

Told = Callable[[Mapping[str, Any]], None]


def enabled(context: Context) -> bool:
    """ISO15118PnCEnabled; a station without the profile Security has no certificates to speak of."""
    return SECURITY in context.config.features and context.variables.boolean("pnc_enabled")


def message(name: str, data: Mapping[str, Any]) -> Outgoing:
    """A message to the CSMS."""
    return Outgoing("DataTransfer", request(name, data))


def post(context: Context, name: str, data: Mapping[str, Any], then: Told | None = None) -> bool:
    """Send a message; False when there is no connection.

    Args:
        context: the station.
        name, data: the message.
        then: gets what its answer says; an answer that says nothing is noted.
    """

    def concluded(payload: Mapping[str, Any]) -> None:
        try:
            told = answered(name, payload)
        except ValueError as error:
            context.note(f"{name}: {error}")
            return
        if then is not None:
            then(told)

    return context.post(message(name, data), concluded)


def answer(
    context: Context, name: str, data: Mapping[str, Any], handle: Callable[[Mapping[str, Any]], HandlerResult]
) -> HandlerResult:
    """Answer a message of the CSMS; while Plug & Charge is off the station does not know it.

    Args:
        context: the station.
        name, data: the message.
        handle: answers it as 2.0.1 has it.
    """
    if not enabled(context):
        return {"status": "UnknownVendorId"}
    wrong = wrong_request(name, data)
    if wrong is not None:
        context.note(f"{name} is not taken: {wrong}")
        return {"status": "Rejected"}
    told = handle(data)
    if isinstance(told, Reply):
        return Reply(response(told.payload), then=told.then)
    return response(told) if isinstance(told, dict) else told
