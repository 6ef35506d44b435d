"""What an EvseManager says of its sessions, and the JSON Schema of that.

The schema asks for what this project reads, in EVerest's words; a value that it does not know is kept and noted, since
EVerest's enumerations grow.
"""

from __future__ import annotations

from typing import Any, Final

from ocpplab_runner.ocppj.times import DATE_TIME

_TEXT: Final = {"type": "string"}
_STARTED: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"reason": {"enum": ["EVConnected", "Authorized"]}, "id_tag": {"type": "object"}},
    "required": ["reason"],
}
_TRANSACTION: Final[dict[str, Any]] = {"type": "object", "properties": {"id_tag": {"type": "object"}}}
#: Of the payload of ``e2m/session_event``.
SESSION_EVENT_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "uuid": {**_TEXT, "minLength": 1},
        "timestamp": {**_TEXT, "pattern": DATE_TIME["pattern"]},
        "event": _TEXT,
        "connector_id": {"type": "integer", "minimum": 1},
        "session_started": _STARTED,
        "transaction_started": _TRANSACTION,
        "transaction_finished": {
            **_TRANSACTION,
            "properties": {**_TRANSACTION["properties"], "reason": _TEXT},
        },
    },
    "required": ["uuid", "timestamp", "event"],
}
