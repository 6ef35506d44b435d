"""The connection as its observer sees it: every text out and in is recorded, every violation of the peer reported."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from ocpplab_runner.ocppj.frames import Malformed, Message, as_text, encode
from ocpplab_runner.ocppj.records import (
    Direction,
    FrameRecord,
    InvalidMessage,
    PeerViolation,
    Role,
    SessionClosed,
    SessionObserver,
)
from ocpplab_runner.ocppj.schema_breach import SchemaBreach, refused
from ocpplab_runner.ocppj.send_buffer import SendBuffer
from ocpplab_runner.ocppj.violations import FRAME_VIOLATIONS
from ocpplab_runner.vocabulary.versions import OcppVersion


class Wire:
    """One connection, open until :meth:`close`.

    Args:
        version: the negotiated OCPP version.
        role: which end this is.
        send_text: see :class:`ocpplab_runner.ocppj.session.Session`.
        failed: told why when a text cannot be sent.
        observer: hears of every frame and violation.
    """

    __slots__ = ("_buffer", "_incoming", "_loop", "_observer", "_outgoing", "closed", "reason", "version")

    def __init__(
        self,
        version: OcppVersion,
        role: Role,
        send_text: Callable[[str | bytes], Awaitable[None] | None],
        failed: Callable[[Exception], None],
        observer: SessionObserver,
    ) -> None:
        self.version = version
        self._incoming = Direction.TO_CHARGER if role is Role.CHARGER else Direction.TO_CSMS
        self._outgoing = Direction.TO_CSMS if role is Role.CHARGER else Direction.TO_CHARGER
        self._loop = asyncio.get_running_loop()
        self._buffer = SendBuffer(self._loop, send_text, failed)
        self._observer = observer
        self.closed = False
        #: Why it was closed.
        self.reason = ""

    @property
    def task(self) -> asyncio.Task[None] | None:
        """Runs while a send takes its time; None otherwise."""
        return self._buffer.task

    def put(
        self, text: str | bytes, message: Message | Malformed, action: str | None, breach: SchemaBreach | None
    ) -> None:
        """Send a text and record it; nothing once the connection is closed."""
        if self.closed:
            return
        # A call that could not be handed over must not seem to have been made.
        if self._buffer.put(text):
            now, broken = self._loop.time(), None if breach is None else refused(breach)
            self._observer.frame(FrameRecord(now, self._outgoing, as_text(text), message, action, broken))

    def heard(
        self,
        now: float,
        text: str | bytes,
        message: Message | Malformed,
        action: str | None,
        breach: SchemaBreach | None,
        ignored: str = "",
    ) -> None:
        """Record a text that came in."""
        broken = None if breach is None else refused(breach)
        self._observer.frame(FrameRecord(now, self._incoming, as_text(text), message, action, broken, ignored))

    def report(
        self, now: float, code: str, description: str, message_id: str | None, action: str | None = None
    ) -> None:
        """Report that the peer broke the protocol; after the frame that shows it."""
        weight = FRAME_VIOLATIONS[code].weight(self.version)
        self._observer.violation(PeerViolation(now, code, description, message_id, action, weight))

    def require_open(self) -> None:
        """Raises :class:`SessionClosed` when it is closed."""
        if self.closed:
            raise SessionClosed(self.reason)

    def close(self, reason: str) -> None:
        """Send nothing any more, not even what was waiting."""
        self.closed = True
        self.reason = reason
        self._buffer.close()


def encoded(message: Message) -> str:
    """The text of a message of ours.

    Raises:
        InvalidMessage: it cannot be written as JSON.
    """
    try:
        return encode(message)
    except ValueError as error:
        raise InvalidMessage(str(error)) from None
