"""A presented token on its way through the handler, and how its handling is told to the station."""

from __future__ import annotations

from dataclasses import dataclass

from ocpplab_runner.authorization.effects import Effect, Handled, Publish
from ocpplab_runner.authorization.types import (
    ProvidedIdToken,
    TokenHandlingResult,
    TokenValidationStatus,
    ValidationResult,
)

_PUBLISHED: dict[TokenHandlingResult, TokenValidationStatus] = {
    TokenHandlingResult.REJECTED: TokenValidationStatus.REJECTED,
    # EVerest's observers cannot tell it from a refusal by validators.
    TokenHandlingResult.NO_CONNECTOR_AVAILABLE: TokenValidationStatus.REJECTED,
    TokenHandlingResult.TIMEOUT: TokenValidationStatus.TIMED_OUT,
    TokenHandlingResult.WITHDRAWN: TokenValidationStatus.WITHDRAWN,
    TokenHandlingResult.USED_TO_START_TRANSACTION: TokenValidationStatus.USED_TO_START,
    TokenHandlingResult.USED_TO_STOP_TRANSACTION: TokenValidationStatus.USED_TO_STOP,
    TokenHandlingResult.USED_TO_REAUTHORIZE: TokenValidationStatus.USED_TO_REAUTHORIZE,
}


@dataclass(slots=True)
class Request:
    """A token between its presentation and its end."""

    number: int
    token: ProvidedIdToken
    referenced: tuple[int, ...]
    candidates: tuple[int, ...] = ()
    result: ValidationResult | None = None  # set while it waits for a car


def concluded(token: ProvidedIdToken, outcome: TokenHandlingResult, *, judged: bool) -> list[Effect]:
    """The handling of a token has ended."""
    return [Publish(token, _PUBLISHED[outcome]), Handled(token, outcome, judged)]
