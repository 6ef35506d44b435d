"""What the CSMS made of the chargers' calls that nobody has programmed, caused on purpose or expected.

A CALLERROR, and no answer at all: each is worth a warning, and fails the case with ``--strict``. For messages of
transactions that nobody answers see :mod:`.undelivered`.
"""

from __future__ import annotations

from ocpplab_runner.engine.judging.intended_violations import IntendedViolations
from ocpplab_runner.engine.judging.programmed import Matching, ProgrammedReplies
from ocpplab_runner.engine.judging.refusals import is_judged
from ocpplab_runner.engine.judging.undelivered import message_of
from ocpplab_runner.engine.recording.ledger import Ledger
from ocpplab_runner.plugin.events import Event

_ANSWERS = frozenset({"result", "error", "malformed"})
#: Seconds by which the end of a call may be seen before its time-out.
_SLACK = 0.01


def unexpected_answers(
    ledger: Ledger, programmed: ProgrammedReplies, intended: IntendedViolations, *, patience: float, now: float
) -> list[tuple[str, Event]]:
    """What fails the case with ``--strict``; each once, with how often it came, and the first.

    A charger whose own call breaks a rule is told so by a violation; the CALLERROR that it gets is then right, and so
    is silence. Advice that it does not follow (``should``) excuses neither.

    Args:
        ledger: all that was seen, winding up included.
        programmed: the answers that the scenario has programmed.
        intended: what raw steps have sent, and the silences that are wanted.
        patience: seconds that the chargers wait for an answer.
        now: on the run's clock.
    """
    judge = _Judge(ledger, programmed.matched(), intended, patience)
    for event in ledger.since(0):
        if event.kind == "frame":
            judge.frame(event)
        elif event.kind == "fact" and event.name == "connection" and event.fields.get("is") == "closed":
            judge.close(event.at, event.charger)
    judge.close(now)
    return [
        (text + (f" ({len(events)} times)" if len(events) > 1 else ""), events[0])
        for text, events in judge.found.items()
    ]


class _Judge:
    """Goes through a ledger once."""

    def __init__(self, ledger: Ledger, matching: Matching, intended: IntendedViolations, patience: float) -> None:
        self._ledger = ledger
        self._matching = matching
        self._intended = intended
        self._patience = patience
        self._causes = {
            (violation.charger, violation.fields.get("message_id"))
            for violation in ledger.violations
            if violation.fields.get("by") == "charger" and violation.fields.get("weight") != "should"
        }
        self._open: dict[tuple[str, str], Event] = {}
        #: Chargers of which answers are seen at all: some logs hold calls only.
        self._answered: set[str] = set()
        self.found: dict[str, list[Event]] = {}

    def frame(self, event: Event) -> None:
        kind, upwards = event.fields.get("type"), event.fields.get("direction") == "to_csms"
        key = (event.charger, str(event.fields.get("message_id")))
        if kind == "call" and upwards:
            if "invalid" not in event.fields:
                self._matching.called(event)
                # Those of transactions are sent again until they are answered: .undelivered judges them.
                if message_of(event) is None:
                    self._open[key] = event
        elif kind in _ANSWERS and not upwards:
            self._answered.add(event.charger)
            self._open.pop(key, None)
            if kind == "error" and not self._excuses_error(event):
                self.found.setdefault(_told(event), []).append(event)

    def _excuses_error(self, event: Event) -> bool:
        return self._matching.is_error(event) or self._is_caused(event) or is_judged(event, self._ledger)

    def _is_caused(self, event: Event) -> bool:
        """Whether the call that this is or answers breaks a rule, or was sent as it is on purpose."""
        message_id = event.fields.get("message_id")
        return (event.charger, message_id) in self._causes or self._intended.has_sent(event)

    def close(self, at: float, charger: str | None = None) -> None:
        """The calls that are open will not be answered; those that had their time should have been."""
        for key, call in list(self._open.items()):
            if charger not in (None, call.charger):
                continue
            del self._open[key]
            if at - call.at >= self._patience - _SLACK and not self._excuses_silence(call):
                text = f"the CSMS did not answer {call.name} of {call.charger} within {self._patience:g} s"
                self.found.setdefault(text, []).append(call)

    def _excuses_silence(self, call: Event) -> bool:
        return (
            call.charger not in self._answered
            or self._matching.may_be_silent(call)
            or self._is_caused(call)
            or self._intended.wants_silence(call)
        )


def _told(event: Event) -> str:
    code, description = event.fields.get("error_code"), event.fields.get("error_description")
    text = f"the CSMS answered {event.name} of {event.charger} with CALLERROR {code}"
    return text + (f": {description}" if description else "")
