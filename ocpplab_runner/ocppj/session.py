"""One end of an OCPP-J connection: calls and answers bound by id, one outstanding call, everything validated.

Sans-I/O but for asyncio's timers: texts come in through :meth:`Session.receive` and go out through a function that the
owner passes in. There is no background task; a task exists only while a coroutine handler or a slow send runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

from ocpplab_runner.ocppj.calls import REMEMBERED_IDS, CallQueue, fail
from ocpplab_runner.ocppj.frames import (
    CALL,
    CALLERROR,
    CALLRESULT,
    UNREADABLE_MESSAGE_ID,
    Answer,
    Call,
    CallError,
    CallResult,
    CallResultError,
    Malformed,
    Message,
    Send,
    as_text,
    encode,
    parse,
)
from ocpplab_runner.ocppj.memory import Memory
from ocpplab_runner.ocppj.outbox import Outbox, cancel
from ocpplab_runner.ocppj.records import (
    CallHandler,
    Direction,
    FrameRecord,
    HandlerError,
    HandlerResult,
    InvalidMessage,
    NoReply,
    PeerViolation,
    Reply,
    Role,
    SendHandler,
    SentCall,
    SessionClosed,
    SessionObserver,
)
from ocpplab_runner.ocppj.validation import (
    Violation,
    validate_error,
    validate_request,
    validate_response,
    validate_send,
)
from ocpplab_runner.vocabulary.versions import OcppVersion

#: A second CALL this soon after an unanswered one, in seconds, cannot be explained by a time-out of the sender.
OVERLAP_WINDOW = 5.0
_PLAIN: Final = (dict, Reply, NoReply)


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
        observer: hears of every frame and breach.
        next_id: message ids for calls that name none.
        call_timeout: seconds, unless a call says otherwise; it runs from the moment the call is sent.
        on_send: gets every valid SEND (2.1); a coroutine is run as a task.
    """

    __slots__ = (
        "_call_timeout",
        "_calls",
        "_closed",
        "_handler",
        "_handling",
        "_incoming",
        "_loop",
        "_next_id",
        "_observer",
        "_on_send",
        "_outbox",
        "_outgoing",
        "_reason",
        "_role",
        "_seen",
        "_tasks",
        "_version",
    )

    def __init__(
        self,
        *,
        version: OcppVersion,
        role: Role,
        send_text: Callable[[str], Awaitable[None] | None],
        handler: CallHandler,
        observer: SessionObserver,
        next_id: Callable[[], str],
        call_timeout: float = 30.0,
        on_send: SendHandler | None = None,
    ) -> None:
        self._version = version
        self._role = role
        self._incoming = Direction.TO_CHARGER if role is Role.CHARGER else Direction.TO_CSMS
        self._outgoing = Direction.TO_CSMS if role is Role.CHARGER else Direction.TO_CHARGER
        self._handler = handler
        self._observer = observer
        self._next_id = next_id
        self._call_timeout = call_timeout
        self._on_send = on_send
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self._reason = ""
        self._calls = CallQueue(self._loop, self._transmit)
        self._outbox = Outbox(self._loop, send_text, self._send_failed)
        # The peer's unanswered calls: id → (action, since when, whether the handler has chosen silence).
        self._handling: dict[str, tuple[str, float, bool]] = {}
        self._seen = Memory(REMEMBERED_IDS)  # the peer's calls
        self._tasks: dict[asyncio.Task[None], Awaitable[Any]] = {}  # and what each of them awaits

    @property
    def version(self) -> OcppVersion:
        """The negotiated OCPP version."""
        return self._version

    @property
    def role(self) -> Role:
        """Which end this is."""
        return self._role

    @property
    def closed(self) -> bool:
        """Whether :meth:`close` was called or a send failed."""
        return self._closed

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
        violation = validate_request(self._version, action, payload)
        if violation is not None and validate:
            raise InvalidMessage(f"{action} breaks its schema: {violation}", violation)
        message = Call(self._next_id() if message_id is None else message_id, action, payload)
        sent = SentCall(
            message.message_id,
            action,
            self._loop.create_future(),
            False,
            _encode(message),
            message,
            violation,
            self._call_timeout if timeout is None else timeout,
        )
        if self._closed:
            fail(sent, SessionClosed(self._reason))
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
        violation = validate_send(self._version, action, payload)
        if violation is not None and validate:
            raise InvalidMessage(f"{action} breaks its schema: {violation}", violation)
        message = Send(self._next_id() if message_id is None else message_id, action, payload)
        text = _encode(message)
        self._require_open()
        self._put(text, message, action, violation)
        return message.message_id

    async def send_raw(self, text: str) -> None:
        """Send a text as it is, whatever it is, at once and without regard to outstanding calls.

        When it is a CALL, its answer is expected, though nobody waits for it; when it answers a call that is being
        handled, that call counts as answered.

        Raises:
            ValueError: the text cannot be written as UTF-8, so no WebSocket can carry it.
            SessionClosed: the connection is gone.
        """
        text.encode()  # lone surrogates: UnicodeEncodeError is a ValueError
        self._require_open()
        message = parse(text, self._version)
        action, violation = self._judge_sent(message)
        if isinstance(message, CallResult | CallError):
            self._handling.pop(message.message_id, None)
        elif isinstance(message, Call):
            self._calls.expect_raw(message.message_id, action)
        elif isinstance(message, Malformed) and message.message_id is not None:
            if message.message_type == CALL:
                self._calls.expect_raw(message.message_id, action)
            elif message.message_type in (CALLRESULT, CALLERROR):
                self._handling.pop(message.message_id, None)
        self._put(text, message, action, violation)

    def receive(self, text: str | bytes) -> None:
        """Take one WebSocket message. Never raises, whatever it holds; ignored when the session is closed."""
        if self._closed:
            return
        message = parse(text, self._version)
        now = self._loop.time()
        kind = type(message)
        if kind is Call:
            self._receive_call(text, message, now)  # type: ignore[arg-type]
        elif kind is CallResult:
            self._receive_result(text, message, now)  # type: ignore[arg-type]
        elif kind is CallError:
            self._receive_error(text, message, now)  # type: ignore[arg-type]
        else:
            self._receive_other(text, message, now)
        if type(text) is bytes:
            self._breach(now, "binary-frame", "a binary WebSocket message; OCPP-J uses text", message.message_id)

    def close(self, reason: str = "") -> None:
        """End the session: every waiting call fails with :class:`SessionClosed`, every handler is cancelled.

        The WebSocket is the owner's to close. May be called more than once, and by a handler.
        """
        if self._closed:
            return
        self._closed = True
        self._reason = reason or "the session was closed"
        self._outbox.close()
        self._calls.close(SessionClosed(self._reason))
        current = _current_task()
        for task, awaited in self._tasks.items():
            if task is not current:
                cancel(task, awaited)

    async def aclose(self, reason: str = "") -> None:
        """:meth:`close`, and wait until no task of the session is left."""
        self.close(reason)
        current = _current_task()
        tasks = [task for task in (*self._tasks, self._outbox.task) if task is not None and task is not current]
        if tasks:
            await asyncio.wait(tasks)

    # -- what comes in --------------------------------------------------------------------------------------------

    def _receive_call(self, text: str | bytes, call: Call, now: float) -> None:
        message_id, action = call.message_id, call.action
        violation = validate_request(self._version, action, call.payload)
        self._observer.frame(FrameRecord(now, self._incoming, as_text(text), call, action, violation))
        handling = self._handling
        if handling:
            self._check_overlap(call, now)
            if message_id in handling and not handling[message_id][2]:
                code = "GenericError" if self._version is OcppVersion.V16 else "RpcFrameworkError"
                self._breach(now, "duplicate-message-id", "a call with this id is being handled", message_id, action)
                self._answer_error(CallError(message_id, code, "a call with this message id is being handled"), action)
                return
        if not self._seen.add(message_id, action, "") and self._version is not OcppVersion.V21:
            self._breach(now, "duplicate-message-id", "an earlier call had the same message id", message_id, action)
        if violation is not None:
            if violation.code == "NotImplemented":
                self._breach(now, "not-implemented-action", violation.message, message_id, action)
            else:
                self._breach(now, "schema", f"{action}: {violation}", message_id, action)
            self._answer_error(CallError(message_id, violation.code, str(violation)[:255]), action)
            return
        handling[message_id] = (action, now, False)
        try:
            result = self._handler(call)
        except Exception as error:
            self._answer_exception(message_id, action, error)
            return
        if isinstance(result, _PLAIN):
            self._answer(message_id, action, result)
        else:
            self._spawn(self._await_handler(message_id, action, result), result)

    def _check_overlap(self, call: Call, now: float) -> None:
        for message_id, (action, since, silent) in [*self._handling.items()]:
            if now - since >= OVERLAP_WINDOW:
                if silent:
                    del self._handling[message_id]
            elif message_id != call.message_id:
                text = f"sent while {action} ({message_id}), {now - since:g} s old, was unanswered"
                self._breach(now, "overlapping-call", text, call.message_id, call.action)
                return

    def _receive_result(self, text: str | bytes, result: CallResult, now: float) -> None:
        sent = self._calls.match(result.message_id)
        action = sent.action if sent is not None else self._calls.action_of(result.message_id)
        violation = None if action is None else validate_response(self._version, action, result.payload)
        self._observer.frame(FrameRecord(now, self._incoming, as_text(text), result, action, violation))
        if violation is not None:
            self._breach(now, "schema", f"answer to {action}: {violation}", result.message_id, action)
            if self._version is OcppVersion.V21:
                error = CallResultError(result.message_id, violation.code, str(violation)[:255])
                self._put(_encode(error), error, action, None)
        if sent is None:
            self._stray(result.message_id, action, now)
        elif violation is None or violation.usable:
            self._calls.finish(sent, result)
        else:
            self._calls.finish(sent, CallError(sent.message_id, violation.code, str(violation), {}, local=True))

    def _receive_error(self, text: str | bytes, error: CallError, now: float) -> None:
        sent = self._calls.match(error.message_id)
        action = sent.action if sent is not None else self._calls.action_of(error.message_id)
        violation = validate_error(self._version, error)
        self._observer.frame(FrameRecord(now, self._incoming, as_text(text), error, action, violation))
        if violation is not None:
            self._breach(now, "schema", str(violation), error.message_id, action)
        if sent is not None:
            self._calls.finish(sent, error)
        elif error.message_id != UNREADABLE_MESSAGE_ID or self._version is OcppVersion.V16:
            self._stray(error.message_id, action, now)

    def _receive_other(self, text: str | bytes, message: Message | Malformed, now: float) -> None:
        if isinstance(message, Malformed):
            self._receive_malformed(message, now)
        elif isinstance(message, Send):
            self._receive_send(text, message, now)
        elif isinstance(message, CallResultError):
            past = self._seen.get(message.message_id)
            action = past[0] if past is not None else None
            violation = validate_error(self._version, message)
            self._observer.frame(FrameRecord(now, self._incoming, as_text(text), message, action, violation))
            if action is None:
                self._breach(now, "unknown-message-id", "an error about no answer of ours", message.message_id)
            else:
                told = f"our answer was refused: {message.code} {message.description}".rstrip()
                self._breach(now, "error-for-answer", told, message.message_id, action)

    def _receive_malformed(self, malformed: Malformed, now: float) -> None:
        message_id, sent = malformed.message_id, None
        if message_id is not None and malformed.message_type in (CALLRESULT, CALLERROR):
            sent = self._calls.match(message_id)
        action = sent.action if sent is not None else None
        self._observer.frame(FrameRecord(now, self._incoming, malformed.text, malformed, action, None))
        own_id = None if message_id == UNREADABLE_MESSAGE_ID else message_id
        self._breach(now, malformed.kind, malformed.reason, own_id, action)
        if sent is not None:
            code = "FormationViolation" if self._version is OcppVersion.V16 else "FormatViolation"
            self._calls.finish(sent, CallError(sent.message_id, code, malformed.reason, {}, local=True))
        elif malformed.code is not None and message_id is not None:
            self._answer_error(CallError(message_id, malformed.code, malformed.reason[:255]), None)

    def _receive_send(self, text: str | bytes, message: Send, now: float) -> None:
        violation = validate_send(self._version, message.action, message.payload)
        self._observer.frame(FrameRecord(now, self._incoming, as_text(text), message, message.action, violation))
        if not self._seen.add(message.message_id, message.action):
            self._breach(
                now, "duplicate-message-id", "an earlier message had the same id", message.message_id, message.action
            )
        if violation is not None:
            code = "not-implemented-action" if violation.code == "NotImplemented" else "schema"
            self._breach(now, code, f"{message.action}: {violation}", message.message_id, message.action)
        elif self._on_send is not None:
            try:
                result = self._on_send(message)
            except Exception as error:
                self._crashed(f"the handler of SEND {message.action} failed", error)
                return
            if isinstance(result, Awaitable):
                self._spawn(self._await_send(message.action, result), result)

    def _stray(self, message_id: str, action: str | None, now: float) -> None:
        breach = self._calls.stray(message_id)
        if breach is not None:
            self._breach(now, *breach, message_id, action)

    def _breach(
        self, now: float, code: str, description: str, message_id: str | None, action: str | None = None
    ) -> None:
        self._observer.violation(PeerViolation(now, code, description, message_id, action))

    # -- answering ------------------------------------------------------------------------------------------------

    async def _await_handler(self, message_id: str, action: str, result: Awaitable[HandlerResult]) -> None:
        try:
            value = await result
        except Exception as error:
            self._answer_exception(message_id, action, error)
        else:
            self._answer(message_id, action, value)

    async def _await_send(self, action: str, result: Awaitable[object]) -> None:
        try:
            await result
        except Exception as error:
            self._crashed(f"the handler of SEND {action} failed", error)

    def _answer(self, message_id: str, action: str, result: HandlerResult) -> None:
        if self._closed:
            return
        if isinstance(result, NoReply):
            if (known := self._handling.get(message_id)) is not None:
                self._handling[message_id] = (action, known[1], True)
            return
        reply = result if isinstance(result, Reply) else None
        message = CallResult(message_id, result if reply is None else reply.payload)
        violation = validate_response(self._version, action, message.payload)
        try:
            if violation is not None and (reply is None or reply.validate):
                raise InvalidMessage(f"the answer to {action} breaks its schema: {violation}", violation)
            text = _encode(message)
        except InvalidMessage as error:
            self._answer_exception(message_id, action, error)
            return
        self._handling.pop(message_id, None)
        self._put(text, message, action, violation)
        if reply is not None and reply.then is not None:
            try:
                reply.then()
            except Exception as error:
                self._crashed(f"what follows the answer to {action} failed", error)

    def _answer_exception(self, message_id: str, action: str, error: Exception) -> None:
        self._handling.pop(message_id, None)
        if isinstance(error, HandlerError):
            answer = CallError(message_id, error.code, error.description, error.details)
        elif self._closed:
            return
        else:
            self._crashed(f"the handler of {action} failed", error)
            answer = CallError(message_id, "InternalError", f"{type(error).__name__}: {error}"[:255])
        self._answer_error(answer, action)

    def _answer_error(self, error: CallError, action: str | None) -> None:
        if self._closed:
            return
        try:
            text = _encode(error)
        except InvalidMessage as unencodable:
            self._crashed("the details of a CALLERROR are not JSON", unencodable)
            error.details = {}
            text = _encode(error)
        self._put(text, error, action, validate_error(self._version, error))

    def _crashed(self, message: str, error: Exception) -> None:
        self._loop.call_exception_handler({"message": message, "exception": error})

    def _spawn(self, work: Coroutine[Any, Any, None], awaited: Awaitable[Any]) -> None:
        task = self._loop.create_task(work)
        self._tasks[task] = awaited
        task.add_done_callback(self._tasks.pop)

    # -- what goes out --------------------------------------------------------------------------------------------

    def _transmit(self, sent: SentCall) -> None:
        message, text = sent._message, sent._text
        assert message is not None
        sent._message, sent._text = None, ""
        self._put(text, message, sent.action, sent._violation)

    def _send_failed(self, error: Exception) -> None:
        self.close(f"cannot send: {error}")

    def _put(self, text: str, message: Message | Malformed, action: str | None, violation: Violation | None) -> None:
        if self._closed:
            return
        if self._outbox.put(text):
            self._observer.frame(FrameRecord(self._loop.time(), self._outgoing, text, message, action, violation))

    def _judge_sent(self, message: Message | Malformed) -> tuple[str | None, Violation | None]:
        """The action of a raw text, and how it breaks its schema."""
        match message:
            case Call(_, action, payload):
                return action, validate_request(self._version, action, payload)
            case Send(_, action, payload):
                return action, validate_send(self._version, action, payload)
            case CallResult(message_id, payload):
                answered = self._handled_action(message_id)
                return answered, None if answered is None else validate_response(self._version, answered, payload)
            case CallError(message_id):
                return self._handled_action(message_id), validate_error(self._version, message)
            case CallResultError(message_id):
                return self._calls.action_of(message_id), validate_error(self._version, message)
            case _:
                return None, None

    def _handled_action(self, message_id: str) -> str | None:
        known = self._handling.get(message_id) or self._seen.get(message_id)
        return known[0] if known is not None else None

    def _require_open(self) -> None:
        if self._closed:
            raise SessionClosed(self._reason)


def _encode(message: Message) -> str:
    try:
        return encode(message)
    except ValueError as error:
        raise InvalidMessage(str(error)) from None


def _current_task() -> asyncio.Task[Any] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None
