"""What asks nothing is refused, and its twin that asks something is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocpplab_runner.scenario.loader import load_files

from .kit import codes, language, load, steps

V16 = 'ocpp: ["1.6"]\n'
V201 = 'ocpp: ["2.0.1"]\n'
V21 = 'ocpp: ["2.1"]\n'
BOTH = 'ocpp: ["1.6", "2.0.1"]\n'


def never(facets: str) -> str:
    """A step that forbids these."""
    return f"- never: {{{facets}}}\n  for: 1s"


def expect(facets: str) -> str:
    """A step that expects these."""
    return f"- expect: {{{facets}}}"


def answer(payload: str) -> str:
    """A step that expects an answer."""
    return f"- reset: Soft\n  expect: {{response: {payload}}}"


STREAM = "message: {action: NotifyPeriodicEventStream"
# (head, steps, code, part of the message, what is wrong, what is right)
REFUSED = [
    # words that nothing says
    (V201, never("transaction: {charging_state: Chargin}"), "value-not-allowed", "Chargin", "Chargin}", "Charging}"),
    (V201, never("transaction: {trigger: Autorized}"), "value-not-allowed", "'Autorized'", "Autorized", "Authorized"),
    (V201, never("transaction: {trigger: TariffChanged}"), "value-not-allowed", "OCPP 2.0.1", "2.0.1", "2.1"),
    (
        V16,
        never("connector_status: {error_code: GroundFalure}"),
        "value-not-allowed",
        "GroundFalure",
        "Falure",
        "Failure",
    ),
    (V201, never("boot: {reason: PowerUpp}"), "value-not-allowed", "'PowerUpp'", "PowerUpp", "PowerUp"),
    ("", never("meter: {context: Sample.Peridic}"), "value-not-allowed", "Sample.Peridic", "Peridic", "Periodic"),
    ("", never("violation: shema"), "value-not-allowed", "'shema'", "shema", "schema"),
    ("", never("configuration: RebotRequired"), "value-not-allowed", "RebotRequired", "Rebot", "Reboot"),
    ("", "throughout: {never: {violation: shema}}", "value-not-allowed", "'shema'", "shema", "schema"),
    ("", expect("auth_status: {$not: {$any_of: [Acepted]}}"), "value-not-allowed", "'Acepted'", "Acepted", "Accepted"),
    ("", expect("connection: {is: {$not: {$not: open}}}"), "value-not-allowed", "'open'", "open", "opened"),
    ("", expect("violation: [schema, {is: {$not: shema}}]"), "value-not-allowed", "'shema'", "shema", "schema"),
    (V16, expect("auth_status: {$not: NoCredit}"), "value-not-allowed", "OCPP 1.6", "NoCredit", "Expired"),
    (
        V16,
        expect("transaction: {is: ended, reason: {$not: MasterPass}}"),
        "value-not-allowed",
        "MasterPass",
        "MasterPass",
        "Local",
    ),
    ("", answer("{status: {$not: Rejectd}}"), "value-not-allowed", "Reset response", "Rejectd", "Rejected"),
    ("", never("composite_schedule: {periods: [{limt: 5}]}"), "payload-breaks-schema", "'limt'", "limt", "limit"),
    (
        "",
        never("composite_schedule: {periods: {$contains: {start: '5'}}}"),
        "wrong-type",
        "'5' is text",
        "'5'",
        "5",
    ),
    (
        "",
        never("token_status: {messages: [{text: Hi}]}"),
        "payload-breaks-schema",
        "'text'",
        "text",
        "content",
    ),
    (
        V21,
        never(f"{STREAM}, payload: {{dta: []}}}}"),
        "payload-breaks-schema",
        "'dta'",
        "dta: []",
        "data: [{v: '1'}]",
    ),
    (V21, never(f"{STREAM}, type: result}}"), "never-met", "nobody answers", "type: result", "from: charger"),
    (
        V21,
        expect(f"{STREAM}, error_code: GenericError}}"),
        "never-met",
        "nobody",
        "error_code: GenericError",
        "from: charger",
    ),
    (V201, expect(f"{STREAM}}}"), "unknown-action", "OCPP 2.1 has", "2.0.1", "2.1"),
    ("", answer("{statsu: {$not: Rejected}}"), "payload-breaks-schema", "'statsu'", "statsu", "status"),
    (V16, answer("{status: {$absent: true, $present: true}}"), "never-met", "", "$absent: true, ", ""),
    (V16, never("transaction: updated"), "value-not-allowed", "OCPP 1.6", "updated", "started"),
    (V16, never("auth_status: {via: TransactionEvent}"), "value-not-allowed", "1.6", "TransactionEvent", "Authorize"),
    (V201, never("auth_status: {via: StopTransaction}"), "value-not-allowed", "2.0.1", "StopTransaction", "cache"),
    (V201, never("auth_status: {via: StartTransaction}"), "value-not-allowed", "2.0.1", "StartTransaction", "cache"),
    ("", never("configuration: {setting: heartbeat_intervall}"), "value-not-allowed", "intervall", "vall", "val"),
    (V16, never("transaction: {transaction_id: '1'}"), "wrong-type", "transaction_id", "'1'", "1"),
    (V201, never("transaction: {transaction_id: 1}"), "wrong-type", "transaction_id", ": 1}", ": '1'}"),
    (
        "",
        never("transaction: {timestamp: {$not: noon}}"),
        "value-not-allowed",
        "'noon'",
        "noon",
        "'2030-01-01T12:00:00Z'",
    ),
    # words of another kind
    ("", expect("meter: {power_w: {$not: '11000'}}"), "wrong-type", "text", "'11000'", "11000"),
    ("", expect("transaction: {id_tag: {$not: 11000}}"), "wrong-type", "whole number", "11000", "'11000'"),
    ("", expect("transaction: {evse_id: {$any_of: [one]}}"), "wrong-type", "'one'", "one", "1"),
    ("", expect("connector_status: {evse_id: {$any_of: [1.5]}}"), "wrong-type", "1.5", "1.5", "1"),
    ("", expect("connector_status: {evse_id: {$not: -1}}"), "value-not-allowed", "-1", "-1", "0"),
    (V201, expect("transaction: {offline: {$not: 'true'}}"), "wrong-type", "'true'", "'true'", "true"),
    (
        "",
        expect("token_status: {messages: {$not: hello}}"),
        "wrong-type",
        "a list",
        "$not: hello",
        "$contains: {content: hello}",
    ),
    ("", answer("{status: {$not: 1}}"), "wrong-type", "Reset response", "1", "Accepted"),
    # matchers that cannot compare
    ("", expect("meter: {energy_wh: {$gte: '0'}}"), "bad-matcher", "'0' is text", "'0'", "0"),
    (
        "",
        expect("meter: {energy_wh: {$not: {$between: ['0', '9']}}}"),
        "bad-matcher",
        "'0' is text",
        "['0', '9']",
        "[0, 9]",
    ),
    ("", expect("meter: {energy_wh: {$between: [2, 1]}}"), "bad-matcher", "smaller value first", "[2, 1]", "[1, 2]"),
    ("", expect("meter: {energy_wh: {$matches: '1.*'}}"), "bad-matcher", "looks at text", "$matches: '1.*'", "$gte: 1"),
    ("", expect("meter: {energy_wh: {$contains: 1}}"), "bad-matcher", "a list or a text", "$contains", "$gte"),
    ("", expect("transaction: {id_tag: {$gte: 5}}"), "bad-matcher", "is text", "$gte: 5", "$matches: '5.*'"),
    ("", expect("transaction: {is: {$lte: 5}}"), "bad-matcher", "started", "$lte: 5", "$not: ended"),
    ("", expect("transaction: {id_tag: {$matches: '(CARD'}}"), "bad-matcher", "regular expression", "(CARD", "CARD"),
    ("", expect("transaction: {id_tag: {$contains: ''}}"), "bad-matcher", "everything", "''", "CARD"),
    ("", expect("transaction: {id_tag: {$contains: [5]}}"), "bad-matcher", "a text contains texts", "[5]", "['5']"),
    (
        "",
        expect("transaction: {id_tag: {$not: null}}"),
        "bad-matcher",
        "nothing stands here",
        "$not: null",
        "$present: true",
    ),
    (
        V16,
        "- get_configuration: heartbeat_interval\n  expect: {response: {configurationKey: {$contains: []}}}",
        "bad-matcher",
        "in everything",
        "[]",
        "[{key: A}]",
    ),
    (
        "",
        expect("configuration: {value: {$between: ['2030-01-02T00:00:00Z', '2030-01-01T00:00:00Z']}}"),
        "bad-matcher",
        "smaller value first",
        "01-02",
        "01-01",
    ),
    (
        "",
        expect("configuration: {value: {$between: [1, '2030-01-01T00:00:00Z']}}"),
        "bad-matcher",
        "",
        "[1,",
        "['2029-01-01T00:00:00Z',",
    ),
    (
        "",
        "- csms_reply: {to: Authorize, matching: {idTag: {$matches: 'A'}}, silence: true}\n  only: ['1.6']",
        "bad-matcher",
        "takes no matchers",
        "{$matches: 'A'}",
        "A",
    ),
    (
        V16 + "given: {csms: {replies: [{to: Authorize, matching: {idTga: A}, silence: true}]}}\n",
        "- wait: 1s",
        "payload-breaks-schema",
        "Authorize request",
        "idTga",
        "idTag",
    ),
    # what cannot be together
    ("", expect("meter: {power_w: {$gte: 5, $lte: 3}}"), "never-met", "power_w", "5", "1"),
    ("", never("connection: {$not: {$any_of: [opened, closed]}}"), "never-met", "one of", "opened, closed", "opened"),
    ("", never("connection: {is: {$absent: true}}"), "never-met", "", "$absent", "$present"),
    (
        "",
        never("violation: {by: {$any_of: [charger], $not: charger}}"),
        "never-met",
        "by",
        "$not: charger",
        "$not: csms",
    ),
    (V16, never("transaction: {reason: {$any_of: [MasterPass]}}"), "never-met", "reason", "MasterPass", "Other"),
    ("", never("transaction: {is: started, reason: Local}"), "never-met", "'is' is ended", "started", "ended"),
    ("", never("transaction: {is: {$not: ended}, reason: Local}"), "never-met", "", "$not: ended", "$not: started"),
    ("", expect("message: {type: result, error_code: GenericError}"), "never-met", "type", "result", "error"),
    (
        "",
        "- wait: 1s\n- plug_connector: 1\n  expect: {outcome: {is: done, reason: no}}",
        "never-met",
        "refused",
        "done",
        "refused",
    ),
    # what every event of the facet has, and what only some of them have
    (V201, never("transaction: {seq_no: {$absent: true}}"), "never-met", "", "{$absent: true}", "0"),
    ("", never("transaction: {timestamp: {$absent: true}}"), "never-met", "", "$absent", "$present"),
    (
        "",
        never("connector_status: {evse_id: {$not: {$present: true}}}"),
        "never-met",
        "",
        "$present: true",
        "$any_of: [1]",
    ),
    ("", never("meter: {timestamp: {$absent: true}}"), "never-met", "", "timestamp", "energy_wh"),
    ("", never("violation: {by: {$absent: true}}"), "never-met", "", "{$absent: true}", "csms"),
    ("", never("auth_status: {via: Authorize, evse_id: 1}"), "never-met", "'via'", "Authorize", "cache"),
    ("", never("auth_status: {via: cache, reason: no}"), "never-met", "is station", "cache", "station"),
    ("", never("transaction: {is: started, unverified: true}"), "never-met", "updated or ended", "started", "ended"),
    # tokens that no frame can carry
    (V16, never(f"transaction: {{id_tag: {{$any_of: [{'C' * 21}]}}}}"), "never-met", "id_tag", "C" * 21, "C" * 20),
    (V201, never(f"auth_status: {{id_tag: {{$not: {'C' * 37}}}}}"), "value-not-allowed", "CCC", "C" * 37, "C" * 36),
    ("vars: {card: ''}\n", never("transaction: {id_tag: '${{ card }}'}"), "value-not-allowed", "''", "''", "A"),
    # frames
    (V16, never("message: {action: Authorize, payload: [A]}"), "wrong-type", "a list", "[A]", "{idTag: A}"),
    (V16, never("message: {action: {$matches: 'stop.*'}}"), "never-met", "", "stop", "Stop"),
    (V16, never("message: {action: {$not: StopTransactoin}}"), "value-not-allowed", "Transactoin", "oin", "ion"),
    (
        V16,
        never("message: {payload: {id_tag: A}}"),
        "payload-breaks-schema",
        "no request of OCPP 1.6",
        "id_tag",
        "idTag",
    ),
    (
        V16 + "given: {csms: {id_tokens: {A: Blocked}}}\n",
        "- authorize_id_tag: {id_tag: A}\n"
        "  never: {message: {action: StopTransaction, payload: {id_tag: A}}}\n  for: 1s",
        "payload-breaks-schema",
        "StopTransaction request",
        "payload: {id_tag",
        "payload: {idTag",
    ),
    (
        V16 + "given: {csms: {id_tokens: {A: Blocked}}}\n",
        never("message: {action: StopTransaction, payload: {reason: Blocked}}"),
        "value-not-allowed",
        "'Blocked'",
        "reason: Blocked",
        "reason: Local",
    ),
    # in the places where steps hide
    (
        "",
        "- group:\n    - repeat: {times: 2, steps: [{never: {violation: shema}, for: 1s}]}",
        "value-not-allowed",
        "",
        "shema",
        "schema",
    ),
    (
        "",
        "- until: {condition: 'true', deadline: 5s, steps: [{never: {meter: {energy_wh: {$gte: '0'}}}, for: 1s}]}",
        "bad-matcher",
        "",
        "'0'",
        "0",
    ),
    (
        "",
        "- include: '#f'\nfragments: {f: [{never: {violation: shema}, for: 1s}]}",
        "value-not-allowed",
        "",
        "shema",
        "schema",
    ),
    # what a variable of the file brings
    (
        "vars: {s: Acepted}\n",
        never("auth_status: '${{ s }}'"),
        "value-not-allowed",
        "gives 'Acepted'",
        "Acepted",
        "Accepted",
    ),
    ("vars: {s: null}\n", never("auth_status: '${{ s }}'"), "wrong-type", "nothing", "null", "Accepted"),
    (
        "vars: {b: [0]}\n",
        never("meter: {energy_wh: {$gte: '${{ b }}'}}"),
        "bad-matcher",
        "a number or a time",
        "[0]",
        "0",
    ),
    (
        "vars: {m: {$present: true}}\n",
        never("transaction: {id_tag: '${{ m }}'}"),
        "bad-matcher",
        "computed mapping",
        "{$present: true}",
        "CARD",
    ),
    (
        "vars: {no: false}\n",
        expect("transaction: {reservation_id: {$absent: '${{ no }}'}}"),
        "bad-matcher",
        "true and nothing",
        "false",
        "true",
    ),
    (
        "cases: [{name: a, s: Acepted}]\n",
        never("auth_status: {$not: '${{ s }}'}"),
        "value-not-allowed",
        "Acepted",
        "Acepted",
        "Accepted",
    ),
]


def written(head: str, body: str) -> str:
    """The scenario; a body that is no list of steps stands before them."""
    if body.startswith("- "):
        body, _, rest = body.partition("\nfragments:")
        return steps(body, head) + (f"fragments:{rest}\n" if rest else "")
    return f"name: x\n{head}{body}\nsteps: [{{wait: 1s}}]\n"


@pytest.mark.parametrize(
    ("head", "body", "code", "message", "wrong", "right"), REFUSED, ids=lambda value: str(value)[:70]
)
def test_refused_and_its_twin(head: str, body: str, code: str, message: str, wrong: str, right: str) -> None:
    """One problem with its code; and none once the one word is put right."""
    text = written(head, body)
    (found,) = load(text).diagnostics
    assert found.code == code
    assert message in found.message
    assert wrong in text
    assert load(text.replace(wrong, right)).diagnostics == []


FRAGMENT = "fragments: {swipe: [{authorize_id_tag: '${{ card }}'}]}\n"
SWIPE = "- include: {file: '#swipe', with: {%s: CARD-1}}"
# (head, steps, message, what is wrong, what is right)
UNREAD = [
    ("vars: {crad: X, card: Y}\n", "- authorize_id_tag: ${{ card }}", "reads 'crad'", "crad: X, ", ""),
    ("cases: [{name: a, card: X, x: 1}]\n", "- authorize_id_tag: ${{ card }}", "reads 'x'", ", x: 1", ""),
    (FRAGMENT, SWIPE % "card, crad", "nothing that is included reads 'crad'", ", crad: CARD-1", ""),
    (FRAGMENT + "vars: {card: A}\n", SWIPE % "card", "nothing in the scenario reads 'card'", "vars: {card: A}\n", ""),
    ("vars: {a: 1, b: '${{ a }}'}\n", "- wait: 1s", "'b'", "wait: 1s", "log: '${{ b }}'"),
    ("vars: {pin: hunter2}\n", "- wait: 1s", "'pin'", "vars:", "secrets: [pin]\nvars:"),
]


@pytest.mark.parametrize(("head", "body", "message", "wrong", "right"), UNREAD, ids=lambda value: str(value)[:50])
def test_a_variable_that_nobody_reads(head: str, body: str, message: str, wrong: str, right: str) -> None:
    """It is refused where it is brought; and its twin is not."""
    text = steps(body, head).replace("card, crad: ", "card: CARD-1, crad: ")
    (found,) = load(text).diagnostics
    assert (found.code, found.severity) == ("unread-variable", "error")
    assert message in found.message
    assert wrong in text
    assert load(text.replace(wrong, right)).diagnostics == []


READ = [
    ("vars: {n: '1'}\n", "- if: {condition: n == '1', then: [{wait: 1s}]}"),
    ("vars: {n: 1s}\n", "- until: {condition: 1 == 1, deadline: '${{ n }}', steps: [{wait: 1s}]}"),
    ("vars: {n: 1s}\nwithin: ${{ n }}\n", "- wait: 1s"),
    ("vars: {n: 1s}\ntimeout: ${{ n }}\n", "- wait: 1s"),
    ("vars: {n: 2}\ngiven: {charger: {evses: '${{ n }}'}}\n", "- wait: 1s"),
    ("vars: {n: schema}\nthroughout: {never: {violation: '${{ n }}'}}\n", "- wait: 1s"),
    ("vars: {n: 1}\nfinally: [{log: '${{ n }}'}]\n", "- wait: 1s"),
    ("vars: {n: 1}\ncases: [{name: a, x: '${{ n + 1 }}'}]\n", "- log: ${{ x }}"),
    ("vars: {n: 1}\n" + FRAGMENT, "- include: {file: '#swipe', with: {card: '${{ n }}'}}"),
    (FRAGMENT + "vars: {card: A}\n", "- include: '#swipe'"),
    ("vars: {crad: A}\n", "- log: it is {{ crad }}"),
]


@pytest.mark.parametrize(("head", "body"), READ, ids=lambda value: str(value)[:50])
def test_a_variable_that_somebody_reads(head: str, body: str) -> None:
    """Wherever an expression may stand."""
    assert not any(found.code == "unread-variable" for found in load(steps(body, head)).diagnostics)


def test_one_mistake_is_one_problem() -> None:
    """The name that is undefined and the one that nobody reads are the same misspelling."""
    (found,) = load(steps("- authorize_id_tag: ${{ card }}", "vars: {crad: A}\n")).diagnostics
    assert (found.code, found.hint) == ("undefined-variable", "did you mean 'crad'?")
    rows = "cases: [{name: a, card: X}, {name: b, crad: Y}]\n"
    (found,) = load(steps("- authorize_id_tag: ${{ card }}", rows)).diagnostics
    assert (found.code, found.hint) == ("undefined-variable", "it sets 'crad'")


def test_a_library_reads_its_own_variables(tmp_path: Path) -> None:
    """What its fragments read, also by way of another file; a scenario need not use all of them."""
    (tmp_path / "_other.yaml").write_text("fragments: {deep: [{log: '${{ deep }}'}]}\n", "utf-8")
    library = tmp_path / "_library.yaml"
    library.write_text(
        "vars: {card: A, deep: B, never_read: C}\n"
        "fragments: {swipe: [{log: '${{ card }}'}, {include: '_other.yaml#deep'}], rest: [{wait: 1s}]}\n",
        "utf-8",
    )
    (found,) = load_files([library], language()).diagnostics
    assert (found.code, found.message) == ("unread-variable", "no fragment reads 'never_read'")
    main = tmp_path / "main.yaml"
    main.write_text("name: x\nsmoke: true\nsteps: [{include: '_library.yaml#rest'}]\n", "utf-8")
    assert load_files([main], language()).diagnostics == []


def test_defaults_bring_what_others_read(tmp_path: Path) -> None:
    """Of a shared file each scenario reads what it needs; its own variables it must read."""
    (tmp_path / "_defaults.yaml").write_text("vars: {card: A, other: B}\n", "utf-8")
    main = tmp_path / "main.yaml"
    text = "name: x\nsmoke: true\ndefaults: _defaults.yaml\nsteps: [{authorize_id_tag: '${{ card }}'}]\n"
    main.write_text(text, "utf-8")
    assert load_files([main], language()).diagnostics == []
    main.write_text(text + "vars: {other: C}\n", "utf-8")
    assert codes(load_files([main], language())) == ["unread-variable"]


ROWS = "cases: [{name: small}, {name: large, only: ['1.6']}]\n"
# (head, condition, message, what is wrong, what is right)
NEVER_TRUE = [
    ("", "ocpp_version == 'ocpp1.6'", "never 'ocpp1.6'", "'ocpp1.6'", "'1.6'"),
    ("", "ocpp_version == 1.6", "never 1.6", "1.6", "'1.6'"),
    ("", "'2.0' == ocpp_version", "never '2.0'", "'2.0'", "'2.0.1'"),
    ("", "ocpp_version != '1.5'", "never '1.5'", "'1.5'", "'1.6'"),
    ("", "ocpp_version in ['2.0', '2.1']", "never '2.0'", "'2.0'", "'2.0.1'"),
    ("", "not (ocpp_version == 'v16' or 1 == 2)", "never 'v16'", "v16", "1.6"),
    (ROWS, "case_name == 'lage'", "never 'lage'", "lage", "large"),
    (V16, "ocpp_version == '2.1'", "only OCPP 1.6", "2.1", "1.6"),
    (V16 + ROWS, "ocpp_version == '2.1' or case_name == ''", "never ''", "''", "'small'"),
]


@pytest.mark.parametrize("body", ['- if: {condition: "%s", then: [{wait: 1s}]}', '- log: "${{ %s }}"'])
@pytest.mark.parametrize(("head", "condition", "message", "wrong", "right"), NEVER_TRUE, ids=lambda value: str(value))
def test_a_condition_that_never_holds(
    head: str, condition: str, message: str, wrong: str, right: str, body: str
) -> None:
    """It is refused at the word that is wrong; its twin is not. Of a version that the file lacks only a branch is."""
    text = steps(body % condition, head)
    found = load(text).diagnostics
    if message.startswith("only") and "log" in body:
        assert found == []
        return
    assert [(one.code, message in one.message) for one in found] == [("never-true", True)]
    assert load(steps(body % condition.replace(wrong, right), head)).diagnostics == []


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (V16, "- if: {condition: ocpp_version == '2.1', then: [{wait: 1s}], else: [{wait: 2s}]}"),
        ("", "- if: {condition: ocpp_version == '2.1', then: [{wait: 1s}]}"),
        (V16, "- include: '#f'\nfragments: {f: [{if: {condition: ocpp_version == '2.1', then: [{wait: 1s}]}}]}"),
        ("vars: {debug: false}\n", "- if: {condition: debug, then: [{wait: 1s}]}"),
        ("vars: {v: ocpp1.6}\n", "- if: {condition: ocpp_version == v, then: [{wait: 1s}]}"),
        ("", "- if: {condition: \"'2.' in ocpp_version\", then: [{wait: 1s}]}"),
    ],
)
def test_a_condition_that_may_hold(head: str, body: str) -> None:
    """In another version, another file, or by `--var`."""
    assert load(written(head, body)).diagnostics == []


REMOTE = "- remote_stop: {}\n  expect: {call_error: %s}"
EVSE_2 = "given: {charger: {evses: 2}}\n"
GATE = "given: {charger: {authorization: {validators: [csms, {name: gate, otherwise: Accepted}]}}}\n"
# (head, steps, message, what is wrong, what is right)
UNLIKELY = [
    ("", never("message: {action: Authorize, from: csms}"), "a CSMS sends no Authorize", "csms", "charger"),
    (V21, never(f"{STREAM}, from: csms}}"), "a CSMS sends no NotifyPeriodicEventStream", "csms", "charger"),
    ("", never("message: {action: Reset, from: charger}"), "a charger sends no Reset", "charger", "csms"),
    ("", never("message: {action: Reset, from: csms, type: result}"), "answers no Reset", "csms", "charger"),
    (V16, never("message: {action: Authorize, error_code: GenericErorr}"), "GenericErorr", "Erorr", "Error"),
    (V16, never("message: {error_code: {$not: GenericErorr}}"), "GenericErorr", "Erorr", "Error"),
    (V16, REMOTE % "{code: NotSuported}", "NotSuported", "Suported", "Supported"),
    (V16, REMOTE % "{$any_of: [NotSuported, InternalError]}", "NotSuported", "Suported", "Supported"),
    (V16, never("configuration: {key: HeartbeatIntervall}"), "HeartbeatIntervall", "vall", "val"),
    (V201, never("configuration: {key: OCPPCommCtrlr.HeartbeatIntervall}"), "HeartbeatIntervall", "vall", "val"),
    ("", never("transaction: {is: started, evse_id: 2}"), "1 EVSE", "evse_id: 2", "evse_id: 1"),
    ("", never("validation_result: {via: gate}"), "via 'gate'", "via: gate", "via: cache"),
    (GATE, never("validation_result: {via: gat}"), "via 'gat'", "gat}", "gate}"),
    (GATE, never("validation_result: {via: csms}"), "via 'csms'", "csms}", "Authorize}"),
    (GATE, never("validation_result: {via: {$not: kiosk}}"), "via 'kiosk'", "kiosk", "gate"),
    (
        GATE,
        expect("validation_result: {via: {$any_of: [gate, StartTransaction]}}"),
        "via 'Start",
        "StartTransaction",
        "Authorize",
    ),
    (EVSE_2, never("meter: {evse_id: {$any_of: [1, 3]}}"), "2 EVSEs", "3", "2"),
    ("", never("transaction: {is: started, evse_id: 0}"), "has no transaction", "evse_id: 0", "evse_id: 1"),
]


@pytest.mark.parametrize(("head", "body", "message", "wrong", "right"), UNLIKELY, ids=lambda value: str(value)[:60])
def test_a_warning_of_what_will_hardly_come(head: str, body: str, message: str, wrong: str, right: str) -> None:
    """The scenario still runs; nothing is said of its twin, nor with `raw`."""
    text = steps(body, head)
    result = load(text)
    (found,) = result.diagnostics
    assert (found.code, found.severity, result.ok) == ("unlikely-event", "warning", True)
    assert message in found.message
    assert load(text.replace(wrong, right)).diagnostics == []
    assert load(steps(body + "\n  raw: true", head)).diagnostics == []


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (
            "",
            "- csms_call: {action: Authorize, payload: {}}\n  raw: true\n"
            + never("message: {action: Authorize, from: csms}"),
        ),
        ("", "- csms_call: {action: Foo}\n  raw: true\n" + expect("message: {action: Foo}")),
        (V16, "- csms_reply: {to: Authorize, error: Odd}\n  raw: true\n" + expect("message: {error_code: Odd}")),
        ("", "- plug_connector: 2\n  expect: {outcome: refused}\n" + never("transaction: {evse_id: 2}")),
        (
            "given: {charger: {configuration: {HeartbeatIntervall: '5'}}}\n" + V16,
            never("configuration: {key: HeartbeatIntervall}"),
        ),
        (
            V16,
            "- csms_reply: {to: Authorize, payload: {idTagInfo: {status: Odd}}}\n  raw: true\n"
            + expect("message: {action: Authorize, type: result, payload: {idTagInfo: {status: Odd}}}"),
        ),
        (
            V16,
            '- proxy_message: {text: \'[2,"x","DataTransfer",{"vendorId":"a","nope":1}]\'}\n'
            "  expect: {call_error: FormationViolation, message: {action: DataTransfer, payload: {nope: 1}}}",
        ),
        (
            V16,
            '- proxy_message: {text: \'[2,"x","Nope",{}]\'}\n'
            "  expect: {call_error: NotImplemented, message: {action: Nope}}",
        ),
        (
            V16 + "given: {csms: {replies: [{to: Heartbeat, payload: {now: 1}, raw: true}]}}\n",
            expect("message: {action: Heartbeat, type: result, payload: {now: 1}}"),
        ),
        (
            V16,
            "- trigger_message: Nope\n  raw: true\n"
            + never("message: {action: TriggerMessage, payload: {requestedMessage: Nope}}"),
        ),
        ("", never("configuration: {key: AcmeVendorKey}")),
        ("given: {charger: {evses: '${{ 2 }}'}}\n", never("transaction: {evse_id: 2}")),
    ],
)
def test_no_warning_of_what_the_scenario_does_itself(head: str, body: str) -> None:
    """What it sends may come; a vendor's key may be anything; what is computed is not known."""
    assert load(steps(body, head)).diagnostics == []


@pytest.mark.parametrize(
    "facet",
    [
        "auth_status",
        "authorized_evse",
        "boot",
        "certificate_status",
        "configuration",
        "connection",
        "connector_status",
        "reservation",
        "token_status",
        "transaction",
        "validation_result",
        "violation",
        "withdrawal",
    ],
)
def test_what_always_says_what_it_is(facet: str) -> None:
    """That one says nothing can never be, and that it says something always is; of a local list either may be."""
    for question in ("{$absent: true}", "{$not: {$absent: true}}"):
        assert codes(load(steps(never(f"{facet}: {{is: {question}}}")))) != [], question
        assert codes(load(steps(never(f"local_list: {{is: {question}}}")))) == []
