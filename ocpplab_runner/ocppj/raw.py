"""Texts that are sent as they are: what each means, and what the session expects after it."""

from __future__ import annotations

from ocpplab_runner.ocppj.calls import CallQueue
from ocpplab_runner.ocppj.frames import (
    CALLERROR,
    CALLRESULT,
    Call,
    CallError,
    CallResult,
    CallResultError,
    Malformed,
    Message,
    Send,
)
from ocpplab_runner.ocppj.peer_calls import PeerCalls
from ocpplab_runner.ocppj.validation import (
    SchemaBreach,
    validate_error,
    validate_request,
    validate_response,
    validate_send,
)
from ocpplab_runner.vocabulary.versions import OcppVersion


def judge(
    message: Message | Malformed, version: OcppVersion, calls: CallQueue, peer: PeerCalls
) -> tuple[str | None, SchemaBreach | None]:
    """The action of a message of ours, for an answer that of its call, and how it breaks its schema."""
    match message:
        case Call(_, action, payload):
            return action, validate_request(version, action, payload)
        case Send(_, action, payload):
            return action, validate_send(version, action, payload)
        case CallResult(message_id, payload):
            answered = peer.action_of(message_id)
            return answered, None if answered is None else validate_response(version, answered, payload)
        case CallError(message_id):
            return peer.action_of(message_id), validate_error(version, message)
        case CallResultError(message_id):
            return calls.action_of(message_id), validate_error(version, message)
        case _:
            return None, None


def expect(message: Message | Malformed, action: str | None, calls: CallQueue, peer: PeerCalls) -> None:
    """A CALL, and what is no message of OCPP-J, may be answered; what an answer names has been answered."""
    if message.message_id is None:
        return
    kind = message.message_type if isinstance(message, Malformed) else type(message)
    if kind in (CallResult, CALLRESULT, CallError, CALLERROR):
        peer.end(message.message_id)
    elif kind is Call or isinstance(message, Malformed):
        calls.expect_raw(message.message_id, action)
