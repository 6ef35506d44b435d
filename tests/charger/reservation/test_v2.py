"""Reservations in OCPP 2.x: H01 to H04."""

from __future__ import annotations

import asyncio

import pytest

from tests.charger.rig import Rig, play


def test_a_reservation_and_its_end() -> None:
    """H01 and H02: the connector is Reserved, another card is refused, the reserved one uses it up."""

    async def scene(it: Rig) -> None:
        assert await it.operate("reserve_now", id_tag="A", evse_id=1, reservation_id=5) == {"status": "Accepted"}
        await it.do("authorize_id_tag", id_tag="S")
        assert await it.operate("cancel_reservation", reservation_id=6) == {
            "status": "Rejected",
            "statusInfo": {"reasonCode": "UnknownReservation"},
        }
        await it.charge("A")

    it = play(scene)
    assert it.statuses()[:2] == ["Available", "Reserved"]
    assert it.sent("TransactionEvent")[0]["reservationId"] == 5
    assert it.events()[0] == "Started 0 Authorized Charging"


def test_a_reservation_that_runs_out_is_told() -> None:
    """H04: ReservationStatusUpdate Expired, and the connector is Available again; a fault removes it."""

    async def scene(it: Rig) -> None:
        await it.operate("reserve_now", id_tag="A", evse_id=1, reservation_id=5, expires_in="60s")
        await asyncio.sleep(61)
        await it.operate("reserve_now", id_tag="A", evse_id=1, reservation_id=6, expires_in="60s")
        await it.do("inject_fault", fault_type="GroundFailure", evse_id=1)

    it = play(scene)
    assert it.sent("ReservationStatusUpdate") == [
        {"reservationId": 5, "reservationUpdateStatus": "Expired"},
        {"reservationId": 6, "reservationUpdateStatus": "Removed"},
    ]
    assert it.statuses() == ["Available", "Reserved", "Available", "Reserved", "Faulted"]


@pytest.mark.parametrize(
    ("clock_is", "lasts"), [({"ahead": "4m"}, 360), ({"ahead": "11m"}, 0), ({"behind": "4m"}, 840)]
)
def test_a_reservation_runs_out_by_the_clock_of_the_station(clock_is: dict[str, str], lasts: int) -> None:
    """A clock that is set ahead ends it earlier, at once where its time is over; one that is set back, later."""

    async def scene(it: Rig) -> None:
        await it.operate("reserve_now", id_tag="A", evse_id=1, reservation_id=5, expires_in="10m")
        await it.do("set_clock", **clock_is)
        if lasts:
            await it.wait(lasts - 1)
            assert it.sent("ReservationStatusUpdate") == []
        await it.wait(2)
        assert it.sent("ReservationStatusUpdate") == [{"reservationId": 5, "reservationUpdateStatus": "Expired"}]

    play(scene, given={"clock": {"follows": False}})


@pytest.mark.parametrize(
    ("variable", "named", "of_any"),
    [("", "Accepted", "Accepted"), ("NonEvseSpecific", "Accepted", "Rejected"), ("Enabled", "Rejected", "Rejected")],
)
def test_what_the_reservation_controller_says_holds(variable: str, named: str, of_any: str) -> None:
    """H01.FR.01 and H01.FR.19: reservations switched off, and those of any EVSE not supported."""

    async def scene(it: Rig) -> None:
        reserve = {"expiryDateTime": "2026-01-01T01:00:00Z", "idToken": {"idToken": "B", "type": "ISO14443"}}
        assert (await it.call("ReserveNow", {"id": 2, "evseId": 1, **reserve}))["status"] == named
        assert (await it.call("ReserveNow", {"id": 3, **reserve}))["status"] == of_any

    configuration = {f"ReservationCtrlr.{variable}": "false"} if variable else {}
    play(scene, given={"evses": 2, "configuration": configuration})


def test_a_reservation_of_any_evse_and_of_a_kind_of_connector() -> None:
    """H01.FR.18, AUTH-R4: without evseId; a kind of connector that nobody has is Rejected."""

    async def scene(it: Rig) -> None:
        reserve = {"expiryDateTime": "2099-01-01T00:00:00Z", "idToken": {"idToken": "A", "type": "ISO14443"}}
        assert (await it.call("ReserveNow", {"id": 1, "connectorType": "cCCS2", **reserve}))["status"] == "Rejected"
        assert (await it.call("ReserveNow", {"id": 2, "connectorType": "cType2", **reserve}))["status"] == "Accepted"
        await it.charge("A")
        data = [{"component": {"name": "ReservationCtrlr"}, "variable": {"name": "NonEvseSpecific"}}]
        answer = await it.call("GetVariables", {"getVariableData": data})
        assert answer["getVariableResult"][0]["attributeValue"] == "true"

    it = play(scene)
    assert it.sent("TransactionEvent")[0]["reservationId"] == 2
