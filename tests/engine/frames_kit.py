"""A conversation of frames with an interpreter, and junk frames for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from ocpplab_runner.engine.interpreter import Fact, Interpreter, Shown
from ocpplab_runner.vocabulary.versions import OcppVersion

UP, DOWN = "to_csms", "to_charger"


def facts_of(shown: Iterable[Shown]) -> list[Fact]:
    """Facts without the frames that show them."""
    return [(name, fields) for _, name, fields in shown]


class Talk:
    """Feeds frames to one interpreter; ``direction`` is always that of the call."""

    def __init__(self, version: OcppVersion) -> None:
        self.interpreter = Interpreter(version)

    def call(self, direction: str, action: str, payload: Any, *, message_id: str = "1") -> list[Fact]:
        """A CALL."""
        fields = {"direction": direction, "type": "call", "message_id": message_id, "payload": payload}
        return facts_of(self.interpreter.read(action, fields))

    def result(self, direction: str, payload: Any, *, message_id: str = "1") -> list[Fact]:
        """The CALLRESULT to a call in that direction."""
        back = DOWN if direction == UP else UP
        fields = {"direction": back, "type": "result", "message_id": message_id, "payload": payload}
        return facts_of(self.interpreter.read("", fields))

    def error(self, direction: str, *, message_id: str = "1") -> list[Fact]:
        """A CALLERROR to a call in that direction."""
        back = DOWN if direction == UP else UP
        fields = {"direction": back, "type": "error", "message_id": message_id, "error_code": "InternalError"}
        return facts_of(self.interpreter.read("", fields))

    def taken(self, direction: str, action: str, payload: Any, *, message_id: str = "1") -> list[Fact]:
        """A CALL, and what it shows once its receiver has taken it."""
        assert self.call(direction, action, payload, message_id=message_id) == [], "nothing before the answer"
        return self.result(direction, {}, message_id=message_id)

    def round(self, direction: str, action: str, payload: Any, answer: Any) -> list[Fact]:
        """A CALL and its CALLRESULT; the facts of both."""
        return [*self.call(direction, action, payload), *self.result(direction, answer)]


# fmt: off
_KEYS = st.sampled_from([
    "connectorId", "status", "idTag", "idTagInfo", "transactionId", "meterValue", "sampledValue", "value", "unit",
    "phase", "measurand", "transactionData", "configurationKey", "unknownKey", "key", "listVersion", "evseId",
    "connectorStatus", "eventType", "transactionInfo", "chargingState", "stoppedReason", "seqNo", "offline", "evse",
    "id", "idToken", "idTokenInfo", "groupIdToken", "setVariableResult", "getVariableResult", "setVariableData",
    "component", "variable", "name", "instance", "attributeStatus", "unitOfMeasure", "multiplier",
])
_WORDS = st.sampled_from([
    "Accepted", "Occupied", "Charging", "Started", "Updated", "Ended", "EVConnected", "1e999", "nan",
])
# fmt: on
_SCALARS = st.none() | st.booleans() | st.integers(-2, 2) | st.floats() | st.text(max_size=3)
_JSON = st.recursive(
    _SCALARS | _WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_KEYS, inner, max_size=5),
    max_leaves=10,
)


def junk_frames(version: OcppVersion) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    """Frames with known actions and any payload."""
    actions = sorted({action for _, action in (*Interpreter(version)._calls, *Interpreter(version)._answers)})
    fields = st.fixed_dictionaries(
        {
            "direction": st.sampled_from([UP, DOWN]),
            "type": st.sampled_from(["call", "result", "error", "malformed"]),
            "message_id": st.sampled_from(["1", "2"]),
            "payload": _JSON,
        }
    )
    return st.tuples(st.sampled_from(actions), fields)
