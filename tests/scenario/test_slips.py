"""Slips that `check` finds where they are written: a question or a name that nothing answers to."""

from __future__ import annotations

import pytest

from tests.scenario.kit import load

_HEAD = "name: x\nocpp: ['1.6']\nsmoke: true\n"


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("vars: {pin: '12345'}\nsecrets: [pni]\nsteps: [{log: '${{ pin }}'}]", "undefined-variable", "'pin'"),
        (
            "steps: [{wait: 1s, expect: {meter: {}}, save: {x: meter.timestmp}}, {log: '${{ x }}'}]",
            "bad-save-path",
            "timestamp",
        ),
        (
            "steps: [{clear_cache: {}, expect: {response: none, call_error: NotSupported}}]",
            "conflicting-keys",
            "response",
        ),
        (
            "steps: [{clear_cache: {}, expect: {response: none}, save: {x: response.status}}, {log: '${{ x }}'}]",
            "expectation-without-call",
            "response: none",
        ),
        ("steps: [{log: '${{ env }}'}]", "expression-error", "env.NAME"),
        ("steps: [{log: '${{ len(str(env)) }}'}]", "expression-error", "env.NAME"),
    ],
)
def test_a_slip_is_found(text: str, code: str, words: str) -> None:
    """With what was probably meant."""
    found = load(_HEAD + text).diagnostics
    assert [one.code for one in found if one.severity == "error"] == [code]
    assert words in found[0].message + found[0].hint


@pytest.mark.parametrize(
    "text",
    [
        "vars: {pin: '12345'}\nsecrets: [pin]\nsteps: [{log: '${{ pin }}'}]",
        "steps: [{wait: 1s, expect: {meter: {}}, save: {x: meter.timestamp}}, {log: '${{ x }}'}]",
        "steps: [{clear_cache: {}, expect: {response: none}}]",
        "steps: [{log: '${{ env.HOME }}'}]",
    ],
)
def test_its_twin_is_fine(text: str) -> None:
    """Nothing is said of it."""
    assert [one for one in load(_HEAD + text).diagnostics if one.severity == "error"] == []


@pytest.mark.parametrize("card", ["CARD-FLEET", "CRAD-FLEET", "CARD_FLEET", "CARDFLEET-1", "CARD-FLET-1"])
def test_a_card_that_is_nearly_a_given_one_is_asked_about(card: str) -> None:
    """With the one that was meant; that is a warning."""
    given = "given: {csms: {id_tokens: {CARD-FLEET-1: Accepted, CARD-FLEET: Blocked}}}"
    text = f"{_HEAD}{given}\nsteps: [{{authorize_id_tag: {card}}}]"
    found = [(one.code, one.severity) for one in load(text).diagnostics]
    assert found == ([] if card == "CARD-FLEET" else [("unknown-card", "warning")])


@pytest.mark.parametrize(
    "step",
    [
        "{authorize_id_tag: CARD-2}",
        "{authorize_id_tag: CARD-A}",
        "{authorize_id_tag: UNKNOWN}",
        "{authorize_id_tag: card-1}",
        "{authorize_id_tag: CRAD-1, expect: Invalid}",
        "{authorize_id_tag: CRAD-1, raw: true}",
        "{update_id_tokens: {CRAD-1: Blocked}}",
    ],
)
def test_another_card_is_none_of_our_business(step: str) -> None:
    """A card that nobody knows is what many scenarios are about."""
    assert load(f"{_HEAD}given: {{csms: {{id_tokens: {{CARD-1: Accepted}}}}}}\nsteps: [{step}]").diagnostics == []


@pytest.mark.parametrize(
    ("step", "facet"),
    [
        ("{update_id_tokens: {CARD-1: Blocked}, expect: Blocked}", "auth_status"),
        (
            "{set_configuration: {settings: {heartbeat_interval: 30s}}, expect: {configuration: Accepted}}",
            "configuration",
        ),
    ],
)
def test_an_expectation_that_no_message_meets_is_asked_about(step: str, facet: str) -> None:
    """Beside a change of which nobody is told."""
    [found] = load(f"{_HEAD}steps: [{step}]").diagnostics
    assert (found.code, found.severity) == ("unlikely-event", "warning")
    assert f"no '{facet}' follows" in found.message
