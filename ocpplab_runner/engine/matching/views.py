"""How a facet looks at events: which ones it sees, what their fields are called, and what they are about."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ocpplab_runner.plugin.events import Event, EventKind
from ocpplab_runner.scenario.model import FacetExpectation
from ocpplab_runner.scenario.registry import FacetSpec
from ocpplab_runner.scenario.values import MISSING, Difference, compare

#: What an event is about: the values of the facet's subject fields, in their order; None where it does not say.
Subject = tuple[Any, ...]

_UUID = re.compile(r"\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.IGNORECASE)
_ANSWERS = frozenset({"result", "error"})
_SHOWN_TYPE = {"call": "CALL", "result": "CALLRESULT", "error": "CALLERROR", "send": "SEND"}


class View:
    """A facet's view of the ledger.

    Attributes:
        spec: the facet.
        inherits: whether an item of a sequence that does not name the subject means that of the item before.
        doubt: the first event of which nobody can say whether it is a wanted one, and why not.
    """

    def __init__(self, spec: FacetSpec) -> None:
        self.spec = spec
        self.kind: EventKind = spec.kind
        self.inherits = True
        self.doubt: tuple[Event, Difference] | None = None
        self.subject_fields = spec.subject

    def sees(self, event: Event) -> bool:
        """Whether the facet is about events like this one."""
        return event.kind == self.kind and (self.spec.event is None or event.name == self.spec.event)

    def fields(self, event: Event) -> Mapping[str, Any]:
        """The event's fields under the facet's names."""
        return event.fields

    def wanted(self, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a facet written with these fields asks of :meth:`fields`, defaults included."""
        return fields

    def subject(self, event: Event) -> Subject:
        """What the event is about."""
        fields = self.fields(event)
        # Id tokens have no letter case (1.6 IdToken, 2.x IdTokenType).
        return tuple(_folded(fields.get(name)) for name in self.subject_fields)

    def differences(self, wanted: Mapping[str, Any], event: Event) -> list[Difference]:
        """What keeps the event from being the wanted one."""
        return compare(wanted, self.fields(event))

    def doubt_at(self, event: Event, difference: Difference) -> None:
        """Take note that nobody can say whether an event is a wanted one."""
        if self.doubt is None:
            self.doubt = event, difference

    def captured(self, event: Event) -> Any:
        """What ``save`` can reach under the facet's name."""
        return self.fields(event)


class MessageView(View):
    """``message``: any OCPP frame. In a sequence only frames of the same action may not stand in between."""

    def __init__(self, spec: FacetSpec) -> None:
        super().__init__(spec)
        self.inherits = False
        self.subject_fields = spec.subject or ("action",)

    def fields(self, event: Event) -> Mapping[str, Any]:
        raw = event.fields
        kind = raw.get("type")
        fields = {
            "action": event.name,
            "from": "charger" if raw.get("direction") == "to_csms" else "csms",
            # SEND and CALLRESULTERROR of 2.1 are looked for by the words of all versions.
            "type": "call" if kind == "send" else "error" if kind == "result_error" else kind,
        }
        for name in ("payload", "error_code"):
            if name in raw:
                fields[name] = raw[name]
        return fields

    def wanted(self, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        if "type" in fields:
            return fields
        return {"type": "error" if "error_code" in fields else "call", **fields}


class ViolationView(View):
    """``violation``: its code is the event's name."""

    def fields(self, event: Event) -> Mapping[str, Any]:
        return {**event.fields, "is": event.name}


class CommandView(View):
    """``outcome``: a command's end, the step's own one.

    Args:
        seq: the command event that tells the outcome; None when the step has none.
    """

    def __init__(self, spec: FacetSpec, seq: int | None) -> None:
        super().__init__(spec)
        self._seq = seq

    def sees(self, event: Event) -> bool:
        return event.seq == self._seq

    def fields(self, event: Event) -> Mapping[str, Any]:
        fields = dict(event.fields)
        if "status" in fields:
            fields["is"] = fields["status"]
        return fields


class AnswerView(View):
    """``response`` and ``call_error``: the first answer to the step's own call (rule 3).

    Args:
        message_id: of the call; None when the step has sent none.
        direction: in which the answer travels.
    """

    def __init__(self, spec: FacetSpec, message_id: str | None, direction: str) -> None:
        super().__init__(spec)
        self._message_id = message_id
        self._direction = direction
        self._first: int | None = None

    def sees(self, event: Event) -> bool:
        if event.kind != "frame" or self._message_id is None:
            return False
        fields = event.fields
        if (
            fields.get("message_id") != self._message_id
            or fields.get("type") not in _ANSWERS
            or fields.get("direction") != self._direction
        ):
            return False
        if self._first is None:
            self._first = event.seq
        return event.seq == self._first

    def fields(self, event: Event) -> Mapping[str, Any]:
        raw = event.fields
        if raw.get("type") == "error":
            code = raw.get("error_code")
            return {"is": code, "code": code, "description": raw.get("error_description", "")}
        payload = raw.get("payload")
        return payload if isinstance(payload, Mapping) else {}

    def wanted(self, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        whole = fields.get("is")
        if self.spec.name == "response" and len(fields) == 1 and isinstance(whole, Mapping):
            return whole
        return fields

    def differences(self, wanted: Mapping[str, Any], event: Event) -> list[Difference]:
        asked = "error" if self.spec.name == "call_error" else "result"
        kind = event.fields.get("type")
        if kind != asked:
            return [Difference("type", _SHOWN_TYPE[asked], _answer_text(event), "is the other kind of answer")]
        return compare(wanted, self.fields(event))


def _answer_text(event: Event) -> str:
    raw = event.fields
    if raw.get("type") == "error":
        return f"CALLERROR {raw.get('error_code')}: {raw.get('error_description', '')}".rstrip(": ")
    return f"CALLRESULT {flow(raw.get('payload'))}"


@dataclass(frozen=True, slots=True)
class Binding:
    """What ties ``response``, ``call_error`` and ``outcome`` to the step.

    Attributes:
        message_id: of the call that the step sent, or None.
        answer_direction: in which its answer travels.
        command_seq: the ledger's number of the command event that tells the step's outcome, or None.
    """

    message_id: str | None = None
    answer_direction: str = "to_csms"
    command_seq: int | None = None


def view_of(spec: FacetSpec, binding: Binding) -> View:
    """The view of that facet for a step with that binding."""
    if spec.bound:
        if spec.kind == "command":
            return CommandView(spec, binding.command_seq)
        return AnswerView(spec, binding.message_id, binding.answer_direction)
    if spec.kind == "frame":
        return MessageView(spec)
    if spec.kind == "violation":
        return ViolationView(spec)
    return View(spec)


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def flow(value: Any, *, ascii_only: bool = True) -> str:
    """A value as short YAML flow text: ``{status: Accepted, list: [1, 2]}``."""
    if value is MISSING:
        return "(absent)"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {flow(one, ascii_only=ascii_only)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(one, ascii_only=ascii_only) for one in value) + "]"
    if isinstance(value, str):
        plain = _is_plain(value) and (value.isascii() or not ascii_only)
        return value if plain else json.dumps(value, ensure_ascii=ascii_only)
    return json.dumps(value, ensure_ascii=ascii_only, default=str)


def _is_plain(text: str) -> bool:
    return (
        text != ""
        and text.isprintable()
        and text[0] not in " -?:,[]{}#&*!|>'\"%@`"
        and text[-1] not in " :"
        and not any(mark in text for mark in (": ", " #", ",", "[", "]", "{", "}"))
        and not _reads_as_other(text)
    )


def _reads_as_other(text: str) -> bool:
    if text in ("true", "false", "null", "~"):
        return True
    try:
        float(text)
    except ValueError:
        return False
    return True


def brief(text: str) -> str:
    """The text with UUIDs, such as 2.x transaction ids, cut to what tells them apart."""
    return _UUID.sub(r"\1..", text)


def describe_fields(fields: Mapping[str, Any]) -> str:
    """``{"is": "Charging", "evse_id": 1}`` as ``Charging {evse_id: 1}``."""
    rest = {name: value for name, value in fields.items() if name != "is"}
    parts = [flow(fields["is"])] if "is" in fields else []
    if rest:
        parts.append(flow(rest))
    return " ".join(parts)


def describe(facet: FacetExpectation) -> str:
    """A facet as one line for people: ``connector_status Charging {evse_id: 1}``, ``heartbeat (exactly 3)``."""
    if facet.sequence:
        text = "[" + ", ".join(describe_fields(one) for one in facet.sequence) + "]"
    else:
        text = describe_fields(facet.fields)
    if facet.count is not None:
        text += f" (exactly {facet.count})"
    if facet.at_least is not None:
        text += f" (at least {facet.at_least})"
    return f"{facet.facet} {text.strip()}".rstrip()
