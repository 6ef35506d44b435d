"""Everybody's time: the virtual clock, and the one way to ask what time it is.

Under a :class:`VirtualEventLoop` time stands still while anything can run and jumps to the next timer when nothing
can. Sockets are real; only the waiting is gone. Code in the other rooms uses asyncio's own timers and never reads the
wall clock: :func:`utcnow` gives the date and time that belong on the wire.

The rule for a jump: no callback is ready, ``select(0)`` is empty and no :meth:`VirtualEventLoop.hold` is open. That is
exact, on a busy machine too, because both ends of a loopback connection are joined by :mod:`ocpplab_runner.loopback`,
where nothing is ever on its way. Nothing runnable, no hold and no timer is :class:`ClockStalledError`, never a hang.
"""

from __future__ import annotations

import asyncio
import contextlib
import selectors
import socket
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, TypeVarTuple, Unpack

from ocpplab_runner.loopback import Loopback, is_loopback

T = TypeVar("T")
_Arguments = TypeVarTuple("_Arguments")

#: Where virtual time starts: a Thursday, so that weekday rules are easy to read in a scenario.
VIRTUAL_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class ClockStalledError(RuntimeError):
    """Nothing can run, no timer is set and no hold is open: the program would wait for ever."""


class _JumpingSelector(selectors.BaseSelector):
    """Wraps the platform's selector; asks the loop what to do instead of sleeping."""

    def __init__(self, loop: VirtualEventLoop) -> None:
        self._inner = selectors.DefaultSelector()
        self._loop = loop

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._inner.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._inner.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._inner.modify(fileobj, events, data)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = self._inner.select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        # Whoever waits for this instant to be over may still do something in it.
        if self._loop._release_settled():
            return []
        if self._loop._holds:  # what holds the clock wakes the loop when it is done, through a socket or asyncio's pipe
            return self._inner.select(None)
        if timeout is None:
            # Not raised from here, in the middle of asyncio's turn: run_until_complete says it once the turn is over.
            self._loop._stalled = True
            self._loop.stop()
            return []
        self._loop._jump(timeout)
        return []

    def close(self) -> None:
        self._inner.close()

    def get_map(self) -> Any:
        return self._inner.get_map()


class VirtualEventLoop(asyncio.SelectorEventLoop):
    """An asyncio event loop whose clock jumps over every wait."""

    def __init__(self) -> None:
        self._virtual_now = 0.0
        self._holds = 0
        self._stalled = False
        self._settle_waiters: list[asyncio.Future[None]] = []
        self._loopback = Loopback()
        super().__init__(_JumpingSelector(self))
        # asyncio rounds timers up to this; with time standing still a coarser value could fire one early.
        self._clock_resolution = 1e-9

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._virtual_now

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Keep virtual time still while something outside the loop (an executor call, a person) works."""
        self._holds += 1
        try:
            yield
        finally:
            self._holds -= 1

    async def settled(self) -> None:
        """Return when nothing more can run at this instant; time has not moved."""
        waiter = self.create_future()
        self._settle_waiters.append(waiter)
        await waiter

    def imagined(self, host: str, port: int) -> socket.socket:
        """A listener at a port that this machine need not have free: only ends of this loop find it, in every run."""
        return self._loopback.stand_in((host, port))

    async def create_server(
        self, protocol_factory: Any, host: Any = None, port: Any = None, *, sock: Any = None, **options: Any
    ) -> asyncio.Server:
        """As asyncio's; on a loopback address only ends of this loop find the server."""
        if sock is not None and sock.family != socket.AF_UNIX and is_loopback(sock.getsockname()[0]):
            sock = self._loopback.stand_in(sock.getsockname())
        elif sock is None and isinstance(host, str) and is_loopback(host):
            sock, host, port = self._loopback.listen(host, port or 0), None, None
        return await super().create_server(protocol_factory, host, port, sock=sock, **options)

    async def create_connection(
        self,
        protocol_factory: Any,
        host: Any = None,
        port: Any = None,
        *,
        sock: Any = None,
        server_hostname: str | None = None,
        **options: Any,
    ) -> tuple[asyncio.Transport, Any]:
        """As asyncio's; time stands still until a server that is not on this loop has answered."""
        create = super().create_connection
        listener = self._loopback.find(host, port) if sock is None else None
        if listener is None:
            with self.hold():
                return await create(protocol_factory, host, port, sock=sock, server_hostname=server_hostname, **options)
        if options.get("ssl"):
            server_hostname = server_hostname or host
        joined = await self._loopback.connect(listener)
        return await create(protocol_factory, sock=joined, server_hostname=server_hostname, **options)

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[_Arguments]], T], *args: *_Arguments
    ) -> asyncio.Future[T]:
        """As asyncio's, with a hold for as long as the call runs in its thread."""
        future = super().run_in_executor(executor, func, *args)
        self._holds += 1

        def release(_: object) -> None:
            self._holds -= 1

        future.add_done_callback(release)
        return future

    async def shutdown_default_executor(self) -> None:
        """As asyncio's, which waits for a thread of its own."""
        with self.hold():
            await super().shutdown_default_executor()

    def run_until_complete(self, future: Any) -> Any:
        """As asyncio's.

        Raises:
            ClockStalledError: nothing can ever wake the program up again.
        """
        try:
            return super().run_until_complete(future)
        except RuntimeError:
            if not self._stalled:
                raise
            self._stalled = False
            raise ClockStalledError(
                "the virtual clock stands still: nothing can run, no timer is set and nothing holds the clock"
            ) from None

    def _jump(self, timeout: float) -> None:
        # The heap's head gives the exact time; adding the rounded timeout would let errors grow over a long day.
        scheduled: list[asyncio.TimerHandle] = self._scheduled  # type: ignore[attr-defined]
        self._virtual_now = scheduled[0].when() if scheduled else self._virtual_now + timeout

    def _release_settled(self) -> bool:
        waiters, self._settle_waiters = self._settle_waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)
        return bool(waiters)


def is_virtual() -> bool:
    """Whether the running loop's clock is virtual."""
    return isinstance(asyncio.get_running_loop(), VirtualEventLoop)


def now() -> float:
    """Seconds on the running loop's clock."""
    return asyncio.get_running_loop().time()


def utcnow() -> datetime:
    """Date and time in UTC: virtual under the virtual clock, the wall clock's otherwise."""
    loop = asyncio.get_running_loop()
    if isinstance(loop, VirtualEventLoop):
        return VIRTUAL_EPOCH + timedelta(seconds=loop.time())
    return datetime.now(UTC)


def timestamp(moment: datetime | None = None) -> str:
    """An RFC 3339 UTC timestamp with milliseconds and ``Z``, of now unless a moment is given."""
    moment = (moment or utcnow()).astimezone(UTC)
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


async def settled() -> None:
    """Return when nothing more can run at this instant.

    On a real clock there is no such moment; there the call gives everything that is ready one turn.
    """
    loop = asyncio.get_running_loop()
    if isinstance(loop, VirtualEventLoop):
        await loop.settled()
    else:
        await asyncio.sleep(0)


@contextlib.contextmanager
def hold() -> Iterator[None]:
    """Keep the running loop's virtual time still for the duration; nothing on a real clock."""
    loop = asyncio.get_running_loop()
    if isinstance(loop, VirtualEventLoop):
        with loop.hold():
            yield
    else:
        yield


def run(main: Coroutine[Any, Any, T], *, virtual: bool = True) -> T:
    """Run a coroutine to its end on a fresh loop and clean the loop up.

    Args:
        main: what to run.
        virtual: True for the virtual clock, False for the real one.

    Raises:
        ClockStalledError: under the virtual clock, nothing could ever run again.
    """
    with asyncio.Runner(loop_factory=VirtualEventLoop if virtual else None) as runner:
        return runner.run(main)


def wall_seconds() -> float:
    """Seconds on the wall's monotonic clock, for watching worker processes, which must not trust virtual time."""
    return time.monotonic()


def wall_pause(seconds: float) -> None:
    """Block this thread for so many seconds of real time: for who supervises, never on an event loop."""
    time.sleep(seconds)


def wall_now() -> datetime:
    """The wall's date and time in UTC, for what outlives this process: certificates, ``run`` records."""
    return datetime.now(UTC)


def wall_timestamp() -> str:
    """The wall's date and time in RFC 3339: only for ``run`` records and file names."""
    return timestamp(wall_now())
