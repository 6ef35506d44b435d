"""The Local Authorization List."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpplab_runner.authorization.local_list import ListEntry, LocalAuthorizationList, UpdateStatus, UpdateType
from ocpplab_runner.authorization.types import AuthorizationStatus, IdToken, IdTokenType, ValidationResult

FULL, DIFFERENTIAL = UpdateType.FULL, UpdateType.DIFFERENTIAL
OK = ValidationResult(AuthorizationStatus.ACCEPTED)
BAD = ValidationResult(AuthorizationStatus.BLOCKED)


def entries(*cards: str, result: ValidationResult | None = OK) -> list[ListEntry]:
    return [ListEntry(IdToken(card), result) for card in cards]


def filled(version: int = 5, *cards: str) -> LocalAuthorizationList:
    local = LocalAuthorizationList(max_entries=3, match_types=False, zero_is_empty=False)
    assert local.update(version, FULL, entries(*(cards or ("A", "B")))) is UpdateStatus.ACCEPTED
    return local


@pytest.mark.parametrize(
    ("version", "kind", "cards", "expected"),
    [
        (6, DIFFERENTIAL, ["C"], "Accepted"),
        (5, DIFFERENTIAL, ["C"], "VersionMismatch"),
        (4, DIFFERENTIAL, ["C"], "VersionMismatch"),
        (5, FULL, ["C"], "Accepted"),
        (1, FULL, ["C"], "Accepted"),
        (0, FULL, ["C"], "Failed"),
        (-1, FULL, ["C"], "Failed"),
        (0, DIFFERENTIAL, ["C"], "Failed"),
        (6, FULL, [], "Accepted"),
        (6, DIFFERENTIAL, [], "Accepted"),
        (6, FULL, ["C", "c"], "Failed"),
        (6, DIFFERENTIAL, ["C", "C"], "Failed"),
        (6, FULL, ["C", "D", "E", "F"], "Failed"),
        (6, DIFFERENTIAL, ["C", "D"], "Failed"),
    ],
)
def test_what_becomes_of_an_update(version: int, kind: UpdateType, cards: list[str], expected: str) -> None:
    """Version rules, unique cards and the size limit decide; a refused update changes nothing."""
    local = filled()
    before = list(local)
    assert local.update(version, kind, entries(*cards)) == expected
    if expected == "Accepted":
        assert local.version == version
    else:
        assert (local.version, list(local)) == (5, before)


@pytest.mark.parametrize(
    ("version", "kind", "cards", "expected", "after"),
    [
        (0, FULL, [], "Accepted", 0),
        (7, FULL, [], "Accepted", 0),
        (0, FULL, ["C"], "Failed", 5),
        (-1, FULL, [], "Failed", 5),
        (-1, DIFFERENTIAL, ["C"], "Failed", 5),
        (0, DIFFERENTIAL, ["C"], "VersionMismatch", 5),
        (5, DIFFERENTIAL, ["C"], "VersionMismatch", 5),
        (6, DIFFERENTIAL, [], "Accepted", 6),
        (1, FULL, ["C"], "Accepted", 1),
    ],
)
def test_version_0_says_empty_in_1_6(
    version: int, kind: UpdateType, cards: list[str], expected: str, after: int
) -> None:
    """Section 5.10: an empty list has version 0, so that 0 empties it, and no other list may have it."""
    local = LocalAuthorizationList(max_entries=9, match_types=False, zero_is_empty=True)
    local.update(5, FULL, entries("A"))
    assert local.update(version, kind, entries(*cards)) == expected
    assert local.version == after


def test_an_empty_list_begins_anew_in_1_6() -> None:
    """Who reads version 0 may send 1, whatever was there; in 2.x the version of the emptied list counts."""
    for rule, expected in ((True, "Accepted"), (False, "VersionMismatch")):
        local = LocalAuthorizationList(max_entries=9, match_types=False, zero_is_empty=rule)
        local.update(5, FULL, entries("A"))
        local.update(6, DIFFERENTIAL, entries("A", result=None))
        assert (len(local), local.version) == (0, 0 if rule else 6)
        assert local.update(1, DIFFERENTIAL, entries("B")) == expected


def test_a_full_update_replaces() -> None:
    """Cards that a full update does not name are gone."""
    local = filled()
    local.update(6, FULL, entries("C"))
    assert local.lookup(IdToken("A")) is None
    assert local.lookup(IdToken("c")) == OK


def test_a_differential_update_adds_changes_and_removes() -> None:
    """An entry without a result removes its card; removing what is not there is no mistake."""
    local = filled()
    update = [ListEntry(IdToken("a"), BAD), *entries("B", "X", result=None), *entries("C")]
    assert local.update(6, DIFFERENTIAL, update) is UpdateStatus.ACCEPTED
    assert [local.lookup(IdToken(card)) for card in "ABCX"] == [BAD, None, OK, None]


def test_a_full_update_must_say_something_of_each_card() -> None:
    """In a full list every card has a result."""
    local = filled()
    assert local.update(6, FULL, entries("C", result=None)) is UpdateStatus.FAILED


def test_clearing_counts_and_resets() -> None:
    """After clearing the version is 0."""
    local = filled()
    assert local.clear() == 2
    assert (local.version, len(local)) == (0, 0)


@pytest.mark.parametrize("match_types", [True, False])
def test_types_matter_in_version_2_only(match_types: bool) -> None:
    """1.6 knows no token types; in 2.x one value may stand there once per type."""
    local = LocalAuthorizationList(max_entries=9, match_types=match_types, zero_is_empty=False)
    local.update(1, FULL, entries("A"))
    assert (local.lookup(IdToken("A", IdTokenType.CENTRAL)) is None) is match_types


UPDATES = st.lists(
    st.tuples(
        st.integers(-1, 12),
        st.sampled_from([FULL, DIFFERENTIAL]),
        st.lists(st.tuples(st.sampled_from(["A", "a", "B", "C", "D"]), st.sampled_from([OK, BAD, None])), max_size=4),
    ),
    max_size=12,
)


@settings(deadline=None)
@given(UPDATES)
def test_the_list_is_the_sum_of_its_accepted_updates(
    updates: list[tuple[int, UpdateType, list[tuple[str, ValidationResult | None]]]],
) -> None:
    """Against a plain dictionary: only accepted updates count, it never overflows, its version is the last one."""
    local = LocalAuthorizationList(max_entries=3, match_types=False, zero_is_empty=False)
    model: dict[str, ValidationResult] = {}
    version = 0
    for number, kind, cards in updates:
        status = local.update(number, kind, [ListEntry(IdToken(card), result) for card, result in cards])
        if status is UpdateStatus.ACCEPTED:
            assert kind is FULL or number > version
            version = number
            if kind is FULL:
                model = {}
            for card, result in cards:
                if result is None:
                    model.pop(card.upper(), None)
                else:
                    model[card.upper()] = result
        assert local.version == version
        assert len(local) == len(model) <= 3
        assert {card: local.lookup(IdToken(card)) for card in model} == model
