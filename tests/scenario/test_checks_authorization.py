"""What check says of ``given.charger.authorization`` and of verbs about tokens."""

from __future__ import annotations

import pytest

from .kit import load, steps

V16 = 'ocpp: ["1.6"]\n'
LONG = "CARD-OF-TWENTY-ONE-CH"


def given(authorization: str, more: str = "") -> str:
    """A charger with these options."""
    return f"{V16}given: {{charger: {{authorization: {authorization}{more}}}}}\n"


REFUSED = [
    (given("{quirks: [stuck-siblings]}"), "- wait: 1s", "value-not-allowed", "stuck-siblings"),
    (given("{validators: [cms]}"), "- wait: 1s", "value-not-allowed", "cms"),
    (given("{validators: []}"), "- wait: 1s", "wrong-length", "empty"),
    (given("{validators: [{verdicts: {}}]}"), "- wait: 1s", "missing-key", "'name'"),
    (given("{validators: [{name: gate, verdicts: {A: Acepted}}]}"), "- wait: 1s", "value-not-allowed", "Acepted"),
    (given("{validators: [{name: a}, csms, {name: a}]}"), "- wait: 1s", "duplicate-id", "'a'"),
    (given("{validators: [csms, csms]}"), "- wait: 1s", "duplicate-id", "'csms'"),
    (given("{selection_algorithm: Userinput}"), "- wait: 1s", "value-not-allowed", "Userinput"),
    (given("{plugin_timeout: true}"), "- wait: 1s", "unknown-key", "'plugin_timeout'"),
    (
        given("{validators: [{name: g, otherwise: {expires_in: 1h, expiry_time: '2030-01-01T00:00:00Z'}}]}"),
        "- wait: 1s",
        "conflicting-keys",
        "cannot both",
    ),
    (
        given("{master_pass_group: M}", ", settings: {master_pass_group: N}"),
        "- wait: 1s",
        "conflicting-keys",
        "settings",
    ),
    (given(f"{{validators: [{{name: g, verdicts: {{{LONG}: Accepted}}}}]}}"), "- wait: 1s", "token-too-long", "21"),
    (V16, f"- provide_token: {LONG}", "token-too-long", "21"),
    (V16, f"- provide_token: {{id_token: {{value: {LONG}}}}}", "token-too-long", "21"),
    (V16, "- provide_token: {id_token: A, authorization_type: Rfid}", "value-not-allowed", "Rfid"),
    (V16, "- provide_token: {}", "missing-key", "'id_token'"),
    (V16, "- withdraw_authorization: {evse_id: 3}", "unknown-evse", "1 EVSE"),
    (V16, "- select_evse: 3", "unknown-evse", "1 EVSE"),
    (V16, "- validation_result_update: {evse_id: 1}", "missing-key", "'validation_result'"),
]


@pytest.mark.parametrize(("head", "body", "code", "message"), REFUSED, ids=lambda value: str(value)[:60])
def test_refused(head: str, body: str, code: str, message: str) -> None:
    """Exactly one problem, with its code and in words that name it."""
    (found,) = load(steps(body, head)).diagnostics
    assert (found.code, message in found.message) == (code, True), found


ROWS = """cases:
  - {name: none, quirks: [], who: [csms], how: FindFirst}
  - {name: one, quirks: QUIRKS, who: WHO, how: HOW}
"""


def rows(quirks: str = "[stuck-sibling]", who: str = "[csms, {name: gate}]", how: str = "PlugEvents") -> str:
    """Options that the rows of cases give."""
    options = "{quirks: '${{ quirks }}', validators: '${{ who }}', selection_algorithm: '${{ how }}'}"
    return given(options) + ROWS.replace("QUIRKS", quirks).replace("WHO", who).replace("HOW", how)


def test_a_list_may_be_computed() -> None:
    """So rows can switch quirks, and have none."""
    assert load(steps("- wait: 1s", rows())).diagnostics == []


@pytest.mark.parametrize(
    ("head", "code", "message", "hint"),
    [
        (rows(quirks="[stuck-siblings]"), "value-not-allowed", "'stuck-siblings'", "'stuck-sibling'"),
        (rows(quirks="stuck-sibling"), "wrong-type", "'stuck-sibling'", "stuck-sibling"),
        (rows(who="[cms]"), "value-not-allowed", "'cms'", "'csms'"),
        (rows(how="Foo"), "value-not-allowed", "'Foo'", "FindFirst"),
    ],
)
def test_what_rows_give_is_checked(head: str, code: str, message: str, hint: str) -> None:
    """A wrong value of a row is told where it is used, with what there is."""
    (found,) = load(steps("- wait: 1s", head)).diagnostics
    assert (found.code, message in found.message, hint in found.hint) == (code, True, True), found
    assert found.span.line == 3


ALLOWED = [
    (given("{validators: [csms, {name: gate, verdicts: {A: PinRequired}, otherwise: Timeout}]}"), "- wait: 1s"),
    (given("{quirks: [stuck-sibling, lingering-withdrawal]}"), "- wait: 1s"),
    (V16, "- provide_token: {id_token: {value: A, type: eMAID}, authorization_type: PlugAndCharge, connectors: [1]}"),
    (V16, "- withdraw_authorization:\n- withdraw_authorization: {}\n- withdraw_authorization: {id_token: A}"),
    (V16, "- withdraw_authorization: {evse_id: 3}\n  expect: {withdrawal: EvseNotFound}"),
    (V16, "- validation_result_update: {evse_id: 1, validation_result: Blocked}"),
    (V16, "- set_configuration: {settings: {master_pass_group: M}}"),
    (V16, "- expect: {validation_result: PinRequired, certificate_status: CertChainError, reservation: Used}"),
    (V16, "- expect: {authorized_evse: {is: 2, status: NotAtThisLocation}, token_status: UsedToReauthorize}"),
]


@pytest.mark.parametrize(("head", "body"), ALLOWED, ids=lambda value: str(value)[:60])
def test_allowed(head: str, body: str) -> None:
    """No problem at all."""
    assert load(steps(body, head)).diagnostics == []


HINTS = [
    (V16, "- validation_result_update: {connector_id: 1, validation_result: Accepted, evse_id: 1}", "'evse_id'"),
    (
        V16,
        "- validation_result_update: {evse_id: 1, validation_result: {authorization_status: Blocked, status: Blocked}}",
        "'authorization_status'",
    ),
    (given("{validators: [{name: g, otherwise: {authorization_status: Blocked}}]}"), "- wait: 1s", "'status'"),
    (given("{connection_timeout: 5s}"), "- wait: 1s", "{settings: {connection_timeout: …}}"),
    (
        V16,
        "- never: [{auth_status: Accepted}, {transaction: started}]\n  for: 1s",
        "never: {auth_status: …, transaction: …}",
    ),
    (V16, "- never: [{auth_status: Accepted}, {auth_status: Blocked}]\n  for: 1s", "a step for each"),
]


@pytest.mark.parametrize(("head", "body", "hint"), HINTS, ids=lambda value: str(value)[:60])
def test_what_was_meant(head: str, body: str, hint: str) -> None:
    """Words of the other form, of EVerest, and of another place are led to the right ones."""
    found = load(steps(body, head)).diagnostics
    assert any(hint in one.hint for one in found), found
