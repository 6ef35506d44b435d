"""Validators that a scenario scripts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ocpplab_runner.authorization.types import (
    AuthorizationStatus,
    CertificateStatus,
    IdToken,
    IdTokenType,
    InnerAuthorizationStatus,
    ProvidedIdToken,
    SelectionAlgorithm,
)
from ocpplab_runner.authorization.validators import (
    CsmsValidator,
    ScriptedValidator,
    Verdict,
    id_token,
    validators_from_given,
)
from ocpplab_runner.vocabulary.authorization import CERTIFICATE_STATUSES, ID_TOKEN_TYPES, SELECTION_ALGORITHMS
from tests.authorization.bench import NOW

GATE = {
    "name": "gate",
    "verdicts": {
        "CARD-1": "Accepted",
        "card-2": {
            "status": "Blocked",
            "parent_id_token": "G",
            "evse_ids": [2],
            "reservation_id": 7,
            "certificate_status": "CertificateExpired",
            "delay": "2s",
        },
        "CARD-3": {"fails": True},
        "CARD-4": {"expires_in": "1h"},
        "CARD-5": {"expiry_time": "2025-12-31T23:59:59Z"},
        "CARD-6": "PinRequired",
    },
}


def judge(card: str, given: dict[str, Any] = GATE) -> Verdict:
    """What the validator says of a card."""
    (validator,) = validators_from_given([given])
    assert isinstance(validator, ScriptedValidator)
    return validator.judge(ProvidedIdToken(IdToken(card)))


@pytest.mark.parametrize(
    ("card", "status"),
    [
        ("card-1", AuthorizationStatus.ACCEPTED),
        ("CARD-2", AuthorizationStatus.BLOCKED),
        ("CARD-3", AuthorizationStatus.UNKNOWN),
        ("CARD-4", AuthorizationStatus.ACCEPTED),
        ("CARD-5", AuthorizationStatus.EXPIRED),
        ("CARD-6", InnerAuthorizationStatus.PIN_REQUIRED),
        ("CARD-9", AuthorizationStatus.UNKNOWN),
    ],
)
def test_statuses(card: str, status: AuthorizationStatus) -> None:
    """By card without letter case; a failing one counts as Unknown, an expired verdict as Expired."""
    assert judge(card).at(NOW).authorization_status is status


def test_everything_that_a_verdict_may_say() -> None:
    """Group, EVSEs, reservation, certificate, time."""
    verdict = judge("CARD-2")
    result = verdict.at(NOW)
    assert verdict.delay == 2.0
    assert result.parent_id_token == IdToken("g", IdTokenType.CENTRAL)
    assert (result.evse_ids, result.reservation_id) == ((2,), 7)
    assert result.certificate_status is CertificateStatus.CERTIFICATE_EXPIRED
    assert judge("CARD-4").at(NOW).expiry_time == NOW + timedelta(hours=1)


def test_otherwise() -> None:
    """Every other card."""
    assert judge("X", {"name": "open", "otherwise": "Accepted"}).at(NOW).accepted


def test_order_and_default() -> None:
    """They are called as listed; without any, the CSMS alone."""
    assert validators_from_given(None) == (CsmsValidator(),)
    made = validators_from_given([GATE, "csms", {"name": "late"}])
    assert [validator.name for validator in made] == ["gate", "csms", "late"]


@pytest.mark.parametrize(
    "given",
    [
        ["nobody"],
        [{"name": "gate", "verdicts": {"A": {"status": "Accepted", "colour": "red"}}}],
        [{"name": "gate", "otherwise": {"evse_ids": [0]}}],
        [{"name": "gate", "otherwise": {"delay": "soon"}}],
    ],
)
def test_what_makes_no_validator(given: list[Any]) -> None:
    """A mistake that the schema could not see is an error with a text."""
    with pytest.raises(ValueError, match=r"\w"):
        validators_from_given(given)


def test_tokens() -> None:
    """A bare value is a card unless the provider says otherwise."""
    assert id_token("A").type is IdTokenType.ISO14443
    assert id_token("A", "eMAID").type is IdTokenType.EMAID
    assert id_token({"value": "A", "type": "KeyCode"}).type is IdTokenType.KEY_CODE


def test_names_in_scenarios_are_those_of_the_types() -> None:
    """What the schema offers is what the types have."""
    assert set(SELECTION_ALGORITHMS) == {algorithm.value for algorithm in SelectionAlgorithm}
    assert list(CERTIFICATE_STATUSES) == [status.value for status in CertificateStatus]
    assert set(ID_TOKEN_TYPES) == {kind.value for kind in IdTokenType}
