"""One end of an OCPP-J connection: calls and answers bound by id, one outstanding call, everything validated.

Sans-I/O but for asyncio's timers: texts come in through :meth:`Session.receive` and go out through a function that the
owner passes in. There is no background task; a task exists only while a coroutine handler or a slow send runs.

The session is the face of five parts: :mod:`~ocpplab_runner.ocppj.calls` (ours, one at a time),
:mod:`~ocpplab_runner.ocppj.peer_calls` (the other side's), :mod:`~ocpplab_runner.ocppj.receiving`,
:mod:`~ocpplab_runner.ocppj.handlers` (which answer) and :mod:`~ocpplab_runner.ocppj.wire` (which sends and records).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from ocpplab_runner.ocppj.calls import CallQueue, fail
from ocpplab_runner.ocppj.frames import Answer, Call, Send, parse
from ocpplab_runner.ocppj.handlers import Handlers
from ocpplab_runner.ocppj.peer_calls import PeerCalls
from ocpplab_runner.ocppj.raw import expect, judge
from ocpplab_runner.ocppj.receiving import Receiver
from ocpplab_runner.ocppj.records import (
    CallHandler,
    InvalidMessage,
    Role,
    SendHandler,
    SentCall,
    SessionClosed,
    SessionObserver,
)
from ocpplab_runner.ocppj.send_buffer import UnreadError
from ocpplab_runner.ocppj.validation import validate_request, validate_send
from ocpplab_runner.ocppj.wire import Wire, encoded
from ocpplab_runner.vocabulary.versions import OcppVersion

#: Seconds that the end of a connection which sends a call waits for its answer, unless it is told otherwise.
CALL_TIMEOUT = 30.0


class Session:
    """One end of one connection.

    Args:
        version: the negotiated OCPP version.
        role: which end this is; it gives the direction of every frame.
        send_text: hands one text to the WebSocket. A plain function is called on the spot
            (:func:`ocpplab_runner.ocppj.websocket.sender` makes one); when it returns an awaitable, a task awaits it
            and later texts wait behind it, in order. It must not feed :meth:`receive` before it returns. When it
            raises, the session closes.
        handler: gets every valid CALL; see :data:`~ocpplab_runner.ocppj.records.CallHandler`.
        observer: hears of every frame and violation.
        next_id: message ids for calls that name none.
        call_timeout: seconds, unless a call says otherwise; it runs from the moment the call is sent.
        on_send: gets every valid SEND (2.1); a coroutine is run as a task.
    """

    # Thousands of chargers have one each, most of them idle.
    __slots__ = (
        "_call_timeout",
        "_calls",
        "_handlers",
        "_loop",
        "_next_id",
        "_peer",
        "_receiver",
        "_role",
        "_unread",
        "_wire",
    )

    def __init__(
        self,
        *,
        version: OcppVersion,
        role: Role,
        send_text: Callable[[str | bytes], Awaitable[None] | None],
        handler: CallHandler,
        observer: SessionObserver,
        next_id: Callable[[], str],
        call_timeout: float = CALL_TIMEOUT,
        on_send: SendHandler | None = None,
    ) -> None:
        self._role = role
        self._next_id = next_id
        self._call_timeout = call_timeout
        self._loop = asyncio.get_running_loop()
        self._unread: Callable[[str], None] | None = None
        self._wire = Wire(version, role, send_text, self._send_failed, observer)
        self._calls = CallQueue(self._loop, self._transmit)
        self._peer = PeerCalls()
        self._handlers = Handlers(self._wire, self._peer, handler, on_send)
        self._receiver = Receiver(self._wire, self._calls, self._peer, self._handlers)

    @property
    def version(self) -> OcppVersion:
        """The negotiated OCPP version."""
        return self._wire.version

    @property
    def role(self) -> Role:
        """Which end this is."""
        return self._role

    @property
    def closed(self) -> bool:
        """Whether :meth:`close` was called or a send failed."""
        return self._wire.closed

    @property
    def outstanding(self) -> SentCall | None:
        """The call that was sent and has neither been answered nor timed out."""
        return self._calls.outstanding

    @property
    def queued(self) -> int:
        """How many calls wait for their turn."""
        return len(self._calls)

    async def call(
        self,
        action: str,
        payload: Any,
        *,
        message_id: str | None = None,
        timeout: float | None = None,
        validate: bool = True,
    ) -> Answer:
        """Send a CALL when its turn comes and wait for its answer.

        Args:
            action: the action.
            payload: a JSON object; it must not be changed until it has been answered.
            message_id: the session's next id unless given.
            timeout: seconds from sending; the session's own unless given.
            validate: False sends a payload that breaks its schema, or an unknown action.

        Returns:
            The CALLRESULT or CALLERROR. An answer that cannot be used comes as a CALLERROR with ``local=True``; one
            with harmless breaches (a surplus property, an overlong value) as it came.

        Raises:
            InvalidMessage: our own payload breaks its schema.
            CallTimeout: no answer in time.
            SessionClosed: the connection is gone.
        """
        sent = self.enqueue(action, payload, message_id=message_id, timeout=timeout, validate=validate)
        return await sent.future

    def enqueue(
        self,
        action: str,
        payload: Any,
        *,
        message_id: str | None = None,
        timeout: float | None = None,
        validate: bool = True,
    ) -> SentCall:
        """As :meth:`call`, without waiting: sent at once when no call is outstanding, else queued.

        Raises:
            InvalidMessage: our own payload breaks its schema or is not JSON.
        """
        breach = validate_request(self.version, action, payload)
        if validate and breach is not None and breach.weight == "must":
            raise InvalidMessage(f"{action} breaks its schema: {breach}", breach)
        message = Call(self._next_id() if message_id is None else message_id, action, payload)
        sent = SentCall(
            message.message_id,
            action,
            self._loop.create_future(),
            False,
            encoded(message),
            message,
            breach,
            self._call_timeout if timeout is None else timeout,
        )
        if self._wire.closed:
            fail(sent, SessionClosed(self._wire.reason))
        else:
            self._calls.put(sent)
        return sent

    def send(self, action: str, payload: Any, *, message_id: str | None = None, validate: bool = True) -> str:
        """Send an unconfirmed message (SEND, OCPP 2.1 Part 4 section 4.2.4), without regard to outstanding calls.

        Returns:
            Its message id.

        Raises:
            InvalidMessage: the payload breaks its schema, or the version has no SEND.
            SessionClosed: the connection is gone.
        """
        breach = validate_send(self.version, action, payload)
        if validate and breach is not None and breach.weight == "must":
            raise InvalidMessage(f"{action} breaks its schema: {breach}", breach)
        message = Send(self._next_id() if message_id is None else message_id, action, payload)
        text = encoded(message)
        self._wire.require_open()
        self._wire.put(text, message, action, breach)
        return message.message_id

    def send_raw(self, text: str, *, binary: bool = False) -> None:
        """Send a text as it is, whatever it is, at once and without regard to outstanding calls.

        When it is a CALL, its answer is expected, though nobody waits for it; when it answers a call that is being
        handled, that call counts as answered.

        Args:
            text: what is sent.
            binary: True for a binary WebSocket message that holds the text in UTF-8.

        Raises:
            ValueError: the text cannot be written as UTF-8, so no WebSocket can carry it.
            SessionClosed: the connection is gone.
        """
        data = text.encode()  # lone surrogates: UnicodeEncodeError is a ValueError
        self._wire.require_open()
        message = parse(text, self.version)
        action, breach = judge(message, self.version, self._calls, self._peer)
        expect(message, action, self._calls, self._peer)
        self._wire.put(data if binary else text, message, action, breach)

    def receive(self, text: str | bytes) -> None:
        """Take one WebSocket message. Never raises, whatever it holds; ignored when the session is closed."""
        if not self._wire.closed:
            self._receiver.receive(text, self._loop.time())

    def close(self, reason: str = "") -> None:
        """End the session: every waiting call fails with :class:`SessionClosed`, every handler is cancelled.

        The WebSocket is the owner's to close. May be called more than once, and by a handler.
        """
        if self._wire.closed:
            return
        self._wire.close(reason or "the session was closed")
        self._calls.close(SessionClosed(self._wire.reason))
        self._handlers.close(_current_task())

    def when_unread(self, act: Callable[[str], None]) -> None:
        """Have something done, with the reason, when the other side reads nothing: its WebSocket is still open then."""
        self._unread = act

    async def aclose(self, reason: str = "") -> None:
        """:meth:`close`, and wait until no task of the session is left."""
        self.close(reason)
        current = _current_task()
        tasks = [task for task in (*self._handlers.tasks, self._wire.task) if task is not None and task is not current]
        if tasks:
            await asyncio.wait(tasks)

    def _transmit(self, sent: SentCall) -> None:
        message, text = sent._message, sent._text
        assert message is not None
        # Whoever keeps the call for its answer need not keep its text as well.
        sent._message, sent._text = None, ""
        self._wire.put(text, message, sent.action, sent._breach)

    def _send_failed(self, error: Exception) -> None:
        self.close(f"cannot send: {error}")
        if isinstance(error, UnreadError) and self._unread is not None:
            self._unread(str(error))


def _current_task() -> asyncio.Task[Any] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None
