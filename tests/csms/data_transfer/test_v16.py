"""Data transfer in OCPP 1.6, as the CSMS sees it."""

from __future__ import annotations

from tests.csms.stations import World, play


def test_vendor_data_is_of_an_unknown_vendor() -> None:
    """The CSMS has no vendor extensions (section 4.3)."""

    async def scene(world: World) -> None:
        answer = await (await world.station()).tell("DataTransfer", {"vendorId": "org.example"})
        assert answer == {"status": "UnknownVendorId"}

    assert play(scene).codes == []


def test_the_answers_that_were_agreed_on() -> None:
    """Section 4.3: a vendor whom the CSMS knows is answered as ``given.csms.vendors`` says, the others are not."""

    async def scene(world: World) -> None:
        station = await world.station()
        asked = {"vendorId": "org.example"}
        answer = await station.tell("DataTransfer", {**asked, "messageId": "price", "data": "1"})
        assert answer == {"status": "Accepted", "data": '{"kwh":0.3}'}
        assert await station.tell("DataTransfer", {**asked, "messageId": "tax"}) == {"status": "UnknownMessageId"}
        assert await station.tell("DataTransfer", {"vendorId": "org.other"}) == {"status": "UnknownVendorId"}

    assert play(scene, vendors={"org.example": {"price": {"data": {"kwh": 0.3}}}}).codes == []
