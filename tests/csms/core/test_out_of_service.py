"""A CSMS that goes out of service and comes back: nobody is let in meanwhile; what it knows is there, or gone."""

from __future__ import annotations

import asyncio

import pytest

from ocpplab_runner import clock
from ocpplab_runner.ocppj.websocket import ConnectRefused, connect
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.csms.stations import TIME, V16, V201, Station, World, play


async def begin(station: Station) -> int | str:
    """A transaction; its id."""
    if station.version is V16:
        return int((await station.start("CARD-1"))["transactionId"])
    await station.event("Started", evse={"id": 1, "connectorId": 1})
    return "tx"


async def end(station: Station, transaction: int | str) -> None:
    if station.version is V16:
        await station.tell("StopTransaction", {"transactionId": transaction, "meterStop": 1, "timestamp": TIME})
    else:
        await station.event("Ended", seq_no=1)


async def is_let_in(world: World) -> bool:
    try:
        ws, _ = await connect(f"ws://127.0.0.1:{world.csms.port}/ocpp", identity="CP-2", versions=[V16])
    except ConnectRefused as refused:
        assert refused.status == 503
        return False
    await ws.close()
    return True


def test_it_hangs_up_and_lets_nobody_in_until_it_is_back() -> None:
    """The stations are told that it goes away."""

    async def scene(world: World) -> None:
        station = await world.station()
        world.csms.suspend()
        await clock.settled()
        assert (station.ws.close_code, station.ws.close_reason) == (1001, "the CSMS is out of service")
        assert not world.csms.in_service and not await is_let_in(world)
        world.csms.resume()
        assert world.csms.in_service and await is_let_in(world)

    assert play(scene).codes == []


@pytest.mark.parametrize("early", [None, 30.0])
def test_it_is_back_by_itself(early: float | None) -> None:
    """After its time, unless it is back before; then no old timer touches it."""

    async def scene(world: World) -> None:
        world.csms.suspend(60)
        if early is not None:
            await asyncio.sleep(early)
            world.csms.resume()
            world.csms.suspend()
        await asyncio.sleep(59.9 - (early or 0))
        assert not world.csms.in_service
        await asyncio.sleep(0.2)
        assert world.csms.in_service is (early is None)

    play(scene)


@pytest.mark.parametrize("version", [V16, V201])
@pytest.mark.parametrize(("forgets", "known"), [(False, True), (True, False)])
def test_what_it_has_seen(version: OcppVersion, forgets: bool, known: bool) -> None:
    """Its transactions are there still, or are taken for older than it is; in neither case anybody is accused."""

    async def scene(world: World) -> None:
        station = await world.station(version)
        transaction = await begin(station)
        world.csms.suspend()
        world.csms.resume(forgets=forgets)
        again = await world.station(version, boot=False)
        assert bool(world.csms.transactions.running("CP-1")) is known
        if version is V16:
            assert (await again.start("CARD-1", 2))["transactionId"] != transaction
        await end(again, transaction)
        record = world.csms.transactions.find("CP-1", transaction)
        assert record is not None and not record.running

    heard = play(scene, id_tokens={"CARD-1": "Accepted"}, concurrent_tx="allow")
    assert heard.codes == []


@pytest.mark.parametrize("forgets", [False, True])
def test_what_it_was_given_and_told_stays(forgets: bool) -> None:
    """Cards as they were changed, and programmed answers that nobody has had yet."""

    async def scene(world: World) -> None:
        await world.station()
        world.csms.set_id_token("CARD-1", "Blocked")
        world.csms.program("CP-1", {"to": "Heartbeat", "payload": {"currentTime": "2030-01-01T00:00:00Z"}})
        world.csms.suspend(forgets=forgets)
        world.csms.resume()
        again = await world.station()
        assert (await again.tell("Authorize", {"idTag": "CARD-1"}))["idTagInfo"]["status"] == "Blocked"
        assert (await again.tell("Heartbeat", {}))["currentTime"] == "2030-01-01T00:00:00Z"

    assert play(scene, id_tokens={"CARD-1": "Accepted"}).codes == []
