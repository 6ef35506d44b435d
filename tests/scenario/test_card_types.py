"""The warning for a card that is presented as another type than the CSMS is given it with."""

from __future__ import annotations

import pytest

from .kit import load

EMAID = "DEAB1C000000001"
ACCEPTED = "\n    expect: {token_status: Accepted}"
#: step that presents an eMAID as something else → how it is presented right
WRONG = [
    (f"authorize_id_tag: {EMAID}", f"authorize_id_tag: {{id_tag: {EMAID}, id_token_type: eMAID}}"),
    (f"authorize_id_tag: {EMAID.lower()}", f"authorize_id_tag: {{id_tag: {EMAID.lower()}, id_token_type: eMAID}}"),
    (f"authorize_id_tag: {{id_tag: {EMAID}, id_token_type: KeyCode}}", "authorize_id_tag: CARD-1"),
    ("authorize_id_tag: '${{ card }}'", "authorize_id_tag: {id_tag: '${{ card }}', id_token_type: eMAID}"),
    (f"start_session: {{id_tag: {EMAID}}}", "start_session: {id_tag: CARD-1}"),
    (f"reserve_now: {{id_tag: {EMAID}}}", "reserve_now: {id_tag: CARD-1}"),
    (f"remote_start: {EMAID}", f"remote_start: {{id_tag: {EMAID}, id_token_type: eMAID}}"),
    (f"provide_token: {EMAID}", f"provide_token: {{id_token: {EMAID}, authorization_type: PlugAndCharge}}"),
    (
        f"provide_token: {{id_token: {EMAID}, authorization_type: Autocharge}}",
        f"provide_token: {{id_token: {{value: {EMAID}, type: eMAID}}, authorization_type: Autocharge}}",
    ),
    (
        f"provide_token: {{id_token: {{value: {EMAID}, type: Local}}, authorization_type: PlugAndCharge}}",
        f"provide_token: {{id_token: {{value: {EMAID}}}, authorization_type: PlugAndCharge}}",
    ),
]
MEANT = [
    "\n    expect: {token_status: [Processing, Rejected]}",
    "\n    expect: {auth_status: Invalid}",
    "\n    expect: {token_status: {$not: Accepted}}",
    "\n    never: {transaction: started}\n    for: 1s",
    ACCEPTED + "\n    raw: true",
]


def text(step: str, ocpp: str = "2.0.1", known: str = "{status: Accepted, type: eMAID}") -> str:
    names = f"vars: {{card: {EMAID}}}\n" if "card }}" in step else ""
    cards = f"{{CARD-1: Accepted, {EMAID}: {known}}}"
    return f"name: X\nocpp: ['{ocpp}']\n{names}given: {{csms: {{id_tokens: {cards}}}}}\nsteps:\n  - {step}\n"


@pytest.mark.parametrize(("wrong", "right"), WRONG)
@pytest.mark.parametrize("expected", ["", ACCEPTED])
def test_a_card_of_another_type_is_warned_of(wrong: str, right: str, expected: str) -> None:
    """One warning; the file is sound all the same, and its twin has no finding."""
    expected = "" if expected and "remote_start" in wrong else expected
    result = load(text(wrong + expected))
    (found,) = result.diagnostics
    assert (found.severity, found.code, result.ok) == ("warning", "card-of-another-type", True)
    assert "is of type eMAID" in found.message
    assert load(text(right + expected)).diagnostics == []


@pytest.mark.parametrize("state", ["authorized", "charging", "reserved"])
@pytest.mark.parametrize(
    ("ocpp", "known", "warnings"),
    [
        ("2.0.1", "{status: Accepted, type: eMAID}", 1),
        ("1.6", "{status: Accepted, type: eMAID}", 0),
        ("2.0.1", "Accepted", 0),
    ],
)
def test_a_given_state_presents_cards_of_the_usual_type(state: str, ocpp: str, known: str, warnings: int) -> None:
    """Its recipe says no type; one warning at the card."""
    given = f"{{csms: {{id_tokens: {{{EMAID}: {known}}}}}, state: {{{state}: {{id_tag: {EMAID}}}}}}}"
    result = load(f"name: X\nocpp: ['{ocpp}']\ngiven: {given}\nsteps:\n  - wait: 1s\n    expect: {{heartbeat: {{}}}}\n")
    assert [(one.code, one.severity) for one in result.diagnostics] == [("card-of-another-type", "warning")] * warnings


@pytest.mark.parametrize("meant", MEANT)
def test_nothing_is_said_where_it_is_meant(meant: str) -> None:
    """A refusal is expected, or the step says so."""
    assert load(text(f"authorize_id_tag: {EMAID}" + meant)).diagnostics == []


@pytest.mark.parametrize(
    ("ocpp", "known"),
    [("2.0.1", "Accepted"), ("2.0.1", "{status: Accepted}"), ("1.6", "{status: Accepted, type: eMAID}")],
)
def test_nothing_is_said_where_nobody_names_a_type(ocpp: str, known: str) -> None:
    """`given` says none, or the version carries none."""
    assert load(text(f"authorize_id_tag: {EMAID}" + ACCEPTED, ocpp, known)).diagnostics == []


@pytest.mark.parametrize(("told", "warnings"), [("Accepted", 0), ("{status: Accepted, type: KeyCode}", 1)])
def test_what_the_csms_is_told_later_is_what_counts(told: str, warnings: int) -> None:
    """A card may get another type, or none."""
    step = f"update_id_tokens: {{{EMAID}: {told}}}\n  - authorize_id_tag: {EMAID}" + ACCEPTED
    assert len(load(text(step)).diagnostics) == warnings
