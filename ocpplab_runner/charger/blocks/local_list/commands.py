"""What is done to the local list from inside the station."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ocpplab_runner.authorization.local_list import ListEntry, LocalAuthorizationList, UpdateStatus, UpdateType
from ocpplab_runner.authorization.types import AuthorizationStatus, IdToken, ValidationResult
from ocpplab_runner.charger.blocks.local_list.block import FEATURE
from ocpplab_runner.charger.core.block import Command, Fields
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.model import Refused
from ocpplab_runner.charger.core.services.authorization import LOCAL_LIST


def send_list(context: Context, fields: Fields, raw: bool) -> dict[str, Any]:
    """Put a local authorization list into the station."""
    known = _list_of(context)
    entries = [_list_entry(entry) for entry in fields["entries"]]
    update = UpdateType(fields.get("update_type", "Full"))
    if update is UpdateType.FULL and fields["list_version"] <= known.version:
        raise Refused(f"the list is at version {known.version} already")
    status = known.update(fields["list_version"], update, entries)
    if status is not UpdateStatus.ACCEPTED:
        raise Refused(f"the update was refused: {status.value}")
    return {"entries_received": len(entries), "list_version": known.version}


def clear_list(context: Context, fields: Fields, raw: bool) -> dict[str, Any]:
    """Remove every entry of the local list; its version becomes 0."""
    return {"entries_deleted": _list_of(context).clear()}


def _list_of(context: Context) -> LocalAuthorizationList:
    if FEATURE not in context.config.features:
        raise Refused("the charger has no local authorization list")
    return context.ask(LOCAL_LIST).entries


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


COMMANDS: Mapping[str, Command] = {
    "send_local_auth_list": Command(send_list),
    "clear_local_auth_list": Command(clear_list),
}
