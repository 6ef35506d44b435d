"""Breaches of the protocol that a scenario wants (``raw: true``, ``response: none``): nobody's fault but its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner.plugin.events import Event
from ocpplab_runner.plugin.verb import StepResult

#: Verbs that programme the answers of one side, and which side that is.
_ANSWERING = {"csms_reply": "csms", "charger_reply": "charger"}


class Deliberate:
    """Remembers what raw steps have sent or programmed."""

    def __init__(self) -> None:
        self._message_ids: set[str] = set()
        self._answers: set[tuple[str, str]] = set()
        self._silences: set[str] = set()

    def given(self, replies: Any) -> None:
        """The CSMS's answers that are programmed from the start."""
        for reply in replies or ():
            if reply.get("raw") is True:
                self._answers.add(("csms", str(reply.get("to"))))

    def want_silence(self, message_id: str) -> None:
        """A step has said ``response: none`` of its call."""
        self._silences.add(message_id)

    def note(self, verb: str | None, fields: Mapping[str, Any], result: StepResult | None) -> None:
        """A raw step has acted."""
        if verb in _ANSWERING:
            self._answers.add((_ANSWERING[verb], str(fields.get("to"))))
        if result is None:
            return
        if result.call is not None:
            self._message_ids.add(result.call.message_id)
        if result.outcome is not None and "message_id" in result.outcome.detail:
            self._message_ids.add(str(result.outcome.detail["message_id"]))

    def has_sent(self, message_id: Any) -> bool:
        """Whether a raw step has sent that call."""
        return message_id in self._message_ids

    def wants_silence(self, call: Event) -> bool:
        """Whether a step wants no answer to that call, or has sent it raw, or its answers are programmed raw."""
        message_id = call.fields.get("message_id")
        return message_id in self._silences or message_id in self._message_ids or ("csms", call.name) in self._answers

    def covers(self, violation: Event) -> bool:
        """Whether the violation is one that a step has asked for."""
        fields = violation.fields
        if violation.name == "no-answer" and fields.get("message_id") in self._silences:
            return True
        return (
            fields.get("message_id") in self._message_ids or (fields.get("by"), fields.get("action")) in self._answers
        )
