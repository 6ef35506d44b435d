"""Cards at a reader, and tokens in the words of EVerest's Auth module: provided, withdrawn, judged again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from ocpplab_runner.authorization.codec import InvalidValueError, from_json
from ocpplab_runner.authorization.types import AuthorizationType, IdToken, ProvidedIdToken
from ocpplab_runner.authorization.validators import id_token, validation_result
from ocpplab_runner.charger.core.block import Command, Fields
from ocpplab_runner.charger.core.command_fields import card, hand_over
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.model import Refused
from ocpplab_runner.charger.core.services.authorization import AUTHORIZATION
from ocpplab_runner.vocabulary.authorization import DEFAULT_TOKEN_TYPE, PROVIDED_TOKEN_TYPES


def provide(context: Context, fields: Fields, raw: bool) -> dict[str, Any]:
    """A token provider hands over a token."""
    data: dict[str, Any] = dict(fields)
    provider = AuthorizationType(data.setdefault("authorization_type", AuthorizationType.RFID.value))
    if provider is AuthorizationType.RFID and "ReaderFailure" in context.equipment.faults:
        raise Refused("the card reader is broken")
    data["id_token"] = _spelled_out(data["id_token"], PROVIDED_TOKEN_TYPES.get(provider.value, DEFAULT_TOKEN_TYPE))
    if data.get("parent_id_token") is not None:
        data["parent_id_token"] = _spelled_out(data["parent_id_token"], "Central")
    try:
        provided = from_json(ProvidedIdToken, data).value
    except InvalidValueError as error:
        raise Refused(str(error)) from None
    breach = None if raw else context.ask(AUTHORIZATION).wrong(provided)
    if breach is not None:
        raise Refused(f"the token does not fit OCPP {context.version.value}: {breach}")
    return hand_over(context, provided)


def _spelled_out(given: Any, kind: str) -> Mapping[str, Any]:
    return {"value": given, "type": kind} if isinstance(given, str) else {"type": kind, **given}


def withdraw(context: Context, fields: Fields, raw: bool) -> dict[str, Any]:
    """Take authorizations back."""
    token: IdToken | None = None
    if fields.get("id_token") is not None:
        try:
            token = id_token(fields["id_token"])
        except InvalidValueError as error:
            raise Refused(str(error)) from None
    return {"result": context.ask(AUTHORIZATION).withdraw_authorization(fields.get("evse_id"), token).value}


def select(context: Context, fields: Fields, raw: bool) -> None:
    """The driver chooses an EVSE."""
    evse = context.equipment.evse(fields["evse_id"])
    if not context.ask(AUTHORIZATION).select(evse):
        raise Refused(f"no token waits for the choice of EVSE {evse.evse_id}")


def update_result(context: Context, fields: Fields, raw: bool) -> None:
    """A validator gives a later verdict on whoever holds an EVSE."""
    evse = context.equipment.evse(fields["evse_id"])
    if not context.ask(AUTHORIZATION).is_held(evse):
        raise Refused(f"nobody holds EVSE {evse.evse_id}")
    try:
        result, expires_in = validation_result(fields["validation_result"])
    except InvalidValueError as error:
        raise Refused(str(error)) from None
    if expires_in is not None:
        result = replace(result, expiry_time=context.time.now() + timedelta(seconds=expires_in))
    context.ask(AUTHORIZATION).later_verdict(evse, result, "validation_result_update")


def present(context: Context, fields: Fields, raw: bool) -> dict[str, Any]:
    """A driver presents a card at the reader, or at the reader of one EVSE."""
    if "ReaderFailure" in context.equipment.faults:
        raise Refused("the card reader is broken")
    token = card(context, fields, raw)
    evse = None if fields.get("evse_id") is None else context.equipment.evse(fields["evse_id"])
    if evse is not None and any("ReaderFailure" in connector.faults for connector in evse.connectors):
        raise Refused(f"the card reader of EVSE {evse.evse_id} is broken")
    provided = ProvidedIdToken(token, connectors=() if evse is None else (evse.evse_id,))
    return hand_over(context, provided)


def reset_cache(context: Context, fields: Fields, raw: bool) -> dict[str, Any]:
    """Empty the authorization cache."""
    return {"cleared_entries": context.ask(AUTHORIZATION).cache.clear()}


COMMANDS: Mapping[str, Command] = {
    "authorize_id_tag": Command(present),
    "provide_token": Command(provide),
    "withdraw_authorization": Command(withdraw),
    "select_evse": Command(select),
    "validation_result_update": Command(update_result),
    "reset_auth_cache": Command(reset_cache),
}
