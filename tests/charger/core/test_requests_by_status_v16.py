"""OCPP 1.6 section 5: what each request is answered in each connector status, and what follows."""

from __future__ import annotations

import pytest

from ocpplab_runner import clock
from tests.charger.availability.test_transitions_v16 import WAY, A, B, C, D, E, F, G, H, I, act
from tests.charger.rig import rig

EXPIRY = "2026-01-01T01:00:00Z"

#: Request, payload, and by status: the answer, what is then reported for connector 1, in how much time.
REQUESTS = {
    # 5.13: reserved only when it is free; the reservation of the same id is replaced, another one is in the way.
    "ReserveNow": (
        {"connectorId": 1, "idTag": "B", "reservationId": 2, "expiryDate": EXPIRY},
        {
            A: ("Accepted", [G]),
            B: ("Occupied", []),
            C: ("Occupied", []),
            D: ("Occupied", []),
            E: ("Occupied", []),
            F: ("Occupied", []),
            G: ("Occupied", []),
            H: ("Unavailable", []),
            I: ("Faulted", []),
        },
    ),
    # 5.1: no reservation of that id.
    "CancelReservation": (
        {"reservationId": 1},
        {s: ("Rejected", []) for s in (A, B, C, D, E, F, H, I)} | {G: ("Accepted", [A])},
    ),
    # 5.2: what runs, and who prepares, comes first.
    "ChangeAvailability Inoperative": (
        {"connectorId": 1, "type": "Inoperative"},
        {
            A: ("Accepted", [H]),
            B: ("Scheduled", []),
            C: ("Scheduled", []),
            D: ("Scheduled", []),
            E: ("Scheduled", []),
            F: ("Accepted", [H]),
            G: ("Accepted", [H]),
            H: ("Accepted", []),
            I: ("Accepted", []),
        },
    ),
    "ChangeAvailability Operative": (
        {"connectorId": 1, "type": "Operative"},
        {s: ("Accepted", []) for s in (A, B, C, D, E, F, G, I)} | {H: ("Accepted", [A])},
    ),
    # 5.11: only where somebody could charge; the reserved card may.
    "RemoteStartTransaction": (
        {"connectorId": 1, "idTag": "A"},
        {
            A: ("Accepted", [B, A]),
            B: ("Accepted", [C]),
            C: ("Rejected", []),
            D: ("Rejected", []),
            E: ("Rejected", []),
            F: ("Rejected", []),
            G: ("Accepted", [B, A]),
            H: ("Rejected", []),
            I: ("Rejected", []),
        },
    ),
    "RemoteStartTransaction of another": (
        {"connectorId": 1, "idTag": "B"},
        {
            A: ("Accepted", [B, A]),
            B: ("Accepted", [C]),
            C: ("Rejected", []),
            D: ("Rejected", []),
            E: ("Rejected", []),
            F: ("Rejected", []),
            G: ("Rejected", []),
            H: ("Rejected", []),
            I: ("Rejected", []),
        },
    ),
    # 5.12: only a transaction that runs.
    "RemoteStopTransaction": (
        {"transactionId": 1},
        {s: ("Rejected", []) for s in (A, B, F, G, H, I)} | {s: ("Accepted", [F]) for s in (C, D, E)},
    ),
    # 5.18: a transaction ends first; a cable stays where it is.
    "UnlockConnector": (
        {"connectorId": 1},
        {s: ("Unlocked", []) for s in (A, B, F, G, H, I)} | {s: ("Unlocked", [F]) for s in (C, D, E)},
    ),
    # 5.14: everything is told anew; faults, cables, reservations and availability outlast it.
    "Reset Soft": (
        {"type": "Soft"},
        {
            A: ("Accepted", [A]),
            B: ("Accepted", [B]),
            C: ("Accepted", [F, B]),
            D: ("Accepted", [F, B]),
            E: ("Accepted", [F, B]),
            F: ("Accepted", [B]),
            G: ("Accepted", [G]),
            H: ("Accepted", [H]),
            I: ("Accepted", [I]),
        },
    ),
    "Reset Hard": (
        {"type": "Hard"},
        {
            A: ("Accepted", [A]),
            B: ("Accepted", [B]),
            C: ("Accepted", [B]),
            D: ("Accepted", [B]),
            E: ("Accepted", [B]),
            F: ("Accepted", [B]),
            G: ("Accepted", [G]),
            H: ("Accepted", [H]),
            I: ("Accepted", [I]),
        },
    ),
    # 5.15, 5.4, 5.3, 5.8: nothing that a driver does is in the way.
    "SendLocalList": ({"listVersion": 1, "updateType": "Full"}, {s: ("Accepted", []) for s in WAY}),
    "ClearCache": ({}, {s: ("Accepted", []) for s in WAY}),
    "ChangeConfiguration": ({"key": "ConnectionTimeOut", "value": "90"}, {s: ("Accepted", []) for s in WAY}),
    # 5.17: the status is told again, whatever it is.
    "TriggerMessage": (
        {"requestedMessage": "StatusNotification", "connectorId": 1},
        {s: ("Accepted", [s]) for s in WAY},
    ),
}


@pytest.mark.parametrize(
    ("request_", "status"), [(name, status) for name, (_, rows) in REQUESTS.items() for status in rows]
)
def test_each_request_in_each_status(request_, status):
    """The answer, and what the connector shows in the minutes after it."""
    payload, rows = REQUESTS[request_]
    answer, reported = rows[status]

    async def main():
        async with rig({"settings": {"connection_timeout": "60s"}}) as it:
            for step in WAY[status]:
                await act(it, step)
            assert it.statuses()[-1] == status
            it.forget()
            assert await it.call(request_.partition(" ")[0], **payload) == {"status": answer}
            await it.wait(120)
            assert it.statuses() == reported

    clock.run(main())


def test_every_request_has_a_row_for_every_status():
    """Nine statuses, nothing forgotten."""
    assert all(set(rows) == set(WAY) for _, rows in REQUESTS.values())


@pytest.mark.parametrize("status", list(WAY))
def test_connector_0_out_of_service_takes_all_with_it(status):
    """Section 5.2: every connector follows, at once or when its driver is gone; then the station shows it too."""
    waits = status in (B, C, D, E)

    async def main():
        async with rig() as it:
            for step in WAY[status]:
                await act(it, step)
            it.forget()
            answer = await it.call("ChangeAvailability", connectorId=0, type="Inoperative")
            assert answer == {"status": "Scheduled" if waits else "Accepted"}
            assert it.statuses(0) == ([] if waits else [H])
            await it.do("stop_session" if status in (B, C, D, E, F) else "clear_fault")
            assert it.statuses()[-1:] == ([] if status == H else [H])
            assert it.statuses(0) == [H]
            it.forget()
            assert await it.call("ChangeAvailability", connectorId=0, type="Operative") == {"status": "Accepted"}
            assert (it.statuses(0), it.statuses()) == ([A], [A])

    clock.run(main())


def test_back_in_service_before_it_was_out():
    """The last change counts: an Operative takes a scheduled Inoperative back."""

    async def main():
        for status, then in ((B, [A]), (C, ["Finishing", A])):
            async with rig() as it:
                for step in WAY[status]:
                    await act(it, step)
                await it.call("ChangeAvailability", connectorId=1, type="Inoperative")
                assert await it.call("ChangeAvailability", connectorId=1, type="Operative") == {"status": "Accepted"}
                it.forget()
                await it.do("unplug_connector")
                assert it.statuses() == then

    clock.run(main())


@pytest.mark.parametrize("status", [A, B, C])
def test_what_was_scheduled_outlasts_a_loss_of_power(status):
    """Section 5.2: availability persists; after the boot nobody prepares and nothing runs any more."""

    async def main():
        async with rig() as it:
            for step in WAY[status]:
                await act(it, step)
            await it.call("ChangeAvailability", connectorId=1, type="Inoperative")
            await it.do("power", off_for="5s")
            it.forget()
            await it.wait(10)
            assert it.statuses() == [H]

    clock.run(main())
