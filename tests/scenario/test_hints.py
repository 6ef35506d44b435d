"""What people write who do not know the language yet, and what check answers."""

from __future__ import annotations

import pytest

from .kit import load, steps

V3 = 'ocpp: ["1.6", "2.0.1", "2.1"]\n'

# (head, steps, code, message, hint), each exactly
FOUND = [
    # a number with a unit
    (
        "given: {charger: {max_power_w: 11kW}}\n",
        "- wait: 1s",
        "wrong-type",
        "this is text, not a number",
        "it is in W: 11000",
    ),
    ("", "- power_update: {power_w: 7.4 kW}", "wrong-type", "this is text, not a whole number", "it is in W: 7400"),
    (
        "",
        "- power_update: {power_w: 16A}",
        "wrong-type",
        "this is text, not a whole number",
        "it is in W, and a number alone",
    ),
    (
        "",
        "- limit_transaction: {cost: 5 EUR}",
        "wrong-type",
        "this is text, not a number",
        "write the number alone: 5",
    ),
    (
        "",
        '- expect: {meter: {power_w: ">5kW"}}',
        "wrong-type",
        "this is text, not a number",
        "write a matcher: {$gt: …}",
    ),
    # in the wrong place
    (
        "given: {id_tokens: {CARD-1: Accepted}}\n",
        "- wait: 1s",
        "unknown-key",
        "'given' has no key 'id_tokens'",
        "'id_tokens' belongs into given.csms",
    ),
    (
        "given: {evses: 2}\n",
        "- wait: 1s",
        "unknown-key",
        "'given' has no key 'evses'",
        "'evses' belongs into given.charger",
    ),
    (
        "given: {charger: {state: booted}}\n",
        "- wait: 1s",
        "unknown-key",
        "a charger has no key 'state'",
        "'state' belongs into given",
    ),
    ("charger: {}\n", "- wait: 1s", "unknown-key", "a scenario has no key 'charger'", "'charger' belongs into given"),
    (
        "expect: Accepted\n",
        "- wait: 1s",
        "unknown-key",
        "a scenario has no key 'expect'",
        "'expect' belongs into a step",
    ),
    # an expression without quotes where its braces are YAML's
    (
        "",
        "- set_display_message: {message_id: 1, text: ${{ hello }}}",
        "yaml-syntax",
        "did not find expected ',' or '}' while parsing a flow mapping",
        'between { } or [ ] an expression needs quotes: "${{ … }}"',
    ),
    # a misspelt modifier by itself
    ("", "- expects: {heartbeat: {}}", "unknown-key", "a step has no 'expects'", "did you mean 'expect'?"),
    (
        "",
        "- never: {transaction: started}",
        "missing-key",
        "'never' stands here without 'for'",
        "say how long is watched, in the step: `for: 1m`",
    ),
    # a word where fields are wanted
    (
        "",
        "- trigger_message: Heartbeat\n  expect: {response: Accepted}",
        "value-not-allowed",
        "'Accepted' is not allowed here",
        "write `response: {status: Accepted}`; `response: none` wants silence",
    ),
    (
        "",
        "- set_display_message: hello",
        "wrong-type",
        "this is text, not a mapping",
        "name the fields: {message_id: …, text: hello}",
    ),
    (
        "",
        "- set_display_message: {id: 1, text: hello}",
        "unknown-key",
        "'set_display_message' has no key 'id'",
        "did you mean 'message_id'?",
    ),
    ("", "- limit_transaction: 5", "wrong-type", "this is a number, not a mapping", "name the field: {cost: 5}"),
    (
        "",
        "- change_password: 'sixteen-letters-1'",
        "wrong-type",
        "this is text, not a mapping",
        "name the field: {password: …}",
    ),
    (
        "",
        "- clear_charging_profile: TxProfile",
        "wrong-type",
        "this is text, not a whole number",
        "name the field: {purpose: TxProfile}",
    ),
    (
        "given: {charger: {basic_auth: sixteen-letters-1}}\n",
        "- wait: 1s",
        "wrong-type",
        "this is text, not a mapping",
        "its keys: user, password",
    ),
    # what cannot both hold, and a part of a name
    (
        "",
        "- set_charging_profile: {limit: 6, periods: [{start: 0s, limit: 5}]}",
        "conflicting-keys",
        "'limit' and 'periods' cannot both stand here",
        "",
    ),
    (
        V3 + "given: {charger: {settings: {sampled_measurands: [Energy.Reactive]}}}\n",
        "- trigger_message: Heartbeat\n  expect: {heartbeat: {}}",
        "wrong-setting-value",
        "OCPP 1.6, 2.0.1 and 2.1 have no measurand 'Energy.Reactive'",
        "there are Energy.Reactive.Export.Interval, Energy.Reactive.Export.Register, Energy.Reactive.Import.Interval,"
        " Energy.Reactive.Import.Register, Energy.Reactive.Net",
    ),
    # words from elsewhere
    ("", "- plug: 1", "unknown-verb", "there is no verb 'plug'", "did you mean 'plug_connector'?"),
    ("", "- present_card: C", "unknown-verb", "there is no verb 'present_card'", "did you mean 'authorize_id_tag'?"),
    ("", "- sleep: 5s", "unknown-verb", "there is no verb 'sleep'", "did you mean 'wait'?"),
    (
        "given: {charger: {evse_count: 2}}\n",
        "- wait: 1s",
        "unknown-key",
        "a charger has no key 'evse_count'",
        "did you mean 'evses'?",
    ),
    (
        "",
        "- connector_status: Charging",
        "unknown-verb",
        "'connector_status' is no verb; it is something to expect",
        "write `expect: {connector_status: …}`",
    ),
    (
        "",
        "- transaction: started",
        "unknown-verb",
        "'transaction' is no verb; it is something to expect",
        "write `expect: {transaction: …}`",
    ),
    (
        "",
        "- plug_connector: 1\n  connector_status: Preparing",
        "unknown-key",
        "a step has no 'connector_status'; it is something to expect",
        "write `expect: {connector_status: …}`",
    ),
    # a plugin that is not there, and words that nobody knows
    (
        "",
        "- acme.open_door: {}\n  expect: {connector_status: Available}",
        "unknown-verb",
        "there is no verb 'acme.open_door'",
        "no loaded plugin has it; `--plugin MODULE` loads one",
    ),
    (
        "",
        "- acme.open_door: {}",
        "unknown-verb",
        "there is no verb 'acme.open_door'",
        "no loaded plugin has it; `--plugin MODULE` loads one",
    ),
    (
        "",
        "- expect: {acme.door: open}",
        "unknown-facet",
        "there is no facet 'acme.door'",
        "no loaded plugin has it; `--plugin MODULE` loads one",
    ),
    (
        "",
        "- foo_bar: 1\n  never: {transaction: started}\n  for: 1s",
        "unknown-verb",
        "'foo_bar' is neither a verb nor a modifier",
        "`ocpplab-runner steps` lists the verbs",
    ),
    (
        "",
        "- plug_conector: 1\n  expect: {connector_status: Preparing}",
        "unknown-verb",
        "there is no verb 'plug_conector'",
        "did you mean 'plug_connector'?",
    ),
    (
        "",
        "- expect: {connector_status: Preparing}\n  witin: 1s",
        "unknown-key",
        "a step has no 'witin'",
        "did you mean 'within'?",
    ),
    (
        'ocpp: ["1.6"]\n',
        "- clear_cache: {}\n  expect: {response: [none]}",
        "wrong-type",
        "this is a list, not a mapping",
        "it is the one answer to this step's call: write it without the list, `response: none`",
    ),
    (
        'ocpp: ["1.6"]\n',
        "- clear_cache: {}\n  expect: [{response: [{status: Accepted}]}]",
        "wrong-type",
        "this is a list, not a mapping",
        "it is the one answer to this step's call: write it without the list",
    ),
    # quotes
    ("", '- plug_connector: "1"', "wrong-type", "this is text, not a whole number", "leave out the quotes: 1"),
    (
        "",
        '- plug_connector: {evse_id: "1"}',
        "wrong-type",
        "this is text, not a whole number",
        "leave out the quotes: 1",
    ),
    ("", "- wait: 1s\n  raw: 'true'", "wrong-type", "this is text, not true or false", "leave out the quotes: true"),
    (
        "",
        '- "plug_connector: 1"',
        "wrong-type",
        "this is text, not a mapping",
        "leave out the quotes: plug_connector: 1",
    ),
    # matchers
    (
        "",
        "- wait: 1s\n  expect: {meter: {energy_wh: {gte: 5}}}",
        "wrong-type",
        "this is a mapping, not a number",
        "a matcher begins with '$': {$gte: …}",
    ),
    (
        "",
        "- wait: 1s\n  expect: {transaction: {is: {any_of: [started, ended]}}}",
        "wrong-type",
        "this is a mapping, not a single word",
        "a matcher begins with '$': {$any_of: …}",
    ),
    (
        "",
        "- wait: 1s\n  expect: {connector_status: {any_of: [Charging, SuspendedEV]}}",
        "unknown-key",
        "'connector_status' has no key 'any_of'",
        "a matcher begins with '$': {$any_of: …}",
    ),
    # settings
    (
        "",
        "- set_configuration: {heartbeat_interval: 20s}",
        "unknown-key",
        "'set_configuration' has no key 'heartbeat_interval'",
        "it is a setting: {settings: {heartbeat_interval: …}}",
    ),
    (
        "",
        "- change_configuration: {key: HeartbeatInterval, value: '20'}",
        "unknown-key",
        "'change_configuration' has no 'key' and 'value'",
        "it names the setting: {heartbeat_interval: 20s}",
    ),
    (
        "",
        "- change_configuration: {key: VendorKey, value: '20'}",
        "unknown-key",
        "'change_configuration' has no 'key' and 'value'",
        "`csms_call: {action: ChangeConfiguration, …}` changes any key",
    ),
    (
        'ocpp: ["2.0.1", "2.1"]\n',
        "- change_configuration: {key: VendorKey, value: '20'}",
        "unknown-key",
        "'change_configuration' has no 'key' and 'value'",
        "`csms_call: {action: SetVariables, …}` changes any key",
    ),
    (
        "",
        "- change_configuration: {OCPPCommCtrlr.Own: 3}",
        "unknown-key",
        "'settings' has no key 'OCPPCommCtrlr.Own'",
        "it has no name here: `csms_call: {action: SetVariables, payload: {setVariableData: "
        "[{component: {name: OCPPCommCtrlr}, variable: {name: Own}, attributeValue: …}]}}`",
    ),
    (
        'ocpp: ["2.0.1"]\n',
        "- change_configuration: {Own: 3}",
        "unknown-key",
        "'settings' has no key 'Own'",
        "it has no name here: `csms_call: {action: SetVariables, payload: {setVariableData: "
        "[{component: {name: …}, variable: {name: Own}, attributeValue: …}]}}`",
    ),
    (
        "",
        "- change_configuration: {VendorKey: 3}",
        "unknown-key",
        "'settings' has no key 'VendorKey'",
        "it has no name here: `csms_call: {action: ChangeConfiguration, payload: {key: VendorKey, …}}`",
    ),
    # forms
    (
        "xfail: true\n",
        "- wait: 1s",
        "wrong-type",
        "this is true or false, not text or a mapping",
        "say why: `xfail: bug 123`",
    ),
    ("", "- repeat: 3", "wrong-type", "this is a number, not a mapping", "name the fields: {times: 3, steps: …}"),
    (
        "given: {csms: {id_tokens: [CARD-1]}}\n",
        "- wait: 1s",
        "wrong-type",
        "this is a list, not a mapping",
        "give each card its status: {CARD-1: Accepted}",
    ),
    (
        "",
        "- never: {transaction: started, for: 60s}",
        "unknown-facet",
        "there is no facet 'for'",
        "'for' belongs into the step, beside 'never'",
    ),
    (
        "",
        "- plug_connector: 1\n  expect:",
        "wrong-type",
        "nothing stands here; a status or facets are wanted",
        "write `expect: Accepted` or `expect: {connector_status: Charging}`",
    ),
    ("", "- {}", "wrong-length", "this step is empty", "begin it with a verb, 'expect' or 'never'"),
    (
        "cases:\n  - {name: a}\n  - {name: a}\n",
        "- wait: 1s",
        "duplicate-case",
        "two rows of 'cases' are named 'a'",
        "the first is in line 3",
    ),
    # states and boot answers that need more than their name
    (
        "given: {state: charging}\n",
        "- wait: 1s",
        "value-not-allowed",
        "'charging' needs fields",
        "write `state: {charging: {id_tag: …}}`",
    ),
    (
        "given: {state: {charging: CARD-1}}\n",
        "- wait: 1s",
        "wrong-type",
        "this is text, not a mapping",
        "name the field: {id_tag: CARD-1}",
    ),
    (
        "given: {csms: {boot: Pending}}\n",
        "- wait: 1s",
        "value-not-allowed",
        "'Pending' needs fields",
        "write `boot: {status: Pending}`",
    ),
    # grammar
    (V3, "- expect: {message: {action: Foo}}", "unknown-action", "OCPP 1.6, 2.0.1 and 2.1 have no action Foo", ""),
    (
        V3,
        "- csms_reply: {to: Authorize, error: GenericErr}",
        "value-not-allowed",
        "OCPP 1.6, 2.0.1 and 2.1 have no error code GenericErr",
        "did you mean 'GenericError'?",
    ),
]


@pytest.mark.parametrize(("head", "body", "code", "message", "hint"), FOUND, ids=lambda value: str(value)[:60])
def test_a_beginners_mistake_is_answered_once(head: str, body: str, code: str, message: str, hint: str) -> None:
    """One diagnostic, which says what was meant."""
    (found,) = load(steps(body, head)).diagnostics
    assert (found.code, found.message, found.hint, found.severity) == (code, message, hint, "error")
