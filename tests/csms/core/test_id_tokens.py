"""What the CSMS says of a card."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocpplab_runner.csms.core.datatypes_v2 import id_token_info
from ocpplab_runner.csms.core.datatypes_v16 import id_tag_info
from ocpplab_runner.csms.core.id_tokens import Card, IdTokenTable, Verdict, wire_status
from ocpplab_runner.ocppj.validation import validate_response
from ocpplab_runner.vocabulary.statuses import WIRE_AUTHORIZATION_STATUSES, AuthorizationStatus
from ocpplab_runner.vocabulary.versions import OcppVersion

V16, V201 = OcppVersion.V16, OcppVersion.V201
NOW = datetime(2026, 1, 1, tzinfo=UTC)
S = AuthorizationStatus
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def table(cards: dict[str, Any], **options: Any) -> IdTokenTable:
    known = {token: Card.from_given(card) for token, card in cards.items()}
    return IdTokenTable(known, **{"unknown": S.INVALID, "concurrent_tx": "refuse", "now": NOW, **options})


def said(cards: IdTokenTable, token: str, version: OcppVersion, now: datetime = NOW) -> Verdict:
    """The verdict on a card that charges nowhere."""
    return cards.verdict(token, version=version, now=now, charging_elsewhere=False)


@pytest.mark.parametrize("status", AuthorizationStatus)
def test_each_status_in_2_0_1(status: AuthorizationStatus) -> None:
    """OCPP 2.0.1 carries all ten statuses as they are."""
    assert said(table({"CARD": status.value}), "CARD", V201) == Verdict(status)


@pytest.mark.parametrize(
    ("status", "on_the_wire"),
    [
        (S.ACCEPTED, S.ACCEPTED),
        (S.BLOCKED, S.BLOCKED),
        (S.CONCURRENT_TX, S.CONCURRENT_TX),
        (S.EXPIRED, S.EXPIRED),
        (S.INVALID, S.INVALID),
        (S.NO_CREDIT, S.BLOCKED),
        (S.NOT_ALLOWED_TYPE_EVSE, S.BLOCKED),
        (S.NOT_AT_THIS_LOCATION, S.BLOCKED),
        (S.NOT_AT_THIS_TIME, S.BLOCKED),
        (S.UNKNOWN, S.INVALID),
    ],
)
def test_each_status_in_1_6(status: AuthorizationStatus, on_the_wire: AuthorizationStatus) -> None:
    """OCPP 1.6 has five statuses; the others become the nearest of them."""
    assert said(table({"CARD": status.value}), "CARD", V16).status is on_the_wire


@pytest.mark.parametrize(
    ("card", "after", "elsewhere", "status"),
    [
        ("Accepted", 0, False, S.ACCEPTED),
        ("Accepted", 10**9, False, S.ACCEPTED),
        ({"status": "Accepted", "expires_in": "1h"}, 3599, False, S.ACCEPTED),
        ({"status": "Accepted", "expires_in": "1h"}, 3600, False, S.EXPIRED),
        ({"status": "Accepted", "expired_for": "1s"}, 0, False, S.EXPIRED),
        ({"status": "Blocked", "expired_for": "1s"}, 0, False, S.BLOCKED),
        ("Accepted", 0, True, S.CONCURRENT_TX),
        ({"status": "Accepted", "expired_for": "1s"}, 0, True, S.EXPIRED),
        ("Blocked", 0, True, S.BLOCKED),
    ],
)
def test_expiry_and_concurrency(card: Any, after: int, elsewhere: bool, status: AuthorizationStatus) -> None:
    """Only an accepted card expires or is charging elsewhere; the expiry date counts first."""
    for version in (V16, V201):
        verdict = table({"CARD": card}).verdict(
            "CARD", version=version, now=NOW + timedelta(seconds=after), charging_elsewhere=elsewhere
        )
        assert verdict.status is status


def test_concurrent_transactions_may_be_allowed() -> None:
    """With `concurrent_tx: allow` a card may charge in several places."""
    cards = table({"CARD": "Accepted"}, concurrent_tx="allow")
    assert cards.verdict("CARD", version=V16, now=NOW, charging_elsewhere=True).status is S.ACCEPTED


def test_unknown_cards_have_the_given_status() -> None:
    """A card that is not in the table is Invalid unless the scenario says otherwise."""
    assert said(table({}), "CARD", V201).status is S.INVALID
    assert said(table({}, unknown=S.UNKNOWN), "CARD", V201).status is S.UNKNOWN
    assert said(table({}, unknown=S.UNKNOWN), "CARD", V16).status is S.INVALID


def test_card_numbers_have_no_letter_case() -> None:
    """A card is found whatever the letter case."""
    assert said(table({"Card-1": "Blocked"}), "cARD-1", V16).status is S.BLOCKED


def test_a_changed_card_counts_its_expiry_from_the_change() -> None:
    """`set` replaces the card, and its expiry date counts from that moment."""
    cards, later = table({"CARD": "Blocked"}), NOW + timedelta(hours=5)
    cards.set("card", Card.from_given({"status": "Accepted", "expires_in": "1h", "parent_id_token": "G"}), now=later)
    assert said(cards, "CARD", V16, later) == Verdict(S.ACCEPTED, "G", later + timedelta(hours=1))


@pytest.mark.parametrize(
    "value", ["Happy", 5, None, {}, {"status": "Accepted", "colour": 1}, {"status": "Accepted", "expires_in": "soon"}]
)
def test_what_is_no_card(value: Any) -> None:
    """What is neither a status nor a card's mapping is refused."""
    with pytest.raises(ValueError):
        Card.from_given(value)


def test_a_card_has_one_expiry_date() -> None:
    """`expires_in` and `expired_for` exclude each other."""
    with pytest.raises(ValueError, match="one expiry date"):
        Card.from_given({"status": "Accepted", "expires_in": "1s", "expired_for": "1s"})


STATUSES = st.sampled_from([status.value for status in AuthorizationStatus])
CARDS = st.dictionaries(
    st.text("abAB01", min_size=1, max_size=20),
    STATUSES
    | st.builds(
        lambda status, parent, past: {"status": status, "parent_id_token": parent, **past},
        STATUSES,
        st.text("ABC", min_size=1, max_size=20),
        st.sampled_from([{}, {"expires_in": "1h"}, {"expired_for": "2d"}]),
    ),
    max_size=6,
)


@CALM
@given(CARDS, STATUSES, st.text("abAB01", min_size=1, max_size=20), st.integers(-(10**6), 10**6), st.booleans())
def test_no_table_gives_what_a_version_cannot_carry(
    cards: dict[str, Any], unknown: str, token: str, after: int, elsewhere: bool
) -> None:
    """Whatever the table, card and time, every verdict is a valid answer in its version."""
    made = table(cards, unknown=AuthorizationStatus(unknown))
    now = NOW + timedelta(seconds=after)
    for version, action, wrap in (
        (V16, "Authorize", lambda verdict: {"idTagInfo": id_tag_info(verdict)}),
        (V201, "Authorize", lambda verdict: {"idTokenInfo": id_token_info(verdict)}),
    ):
        verdict = made.verdict(token, version=version, now=now, charging_elsewhere=elsewhere)
        assert verdict.status in WIRE_AUTHORIZATION_STATUSES[version]
        assert validate_response(version, action, wrap(verdict)) is None


@given(st.sampled_from(list(AuthorizationStatus)), st.sampled_from([V16, V201]))
def test_a_refusal_never_becomes_an_acceptance(status: AuthorizationStatus, version: OcppVersion) -> None:
    """Mapping a status to a version's own keeps Accepted apart from all others."""
    assert (wire_status(status, version) is S.ACCEPTED) == (status is S.ACCEPTED)
