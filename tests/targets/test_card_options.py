"""Lists of real cards, whatever stands in them."""

from __future__ import annotations

from typing import Any

import pytest

from ocpplab_runner.csms import Card
from ocpplab_runner.targets.card_options import cards_option, tokens_option
from ocpplab_runner.vocabulary.statuses import AuthorizationStatus


def test_what_is_listed_is_read() -> None:
    """Names that are numbers are cards too."""
    accepted = AuthorizationStatus.ACCEPTED
    listed = {4711: "Accepted", "B": {"status": "Accepted", "parent_id_token": 5, "expired_for": "1h"}}
    assert cards_option(listed) == {"4711": Card(accepted), "B": Card(accepted, "5", -3600.0)}
    assert tokens_option({"CARD-1": 4711}) == {"CARD-1": "4711"}
    assert cards_option(None) == tokens_option(None) == {}


@pytest.mark.parametrize(
    ("listed", "told"),
    [
        ([], "`cards` maps the CSMS's real cards"),
        ("A", "`cards` maps the CSMS's real cards"),
        ({"A": 5}, "`cards: A`: 5 is none of Accepted"),
        ({"A": None}, "`cards: A`: None is none of"),
        ({"A": ["Accepted"]}, "`cards: A`: .* is none of"),
        ({"A": "x" * 10**6}, "`cards: A`: 'xxx.*… is none of"),
        ({"A": {"status": {"a": "b"}}}, "is none of"),
        ({"A": {"type": "ISO14443"}}, "None is none of"),
        ({"A": {"status": "Accepted", "colour": 1}}, "a card has no field colour"),
        ({"A": {"status": "Accepted", "type": ["x"]}}, "a card's type is one of"),
        ({"A": {"status": "Accepted", "parent_id_token": ["x"]}}, "parent_id_token`: .* is no number of a card"),
        ({"A": {"status": "Accepted", "parent_id_token": "x\u202e"}}, "is no number of a card"),
        ({"A": {"status": "Accepted", "expired_for": "-1s"}}, "is not a duration"),
        ({"A": {"status": "Accepted", "expired_for": "1h", "expires_in": "1h"}}, "one expiry date"),
        ({"A\x1b[2J": "Accepted"}, "is no number of a card"),
        ({"A\0": "Accepted"}, "is no number of a card"),
        ({"A\nB": "Accepted"}, "is no number of a card"),
        ({"\u202eA": "Accepted"}, "is no number of a card"),
        ({"": "Accepted"}, "is no number of a card"),
        ({" ": "Accepted"}, "is no number of a card"),
        ({None: "Accepted"}, "is no number of a card"),
        ({True: "Accepted"}, "is no number of a card"),
        ({"a": "Accepted", "A": "Blocked"}, "a and A are the same card"),
        ({1: "Accepted", "1": "Blocked"}, "1 and 1 are the same card"),
    ],
)
def test_what_is_none_is_told(listed: Any, told: str) -> None:
    """In one line of reasonable length, in which nothing moves a cursor."""
    with pytest.raises(ValueError, match=told) as found:
        cards_option(listed)
    text = str(found.value)
    assert text.isprintable()
    assert len(text) < 500


@pytest.mark.parametrize("listed", [["A"], {"A": None}, {"A": ["B"]}, {"A": "\x1b"}, {"A": ""}, {"\0": "B"}])
def test_tokens_are_cards_too(listed: Any) -> None:
    """Those that a scenario's are mapped to."""
    with pytest.raises(ValueError, match="`tokens`"):
        tokens_option(listed)
