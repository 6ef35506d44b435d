"""Messages on the display in OCPP 2.x: those that a charger says it keeps."""

from __future__ import annotations

from typing import Any

from ocpplab_runner.engine.interpreter.core.block import V2, Block, shown_by
from ocpplab_runner.engine.interpreter.core.facts import Fact, put


class DisplayMessage(Block):
    """``display_message``."""

    versions = V2

    @shown_by("NotifyDisplayMessages", "display_message")
    def reported(self, payload: Any) -> list[Fact]:
        """One for each message of the report."""
        facts: list[Fact] = []
        for info in payload.get("messageInfo", ()):
            fields = {
                "message_id": info["id"],
                "priority": info["priority"],
                "text": info["message"]["content"],
                "format": info["message"]["format"],
                "request_id": payload["requestId"],
            }
            put(fields, "state", info.get("state"))
            put(fields, "language", info["message"].get("language"))
            put(fields, "transaction_id", info.get("transactionId"))
            facts.append(("display_message", fields))
        return facts


DISPLAY_MESSAGE = (DisplayMessage,)
