"""The CSMS's record of transactions."""

from __future__ import annotations

from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from ocpplab_runner.csms.core.transactions import TransactionBook, TransactionRecord


def start(book: TransactionBook, station: str = "A", evse_id: int = 1, card: str | None = "CARD") -> TransactionRecord:
    return book.start(station, evse_id=evse_id, id_token=card, payload={})


def test_ids_are_counted_over_all_stations() -> None:
    """The CSMS hands out 1, 2, 3 …, whatever the station."""
    book = TransactionBook(count(1))
    assert [start(book, station).transaction_id for station in "ABA"] == [1, 2, 3]
    assert len(list(book)) == 3


def test_an_id_handed_out_by_a_programmed_answer_is_not_handed_out_again() -> None:
    """Renumbering moves the record; the next number that is free is taken."""
    book = TransactionBook(count(1))
    record = start(book)
    book.renumber(record, 2)
    assert book.find("A", 1) is None
    assert book.find("A", 2) is record
    assert start(book, evse_id=2).transaction_id == 3


def test_running_transactions_are_listed_in_order_of_their_start() -> None:
    """The latest stands last; an ended one is gone, but can be found."""
    book = TransactionBook(count(1))
    first, second = start(book, evse_id=1), start(book, evse_id=2, card="OTHER")
    assert book.running("A") == (first, second)
    assert book.running("A", 2) == (second,)
    book.end(first, {"reason": "Local"})
    assert book.running("A") == (second,)
    assert book.find("A", first.transaction_id) is first
    assert not first.running


def test_a_card_is_elsewhere_while_another_transaction_of_it_runs() -> None:
    """Letter case does not matter; the transaction itself is not elsewhere; an ended one is nowhere."""
    book = TransactionBook(count(1))
    first = start(book, "A", card="Card")
    assert not book.charging_elsewhere("CARD", first)
    assert book.charging_elsewhere("CARD")
    second = start(book, "B", card="CARD")
    assert book.charging_elsewhere("card", second)
    book.end(first, {})
    book.end(first, {})
    assert not book.charging_elsewhere("card", second)


def test_a_transaction_may_get_its_card_later() -> None:
    """A transaction without a card is nobody's until it is identified."""
    book = TransactionBook(count(1))
    record = start(book, card=None)
    book.identify(record, "CARD")
    assert record.id_token == "CARD"
    assert book.charging_elsewhere("CARD")
    book.end(record, {})
    assert not book.charging_elsewhere("CARD")


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("AB"), st.integers(1, 3), st.sampled_from("XYZ"), st.booleans()), max_size=20)
)
def test_a_card_is_elsewhere_exactly_when_a_record_says_so(acts: list[tuple[str, int, str, bool]]) -> None:
    """After any starts and stops, the index of cards agrees with the records."""
    book = TransactionBook(count(1))
    for station, evse_id, card, stop in acts:
        record = start(book, station, evse_id, card)
        if stop:
            book.end(record, {})
    records = list(book)
    assert len({record.transaction_id for record in records}) == len(records)
    for card in "XYZ":
        assert book.charging_elsewhere(card) == any(r.running and r.id_token == card for r in records)
