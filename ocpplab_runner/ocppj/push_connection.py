"""WebSocket connections that hand each message over the moment its bytes arrive.

``recv()`` costs a future, a task switch and a turn of the event loop for every message. A connection with a sink
attached calls it instead from within ``data_received``. Whatever is not one plain text or binary frame (a fragmented
message, bytes that are not UTF-8) takes the ordinary way through ``recv()``, and the messages behind it wait in line.

Who sends without end must not keep the loop for itself: bytes are taken in slices, with everybody else's turn between.
"""

from __future__ import annotations

from asyncio import BaseTransport
from collections.abc import Callable
from typing import Any, ClassVar
from weakref import WeakSet

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.connection import Connection
from websockets.asyncio.server import ServerConnection
from websockets.frames import CloseCode, Opcode
from websockets.protocol import State

from ocpplab_runner.ocppj.send_buffer import UnreadError

Sink = Callable[[str | bytes], None]
#: Bytes that are taken in one turn of the event loop, and the pieces of which the last is the one that reaches so many
#: messages: a small one may ask for a large answer. Neither looks at a clock, so that every run takes the same.
SLICE, PIECE, MESSAGES = 1 << 13, 1 << 8, 8
#: Unsent bytes at which a peer counts as one that reads nothing: twice what a session lets wait, and a large message.
UNREAD = 1 << 25


class PushConnection(Connection):
    """What client and server connections share.

    Attributes:
        failure: what the sink raised; the connection is dropped then.
        dropped: why we have dropped the connection, otherwise.
        lost: what ended the connection, when that was an error.
    """

    _sink: Sink | None = None
    _rest: memoryview | None = None
    _handed: int = 0
    _held: bool = False
    failure: Exception | None = None
    dropped: str = ""
    lost: Exception | None = None

    def attach(self, sink: Sink) -> bool:
        """Hand messages to ``sink`` from now on, unless some still wait for ``recv()``.

        Returns:
            Whether the sink is attached.
        """
        if len(self.recv_messages.frames):
            return False
        self._sink = sink
        return True

    def detach(self) -> None:
        """Leave the messages to ``recv()`` again."""
        self._sink = None

    def hold(self) -> None:
        """Read nothing more until :meth:`let_go`; what has been read is still taken."""
        self._held = True
        self.transport.pause_reading()

    def let_go(self) -> None:
        """Read again."""
        self._held = False
        if self._rest is None and not self.transport.is_closing():
            self.transport.resume_reading()

    def drop(self, reason: str) -> None:
        """End the connection at once, without a word to the other side."""
        self.dropped = self.dropped or reason
        self._rest = None
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take bytes: a slice now, the rest in the turns that follow."""
        if self._rest is not None:
            self._rest = memoryview(bytes(self._rest) + data)
        # Without a sink it is websockets' own queue of messages that bounds how much is read.
        elif len(data) <= PIECE or self._sink is None:
            super().data_received(data)
        else:
            self._rest = memoryview(data)
            self._take()

    def eof_received(self) -> None:
        """Take the end, after everything that came before it."""
        while self._rest is not None:
            self._take_slice()
        super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """As :meth:`eof_received`."""
        self.lost = exc
        while self._rest is not None:
            self._take_slice()
        super().connection_lost(exc)

    def _take(self) -> None:
        if self._rest is None:
            return
        self._take_slice()
        if self._rest is not None:
            # Else what waits would grow for as long as the other side sends.
            self.transport.pause_reading()
            self.loop.call_soon(self._take)
        elif not self.recv_messages.paused and not self._held:  # websockets, too, pauses while its queue is full
            self.transport.resume_reading()

    def _take_slice(self) -> None:
        enough = self._handed + MESSAGES
        for _ in range(SLICE // PIECE):
            rest = self._rest
            if rest is None or self._handed >= enough:
                break
            self._rest = rest[PIECE:] if len(rest) > PIECE else None
            super().data_received(bytes(rest[:PIECE]))
        if self.transport.get_write_buffer_size() > UNREAD:
            self.drop(str(UnreadError()))

    async def close(self, code: CloseCode | int = CloseCode.NORMAL_CLOSURE, reason: str = "") -> None:
        """Close the connection; nothing when it is closed already, even after its last write went out late.

        asyncio's transport cannot be aborted then, which websockets' own ``close()`` does.
        """
        if self.protocol.state is not State.CLOSED:
            await super().close(code, reason)

    def process_event(self, event: Any) -> None:
        """One event from the wire: a frame for the sink, or anything for websockets."""
        sink = self._sink
        if sink is None:
            super().process_event(event)
            return
        opcode = event.opcode
        if event.fin and opcode is Opcode.TEXT:
            try:
                message: str | bytes = str(event.data, "utf-8")
            except UnicodeDecodeError:
                self._sink = None  # recv() fails the connection with code 1007
                super().process_event(event)
                return
        elif event.fin and opcode is Opcode.BINARY:
            message = bytes(event.data)
        else:
            if opcode is Opcode.TEXT or opcode is Opcode.BINARY:
                self._sink = None  # the first fragment of a message
            super().process_event(event)
            return
        self._handed += 1
        try:
            sink(message)
        except Exception as error:
            self._sink = None
            self.failure = error
            self.transport.abort()


class PushClient(PushConnection, ClientConnection):
    """A client's connection."""


class PushServer(PushConnection, ServerConnection):
    """A server's connection.

    Attributes:
        made: those that there are, of all servers; a server itself tells only of those that are open.
    """

    made: ClassVar[WeakSet[PushServer]] = WeakSet()

    def connection_made(self, transport: BaseTransport) -> None:
        """As :class:`ServerConnection`."""
        super().connection_made(transport)
        self.made.add(self)
