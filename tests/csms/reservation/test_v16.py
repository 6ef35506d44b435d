"""Reservation in OCPP 1.6, as the CSMS sees it."""

from __future__ import annotations

from tests.csms.stations import World, play


def test_a_reservation_that_the_csms_made_may_be_used() -> None:
    """The reservation id that an operation or a raw call sent is known."""

    async def scene(world: World) -> None:
        station = await world.station()
        sent = world.csms.operate("CP-1", "reserve_now", {"id_tag": "CARD", "evse_id": 1})
        await sent.future
        assert station.calls[0].payload["reservationId"] == 1
        await station.start("CARD", reservationId=1)
        world.csms.operate("CP-1", "reserve_now", {"id_tag": "CARD", "evse_id": 2, "reservation_id": 7})
        await world.csms.operate("CP-1", "cancel_reservation").future
        assert station.calls[-1].payload == {"reservationId": 7}
        await world.csms.operate("CP-1", "cancel_reservation").future
        assert station.calls[-1].payload == {"reservationId": 1}

    assert play(scene).codes == []
