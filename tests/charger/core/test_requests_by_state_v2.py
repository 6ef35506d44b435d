"""2.0.1: what each request of the CSMS is answered in each state of an EVSE."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.charger.rig import Payload, Rig, play

EVSE = {"id": 1}


FREE, RESERVED, PLUGGED, CHARGING, FINISHED = "free", "reserved", "plugged", "charging", "finished"


CARD_FIRST, OUT, BROKEN = "card first", "out of service", "broken"


async def bring(it: Rig, state: str) -> None:
    """Bring EVSE 1 there."""
    if state == RESERVED:
        await it.operate("reserve_now", id_tag="A", evse_id=1, reservation_id=1, expires_in="1h")
    elif state == OUT:
        await it.operate("change_availability", status="Inoperative", evse_id=1)
    elif state == BROKEN:
        await it.do("inject_fault", fault_type="GroundFailure", evse_id=1)
    elif state == CARD_FIRST:
        await it.do("authorize_id_tag", id_tag="A", evse_id=1)
    elif state != FREE:
        await it.do("plug_connector", evse_id=1)
        if state != PLUGGED:
            await it.do("authorize_id_tag", id_tag="A", evse_id=1)
        if state == FINISHED:
            await it.do("stop_transaction", evse_id=1)


def token(card: str) -> Payload:
    return {"idToken": card, "type": "ISO14443"}


_RESERVE: Payload = {"id": 2, "expiryDateTime": "2026-01-01T01:00:00Z", "idToken": token("B"), "evseId": 1}


#: Request, its payload, and by state: the status of the answer, and what the connector then reports.
REQUESTS: dict[str, tuple[Payload, dict[str, tuple[str, list[str]]]]] = {
    "ReserveNow": (  # H01: only what is free
        _RESERVE,
        {
            FREE: ("Accepted", ["Reserved"]),
            RESERVED: ("Occupied", []),
            PLUGGED: ("Occupied", []),
            CARD_FIRST: ("Occupied", []),
            CHARGING: ("Occupied", []),
            FINISHED: ("Occupied", []),
            OUT: ("Unavailable", []),
            BROKEN: ("Faulted", []),
        },
    ),
    "CancelReservation": (  # H02
        {"reservationId": 1},
        {s: ("Rejected", []) for s in (FREE, PLUGGED, CARD_FIRST, CHARGING, FINISHED, OUT, BROKEN)}
        | {RESERVED: ("Accepted", ["Available"])},
    ),
    "ChangeAvailability Inoperative": (  # G03: a transaction delays it, nothing else
        {"operationalStatus": "Inoperative", "evse": EVSE},
        {
            FREE: ("Accepted", ["Unavailable"]),
            RESERVED: ("Accepted", ["Unavailable"]),
            PLUGGED: ("Accepted", ["Unavailable"]),
            CARD_FIRST: ("Accepted", ["Unavailable"]),
            CHARGING: ("Scheduled", []),
            FINISHED: ("Accepted", ["Unavailable"]),
            OUT: ("Accepted", []),
            BROKEN: ("Accepted", []),
        },
    ),
    "ChangeAvailability Operative": (
        {"operationalStatus": "Operative", "evse": EVSE},
        {s: ("Accepted", []) for s in (FREE, RESERVED, PLUGGED, CARD_FIRST, CHARGING, FINISHED, BROKEN)}
        | {OUT: ("Accepted", ["Available"])},
    ),
    "RequestStartTransaction": (  # F01, F02
        {"remoteStartId": 7, "idToken": token("B"), "evseId": 1},
        {
            FREE: ("Accepted", []),
            RESERVED: ("Rejected", []),
            PLUGGED: ("Accepted", []),
            CARD_FIRST: ("Rejected", []),
            CHARGING: ("Rejected", []),
            FINISHED: ("Rejected", []),
            OUT: ("Rejected", []),
            BROKEN: ("Rejected", []),
        },
    ),
    "RequestStopTransaction": (  # F03: only one that runs
        {"transactionId": "unknown"},
        {s: ("Rejected", []) for s in (FREE, RESERVED, PLUGGED, CARD_FIRST, CHARGING, FINISHED, OUT, BROKEN)},
    ),
    "UnlockConnector": (  # F05.FR.02: not under a running transaction
        {"evseId": 1, "connectorId": 1},
        {s: ("Unlocked", []) for s in (FREE, RESERVED, PLUGGED, CARD_FIRST, FINISHED, OUT, BROKEN)}
        | {CHARGING: ("OngoingAuthorizedTransaction", [])},
    ),
    "Reset OnIdle": (  # B11, B12: a transaction delays it; reservation, availability and fault outlast it
        {"type": "OnIdle"},
        {
            FREE: ("Accepted", ["Available"]),
            RESERVED: ("Accepted", ["Reserved"]),
            PLUGGED: ("Accepted", ["Occupied"]),
            CARD_FIRST: ("Accepted", ["Available"]),
            CHARGING: ("Scheduled", []),
            FINISHED: ("Accepted", ["Occupied"]),
            OUT: ("Accepted", ["Unavailable"]),
            BROKEN: ("Accepted", ["Faulted"]),
        },
    ),
    "SendLocalList": (  # D01
        {"versionNumber": 1, "updateType": "Full"},
        {s: ("Accepted", []) for s in (FREE, RESERVED, PLUGGED, CARD_FIRST, CHARGING, FINISHED, OUT, BROKEN)},
    ),
    "TriggerMessage": (  # F06: what is the case, whatever was told before
        {"requestedMessage": "StatusNotification", "evse": {"id": 1, "connectorId": 1}},
        {
            FREE: ("Accepted", ["Available"]),
            RESERVED: ("Accepted", ["Reserved"]),
            PLUGGED: ("Accepted", ["Occupied"]),
            CARD_FIRST: ("Accepted", ["Available"]),
            CHARGING: ("Accepted", ["Occupied"]),
            FINISHED: ("Accepted", ["Occupied"]),
            OUT: ("Accepted", ["Unavailable"]),
            BROKEN: ("Accepted", ["Faulted"]),
        },
    ),
}


@pytest.mark.parametrize(("request_", "state"), [(name, s) for name, (_, rows) in REQUESTS.items() for s in rows])
def test_each_request_in_each_state(request_: str, state: str) -> None:
    """The answer, and what the connector tells in the half minute after it."""
    payload, rows = REQUESTS[request_]
    status, reported = rows[state]
    answers: list[Any] = []

    async def scene(it: Rig) -> None:
        await bring(it, state)
        it.frames.clear()
        answers.append(await it.call(request_.partition(" ")[0], payload))
        await asyncio.sleep(30)

    it = play(scene, csms={"id_tokens": {"A": "Accepted", "B": "Accepted"}})
    assert answers[0]["status"] == status
    assert it.statuses() == reported
    started = [event for event in it.events() if event.startswith("Started")]
    assert len(started) == (1 if request_ == "RequestStartTransaction" and state == PLUGGED else 0)


def test_every_request_has_a_row_for_every_state() -> None:
    """Eight states, nothing forgotten."""
    states = {FREE, RESERVED, PLUGGED, CHARGING, FINISHED, CARD_FIRST, OUT, BROKEN}
    assert all(set(rows) == states for _, rows in REQUESTS.values())
