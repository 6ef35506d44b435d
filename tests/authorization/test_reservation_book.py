"""Reservations of an EVSE and of any: AUTH-R1 to AUTH-R9."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpplab_runner.authorization.reservation_book import Place, Reservation, ReservationBook, every_order_fits
from ocpplab_runner.authorization.types import IdToken, ReservationCheckStatus, ReservationResult
from tests.authorization.bench import NOW, play
from tests.thoroughness import examples


def place(
    *,
    plugged: bool = False,
    held: bool = False,
    faulted: bool = False,
    out_of_service: bool = False,
    types: frozenset[str] = frozenset(),
) -> Place:
    return Place(plugged, held, faulted, out_of_service, types)


FREE = place()
PLUGGED, HELD, FAULTED, OUT = place(plugged=True), place(held=True), place(faulted=True), place(out_of_service=True)
TYPE_1, TYPE_2 = place(types=frozenset({"cType1"})), place(types=frozenset({"cType2"}))
LATER = NOW + timedelta(hours=1)


def book(*made: Reservation) -> ReservationBook:
    """A book with these in it."""
    it = ReservationBook()
    for reservation in made:
        it.put(reservation)
    return it


def of(evse_id: int | None, number: int = 1, card: str = "A", **more: object) -> Reservation:
    """A reservation of that EVSE, or of any."""
    return Reservation(number, IdToken(card), evse_id=evse_id, expires=LATER, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("places", "held", "wanted", "answer"),
    [
        pytest.param([FREE], [], of(1), "Accepted", id="R3 free"),
        pytest.param([FREE], [], of(2), "Rejected", id="R3 unknown EVSE"),
        pytest.param([PLUGGED], [], of(1), "Occupied", id="R3 plugged"),
        pytest.param([HELD], [], of(1), "Occupied", id="R3 held"),
        pytest.param([FAULTED], [], of(1), "Faulted", id="R3 faulted"),
        pytest.param([OUT], [], of(1), "Unavailable", id="R3 out of service"),
        pytest.param([place(plugged=True, faulted=True)], [], of(1), "Occupied", id="R3 occupied before faulted"),
        pytest.param([place(faulted=True, out_of_service=True)], [], of(1), "Faulted", id="R3 faulted before out"),
        pytest.param([FREE], [of(1, 2)], of(1), "Occupied", id="R3 reserved already"),
        pytest.param([FREE], [of(1, 1, "B")], of(1), "Accepted", id="R2 same number"),
        pytest.param([TYPE_2], [], of(1, connector_type="cType1"), "Rejected", id="R3 no such connector"),
        pytest.param([TYPE_1, TYPE_2], [], of(1, connector_type="cType2"), "Rejected", id="R3 not on that EVSE"),
        pytest.param([TYPE_1, TYPE_2], [], of(2, connector_type="cType2"), "Accepted", id="R3 on that EVSE"),
        pytest.param([FREE, FREE], [of(None, 2)], of(1), "Accepted", id="R3 one is left for who reserved any"),
        pytest.param([FREE, HELD], [of(None, 2)], of(1), "Occupied", id="R3 none would be left"),
        pytest.param([FREE], [], of(None), "Accepted", id="R4 one for one"),
        pytest.param([FREE, FREE], [of(None, 2)], of(None), "Accepted", id="R4 two for two"),
        pytest.param([FREE], [of(None, 2)], of(None), "Occupied", id="R4 too many"),
        pytest.param([FREE, FREE], [of(1, 2), of(None, 3)], of(None), "Occupied", id="R4 one is kept already"),
        pytest.param([PLUGGED, FREE], [], of(None), "Accepted", id="R4 a car in one"),
        pytest.param([PLUGGED], [], of(None), "Occupied", id="R4 all plugged"),
        pytest.param([FAULTED, OUT], [], of(None), "Faulted", id="R4 faulted before out of service"),
        pytest.param([OUT, HELD, FAULTED], [], of(None), "Occupied", id="R4 occupied before faulted"),
        pytest.param([OUT], [], of(None), "Unavailable", id="R4 all out of service"),
        pytest.param([TYPE_1], [], of(None, connector_type="cType2"), "Rejected", id="R4 nobody has that connector"),
        pytest.param([TYPE_1, TYPE_2], [of(None, 2)], of(None, connector_type="cType2"), "Occupied",
                     id="R4 the other could take the only fitting one"),
        pytest.param([TYPE_1, TYPE_2], [of(None, 2, connector_type="cType1")], of(None, connector_type="cType2"),
                     "Accepted", id="R4 each has its own"),
    ],
)  # fmt: skip
def test_reserve(places: list[Place], held: list[Reservation], wanted: Reservation, answer: str) -> None:
    """The answer to a reservation."""
    made, _ = book(*held).reserve(wanted, dict(enumerate(places, 1)), NOW)
    assert made == answer


def test_too_late() -> None:
    """AUTH-R1: Rejected, and the old one of that number stays."""
    it = book(of(1))
    late = Reservation(1, IdToken("B"), evse_id=1, expires=NOW)
    assert it.reserve(late, {1: FREE}, NOW) == (ReservationResult.REJECTED, None)
    assert it.of_evse(1) == of(1)


@pytest.mark.parametrize("place", [FREE, HELD, FAULTED])
def test_same_number_replaces(place: Place) -> None:
    """AUTH-R2: the old one is lost, even when the new one fails."""
    it = book(of(1))
    answer, lost = it.reserve(of(2, card="B"), {1: FREE, 2: place}, NOW)
    assert lost == of(1)
    assert it.of_evse(1) is None
    assert (it.find(1) is not None) is (answer is ReservationResult.ACCEPTED) is (place is FREE)


def test_needed() -> None:
    """AUTH-R5, AUTH-11e: kept are all free ones once they are as many as reserved, and the scarce kinds of them."""
    places = {1: FREE, 2: FREE, 3: HELD}
    assert book().needed(places) == frozenset()
    assert book(of(None)).needed(places) == frozenset()
    assert book(of(None), of(None, 2)).needed(places) == {1, 2}
    assert book(of(None), of(2, 2)).needed(places) == {1}
    kinds = {1: TYPE_1, 2: TYPE_2, 3: TYPE_2}
    assert book(of(None, connector_type="cType1")).needed(kinds) == {1}


def test_match() -> None:
    """AUTH-R6: the EVSE's own reservation goes first, and when it is for somebody else no other helps."""
    group = IdToken("FLEET")
    it = book(of(1, 1, "A", parent_id_token=group), of(None, 2, "C"))
    assert it.match(1, IdToken("a"), None, FREE) == it.find(1)
    assert it.match(1, IdToken("B"), IdToken("fleet"), FREE) == it.find(1)
    assert it.match(1, IdToken("C"), None, FREE) is None
    assert it.match(2, IdToken("C"), None, FREE) == it.find(2)
    assert it.match(2, IdToken("A"), group, FREE) is None


def test_removal_and_what_cannot_be_kept() -> None:
    """AUTH-R7, AUTH-R8: broken EVSEs lose theirs; of any EVSE the latest go until the rest fit."""
    it = book(of(1, 1), of(None, 2), of(None, 3))
    assert it.too_many({1: FREE, 2: FREE, 3: FREE}) == ()
    assert [r.reservation_id for r in it.too_many({1: FAULTED, 2: FREE, 3: FREE})] == [1]
    assert [r.reservation_id for r in it.too_many({1: FREE, 2: OUT, 3: FREE})] == [3]
    assert [r.reservation_id for r in it.too_many({1: OUT, 2: OUT, 3: OUT})] == [1, 3, 2]
    assert it.remove(2) == of(None, 2)
    assert it.remove(2) is None


@pytest.mark.parametrize(
    ("evse_id", "card", "group", "answer"),
    [
        (1, "A", None, ReservationCheckStatus.RESERVED_FOR_TOKEN),
        (1, "C", None, ReservationCheckStatus.RESERVED_FOR_OTHER_TOKEN_AND_HAS_PARENT_TOKEN),
        (1, "C", "FLEET", ReservationCheckStatus.RESERVED_FOR_TOKEN),
        (1, "C", "OTHER", ReservationCheckStatus.RESERVED_FOR_OTHER_TOKEN),
        (2, "C", None, ReservationCheckStatus.RESERVED_FOR_OTHER_TOKEN),
        (3, "C", None, ReservationCheckStatus.NOT_RESERVED),
        (None, "C", None, ReservationCheckStatus.NOT_RESERVED),
        (None, "A", None, ReservationCheckStatus.RESERVED_FOR_TOKEN),
    ],
)
def test_check(evse_id: int | None, card: str, group: str | None, answer: ReservationCheckStatus) -> None:
    """AUTH-R9: for whom an EVSE is reserved, or the station."""
    it = book(of(1, 1, "A", parent_id_token=IdToken("FLEET")), of(2, 2, "B"))
    parent = IdToken(group) if group else None
    assert it.check(evse_id, IdToken(card), parent, {1: FREE, 2: FREE, 3: FREE}) is answer


@settings(deadline=None, max_examples=examples(150))
@given(
    st.lists(st.sampled_from([None, "1", "2"]), max_size=3),
    st.lists(st.sampled_from([frozenset(), frozenset("1"), frozenset("2"), frozenset("12")]), max_size=4),
)
def test_every_order_fits_is_what_it_says(cars: list[str | None], evses: list[frozenset[str]]) -> None:
    """AUTH-R4: the same as trying every order of arrival and every choice of each car."""

    def arrives(order: tuple[str | None, ...], free: tuple[frozenset[str], ...]) -> bool:
        if not order:
            return True
        fitting = [i for i, kinds in enumerate(free) if order[0] is None or not kinds or order[0] in kinds]
        return bool(fitting) and all(arrives(order[1:], free[:i] + free[i + 1 :]) for i in fitting)

    assert every_order_fits(cars, evses) is all(arrives(order, tuple(evses)) for order in permutations(cars))


@settings(deadline=None, max_examples=examples(200))
@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), st.sampled_from([None, 1, 2, 3]), st.integers(1, 5)), max_size=8
    ),
    st.lists(st.sampled_from([FREE, PLUGGED, HELD, FAULTED, OUT]), min_size=3, max_size=3),
)  # fmt: skip
def test_who_has_reserved_finds_an_evse(wishes: list[tuple[str, int | None, int]], found: list[Place]) -> None:
    """Whatever was accepted can be kept: one of each EVSE at most, and any order of the others fits."""
    places = dict(enumerate(found, 1))
    it = ReservationBook()
    for card, evse_id, number in wishes:
        before = it.find(number)
        answer, lost = it.reserve(of(evse_id, number, card), places, NOW)
        assert lost == before
        assert (it.find(number) is not None) is (answer is ReservationResult.ACCEPTED)
    assert it.too_many(places) == ()
    free = [n for n, place in places.items() if place.open and it.of_evse(n) is None]
    assert len(it.of_any) <= len(free)
    for n, card in product(free, "ABC"):
        if not it.allows(n, IdToken(card), None, places):
            assert n in it.needed(places)


def test_any_evse_in_the_handler() -> None:
    """AUTH-R5, AUTH-11e: with as many reserved as free nobody else starts; the one who reserved any does."""
    assert play("reserve A/G@any; plug 1; card C", evses=2)[-1] == "C UsedToStart"
    assert play("reserve A/G@any; reserve B@any; plug 1; card C", evses=2)[-1] == "C Rejected"
    assert play("reserve A/G@any; reserve B@any; plug 1; card B", evses=2)[-4:] == [
        "reservation 2 used on 1",
        "grant 1",
        "start 1",
        "B UsedToStart",
    ]
