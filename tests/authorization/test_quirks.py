"""EVerest's oddities: each off by default, and what differs when it is on."""

from __future__ import annotations

from typing import Any

import pytest

from ocpplab_runner.authorization.types import (
    AuthorizationStatus,
    IdToken,
    ReservationCheckStatus,
    ValidationResult,
)
from ocpplab_runner.vocabulary.quirks import QUIRKS, Quirk
from ocpplab_runner.vocabulary.rules import RULES
from tests.authorization.bench import Bench, play

TWO = {"evses": 2}
ONLY_2 = [ValidationResult(AuthorizationStatus.ACCEPTED, evse_ids=(2,))]
OF_FLEET = {"X": None}

CASES: dict[Quirk, tuple[str, dict[str, Any], list[str], list[str]]] = {
    Quirk.CASE_SENSITIVE_DUPLICATES: (
        "card C; card c",
        TWO,
        ["c AlreadyInProcess"],
        ["c Processing", "ask c", "c Accepted"],
    ),
    Quirk.STOP_BY_IDENTIFIER_WITHOUT_TRANSACTION: (
        "card C; card C:eMAID",
        {},
        ["C Processing", "C Rejected", "C NoConnectorAvailable"],
        ["C Processing", "stop 1 Local", "C UsedToStop"],
    ),
    Quirk.STUCK_SIBLING: (
        "card A; card B; plug 1; card B",
        {},
        ["B Processing", "ask B", "stop 1 Local", "end 1", "B UsedToStop"],
        ["B AlreadyInProcess"],
    ),
    Quirk.EVSE_IDS_OVERLAP_ONLY: (
        "plug 1; card X",
        {**TWO, "cards": {"X": ONLY_2}},
        ["X Processing", "ask X", "X Accepted", "grant 2", "X UsedToStart"],
        ["X Processing", "ask X", "X Accepted", "grant 1", "start 1", "X UsedToStart"],
    ),
    Quirk.CHOOSE_BEFORE_RESERVATION_CHECK: (
        "reserve A@1; plug 1; card C",
        TWO,
        ["C Processing", "ask C", "C Accepted", "grant 2", "C UsedToStart"],
        ["C Processing", "ask C", "C Accepted", "deny 1 NotAtThisTime", "C Rejected"],
    ),
    Quirk.LINGERING_WITHDRAWAL: (
        "card C; withdraw C; card C",
        TWO,
        ["C Processing", "ask C", "C Accepted"],
        ["C Processing", "ask C", "C Accepted", "C Withdrawn"],
    ),
    Quirk.UPDATE_ALWAYS_ACCEPTED: ("plug 1; card C; update 1 Blocked", {}, [], ["C Accepted"]),
    Quirk.UPDATE_FORGETS_GROUP: (
        "plug 1; card A; update 1 Accepted; card B",
        {},
        ["B Processing", "ask B", "stop 1 Local", "end 1", "B UsedToStop"],
        ["B Processing", "B Rejected", "B NoConnectorAvailable"],
    ),
}
#: These two are seen at the station alone; ``tests/charger/reservation/test_v16.py`` has them.
AT_THE_STATION = {Quirk.EXISTS_RESERVATION_ASKS_EVSE_1, Quirk.USED_RESERVATION_IS_SILENT}


@pytest.mark.parametrize("quirk", CASES)
def test_it_is_off_unless_it_is_switched_on(quirk: Quirk) -> None:
    """The same history with and without it."""
    script, options, without, with_it = CASES[quirk]
    assert play(script, **options) == without
    assert play(script, quirks=frozenset({quirk}), **options) == with_it


@pytest.mark.parametrize("quirk", Quirk)
def test_it_changes_nothing_elsewhere(quirk: Quirk) -> None:
    """The others' histories are what they are without it."""
    for other, (script, options, without, _) in CASES.items():
        if other is not quirk:
            assert play(script, quirks=frozenset({quirk}), **options) == without


def test_a_waiting_token_is_refused_at_the_reserved_evse() -> None:
    """choose-before-reservation-check: also when the car comes after the card."""
    quirks = frozenset({Quirk.CHOOSE_BEFORE_RESERVATION_CHECK})
    assert play("reserve A@1; card C; plug 1", evses=3) == []
    assert play("reserve A@1; card C; plug 1", evses=3, quirks=quirks) == ["deny 1 NotAtThisTime", "C Rejected"]


def test_the_reservation_of_evse_1_is_asked_for() -> None:
    """exists-reservation-asks-evse-1: EVSE 2 is reserved for C, and A hears that it is not."""
    for quirks, answer in (
        (frozenset(), ReservationCheckStatus.RESERVED_FOR_OTHER_TOKEN),
        (frozenset({Quirk.EXISTS_RESERVATION_ASKS_EVSE_1}), ReservationCheckStatus.NOT_RESERVED),
    ):
        bench = Bench(2, quirks=quirks)
        bench.reserve("C@2")
        assert bench.handler.reservation_check(2, IdToken("A")) is answer


def test_each_is_documented_and_tested() -> None:
    """Each quirk bends a rule that exists, says what it does, and has a case here or at the station."""
    assert set(QUIRKS) == set(Quirk) == set(CASES) | AT_THE_STATION
    for facts in QUIRKS.values():
        assert facts.rule in RULES
        assert facts.summary.endswith(".") and facts.instead.endswith(".")
