"""The operations as calls of OCPP 1.6. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ocpplab_runner.csms.operation_parts import (
    Fields,
    OperationContext,
    OperationNotAvailable,
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
from ocpplab_runner.vocabulary.versions import OcppVersion

_RESETS = {"Soft": "Soft", "Hard": "Hard", "OnIdle": "Soft", "Immediate": "Hard"}


def _remote_start(fields: Fields, _: OperationContext) -> Request:
    return "RemoteStartTransaction", given(idTag=fields["id_tag"], connectorId=fields.get("evse_id"))


def _remote_stop(fields: Fields, context: OperationContext) -> Request:
    transaction_id = which_transaction(fields, context)
    if isinstance(transaction_id, str):
        try:
            transaction_id = int(transaction_id)
        except ValueError:
            raise OperationNotAvailable(
                f"an OCPP 1.6 transaction id is a number, which {transaction_id!r} is not"
            ) from None
    return "RemoteStopTransaction", {"transactionId": transaction_id}


def _reset(fields: Fields, _: OperationContext) -> Request:
    if fields.get("evse_id") is not None:
        raise OperationNotAvailable("OCPP 1.6 resets only the whole station, not one EVSE")
    return "Reset", {"type": _RESETS.get(fields["type"], fields["type"])}


def _unlock(fields: Fields, _: OperationContext) -> Request:
    return "UnlockConnector", {"connectorId": _connector(fields, 1)}


def _change_availability(fields: Fields, _: OperationContext) -> Request:
    return "ChangeAvailability", {"connectorId": _connector(fields, 0), "type": fields["status"]}


def _connector(fields: Fields, default: int) -> Any:
    """The connectorId of OCPP 1.6, where every EVSE has one connector and gives it its number."""
    if fields.get("connector_id", 1) != 1:
        raise OperationNotAvailable("an EVSE of OCPP 1.6 has one connector: there is no connector_id above 1")
    if "evse_id" not in fields and "connector_id" in fields:
        return 1
    return fields.get("evse_id", default)


def _trigger_message(fields: Fields, context: OperationContext) -> Request:
    requested = triggerable(OcppVersion.V16, fields, context)
    return "TriggerMessage", given(requestedMessage=requested, connectorId=fields.get("evse_id"))


def _change_configuration(fields: Fields, _: OperationContext) -> Request:
    setting, value = one_setting(fields)
    return "ChangeConfiguration", {"key": _key(setting), "value": wire_text(setting, value)}


def _get_configuration(fields: Fields, _: OperationContext) -> Request:
    return "GetConfiguration", {"key": [_key(setting) for setting in settings_of(fields)]}


def _key(setting: Setting) -> str:
    if setting.v16 is None:
        raise OperationNotAvailable(f"OCPP 1.6 has no configuration key for {setting.name}")
    return setting.v16


def _send_local_list(fields: Fields, context: OperationContext) -> Request:
    entries = []
    for token, card in list_entries(OcppVersion.V16, fields, context):
        info = None
        if card is not None:
            info = given(status=card.status.value, expiryDate=expiry(card, context), parentIdTag=card.parent_id_token)
        entries.append(given(idTag=token, idTagInfo=info))
    return "SendLocalList", given(
        listVersion=fields["version"],
        updateType=fields.get("update_type", "Full"),
        localAuthorizationList=entries or None,
    )


def _reserve_now(fields: Fields, context: OperationContext) -> Request:
    return "ReserveNow", given(
        connectorId=fields.get("evse_id", 0),
        expiryDate=reservation_end(fields, context),
        idTag=fields["id_tag"],
        parentIdTag=fields.get("parent_id_token"),
        reservationId=fields.get("reservation_id", context.reservation_id),
    )


def _data_transfer(fields: Fields, _: OperationContext) -> Request:
    data = fields.get("data")
    if data is not None and not isinstance(data, str):
        data = json.dumps(data, separators=(",", ":"))
    return "DataTransfer", given(vendorId=fields["vendor_id"], messageId=fields.get("message_id"), data=data)


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
