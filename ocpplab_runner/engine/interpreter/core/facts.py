"""Facts, and what makes their fields. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

#: A fact's name and its fields.
Fact = tuple[str, dict[str, Any]]

NO_FACTS: list[Fact] = []
MOST_REMEMBERED = 256
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?(?P<offset>[Zz]|[+-]\d\d:\d\d)?")


def put(fields: dict[str, Any], name: str, value: Any) -> None:
    """Set a field unless its value is None: a fact has no empty fields."""
    if value is not None:
        fields[name] = value


def moment(timestamp: Any) -> str | None:
    """A message's timestamp for a fact: one without an offset is read as UTC; None for what is no time."""
    found = _TIME.fullmatch(timestamp) if isinstance(timestamp, str) else None
    if found is None:
        return None
    return timestamp if found["offset"] else f"{timestamp}Z"


def remember(memory: dict[Any, Any], key: Any, value: Any) -> None:
    """Set an entry of a memory that keeps only the latest ones: a charger may live for years."""
    memory.pop(key, None)
    memory[key] = value
    if len(memory) > MOST_REMEMBERED:
        del memory[next(iter(memory))]


def auth_status(info: Mapping[str, Any], card: Any, via: str, evse_id: Any = None) -> Fact:
    """A verdict of the CSMS on a card, with its group where it has one: 1.6 IdTagInfo, 2.x IdTokenInfoType."""
    fields = {"is": info["status"]}
    put(fields, "id_tag", card)
    fields["via"] = via
    put(fields, "evse_id", evse_id)
    group = info.get("groupIdToken")
    put(fields, "parent_id_token", group["idToken"] if group else info.get("parentIdTag"))
    return "auth_status", fields


def connector_status(status: str, evse_id: Any, connector_id: Any) -> Fact:
    """A connector has a new status."""
    return "connector_status", {"is": status, "evse_id": evse_id, "connector_id": connector_id}


def is_boot(payload: Mapping[str, Any]) -> bool:
    """Whether a BootNotification tells of a boot, and was not merely asked for (2.x)."""
    return payload.get("reason") != "Triggered"
