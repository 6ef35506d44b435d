"""CALLERRORs to what the charger sent: a warning and a failure with --strict, unless they are wanted or deserved."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocpplab_runner.engine.judging.intended_violations import IntendedViolations
from ocpplab_runner.engine.judging.programmed import ProgrammedReplies
from ocpplab_runner.engine.judging.unexpected import unexpected_answers
from ocpplab_runner.engine.recording.ledger import Ledger
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.plugin.stage import SentCall
from ocpplab_runner.plugin.verb import StepResult
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.engine.suite_kit import failure, run_texts


@pytest.mark.parametrize(
    "steps",
    [
        "[{csms_reply: {to: Heartbeat, error: InternalError}}, {proxy_message: {action: Heartbeat, payload: {}},"
        " expect: {call_error: InternalError}}]",
        "[{csms_reply: {to: Heartbeat, error: InternalError, times: 2}}, {trigger_message: Heartbeat,"
        " expect: {response: {status: Accepted}}}]",
        # What the charger has broken is its violation, and the CSMS is right.
        "[{proxy_message: {action: Heartbeat, payload: {x: 1}}, raw: true, expect: {call_error: {}}}]",
        "[{proxy_message: {action: Heartbeat, payload: {x: 1}}, raw: true, expect: {message: {action: Heartbeat,"
        " from: csms, type: error}}}]",
        "[{proxy_message: {action: ClearCache, payload: {}}, raw: true, expect: {call_error: NotSupported}}]",
    ],
)
def test_what_is_wanted_or_deserved_is_no_complaint(steps: str, tmp_path: Path) -> None:
    """Programmed, expected, or the answer to what breaks a rule."""
    outcome = run_texts(tmp_path, f"steps: {steps}\n", strict=True)
    assert outcome.verdicts() == ["passed"], failure(outcome)
    assert "warnings" not in outcome.end()


class _World:
    """A ledger of one charger whose time goes on by hand."""

    def __init__(self) -> None:
        self.now = 0.0
        self.ledger = Ledger(now=lambda: self.now)
        self.ledger.add_charger("A", OcppVersion.V16)
        self.programmed = ProgrammedReplies()
        self.intended = IntendedViolations()

    def call(self, message_id: str, action: str = "Heartbeat", **more: object) -> None:
        self._frame(action, "to_csms", "call", message_id, {"payload": {}, **more})

    def answer(self, message_id: str, action: str = "Heartbeat") -> None:
        self._frame(action, "to_charger", "result", message_id, {"payload": {}})

    def error(self, message_id: str, action: str = "Heartbeat", code: str = "InternalError") -> None:
        self._frame(action, "to_charger", "error", message_id, {"error_code": code})

    def refused(self, message_id: str, action: str = "Heartbeat", code: str = "InternalError") -> None:
        self.call(message_id, action)
        self.error(message_id, action, code)

    def violation(self, message_id: str, by: str = "charger", weight: str = "must") -> None:
        fields = {"by": by, "weight": weight, "message_id": message_id}
        self.ledger.record(Observation("violation", "schema", "A", self.now, fields))

    def reply(self, **fields: object) -> None:
        self.programmed.add("A", fields, self.ledger.position)

    def close(self) -> None:
        self.ledger.record(Observation("fact", "connection", "A", self.now, {"is": "closed"}))

    def told(self) -> list[str]:
        found = unexpected_answers(self.ledger, self.programmed, self.intended, patience=30.0, now=self.now)
        return [text for text, _ in found]

    def _frame(self, action: str, direction: str, kind: str, message_id: str, more: dict[str, object]) -> None:
        fields = {"direction": direction, "type": kind, "message_id": message_id, **more}
        self.ledger.record(Observation("frame", action, "A", self.now, fields))


_HEARTBEAT = "the CSMS answered Heartbeat of A with CALLERROR InternalError"
_SILENT = "the CSMS did not answer Heartbeat of A within 30 s"


def test_each_error_is_told_once() -> None:
    """With how often it came; a CALLERROR of the charger is another matter."""
    world = _World()
    for message_id in ("1", "2"):
        world.refused(message_id)
    world.refused("3", "MeterValues", "GenericError")
    world._frame("Reset", "to_csms", "error", "4", {"error_code": "InternalError"})
    assert world.told() == [
        f"{_HEARTBEAT} (2 times)",
        "the CSMS answered MeterValues of A with CALLERROR GenericError",
    ]


@pytest.mark.parametrize(
    ("reply", "left"),
    [
        ({"to": "Heartbeat", "error": "InternalError"}, 2),
        ({"to": "Heartbeat", "error": "InternalError", "times": 2}, 1),
        ({"to": "Heartbeat", "error": "InternalError", "times": "always"}, 0),
        ({"to": "Heartbeat", "error": "GenericError", "times": "always"}, 3),
        ({"to": "MeterValues", "error": "InternalError", "times": "always"}, 3),
        ({"to": "Heartbeat", "payload": {}, "times": "always"}, 3),
        ({"to": "Heartbeat", "error": "InternalError", "times": "always", "matching": {"x": 1}}, 3),
    ],
)
def test_a_programmed_error_excuses_what_it_gives(reply: dict[str, object], left: int) -> None:
    """As often as it says, that code, for those calls; programmed by a step or from the start."""
    for from_the_start in (False, True):
        world = _World()
        if from_the_start:
            world.programmed.given({"replies": [{**reply, "raw": True}]})
        else:
            world.reply(**reply)
        for message_id in ("1", "2", "3"):
            world.refused(message_id)
        times = f" ({left} times)" if left > 1 else ""
        assert world.told() == ([f"{_HEARTBEAT}{times}"] if left else [])


def test_an_error_before_it_was_programmed_is_none_of_it() -> None:
    """A rule is for the calls that come after it; those of another charger have rules of their own."""
    world = _World()
    world.refused("1")
    world.reply(to="Heartbeat", error="InternalError")
    assert world.told() == [_HEARTBEAT]
    other = _World()
    other.programmed.add("B", {"to": "Heartbeat", "error": "InternalError"}, 0)
    other.refused("1")
    assert other.told() == [_HEARTBEAT]


@pytest.mark.parametrize(
    ("by", "weight", "excused"),
    [("charger", "must", True), ("charger", "should", False), ("csms", "must", False)],
)
def test_only_what_the_charger_must_not_do_deserves_an_error(by: str, weight: str, excused: bool) -> None:
    """Advice that it does not follow leaves its message one that the CSMS must take; so does what the CSMS breaks."""
    for answered in (True, False):
        world = _World()
        world.call("0", "BootNotification")
        world.answer("0", "BootNotification")
        world.call("1")
        world.violation("1", by, weight)
        if answered:
            world.error("1")
        world.now = 30.0
        assert world.told() == ([] if excused else [_HEARTBEAT if answered else _SILENT])


@pytest.mark.parametrize(
    ("seconds", "reply", "told"),
    [
        (30.0, {}, [_SILENT]),
        (29.0, {}, []),
        (90.0, {"to": "Heartbeat", "silence": True}, []),
        (90.0, {"to": "Heartbeat", "garbage": "[]"}, []),
        (90.0, {"to": "Heartbeat", "delay": "40s"}, []),
        (90.0, {"to": "Heartbeat", "payload": {}}, [_SILENT]),
        (90.0, {"to": "Heartbeat", "error": "InternalError"}, [_SILENT]),
        (90.0, {"to": "MeterValues", "silence": True}, [_SILENT]),
    ],
)
def test_a_call_that_is_not_answered(seconds: float, reply: dict[str, object], told: list[str]) -> None:
    """Once it has had its time, whether the connection ends or the case does."""
    for closes in (True, False):
        world = _World()
        world.call("0", "BootNotification")
        world.answer("0", "BootNotification")
        if reply:
            world.reply(**reply)
        world.call("1")
        world.now = seconds
        if closes:
            world.close()
            world.now += 100.0
        assert world.told() == told


def test_silence_that_is_nobodys_fault() -> None:
    """Answered late, wanted, a call that is broken, or one on purpose."""
    world = _World()
    for message_id in ("late", "wanted", "raw"):
        world.call(message_id)
    world.call("broken", invalid="x is missing")
    world.intended.want_silence("A", "wanted")
    world.intended.note("A", StepResult(call=SentCall("raw", "Heartbeat")))
    world.now = 90.0
    world.answer("late")
    assert world.told() == []


def test_a_call_that_is_lost_with_its_connection_is_not_unanswered() -> None:
    """Nobody knows whether it has arrived; it is only over once, whatever comes later."""
    world = _World()
    world.call("0", "BootNotification")
    world.answer("0", "BootNotification")
    world.call("1")
    world.now = 20.0
    world.close()
    world.now = 90.0
    world.close()
    assert world.told() == []


def test_where_no_answer_can_be_seen_none_is_missed() -> None:
    """Some logs hold calls only."""
    world = _World()
    world.call("1")
    world.now = 90.0
    assert world.told() == []
