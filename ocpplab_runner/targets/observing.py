"""From what sessions, chargers and the CSMS report to the observations of a run's ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from ocpplab_runner import clock
from ocpplab_runner.ocppj.frames import Call, CallError, CallResult, CallResultError, Malformed, Send
from ocpplab_runner.ocppj.records import FrameRecord, PeerViolation
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.plugin.stage import Recorder

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
    if record.violation is not None:
        fields["invalid"] = str(record.violation)
    if record.ignored:
        fields["ignored"] = record.ignored
    return Observation("frame", record.action or UNKNOWN_ACTION, charger, record.at, fields)


def violation_observation(charger: str, by: Literal["charger", "csms"], violation: PeerViolation) -> Observation:
    """A breach of the protocol by the end that is named."""
    fields: dict[str, Any] = {"by": by, "weight": violation.weight, "description": violation.description}
    if violation.action is not None:
        fields["action"] = violation.action
    if violation.message_id is not None:
        fields["message_id"] = violation.message_id
    return Observation("violation", violation.code, charger, violation.at, fields)


class ChargerEnd:
    """Observes a simulated charger: its frames, what it says from inside, and the breaches of its CSMS.

    Args:
        name: the scenario's name of the charger.
        record: where observations go.
    """

    def __init__(self, name: str, record: Recorder) -> None:
        self._name = name
        self._record = record

    def frame(self, record: FrameRecord) -> None:
        """A text was sent or received."""
        self._record(frame_observation(self._name, record))

    def violation(self, violation: PeerViolation) -> None:
        """The CSMS broke the protocol."""
        self._record(violation_observation(self._name, "csms", violation))

    def fact(self, name: str, fields: Mapping[str, Any]) -> None:
        """Something that no frame shows."""
        self._record(Observation("fact", name, self._name, clock.now(), dict(fields), source="inside"))

    def note(self, text: str) -> None:
        """Something a reader of the trace wants."""
        self._record(Observation("note", text, self._name, clock.now()))


class CsmsEnd:
    """Observes the built-in CSMS: the breaches of the chargers, and where they are not ours, their frames too.

    Args:
        names: OCPP identity → the scenario's name of the charger.
        record: where observations go.
        frames: whether frames and connections are seen at this end alone; those of our chargers are seen at theirs.
    """

    def __init__(self, names: Mapping[str, str], record: Recorder, *, frames: bool = False) -> None:
        self._names = names
        self._record = record
        self._frames = frames

    def frame(self, identity: str, record: FrameRecord) -> None:
        """A text was sent or received."""
        if self._frames:
            self._record(frame_observation(self._names.get(identity, identity), record))

    def violation(self, identity: str, violation: PeerViolation) -> None:
        """A charger broke the protocol."""
        self._record(violation_observation(self._names.get(identity, identity), "charger", violation))

    def fact(self, identity: str, name: str, fields: Mapping[str, Any]) -> None:
        """A connection has opened or closed."""
        if self._frames:
            name_of = self._names.get(identity, identity)
            self._record(Observation("fact", name, name_of, clock.now(), dict(fields), source="wire"))

    def note(self, identity: str, text: str) -> None:
        """Something a reader of the trace wants."""
        self._record(Observation("note", f"CSMS: {text}", self._names.get(identity, identity), clock.now()))
