"""OCPP 1.6 payloads from the station's neutral data, and back. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.authorization.types import AuthorizationStatus, IdToken, ValidationResult
from ocpplab_runner.certificates.ocmf import as_text
from ocpplab_runner.charger.core.model import REGISTER, Reading, SampledValue, Transaction
from ocpplab_runner.charger.core.timestamps import moment

#: OCPP 1.6 errata: a transaction whose StartTransaction the CSMS never processed has this id.
UNKNOWN_TRANSACTION = -1
#: Units that 1.6 has no word for (section 7.45).
_NO_UNITS = frozenset({"Hz", "RPM"})


def validation_result(id_tag_info: Mapping[str, Any]) -> ValidationResult:
    """A verdict from an IdTagInfo (section 7.27)."""
    expiry, parent = id_tag_info.get("expiryDate"), id_tag_info.get("parentIdTag")
    return ValidationResult(
        AuthorizationStatus(id_tag_info["status"]),
        None if expiry is None else moment(expiry),
        None if parent is None else IdToken(parent),
    )


def meter_values(evse_id: int, readings: Iterable[Reading], transaction: Transaction | None = None) -> dict[str, Any]:
    """MeterValues.req (section 6.31)."""
    payload: dict[str, Any] = {"connectorId": evse_id, "meterValue": [meter_value(reading) for reading in readings]}
    if transaction is not None:
        payload["transactionId"] = remote_id(transaction)
    return payload


def meter_value(reading: Reading) -> dict[str, Any]:
    """A MeterValue (section 7.33); what is signed is a value of its own."""
    sampled = [_sampled_value(value, reading.context) for value in reading.values]
    if reading.signed is not None:
        # 1.6 has no field for a signature: the SignedMeterValueType of 2.x goes as text (application note).
        sampled.append(
            {
                "value": as_text(reading.signed),
                "context": reading.context,
                "format": "SignedData",
                "measurand": REGISTER,
            }
        )
    return {"timestamp": clock.timestamp(reading.at), "sampledValue": sampled}


def _sampled_value(value: SampledValue, context: str) -> dict[str, Any]:
    number = value.value
    sampled: dict[str, Any] = {
        "value": str(int(number)) if number == int(number) else str(number),
        "context": context,
        "measurand": value.measurand,
    }
    if value.unit and value.unit not in _NO_UNITS:
        sampled["unit"] = value.unit
    if value.phase is not None:
        sampled["phase"] = value.phase
    if value.location is not None:
        sampled["location"] = value.location
    return sampled


def remote_id(transaction: Transaction) -> int:
    """The transaction's id on the wire, as far as it is known."""
    return transaction.remote_id if isinstance(transaction.remote_id, int) else UNKNOWN_TRANSACTION
