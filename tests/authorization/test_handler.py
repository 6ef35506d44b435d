"""The token handling rules of the authorization handler."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpplab_runner.authorization.effects import (
    Timer,
    TimerKind,
)
from ocpplab_runner.authorization.reservation_book import Reservation
from ocpplab_runner.authorization.types import (
    AuthorizationStatus,
    AuthorizationType,
    IdToken,
    IdTokenType,
    ProvidedIdToken,
    SelectionAlgorithm,
    ValidationResult,
)
from tests.authorization.bench import Bench
from tests.thoroughness import examples

START = ["A Processing", "ask A", "A Accepted", "grant 1", "start 1", "A UsedToStart"]


def charging(evses: int = 1, **options: object) -> Bench:
    """Card A of group FLEET charges on EVSE 1; B is of the group, C is not, D is blocked but of the group."""
    bench = Bench(evses, **options)
    bench.know("A", group="FLEET")
    bench.know("B", group="FLEET")
    bench.know("C")
    bench.know("D", "Blocked", group="FLEET")
    bench.plug(1)
    assert bench.swipe("A") == START
    return bench


def test_plug_first_then_card() -> None:
    """A1: Processing, Accepted, UsedToStart."""
    bench = Bench()
    bench.know("A")
    bench.plug(1)
    assert bench.swipe("A") == START


def test_card_first_then_plug() -> None:
    """A2: the only EVSE is granted at once and waits for its car (rule 13, one candidate)."""
    bench = Bench()
    bench.know("A")
    assert bench.swipe("A") == ["A Processing", "ask A", "A Accepted", "grant 1", "A UsedToStart"]
    assert bench.timers == {Timer(TimerKind.GRANT, 1): 60.0}
    assert bench.plug(1) == ["start 1"]
    assert bench.timers == {}


@pytest.mark.parametrize("status", [s for s in AuthorizationStatus if s is not AuthorizationStatus.ACCEPTED])
def test_a_refused_card_gets_nothing(status: AuthorizationStatus) -> None:
    """A3, for each of the nine refusing statuses."""
    bench = Bench()
    bench.know("A", status)
    bench.plug(1)
    assert bench.swipe("A") == ["A Processing", "ask A", "A Rejected"]


def test_a_grant_that_is_not_used_times_out() -> None:
    """Rule 14, B1 and B2: TimedOut, and then the same card may start again."""
    bench = Bench()
    bench.know("A")
    bench.swipe("A")
    assert bench.expire(TimerKind.GRANT) == ["withdraw 1", "A TimedOut"]
    bench.plug(1)
    assert bench.swipe("A") == START


def test_a_card_waits_for_one_of_several_cars() -> None:
    """Rule 13: with two EVSEs PlugEvents waits; nothing is granted before a car comes."""
    bench = Bench(2)
    bench.know("A")
    assert bench.swipe("A") == ["A Processing", "ask A", "A Accepted"]
    assert bench.plug(2) == ["grant 2", "start 2", "A UsedToStart"]
    assert bench.timers == {}


def test_a_waiting_card_times_out() -> None:
    """Rule 13: nobody plugged in within the connection timeout; a later car stays alone."""
    bench = Bench(2)
    bench.know("A")
    bench.swipe("A")
    assert bench.expire(TimerKind.WAIT) == ["A TimedOut"]
    assert bench.plug(1) == []
    assert bench.swipe("A") == START


def test_two_waiting_cards_get_two_cars_in_order() -> None:
    """C8: who came first gets the first car."""
    bench = Bench(2)
    bench.know("A")
    bench.know("B")
    bench.swipe("A")
    bench.swipe("B")
    assert bench.plug(2) == ["grant 2", "start 2", "A UsedToStart"]
    assert bench.plug(1) == ["grant 1", "start 1", "B UsedToStart"]


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [(SelectionAlgorithm.PLUG_EVENTS, 3), (SelectionAlgorithm.PLUG_EVENTS_LIFO, 2), (SelectionAlgorithm.FIND_FIRST, 3)],
)
def test_selection_follows_the_plug_ins(algorithm: SelectionAlgorithm, expected: int) -> None:
    """C1 to C3 over three EVSEs, a car that left again not counted (C4)."""
    bench = Bench(3, selection_algorithm=algorithm)
    bench.know("A")
    for evse_id in (1, 3, 2):
        bench.plug(evse_id)
    bench.unplug(1)
    assert f"grant {expected}" in bench.swipe("A")


def test_find_first_does_not_wait() -> None:
    """C1: without a car the first free EVSE is granted at once."""
    bench = Bench(2, selection_algorithm=SelectionAlgorithm.FIND_FIRST)
    bench.know("A")
    assert "grant 1" in bench.swipe("A")


def test_user_input_waits_for_the_driver() -> None:
    """Rule 13d: neither the plugged car nor the first EVSE decides, but the driver; only what may be had."""
    bench = Bench(3, selection_algorithm=SelectionAlgorithm.USER_INPUT)
    bench.know("A", evse_ids=(2, 3))
    bench.plug(1)
    assert bench.swipe("A") == ["A Processing", "ask A", "A Accepted"]
    assert bench.plug(2) == []
    assert bench.handler.selected(1) is None
    effects = bench.handler.selected(3)
    assert effects is not None
    assert "grant 3" in bench.do(effects)
    assert bench.handler.selected(2) is None


def test_a_card_may_name_its_evse() -> None:
    """C5: only that EVSE is looked at; an unknown one is no EVSE (rule 1)."""
    bench = Bench(2)
    bench.know("A")
    bench.plug(1)
    assert "grant 2" in bench.swipe("A", 2)
    assert bench.swipe("B", 7) == ["B Processing", "B Rejected", "B NoConnectorAvailable"]


def test_a_card_restricted_to_an_evse() -> None:
    """C6: the verdict names EVSE 2; a car on EVSE 1 does not get it, and elsewhere it is NotAtThisLocation."""
    bench = Bench(2)
    bench.know("A", evse_ids=(2,))
    bench.plug(1)
    assert "grant 2" in bench.swipe("A")
    bench.know("B", evse_ids=(2,))
    assert bench.swipe("B", 1)[-2:] == ["deny 1 NotAtThisLocation", "B Rejected"]


def test_a_double_swipe_is_one_swipe() -> None:
    """Rule 2: while the CSMS thinks, and while the grant waits, the same card again does nothing; case is no matter."""
    bench = Bench()
    assert bench.swipe("A") == ["A Processing", "ask A"]
    assert bench.swipe("a") == ["a AlreadyInProcess"]
    bench.do(bench.handler.validated(bench.asked[0].request, ValidationResult(AuthorizationStatus.ACCEPTED)))
    assert bench.swipe("a") == ["a AlreadyInProcess"]
    assert bench.swipe("a", authorization_type=AuthorizationType.BANK_CARD) == ["a AlreadyInProcess"]


def test_the_same_card_stops_without_validation() -> None:
    """Rule 4, D1: no question to the CSMS, whatever the letter case."""
    assert charging().swipe("a") == ["a Processing", "stop 1 Local", "end 1", "a UsedToStop"]


def test_the_group_itself_stops_without_validation() -> None:
    """Rule 4: a card whose value is the group of the running card."""
    assert "stop 1 Local" in charging().swipe("FLEET")


def test_a_sibling_stops_after_validation() -> None:
    """Rule 8b, D3 (OCPP 1.6 case 069)."""
    assert charging(2).swipe("B") == ["B Processing", "ask B", "stop 1 Local", "end 1", "B UsedToStop"]


def test_a_sibling_starts_a_second_session_when_that_has_priority() -> None:
    """Rule 12, D4: with priority for authorization it stops only when nothing is free."""
    bench = charging(2, prioritize_authorization_over_stopping_transaction=True)
    bench.plug(2)
    assert "start 2" in bench.swipe("B")
    bench.know("E", group="FLEET")
    assert bench.swipe("E")[-3:] == ["stop 1 Local", "end 1", "E UsedToStop"]


def test_a_blocked_sibling_does_not_stop() -> None:
    """Rule 8d, D5 (2.0.1 C09.FR.11)."""
    assert charging(2).swipe("D") == ["D Processing", "ask D", "D Rejected"]


def test_a_foreign_card_does_not_stop() -> None:
    """D2: it is asked for, since it might be of the group, and refused."""
    assert charging().swipe("C") == ["C Processing", "ask C", "C Rejected", "C NoConnectorAvailable"]


def test_when_nothing_is_free_and_no_group_plays_a_foreign_card_is_not_even_asked_for() -> None:
    """Rule 5, C12."""
    bench = Bench()
    bench.know("C")
    bench.plug(1)
    bench.swipe("C")
    assert bench.swipe("X") == ["X Processing", "X Rejected", "X NoConnectorAvailable"]


def test_a_swipe_while_finishing_is_refused() -> None:
    """Rule 15, D6: the EVSE is occupied until its car is gone."""
    bench = charging()
    bench.swipe("A")
    assert bench.swipe("A")[-1] == "A NoConnectorAvailable"
    bench.unplug(1)
    bench.plug(1)
    assert bench.swipe("A") == START


def test_reswipe_may_be_told_not_to_stop() -> None:
    """Rule 4, D7: as often as one likes."""
    bench = charging(stop_transaction_on_reswipe=False)
    for _ in range(2):
        assert bench.swipe("A") == ["A Processing", "A UsedToReauthorize"]
    assert bench.swipe("B")[-1] == "B UsedToReauthorize"


def test_a_remote_start_does_not_stop() -> None:
    """D8: rule 4 is for RFID cards only."""
    bench = charging()
    bench.know("A")
    assert bench.remote("A")[-1] == "A NoConnectorAvailable"
    assert bench.charging == {1}


def test_a_prevalidated_remote_start_needs_no_validator() -> None:
    """Rule 7: it is accepted as it stands."""
    assert Bench().remote("R", 1) == ["R Processing", "R Accepted", "grant 1", "R UsedToStart"]


def test_the_remote_card_stops_by_hand() -> None:
    """Rule 4: the same value as an RFID card, though its type differs."""
    bench = Bench()
    bench.plug(1)
    bench.remote("R", 1)
    assert "stop 1 Local" in bench.swipe("R")


def test_a_group_learned_later_counts() -> None:
    """Rule 18, D9: the answer to the transaction's first message names the group."""
    bench = Bench(2)
    bench.know("A")
    bench.know("B", group="FLEET")
    bench.plug(1)
    bench.swipe("A", 1)
    later = ValidationResult(AuthorizationStatus.ACCEPTED, parent_id_token=IdToken("FLEET"))
    assert bench.do(bench.handler.result_updated(1, later)) == ["A Accepted"]
    assert "stop 1 Local" in bench.swipe("B")


def test_a_sibling_of_a_granted_card_is_a_duplicate_and_not_stuck() -> None:
    """Rule 8b, D10: nothing happens, and once the first has gone the sibling works."""
    bench = Bench()
    bench.know("A", group="FLEET")
    bench.know("B", group="FLEET")
    bench.swipe("A")
    assert bench.swipe("B") == ["B Processing", "ask B", "B AlreadyInProcess"]
    bench.expire(TimerKind.GRANT)
    assert "grant 1" in bench.swipe("B")


def test_a_master_pass_never_starts() -> None:
    """Rule 11a, E1 and E3: with EVerest's default priority a free EVSE makes it refused."""
    bench = Bench(2, master_pass_group_id="master", prioritize_authorization_over_stopping_transaction=True)
    bench.know("M", group="MASTER")
    assert bench.swipe("M") == ["M Processing", "ask M", "M Rejected"]


def test_a_master_pass_stops_everything() -> None:
    """Rule 8a, E2, E4, E5 and E7."""
    bench = charging(2, master_pass_group_id="master", stop_transaction_on_reswipe=False)
    bench.know("M", group="MASTER")
    bench.plug(2)
    bench.swipe("C")
    assert bench.charging == {1, 2}
    assert [line for line in bench.swipe("M") if line.startswith(("stop", "M Used"))] == [
        "stop 1 MasterPass",
        "stop 2 MasterPass",
        "M UsedToStop",
    ]
    assert bench.swipe("M")[-1] == "M UsedToStop"


def test_settings_work_at_once() -> None:
    """Rule 19, B4: a new connection timeout is for the next timer."""
    bench = Bench()
    bench.know("A")
    bench.handler.settings = replace(bench.handler.settings, connection_timeout=7)
    bench.swipe("A")
    assert bench.timers == {Timer(TimerKind.GRANT, 1): 7}


def test_faults_and_disabling() -> None:
    """Rules 1 and 16, C9 to C11."""
    bench = Bench(2)
    bench.know("A")
    bench.handler.faulted(1, 1)
    assert "grant 2" in bench.swipe("A")
    bench.unplug(2)
    bench.handler.disabled(2, 1)
    assert bench.swipe("A")[-1] == "A NoConnectorAvailable"
    bench.handler.fault_cleared(1, 1)
    assert "grant 1" in bench.swipe("A")


def test_faults_can_be_ignored() -> None:
    """Rule 16, C10."""
    bench = Bench(1, ignore_connector_faults=True)
    bench.know("A")
    bench.handler.faulted(1, 1)
    assert "grant 1" in bench.swipe("A")


def test_disabling_an_occupied_evse_is_ignored() -> None:
    """An EVSE in use stays in use; the station schedules the change."""
    bench = charging()
    bench.handler.disabled(1, 1)
    assert "stop 1 Local" in bench.swipe("A")


def test_a_car_without_a_card_in_time() -> None:
    """Rule 15, B3: with the plug-in timeout on, only plugging again heals."""
    bench = Bench(2, plug_in_timeout_enabled=True)
    bench.know("A")
    bench.plug(1)
    assert bench.expire(TimerKind.PLUG_IN) == ["withdraw 1"]
    assert bench.swipe("A", 1)[-1] == "A NoConnectorAvailable"
    bench.unplug(1)
    bench.plug(1)
    assert "start 1" in bench.swipe("A", 1)


@pytest.mark.parametrize(
    ("card", "last"),
    [("R", "R UsedToStart"), ("S", "S UsedToStart"), ("A", "A Rejected")],
)
def test_a_reserved_evse(card: str, last: str) -> None:
    """Rules 6 and 11f, G1: the reserved card and its siblings may, others may not."""
    bench = Bench()
    bench.know("S", group="fleet")
    bench.know("R")
    bench.know("A")
    bench.plug(1)
    bench.handler.book.put(Reservation(5, IdToken("r"), IdToken("FLEET"), 1))
    seen = bench.swipe(card)
    assert seen[-1] == last
    assert ("reservation 5 used on 1" in seen) is (card != "A")


def test_a_reservation_without_a_group_refuses_without_a_question() -> None:
    """Rule 6: validation could not change anything."""
    bench = Bench()
    bench.handler.book.put(Reservation(5, IdToken("R"), evse_id=1))
    assert bench.swipe("A") == ["A Processing", "A Rejected", "A NoConnectorAvailable"]


def test_two_validators() -> None:
    """A9: the first that accepts decides; when none does the last verdict stands."""
    bench = Bench()
    good, bad = ValidationResult(AuthorizationStatus.ACCEPTED), ValidationResult(AuthorizationStatus.INVALID)
    bench.swipe("A")
    assert "grant 1" in bench.do(bench.handler.validated(bench.asked[-1].request, bad, good))
    bench.expire(TimerKind.GRANT)
    bench.swipe("A", 1)
    blocked = ValidationResult(AuthorizationStatus.BLOCKED)
    assert bench.do(bench.handler.validated(bench.asked[-1].request, bad, blocked)) == ["deny 1 Blocked", "A Rejected"]


def test_a_verdict_is_taken_once() -> None:
    """A late or repeated verdict changes nothing."""
    bench = Bench()
    bench.know("A")
    bench.swipe("A")
    assert bench.handler.validated(0, ValidationResult(AuthorizationStatus.ACCEPTED)) == []
    assert bench.handler.validated(99, ValidationResult(AuthorizationStatus.ACCEPTED)) == []


@pytest.mark.parametrize(
    ("evse_id", "card", "answer", "seen"),
    [
        (None, None, "Accepted", ["stop 1 DeAuthorized", "end 1", "withdraw 2", "C Withdrawn"]),
        (1, None, "Accepted", ["stop 1 DeAuthorized", "end 1"]),
        (2, None, "Accepted", ["withdraw 2", "C Withdrawn"]),
        (None, "c", "Accepted", ["withdraw 2", "C Withdrawn"]),
        (1, "C", "AuthorizationNotFound", []),
        (3, None, "AuthorizationNotFound", []),
        (9, None, "EvseNotFound", []),
    ],
)
def test_withdrawal(evse_id: int | None, card: str | None, answer: str, seen: list[str]) -> None:
    """Rule 17, F2 to F6: EVSE 1 charges with A, EVSE 2 is granted to C, EVSE 3 is free."""
    bench = charging(3)
    bench.swipe("C", 2)
    result, effects = bench.handler.withdraw(evse_id, IdToken(card) if card else None)
    assert result == answer
    assert bench.do(effects) == seen


def test_withdrawing_a_waiting_card_leaves_no_trace() -> None:
    """Rule 17, F1, F7 and F8: only its own type matches; afterwards the same card works."""
    bench = Bench(2)
    bench.know("A")
    bench.swipe("A")
    assert bench.handler.withdraw(id_token=IdToken("A", IdTokenType.CENTRAL))[0] == "AuthorizationNotFound"
    result, effects = bench.handler.withdraw(id_token=IdToken("a"))
    assert (result, bench.do(effects)) == ("Accepted", ["A Withdrawn"])
    bench.plug(1)
    assert bench.swipe("A") == START


def test_a_transaction_started_by_force_has_a_card_too() -> None:
    """A raw start names its card; the same card then stops it."""
    bench = Bench()
    bench.plug(1)
    bench.charging.add(1)
    bench.do(bench.handler.transaction_started(1, ProvidedIdToken(IdToken("X"))))
    assert "stop 1 Local" in bench.swipe("x")


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("swipe"), st.sampled_from("ABCDM"), st.sampled_from([(), (1,), (2,), (3, 1)])),
        st.tuples(st.just("remote"), st.sampled_from("ABX"), st.sampled_from([(), (1,), (2,)])),
        st.tuples(
            st.sampled_from(["plug", "unplug", "fault", "clear", "disable", "enable", "finish"]), st.integers(1, 3)
        ),
        st.tuples(st.just("expire"), st.sampled_from(list(TimerKind))),
        st.tuples(st.just("answer"), st.sampled_from(AuthorizationStatus), st.sampled_from([None, "FLEET", "MASTER"])),
        st.tuples(st.just("withdraw"), st.sampled_from([None, 1, 2])),
        st.tuples(st.just("reserve"), st.integers(1, 3), st.sampled_from([None, "A", "X"])),
    ),
    max_size=60,
)


@settings(deadline=None, max_examples=examples(200))
@given(
    STEPS,
    st.sampled_from([a for a in SelectionAlgorithm if a is not SelectionAlgorithm.USER_INPUT]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_whatever_happens(
    steps: list[tuple[object, ...]], algorithm: SelectionAlgorithm, priority: bool, plug_in_timeout: bool, reswipe: bool
) -> None:
    """One holder per EVSE, no transaction without an accepted token, no grant of what is in use, no token stuck."""
    bench = Bench(
        3,
        selection_algorithm=algorithm,
        prioritize_authorization_over_stopping_transaction=priority,
        plug_in_timeout_enabled=plug_in_timeout,
        stop_transaction_on_reswipe=reswipe,
        master_pass_group_id="MASTER",
    )
    handler = bench.handler
    for name, *arguments in steps:
        before_holders = {n: handler.holder(n) for n in (1, 2, 3)}
        before_charging = set(bench.charging)
        seen: list[str] = []
        match name, arguments:
            case "swipe", [card, evses]:
                seen = bench.swipe(card, *evses)
            case "remote", [card, evses]:
                seen = bench.remote(card, *evses)
            case "plug", [n]:
                if n not in bench.plugged:
                    seen = bench.plug(n)
            case "unplug", [n]:
                seen = bench.unplug(n)
            case "finish", [n]:
                bench.finish(n)
            case "fault", [n]:
                handler.faulted(n, 1)
            case "clear", [n]:
                handler.fault_cleared(n, 1)
            case "disable", [n]:
                handler.disabled(n, 1)
            case "enable", [n]:
                handler.enabled(n, 1)
            case "expire", [kind]:
                if any(timer.kind is kind for timer in bench.timers):
                    seen = bench.expire(kind)
            case "answer", [status, group]:
                if bench.asked:
                    ask = bench.asked.pop(0)
                    parent = IdToken(group) if group else None
                    seen = bench.do(handler.validated(ask.request, ValidationResult(status, parent_id_token=parent)))
                    if status is not AuthorizationStatus.ACCEPTED:
                        assert not any(line.startswith(("grant", "stop")) for line in seen)
            case "withdraw", [n]:
                bench.do(handler.withdraw(n)[1])
            case "reserve", [n, card]:
                handler.book.remove(n)
                if card:
                    handler.book.put(Reservation(n, IdToken(card), evse_id=n))
        for line in seen:
            if line.startswith("grant"):
                n = int(line.split()[1])
                assert before_holders[n] is None and n not in before_charging
        for n in (1, 2, 3):
            assert not handler.available(n) or handler.holder(n) is None
            assert n not in bench.charging or handler.holder(n) is not None
            assert n not in bench.granted or handler.holder(n) is not None
            assert (handler.holder(n) is not None) == (n in bench.charging or n in bench.granted)
        waiting = [timer for timer in bench.timers if timer.kind is TimerKind.WAIT]
        assert len(waiting) == len(handler.waiting)
        grants = {timer.subject for timer in bench.timers if timer.kind is TimerKind.GRANT}
        assert grants == bench.granted
