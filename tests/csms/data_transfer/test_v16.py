"""Data transfer in OCPP 1.6, as the CSMS sees it."""

from __future__ import annotations

from tests.csms.stations import World, play


def test_vendor_data_is_of_an_unknown_vendor() -> None:
    """The CSMS has no vendor extensions (section 4.3)."""

    async def scene(world: World) -> None:
        answer = await (await world.station()).tell("DataTransfer", {"vendorId": "org.example"})
        assert answer == {"status": "UnknownVendorId"}

    assert play(scene).codes == []
