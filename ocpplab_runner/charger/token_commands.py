"""Tokens at a station in the words of EVerest's Auth module: its providers, withdrawal, choice and later verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ocpplab_runner.authorization.codec import InvalidValueError, from_json
from ocpplab_runner.authorization.types import AuthorizationType, IdToken, ProvidedIdToken
from ocpplab_runner.authorization.validators import id_token, validation_result
from ocpplab_runner.charger.command_fields import Command, Fields, hand_over
from ocpplab_runner.charger.model import Refused
from ocpplab_runner.ocppj.validation import validate_request
from ocpplab_runner.vocabulary.authorization import DEFAULT_TOKEN_TYPE, PROVIDED_TOKEN_TYPES

if TYPE_CHECKING:
    from ocpplab_runner.charger.station import SimulatedCharger


def provide(station: SimulatedCharger, fields: Fields, raw: bool) -> dict[str, Any]:
    """A token provider hands over a token."""
    data: dict[str, Any] = dict(fields)
    provider = AuthorizationType(data.setdefault("authorization_type", AuthorizationType.RFID.value))
    if provider is AuthorizationType.RFID and "ReaderFailure" in station.faults:
        raise Refused("the card reader is broken")
    data["id_token"] = _spelled_out(data["id_token"], PROVIDED_TOKEN_TYPES.get(provider.value, DEFAULT_TOKEN_TYPE))
    if data.get("parent_id_token") is not None:
        data["parent_id_token"] = _spelled_out(data["parent_id_token"], "Central")
    try:
        provided = from_json(ProvidedIdToken, data).value
    except InvalidValueError as error:
        raise Refused(str(error)) from None
    outgoing = station.dialect.authorize(provided.id_token, provided)
    violation = None if raw else validate_request(station.version, outgoing.action, dict(outgoing.payload))
    if violation is not None:
        raise Refused(f"the token does not fit OCPP {station.version.value}: {violation}")
    return hand_over(station, provided)


def _spelled_out(given: Any, kind: str) -> Mapping[str, Any]:
    return {"value": given, "type": kind} if isinstance(given, str) else {"type": kind, **given}


def withdraw(station: SimulatedCharger, fields: Fields, raw: bool) -> dict[str, Any]:
    """Take authorizations back."""
    token: IdToken | None = None
    if fields.get("id_token") is not None:
        try:
            token = id_token(fields["id_token"])
        except InvalidValueError as error:
            raise Refused(str(error)) from None
    return {"result": station.cards.withdraw_authorization(fields.get("evse_id"), token).value}


def select(station: SimulatedCharger, fields: Fields, raw: bool) -> None:
    """The driver chooses an EVSE."""
    evse = station.evse(fields["evse_id"])
    if not station.cards.select(evse):
        raise Refused(f"no token waits for the choice of EVSE {evse.evse_id}")


def update_result(station: SimulatedCharger, fields: Fields, raw: bool) -> None:
    """A validator gives a later verdict on whoever holds an EVSE."""
    evse = station.evse(fields["evse_id"])
    if not station.cards.is_held(evse):
        raise Refused(f"nobody holds EVSE {evse.evse_id}")
    try:
        result, expires_in = validation_result(fields["validation_result"])
    except InvalidValueError as error:
        raise Refused(str(error)) from None
    if expires_in is not None:
        result = replace(result, expiry_time=station.time.now() + timedelta(seconds=expires_in))
    station.cards.later_verdict(evse, result, "validation_result_update")


TOKEN_COMMANDS: Mapping[str, Command] = {
    "provide_token": provide,
    "withdraw_authorization": withdraw,
    "select_evse": select,
    "validation_result_update": update_result,
}
