"""Reservations in OCPP 1.6: sections 5.2 and 5.13."""

from __future__ import annotations

import pytest

from ocpplab_runner import clock
from tests.charger.rig import rig


async def _reserve(it, reservation_id=1, connector=1, card="A", expires="2026-01-01T01:00:00Z", **more):
    payload = {"connectorId": connector, "expiryDate": expires, "idTag": card, "reservationId": reservation_id}
    return (await it.call("ReserveNow", **payload, **more))["status"]


def test_reserved_used_and_named_in_the_start():
    """The reserved card starts, and StartTransaction names the reservation."""

    async def main():
        async with rig() as it:
            it.forget()
            assert await _reserve(it, 7) == "Accepted"
            assert it.statuses() == ["Reserved"]
            await it.do("start_session", id_tag="a")
            assert it.statuses() == ["Reserved", "Preparing", "Charging"]
            assert it.sent("StartTransaction")[0]["reservationId"] == 7
            assert await it.call("CancelReservation", reservationId=7) == {"status": "Rejected"}

    clock.run(main())


def test_other_card_is_refused_and_the_reservation_stays():
    """Another card starts nothing, and a cable alone, coming or going, does not end Reserved (section 4.9, G2)."""

    async def main():
        async with rig() as it:
            await _reserve(it)
            it.forget()
            await it.do("plug_connector")
            await it.do("authorize_id_tag", id_tag="B")
            assert "Authorize" not in it.actions()
            await it.do("unplug_connector")
            assert it.statuses() == []
            await it.do("plug_connector")
            await it.do("authorize_id_tag", id_tag="A")
            assert it.statuses() == ["Preparing", "Charging"]

    clock.run(main())


def test_card_of_the_group():
    """With a parentIdTag a card of the same group may use the reservation."""

    async def main():
        group = {"status": "Accepted", "parentIdTag": "FLEET"}
        async with rig(cards={"A": group, "B": group, "C": "Accepted"}) as it:
            assert await _reserve(it, parentIdTag="FLEET") == "Accepted"
            await it.do("plug_connector")
            await it.do("authorize_id_tag", id_tag="C")
            assert it.sent("StartTransaction") == []
            await it.do("authorize_id_tag", id_tag="B")
            assert it.sent("StartTransaction")[0]["reservationId"] == 1

    clock.run(main())


def test_expiry_and_cancellation():
    """A reservation ends when its time is over or it is cancelled; a later one replaces the same id."""

    async def main():
        async with rig() as it:
            assert await _reserve(it, expires="2025-12-31T23:59:59Z") == "Rejected"
            await _reserve(it)
            it.forget()
            await it.wait(3601)
            assert it.statuses() == ["Available"]
            assert await _reserve(it, expires="2026-01-01T05:00:00Z") == "Accepted"
            assert await _reserve(it, card="B", expires="2026-01-01T06:00:00Z") == "Accepted"
            assert it.charger.evses[0].reservation.id_token.value == "B"
            assert await _reserve(it, 2, expires="2026-01-01T06:00:00Z") == "Occupied"
            assert await it.call("CancelReservation", reservationId=1) == {"status": "Accepted"}
            assert it.statuses()[-1] == "Available"

    clock.run(main())


@pytest.mark.parametrize("status", ["Occupied", "Faulted", "Unavailable", "Rejected"])
def test_refusals(status):
    """Each refusal of a reservation, for its own cause."""

    async def main():
        async with rig() as it:
            connector = 1
            if status == "Occupied":
                await it.do("plug_connector")
            elif status == "Faulted":
                await it.do("inject_fault", fault_type="GroundFailure", evse_id=1)
            elif status == "Unavailable":
                await it.call("ChangeAvailability", connectorId=1, type="Inoperative")
            else:
                connector = 2
            assert await _reserve(it, connector=connector) == status

    clock.run(main())


def test_fault_ends_a_reservation():
    """A reserved connector that is faulted or taken out of service loses its reservation."""

    async def main():
        async with rig() as it:
            await _reserve(it)
            await it.do("inject_fault", fault_type="GroundFailure", evse_id=1)
            await it.do("clear_fault")
            assert it.statuses()[-1] == "Available"

    clock.run(main())


def test_cancelled_reservation_frees_the_connector_for_others():
    """After CancelReservation any card may start."""

    async def main():
        async with rig() as it:
            await _reserve(it)
            await it.call("CancelReservation", reservationId=1)
            await it.do("start_session", id_tag="B")
            assert it.statuses()[-1] == "Charging"

    clock.run(main())


def test_same_id_moves_the_reservation():
    """The same reservation id on another connector frees the first."""

    async def main():
        async with rig({"evses": 2}) as it:
            await _reserve(it, connector=1)
            assert await _reserve(it, connector=2) == "Accepted"
            assert (it.statuses(1)[-1], it.statuses(2)[-1]) == ("Available", "Reserved")

    clock.run(main())


@pytest.mark.parametrize(
    ("supported", "status"), [("true", "Accepted"), ("false", "Rejected"), (None, "Accepted")], ids=str
)
def test_connector_0_is_reserved_only_where_that_is_supported(supported, status):
    """ReserveConnectorZeroSupported decides on connector 0, and on no other (section 5.13)."""

    async def main():
        given = {} if supported is None else {"configuration": {"ReserveConnectorZeroSupported": supported}}
        async with rig({"evses": 2, **given}) as it:
            call = {"expiryDate": "2030-01-01T00:00:00Z", "idTag": "A"}
            assert await it.call("ReserveNow", connectorId=0, reservationId=1, **call) == {"status": status}
            assert await it.call("ReserveNow", connectorId=1, reservationId=2, **call) == {"status": "Accepted"}

    clock.run(main())


@pytest.mark.parametrize("quirks", [[], ["used-reservation-is-silent"]])
def test_any_evse(quirks: list[str]) -> None:
    """AUTH-R4, R5, R7: connectorId 0; as many as there are EVSEs keep them all; Used is told but for the quirk."""

    async def main() -> None:
        async with rig({"evses": 2, "authorization": {"quirks": quirks}}) as it:

            async def reserve(number: int, card: str) -> str:
                payload = {"connectorId": 0, "expiryDate": "2026-01-01T01:00:00Z", "idTag": card}
                answer: str = (await it.call("ReserveNow", **payload, reservationId=number))["status"]
                return answer

            assert await reserve(1, "A") == "Accepted"
            assert it.charger.status(1) == it.charger.status(2) == "Available"
            assert await reserve(2, "B") == "Accepted"
            assert it.charger.status(1) == it.charger.status(2) == "Reserved"
            assert await reserve(3, "C") == "Occupied"
            await it.do("plug_connector", evse_id=2)
            await it.do("authorize_id_tag", id_tag="C")
            assert it.sent("StartTransaction") == []
            await it.do("authorize_id_tag", id_tag="B")
            assert it.sent("StartTransaction")[0]["reservationId"] == 2
            assert await it.call("CancelReservation", reservationId=1) == {"status": "Accepted"}
            assert it.charger.status(1) == "Available"
            news = [(fact["is"], fact["reservation_id"]) for fact in it.told("reservation")]
            used = [] if quirks else [("Used", 2)]
            assert news == [("Placed", 1), ("Placed", 2), *used, ("Cancelled", 1)]

    clock.run(main())


@pytest.mark.parametrize(("quirks", "answer"), [([], "Rejected"), (["exists-reservation-asks-evse-1"], "Accepted")])
def test_a_remote_start_on_a_reserved_evse(quirks: list[str], answer: str) -> None:
    """AUTH-R9: refused at once; with the quirk answered Accepted, and then it leads nowhere."""

    async def main() -> None:
        async with rig({"evses": 2, "authorization": {"quirks": quirks}}) as it:
            reserve = {"connectorId": 2, "expiryDate": "2026-01-01T01:00:00Z", "idTag": "A", "reservationId": 1}
            await it.call("ReserveNow", **reserve)
            assert await it.call("RemoteStartTransaction", idTag="B", connectorId=2) == {"status": answer}
            await it.do("plug_connector", evse_id=2)
            assert it.sent("StartTransaction") == []

    clock.run(main())
