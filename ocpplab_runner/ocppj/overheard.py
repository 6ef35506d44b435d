"""What crosses between others, read as it passes: which call an answer belongs to, and what is wrong with a frame."""

from __future__ import annotations

from collections.abc import Iterator

from ocpplab_runner.ocppj.frames import Call, CallError, CallResult, CallResultError, Malformed, Send, as_text, parse
from ocpplab_runner.ocppj.records import Direction, FrameRecord, PeerViolation
from ocpplab_runner.ocppj.schema_breach import SchemaBreach
from ocpplab_runner.ocppj.validation import validate_error, validate_request, validate_response, validate_send
from ocpplab_runner.vocabulary.versions import OcppVersion

#: Calls of one side whose answers are awaited; of more the oldest are forgotten.
_MOST_WAITING = 256
_OTHER_WAY = {Direction.TO_CSMS: Direction.TO_CHARGER, Direction.TO_CHARGER: Direction.TO_CSMS}


class Reading:
    """Reads both directions of one connection.

    Args:
        version: that was agreed on; None for a subprotocol that is not known here, of which nothing can be read.
    """

    def __init__(self, version: OcppVersion | None) -> None:
        self._version = version
        self._waiting: dict[Direction, dict[str, str]] = {direction: {} for direction in Direction}

    def read(self, text: str | bytes, direction: Direction, at: float) -> tuple[FrameRecord, list[PeerViolation]]:
        """What a text means, and how whoever sent it breaks the protocol by it."""
        version, shown = self._version, as_text(text)
        if version is None:
            unknown = Malformed(shown, "the subprotocol is none of OCPP's that are known here", None, None)
            return FrameRecord(at, direction, shown, unknown, None, None), []
        message = parse(text, version)
        action: str | None = None
        breach: SchemaBreach | None = None
        match message:
            case Call():
                action = message.action
                breach = validate_request(version, action, message.payload)
                waiting = self._waiting[direction]
                waiting[message.message_id] = action
                if len(waiting) > _MOST_WAITING:
                    del waiting[next(iter(waiting))]
            case Send():
                action = message.action
                breach = validate_send(version, action, message.payload)
            case CallResult(message_id, payload):
                action = self._waiting[_OTHER_WAY[direction]].pop(message_id, None)
                breach = None if action is None else validate_response(version, action, payload)
            case CallError(message_id):
                action = self._waiting[_OTHER_WAY[direction]].pop(message_id, None)
                breach = validate_error(version, message)
            # Of which call it speaks nobody knows any more: that was let go with its answer.
            case CallResultError():
                breach = validate_error(version, message)
        record = FrameRecord(at, direction, shown, message, action, breach)
        found = list(_violations(record))
        if isinstance(text, bytes):
            told = "a binary WebSocket message; OCPP-J uses text"
            found.append(PeerViolation(at, "binary-frame", told, message.message_id, action))
        return record, found


def _violations(record: FrameRecord) -> Iterator[PeerViolation]:
    message, breach = record.message, record.breach
    if isinstance(message, Malformed):
        yield PeerViolation(record.at, message.kind, message.reason, message.message_id)
    elif breach is not None:
        about = "answer to " if isinstance(message, CallResult) else ""
        told = f"{about}{record.action}: {breach}" if record.action else str(breach)
        yield PeerViolation(record.at, _code(breach), told, message.message_id, record.action, breach.weight)


def _code(breach: SchemaBreach) -> str:
    if breach.taken:
        return "missing-offset"
    return "not-implemented-action" if breach.code == "NotImplemented" else "schema"
