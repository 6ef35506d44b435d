"""What happens to tokens inside a station, for those who see inside: EVerest's publications, as facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner.authorization.codec import to_json
from ocpplab_runner.authorization.types import (
    IdToken,
    MessageContent,
    ProvidedIdToken,
    ValidationResult,
    WithdrawAuthorizationResult,
)
from ocpplab_runner.charger.core.context import ChargerObserver
from ocpplab_runner.vocabulary.statuses import AuthorizationRoute


class TokenFacts:
    """Tells the observer of a station what becomes of tokens."""

    __slots__ = ("_observer",)

    def __init__(self, observer: ChargerObserver) -> None:
        self._observer = observer

    def token_status(self, token: ProvidedIdToken, status: str, messages: tuple[MessageContent, ...]) -> None:
        """How far the handling of a token has come (``token_validation_status``)."""
        told: dict[str, Any] = {"is": status}
        if token.parent_id_token is not None:
            told["parent_id_token"] = token.parent_id_token.value
        if messages:
            told["messages"] = [to_json(message) for message in messages]
        self._tell("token_status", token, told)

    def validation_result(self, token: ProvidedIdToken, via: str, result: ValidationResult) -> None:
        """What a validator said."""
        if result.certificate_status is not None:
            self._tell("certificate_status", token, {"is": result.certificate_status.value})
        told = {"is": result.authorization_status.value, "via": via, **_details(result)}
        self._tell("validation_result", token, told)

    def verdict(
        self, token: ProvidedIdToken, route: AuthorizationRoute, result: ValidationResult, reason: str = ""
    ) -> None:
        """A verdict that no frame shows, with the reason where the station gives it by itself."""
        told = {"is": result.authorization_status.value, "via": route.value, **_group(result)}
        self._tell("auth_status", token, {**told, "reason": reason} if reason else told)

    def reaches(self, evse_id: int, token: ProvidedIdToken, result: ValidationResult) -> None:
        """EVerest's ``authorize_response``: a verdict has reached an EVSE (rule 11g)."""
        told: dict[str, Any] = {"is": evse_id, "status": result.authorization_status.value}
        if result.reservation_id is not None:
            told["reservation_id"] = result.reservation_id
        self._observer.fact("authorized_evse", {**told, "id_tag": token.id_token.value})

    def withdrawal(self, answer: WithdrawAuthorizationResult, evse_id: int | None, token: IdToken | None) -> None:
        """How a request to take authorizations back was answered (rule 17)."""
        told: dict[str, Any] = {"is": answer.value}
        if evse_id is not None:
            told["evse_id"] = evse_id
        if token is not None:
            told["id_tag"] = token.value
        self._observer.fact("withdrawal", told)

    def _tell(self, name: str, token: ProvidedIdToken, fields: Mapping[str, Any]) -> None:
        told = {**fields, "id_tag": token.id_token.value}
        if len(token.connectors) == 1:
            told["evse_id"] = token.connectors[0]
        self._observer.fact(name, told)


def _details(result: ValidationResult) -> Mapping[str, Any]:
    written = to_json(result)
    names = ("evse_ids", "reservation_id", "certificate_status", "expiry_time")
    return {name: written[name] for name in names if name in written} | _group(result)


def _group(result: ValidationResult) -> dict[str, str]:
    parent = result.parent_id_token
    return {} if parent is None else {"parent_id_token": parent.value}
