"""OCPP 2.x's data types to and from the station's own. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.authorization.types import (
    AuthorizationStatus,
    CustomIdToken,
    IdToken,
    MessageContent,
    MessageFormat,
    ValidationResult,
    token_type,
)
from ocpplab_runner.charger.core.model import REGISTER, Reading, SampledValue
from ocpplab_runner.charger.core.timestamps import moment


def id_token(token: IdToken) -> dict[str, Any]:
    """IdTokenType of a token."""
    wire: dict[str, Any] = {"idToken": token.value, "type": token.type.value}
    if token.additional_info:
        wire["additionalInfo"] = [
            {"additionalIdToken": info.value, "type": info.type} for info in token.additional_info
        ]
    return wire


def token_of(wire: Mapping[str, Any]) -> IdToken:
    """The token of an IdTokenType."""
    info = tuple(CustomIdToken(item["additionalIdToken"], item["type"]) for item in wire.get("additionalInfo", ()))
    return IdToken(wire["idToken"], token_type(wire["type"]), info)


def verdict_of(wire: Mapping[str, Any]) -> ValidationResult:
    """The verdict of an IdTokenInfoType."""
    expiry, group = wire.get("cacheExpiryDateTime"), wire.get("groupIdToken")
    message = wire.get("personalMessage")
    return ValidationResult(
        AuthorizationStatus(wire["status"]),
        None if expiry is None else moment(expiry),
        None if group is None else token_of(group),
        tuple(wire.get("evseId", ())),
        tariff_messages=() if message is None else (message_content(message),),
    )


def languages_of(wire: Mapping[str, Any]) -> tuple[str, ...]:
    """What the driver of an IdTokenInfoType reads, the dearest language first."""
    return tuple(wire[key] for key in ("language1", "language2") if key in wire)


def message_content(wire: Mapping[str, Any]) -> MessageContent:
    """The text of a MessageContentType."""
    return MessageContent(wire["content"], MessageFormat(wire["format"]), wire.get("language"))


def meter_value(reading: Reading) -> dict[str, Any]:
    """MeterValueType of a reading; what is signed stands beside the register."""
    sampled = [_sampled(value, reading.context) for value in reading.values]
    if reading.signed is not None:
        for wire, value in zip(sampled, reading.values, strict=True):
            if value.measurand == REGISTER:
                wire["signedMeterValue"] = dict(reading.signed)
    return {"timestamp": clock.timestamp(reading.at), "sampledValue": sampled}


def meter_values(readings: Sequence[Reading]) -> list[dict[str, Any]]:
    """MeterValueType of each reading."""
    return [meter_value(reading) for reading in readings]


def _sampled(value: SampledValue, context: str) -> dict[str, Any]:
    wire: dict[str, Any] = {"value": value.value, "context": context, "measurand": value.measurand}
    if value.phase is not None:
        wire["phase"] = value.phase
    if value.location is not None:
        wire["location"] = value.location
    if value.unit:
        wire["unitOfMeasure"] = {"unit": value.unit}
    return wire


def reason(code: str, info: str = "") -> dict[str, str]:
    """StatusInfoType: a reason code of at most 20 characters, and a sentence."""
    wire = {"reasonCode": code}
    if info:
        wire["additionalInfo"] = info
    return wire


def rejected(code: str, info: str = "") -> dict[str, Any]:
    """An answer that refuses, with the reason."""
    return {"status": "Rejected", "statusInfo": reason(code, info)}
