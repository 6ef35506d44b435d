"""The owner's handlers at work: each valid CALL and SEND is given to one, and what it returns becomes the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from typing import Any, Final

from ocpplab_runner.ocppj.frames import MAX_DESCRIPTION, Call, CallError, CallResult, Send
from ocpplab_runner.ocppj.peer_calls import PeerCalls
from ocpplab_runner.ocppj.records import (
    CallHandler,
    HandlerError,
    HandlerResult,
    InvalidMessage,
    NoReply,
    Reply,
    SendHandler,
)
from ocpplab_runner.ocppj.send_buffer import cancel
from ocpplab_runner.ocppj.validation import validate_error, validate_response
from ocpplab_runner.ocppj.wire import Wire, encoded

_PLAIN: Final = (dict, Reply, NoReply)


class Handlers:
    """Runs handlers: a plain function on the spot, a coroutine in a task of its own.

    Args:
        wire: takes the answers.
        peer: the calls that wait for them.
        on_call: gets every valid CALL.
        on_send: gets every valid SEND, if anybody does.
    """

    __slots__ = ("_loop", "_on_call", "_on_send", "_peer", "_tasks", "_wire")

    def __init__(self, wire: Wire, peer: PeerCalls, on_call: CallHandler, on_send: SendHandler | None) -> None:
        self._wire = wire
        self._peer = peer
        self._on_call = on_call
        self._on_send = on_send
        self._loop = asyncio.get_running_loop()
        self._tasks: dict[asyncio.Task[None], Awaitable[Any]] = {}  # and what each of them awaits

    @property
    def tasks(self) -> tuple[asyncio.Task[None], ...]:
        """The handlers that are still at work."""
        return tuple(self._tasks)

    def call(self, call: Call, now: float) -> None:
        """Have a valid CALL handled and answered."""
        message_id, action = call.message_id, call.action
        # Before its handler, which may answer with a raw text, and so end the call again.
        self._peer.begin(message_id, action, now)
        try:
            result = self._on_call(call)
        except Exception as error:
            self._answer_exception(message_id, action, error)
            return
        if isinstance(result, _PLAIN):
            self._answer(message_id, action, result)
        else:
            self._spawn(self._await_call(message_id, action, result), result)

    def send(self, message: Send) -> None:
        """Have a valid SEND handled."""
        if self._on_send is None:
            return
        try:
            result = self._on_send(message)
        except Exception as error:
            self._crashed(f"the handler of SEND {message.action} failed", error)
            return
        if isinstance(result, Awaitable):
            self._spawn(self._await_send(message.action, result), result)

    def refuse(self, error: CallError, action: str | None) -> None:
        """Answer with a CALLERROR."""
        if self._wire.closed:
            return
        try:
            text = encoded(error)
        except InvalidMessage as unencodable:
            self._crashed("the details of a CALLERROR are not JSON", unencodable)
            # The other side is owed an answer all the same.
            error.details = {}
            text = encoded(error)
        self._wire.put(text, error, action, validate_error(self._wire.version, error))

    def close(self, current: asyncio.Task[Any] | None) -> None:
        """Cancel every handler but the one that runs in the current task."""
        for task, awaited in self._tasks.items():
            if task is not current:
                cancel(task, awaited)

    async def _await_call(self, message_id: str, action: str, result: Awaitable[HandlerResult]) -> None:
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
        if self._wire.closed:
            return
        if isinstance(result, NoReply):
            self._peer.silence(message_id)
            return
        reply = result if isinstance(result, Reply) else None
        message = CallResult(message_id, result if reply is None else reply.payload)
        breach = validate_response(self._wire.version, action, message.payload)
        try:
            if breach is not None and breach.weight == "must" and (reply is None or reply.validate):
                raise InvalidMessage(f"the answer to {action} breaks its schema: {breach}", breach)
            text = encoded(message)
        except InvalidMessage as error:
            self._answer_exception(message_id, action, error)
            return
        self._peer.end(message_id)
        self._wire.put(text, message, action, breach)
        if reply is not None and reply.then is not None:
            try:
                reply.then()
            except Exception as error:
                self._crashed(f"what follows the answer to {action} failed", error)

    def _answer_exception(self, message_id: str, action: str, error: Exception) -> None:
        self._peer.end(message_id)
        if isinstance(error, HandlerError):
            answer = CallError(message_id, error.code, error.description, error.details)
        elif self._wire.closed:
            return
        else:
            self._crashed(f"the handler of {action} failed", error)
            answer = CallError(message_id, "InternalError", f"{type(error).__name__}: {error}"[:MAX_DESCRIPTION])
        self.refuse(answer, action)

    def _crashed(self, message: str, error: Exception) -> None:
        self._loop.call_exception_handler({"message": message, "exception": error})

    def _spawn(self, work: Coroutine[Any, Any, None], awaited: Awaitable[Any]) -> None:
        task = self._loop.create_task(work)
        self._tasks[task] = awaited
        task.add_done_callback(self._tasks.pop)
