"""What a plugin's verb says of itself holds as it does for the built-in ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from ocpplab_runner.api import (
    FieldSpec,
    InvalidScenario,
    StepContext,
    StepResult,
    Verb,
    VerbSpec,
    hookimpl,
    run_scenario,
)

FIELDS = (FieldSpec("action", {"type": "string"}, "x"), FieldSpec("payload", {"type": "object"}, "x"))
REPLY = (
    FieldSpec("to", {"type": "string"}, "x", True),
    FieldSpec("payload", {"type": "object"}, "x"),
    FieldSpec("error", {"type": "string"}, "x"),
)
SET = (
    FieldSpec("settings", {"type": "object"}, "x", means="settings"),
    FieldSpec("cards", {"type": "object"}, "x", means="cards"),
)
WHY = (FieldSpec("reason", {"type": "string"}, "x", means="stop_reason"),)


async def _call(context: StepContext, fields: Mapping[str, Any]) -> StepResult:
    sent = await context.stage.call(context.charger, fields["action"], fields.get("payload", {}), raw=context.raw)
    return StepResult(call=sent)


async def _nothing(context: StepContext, fields: Mapping[str, Any]) -> None:
    """Do nothing."""


@hookimpl
def ocpplab_verbs() -> Iterable[Verb]:
    """One verb for each flag."""
    either = (FieldSpec("on", {"type": "boolean"}, "x"), FieldSpec("off", {"type": "boolean"}, "x"))
    return [
        Verb(VerbSpec("acme.ask", "x", "csms", FIELDS, calls="csms"), _call),
        Verb(VerbSpec("acme.answer", "x", "charger", REPLY, programs="charger"), _nothing),
        Verb(VerbSpec("acme.either", "x", "world", either, one_of=("on", "off")), _nothing),
        Verb(VerbSpec("acme.set", "x", "charger", SET, any_of=("settings", "cards")), _nothing),
        Verb(VerbSpec("acme.why", "x", "charger", WHY, shorthand="reason"), _nothing),
        Verb(VerbSpec("acme.think", "x", "flow", opens_window=False, idle=True), _nothing),
        Verb(VerbSpec("acme.press", "x", "flow", needs_operator=True), _nothing),
    ]


PLUGIN = SimpleNamespace(ocpplab_verbs=ocpplab_verbs)


def verdict(steps: str, more: str = "") -> tuple[str, str]:
    """What becomes of a case with these steps, and why."""
    run = run_scenario(f"name: x\nocpp: ['1.6']\n{more}steps: [{steps}]\n", plugins=[PLUGIN])
    (end,) = [one for one in run.records if one["type"] == "case" and one["phase"] == "end"]
    return str(end["verdict"]), str(end.get("reason", ""))


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("acme.ask: {action: Rest}", "Rest"),
        ("acme.ask: {action: Reset, payload: {kind: Soft}}", "kind"),
        ("acme.ask: {action: Reset, payload: {type: Soft}}, expect: {response: {status: Akzeptiert}}", "Akzeptiert"),
        ("acme.answer: {to: Reset, payload: {status: Perhaps}}", "Perhaps"),
        ("acme.set: {}", "'acme.set' needs 'settings' or 'cards'"),
        ("acme.set: {settings: {connection_timeout: 1500ms}}", "whole seconds"),
        ("acme.set: {cards: {A: {status: Accepted, expires_in: 1h, expired_for: 1h}}}", "cannot both hold"),
        ("acme.why: Whim", "Whim"),
        ("acme.why: {reason: Whim}", "Whim"),
        ("acme.either: {}", "'acme.either' needs 'on' or 'off'"),
        ("acme.either: {on: true, off: true}", "'on' and 'off' cannot both stand here"),
    ],
)
def test_check_reads_what_it_writes_out(step: str, told: str) -> None:
    """Actions and payloads by OCPP's schemas, and fields that exclude each other."""
    with pytest.raises(InvalidScenario, match=told):
        verdict(f"{{{step}}}")


def test_its_call_is_the_scenarios_own() -> None:
    """What answers it can be expected."""
    assert verdict("{acme.ask: {action: GetLocalListVersion}, expect: {response: {listVersion: 0}}}")[0] == "passed"


def test_who_does_nothing_has_done_nothing() -> None:
    """The case is skipped, unless it must merely run."""
    assert verdict("{acme.think: }, {acme.think: }")[0] == "skipped"
    assert verdict("{acme.think: }", "smoke: true\n")[0] == "passed"


def test_who_needs_an_operator_waits_for_none() -> None:
    """Nobody is there in a test."""
    assert verdict("{acme.press: }") == ("blocked", "acme.press needs an operator, and nobody is there")
