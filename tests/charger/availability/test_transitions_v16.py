"""OCPP 1.6 section 4.9: each transition between connector statuses, brought about and read off the wire."""

from __future__ import annotations

from itertools import pairwise, product

import pytest

from ocpplab_runner import clock
from ocpplab_runner.charger.blocks.availability.transitions import STATUSES, TRANSITIONS, allowed, passage, transition
from tests.charger.rig import Rig, rig

#: Section 4.9, row by row, as the specification prints it.
PRINTED = {
    f"{row}{column}"
    for row, columns in {
        "A": "2345789",
        "B": "134569",
        "C": "145689",
        "D": "135689",
        "E": "134689",
        "F": "1289",
        "G": "1289",
        "H": "123459",
        "I": "12345678",
    }.items()
    for column in columns
}

A, B, C, D, E = "Available", "Preparing", "Charging", "SuspendedEV", "SuspendedEVSE"
F, G, H, I = "Finishing", "Reserved", "Unavailable", "Faulted"  # noqa: E741
PLUG, CARD, UNPLUG = ("plug_connector", {}), ("authorize_id_tag", {"id_tag": "A"}), ("unplug_connector", {})
RESTING = ("plug_connector", {"ev": {"demand": False}})
WANT, REST = ("ev_requests_energy", {}), ("ev_stops_energy", {})
OFFER, NOTHING = ("power_update", {"power_w": 5000}), ("power_update", {"power_w": 0})
STOP, START = ("stop_transaction", {}), ("start_transaction", {"id_tag": "A"})
FAULT, REPAIR = ("inject_fault", {"fault_type": "GroundFailure", "evse_id": 1}), ("clear_fault", {"evse_id": 1})
RESERVE = (
    "ReserveNow",
    {"connectorId": 1, "idTag": "A", "reservationId": 1, "expiryDate": "2026-01-01T01:00:00Z"},
)
CANCEL = ("CancelReservation", {"reservationId": 1})
OUT = ("ChangeAvailability", {"connectorId": 1, "type": "Inoperative"})
BACK = ("ChangeAvailability", {"connectorId": 1, "type": "Operative"})
PATIENT = ("ChangeConfiguration", {"key": "MinimumStatusDuration", "value": "5"})
LASTING = ("ChangeConfiguration", {"key": "StopTransactionOnEVSideDisconnect", "value": "false"})

#: How to get there from Available, with one EVSE.
WAY = {
    A: [],
    B: [PLUG],
    C: [PLUG, CARD],
    D: [PLUG, CARD, REST],
    E: [PLUG, CARD, NOTHING],
    F: [PLUG, CARD, STOP],
    G: [RESERVE],
    H: [OUT],
    I: [FAULT],
}

#: Name, where it begins, other steps before, the cause, and what is reported then.
CASES = [
    ("A2", A, [], PLUG, [B]),
    ("A2", A, [], CARD, [B]),
    ("A7", A, [], RESERVE, [G]),
    ("A8", A, [], OUT, [H]),
    ("A9", A, [], FAULT, [I]),
    ("B1", B, [], UNPLUG, [A]),
    ("B1", A, [CARD], ("wait", {"seconds": 61}), [A]),
    ("B1", B, [OUT], UNPLUG, [A, H]),
    ("B1", A, [CARD, OUT], ("wait", {"seconds": 61}), [A, H]),
    ("B3", B, [], CARD, [C]),
    ("B3", A, [CARD], PLUG, [C]),
    ("B3", B, [OUT], CARD, [C]),
    ("B4", A, [RESTING], CARD, [D]),
    ("B5", B, [NOTHING], CARD, [E]),
    ("B9", B, [], FAULT, [I]),
    ("C1", C, [PATIENT, UNPLUG], ("wait", {"seconds": 6}), [A]),
    ("C4", C, [], REST, [D]),
    ("C5", C, [], NOTHING, [E]),
    ("C6", C, [], STOP, [F]),
    ("C6", C, [], CARD, [F]),
    ("C6", C, [], UNPLUG, [F, A]),
    ("C8", C, [OUT], STOP, [H]),
    ("C8", C, [OUT], UNPLUG, [H]),
    ("C9", C, [], FAULT, [I]),
    ("D1", C, [LASTING, UNPLUG], STOP, [A]),
    ("D3", D, [], WANT, [C]),
    ("D5", D, [], NOTHING, [E]),
    ("D6", D, [], STOP, [F]),
    ("D6", D, [], UNPLUG, [F, A]),
    ("D8", D, [OUT], STOP, [H]),
    ("D9", D, [], FAULT, [I]),
    ("E1", E, [PATIENT, UNPLUG], ("wait", {"seconds": 6}), [A]),
    ("E3", E, [], OFFER, [C]),
    ("E4", E, [REST], OFFER, [D]),
    ("E6", E, [], STOP, [F]),
    ("E6", E, [], UNPLUG, [F, A]),
    ("E8", E, [OUT], STOP, [H]),
    ("E9", E, [], FAULT, [I]),
    ("F1", F, [], UNPLUG, [A]),
    ("F2", F, [], START, [B, C]),
    ("F8", F, [], OUT, [H]),
    ("F9", F, [], FAULT, [I]),
    ("G1", G, [], CANCEL, [A]),
    ("G1", G, [], ("wait", {"seconds": 3601}), [A]),
    ("G2", G, [], CARD, [B]),
    ("G2", G, [PLUG], CARD, [B, C]),
    ("G8", G, [], OUT, [H]),
    ("G9", G, [], FAULT, [I]),
    ("H1", H, [], BACK, [A]),
    ("H2", H, [PLUG], BACK, [B]),
    ("H2", C, [OUT, STOP], BACK, [B]),
    ("H9", H, [], FAULT, [I]),
    ("I1", I, [], REPAIR, [A]),
    ("I2", I, [PLUG], REPAIR, [B]),
    ("I2", B, [FAULT], REPAIR, [B]),
    ("I6", C, [FAULT], REPAIR, [F]),
    ("I8", H, [FAULT], REPAIR, [H]),
    ("I8", I, [OUT], REPAIR, [H]),
]


async def act(it: Rig, step: tuple[str, dict[str, object]]) -> None:
    name, fields = step
    if name == "wait":
        await it.wait(float(str(fields["seconds"])))
    elif name[0].isupper():
        await it.call(name, **fields)
    else:
        await it.do(name, **fields)


@pytest.mark.parametrize(
    ("name", "start", "before", "cause", "reported"), CASES, ids=[f"{c[0]}-{n}" for n, c in enumerate(CASES)]
)
def test_each_transition(name, start, before, cause, reported):
    """From one status, by one cause, to the next, told once, with the error code of the fault or NoError."""

    async def main():
        async with rig({"settings": {"connection_timeout": "60s"}}) as it:
            for step in [*WAY[start], *before]:
                await act(it, step)
            was = it.statuses()[-1]
            it.forget()
            await act(it, cause)
            assert it.statuses() == reported
            assert transition(STATUSES[[s.value for s in STATUSES].index(was)], _status(reported[0])) == name
            for told in it.sent("StatusNotification"):
                assert told["errorCode"] == ("GroundFailure" if told["status"] == I else "NoError")

    clock.run(main())


def test_i7_the_last_evse_is_kept_again():
    """With a reservation of connector 0 the only EVSE that is left is Reserved, before the fault and after it."""

    async def main():
        async with rig({"evses": 2}) as it:
            await act(it, ("ReserveNow", {**RESERVE[1], "connectorId": 0}))
            await it.do("plug_connector", evse_id=2)
            await it.do("authorize_id_tag", id_tag="OTHER")
            assert it.statuses(1)[-1] == G
            await it.do("inject_fault", fault_type="WeakSignal", evse_id=1)
            await it.do("clear_fault", evse_id=1)
            assert it.statuses(1)[-3:] == [G, G, G]

    clock.run(main())


def test_b6_no_card_came_in_time():
    """Where a car may wait only so long, it has to leave afterwards; without that option it goes on preparing."""

    async def main():
        for limited, statuses in ((True, [B, F, A]), (False, [B, A])):
            given = {"evses": 2, "authorization": {"plug_in_timeout": limited}}
            async with rig({"settings": {"connection_timeout": "60s"}, **given}) as it:
                it.forget()
                await it.do("plug_connector", evse_id=1)
                await it.wait(59)
                assert it.statuses() == [B]
                await it.wait(2)
                await it.do("authorize_id_tag", id_tag="A", evse_id=1)
                assert (C in it.statuses()) is not limited
                if not limited:
                    continue
                await it.do("unplug_connector", evse_id=1)
                assert it.statuses() == statuses

    clock.run(main())


def _status(text):
    return next(status for status in STATUSES if status.value == text)


def test_the_table_is_the_printed_one():
    """Every transition of the specification is there, and no other."""
    assert set(TRANSITIONS) == PRINTED
    assert {transition(a, b) for a, b in product(STATUSES, STATUSES) if allowed(a, b)} == PRINTED


def test_each_transition_that_the_station_takes_is_tested():
    """What the table says of a cause is shown here; what it says never happens is not."""
    shown = {case[0] for case in CASES} | {"B6", "I7"}
    assert shown == {name for name, cause in TRANSITIONS.items() if cause is not None}


@pytest.mark.parametrize(("before", "after"), list(product(STATUSES, STATUSES)), ids=str)
def test_a_passage_keeps_to_the_table(before, after):
    """What the table does not join directly is joined by one status between, whatever becomes of a connector."""
    steps = [before, *passage(before, after), after]
    assert len(steps) <= 3
    if before is not after and after is not _status(I):
        assert all(allowed(one, other) for one, other in pairwise(steps)), steps


def test_after_an_outage_only_what_is_the_case_is_told():
    """Nobody heard how a finished car left and another one came and charged: it is just Charging."""

    async def main():
        async with rig({"cache": {"A": "Accepted"}}) as it:
            for step in WAY[F]:
                await act(it, step)
            await it.do("network", state="down")
            it.forget()
            for step in (UNPLUG, PLUG, CARD):
                await act(it, step)
            await it.do("network", state="up")
            await it.wait(30)
            assert it.statuses() == [C]

    clock.run(main())
