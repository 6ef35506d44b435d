"""What comes in: each text is read, validated and recorded, then given to who waits for it, or refused."""

from __future__ import annotations

from ocpplab_runner.ocppj.calls import MOST_WAITING, CallQueue
from ocpplab_runner.ocppj.frames import (
    CALLERROR,
    CALLRESULT,
    MAX_DESCRIPTION,
    UNREADABLE_MESSAGE_ID,
    Call,
    CallError,
    CallResult,
    CallResultError,
    Malformed,
    Message,
    Send,
    parse,
)
from ocpplab_runner.ocppj.handlers import Handlers
from ocpplab_runner.ocppj.peer_calls import PeerCalls
from ocpplab_runner.ocppj.schema_breach import SchemaBreach
from ocpplab_runner.ocppj.validation import validate_error, validate_request, validate_response, validate_send
from ocpplab_runner.ocppj.wire import Wire, encoded
from ocpplab_runner.vocabulary.versions import OcppVersion

_TOO_MANY = f"{MOST_WAITING} of our own calls wait for their turn: answer these first"


class Receiver:
    """The receiving side of one session.

    Args:
        wire: records what came, reports what was wrong with it, and takes what goes back.
        calls: our own calls, for answers.
        peer: the peer's calls so far.
        handlers: for valid CALLs and SENDs.
    """

    __slots__ = ("_calls", "_handlers", "_peer", "_wire")

    def __init__(self, wire: Wire, calls: CallQueue, peer: PeerCalls, handlers: Handlers) -> None:
        self._wire = wire
        self._calls = calls
        self._peer = peer
        self._handlers = handlers

    def receive(self, text: str | bytes, now: float) -> None:
        """Take one WebSocket message that came at ``now``. Never raises."""
        message = parse(text, self._wire.version)
        kind = type(message)
        if kind is Call:
            self._call(text, message, now)  # type: ignore[arg-type]
        elif kind is CallResult:
            self._result(text, message, now)  # type: ignore[arg-type]
        elif kind is CallError:
            self._error(text, message, now)  # type: ignore[arg-type]
        else:
            self._other(text, message, now)
        if type(text) is bytes:
            self._wire.report(now, "binary-frame", "a binary WebSocket message; OCPP-J uses text", message.message_id)

    def _call(self, text: str | bytes, call: Call, now: float) -> None:
        wire, peer = self._wire, self._peer
        message_id, action = call.message_id, call.action
        breach = validate_request(wire.version, action, call.payload)
        wire.heard(now, text, call, action, breach)
        overlap = peer.overlap(message_id, now)
        if overlap is not None:
            wire.report(now, "overlapping-call", overlap, message_id, action)
        if peer.handles(message_id):
            # Nobody could tell two answers under one id apart (OCPP-J 4.2.3, Part 4 4.2.3). 1.6 has no code for a
            # violation of OCPP-J itself.
            code = "GenericError" if wire.version is OcppVersion.V16 else "RpcFrameworkError"
            wire.report(now, "duplicate-message-id", "a call with this id is being handled", message_id, action)
            refusal = CallError(message_id, code, "a call with this message id is being handled")
            self._handlers.refuse(refusal, action)
            return
        # Before 2.1 a call that is sent again needs a new id; from then on it may keep its own (Part 4 4.1.4).
        if not peer.remember(message_id, action) and wire.version is not OcppVersion.V21:
            wire.report(now, "duplicate-message-id", "an earlier call had the same message id", message_id, action)
        if breach is None or breach.taken:
            if breach is not None:
                self._mind_offset(breach, action, message_id, now)
            if len(self._calls) < MOST_WAITING:
                self._handlers.call(call, now)
            else:
                self._handlers.refuse(CallError(message_id, "InternalError", _TOO_MANY), action)
            return
        if breach.code == "NotImplemented":
            wire.report(now, "not-implemented-action", breach.message, message_id, action)
        else:
            wire.report(now, "schema", f"{action}: {breach}", message_id, action)
        self._handlers.refuse(CallError(message_id, breach.code, str(breach)[:MAX_DESCRIPTION]), action)

    def _result(self, text: str | bytes, result: CallResult, now: float) -> None:
        wire, message_id = self._wire, result.message_id
        sent = self._calls.match(message_id)
        # Before stray(), which takes a raw call out of the memory.
        action = sent.action if sent is not None else self._calls.action_of(message_id)
        breach = None if action is None else validate_response(wire.version, action, result.payload)
        stray = self._calls.stray(message_id) if sent is None else None
        wire.heard(now, text, result, action, breach, stray[0] if stray is not None else "")
        if breach is not None and breach.taken:
            self._mind_offset(breach, action, message_id, now)
        elif breach is not None:
            wire.report(now, "schema", f"answer to {action}: {breach}", message_id, action)
            if wire.version is OcppVersion.V21:
                # Only 2.1 has words for an answer that cannot be processed (Part 4 4.2.3).
                error = CallResultError(message_id, breach.code, str(breach)[:MAX_DESCRIPTION])
                wire.put(encoded(error), error, action, None)
        if sent is None:
            self._stray(stray, message_id, action, now)
        elif breach is None or breach.usable:
            self._calls.finish(sent, result)
        else:
            self._calls.finish(sent, CallError(message_id, breach.code, str(breach), {}, local=True))

    def _error(self, text: str | bytes, error: CallError, now: float) -> None:
        wire, message_id = self._wire, error.message_id
        sent = self._calls.match(message_id)
        action = sent.action if sent is not None else self._calls.action_of(message_id)
        breach = validate_error(wire.version, error)
        stray = self._calls.stray(message_id) if sent is None else None
        wire.heard(now, text, error, action, breach, stray[0] if stray is not None else "")
        if breach is not None:
            wire.report(now, "schema", str(breach), message_id, action)
        if sent is not None:
            self._calls.finish(sent, error)
        elif message_id != UNREADABLE_MESSAGE_ID or wire.version is OcppVersion.V16:
            # In 2.x that is no call's id: it says that some text of ours could not be read.
            self._stray(stray, message_id, action, now)

    def _mind_offset(self, breach: SchemaBreach, action: str | None, message_id: str, now: float) -> None:
        self._wire.report(now, "missing-offset", f"{action}: {breach}", message_id, action)

    def _stray(self, violation: tuple[str, str] | None, message_id: str, action: str | None, now: float) -> None:
        if violation is not None:
            self._wire.report(now, *violation, message_id, action)

    def _other(self, text: str | bytes, message: Message | Malformed, now: float) -> None:
        if isinstance(message, Malformed):
            self._malformed(message, now)
        elif isinstance(message, Send):
            self._send(text, message, now)
        elif isinstance(message, CallResultError):
            self._result_error(text, message, now)

    def _malformed(self, malformed: Malformed, now: float) -> None:
        wire, message_id, sent = self._wire, malformed.message_id, None
        if message_id is not None and malformed.message_type in (CALLRESULT, CALLERROR):
            sent = self._calls.match(message_id)
        action = sent.action if sent is not None else None
        wire.heard(now, malformed.text, malformed, action, None)
        # "-1" stands for an id that could not be read: our CALLERROR bears it, the text does not.
        own_id = None if message_id == UNREADABLE_MESSAGE_ID else message_id
        if not self._echoes(malformed):
            wire.report(now, malformed.kind, malformed.reason, own_id, action)
        # No other answer will come: whoever waits is told that this one is of no use.
        if sent is not None:
            code = "FormationViolation" if wire.version is OcppVersion.V16 else "FormatViolation"
            self._calls.finish(sent, CallError(sent.message_id, code, malformed.reason, {}, local=True))
        elif malformed.code is not None and message_id is not None:
            self._handlers.refuse(CallError(message_id, malformed.code, malformed.reason[:MAX_DESCRIPTION]), None)

    def _echoes(self, malformed: Malformed) -> bool:
        """Whether it is an answer under a message id that was too long when we sent it."""
        message_id = malformed.message_id
        is_answer = malformed.message_type in (CALLRESULT, CALLERROR)
        if not is_answer or message_id is None or malformed.kind != "message-id-too-long":
            return False
        return self._calls.stray(message_id) is None

    def _send(self, text: str | bytes, message: Send, now: float) -> None:
        wire, message_id, action = self._wire, message.message_id, message.action
        breach = validate_send(wire.version, action, message.payload)
        wire.heard(now, text, message, action, breach)
        if not self._peer.remember(message_id, action):
            wire.report(now, "duplicate-message-id", "an earlier message had the same id", message_id, action)
        if breach is None or breach.taken:
            if breach is not None:
                self._mind_offset(breach, action, message_id, now)
            self._handlers.send(message)
            return
        # Told, and not answered: to a SEND nobody responds, whatever is wrong with it (Part 4 4.2.4).
        code = "not-implemented-action" if breach.code == "NotImplemented" else "schema"
        wire.report(now, code, f"{action}: {breach}", message_id, action)

    def _result_error(self, text: str | bytes, error: CallResultError, now: float) -> None:
        wire, message_id = self._wire, error.message_id
        action = self._peer.action_of(message_id)
        wire.heard(now, text, error, action, validate_error(wire.version, error))
        if action is None:
            wire.report(now, "unknown-message-id", "an error about no answer of ours", message_id)
        else:
            told = f"our answer was refused: {error.code} {error.description}".rstrip()
            wire.report(now, "error-for-answer", told, message_id, action)
