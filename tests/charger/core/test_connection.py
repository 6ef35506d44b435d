"""The connection of a station: lost, closed, dead, and there again."""

import asyncio

from ocpplab_runner import clock
from tests.charger.rig import rig


def test_connection_is_retried_with_growing_pauses():
    """Failed attempts are repeated after pauses that double up to sixteen times the first one."""

    async def main():
        async with rig({"reconnect": "1s"}, start=False) as it:
            port, it.port = it.port, 1
            attempts = []
            connect = it.connect

            async def counted():
                attempts.append(clock.now())
                return await connect()

            it.charger.context.connection._connect = counted
            await it.charger.start()
            await it.wait(64)
            assert [round(t) for t in attempts] == [0, 1, 3, 7, 15, 31, 47, 63]
            assert it.charger.connect_error is not None
            it.port = port
            await it.wait(16)
            assert it.charger.booted
            assert it.charger.connect_error is None

    clock.run(main())


def test_network_up_reconnects_at_once():
    """When the network is back the station does not wait for its back-off."""

    async def main():
        async with rig() as it:
            await it.do("network", state="down")
            await it.wait(1000)
            await it.do("network", state="up")
            assert it.charger.online

    clock.run(main())


def test_connection_closed_by_the_csms_is_restored_after_the_pause():
    """When the CSMS closes the socket the station comes back after given.reconnect, without a boot."""

    async def main():
        async with rig({"reconnect": "7s"}) as it:
            it.forget()
            assert it.session is not None
            closing = it.charger.context.connection._ws
            await closing.close()
            await it.wait(6)
            assert not it.charger.online
            await it.wait(2)
            assert it.charger.online
            assert it.actions() == []

    clock.run(main())


def test_pings_follow_the_setting_and_find_a_dead_connection():
    """WebSocketPingInterval sends pings; one that is not answered until the next is due ends the connection."""

    async def main():
        async with rig({"settings": {"websocket_ping_interval": "10s"}, "reconnect": "1h"}) as it:
            ws = it.charger.context.connection._ws
            pings = []
            ping = ws.ping

            async def counted():
                pings.append(clock.now())
                if len(pings) < 4:
                    return await ping()
                return asyncio.get_running_loop().create_future()

            ws.ping = counted
            await it.wait(35)
            assert pings == [10.0, 20.0, 30.0]
            assert it.charger.online
            await it.wait(20)
            assert not it.charger.online

    clock.run(main())


def test_network_that_blinks_is_back_at_once():
    """Down and up in one instant: the connection is lost, and there again without a pause."""

    async def main():
        async with rig({"reconnect": "1h"}) as it:
            await it.charger.perform("network", {"state": "down"})
            await it.charger.perform("network", {"state": "up"})
            await clock.settled()
            assert it.charger.online
            assert [f["is"] for f in it.told("connection")] == ["opened", "closed", "opened"]

    clock.run(main())
