from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpplab_runner.csms import Card
from ocpplab_runner.targets.cards import CardBook, Loan, NoSuchCardsError, expected_status
from ocpplab_runner.vocabulary.versions import OcppVersion

V16, V201 = OcppVersion.V16, OcppVersion.V201
LISTED = {
    "R1": "Accepted",
    "R2": "Accepted",
    "B1": "Blocked",
    "N1": "NoCredit",
    "E1": {"status": "Accepted", "type": "eMAID"},
    "X1": {"status": "Accepted", "expired_for": "1h"},
    "F1": {"status": "Accepted", "parent_id_token": "GROUP-7"},
    "F2": {"status": "Accepted", "parent_id_token": "GROUP-7"},
    "F3": {"status": "Blocked", "parent_id_token": "GROUP-7"},
    "G1": {"status": "Accepted", "parent_id_token": "GROUP-8"},
}


def cards(given: dict[str, Any]) -> dict[str, Card]:
    return {card: Card.from_given(data) for card, data in given.items()}


def grouped(status: str, group: str) -> dict[str, str]:
    return {"status": status, "parent_id_token": group}


def lend(wanted: dict[str, Any], version: OcppVersion = V201, **options: Any) -> Loan | None:
    book = CardBook(cards(options.pop("listed", LISTED)), options.pop("mapped", {}))
    return book.lend(cards(wanted), version, **options)


@pytest.mark.parametrize(
    ("wanted", "version", "lent"),
    [
        ({"A": "Accepted"}, V201, {"A": "R1"}),
        ({"A": "Accepted", "B": "Accepted"}, V201, {"A": "R1", "B": "R2"}),
        ({"A": "Blocked", "B": "Accepted"}, V201, {"A": "B1", "B": "R1"}),
        ({"r2": "Accepted"}, V201, {"r2": "R2"}),
        ({"A": "Accepted", "R1": "Accepted"}, V201, {"A": "R2", "R1": "R1"}),
        ({"A": "NoCredit"}, V201, {"A": "N1"}),
        ({"A": "NoCredit", "B": "Blocked"}, V16, {"A": "B1", "B": "N1"}),
        ({"A": "Expired"}, V201, {"A": "X1"}),
        ({"A": {"status": "Accepted", "expired_for": "5m"}}, V201, {"A": "X1"}),
        ({"A": {"status": "Accepted", "type": "eMAID"}}, V201, {"A": "E1"}),
        ({"A": {"status": "Accepted", "type": "eMAID"}, "B": "Accepted"}, V16, {"A": "E1", "B": "R1"}),
        ({"A": grouped("Accepted", "FLEET")}, V201, {"A": "F1"}),
        ({"A": grouped("Accepted", "FLEET"), "B": grouped("Blocked", "FLEET")}, V201, {"A": "F1", "B": "F3"}),
        ({"A": grouped("Accepted", "ONE"), "B": grouped("Accepted", "TWO")}, V201, {"A": "F1", "B": "G1"}),
        (
            {"A": grouped("Accepted", "ONE"), "B": grouped("Accepted", "TWO"), "C": grouped("Blocked", "TWO")},
            V201,
            {"A": "G1", "B": "F1", "C": "F3"},
        ),
        ({"A": grouped("Accepted", "GROUP-8")}, V201, {"A": "G1"}),
        ({"A": grouped("Accepted", "ONE"), "B": grouped("Accepted", "One")}, V201, {"A": "F1", "B": "F2"}),
        ({}, V201, {}),
    ],
)
def test_a_card_of_the_kind_wanted_is_lent(wanted: dict[str, Any], version: OcppVersion, lent: dict[str, str]) -> None:
    """Same answer on the wire, same company; its namesake first, then in the order of the list."""
    loan = lend(wanted, version)
    assert loan is not None
    assert loan.cards == lent
    assert loan.listed


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (
            {"CARD-1": "ConcurrentTx"},
            "CARD-1 must be ConcurrentTx at the CSMS, and the cards listed for it have none that is",
        ),
        (
            {"A": "Blocked", "B": "Blocked"},
            "A and B must be Blocked at the CSMS, and the cards listed for it have 1 that is",
        ),
        (
            {"A": "Accepted", "B": "Accepted", "C": "Accepted"},
            "A, B and C must be Accepted at the CSMS, and the cards listed for it have 2 that are",
        ),
        (
            {"A": grouped("Blocked", "FLEET"), "B": grouped("Expired", "FLEET")},
            "A Blocked and B Expired must be in one group at the CSMS, and the cards listed for it have no such group",
        ),
        (
            {"A": {"status": "Accepted", "expires_in": "1h"}},
            "A must have a certain expiry date, which cannot be arranged: the CSMS is not ours",
        ),
    ],
)
def test_what_is_missing_is_named(wanted: dict[str, Any], reason: str) -> None:
    """The operator reads which card must be added."""
    with pytest.raises(NoSuchCardsError) as caught:
        lend(wanted)
    assert str(caught.value) == reason


def test_an_ungrouped_card_is_not_lent_from_a_group() -> None:
    """Two cards of a group would stop each other's sessions."""
    with pytest.raises(NoSuchCardsError):
        lend({"A": "Accepted"}, listed={"F1": grouped("Accepted", "G")})


def test_nothing_listed_takes_the_cards_as_written() -> None:
    """Somebody may have entered the scenario's own cards at the CSMS; only what is mapped by hand is exchanged."""
    wanted = {"A": "Accepted", "B": "Blocked", "C": {"status": "Accepted", "expires_in": "1h"}}
    assert lend(wanted, listed={}, mapped={"b": "REAL"}) == Loan({"A": "A", "B": "REAL", "C": "C"}, {}, False)


@pytest.mark.parametrize(
    ("wanted", "mapped", "lent", "groups"),
    [
        ({"A": "Accepted", "B": "Accepted"}, {"B": "R1"}, {"B": "R1", "A": "R2"}, {}),
        ({"A": "Blocked"}, {"A": "NOT-LISTED"}, {"A": "NOT-LISTED"}, {}),
        ({"A": {"status": "Accepted", "expires_in": "1h"}}, {"A": "R2"}, {"A": "R2"}, {}),
        (
            {"A": grouped("Accepted", "FLEET"), "B": grouped("Accepted", "FLEET")},
            {"B": "F2"},
            {"B": "F2", "A": "F1"},
            {"FLEET": "GROUP-7"},
        ),
        ({"A": grouped("Accepted", "FLEET")}, {"fleet": "GROUP-8"}, {"A": "G1"}, {"FLEET": "GROUP-8"}),
    ],
)
def test_cards_mapped_by_hand_go_first(
    wanted: dict[str, Any], mapped: dict[str, str], lent: dict[str, str], groups: dict[str, str]
) -> None:
    """The rest is lent around them, and a group follows its mapped card."""
    loan = lend(wanted, mapped=mapped)
    assert loan is not None
    assert (loan.cards, loan.groups) == (lent, groups)


@pytest.mark.parametrize(
    ("wanted", "mapped", "reason"),
    [
        (
            {"A": "Blocked"},
            {"A": "R1"},
            "A must be Blocked at the CSMS, and the token map gives it R1, which is Accepted",
        ),
        (
            {"A": "Accepted"},
            {"A": "F1"},
            "A must be Accepted in no group at the CSMS, and the token map gives it F1, which is Accepted in a group",
        ),
        (
            {"A": "Accepted", "B": "Accepted"},
            {"A": "R1", "B": "r1"},
            "the token map gives A and B the same real card r1",
        ),
    ],
)
def test_a_map_that_cannot_be_right_is_refused(wanted: dict[str, Any], mapped: dict[str, str], reason: str) -> None:
    """A wrong map would make a scenario fail that has not even been tried."""
    with pytest.raises(NoSuchCardsError) as caught:
        lend(wanted, mapped=mapped)
    assert str(caught.value) == reason


def test_cards_in_use_are_waited_for() -> None:
    """None says: later; the error is only for what will never be."""
    assert lend({"A": "Blocked"}, free=lambda card: card != "B1") is None
    assert lend({"A": "Accepted"}, free=lambda card: card != "R1") == Loan({"A": "R2"}, {}, True)
    assert lend({"A": "Accepted"}, listed={}, free=lambda _: False) is None
    assert lend({"A": "Accepted"}, mapped={"A": "R2"}, free=lambda card: card != "R2") is None


KINDS = st.one_of(
    st.sampled_from(["Accepted", "Blocked", "Expired"]),
    st.builds(grouped, st.sampled_from(["Accepted", "Blocked"]), st.sampled_from(["G", "H"])),
)


@given(
    st.dictionaries(st.sampled_from("ABCD"), KINDS, max_size=4),
    st.dictionaries(st.sampled_from([f"R{n}" for n in range(8)]), KINDS),
    st.sets(st.sampled_from([f"R{n}" for n in range(8)])),
)
def test_every_loan_keeps_its_promise(wanted: dict[str, Any], listed: dict[str, Any], busy: set[str]) -> None:
    """Every card is of the kind wanted, free, lent once; same group there, same group here."""
    try:
        loan = lend(wanted, listed=listed, free=lambda card: card not in busy)
    except NoSuchCardsError:
        assert listed
        return
    if loan is None or not listed:
        return
    assert loan.cards.keys() == wanted.keys()
    assert len(set(loan.cards.values())) == len(wanted)
    ours, theirs = cards(wanted), cards(listed)
    for card, real in loan.cards.items():
        assert real not in busy
        assert expected_status(ours[card], V201) is expected_status(theirs[real], V201)
        group = ours[card].parent_id_token
        assert theirs[real].parent_id_token == (None if group is None else loan.groups[group])
    assert len(set(loan.groups.values())) == len(loan.groups)


@given(
    st.dictionaries(st.sampled_from("ABC"), KINDS, min_size=1, max_size=3),
    st.dictionaries(st.sampled_from([f"S{n}" for n in range(4)]), KINDS),
)
def test_a_list_that_holds_the_scenarios_own_cards_lends_them(wanted: dict[str, Any], others: dict[str, Any]) -> None:
    """An error, or None with everything free, would be a lie."""
    loan = lend(wanted, listed={**others, **wanted})
    assert loan is not None
    assert loan.cards.keys() == wanted.keys()


def test_a_contract_is_lent_no_card() -> None:
    """Nor a card a contract: the numbers of one type say nothing of the other."""
    listed = {"R1": "Accepted", "R2": "Accepted"}
    with pytest.raises(NoSuchCardsError, match="A must be Accepted of type eMAID at the CSMS"):
        lend({"A": {"status": "Accepted", "type": "eMAID"}}, listed=listed)
    with pytest.raises(NoSuchCardsError, match="A must be Accepted of type eMAID at the CSMS, and the token map"):
        lend({"A": {"status": "Accepted", "type": "eMAID"}}, listed=listed, mapped={"A": "R1"})
