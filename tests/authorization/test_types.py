"""EVerest's authorization values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ocpplab_runner.authorization.types import (
    AuthorizationStatus,
    IdToken,
    IdTokenType,
    ProvidedIdToken,
    ValidationResult,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_letter_case_does_not_tell_tokens_apart() -> None:
    """OCPP's id tokens are case-insensitive."""
    assert IdToken("Card-1") == IdToken("CARD-1")
    assert len({IdToken("Card-1"), IdToken("CARD-1")}) == 1


def test_the_type_tells_tokens_apart_only_where_it_is_asked_for() -> None:
    """Rules 2 and 17 compare types, rules 4 and 8 do not."""
    card, central = IdToken("A"), IdToken("a", IdTokenType.CENTRAL)
    assert card != central
    assert not card.same_token_and_type(central)
    assert card.same_token(central)
    assert not card.same_token(None)


@pytest.mark.parametrize(
    ("status", "expires_in", "then"),
    [("Accepted", 1, "Accepted"), ("Accepted", 0, "Expired"), ("Accepted", -1, "Expired"), ("Blocked", -1, "Blocked")],
)
def test_an_accepted_verdict_expires(status: str, expires_in: int, then: str) -> None:
    """Only an accepted verdict becomes Expired, and does so at its very expiry."""
    result = ValidationResult(AuthorizationStatus(status), expiry_time=NOW + timedelta(seconds=expires_in))
    assert result.at(NOW).authorization_status == then


def test_a_used_token_names_its_evse_and_group() -> None:
    """What is published is enriched; what was presented stays as it was."""
    token = ProvidedIdToken(IdToken("A"))
    used = token.used_at(2, IdToken("FLEET"))
    assert (used.connectors, used.parent_id_token) == ((2,), IdToken("fleet"))
    assert token.connectors == ()
