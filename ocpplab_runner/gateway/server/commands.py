"""From the API's commands to those of the simulated charger. Pure.

The charger counts EVSEs; OCPP 1.6 and parts of the API count connectors. Every charger of the catalogue has one
connector per EVSE, so a ``connector_id`` without an ``evse_id`` is the number of the EVSE.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Command(StrEnum):
    """A command by its ``event_type``; its value is the charger's own name of it, too."""

    PROXY_MESSAGE = "proxy_message"
    SET_CONFIGURATION = "set_configuration"
    RESET_AUTH_CACHE = "reset_auth_cache"
    SEND_LOCAL_AUTH_LIST = "send_local_auth_list"
    CLEAR_LOCAL_AUTH_LIST = "clear_local_auth_list"
    INJECT_FAULT = "inject_fault"
    CLEAR_FAULT = "clear_fault"
    PLUG_CONNECTOR = "plug_connector"
    UNPLUG_CONNECTOR = "unplug_connector"
    UNLOCK_CONNECTOR = "unlock_connector"
    START_TRANSACTION = "start_transaction"
    STOP_TRANSACTION = "stop_transaction"
    START_SESSION = "start_session"
    STOP_SESSION = "stop_session"
    AUTHORIZE_ID_TAG = "authorize_id_tag"
    EV_REQUESTS_ENERGY = "ev_requests_energy"
    EV_STOPS_ENERGY = "ev_stops_energy"
    POWER_UPDATE = "power_update"


def charger_fields(command: Command, event: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the charger's command.

    Args:
        command: which.
        event: the ``event`` or ``payload`` of the request as JSON; what is null counts as left out.
    """
    fields = {key: value for key, value in event.items() if value is not None}
    if command is Command.SET_CONFIGURATION and "key" in fields:
        return {"configuration": {fields["key"]: fields["value"]}}
    if command is Command.SEND_LOCAL_AUTH_LIST:
        entries = fields.get("entries", [])
        fields["entries"] = [{key: value for key, value in entry.items() if value is not None} for entry in entries]
        return fields
    if command is Command.PROXY_MESSAGE:
        return {**fields, "payload": fields.get("payload", {})}
    connector = fields.pop("connector_id", None)
    if connector is not None:
        evse = fields.setdefault("evse_id", connector)
        if connector != evse:
            fields["connector_id"] = connector
    return fields
