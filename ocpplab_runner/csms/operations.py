"""The table of version-neutral CSMS operations: which OCPP call each one is, in 1.6 and in 2.0.1. Pure.

What is left out of the fields: ``remote_start`` and ``reserve_now`` without an EVSE leave the choice to the station
(1.6 ReserveNow: connectorId 0); ``unlock`` means connector 1 of EVSE 1; ``change_availability`` and ``reset`` mean the
whole station; ``remote_stop`` the transaction that started last; ``cancel_reservation`` the reservation made last.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ocpplab_runner.clock import timestamp
from ocpplab_runner.csms.id_tokens import Card
from ocpplab_runner.csms.transactions import TransactionRecord
from ocpplab_runner.ocppj.reply_rules import seconds
from ocpplab_runner.ocppj.validation import request_schema
from ocpplab_runner.vocabulary.settings import SETTINGS, Setting
from ocpplab_runner.vocabulary.statuses import WIRE_AUTHORIZATION_STATUSES
from ocpplab_runner.vocabulary.versions import OcppVersion

Fields = Mapping[str, Any]
Payload = dict[str, Any]
Request = tuple[str, Payload]

#: Seconds a reservation lasts unless said.
DEFAULT_RESERVATION = 3600.0


class OperationNotAvailable(Exception):
    """The station's OCPP version cannot say that; the text is the reason."""


class NothingToOperateOn(LookupError):
    """The operation means something that is not there: no transaction runs, nothing is reserved."""


@dataclass(frozen=True, slots=True)
class OperationContext:
    """What an operation needs to know of its station.

    Attributes:
        now: the time.
        running: the station's running transactions, the latest last.
        remote_start_id: for a remote start that names none.
        reservation_id: for a reservation that names none.
        latest_reservation: the reservation made last.
    """

    now: datetime
    running: Sequence[TransactionRecord] = ()
    remote_start_id: int = 1
    reservation_id: int = 1
    latest_reservation: int | None = None


def build(version: OcppVersion, operation: str, fields: Fields, context: OperationContext) -> Request:
    """The OCPP call behind an operation.

    Args:
        version: 1.6 or 2.0.1.
        operation: its name, as the verbs have it.
        fields: as the verb has them, durations as text or in seconds.
        context: the station's state.

    Returns:
        The action and its payload.

    Raises:
        OperationNotAvailable: that version has no such thing.
        NothingToOperateOn: the operation's default is not there.
        ValueError: the fields make no sense; LookupError: there is no such operation.
    """
    if operation not in OPERATIONS:
        raise LookupError(f"the CSMS has no operation {operation!r}")
    v16, v201 = OPERATIONS[operation]
    if version is OcppVersion.V21:
        raise OperationNotAvailable("this CSMS does not speak OCPP 2.1")
    return (v16 if version is OcppVersion.V16 else v201)(fields, context)


# -- transactions -------------------------------------------------------------------------------------------------


def _remote_start_16(fields: Fields, _: OperationContext) -> Request:
    return "RemoteStartTransaction", _given(idTag=fields["id_tag"], connectorId=fields.get("evse_id"))


def _remote_start_201(fields: Fields, context: OperationContext) -> Request:
    group = fields.get("group_id_token")
    return "RequestStartTransaction", _given(
        idToken=_token(fields["id_tag"], fields.get("id_token_type")),
        remoteStartId=fields.get("remote_start_id", context.remote_start_id),
        evseId=fields.get("evse_id"),
        groupIdToken=None if group is None else _token(group, "Central"),
    )


def _remote_stop_16(fields: Fields, context: OperationContext) -> Request:
    transaction_id = _which_transaction(fields, context)
    if isinstance(transaction_id, str):
        try:
            transaction_id = int(transaction_id)
        except ValueError:
            raise OperationNotAvailable(
                f"an OCPP 1.6 transaction id is a number, which {transaction_id!r} is not"
            ) from None
    return "RemoteStopTransaction", {"transactionId": transaction_id}


def _remote_stop_201(fields: Fields, context: OperationContext) -> Request:
    return "RequestStopTransaction", {"transactionId": str(_which_transaction(fields, context))}


def _which_transaction(fields: Fields, context: OperationContext) -> int | str:
    if "transaction_id" in fields:
        wanted: int | str = fields["transaction_id"]
        return wanted
    evse_id = fields.get("evse_id")
    for record in reversed(context.running):
        if evse_id is None or record.evse_id == evse_id:
            return record.transaction_id
    place = "the station" if evse_id is None else f"EVSE {evse_id}"
    raise NothingToOperateOn(f"no transaction is running on {place}; name one with `transaction_id`")


# -- the station --------------------------------------------------------------------------------------------------

_RESETS_16 = {"Soft": "Soft", "Hard": "Hard", "OnIdle": "Soft", "Immediate": "Hard"}
_RESETS_201 = {"Soft": "OnIdle", "Hard": "Immediate", "OnIdle": "OnIdle", "Immediate": "Immediate"}


def _reset_16(fields: Fields, _: OperationContext) -> Request:
    if fields.get("evse_id") is not None:
        raise OperationNotAvailable("OCPP 1.6 resets only the whole station, not one EVSE")
    return "Reset", {"type": _RESETS_16.get(fields["type"], fields["type"])}


def _reset_201(fields: Fields, _: OperationContext) -> Request:
    return "Reset", _given(type=_RESETS_201.get(fields["type"], fields["type"]), evseId=fields.get("evse_id"))


def _unlock_16(fields: Fields, _: OperationContext) -> Request:
    return "UnlockConnector", {"connectorId": _connector_16(fields, 1)}


def _unlock_201(fields: Fields, _: OperationContext) -> Request:
    return "UnlockConnector", {"evseId": fields.get("evse_id", 1), "connectorId": fields.get("connector_id", 1)}


def _change_availability_16(fields: Fields, _: OperationContext) -> Request:
    return "ChangeAvailability", {"connectorId": _connector_16(fields, 0), "type": fields["status"]}


def _change_availability_201(fields: Fields, _: OperationContext) -> Request:
    return "ChangeAvailability", _given(operationalStatus=fields["status"], evse=_evse(fields))


def _connector_16(fields: Fields, default: int) -> Any:
    """The connectorId of OCPP 1.6, where every EVSE has one connector and gives it its number."""
    if fields.get("connector_id", 1) != 1:
        raise OperationNotAvailable("an EVSE of OCPP 1.6 has one connector: there is no connector_id above 1")
    if "evse_id" not in fields and "connector_id" in fields:
        return 1
    return fields.get("evse_id", default)


def _evse(fields: Fields) -> Payload | None:
    if "evse_id" not in fields and "connector_id" not in fields:
        return None
    return _given(id=fields.get("evse_id", 1), connectorId=fields.get("connector_id"))


def _trigger_message_16(fields: Fields, _: OperationContext) -> Request:
    requested = _can_be_triggered(OcppVersion.V16, fields["message"])
    return "TriggerMessage", _given(requestedMessage=requested, connectorId=fields.get("evse_id"))


def _trigger_message_201(fields: Fields, _: OperationContext) -> Request:
    requested = _can_be_triggered(OcppVersion.V201, fields["message"])
    evse = _evse(fields)
    if evse is not None and requested == "StatusNotification":
        evse.setdefault("connectorId", 1)  # F06.FR.12: a StatusNotification is asked of one connector
    return "TriggerMessage", _given(requestedMessage=requested, evse=evse)


def _can_be_triggered(version: OcppVersion, message: str) -> str:
    schema = request_schema(version, "TriggerMessage")
    allowed = (
        schema["properties"]["requestedMessage"]["enum"]
        if version is OcppVersion.V16
        else schema["definitions"]["MessageTriggerEnumType"]["enum"]
    )
    if message not in allowed:
        raise OperationNotAvailable(f"OCPP {version} cannot trigger {message}, only {', '.join(sorted(allowed))}")
    return message


# -- settings -----------------------------------------------------------------------------------------------------


def _change_configuration_16(fields: Fields, _: OperationContext) -> Request:
    setting, value = _one_setting(fields)
    return "ChangeConfiguration", {"key": _key(setting), "value": _wire_text(setting, value)}


def _change_configuration_201(fields: Fields, _: OperationContext) -> Request:
    setting, value = _one_setting(fields)
    return "SetVariables", {
        "setVariableData": [{"attributeValue": _wire_text(setting, value), **_variable(setting)}],
    }


def _get_configuration_16(fields: Fields, _: OperationContext) -> Request:
    return "GetConfiguration", {"key": [_key(setting) for setting in _settings(fields)]}


def _get_configuration_201(fields: Fields, _: OperationContext) -> Request:
    return "GetVariables", {"getVariableData": [_variable(setting) for setting in _settings(fields)]}


def _one_setting(fields: Fields) -> tuple[Setting, Any]:
    if len(fields) != 1:
        raise ValueError("change_configuration changes exactly one setting")
    ((name, value),) = fields.items()
    return _setting(name), value


def _settings(fields: Fields) -> list[Setting]:
    names = fields["settings"]
    return [_setting(name) for name in ([names] if isinstance(names, str) else names)]


def _setting(name: str) -> Setting:
    if name not in SETTINGS:
        raise ValueError(f"there is no setting {name!r}")
    return SETTINGS[name]


def _key(setting: Setting) -> str:
    if setting.v16 is None:
        raise OperationNotAvailable(f"OCPP 1.6 has no configuration key for {setting.name}")
    return setting.v16


def _variable(setting: Setting) -> Payload:
    if setting.v2 is None:
        raise OperationNotAvailable(f"OCPP 2.0.1 has no variable for {setting.name}")
    return {
        "component": {"name": setting.v2.component},
        "variable": _given(name=setting.v2.name, instance=setting.v2.instance),
    }


def _wire_text(setting: Setting, value: Any) -> str:
    if setting.type == "duration" and not (isinstance(value, str) and value.isdigit()):
        return str(round(seconds(value)))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ",".join(str(item) for item in value)
    return str(value)


# -- authorization ------------------------------------------------------------------------------------------------


def _clear_cache(_: Fields, __: OperationContext) -> Request:
    return "ClearCache", {}


def _get_local_list_version(_: Fields, __: OperationContext) -> Request:
    return "GetLocalListVersion", {}


def _send_local_list_16(fields: Fields, context: OperationContext) -> Request:
    entries = []
    for token, card in _entries(fields, OcppVersion.V16):
        info = None
        if card is not None:
            info = _given(status=card.status.value, expiryDate=_expiry(card, context), parentIdTag=card.parent_id_token)
        entries.append(_given(idTag=token, idTagInfo=info))
    return "SendLocalList", _given(
        listVersion=fields["version"],
        updateType=fields.get("update_type", "Full"),
        localAuthorizationList=entries or None,
    )


def _send_local_list_201(fields: Fields, context: OperationContext) -> Request:
    entries = []
    for token, card in _entries(fields, OcppVersion.V201):
        info = None
        if card is not None:
            info = _given(
                status=card.status.value,
                cacheExpiryDateTime=_expiry(card, context),
                groupIdToken=None if card.parent_id_token is None else _token(card.parent_id_token, "Central"),
            )
        entries.append(_given(idToken=_token(token), idTokenInfo=info))
    return "SendLocalList", _given(
        versionNumber=fields["version"],
        updateType=fields.get("update_type", "Full"),
        localAuthorizationList=entries or None,
    )


def _entries(fields: Fields, version: OcppVersion) -> list[tuple[str, Card | None]]:
    entries: list[tuple[str, Card | None]] = []
    for token, value in (fields.get("entries") or {}).items():
        card = None if value is None else Card.from_given(value)
        if card is None and fields.get("update_type", "Full") == "Full":
            raise ValueError(f"a Full list cannot remove {token!r}: leave it out, or send a Differential update")
        if card is not None and card.status not in WIRE_AUTHORIZATION_STATUSES[version]:
            raise OperationNotAvailable(f"OCPP {version} has no status {card.status}")
        entries.append((str(token), card))
    return entries


def _expiry(card: Card, context: OperationContext) -> str | None:
    expiry = card.expiry(context.now)
    return None if expiry is None else timestamp(expiry)


# -- reservations and the rest ------------------------------------------------------------------------------------


def _reserve_now_16(fields: Fields, context: OperationContext) -> Request:
    return "ReserveNow", _given(
        connectorId=fields.get("evse_id", 0),
        expiryDate=_reservation_end(fields, context),
        idTag=fields["id_tag"],
        parentIdTag=fields.get("parent_id_token"),
        reservationId=fields.get("reservation_id", context.reservation_id),
    )


def _reserve_now_201(fields: Fields, context: OperationContext) -> Request:
    group = fields.get("parent_id_token")
    return "ReserveNow", _given(
        id=fields.get("reservation_id", context.reservation_id),
        expiryDateTime=_reservation_end(fields, context),
        idToken=_token(fields["id_tag"], fields.get("id_token_type")),
        evseId=fields.get("evse_id"),
        groupIdToken=None if group is None else _token(group, "Central"),
    )


def _reservation_end(fields: Fields, context: OperationContext) -> str:
    return timestamp(context.now + timedelta(seconds=seconds(fields.get("expires_in", DEFAULT_RESERVATION))))


def _cancel_reservation(fields: Fields, context: OperationContext) -> Request:
    reservation_id = fields.get("reservation_id", context.latest_reservation)
    if reservation_id is None:
        raise NothingToOperateOn("nothing has been reserved; name a reservation with `reservation_id`")
    return "CancelReservation", {"reservationId": reservation_id}


def _data_transfer_16(fields: Fields, _: OperationContext) -> Request:
    data = fields.get("data")
    if data is not None and not isinstance(data, str):
        data = json.dumps(data, separators=(",", ":"))
    return "DataTransfer", _given(vendorId=fields["vendor_id"], messageId=fields.get("message_id"), data=data)


def _data_transfer_201(fields: Fields, _: OperationContext) -> Request:
    return "DataTransfer", _given(
        vendorId=fields["vendor_id"], messageId=fields.get("message_id"), data=fields.get("data")
    )


def _token(value: str, kind: str | None = None) -> Payload:
    return {"idToken": value, "type": kind or "ISO14443"}


def _given(**fields: Any) -> Payload:
    """The fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None}


_Builder = Callable[[Fields, OperationContext], Request]

#: Operation → how it is built for OCPP 1.6 and for OCPP 2.0.1.
OPERATIONS: dict[str, tuple[_Builder, _Builder]] = {
    "remote_start": (_remote_start_16, _remote_start_201),
    "remote_stop": (_remote_stop_16, _remote_stop_201),
    "reset": (_reset_16, _reset_201),
    "unlock": (_unlock_16, _unlock_201),
    "change_availability": (_change_availability_16, _change_availability_201),
    "change_configuration": (_change_configuration_16, _change_configuration_201),
    "get_configuration": (_get_configuration_16, _get_configuration_201),
    "clear_cache": (_clear_cache, _clear_cache),
    "send_local_list": (_send_local_list_16, _send_local_list_201),
    "get_local_list_version": (_get_local_list_version, _get_local_list_version),
    "trigger_message": (_trigger_message_16, _trigger_message_201),
    "data_transfer": (_data_transfer_16, _data_transfer_201),
    "reserve_now": (_reserve_now_16, _reserve_now_201),
    "cancel_reservation": (_cancel_reservation, _cancel_reservation),
}
