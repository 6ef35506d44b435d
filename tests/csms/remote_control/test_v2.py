"""Remote control in OCPP 2.x, as the CSMS sees it."""

from __future__ import annotations

from tests.csms.stations import V201, World, play


def test_a_remote_start_that_the_csms_made_is_known() -> None:
    """The remoteStartId of an operation may come back; the next operation counts on."""

    async def scene(world: World) -> None:
        station = await world.station(V201)
        for _ in range(2):
            await world.csms.operate("CP-1", "remote_start", {"id_tag": "CARD"}).future
        assert [call.payload["remoteStartId"] for call in station.calls] == [1, 2]
        await station.event("Started", info={"remoteStartId": 2})

    assert play(scene).codes == []
