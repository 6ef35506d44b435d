"""What check refuses beyond the schema, and what it lets pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocpplab_runner.scenario.loader import load_files
from ocpplab_runner.vocabulary.versions import OcppVersion

from .kit import codes, language, load, steps

V16 = 'ocpp: ["1.6"]\n'
V201 = 'ocpp: ["2.0.1"]\n'
BOTH = 'ocpp: ["1.6", "2.0.1"]\n'
LONG = "CARD-OF-TWENTY-ONE-CH"  # one character more than OCPP 1.6 carries

# (head, steps, code, part of the message)
REFUSED = [
    ("given: {csms: {answer_delay: {Authorise: 1s}}}\n", "- wait: 1s", "unknown-action", "Authorise"),
    ("given: {csms: {answer_delay: 2}}\n", "- wait: 1s", "bad-duration", "'2'"),
    (V16 + "given: {csms: {replies: [{to: Heartbeat, payload: {}}]}}\n", "- wait: 1s", "payload-breaks-schema", ""),
    # keys and values
    (
        "cases: [{status: A}, {name: b, status: B}]\n",
        "- log: '${{ status }}'",
        "missing-key",
        "a row of cases needs 'name'",
    ),
    ("", "- plug_connector: {evse_id: 1, connector: 1}", "unknown-key", "'connector'"),
    ("", "- plug_connector: 1\n  witin: 5s\n  expect: {boot: Accepted}", "unknown-key", "'witin'"),
    ("given: {charger: {setings: {}}}\n", "- wait: 1s", "unknown-key", "a charger has no key 'setings'"),
    ("given: {charger: {settings: {heartbeat: 1s}}}\n", "- wait: 1s", "unknown-key", "'heartbeat'"),
    ("tag: [a]\n", "- wait: 1s", "unknown-key", "'tag'"),
    ("", "- wait: 30", "bad-duration", "'30'"),
    ("", "- wait: 30 s", "bad-duration", "'30 s'"),
    ("", "- wait: yes", "bad-duration", "'yes'"),
    ("within: 30\n", "- wait: 1s", "bad-duration", "'30'"),
    ("within: 999999999d\n", "- wait: 1s", "bad-duration", "'999999999d'"),
    ("timeout: 99999999999999999999d\n", "- wait: 1s", "bad-duration", "too long"),
    ("timeout: ten\n", "- wait: 1s", "bad-duration", "'ten'"),
    ("", "- plug_connector: one", "wrong-type", "text, not a whole number"),
    ("", "- plug_connector: 0", "value-not-allowed", "at least 1"),
    ("", "- plug_connector: 1.5", "wrong-type", "whole number"),
    ("", "- authorize_id_tag: ''", "value-not-allowed", "empty"),
    ("", "- authorize_id_tag: {evse_id: 1}", "missing-key", "'id_tag'"),
    ("", "- authorize_id_tag: {idtag: CARD-1}", "unknown-key", "'idtag'"),
    ("", "- inject_fault: GroundFalure", "value-not-allowed", "GroundFalure"),
    ("tags: {smoke: auth}\n", "- wait: 1s", "wrong-type", "a list"),
    ("ocpp: 1.6\n", "- wait: 1s", "unquoted-version", "number"),
    ("ocpp: [2.1]\n", "- wait: 1s", "unquoted-version", "number"),
    ('ocpp: ["1.5"]\n', "- wait: 1s", "value-not-allowed", "'1.5'"),
    ("", "- wait: 1s\n  only: [1.6]", "unquoted-version", "number"),
    ("given: {csms: {id_tokens: {CARD-1: Acepted}}}\n", "- wait: 1s", "value-not-allowed", "Acepted"),
    ("given: {csms: {id_tokens: {CARD-1: {parent_id_token: G}}}}\n", "- wait: 1s", "missing-key", "'status'"),
    ("given: {csms: {id_tokens: {CARD-1: {status: Accepted, expiry: 1h}}}}\n", "- wait: 1s", "unknown-key", "'expiry'"),
    ("given: {state: charged}\n", "- wait: 1s", "value-not-allowed", "charged"),
    ("given: {state: {charging: {}}}\n", "- wait: 1s", "missing-key", "'id_tag'"),
    ("given: {charger: {}, chargers: {A: {}}}\n", "- wait: 1s", "conflicting-keys", "cannot both"),
    (
        "given: {charger: {cache: {A: {status: Accepted, certificate_status: Accepted}}}}\n",
        "- wait: 1s",
        "unknown-key",
        "a cache has no 'certificate_status'",
    ),
    (
        "",
        "- send_local_list: {version: 1, entries: {A: {status: Accepted, certificate_status: Accepted}}}",
        "unknown-key",
        "a cache has no 'certificate_status'",
    ),
    ("vars: {from: 1}\n", "- wait: 1s", "bad-name", "'from'"),
    ("vars: {env: 1}\n", "- wait: 1s", "bad-name", "'env'"),
    ("vars: {_x: 1}\n", "- wait: 1s", "bad-name", "'_x'"),
    # steps
    ("", "- {}", "wrong-length", "empty"),
    ("", "- id: x", "missing-key", "no verb"),
    ("", "- expect: Accepted\n  for: 3s", "missing-key", "'for' stands here without 'never'"),
    ("", "- wait: 1s\n  within: 3s", "missing-key", "'within' stands here without 'expect'"),
    ("", "- wait: 1s\n  since: start", "missing-key", "'since' belongs"),
    ("", "- wait: 1s\n  id: start", "duplicate-id", "'start'"),
    ("", "- expect: Accepted\n  since: later\n- wait: 1s\n  id: later", "unknown-step-id", "comes later"),
    ("", "- group: [{fail: no}, {wait: 1s}]", "unreachable-step", "'fail'"),
    ("", "- network: {}", "missing-key", "'state' or 'down_for'"),
    ("", "- power: {}", "missing-key", "'state' or 'off_for'"),
    ("", "- set_configuration: {}", "missing-key", "'settings' or 'configuration'"),
    ("given: {charger: {evses: 2}}\n", "- unplug_connector: {evse_id: 3}", "unknown-evse", "2 EVSEs"),
    ("given: {state: {ev_connected: {evse_id: 2}}}\n", "- wait: 1s", "unknown-evse", "1 EVSE"),
    ("", "- if: {condition: 'true', then: []}", "wrong-length", "empty"),
    ("", "- parallel: [[{wait: 1s}]]", "wrong-length", "at least 2"),
    ("", "- group: {wait: 1s}", "wrong-type", "a list"),
    ("", "- wait: 1s\n  charger: B", "unknown-charger", "'B'"),
    ("", "- include: nowhere.yaml", "unknown-include", "nowhere.yaml"),
    ("", "- include: ${{ env.FILE }}", "unknown-include", "before anything is computed"),
    # expressions
    ("", "- log: ${{ x", "expression-error", "not closed"),
    ("", "- log: ${{ }}", "expression-error", "empty"),
    ("", "- log: ${{ open('x') }}", "expression-error", "no function 'open'"),
    ("", "- log: ${{ now() + '1m' }}", "expression-error", "time_after(time, '1m')"),
    ("", "- log: ${{ in_future('1h') - 60 }}", "expression-error", "time_before(time, '5m')"),
    ("", "- log: ${{ now() - time_before(now(), '5m') }}", "expression-error", "seconds_between(first, second)"),
    ("", "- log: ${{ seconds('1h') - '1m' }}", "expression-error", "time_before(time, '1m')"),
    ("vars: {t: '2030-01-31T12:00:00Z'}\n", "- log: ${{ t + '1m' }}", "expression-error", "time_after(time, '1m')"),
    ("vars: {t: '${{ now() }}', d: 1m}\n", "- log: ${{ t + d }}", "expression-error", "time_after(time, '1m')"),
    (
        "",
        "- wait: 1m\n  expect: {meter: {}}\n  save: {t: meter.timestamp}\n- log: \"${{ t + '1m' }}\"",
        "expression-error",
        "time_after(time, '1m')",
    ),
    ("", "- log: ${{ len }}", "undefined-variable", "'len'"),
    ("", "- if: {condition: x == 1, then: [{wait: 1s}]}", "undefined-variable", "'x'"),
    ("", "- if: {condition: 'a ${{ x }}', then: [{wait: 1s}]}", "expression-error", "one expression"),
    ("", "- log: ${{ n }}\n- repeat: {times: 2, as: n, steps: [{log: '${{ n }}'}]}", "undefined-variable", "'n'"),
    ("", "- log: ${{ v }}\n- clear_cache:\n  save: {v: response.status}", "undefined-variable", "'v'"),
    ("given: {charger: {identity: '${{ who }}'}}\n", "- wait: 1s", "undefined-variable", "'who'"),
    ("cases: [{name: a, x: 1}, {name: b}]\n", "- log: ${{ x }}", "undefined-variable", "'b' does not set 'x'"),
    ("secrets: [pin]\n", "- wait: 1s", "undefined-variable", "'pin'"),
    ("", "- clear_cache:\n  save: {v: answer.status}", "bad-save-path", "'answer'"),
    ("", "- clear_cache:\n  save: {v: 'response.[0]'}", "bad-save-path", "not a path"),
    # expectations
    ("", "- wait: 1s\n  expect: {transactions: started}", "unknown-facet", "'transactions'"),
    ("", "- wait: 1s\n  expect: {transaction: {evse: 1}}", "unknown-key", "'transaction' has no key 'evse'"),
    ("", "- wait: 1s\n  expect: {transaction: begun}", "value-not-allowed", "begun"),
    ("", "- wait: 1s\n  expect: {transaction: {is: {$any_of: [begun]}}}", "value-not-allowed", "begun"),
    ("", "- wait: 1s\n  expect: {transaction: {$not: begun}}", "value-not-allowed", "begun"),
    ("", "- wait: 1s\n  expect: Acepted", "value-not-allowed", "Acepted"),
    ("", "- wait: 1s\n  expect: {meter: {energy_wh: {$above: 1}}}", "bad-matcher", "'$above'"),
    ("", "- wait: 1s\n  expect: {meter: {energy_wh: {$between: [5, 1]}}}", "bad-matcher", "smaller value first"),
    ("", "- wait: 1s\n  expect: {message: {payload: {idTag: {$matches: '('}}}}", "bad-matcher", "regular expression"),
    ("", "- wait: 1s\n  expect: {message: {payload: {connectorId: {$gte: 1, b: 2}}}}", "bad-matcher", "stands alone"),
    (
        "",
        "- wait: 1s\n  expect: {message: {payload: {idTag: {$absent: false}}}}",
        "bad-matcher",
        "true and nothing else",
    ),
    ("", "- wait: 1s\n  expect: {heartbeat: {count: 2, at_least: 1}}", "conflicting-keys", "'count'"),
    ("", "- wait: 1s\n  expect: {outcome: done}", "expectation-without-call", "'outcome'"),
    ("", "- expect: {call_error: NotImplemented}", "expectation-without-call", "'call_error'"),
    ("", "- csms_reply: {to: Authorize, silence: true}\n  expect: {response: {}}", "expectation-without-call", "none"),
    ("", "- never: {response: {}}\n  for: 1s", "expectation-without-call", "not forbidden"),
    ("", "- never: {transaction: [started]}\n  for: 1s", "wrong-type", "a list"),
    ("throughout: {never: {transation: started}}\n", "- wait: 1s", "unknown-facet", "transation"),
    # OCPP
    (V16, "- authorize_id_tag: CARD-1\n  expect: {auth_status: {is: NoCredit}}", "status-not-in-version", "NoCredit"),
    (V16, "- wait: 1s\n  expect: {auth_status: {$any_of: [NoCredit]}}", "status-not-in-version", "NoCredit"),
    (V16, "- never: {auth_status: Unknown}\n  for: 1s", "status-not-in-version", "Unknown"),
    (V16, "- update_id_tokens: {CARD-1: NoCredit}", "status-not-in-version", "NoCredit"),
    (V16, "- send_local_list: {version: 1, entries: {C: {status: Unknown}}}", "status-not-in-version", "Unknown"),
    (V16 + "given: {csms: {id_tokens: {C: NoCredit}}}\n", "- wait: 1s", "status-not-in-version", "NoCredit"),
    (
        BOTH + "cases: [{name: a, s: NoCredit}]\n",
        "- authorize_id_tag: C\n  expect: ${{ s }}",
        "status-not-in-version",
        "1.6",
    ),
    (V16, f"- authorize_id_tag: {LONG}", "token-too-long", "21 characters"),
    (V16, f"- authorize_id_tag: {{id_tag: {LONG}}}", "token-too-long", "21 characters"),
    (V201, f"- remote_start: {LONG}{LONG}", "token-too-long", "allows 36"),
    (V201, "- authorize_id_tag: {id_tag: C, id_token_type: EVCCID}", "unknown-token-type", "EVCCID"),
    (BOTH, "- remote_start: {id_tag: C, id_token_type: emaid}", "unknown-token-type", "emaid"),
    (V16, f"- update_id_tokens: {{{LONG}: Accepted}}", "token-too-long", "21 characters"),
    (V16, f"- update_id_tokens: {{C: {{status: Accepted, parent_id_token: {LONG}}}}}", "token-too-long", "21"),
    (V16, f"- wait: 1s\n  expect: {{transaction: {{id_tag: {LONG}}}}}", "token-too-long", "21"),
    (V16 + f"given: {{charger: {{cache: {{{LONG}: Accepted}}}}}}\n", "- wait: 1s", "token-too-long", "21"),
    (V16 + f"vars: {{card: {LONG}}}\n", "- authorize_id_tag: ${{ card }}", "token-too-long", "21"),
    (V16, "- csms_call: {action: Rest, payload: {type: Hard}}", "unknown-action", "Rest"),
    (V16, "- csms_call: GetVariables", "unknown-action", "2.0.1"),
    (V16, "- csms_reply: {to: TransactionEvent, silence: true}", "unknown-action", "TransactionEvent"),
    (V201, "- expect: {message: {action: StartTransaction}}", "unknown-action", "StartTransaction"),
    (V16, "- csms_call: {action: Reset}", "payload-breaks-schema", "type is missing"),
    (V16, "- csms_call: Reset", "payload-breaks-schema", "type is missing"),
    (V16, "- csms_call: {action: Reset, payload: {type: Hard, x: 1}}", "payload-breaks-schema", "unknown property x"),
    (
        V16,
        "- csms_call: {action: Reset, payload: {type: Hard, x: '${{ env.X }}'}}",
        "payload-breaks-schema",
        "unknown property x",
    ),
    (BOTH, "- csms_call: {action: Reset, payload: {type: Hard}}", "payload-breaks-schema", "OCPP 2.0.1 Reset"),
    (V16, "- csms_reply: {to: Heartbeat, payload: {}}", "payload-breaks-schema", "currentTime is missing"),
    (V16, "- csms_reply: {to: Authorize, patch: {idTagInfo: {status: Nope}}}", "payload-breaks-schema", "Nope"),
    (V16, "- charger_reply: {to: Reset, payload: {status: Maybe}}", "payload-breaks-schema", "Maybe"),
    (
        V16,
        "- proxy_message: {action: data_transfer, payload: {vendor_idd: x, vendor_id: y}}",
        "payload-breaks-schema",
        "unknown property vendorIdd",
    ),
    (V16, "- proxy_message: {action: Heartbeat, payload: {}, ocpp_version: ocpp2.0.1}", "value-not-allowed", "1.6"),
    (V16, "- proxy_message: {action: Heartbeat}", "missing-key", "'payload', or else a 'text'"),
    (V16, "- proxy_message: {}", "missing-key", "'action' and 'payload', or else a 'text'"),
    (V16, "- proxy_message: {action: Heartbeat, text: x}", "conflicting-keys", "'text' and 'action'"),
    (V16, "- proxy_message: {action: Heartbeat, payload: {}, binary: true}", "conflicting-keys", "belongs to a 'text'"),
    (V16, "- csms_reply: {to: Authorize, error: GenericErr}", "value-not-allowed", "no error code"),
    (V16, "- csms_reply: {to: Authorize}", "missing-key", "no answer"),
    (V16, "- csms_reply: {to: Authorize, silence: true, garbage: x}", "conflicting-keys", "cannot both"),
    (V16, "- csms_reply: {to: Authorize, silence: true, description: x}", "missing-key", "'error'"),
    (V16 + "given: {csms: {replies: [{to: Authorise, silence: true}]}}\n", "- wait: 1s", "unknown-action", "Authorise"),
    (V16, "- expect: {message: {action: Authorize, payload: {idtag: C}}}", "payload-breaks-schema", "'idtag'"),
    (BOTH, "- never: {message: {action: Authorize, payload: {id: C}}}\n  for: 1s", "payload-breaks-schema", "'id'"),
    (
        V16,
        "- expect: {message: {action: Authorize, type: result, payload: {idTagInfo: {status: Acepted}}}}",
        "value-not-allowed",
        "'Acepted'",
    ),
    (
        V16,
        "- expect: {message: {action: StatusNotification, payload: {status: {$any_of: [Available, Free]}}}}",
        "value-not-allowed",
        "'Free'",
    ),
    (V16, "- csms_call: ClearCache\n  expect: {response: {state: Accepted}}", "payload-breaks-schema", "'state'"),
    (
        V16,
        "- csms_call: GetConfiguration\n  expect: {response: {configurationKey: {$contains: [{name: X}]}}}",
        "payload-breaks-schema",
        "'name'",
    ),
    (V16, "- trigger_message: TransactionEvent", "value-not-allowed", "TransactionEvent"),
    (V16, "- wait: 1s\n  expect: {transaction: {is: started, seq_no: 1}}", "fact-not-in-version", "'seq_no'"),
    (
        V201,
        "- wait: 1s\n  expect: {connector_status: {is: Faulted, error_code: NoError}}",
        "fact-not-in-version",
        "'error_code'",
    ),
    (
        V201,
        "- authorize_id_tag: C\n  expect: {connector_status: [Preparing, Available]}",
        "fact-not-in-version",
        "card",
    ),
    (V16, "- change_configuration: {offline_threshold: 5s}", "setting-not-in-version", "offline_threshold"),
    (
        V16,
        "- get_configuration: [heartbeat_interval, offline_threshold]",
        "setting-not-in-version",
        "offline_threshold",
    ),
    (
        V201,
        "- wait: 1s\n  expect: {configuration: {setting: minimum_status_duration}}",
        "setting-not-in-version",
        "2.0.1",
    ),
    (V16, "- change_configuration: {heartbeat_interval: 1500ms}", "wrong-setting-value", "whole seconds"),
    (V16, "- change_configuration: {heartbeat_interval: 30}", "bad-duration", "'30'"),
    (V16, "- change_configuration: {sampled_measurands: [Energy]}", "wrong-setting-value", "'Energy'"),
    (V16, "- set_configuration: {configuration: {HeartbeatInterval: often}}", "wrong-setting-value", "whole number"),
    (V16, "- set_configuration: {configuration: {LocalPreAuthorize: 'yes'}}", "wrong-setting-value", "true or false"),
    (BOTH + "given: {charger: {connectors_per_evse: 2}}\n", "- wait: 1s", "connector-in-1.6", "OCPP 1.6"),
    (BOTH, "- wait: 1s\n  expect: {connector_status: {is: Faulted, connector_id: 2}}", "connector-in-1.6", "OCPP 1.6"),
    (V16 + "cases: [{name: a, only: ['2.0.1']}]\n", "- wait: 1s", "never-runs", "never runs"),
]


@pytest.mark.parametrize(("head", "body", "code", "message"), REFUSED, ids=lambda value: str(value)[:60])
def test_refused(head: str, body: str, code: str, message: str) -> None:
    """Exactly one problem, with its code and in words that name it."""
    (found,) = load(steps(body, head)).diagnostics
    assert found.code == code
    assert message in found.message


ALLOWED = [
    # raw lets wrong payloads and tokens through
    (V16, f"- authorize_id_tag: {LONG}\n  raw: true"),
    (V16, "- csms_call: {action: Nonsense, payload: {x: 1}}\n  raw: true"),
    (V16, "- csms_reply: {to: Heartbeat, payload: {}}\n  raw: true"),
    (V16 + "given: {csms: {replies: [{to: Heartbeat, payload: {}, raw: true}]}}\n", "- wait: 1s"),
    ("given: {csms: {answer_delay: 300ms}}\n", "- wait: 1s"),
    ("given: {csms: {answer_delay: {Authorize: 1s, Heartbeat: '${{ 2 * 1 }}s'}}}\n", "- wait: 1s"),
    (V16, "- proxy_message: {action: Heartbeat, payload: {x: 1}}\n  raw: true"),
    (V16, '- proxy_message: {text: ""}'),
    (V16, '- proxy_message: {text: \'[2,"1","Heartbeat",{}]\', binary: true}'),
    # what is computed is not judged
    ("vars: {t: Hard}\n" + V16, "- csms_call: {action: Reset, payload: {type: '${{ t }}'}}"),
    ("vars: {p: {type: Hard}}\n" + V16, "- csms_call: {action: Reset, payload: '${{ p }}'}"),
    ("vars: {a: Reset}\n" + V16, "- csms_call: {action: '${{ a }}', payload: {x: 1}}"),
    ("vars: {n: 30s, e: 1}\n", "- wait: ${{ n }}\n- plug_connector: ${{ e }}\n- plug_connector: {evse_id: '${{ e }}'}"),
    ("vars: {s: started}\n", "- wait: 1s\n  expect: {transaction: '${{ s }}'}"),
    # versions
    (BOTH, "- authorize_id_tag: C\n  expect: NoCredit\n  only: ['2.0.1']"),
    (V16, "- authorize_id_tag: C\n  expect: {validation_result: NoCredit}"),
    (BOTH + "cases: [{name: a, s: NoCredit, only: ['2.0.1']}]\n", "- authorize_id_tag: C\n  expect: ${{ s }}"),
    (BOTH + "given: {csms: {id_tokens: {C: NoCredit}}}\n", "- wait: 1s"),
    (BOTH, "- csms_call: {action: GetConfiguration}\n  only: ['1.6']"),
    ("", "- authorize_id_tag: C\n  expect: NoCredit"),
    ("", "- csms_call: GetConfiguration"),
    ("", f"- authorize_id_tag: {LONG}"),
    (V201, "- plug_connector: {evse_id: 1, connector_id: 2}"),
    # a Preparing that a cable causes
    (V201, "- plug_connector: 1\n- authorize_id_tag: C\n  expect: {connector_status: Preparing}"),
    (V201 + "given: {state: ev_connected}\n", "- authorize_id_tag: C\n  expect: {connector_status: Preparing}"),
    (V16, "- authorize_id_tag: C\n  expect: {connector_status: Preparing}"),
    # snake_case of the Gateway
    (
        V16,
        "- proxy_message:\n    action: status_notification\n"
        "    payload: {connector_id: 1, error_code: NoError, status: Available}",
    ),
    (V16, "- proxy_message: {action: Heartbeat, payload: {}}\n  expect: {response: {currentTime: {$present: true}}}"),
    (V16, "- csms_reply: {to: Authorize, patch: {idTagInfo: {status: Blocked}}}"),
    (V16, "- csms_reply: {to: Authorize, delay: 5s, matching: {idTag: CARD-1}}"),
    # an expected payload may be meant for one of the versions
    (BOTH, "- expect: {message: {action: Authorize, payload: {idTag: C}}}"),
    (V16, "- expect: {message: {action: DataTransfer, payload: {vendorId: {$present: true}, data: x}}}"),
    (V201, "- expect: {message: {action: DataTransfer, payload: {data: {any: thing}}}}"),
    (V16, "- csms_call: ClearCache\n  raw: true\n  expect: {response: {extra: 1}}"),
    # flow
    ("", "- skip: not here\n  only: ['1.6']\n- wait: 1s"),
    ("", "- if: {condition: 'true', then: [{skip: no}]}\n- wait: 1s"),
    ("", "- repeat: {times: '${{ int(env.TIMES) }}', steps: [{wait: 1s}]}"),
    ("", "- clear_cache:\n  save: {v: response.status}\n- log: ${{ v }}"),
    ("", "- parallel: [[{clear_cache: , save: {v: response.status}}], [{wait: 1s}]]\n- log: ${{ v }}"),
    ("", "- plug_connector: 2\n  expect: {outcome: refused}"),
    ("given: {chargers: {A: {}, B: {evses: 2}}}\n", "- plug_connector: 2\n  charger: B"),
    ("", "- wait: 1s\n  id: a.b-c_1\n- expect: Accepted\n  since: a.b-c_1"),
    ("cases: [{name: a, x: 1}, {name: b}]\nvars: {x: 2}\n", "- log: ${{ x }}"),
    ("secrets: [pin]\nvars: {pin: '1'}\n", "- wait: 1s"),
    # matchers
    ("", "- wait: 1s\n  expect: {meter: {energy_wh: {$gte: 1, $lte: 5}}}"),
    ("", "- wait: 1s\n  expect: {connector_status: {$any_of: [Charging, SuspendedEV]}}"),
    ("", "- wait: 1s\n  expect: {transaction: {transaction_id: {$not: {$any_of: [1, 2]}}}}"),
    ("", "- wait: 1s\n  expect: {message: {payload: {key: [{$present: true}]}}}"),
    # settings
    (V16, "- set_configuration: {configuration: {VendorKey: anything, HeartbeatInterval: '30'}}"),
    (V16, "- change_configuration: {sampled_measurands: 'Voltage,Current.Import-L1'}"),
    ("", "- wait: '1h30m'\n- log: 'on'\n- power: on\n- network: down"),
]


@pytest.mark.parametrize(("head", "body"), ALLOWED, ids=lambda value: str(value)[:60])
def test_allowed(head: str, body: str) -> None:
    """No problem at all."""
    assert load(steps(body, head)).diagnostics == []


HINTS = [
    ("- plug_conector: 1", "did you mean 'plug_connector'?"),
    ("- PlugConnector: 1", "did you mean 'plug_connector'?"),
    ("- acme.wiggle: 1", "no loaded plugin has it; `--plugin MODULE` loads one"),
    ("- plug_connector 1", "write a colon and a blank behind the verb: 'plug_connector: …'"),
    ("- authorize_id_tag: {id_tag: C, expect: Blocked}", "'expect' belongs into the step, beside its verb"),
    ("- wait: 1s\n  expect: {within: 5s}", "'within' belongs into the step, beside 'expect'"),
    ("- wait: 1s\n  expect: [Accepted]", "name the facet: {auth_status: Accepted}"),
    ("- wait: 1s\n  raw: yes", "YAML 1.2 writes true and false"),
    ("- power: maybe", "allowed: on, off"),
    ("- group: {wait: 1s}", "begin each item with '- '"),
    ("- change_configuration: {heartbeat_interval: 5s, cache_enabled: true}", "change one setting in each step"),
    ("- include: nowhere.yaml#x", ""),
]


@pytest.mark.parametrize(("body", "hint"), HINTS, ids=lambda value: str(value)[:50])
def test_hints(body: str, hint: str) -> None:
    """What would be right stands beside what is wrong."""
    (found,) = load(steps(body)).diagnostics
    assert found.hint == hint


def test_a_file_without_ocpp_is_judged_by_the_targets_versions() -> None:
    """Only when the target is not known, one fitting version is enough."""
    text = steps("- authorize_id_tag: CARD-1\n  expect: NoCredit")
    assert codes(load(text)) == []
    assert codes(load(text, versions=[OcppVersion.V201])) == []
    assert codes(load(text, versions=[OcppVersion.V16, OcppVersion.V201])) == ["status-not-in-version"]


def test_every_problem_is_said_at_once() -> None:
    """Schema and semantic problems of one file together, each once, in order."""
    text = steps(
        "- plug_conector: 1\n- wait: 3\n- wait: 1s\n  log: x\n"
        "- expect: {boot: Maybe}\n  since: nowhere\n- log: ${{ a }}",
        "tgas: [a]\n",
    )
    assert codes(load(text)) == [
        "unknown-key",
        "unknown-verb",
        "bad-duration",
        "two-verbs",
        "value-not-allowed",
        "unknown-step-id",
        "undefined-variable",
    ]


def test_payload_problems_point_into_the_payload() -> None:
    """Each breach at the value that causes it."""
    text = (
        'name: x\nocpp: ["1.6"]\nsteps:\n  - csms_call:\n      action: GetConfiguration\n'
        "      payload:\n        key:\n          - HeartbeatInterval\n          - 5\n"
    )
    (found,) = load(text).diagnostics
    assert (found.span.line, found.span.column) == (9, 13)
    assert found.message.startswith("key[1] is 5, not a string")


def test_expressions_point_at_the_name() -> None:
    """In plain, quoted and block scalars."""
    text = (
        'name: x\nsteps:\n  - log: a ${{ bb }}\n  - log: "a ${{ 1 + bb }}"\n  - log: |\n      first\n      ${{ bb }}\n'
    )
    places = [(found.span.line, found.span.column, found.span.end_column) for found in load(text).diagnostics]
    assert places == [(3, 16, 18), (4, 21, 23), (7, 11, 13)]


def test_an_include_cycle_over_files_ends(tmp_path: Path) -> None:
    """a includes b includes a: one diagnostic with the way round."""
    (tmp_path / "a.yaml").write_text(steps("- include: b.yaml"))
    (tmp_path / "b.yaml").write_text(steps("- include: a.yaml"))
    (found,) = load_files([tmp_path / "a.yaml"], language()).diagnostics
    assert found.code == "include-cycle"
    assert "a.yaml → b.yaml → a.yaml" in found.message
    assert found.path.name == "b.yaml"


def test_an_include_bomb_ends(tmp_path: Path) -> None:
    """Includes that double at every level are stopped by their number."""
    for level in range(18):
        (tmp_path / f"{level}.yaml").write_text(steps(f"- include: {level + 1}.yaml\n- include: {level + 1}.yaml"))
    (tmp_path / "18.yaml").write_text(steps("- wait: 1s"))
    assert codes(load_files([tmp_path / "0.yaml"], language())) == ["too-large"]


def test_defaults_are_checked(tmp_path: Path) -> None:
    """In their own file, with the file that uses them."""
    (tmp_path / "_defaults.yaml").write_text("name: no\nwithin: 5\n")
    (tmp_path / "a.yaml").write_text("name: x\ndefaults: _defaults.yaml\nsteps:\n  - wait: 1s\n")
    found = load_files([tmp_path / "a.yaml"], language()).diagnostics
    assert [(d.path.name, d.code) for d in found] == [
        ("_defaults.yaml", "unknown-key"),
        ("_defaults.yaml", "bad-duration"),
    ]
    assert all(d.related[0][2] == "used as defaults here" for d in found)


def test_a_fragment_that_nobody_includes_is_checked() -> None:
    """Its parameters are not known, everything else is."""
    text = steps("- wait: 1s") + "fragments:\n  part:\n    - authorize_id_tag: ${{ card }}\n    - wait: 3\n"
    assert codes(load(text)) == ["bad-duration"]


@pytest.mark.parametrize(
    "text",
    [
        "name: x\nsteps:\n  - wait: 1s\n  - wait: 1s\n    only: ['2.1']\nsmoke: true\n",
        "name: x\ncases: [{name: a}, {name: b, only: ['2.1']}]\nsteps: [{wait: 1s}]\nsmoke: true\n",
    ],
)
def test_what_the_target_does_not_speak_is_no_mistake_of_the_file(text: str) -> None:
    """A step or a row for another version is left out, unless the file itself says that it is not for that version."""
    spoken = [OcppVersion.V16, OcppVersion.V201]
    assert codes(load(text, versions=spoken)) == []
    assert codes(load('ocpp: ["1.6", "2.0.1"]\n' + text, versions=spoken)) == ["never-runs"]


@pytest.mark.parametrize(
    "expression",
    [
        "text + '1m'",
        "'every ' + '1m'",
        "n - 1",
        "saved + '1m'",
        "now() + ' or so'",
        "seconds_between(now(), now()) - 5",
    ],
)
def test_what_may_be_no_time_is_added_to(expression: str) -> None:
    """Texts are joined, and of what a step saves nobody knows what it is."""
    head = "vars: {text: every, n: 3}\n"
    saves = "- reset: Soft\n  expect: {response: {}}\n  save: {saved: response.status}\n"
    body = f'{saves}- log: "${{{{ {expression} }}}}"'
    assert "expression-error" not in codes(load(steps(body, head)))
