"""The CSMS as a server: connections, calls, cards that change, and nothing left behind."""

from __future__ import annotations

import asyncio
import json
from random import Random

import pytest

from ocpplab_runner import clock
from ocpplab_runner.csms import (
    BuiltInCsms,
    CsmsConfig,
    NothingToOperateOn,
    OperationNotAvailable,
    StationNotConnected,
)
from ocpplab_runner.ocppj import CallResult, CallTimeout, InvalidMessage
from ocpplab_runner.ocppj.websocket import ConnectRefused, connect
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.csms.stations import V16, V201, Heard, World, play


@pytest.mark.parametrize("version", [V16, V201])
def test_an_operation_is_sent_and_answered(version: OcppVersion) -> None:
    """`operate` returns the call with its message id; its future gives the answer."""

    async def scene(world: World) -> None:
        station = await world.station(version)
        sent = world.csms.operate("CP-1", "remote_start", {"id_tag": "CARD", "evse_id": 1})
        assert sent.action == {V16: "RemoteStartTransaction", V201: "RequestStartTransaction"}[version]
        assert await sent.future == CallResult(sent.message_id, {"status": "Accepted"})
        assert [call.message_id for call in station.calls] == [sent.message_id]

    assert play(scene).codes == []


def test_calls_queue_up() -> None:
    """Several calls at once go out one after the other."""

    async def scene(world: World) -> None:
        station = await world.station()
        station.answers = {"GetLocalListVersion": {"listVersion": 1}}
        sent = [world.csms.operate("CP-1", "get_local_list_version") for _ in range(3)]
        await asyncio.gather(*(call.future for call in sent))
        assert [call.message_id for call in station.calls] == [call.message_id for call in sent]

    assert play(scene).codes == []


def test_a_raw_call() -> None:
    """A payload that breaks its schema is refused, unless it is sent on purpose."""

    async def scene(world: World) -> None:
        station = await world.station()
        with pytest.raises(InvalidMessage):
            world.csms.call("CP-1", "Reset", {"type": "Gently"})
        with pytest.raises(InvalidMessage):
            world.csms.operate("CP-1", "remote_start", {"id_tag": "X" * 21})
        assert station.calls == []
        answer = await world.csms.call("CP-1", "Reset", {"type": "Gently"}, raw=True).future
        assert not isinstance(answer, CallResult)

    assert play(scene).codes == []


def test_a_call_that_is_not_answered_is_minded() -> None:
    """A station that keeps silent breaks the protocol."""

    async def scene(world: World) -> None:
        station = await world.station()
        station.session.close("deaf")
        with pytest.raises(CallTimeout):
            await world.csms.operate("CP-1", "clear_cache").future
        assert clock.now() == 30

    assert play(scene).codes == ["no-answer"]


@pytest.mark.parametrize(
    ("version", "status", "codes"),
    [
        (V16, "Accepted", ["no-answer"]),
        (V16, "Pending", ["no-answer"]),
        (V16, "Rejected", []),
        (V201, "Rejected", ["no-answer"]),
    ],
)
def test_a_rejected_1_6_station_may_keep_silent(version: OcppVersion, status: str, codes: list[str]) -> None:
    """1.6 section 4.2: it should not respond then; 2.0.1 B03.FR.08: it has to."""

    async def scene(world: World) -> None:
        station = await world.station(version)
        station.session.close("deaf")
        with pytest.raises(CallTimeout):
            await world.csms.operate("CP-1", "clear_cache").future

    boot = {} if status == "Accepted" else {"boot": {"status": status, "interval": "10m", "times": 1}}
    assert play(scene, **boot).codes == codes


def test_what_cannot_be_operated() -> None:
    """A station that is not there, a version that lacks it, a transaction that does not run."""

    async def scene(world: World) -> None:
        with pytest.raises(StationNotConnected, match="CP-1 is not connected"):
            world.csms.operate("CP-1", "clear_cache")
        await world.station()
        with pytest.raises(OperationNotAvailable):
            world.csms.operate("CP-1", "reset", {"type": "Soft", "evse_id": 1})
        with pytest.raises(NothingToOperateOn):
            world.csms.operate("CP-1", "remote_stop")
        with pytest.raises(LookupError):
            world.csms.operate("CP-1", "dance")

    play(scene)


def test_a_station_that_connects_again_replaces_its_connection() -> None:
    """The old connection is closed, its calls fail; registration, transactions and rules stay."""

    async def scene(world: World) -> None:
        old = await world.station()
        await old.start("CARD")
        old.session.close("deaf")
        hanging = world.csms.operate("CP-1", "clear_cache")
        new = await world.station(boot=False)
        with pytest.raises(Exception, match="connected again"):
            await hanging.future
        await old.reader
        assert world.csms.stations["CP-1"].connected
        assert await new.tell("Heartbeat")
        await world.csms.operate("CP-1", "remote_stop").future
        assert new.calls[0].payload == {"transactionId": 1}

    heard = play(scene)
    assert heard.codes == []
    assert heard.notes[0] == "CP-1: connected again: the old connection is closed"


def test_a_station_keeps_its_state_while_it_is_away() -> None:
    """After a lost connection no new boot is asked for, and the transaction goes on."""

    async def scene(world: World) -> None:
        station = await world.station()
        await station.start("CARD")
        await station.leave()
        assert not world.csms.stations["CP-1"].connected
        back = await world.station(boot=False)
        await back.tell("Heartbeat")
        assert len(world.csms.stations["CP-1"].running_transactions) == 1

    heard = play(scene)
    assert heard.codes == []
    assert [fields["is"] for _, _, fields in heard.facts] == ["opened", "closed", "opened", "closed"]


def test_waiting_for_a_station() -> None:
    """`wait_connected` returns when the station comes, to everybody who waits."""

    async def scene(world: World) -> None:
        waiting = [asyncio.ensure_future(world.csms.wait_connected("CP-9")) for _ in range(2)]
        await asyncio.sleep(5)
        assert not any(future.done() for future in waiting)
        await world.station(identity="CP-9")
        first, second = await asyncio.gather(*waiting)
        assert first is second is world.csms.stations["CP-9"]

    play(scene)


@pytest.mark.parametrize("connected", [True, False])
def test_waiting_for_an_accepted_boot(connected: bool) -> None:
    """`wait_accepted` returns at the very moment at which the boot is accepted, Pending or a wait before it or not."""

    async def scene(world: World) -> None:
        station = await world.station(boot=False) if connected else None
        waiting = asyncio.ensure_future(world.csms.wait_accepted("CP-1"))
        await asyncio.sleep(5)
        station = station or await world.station(boot=False)
        assert (await station.boot())["status"] == "Pending"
        await asyncio.sleep(5)
        assert not waiting.done()
        assert (await station.boot())["status"] == "Accepted"
        moment = clock.now()
        assert await waiting is world.csms.stations["CP-1"]
        assert await world.csms.wait_accepted("CP-1") is world.csms.stations["CP-1"]
        assert clock.now() == moment

    assert play(scene, boot={"status": "Pending"}).codes == []


def test_an_accepted_boot_outlives_its_case_and_is_taken_back() -> None:
    """A station that was accepted in an earlier case needs no new boot; one that is then refused waits again."""

    async def scene(world: World) -> None:
        station = await world.station()
        world.csms.begin_case(CsmsConfig.from_given({"boot": "Rejected"}), world.heard)
        async with asyncio.timeout(0.01):
            await world.csms.wait_accepted("CP-1")
        assert (await station.boot())["status"] == "Rejected"
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(60):
                await world.csms.wait_accepted("CP-1")

    play(scene)


def test_a_card_may_change_during_the_run() -> None:
    """`set_id_token` is in force at once; its expiry date counts from then."""

    async def scene(world: World) -> None:
        station = await world.station()

        async def verdict() -> object:
            return (await station.tell("Authorize", {"idTag": "CARD"}))["idTagInfo"]

        assert await verdict() == {"status": "Invalid"}
        await asyncio.sleep(60)
        world.csms.set_id_token("card", {"status": "Accepted", "expires_in": "1m"})
        assert await verdict() == {"status": "Accepted", "expiryDate": "2026-01-01T00:02:00.000Z"}
        await asyncio.sleep(60)
        assert await verdict() == {"status": "Expired", "expiryDate": "2026-01-01T00:02:00.000Z"}

    play(scene)


def test_both_versions_at_once() -> None:
    """Stations of different versions share cards and the server."""

    async def scene(world: World) -> None:
        old, new = await world.station(V16, "A"), await world.station(V201, "B")
        assert (await old.tell("Authorize", {"idTag": "X"}))["idTagInfo"] == {"status": "Blocked"}
        card = {"idToken": {"idToken": "X", "type": "ISO14443"}}
        assert (await new.tell("Authorize", card))["idTokenInfo"] == {"status": "NoCredit"}

    play(scene, id_tokens={"X": "NoCredit"})


def test_a_version_that_it_is_not_to_speak() -> None:
    """The handshake refuses a station that asks for another version than the CSMS was started with."""

    async def scene(world: World) -> None:
        csms = BuiltInCsms(CsmsConfig.from_given({}), observer=Heard(), random=Random(1))
        with pytest.raises(RuntimeError, match="not been started"):
            _ = csms.port
        await csms.start(versions=[V16, V201])
        with pytest.raises(ConnectRefused):
            await connect(f"ws://127.0.0.1:{csms.port}/x", identity="A", versions=[OcppVersion.V21])
        await csms.stop()

    play(scene)


def test_the_authenticator_decides_who_comes_in() -> None:
    """Wrong credentials are refused with HTTP 401."""

    async def main() -> None:
        csms = BuiltInCsms(CsmsConfig.from_given({}), observer=Heard(), random=Random(1))
        await csms.start(authenticate=lambda identity, auth: auth == (identity, "secret"))
        url = f"ws://127.0.0.1:{csms.port}/ocpp"
        with pytest.raises(ConnectRefused) as refused:
            await connect(url, identity="A", versions=[V16], basic_auth=("A", "wrong"))
        assert refused.value.reason == "unauthorized"
        ws, _ = await connect(url, identity="A", versions=[V16], basic_auth=("A", "secret"))
        await ws.close()
        await csms.stop()

    clock.run(main())


def test_many_stations() -> None:
    """Two hundred stations boot at once; stopping the CSMS closes them all."""

    async def scene(world: World) -> None:
        stations = await asyncio.gather(*(world.station(identity=f"CP-{number}") for number in range(200)))
        assert len(world.csms.stations) == 200
        await asyncio.gather(*(station.tell("Heartbeat") for station in stations))
        await world.csms.stop()
        await asyncio.gather(*(station.reader for station in stations))
        assert not any(station.connected for station in world.csms.stations.values())

    assert play(scene).codes == []


def test_message_ids_follow_from_the_seed() -> None:
    """One seed, one sequence of message ids; they differ from each other."""

    async def scene(world: World) -> None:
        await world.station()
        for _ in range(3):
            await world.csms.operate("CP-1", "clear_cache").future

    def ids() -> list[str]:
        frames = play(scene).frames
        return [json.loads(record.text)[1] for _, record in frames if '"ClearCache"' in record.text]

    first = ids()
    assert first == ids()
    assert len(set(first)) == 3


def test_random_frames_are_answered_or_ignored() -> None:
    """Whatever a station sends, the CSMS goes on serving it."""

    async def scene(world: World) -> None:
        station = await world.station()
        random = Random(4)
        valid = '[2,"7","Authorize",{"idTag":"CARD"}]'
        for _ in range(500):
            place = random.randrange(len(valid))
            station.session.send_raw(valid[:place] + chr(random.randrange(32, 256)) + valid[place + 1 :])
        assert await station.tell("Heartbeat")

    play(scene)


@pytest.mark.parametrize("begins", [b"", b"GET /CP-1 HTTP/1.1\r\nHost:"], ids=["nothing", "half a request"])
def test_who_never_says_what_it_wants_does_not_hold_the_end_up(begins: bytes) -> None:
    """A load balancer's probe, or a slow attacker."""

    async def scene(world: World) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", world.csms.port)
        writer.write(begins)
        await (await world.station()).tell("Heartbeat")  # the connection before this one has been accepted by now
        began = clock.now()
        await world.csms.stop()
        assert clock.now() - began < 1.0
        writer.close()

    play(scene)
