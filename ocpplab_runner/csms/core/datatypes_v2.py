"""OCPP 2.x's data types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ocpplab_runner.clock import timestamp, utcnow
from ocpplab_runner.csms.core.id_tokens import Verdict
from ocpplab_runner.csms.core.operations import Order, Payload, given
from ocpplab_runner.csms.core.state import StationState
from ocpplab_runner.csms.core.transactions import TransactionRecord
from ocpplab_runner.vocabulary.statuses import AuthorizationStatus
from ocpplab_runner.vocabulary.versions import OcppVersion


def id_token(value: str, kind: str | None = None) -> Payload:
    """OCPP 2.x IdTokenType, of an RFID card unless said."""
    return {"idToken": value, "type": kind or "ISO14443"}


def group(value: str | None) -> Payload | None:
    """The IdTokenType of a group, where there is one."""
    return None if value is None else id_token(value, "Central")


def id_token_info(verdict: Verdict) -> Payload:
    """OCPP 2.x IdTokenInfoType."""
    expiry = None if verdict.expiry is None else timestamp(verdict.expiry)
    return given(status=verdict.status.value, cacheExpiryDateTime=expiry, groupIdToken=group(verdict.parent_id_token))


def judged(station: StationState, token: Mapping[str, Any], record: TransactionRecord | None = None) -> Payload:
    """The IdTokenInfoType of a card; ConcurrentTx only where it is the card that a running transaction is on."""
    if token["type"] == "NoAuthorization":
        return id_token_info(Verdict(AuthorizationStatus.ACCEPTED))  # C02: a start button needs no card
    number = token["idToken"]
    starts = record is not None and record.running and (record.id_token or "").casefold() == number.casefold()
    elsewhere = starts and station.shared.transactions.charging_elsewhere(number, record)
    verdict = _prepaid(station, number, station.verdict(number, charging_elsewhere=elsewhere))
    text = station.shared.config.tariff_texts.get(number.casefold())
    if text is None or verdict.status is not AuthorizationStatus.ACCEPTED:
        return id_token_info(verdict)
    return {**id_token_info(verdict), "personalMessage": {"format": "UTF8", "content": text}}  # I01


def _prepaid(station: StationState, number: str, verdict: Verdict) -> Verdict:
    """A prepaid card charges while it has credit, and nobody shall remember that it had (2.1 C17.FR.01, .02)."""
    left = station.shared.credits.left(number) if station.version is OcppVersion.V21 else None
    if left is None:
        return verdict
    broke = verdict.status is AuthorizationStatus.ACCEPTED and left <= 0
    return replace(verdict, status=AuthorizationStatus.NO_CREDIT if broke else verdict.status, expiry=utcnow())


def evse(order: Order) -> Payload | None:
    """The EVSEType that is meant, where one is named."""
    if "evse_id" not in order.fields and "connector_id" not in order.fields:
        return None
    return given(id=order.fields.get("evse_id", 1), connectorId=order.fields.get("connector_id"))


def place(variable: str, evse_id: int | None, connector_id: int | None) -> Payload:
    """ComponentVariableType of ``Component``, ``Component.Variable`` or ``Component.Variable.Instance``."""
    component, _, rest = variable.partition(".")
    name, _, instance = rest.partition(".")
    where = None if evse_id is None else given(id=evse_id, connectorId=connector_id)
    return given(
        component=given(name=component, evse=where),
        variable=given(name=name, instance=instance or None) if name else None,
    )
