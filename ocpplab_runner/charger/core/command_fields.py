"""What a command's fields mean at a station: which EVSE, which connector, which card."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ocpplab_runner.authorization.types import IdToken, IdTokenType, ProvidedIdToken, token_type
from ocpplab_runner.charger.core.block import Fields
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.evse import Connector, Evse
from ocpplab_runner.charger.core.model import Refused
from ocpplab_runner.charger.core.services.authorization import AUTHORIZATION


def hand_over(context: Context, token: ProvidedIdToken) -> dict[str, Any]:
    """Present a token; returns the detail that the command hands back: why it is ignored, if it is."""
    # Before it is presented: afterwards it would be a duplicate of itself.
    ignored = context.ask(AUTHORIZATION).why_ignored(token)
    context.ask(AUTHORIZATION).present(token)
    return {"ignored": ignored} if ignored else {}


def pick(context: Context, fields: Fields, fits: Callable[[Evse], bool], nobody: str) -> Evse:
    """The EVSE that the fields name, or the only one that fits."""
    if fields.get("evse_id") is not None:
        return context.equipment.evse(fields["evse_id"])
    candidates = [evse for evse in context.equipment.evses if fits(evse)]
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        raise Refused(nobody)
    names = " or ".join(str(evse.evse_id) for evse in candidates)
    raise Refused(f"say which EVSE is meant: evse_id {names}")


def named_connector(evse: Evse, fields: Fields) -> Connector | None:
    """The connector that the fields name; None when they name none."""
    if fields.get("connector_id") is None:
        return None
    connector = evse.connector(fields["connector_id"])
    if connector is None:
        raise Refused(f"EVSE {evse.evse_id} has no connector {fields['connector_id']}")
    return connector


def card(context: Context, fields: Fields, raw: bool) -> IdToken:
    """The card that the fields name; it must fit the station's OCPP version unless it is ``raw``."""
    token = IdToken(fields["id_tag"], token_type(fields.get("id_token_type", IdTokenType.ISO14443)))
    breach = None if raw else context.ask(AUTHORIZATION).wrong(ProvidedIdToken(token))
    if breach is not None:
        raise Refused(f"the card {token.value!r} does not fit OCPP {context.version.value}: {breach}")
    return token
