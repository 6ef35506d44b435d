"""What a session reports, as the observations of a ledger."""

from __future__ import annotations

from typing import Any, Literal

from ocpplab_runner.ocppj.frames import Call, CallError, CallResult, CallResultError, Malformed, Send
from ocpplab_runner.ocppj.records import FrameRecord, PeerViolation
from ocpplab_runner.plugin.events import Observation

#: What a frame without an action is called: an answer to an unknown call, or no message at all.
UNKNOWN_ACTION = "?"


def frame_observation(charger: str, record: FrameRecord) -> Observation:
    """A text that crossed, as a ``frame``."""
    fields: dict[str, Any] = {"direction": record.direction.value}
    match record.message:
        case Call(message_id, _, payload):
            fields |= {"type": "call", "message_id": message_id, "payload": payload}
        case CallResult(message_id, payload):
            fields |= {"type": "result", "message_id": message_id, "payload": payload}
        case Send(message_id, _, payload):
            fields |= {"type": "send", "message_id": message_id, "payload": payload}
        case CallError() | CallResultError() as error:
            fields |= {
                "type": "error" if isinstance(error, CallError) else "result_error",
                "message_id": error.message_id,
                "error_code": error.code,
                "error_description": error.description,
            }
            if error.details:
                fields["payload"] = error.details
        case Malformed() as malformed:
            fields |= {"type": "malformed", "text": malformed.text, "reason": malformed.reason}
            if malformed.message_id is not None:
                fields["message_id"] = malformed.message_id
    if record.breach is not None:
        fields["invalid"] = str(record.breach)
    if record.ignored:
        fields["ignored"] = record.ignored
    return Observation("frame", record.action or UNKNOWN_ACTION, charger, record.at, fields)


def violation_observation(charger: str, by: Literal["charger", "csms"], violation: PeerViolation) -> Observation:
    """A violation of the protocol by the end that is named."""
    fields: dict[str, Any] = {"by": by, "weight": violation.weight, "description": violation.description}
    if violation.action is not None:
        fields["action"] = violation.action
    if violation.message_id is not None:
        fields["message_id"] = violation.message_id
    return Observation("violation", violation.code, charger, violation.at, fields)
