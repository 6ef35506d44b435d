"""Violations that a scenario wants (``raw: true``, ``response: none``): nobody's fault but its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner.plugin.events import Event
from ocpplab_runner.plugin.verb import StepResult
from ocpplab_runner.vocabulary.directions import Side

#: In place of a charger's name.
_EVERY = "*"


class IntendedViolations:
    """Remembers what raw steps have sent or programmed."""

    def __init__(self) -> None:
        self._message_ids: set[tuple[str, str]] = set()
        self._answers: set[tuple[str, str, str]] = set()
        self._silences: set[tuple[str, str]] = set()

    def given(self, replies: Any) -> None:
        """The CSMS's answers that are programmed from the start."""
        for reply in replies or ():
            if reply.get("raw") is True:
                self._answers.add((_EVERY, "csms", str(reply.get("to"))))

    def want_silence(self, charger: str, message_id: str) -> None:
        """A step has said ``response: none`` of its call."""
        self._silences.add((charger, message_id))

    def answers(self, charger: str, side: Side, rule: Mapping[str, Any]) -> None:
        """A raw step has programmed the answers of one side."""
        self._answers.add((charger, side, str(rule.get("to"))))

    def note(self, charger: str, result: StepResult) -> None:
        """A raw step has acted."""
        if result.call is not None:
            self._message_ids.add((charger, result.call.message_id))
        if result.outcome is not None and "message_id" in result.outcome.detail:
            self._message_ids.add((charger, str(result.outcome.detail["message_id"])))

    def has_sent(self, event: Event) -> bool:
        """Whether a raw step has sent the call that an event is, answers or is about."""
        return _key(event) in self._message_ids

    def wants_silence(self, call: Event) -> bool:
        """Whether a step wants no answer to that call, or has sent it raw, or its answers are programmed raw."""
        return _key(call) in self._silences or self.has_sent(call) or self._programs(call.charger, "csms", call.name)

    def covers(self, violation: Event) -> bool:
        """Whether the violation is one that a step has asked for."""
        fields = violation.fields
        if violation.name == "no-answer" and _key(violation) in self._silences:
            return True
        return self.has_sent(violation) or self._programs(violation.charger, fields.get("by"), fields.get("action"))

    def _programs(self, charger: str, by: Any, action: Any) -> bool:
        return (charger, by, action) in self._answers or (_EVERY, by, action) in self._answers


def _key(event: Event) -> tuple[str, str]:
    """Ids are a charger's own: others may use the same."""
    return event.charger, str(event.fields.get("message_id"))
