"""A peer that sends without end, or reads nothing: the loop keeps turning, and memory has a bound."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise
from typing import Any

import pytest
from websockets.asyncio.connection import Connection as WebSocket

from ocpplab_runner import clock
from ocpplab_runner.ocppj import Call, CallResult, connect, pump, push_connection
from ocpplab_runner.ocppj.calls import MOST_WAITING as MOST_CALLS
from ocpplab_runner.ocppj.push_connection import MESSAGES, PIECE, SLICE
from ocpplab_runner.ocppj.send_buffer import MOST_WAITING
from tests.ocppj.sessions import V16, Heard, Wired
from tests.ocppj.test_websocket import LOCALHOST, backend, charger, session_on

_CALL = '[2,"{}","GetConfiguration",{{"key":["HeartbeatInterval"]}}]'


def _burst(ws: WebSocket, texts: list[str]) -> None:
    """Have many messages arrive in one piece."""
    for text in texts:
        ws.protocol.send_text(text.encode())
    ws.transport.write(b"".join(ws.protocol.data_to_send()))  # type: ignore[attr-defined]


def test_the_loop_turns_while_a_burst_is_taken() -> None:
    """What arrives in one piece is taken in slices, in order, and others have their turn in between."""
    turns: list[int] = []

    async def main() -> None:
        async with backend() as csms, charger(csms) as (_, ws, heard):
            await clock.settled()
            number = 20 * SLICE // len(_CALL)
            _burst(csms.connections[0].ws, [_CALL.format(n) for n in range(number)])
            while len(csms.heard.frames) < number:
                turns.append(len(heard.frames))
                await asyncio.sleep(0)
            asked = [record.message.message_id for record in heard.frames if isinstance(record.message, Call)]
            assert asked == [str(n) for n in range(number)]
            steps = [after - before for before, after in pairwise(turns)]
            assert max(steps) <= 2 * (MESSAGES + PIECE // len(_CALL)) + 2
            assert ws.state.name == "OPEN"

    clock.run(main())


@pytest.mark.parametrize("shape", ["close", "bad", "cut", "large", "fragments"])
def test_what_follows_a_burst_keeps_its_place(shape: str) -> None:
    """A close, a broken frame, the end of the connection, a large message, fragments: after all that came before."""
    number = 3 * SLICE // len(_CALL)

    async def main() -> None:
        async with backend() as csms, charger(csms) as (session, ws, heard):
            await clock.settled()
            theirs = csms.connections[0].ws
            texts = [_CALL.format(n) for n in range(number)]
            expected = number
            if shape == "large":
                texts.append('[2,"large","DataTransfer",{"vendorId":"v","data":"' + "x" * 10 * SLICE + '"}]')
                expected += 1
            _burst(theirs, texts)
            transport: Any = theirs.transport
            if shape == "close":
                theirs.protocol.send_close(1000, "enough")
                transport.write(b"".join(theirs.protocol.data_to_send()))
            elif shape == "bad":
                transport.write(b"\x83\x00")
            elif shape == "cut":
                transport.close()
            elif shape == "fragments":
                theirs.protocol.send_text(_CALL.format("a").encode()[:9], fin=False)
                theirs.protocol.send_continuation(_CALL.format("a").encode()[9:], fin=True)
                transport.write(b"".join(theirs.protocol.data_to_send()))
                _burst(theirs, [_CALL.format("b")])
                expected += 2
            for _ in range(1000):
                await asyncio.sleep(0)
            came = sum(isinstance(record.message, Call) for record in heard.frames)
            # Who closes takes no answer any more: what is behind the first one that could not be sent is left.
            assert came == expected if shape in ("large", "fragments") else MESSAGES <= came <= expected
            if shape in ("large", "fragments"):
                assert isinstance(await session.call("Heartbeat", {}), CallResult)
            else:
                await ws.wait_closed()

    clock.run(main())


def test_who_reads_nothing_is_dropped() -> None:
    """Answers to a peer that only sends do not pile up: the connection ends, and the reason says why."""

    size = 100_000

    def answer(_: Call) -> dict[str, Any]:
        return {"status": "Accepted", "data": "x" * size}

    async def main() -> None:
        async with backend(handler=answer) as csms:
            ws, _ = await connect(f"ws://{LOCALHOST}:{csms.port}/ocpp", identity="CP1", versions=(V16,))
            await clock.settled()
            peer: Any = ws.transport
            peer.pause_reading()
            text = '[2,"{}","DataTransfer",{{"vendorId":"v"}}]'
            for number in range(20 * MOST_WAITING // size):
                _burst(ws, [text.format(number)])
                await asyncio.sleep(0)
                if csms.ends:
                    break
            assert csms.ends
            assert "reads nothing" in str(csms.ends[0])

    clock.run(main())


def test_pings_of_who_reads_nothing_end_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pongs do not pile up either."""
    most = 1 << 22
    monkeypatch.setattr(push_connection, "UNREAD", most)

    async def main() -> None:
        async with backend() as csms:
            ws, version = await connect(f"ws://{LOCALHOST}:{csms.port}/ocpp", identity="CP1", versions=(V16,))
            session = session_on(ws, version, Heard())
            await clock.settled()
            theirs: Any = csms.connections[0].ws.transport
            theirs.pause_reading()
            reader = asyncio.create_task(pump(ws, session))
            pings = b"\x89\x7d" + b"p" * 125
            for _ in range(8 * most // len(pings) // 100):
                theirs.write(pings * 100)
                await asyncio.sleep(0)
                if reader.done():
                    break
            assert reader.done()
            assert "reads nothing" in str(reader.result())

    clock.run(main())


def test_calls_are_refused_while_too_many_of_ours_wait() -> None:
    """Each TriggerMessage asks for one more; when the other side answers again, its calls are taken again."""

    async def main() -> None:
        wired = Wired(handler=lambda _: {"status": "Accepted"})
        for _ in range(MOST_CALLS + 1):
            wired.session.enqueue("Heartbeat", {})
        ask = '[2,"{}","TriggerMessage",{{"requestedMessage":"Heartbeat"}}]'
        wired.session.receive(ask.format("a"))
        assert json.loads(wired.sent[-1])[:3] == [4, "a", "InternalError"]
        assert wired.heard.codes == []
        outstanding = wired.session.outstanding
        assert outstanding is not None
        wired.session.receive(f'[3,"{outstanding.message_id}",{{"currentTime":"2026-01-01T00:00:00.000Z"}}]')
        wired.session.receive(ask.format("b"))
        assert json.loads(wired.sent[-1]) == [3, "b", {"status": "Accepted"}]
        wired.session.close()

    clock.run(main())
