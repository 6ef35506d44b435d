"""A bout: thousands of frames against one receiver over loopback WebSockets under the virtual clock.

What the bouts against charger and CSMS share; the two are in :mod:`tests.conformance.frame_charger` and
:mod:`tests.conformance.frame_csms`.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
from abc import ABC, abstractmethod
from collections import deque
from pathlib import Path
from random import Random
from typing import Any

from websockets.asyncio.connection import Connection
from websockets.exceptions import ConnectionClosed

from ocpplab_runner import clock
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.conformance import ocpp_schemas as schemas
from tests.conformance.frame_generator import FrameGenerator
from tests.conformance.frame_oracle import CODES, Expected, is_breach
from tests.conformance.frame_umpire import Score, Umpire, short

#: A frame that keeps the loop busy for longer than this, in wall seconds, counts as a hang.
HANG = 60.0
_TRANSPORT_BREACHES = ("text that is not UTF-8", "reserved opcode", "too big", "wrong mask")


class Line:
    """One WebSocket between the thrower and the receiver.

    Attributes:
        excuse: why the receiver may close it; empty while it may not.
    """

    def __init__(self, ws: Connection, bout: Bout) -> None:
        self.ws, self.excuse, self._bout = ws, "", bout
        self.reader = asyncio.get_running_loop().create_task(self._read())

    async def _read(self) -> None:
        try:
            async for message in self.ws:
                await self._bout.heard(self, message)
        except ConnectionClosed:
            pass
        await self.ws.wait_closed()
        self._bout.closed(self)


class Bout(ABC):
    """The thrower's side.

    Args:
        role: what is under fire.
        version: the OCPP version.
        frames: how many.
        seed: of everything random.
    """

    def __init__(self, role: str, version: OcppVersion, frames: int, seed: int | str) -> None:
        self.version = version
        self.random = Random(f"{seed} {role} {version.value}")
        self.score = Score(role, version)
        self.umpire = Umpire(self.score, self.got)
        self.generator = FrameGenerator(version, role, self.random)
        self.line: Line | None = None
        self.noted = 0  # breaches of OCPP-J that the receiver has told its observer
        self._frames = frames
        self.calm = False  # from now on a reasonable other side, to see whether the receiver still works
        self._later: deque[tuple[float, Line, str]] = deque()

    # -- what the two bouts differ in -----------------------------------------------------------------------------

    @abstractmethod
    async def begin(self) -> None:
        """Start the receiver."""

    @abstractmethod
    async def connected(self) -> Line | None:
        """The open line, a new one if need be; None when there is none in time."""

    @abstractmethod
    async def act(self) -> None:
        """Something happens in the receiver's world."""

    @abstractmethod
    def state(self) -> str:
        """The receiver's state in a word."""

    @abstractmethod
    def good_answer(self, action: str) -> dict[str, Any]:
        """What a reasonable other side answers."""

    @abstractmethod
    async def still_works(self) -> None:
        """Breach unless the receiver still does its work."""

    @abstractmethod
    async def end(self) -> None:
        """Stop the receiver and the thrower."""

    def took(self, expected: Expected, line: Line) -> None:  # noqa: B027
        """A frame has been thrown; what it may do to the line or to the registration."""

    def got(self, expected: Expected, payload: dict[str, Any]) -> None:  # noqa: B027
        """The receiver has answered a frame with a CALLRESULT."""

    def called(self, line: Line, action: str, payload: dict[str, Any]) -> None:  # noqa: B027
        """The receiver has made a call."""

    def answered(self, action: str, frame: list[Any]) -> None:  # noqa: B027
        """A call of the receiver has been answered on the spot with a valid answer."""

    # -- the bout -------------------------------------------------------------------------------------------------

    async def run(self) -> Score:
        """Fight it out."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: self.umpire.breach(f"unhandled: {_explain(context)}"))
        gc.collect()
        before = _open_files()
        await self.begin()
        await clock.settled()
        without_line = 0
        while self.score.thrown < self._frames and len(self.score.breaches) < 40:
            line = await self.connected()
            if line is None:
                without_line += 1
                if without_line > 3:
                    self.umpire.breach("does not connect any more")
                    break
                continue
            without_line = 0
            await self._burst(line)
            if self.random.random() < 0.06:
                await self.act()
                await clock.settled()
            if self.random.random() < 0.1:
                await asyncio.sleep(self.random.choice((0.2, 1, 3, 10, 31, 61, 120)))
                await clock.settled()
            await self._send_later()
            self.umpire.overdue()
        self._later.clear()
        self.calm = True
        await asyncio.sleep(90)
        await clock.settled()
        self.umpire.overdue()
        await self.still_works()
        await self.end()
        await self._look_for_leftovers(before)
        return self.score

    async def throw(self, line: Line, data: str | bytes) -> Expected | None:
        """Send a frame; None when the line is closed."""
        if line.ws.close_code is not None:
            return None
        state = self.state()
        expected = self.umpire.thrown(line, data)
        self.score.states[state] += 1
        self.took(expected, line)
        await self._send(line, data)
        return expected

    async def heard(self, line: Line, message: str | bytes) -> None:
        """The receiver has said something."""
        frame = self.umpire.heard(line, message)
        if frame is None:
            return
        self.generator.memory.peer_ids.append(frame[1])
        self.called(line, frame[2], frame[3])
        await self._answer(line, frame[1], frame[2])

    def closed(self, line: Line) -> None:
        """A line is closed."""
        if self.line is line:
            self.line = None
        self.umpire.closed(line, line.excuse, f"{line.ws.close_code} {line.ws.close_reason}")

    def opened(self, ws: Connection) -> Line:
        """A line is open."""
        self.score.connections += 1
        self.line = Line(ws, self)
        return self.line

    async def _burst(self, line: Line) -> None:
        started = clock.wall_seconds()
        if self.random.random() < 0.004:
            await self._break_transport(line)
        elif self.random.random() < 0.005:
            await self._fragmented(line)
        size = self.random.choice((1, 1, 1, 1, 2, 4, 10))
        noted = self.noted
        for _ in range(size):
            frame = self.generator.frame()
            expected = await self.throw(line, frame)
        await clock.settled()
        if (
            size == 1
            and expected is not None
            and self.line is line
            and self.noted == noted
            and is_breach(frame, expected)
        ):
            self.umpire.breach(f"took no note of what is wrong with {short(frame)}")
        took = clock.wall_seconds() - started
        self.score.slowest = max(self.score.slowest, took)
        if took > HANG:
            self.umpire.breach(f"the last frames took {took:.1f} s of wall time")

    async def _answer(self, line: Line, message_id: str, action: str) -> None:
        """Answer a call of the receiver: mostly right, now and then wrong, late, twice or not at all."""
        roll = 0.0 if self.calm else self.random.random()
        good = [3, message_id, self.good_answer(action)]
        if roll < 0.72:
            self.umpire.answering(line, message_id)
            self.answered(action, good)
            await self._send(line, self.generator.dump(good))
        elif roll < 0.80:
            self.umpire.answering(line, message_id)
            frame = [3, message_id, self.generator.payload(action, answer=True)]
            await self._send(line, self.generator.dump(frame))
        elif roll < 0.90:
            await self.throw(line, self.generator.mutate(good))
        elif roll < 0.94:
            code = self.random.choice(sorted(CODES[self.version]))
            await self.throw(line, self.generator.dump([4, message_id, code, "no", {}]))
        elif roll < 0.97:
            delay = self.random.choice((1, 10, 29, 31, 45))
            self._later.append((clock.now() + delay, line, self.generator.dump(good)))
        elif roll < 0.98:
            for _ in range(2):
                await self.throw(line, self.generator.dump(good))

    async def _send_later(self) -> None:
        due = [late for late in self._later if late[0] <= clock.now()]
        for late in due:
            self._later.remove(late)
            await self.throw(late[1], late[2])

    async def _send(self, line: Line, data: str | bytes | list[str]) -> None:
        self.umpire.sent(data)
        with contextlib.suppress(ConnectionClosed):  # closed() has been or will be called
            await line.ws.send(data)

    async def _fragmented(self, line: Line) -> None:
        """A message in WebSocket fragments is a message like any other."""
        text = self.generator.dump(self.generator.call())
        cuts = sorted(self.random.randrange(len(text)) for _ in range(3))
        parts = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        if line.ws.close_code is None:
            self.took(self.umpire.thrown(line, text), line)
            self.score.states[self.state()] += 1
            await self._send(line, parts)

    async def _break_transport(self, line: Line) -> None:
        """What no WebSocket end may send: the receiver closes the connection, and lives on."""
        breach = self.random.choice(_TRANSPORT_BREACHES)
        line.excuse = breach
        transport: Any = line.ws.transport
        client = line.ws.protocol.side.name == "CLIENT"
        if breach == "text that is not UTF-8":
            try:
                await line.ws.send(b'[2,"1","\xff"', text=True)
            except ConnectionClosed:
                return
        elif breach == "too big":
            await self._send(line, "x" * (17 * 2**20))
        elif breach == "reserved opcode":
            transport.write(b"\x83\x80\x00\x00\x00\x00" if client else b"\x83\x00")
        else:  # a client has to mask, a server must not
            transport.write(b"\x81\x02[]" if client else b"\x81\x82\x00\x00\x00\x00[]")
        await clock.settled()
        await asyncio.sleep(15)
        if line.ws.close_code is None:
            self.umpire.breach(f"did not close the connection after {breach}")
            transport.abort()

    async def _look_for_leftovers(self, before: int) -> None:
        await clock.settled()
        gc.collect()  # a lost exception of a task is reported when the task goes
        await clock.settled()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        if tasks:
            self.umpire.breach(f"tasks left behind: {tasks}")
        if _open_files() > before:
            self.umpire.breach(f"{_open_files()} open files, {before} at the beginning")
        timers = [h for h in asyncio.get_running_loop()._scheduled if not h.cancelled()]  # type: ignore[attr-defined]
        if timers:
            self.umpire.breach(f"timers left behind: {timers}")


def samples_fit(version: OcppVersion, action: str, payload: Any) -> bool:
    """Whether a payload fits its schema beyond doubt."""
    return not schemas.breaches(version, action, payload)


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _explain(context: dict[str, Any]) -> str:
    error = context.get("exception")
    place = ""
    trace = None if error is None else error.__traceback__
    while trace is not None:
        place = f" at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{context.get('message')}: {error!r}{place}"


def silent() -> logging.Logger:
    """The library's complaints about the thrower's own sockets are no news."""
    logger = logging.getLogger("tests.conformance.websockets")
    logger.propagate = False
    logger.setLevel(logging.CRITICAL + 1)
    return logger
