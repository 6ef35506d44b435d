"""The operations as calls of OCPP 2.0.1 and 2.1. Pure."""

from __future__ import annotations

from collections.abc import Callable

from ocpplab_runner.csms.operation_parts import (
    Fields,
    OperationContext,
    OperationNotAvailable,
    Payload,
    Request,
    cancel_reservation,
    clear_cache,
    expiry,
    get_local_list_version,
    given,
    list_entries,
    one_setting,
    reservation_end,
    settings_of,
    triggerable,
    which_transaction,
    wire_text,
)
from ocpplab_runner.vocabulary.settings import Setting

_RESETS = {"Soft": "OnIdle", "Hard": "Immediate", "OnIdle": "OnIdle", "Immediate": "Immediate"}


def _remote_start(fields: Fields, context: OperationContext) -> Request:
    group = fields.get("group_id_token")
    return "RequestStartTransaction", given(
        idToken=_token(fields["id_tag"], fields.get("id_token_type")),
        remoteStartId=fields.get("remote_start_id", context.remote_start_id),
        evseId=fields.get("evse_id"),
        groupIdToken=None if group is None else _token(group, "Central"),
    )


def _remote_stop(fields: Fields, context: OperationContext) -> Request:
    return "RequestStopTransaction", {"transactionId": str(which_transaction(fields, context))}


def _reset(fields: Fields, _: OperationContext) -> Request:
    return "Reset", given(type=_RESETS.get(fields["type"], fields["type"]), evseId=fields.get("evse_id"))


def _unlock(fields: Fields, _: OperationContext) -> Request:
    return "UnlockConnector", {"evseId": fields.get("evse_id", 1), "connectorId": fields.get("connector_id", 1)}


def _change_availability(fields: Fields, _: OperationContext) -> Request:
    return "ChangeAvailability", given(operationalStatus=fields["status"], evse=_evse(fields))


def _evse(fields: Fields) -> Payload | None:
    if "evse_id" not in fields and "connector_id" not in fields:
        return None
    return given(id=fields.get("evse_id", 1), connectorId=fields.get("connector_id"))


def _trigger_message(fields: Fields, context: OperationContext) -> Request:
    requested = triggerable(context.version, fields, context)
    evse = _evse(fields)
    if evse is not None and requested == "StatusNotification":
        evse.setdefault("connectorId", 1)  # F06.FR.12: a StatusNotification is asked of one connector
    return "TriggerMessage", given(requestedMessage=requested, evse=evse)


def _change_configuration(fields: Fields, _: OperationContext) -> Request:
    setting, value = one_setting(fields)
    return "SetVariables", {
        "setVariableData": [{"attributeValue": wire_text(setting, value), **_variable(setting)}],
    }


def _get_configuration(fields: Fields, _: OperationContext) -> Request:
    return "GetVariables", {"getVariableData": [_variable(setting) for setting in settings_of(fields)]}


def _variable(setting: Setting) -> Payload:
    if setting.v2 is None:
        raise OperationNotAvailable(f"OCPP 2.x has no variable for {setting.name}")
    return {
        "component": {"name": setting.v2.component},
        "variable": given(name=setting.v2.name, instance=setting.v2.instance),
    }


def _send_local_list(fields: Fields, context: OperationContext) -> Request:
    entries = []
    for token, card in list_entries(context.version, fields, context):
        info = None
        if card is not None:
            info = given(
                status=card.status.value,
                cacheExpiryDateTime=expiry(card, context),
                groupIdToken=None if card.parent_id_token is None else _token(card.parent_id_token, "Central"),
            )
        entries.append(given(idToken=_token(token), idTokenInfo=info))
    return "SendLocalList", given(
        versionNumber=fields["version"],
        updateType=fields.get("update_type", "Full"),
        localAuthorizationList=entries or None,
    )


def _reserve_now(fields: Fields, context: OperationContext) -> Request:
    group = fields.get("parent_id_token")
    return "ReserveNow", given(
        id=fields.get("reservation_id", context.reservation_id),
        expiryDateTime=reservation_end(fields, context),
        idToken=_token(fields["id_tag"]),
        evseId=fields.get("evse_id"),
        groupIdToken=None if group is None else _token(group, "Central"),
    )


def _data_transfer(fields: Fields, _: OperationContext) -> Request:
    return "DataTransfer", given(
        vendorId=fields["vendor_id"], messageId=fields.get("message_id"), data=fields.get("data")
    )


def _token(value: str, kind: str | None = None) -> Payload:
    return {"idToken": value, "type": kind or "ISO14443"}


#: Operation → what builds its call.
BUILDERS: dict[str, Callable[[Fields, OperationContext], Request]] = {
    "remote_start": _remote_start,
    "remote_stop": _remote_stop,
    "reset": _reset,
    "unlock": _unlock,
    "change_availability": _change_availability,
    "change_configuration": _change_configuration,
    "get_configuration": _get_configuration,
    "clear_cache": clear_cache,
    "send_local_list": _send_local_list,
    "get_local_list_version": get_local_list_version,
    "trigger_message": _trigger_message,
    "data_transfer": _data_transfer,
    "reserve_now": _reserve_now,
    "cancel_reservation": cancel_reservation,
}
