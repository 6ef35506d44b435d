"""The connection of a station: lost, closed, dead, and there again."""

import asyncio
import gc

from websockets.exceptions import ConnectionClosedOK

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


def test_a_dial_under_way_begins_anew_where_the_credentials_have_changed():
    """What was dialled with the old ones does not stand, though it would have been let in."""

    async def main():
        async with rig({"reconnect": "1h"}, start=False) as it:
            connect, dialled, credentials = it.connect, [], ["old"]

            async def slow():
                dialled.append(credentials[0])
                await asyncio.sleep(5)
                return await connect()

            it.charger.context.connection._connect = slow
            starting = asyncio.ensure_future(it.charger.start())
            await it.wait(2)
            credentials[0] = "new"
            it.charger.context.connection.renew("other credentials")
            await it.wait(5)
            assert dialled == ["old", "new"]
            assert it.charger.online
            assert [fact["is"] for fact in it.told("connection")] == ["opened"]
            await starting

    clock.run(main())


def test_a_ping_that_meets_a_closed_connection():
    """It is no error: whoever reads the connection finds that it is closed."""

    async def main():
        failures = []
        asyncio.get_running_loop().set_exception_handler(lambda _, failure: failures.append(failure["message"]))
        async with rig({"settings": {"websocket_ping_interval": "10s"}}) as it:

            async def closed():
                raise ConnectionClosedOK(None, None)

            it.charger.context.connection._ws.ping = closed
            await it.wait(11)
            gc.collect()
            assert failures == []

    clock.run(main())
