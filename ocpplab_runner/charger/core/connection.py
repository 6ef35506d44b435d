"""The station's way to its CSMS: one WebSocket at a time, reconnecting with back-off.

OCPP-J 1.6 section 5.3 asks a charge point to reconnect with growing pauses. A pause is a timer; a task exists only
while a connection is being opened or is open.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode

from ocpplab_runner.ocppj.closing import Ended
from ocpplab_runner.ocppj.records import CallHandler, Role, SessionObserver
from ocpplab_runner.ocppj.session import Session
from ocpplab_runner.ocppj.websocket import WebSocket, pump, sender
from ocpplab_runner.vocabulary.versions import OcppVersion

Connect = Callable[[], Awaitable[WebSocket]]


class Connection:
    """Keeps a station connected while it has power and a network.

    Args:
        connect: opens a WebSocket to the CSMS; whatever it raises counts as a failed attempt.
        version: the OCPP version that ``connect`` negotiates.
        handler: gets the CSMS's calls.
        observer: hears of frames and violations.
        next_id: message ids.
        pause: seconds before a new attempt, after so many in vain.
        call_timeout: seconds that the station waits for an answer.
        opened: called when a session is there.
        closed: called with how it ended when it is gone.
        failed: called with the error of an attempt that failed.

    Attributes:
        call_timeout: of the connections that are opened from now on.
    """

    __slots__ = (
        "_again",
        "_attempt",
        "_closed",
        "_closing",
        "_connect",
        "_failed",
        "_handler",
        "_next_id",
        "_observer",
        "_opened",
        "_pause",
        "_pings",
        "_session",
        "_task",
        "_timer",
        "_version",
        "_wanted",
        "_ws",
        "call_timeout",
        "network",
    )

    def __init__(
        self,
        *,
        connect: Connect,
        version: OcppVersion,
        handler: CallHandler,
        observer: SessionObserver,
        next_id: Callable[[], str],
        pause: Callable[[int], float],
        call_timeout: float,
        opened: Callable[[], None],
        closed: Callable[[Ended], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._connect = connect
        self._version = version
        self._handler = handler
        self._observer = observer
        self._next_id = next_id
        self._pause = pause
        self.call_timeout = call_timeout
        self._opened, self._closed, self._failed = opened, closed, failed
        self._wanted = False
        self._attempt = 0
        self._again = False
        self._task: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._session: Session | None = None
        self._ws: WebSocket | None = None
        self._pings: _Pings | None = None
        self.network = True

    @property
    def session(self) -> Session | None:
        """The open session."""
        return self._session

    def open(self) -> None:
        """Connect now, and again whenever the connection is lost, until :meth:`drop` or :meth:`close`."""
        self._wanted = True
        self._attempt = 0
        self._begin()

    def drop(self, reason: str) -> None:
        """Cut the connection abruptly and stay away until :meth:`open`: what a loss of power does."""
        self._wanted = False
        self._cut(reason)

    def set_network(self, up: bool) -> None:
        """Cut the network, abruptly, or restore it; the station tries to connect at once when it is restored."""
        if self.network == up:
            return
        self.network = up
        if not up:
            self._cut("the network is down")
        elif self._wanted:
            self._attempt = 0
            self._begin()

    def close(self) -> Awaitable[None]:
        """Close the connection in good order and stay away until :meth:`open`.

        The session is closed when this returns; awaiting the result waits for the WebSocket's closing handshake.
        """
        self._wanted = False
        self._stop_timer()
        ws, task = self._ws, self._task
        # Told before the handshake, which may take long: what is sent meanwhile must find no session.
        if ws is not None:
            self._lost(ws, Ended(Role.CHARGER, CloseCode.NORMAL_CLOSURE, ""))
        return _closed(ws, task)

    def renew(self, reason: str) -> None:
        """Close the connection in good order and open another: how the station dials has changed."""
        ws = self._ws
        if ws is None:
            self._dial_anew()
            return
        self._attempt, self._again = 0, True
        self._lost(ws, Ended(Role.CHARGER, CloseCode.NORMAL_CLOSURE, reason))
        # Kept, since the loop holds its tasks by weak references only.
        self._closing = asyncio.get_running_loop().create_task(ws.close(CloseCode.NORMAL_CLOSURE, reason))

    def _dial_anew(self) -> None:
        if not (self._wanted and self.network):
            return
        self._attempt = 0
        if self._task is None:
            self._begin()
        elif not self._again:  # a dial is under way
            self._again = True
            self._task.cancel()

    def set_ping_interval(self, seconds: int) -> None:
        """Send WebSocket pings so often, in seconds; 0 sends none."""
        if self._pings is not None:
            self._pings.stop()
            self._pings = None
        if seconds > 0 and self._ws is not None:
            self._pings = _Pings(self._ws, seconds)

    def _begin(self) -> None:
        self._stop_timer()
        if not (self._wanted and self.network):
            return
        if self._task is not None:
            self._again = True  # the old attempt, or connection, is still ending: begin when it has
        else:
            self._again = False
            self._task = asyncio.get_running_loop().create_task(self._run())
            self._task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._task = None
        if not task.cancelled() and (error := task.exception()) is not None:
            # A slip of ours: the run must hear of it, and the station dials again as after any loss.
            task.get_loop().call_exception_handler({"message": "the station's connection failed", "exception": error})
        if not (self._wanted and self.network):
            return
        if self._again:
            self._begin()
        elif self._timer is None:
            pause = self._pause(self._attempt)
            self._attempt += 1
            self._timer = asyncio.get_running_loop().call_later(pause, self._begin)

    async def _run(self) -> None:
        try:
            ws = await self._connect()
        except Exception as error:
            self._failed(error)
            return
        if not (self._wanted and self.network):
            _abort(ws)  # the world has changed during the handshake
            return
        self._attempt = 0
        session = Session(
            version=self._version,
            role=Role.CHARGER,
            send_text=sender(ws),
            handler=self._handler,
            observer=self._observer,
            next_id=self._next_id,
            call_timeout=self.call_timeout,
        )
        self._ws, self._session = ws, session
        self._opened()
        end = Ended()
        try:
            end = await pump(ws, session)
        finally:
            self._lost(ws, end)

    def _lost(self, ws: WebSocket, end: Ended) -> None:
        # Whoever has cut or closed it has told of its end already; the pump that ends now tells nothing more.
        if self._ws is not ws:
            return
        session = self._session
        self._ws = self._session = None
        if self._pings is not None:
            self._pings.stop()
            self._pings = None
        if session is not None:
            session.close(str(end))
        self._closed(end)

    def _cut(self, reason: str) -> None:
        self._stop_timer()
        ws = self._ws
        if ws is not None:
            self._lost(ws, Ended(reason=reason))
            _abort(ws)
        elif self._task is not None:
            self._task.cancel()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


async def _closed(ws: WebSocket | None, task: asyncio.Task[None] | None) -> None:
    if ws is not None:
        await ws.close()
    if task is not None:
        # It still dials. What is open ends by the closing handshake.
        if ws is None:
            task.cancel()
        await asyncio.wait({task})


def _abort(ws: WebSocket) -> None:
    cast(Any, ws.transport).abort()


class _Pings:
    """WebSocket pings at an interval; a connection that does not pong until the next one is due is given up."""

    __slots__ = ("_interval", "_loop", "_pong", "_task", "_timer", "_ws")

    def __init__(self, ws: WebSocket, interval: float) -> None:
        self._ws, self._interval = ws, interval
        self._loop = asyncio.get_running_loop()
        self._pong: Awaitable[float] | None = None
        self._task: asyncio.Task[None] | None = None
        self._timer = self._loop.call_later(interval, self._due)

    def stop(self) -> None:
        self._timer.cancel()
        if self._task is not None:
            self._task.cancel()

    def _due(self) -> None:
        pong = self._pong
        if pong is not None and not cast("asyncio.Future[float]", pong).done():
            # Without a closing handshake: a peer that does not answer pings would not answer that either.
            _abort(self._ws)
            return
        self._task = self._loop.create_task(self._send())
        self._timer = self._loop.call_later(self._interval, self._due)

    async def _send(self) -> None:
        try:
            self._pong = await self._ws.ping()
        except (OSError, ConnectionClosed):
            return
        finally:
            self._task = None
