"""Calls that an end of ours does not do: a case that needs one says nothing of the other side, and is blocked.

What is written is judged ahead of the run, what only the run shows by the answer. A scenario that expects the refusal,
programmes the answer or says ``raw: true`` wants what it gets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ocpplab_runner.engine.recording.ledger import Ledger
from ocpplab_runner.ocppj.validation import is_known_action
from ocpplab_runner.plugin.capabilities import Built
from ocpplab_runner.plugin.events import Event
from ocpplab_runner.scenario.checks.payloads import pascal
from ocpplab_runner.scenario.model import FacetExpectation, Step
from ocpplab_runner.scenario.registry import Registry
from ocpplab_runner.scenario.values import matches
from ocpplab_runner.vocabulary.directions import Side, sends
from ocpplab_runner.vocabulary.versions import OcppVersion

_TRIGGER = "TriggerMessage"
_REFUSALS = frozenset({"NotSupported", "NotImplemented"})
#: Answers that are given whole; a `patch` or a `delay` needs the usual one.
_WHOLE = frozenset({"payload", "error", "silence", "garbage"})
#: Answers that say of each variable what became of it.
_RESULTS = {"GetVariables": "getVariableResult", "SetVariables": "setVariableResult"}
_OTHER: Mapping[Side, Side] = {"charger": "csms", "csms": "charger"}


@dataclass(frozen=True, slots=True)
class _Request:
    """What a step wants of one end: to answer an action, and for a TriggerMessage to send a message."""

    end: Side
    action: Any
    message: Any = None


class Unbuilt:
    """Knows what the ends of a target lack.

    Args:
        version: of the case.
        built: what the target's own ends do.
        registry: the language.
        steps: all of the scenario's, nested ones too.
        replies: answers of the CSMS that are programmed from the start.
    """

    def __init__(
        self,
        version: OcppVersion,
        built: Built,
        registry: Registry,
        steps: Sequence[Step],
        replies: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self._version = version
        self._built = built
        self._registry = registry
        self._programmed: list[tuple[Side, Mapping[str, Any]]] = [("csms", reply) for reply in replies]
        self._proxied: list[Mapping[str, Any]] = []
        for step in steps:
            spec = registry.verbs.get(step.verb or "")
            if spec is not None and spec.programs is not None:
                self._programmed.append((spec.programs, step.fields))
            if spec is not None and spec.calls == "charger":
                self._proxied.append(step.fields)

    def given(self) -> str | None:
        """Why the answers that are programmed from the start cannot be given; None when they can."""
        programs = (self._programmable(end, fields) for end, fields in self._programmed)
        return next((reason for reason in programs if reason is not None), None)

    def ahead(self, step: Step, variables: Mapping[str, Any]) -> str | None:
        """Why a step needs what is not built, as far as its text says.

        Args:
            step: the step.
            variables: of the case: an action that is one of them counts.
        """
        if step.expect is not None and (reason := self.unsent(step.expect.facets, variables)) is not None:
            return reason
        if step.raw or _awaits_refusal(step):
            return None
        request = self._request(step)
        if request is None:
            return None
        action, message = (_said(value, variables) for value in (request.action, request.message))
        if request.end == "csms" and isinstance(action, str):
            action = pascal(action)
        return self._lacks(request.end, action, message)

    def unsent(self, facets: Iterable[FacetExpectation], variables: Mapping[str, Any]) -> str | None:
        """Why a message that is expected cannot come: the charger never sends it, nor does the scenario in its place.

        Args:
            facets: of an ``expect``.
            variables: as for :meth:`ahead`.
        """
        for facet in facets:
            if facet.facet != "message":
                continue
            for fields in facet.sequence or (facet.fields,):
                reason = self._never_sent(_said(fields.get("action"), variables), fields)
                if reason is not None:
                    return reason
        return None

    def _never_sent(self, action: Any, fields: Mapping[str, Any]) -> str | None:
        if self._built.sends is None or not isinstance(action, str) or action in self._built.sends:
            return None
        both = sends("csms", self._version, action)
        is_call = fields.get("type", "call") == "call" and "error_code" not in fields
        if not sends("charger", self._version, action) or (both and not (is_call and fields.get("from") == "charger")):
            return None
        said = [fields.get("action", fields.get("text")) for fields in self._proxied]
        said += [fields.get("garbage") for _, fields in self._programmed]
        if any(_may_hold(one, action) for one in said):
            return None
        return f"the simulated charger does not send {action} of OCPP {self._version.value} yet"

    def answered(self, event: Event, step: Step, action: str, ledger: Ledger, since: int) -> str | None:
        """Why an answer to a step's own call says only that it is not built.

        Args:
            event: the answer.
            step: what has sent the call.
            action: of the call.
            ledger: shows the call.
            since: where on it to look.
        """
        if step.raw:
            return None
        end: Side = "charger" if event.fields.get("direction") == "to_csms" else "csms"
        if event.fields.get("type") == "error":
            return self._lacks(end, action, None) if event.fields.get("error_code") in _REFUSALS else None
        answer = event.fields.get("payload")
        if end == "csms" or not isinstance(answer, Mapping) or self._is_programmed(end, action):
            return None
        if action in _RESULTS:
            return self._absent(name for name in _unknown(answer.get(_RESULTS[action])))
        if answer.get("status") not in _REFUSALS:
            return None
        call = next((one for one in ledger.since(since, event.seq) if _is_call(one, event)), None)
        asked: Any = {} if call is None else call.fields["payload"]
        # Its NotSupported speaks of the key, not of the message (1.6, ConfigurationStatus).
        if action == "ChangeConfiguration":
            return self._absent([str(asked.get("key"))])
        return self._lacks(end, action, asked.get("requestedMessage"))

    def _absent(self, names: Iterable[str]) -> str | None:
        absent = {name.casefold(): name for name in self._built.absent}
        found = next((absent[name.casefold()] for name in names if name.casefold() in absent), None)
        return None if found is None else f"the simulated charger does not have {found} yet"

    def _request(self, step: Step) -> _Request | None:
        fields, spec = step.fields, self._registry.verbs.get(step.verb or "")
        if spec is None:
            return None
        if spec.calls == "csms":
            payload = fields.get("payload")
            message = payload.get("requestedMessage") if isinstance(payload, Mapping) else None
            return _Request("charger", fields.get("action"), message)
        if spec.calls == "charger":
            return _Request("csms", fields.get("action"))
        action = spec.actions.get(self._version)
        return None if action is None else _Request("charger", action, fields.get("message"))

    def _lacks(self, end: Side, action: Any, message: Any) -> str | None:
        if not isinstance(action, str) or not is_known_action(self._version, action):
            return None
        if not sends(_OTHER[end], self._version, action) or self._is_programmed(end, action):
            return None  # a call of the wrong side breaks a rule, and nothing is missing
        done = self._built.charger if end == "charger" else self._built.csms
        who = "the simulated charger" if end == "charger" else "the built-in CSMS"
        if done is not None and action not in done:
            return f"{who} does not do {action} of OCPP {self._version.value} yet"
        triggers = self._built.triggers
        if action == _TRIGGER and isinstance(message, str) and triggers is not None and message not in triggers:
            return f"{who} cannot be triggered to send {message} yet"
        return None

    def _is_programmed(self, end: Side, action: str) -> bool:
        whole = (fields.get("to") for one, fields in self._programmed if one == end and _WHOLE & fields.keys())
        return any(to == action or _is_computed(to) for to in whole)

    def _programmable(self, end: Side, fields: Mapping[str, Any]) -> str | None:
        if _WHOLE & fields.keys():
            return None
        reason = self._lacks(end, fields.get("to"), None)
        return None if reason is None else f"{reason}, so that it has no answer to change or to delay"


def _may_hold(said: Any, action: str) -> bool:
    """Whether what a step sends is that message, or a text that may hold it."""
    if not isinstance(said, str):
        return said is not None
    return _is_computed(said) or pascal(said) == action or action in said


def _awaits_refusal(step: Step) -> bool:
    """Whether a step may be content with a refusal; the run then shows."""
    facets = () if step.expect is None else step.expect.facets
    return any(_is_refusal(facet) for facet in facets)


def _is_refusal(facet: FacetExpectation) -> bool:
    if facet.facet == "response":
        return bool(facet.fields) and not matches(dict(facet.fields), {"status": "Accepted"})
    if facet.facet == "message":
        return any("error_code" in fields or "type" in fields for fields in (facet.fields, *facet.sequence))
    return facet.facet == "call_error"


def _is_call(one: Event, answer: Event) -> bool:
    return (
        one.kind == "frame"
        and one.fields.get("type") == "call"
        and one.fields.get("message_id") == answer.fields.get("message_id")
        and one.fields.get("direction") != answer.fields.get("direction")
    )


def _unknown(results: Any) -> Iterator[str]:
    """The variables of which an answer says that they are not there, as ``Component.Variable``."""
    for result in results or ():
        if result.get("attributeStatus") in ("UnknownComponent", "UnknownVariable"):
            yield f"{result['component']['name']}.{result['variable']['name']}"


def _is_computed(value: Any) -> bool:
    return isinstance(value, str) and "${{" in value


def _said(value: Any, variables: Mapping[str, Any]) -> Any:
    """A value as it is written, or the variable that it is; None when only the run knows."""
    if not _is_computed(value):
        return value
    inner = str(value).strip().removeprefix("${{").removesuffix("}}").strip()
    return variables.get(inner)
