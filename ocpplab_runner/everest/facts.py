"""What EVerest's messages mean, as facts of the language. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ocpplab_runner.authorization.codec import to_json
from ocpplab_runner.authorization.types import TokenValidationStatusMessage
from ocpplab_runner.everest.messages import SessionEvent

#: A fact's name, and its fields.
Told = tuple[str, Mapping[str, Any]]
_STARTED = "UsedToStart"


def facts_of_session(event: SessionEvent, evse_id: int | None) -> Sequence[Told]:
    """``session``.

    Args:
        event: as the EvseManager says it.
        evse_id: whose; None where that is not known.
    """
    place = {} if evse_id is None else {"evse_id": evse_id}
    fields: dict[str, Any] = {"is": event.event, **place, "session_id": event.session_id}
    for name, value in (("reason", event.reason), ("id_tag", event.card)):
        if value is not None:
            fields[name] = value
    return [("session", fields)]


def facts_of_token_status(message: TokenValidationStatusMessage) -> Sequence[Told]:
    """``token_status``, and of a token that is used to start the EVSE that it was granted."""
    token, status = message.token, str(getattr(message.status, "value", message.status))
    fields: dict[str, Any] = {"is": status, "id_tag": token.id_token.value}
    if len(token.connectors) == 1:
        fields["evse_id"] = token.connectors[0]
    if token.parent_id_token is not None:
        fields["parent_id_token"] = token.parent_id_token.value
    # Which of the two a real EVerest fills has not been seen yet.
    texts = message.messages or tuple(text for result in message.validation_results for text in result.tariff_messages)
    if texts:
        fields["messages"] = [to_json(text) for text in texts]
    facts: list[Told] = [("token_status", fields)]
    if status == _STARTED and len(token.connectors) == 1:
        granted = {"is": token.connectors[0], "status": "Accepted", "id_tag": token.id_token.value}
        facts.append(("authorized_evse", granted))
    return facts
