"""OCPP 1.6 payloads from the station's neutral data, and back. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.authorization.types import AuthorizationStatus, IdToken, ValidationResult
from ocpplab_runner.charger.model import Reading, SampledValue, StatusReport, StopReason, Transaction
from ocpplab_runner.charger.moments import moment
from ocpplab_runner.vocabulary.statuses import WIRE_STOP_REASONS
from ocpplab_runner.vocabulary.versions import OcppVersion

#: OCPP 1.6 errata: a transaction whose StartTransaction the CSMS never processed has this id.
UNKNOWN_TRANSACTION = -1
#: Reasons that only 2.x has; 1.6 says Other for them (section 7.36).
_OTHER_REASONS = WIRE_STOP_REASONS[OcppVersion.V201] - WIRE_STOP_REASONS[OcppVersion.V16]


def status_notification(report: StatusReport) -> dict[str, Any]:
    """StatusNotification.req (section 6.47)."""
    payload: dict[str, Any] = {
        "connectorId": report.evse_id,
        "errorCode": report.error_code,
        "status": report.status.value,
        "timestamp": clock.timestamp(report.at),
    }
    if report.info:
        payload["info"] = report.info[:50]
    if report.vendor_error_code:
        payload["vendorErrorCode"] = report.vendor_error_code[:50]
    return payload


def validation_result(id_tag_info: Mapping[str, Any]) -> ValidationResult:
    """A verdict from an IdTagInfo (section 7.27)."""
    expiry, parent = id_tag_info.get("expiryDate"), id_tag_info.get("parentIdTag")
    return ValidationResult(
        AuthorizationStatus(id_tag_info["status"]),
        None if expiry is None else moment(expiry),
        None if parent is None else IdToken(parent),
    )


def start_transaction(transaction: Transaction) -> dict[str, Any]:
    """StartTransaction.req (section 6.45)."""
    payload: dict[str, Any] = {
        "connectorId": transaction.evse_id,
        "idTag": transaction.token.value,
        "meterStart": transaction.meter_start_wh,
        "timestamp": clock.timestamp(transaction.started_at),
    }
    if transaction.reservation_id is not None:
        payload["reservationId"] = transaction.reservation_id
    return payload


def stop_transaction(transaction: Transaction) -> dict[str, Any]:
    """StopTransaction.req (section 6.49); the reason Local is left out, as it may be (section 4.10)."""
    payload: dict[str, Any] = {
        "transactionId": remote_id(transaction),
        "meterStop": transaction.meter_stop_wh,
        "timestamp": clock.timestamp(transaction.stopped_at),
    }
    reason = _reason(transaction.stop_reason)
    if reason != StopReason.LOCAL:
        payload["reason"] = reason
    if transaction.stop_token is not None:
        payload["idTag"] = transaction.stop_token.value
    if transaction.readings:
        payload["transactionData"] = [meter_value(reading) for reading in transaction.readings]
    return payload


def meter_values(evse_id: int, readings: Iterable[Reading], transaction: Transaction | None = None) -> dict[str, Any]:
    """MeterValues.req (section 6.31)."""
    payload: dict[str, Any] = {"connectorId": evse_id, "meterValue": [meter_value(reading) for reading in readings]}
    if transaction is not None:
        payload["transactionId"] = remote_id(transaction)
    return payload


def meter_value(reading: Reading) -> dict[str, Any]:
    """A MeterValue (section 7.33)."""
    return {
        "timestamp": clock.timestamp(reading.at),
        "sampledValue": [_sampled_value(value, reading.context) for value in reading.values],
    }


def _sampled_value(value: SampledValue, context: str) -> dict[str, Any]:
    number = value.value
    sampled: dict[str, Any] = {
        "value": str(int(number)) if number == int(number) else str(number),
        "context": context,
        "measurand": value.measurand,
    }
    if value.unit:
        sampled["unit"] = value.unit
    if value.phase is not None:
        sampled["phase"] = value.phase
    return sampled


def remote_id(transaction: Transaction) -> int:
    """The transaction's id on the wire, as far as it is known."""
    return transaction.remote_id if isinstance(transaction.remote_id, int) else UNKNOWN_TRANSACTION


def _reason(reason: str | None) -> str:
    if reason is None:
        return StopReason.LOCAL.value
    return StopReason.OTHER.value if reason in _OTHER_REASONS else str(reason)
