"""What a command's fields mean at a station: which EVSE, which connector, which card."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ocpplab_runner.authorization.types import IdToken, IdTokenType, ProvidedIdToken
from ocpplab_runner.charger.evse import Connector, Evse
from ocpplab_runner.charger.model import Refused
from ocpplab_runner.ocppj.validation import validate_request

if TYPE_CHECKING:
    from ocpplab_runner.charger.station import SimulatedCharger

Fields = Mapping[str, Any]
#: Carries one command out: station, fields, raw; returns the detail that the command hands back, or None.
Command = Callable[["SimulatedCharger", Fields, bool], Mapping[str, Any] | None]


def hand_over(station: SimulatedCharger, token: ProvidedIdToken) -> dict[str, Any]:
    """Present a token; returns the detail that the command hands back: why it is ignored, if it is."""
    ignored = station.cards.why_ignored(token)
    station.cards.present(token)
    return {"ignored": ignored} if ignored else {}


def pick(station: SimulatedCharger, fields: Fields, fits: Callable[[Evse], bool], nobody: str) -> Evse:
    """The EVSE that the fields name, or the only one that fits."""
    if fields.get("evse_id") is not None:
        return station.evse(fields["evse_id"])
    candidates = [evse for evse in station.evses if fits(evse)]
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


def card(station: SimulatedCharger, fields: Fields, raw: bool) -> IdToken:
    token = IdToken(fields["id_tag"], IdTokenType(fields.get("id_token_type", IdTokenType.ISO14443)))
    outgoing = station.dialect.authorize(token)
    violation = None if raw else validate_request(station.version, outgoing.action, dict(outgoing.payload))
    if violation is not None:
        raise Refused(f"the card {token.value!r} does not fit OCPP {station.version.value}: {violation}")
    return token
