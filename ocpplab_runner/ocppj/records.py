"""What a session tells its observer, and what it raises: the plain types around :mod:`ocpplab_runner.ocppj.session`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Literal, Protocol

from ocpplab_runner.ocppj.frames import Answer, Call, Malformed, Message, Send
from ocpplab_runner.ocppj.schema_breach import SchemaBreach
from ocpplab_runner.ocppj.violations import Weight


class Role(StrEnum):
    """Which end of the connection a session is."""

    CHARGER = "charger"
    CSMS = "csms"


class Direction(StrEnum):
    """Where a frame went."""

    TO_CSMS = "to_csms"
    TO_CHARGER = "to_charger"

    @property
    def sender(self) -> Literal["charger", "csms"]:
        """Whose frame it is."""
        return "charger" if self is Direction.TO_CSMS else "csms"


@dataclass(slots=True)
class FrameRecord:
    """One text that crossed the connection.

    Attributes:
        at: seconds on the loop's clock, when it was handed to the WebSocket or came from it.
        direction: where it went.
        text: as it stood on the wire.
        message: its meaning, or why it has none.
        action: the action; for an answer that of its call; None when that is unknown.
        breach: how it breaks its schema, for sent frames as for received ones.
        ignored: of an answer that came in: why no call of ours could take it, as the code of a
            :class:`PeerViolation`; empty otherwise.
    """

    at: float
    direction: Direction
    text: str
    message: Message | Malformed
    action: str | None
    breach: SchemaBreach | None
    ignored: str = ""


@dataclass(slots=True)
class PeerViolation:
    """The other side broke the protocol.

    Attributes:
        at: seconds on the loop's clock.
        code: of :data:`~ocpplab_runner.ocppj.violations.FRAME_VIOLATIONS`, or one of the observer's own.
        description: in English, for a reader of the report.
        message_id: of the frame at fault, where it can be read.
        action: of the frame at fault, where it is known.
        weight: whether the specification forbids it or advises against it.
    """

    at: float
    code: str
    description: str
    message_id: str | None = None
    action: str | None = None
    weight: Weight = "must"


class SessionObserver(Protocol):
    """Hears of every frame and every violation, in the order in which they happen. Must not raise."""

    def frame(self, record: FrameRecord) -> None:
        """A text was sent or received."""

    def violation(self, violation: PeerViolation) -> None:
        """The other side broke the protocol; reported after the frame that shows it."""


class CallFailed(Exception):
    """A call that will get no answer: see :class:`CallTimeout` and :class:`SessionClosed`."""


class CallTimeout(CallFailed):
    """No answer came in time. The slot is free again; an answer that still comes is recorded as late."""

    def __init__(self, action: str, message_id: str, timeout: float) -> None:
        super().__init__(f"no answer to {action} ({message_id}) within {timeout:g} s")
        self.action, self.message_id, self.timeout = action, message_id, timeout


class SessionClosed(CallFailed):
    """The connection is gone; a call that was waiting may or may not have reached the other side."""


class InvalidMessage(ValueError):
    """A payload of our own breaks its schema or cannot be written as JSON, and was not asked to be sent so."""

    def __init__(self, message: str, breach: SchemaBreach | None = None) -> None:
        super().__init__(message)
        self.breach = breach


class HandlerError(Exception):
    """Raised by a call handler to answer with a CALLERROR.

    Args:
        code: sent as it is: a test may want a code that the version does not have.
        description: in English.
        details: a JSON object; ``{}`` when None.
    """

    def __init__(self, code: str, description: str = "", details: dict[str, Any] | None = None) -> None:
        super().__init__(f"{code}: {description}" if description else code)
        self.code, self.description, self.details = code, description, details or {}


@dataclass(slots=True)
class Reply:
    """What a call handler may return instead of a plain payload.

    Attributes:
        payload: the CALLRESULT's payload.
        validate: False lets a deliberately wrong payload through; it is recorded with its breach.
        then: called right after the answer has been handed to the WebSocket, for what must not overtake it.
    """

    payload: Any = field(default_factory=dict)
    validate: bool = True
    then: Callable[[], None] | None = None


class NoReply:
    """The type of :data:`NO_REPLY`."""

    __slots__ = ()


#: Returned by a call handler to stay silent, or after it has answered with ``send_raw`` itself.
NO_REPLY: Final = NoReply()

HandlerResult = dict[str, Any] | Reply | NoReply
#: Called for every valid CALL. A plain function answers at once, without a task; a coroutine may await, even a call of
#: its own on the same session. Raises :class:`HandlerError` to answer with a CALLERROR.
CallHandler = Callable[[Call], HandlerResult | Awaitable[HandlerResult]]
#: Called for every valid SEND (2.1).
SendHandler = Callable[[Send], object]


@dataclass(slots=True)
class SentCall:
    """A call that is queued, outstanding or done.

    Attributes:
        message_id: known before it is sent.
        action: its action.
        future: gives the answer, or raises :class:`CallTimeout` or :class:`SessionClosed`. Nobody has to await it.
            Cancelling it takes a queued call out of the queue; one that was sent stays outstanding until it is
            answered or times out.
        sent: whether it has been handed to the WebSocket.
    """

    message_id: str
    action: str
    future: asyncio.Future[Answer]
    sent: bool = False
    _text: str = ""
    _message: Call | None = None
    _breach: SchemaBreach | None = None
    _timeout: float = 0.0
