"""OCPP-J: messages as text, sessions that bind answers to calls, compiled validators. Knows nothing of scenarios.

The API as it is, for the rooms above::

    parse(text, version) -> Message | Malformed;  encode(message) -> str;  dumps(json_value) -> str
    Call | CallResult | CallError | CallResultError | Send;  Answer = CallResult | CallError

    validate_request/response/send(version, action, payload) -> SchemaBreach | None
    SchemaBreach(code, path, message, keyword, usable);  str(breach) is "path: message"
    actions(version), send_actions(version), is_known_action(version, action), request_schema/response_schema(…)

    Session(version=, role=Role.CHARGER|Role.CSMS, send_text=sender(ws), handler=, observer=, next_id=,
            call_timeout=30.0, on_send=None)
      await .call(action, payload, message_id=, timeout=, validate=) -> Answer
      .enqueue(same) -> SentCall(message_id, action, future, sent)     .send(action, payload, …) -> id (2.1 SEND)
      .send_raw(text, binary=)    .receive(text)    .close(reason)    await .aclose(reason)
      raises CallTimeout | SessionClosed (both CallFailed), InvalidMessage (our own payload is wrong)

    handler(call) -> dict | Reply(payload, validate=, then=) | NO_REPLY, plainly or as a coroutine;
            raises HandlerError(code, description, details)

    ws, version = await connect(url, identity=, versions=, basic_auth=, ssl=, open_timeout=)   # ConnectRefused
    server = await serve(host, port, versions=, on_connection=, ssl=, authenticate=, backlog=)
    ended = await pump(ws, session)           # closes the session when the WebSocket closes

Three rules for users of a session:

* A **CallResult can be trusted**: what came with required fields missing or of the wrong type (or not at all readable)
  reaches the caller as ``CallError(local=True)``. Surplus properties and overlong values stay in.
* A **handler sees only valid calls**; the session has answered the others with the right CALLERROR. What it returns is
  validated too: an invalid payload is our bug and is answered InternalError, unless ``Reply(validate=False)``.
* A **plain function is the fast handler**; a coroutine gets a task of its own, so it may await calls on the same
  session.

``websocket`` is imported on first use, so that a program that only parses does not pay for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ocpplab_runner.ocppj.frames import (
    MAX_MESSAGE_ID_LENGTH,
    UNREADABLE_MESSAGE_ID,
    Answer,
    Call,
    CallError,
    CallResult,
    CallResultError,
    Malformed,
    Message,
    Send,
    dumps,
    encode,
    parse,
)
from ocpplab_runner.ocppj.ids import counter_ids, uuid_ids
from ocpplab_runner.ocppj.records import (
    NO_REPLY,
    CallFailed,
    CallHandler,
    CallTimeout,
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
from ocpplab_runner.ocppj.session import Session
from ocpplab_runner.ocppj.validation import (
    ERROR_CODES,
    SchemaBreach,
    actions,
    is_known_action,
    request_schema,
    response_schema,
    send_actions,
    send_schema,
    validate_error,
    validate_request,
    validate_response,
    validate_send,
)

if TYPE_CHECKING:
    from ocpplab_runner.ocppj.websocket import (
        Connection,
        ConnectRefused,
        Server,
        WebSocket,
        connect,
        pump,
        sender,
        serve,
    )

_FROM_WEBSOCKET = frozenset(
    {"ConnectRefused", "Connection", "Server", "WebSocket", "connect", "pump", "sender", "serve"}
)

__all__ = [
    "ERROR_CODES",
    "MAX_MESSAGE_ID_LENGTH",
    "NO_REPLY",
    "UNREADABLE_MESSAGE_ID",
    "Answer",
    "Call",
    "CallError",
    "CallFailed",
    "CallHandler",
    "CallResult",
    "CallResultError",
    "CallTimeout",
    "ConnectRefused",
    "Connection",
    "Direction",
    "FrameRecord",
    "HandlerError",
    "HandlerResult",
    "InvalidMessage",
    "Malformed",
    "Message",
    "NoReply",
    "PeerViolation",
    "Reply",
    "Role",
    "SchemaBreach",
    "Send",
    "SendHandler",
    "SentCall",
    "Server",
    "Session",
    "SessionClosed",
    "SessionObserver",
    "WebSocket",
    "actions",
    "connect",
    "counter_ids",
    "dumps",
    "encode",
    "is_known_action",
    "parse",
    "pump",
    "request_schema",
    "response_schema",
    "send_actions",
    "send_schema",
    "sender",
    "serve",
    "uuid_ids",
    "validate_error",
    "validate_request",
    "validate_response",
    "validate_send",
]


def __getattr__(name: str) -> Any:
    if name in _FROM_WEBSOCKET:
        from ocpplab_runner.ocppj import websocket

        return getattr(websocket, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
