"""What is done inside a station: settings, lists, cache, faults, and messages past its own state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ocpplab_runner.authorization.local_list import ListEntry, UpdateStatus, UpdateType
from ocpplab_runner.authorization.types import AuthorizationStatus, IdToken, ValidationResult
from ocpplab_runner.charger import faults
from ocpplab_runner.charger.command_fields import Command, Fields, named_connector
from ocpplab_runner.charger.evse import ActiveFault
from ocpplab_runner.charger.model import Refused
from ocpplab_runner.charger.proxy import proxy_call
from ocpplab_runner.charger.settings import wire_text
from ocpplab_runner.ocppj.frames import Call, parse
from ocpplab_runner.ocppj.validation import validate_request
from ocpplab_runner.vocabulary.faults import FAULTS, find_fault
from ocpplab_runner.vocabulary.settings import SETTINGS

if TYPE_CHECKING:
    from ocpplab_runner.charger.station import SimulatedCharger
    from ocpplab_runner.ocppj.session import Session

#: Settings that a station has whether or not its OCPP version has a name for them.
_INSIDE_EVERYWHERE = frozenset({"master_pass_group"})


def inject_fault(station: SimulatedCharger, fields: Fields, raw: bool) -> None:
    """Break something."""
    fault = find_fault(fields["fault_type"])
    if fault is None:
        raise Refused(f"there is no fault {fields['fault_type']}: choose from {', '.join(sorted(FAULTS))}")
    evse = None if fields.get("evse_id") is None else station.evse(fields["evse_id"])
    connector = None if evse is None else named_connector(evse, fields)
    active = ActiveFault(fault, fields.get("info", ""), fields.get("vendor_error_code", ""))
    faults.inject(station, active, evse, connector)


def clear_fault(station: SimulatedCharger, fields: Fields, raw: bool) -> dict[str, Any]:
    """Repair an EVSE, or everything."""
    evse = None if fields.get("evse_id") is None else station.evse(fields["evse_id"])
    connector = None if evse is None else named_connector(evse, fields)
    gone = faults.clear(station, evse, connector)
    if gone == 0:
        raise Refused("there is no fault to clear" + ("" if evse is None else f" on EVSE {evse.evse_id}"))
    return {"faults_cleared": gone}


def set_configuration(station: SimulatedCharger, fields: Fields, raw: bool) -> None:
    """Change neutral settings and raw configuration from inside."""
    for name, value in (fields.get("settings") or {}).items():
        setting = SETTINGS.get(name)
        if setting is None:
            raise Refused(f"there is no setting {name}")
        if not setting.exists_in(station.version) and name not in _INSIDE_EVERYWHERE:
            raise Refused(f"OCPP {station.version.value} has no setting {name}")
        try:
            station.settings.set(name, wire_text(setting, value))
        except ValueError as error:
            raise Refused(str(error)) from None
    for key, value in (fields.get("configuration") or {}).items():
        station.dialect.set_raw(key, str(value))


def reset_cache(station: SimulatedCharger, fields: Fields, raw: bool) -> dict[str, Any]:
    """Empty the authorization cache."""
    return {"cleared_entries": station.cache.clear()}


def send_list(station: SimulatedCharger, fields: Fields, raw: bool) -> dict[str, Any]:
    """Put a local authorization list into the station."""
    _require_local_list(station)
    entries = [_list_entry(entry) for entry in fields["entries"]]
    update = UpdateType(fields.get("update_type", "Full"))
    if update is UpdateType.FULL and fields["list_version"] <= station.local_list.version:
        raise Refused(f"the list is at version {station.local_list.version} already")
    status = station.local_list.update(fields["list_version"], update, entries)
    if status is not UpdateStatus.ACCEPTED:
        raise Refused(f"the update was refused: {status.value}")
    return {"entries_received": len(entries), "list_version": station.local_list.version}


def clear_list(station: SimulatedCharger, fields: Fields, raw: bool) -> dict[str, Any]:
    """Remove every entry of the local list; its version becomes 0."""
    _require_local_list(station)
    return {"entries_deleted": station.local_list.clear()}


def _require_local_list(station: SimulatedCharger) -> None:
    if "LocalAuthListManagement" not in station.config.features:
        raise Refused("the charger has no local authorization list")


def proxy(station: SimulatedCharger, fields: Fields, raw: bool) -> dict[str, Any]:
    """Send any message past the station's own state."""
    session = station.uplink.session
    if session is None:
        raise Refused("the charger is not connected")
    wanted = fields.get("ocpp_version")
    if wanted is not None and wanted != station.version.subprotocol:
        raise Refused(f"the charger speaks {station.version.subprotocol}, not {wanted}")
    if "text" in fields:
        return _send_text(station, session, fields["text"], binary=fields.get("binary", False))
    action, payload = proxy_call(station.version, fields["action"], fields["payload"])
    violation = None if raw else validate_request(station.version, action, payload)
    if violation is not None and violation.weight == "must":
        raise Refused(f"{action} breaks its schema: {violation}")
    sent = session.enqueue(action, payload, validate=False)
    return {"message_id": sent.message_id, "action": action}


def _send_text(station: SimulatedCharger, session: Session, text: str, *, binary: bool) -> dict[str, Any]:
    """Send a WebSocket message as it stands; one that is a CALL is the command's own call."""
    try:
        session.send_raw(text, binary=binary)
    except ValueError:
        raise Refused("the text cannot be written as UTF-8") from None
    message = parse(text, station.version)
    return {"message_id": message.message_id, "action": message.action} if isinstance(message, Call) else {}


def _list_entry(entry: Fields) -> ListEntry:
    expiry = entry.get("expiry_date")
    parent = entry.get("parent_id_tag")
    return ListEntry(
        IdToken(entry["id_tag"]),
        ValidationResult(
            AuthorizationStatus(entry.get("status", "Accepted")),
            None if expiry is None else _moment(expiry),
            None if parent is None else IdToken(parent),
        ),
    )


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"{text!r} is no RFC 3339 date and time") from None
    if moment.tzinfo is None:
        raise Refused(f"{text!r} has no time zone: append Z")
    return moment


INNER_COMMANDS: Mapping[str, Command] = {
    "proxy_message": proxy,
    "set_configuration": set_configuration,
    "reset_auth_cache": reset_cache,
    "send_local_auth_list": send_list,
    "clear_local_auth_list": clear_list,
    "inject_fault": inject_fault,
    "clear_fault": clear_fault,
}
