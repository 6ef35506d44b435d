"""A computed value that could not have been written in its place is an error; its twin is computed and runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocpplab_runner.engine.running.suite import SuiteOptions

from .suite_kit import plan_texts, run_plan

HEAD = """
given: {csms: {id_tokens: {CARD-1: Accepted}}, state: %s}
vars: {list: [%s]}
%s
steps:
"""
PLUGGED = "ev_connected"
CHARGING = "{charging: {id_tag: CARD-1}}"
X = "${{ list[0] }}"  # of which `check` does not know what it is


def never(facets: str) -> str:
    """A step that forbids these."""
    return f"- wait: 1s\n- never: {{{facets}}}\n  for: 1s"


# (state, step, the value, part of the message, a value that is right)
ERRORS = [
    # questions
    (PLUGGED, never(f"auth_status: '{X}'"), "Acepted", "no auth_status in OCPP 1.6 is 'Acepted'", "Blocked"),
    (PLUGGED, never(f"auth_status: '{X}'"), "NoCredit", "OCPP 1.6", "Expired"),
    (PLUGGED, never(f"auth_status: '{X}'"), "null", "nothing stands here", "Blocked"),
    (PLUGGED, never(f"auth_status: {{$not: {{$any_of: ['{X}', '{X}']}}}}"), "Acepted", "'Acepted'", "Accepted"),
    (PLUGGED, never(f"auth_status: {{$any_of: '{X}'}}"), "Blocked", "a list of values", "[Blocked]"),
    (
        PLUGGED,
        never(f"transaction: {{id_tag: '{X}'}}"),
        "{$presnt: true}",
        "a computed mapping is no matcher",
        "CARD-2",
    ),
    (PLUGGED, never(f"transaction: {{id_tag: '{X}'}}"), "{a: 1}", "a mapping", "CARD-2"),
    (PLUGGED, never(f"transaction: {{id_tag: '{X}'}}"), "5", "a whole number", "'5'"),
    (PLUGGED, never(f"transaction: {{id_tag: {{$matches: '{X}'}}}}"), "'(CARD'", "regular expression", "'CARX.*'"),
    (PLUGGED, never(f"transaction: {{id_tag: {{$contains: '{X}'}}}}"), "''", "everything", "X"),
    (PLUGGED, never(f"transaction: {{id_tag: {{$present: '{X}'}}}}"), "false", "true and nothing else", "true"),
    (PLUGGED, never(f"transaction: {{evse_id: '{X}'}}"), "[1]", "a list", "1"),
    (PLUGGED, never(f"transaction: {{evse_id: '{X}'}}"), "-1", "-1", "1"),
    (PLUGGED, never(f"transaction: {{reason: Local, is: '{X}'}}"), "started", "'is' is ended", "ended"),
    (PLUGGED, never(f"connection: {{$not: {{$any_of: [opened, '{X}']}}}}"), "closed", "nothing can meet", "opened"),
    (CHARGING, never(f"meter: {{energy_wh: {{$gte: '{X}'}}}}"), "[0]", "a number or a time", "99000000"),
    (CHARGING, never(f"meter: {{energy_wh: {{$gte: '{X}'}}}}"), "'0'", "'0' is text", "99000000"),
    (CHARGING, never(f"meter: {{energy_wh: {{$not: {{$between: ['{X}', 1]}}}}}}"), "2", "smaller value first", "0"),
    (CHARGING, never(f"meter: {{power_w: '{X}'}}"), "'> 100'", "comparison in text", "5"),
    (
        PLUGGED,
        f"- reset: Soft\n  expect: {{response: {{status: {{$not: '{X}'}}}}}}",
        "Rejectd",
        "Reset response",
        "Rejected",
    ),
    (PLUGGED, f"- reset: Soft\n  expect: {{response: {{status: '{X}'}}}}", "null", "nothing stands here", "Accepted"),
    (PLUGGED, f"- authorize_id_tag: CARD-1\n  expect: '{X}'", "Acepted", "'Acepted'", "Accepted"),
    (PLUGGED, f"- authorize_id_tag: CARD-1\n  expect: {{connector_status: {{count: '{X}'}}}}", "0", "from 1 on", "1"),
    (
        PLUGGED,
        f"- authorize_id_tag: CARD-1\n  expect: {{connector_status: {{at_least: '{X}'}}}}",
        "one",
        "from 1 on",
        "1",
    ),
    # commands
    (PLUGGED, f"- authorize_id_tag: '{X}'", "null", "null is not of type", "CARD-1"),
    (PLUGGED, f"- authorize_id_tag: {{id_tag: '{X}'}}", "{a: 1}", "is not of type", "CARD-1"),
    (PLUGGED, f"- inject_fault: '{X}'", "GroundFalure", "is not one of", "GroundFailure"),
    (PLUGGED, f"- repeat: {{times: '{X}', steps: [{{log: x}}]}}", "-3", "less than the minimum", "2"),
    (PLUGGED, f"- repeat: {{times: '{X}', steps: [{{log: x}}]}}", "0", "less than the minimum", "1"),
    (PLUGGED, f"- repeat: {{times: '{X}', steps: [{{log: x}}]}}", "'2'", "is not of type", "2"),
    (PLUGGED, f"- wait: '{X}'", "null", "is not of type", "1s"),
    (PLUGGED, f"- update_id_tokens: {{CARD-1: '{X}'}}", "Acepted", "cannot stand here", "Accepted"),
    (PLUGGED, f"- change_configuration: {{heartbeat_interval: '{X}'}}", "null", "cannot stand here", "30s"),
    (PLUGGED, f"- group: [{{authorize_id_tag: '{X}'}}]", "null", "null is not of type", "CARD-1"),
    # the world
    (f"{{charging: {{id_tag: '{X}'}}}}", "- wait: 1s", "null", "given state", "CARD-1"),
    (f"{{ev_connected: {{evse_id: '{X}'}}}}", "- wait: 1s", "first", "given state", "1"),
]


@pytest.mark.parametrize(("state", "step", "value", "message", "right"), ERRORS, ids=lambda value: str(value)[:60])
def test_an_error_and_its_twin(tmp_path: Path, state: str, step: str, value: str, message: str, right: str) -> None:
    """The verdict is `error` and names the expression; with a value that fits the case passes."""
    wrong, twin = (HEAD % (state, one, "") + step + "\n" for one in (value, right))
    outcome = run_plan(plan_texts(tmp_path, wrong, twin), SuiteOptions(jobs=0))
    first, second = outcome.ends()
    assert first["verdict"] == "error"
    assert message in first["failure"]["message"]
    assert X in first["failure"]["message"]
    assert second["verdict"] == "passed", second.get("failure")


@pytest.mark.parametrize("value", ["null", "'0'", "[0]"])
def test_throughout(tmp_path: Path, value: str) -> None:
    """What is forbidden from start to end is computed before the first step."""
    throughout = "throughout: {never: {meter: {energy_wh: {$gte: '${{ list[0] }}'}}}}"
    outcome = run_plan(
        plan_texts(tmp_path, HEAD % (CHARGING, value, throughout) + "- wait: 1s\n"), SuiteOptions(jobs=0)
    )
    assert outcome.end()["verdict"] == "error"
    assert "throughout: meter energy_wh" in outcome.end()["failure"]["message"]


SAYS_NOTHING = "ocpp: ['1.6', '2.0.1']\nvars: {list: [x]}\nsteps:\n"


@pytest.mark.parametrize("action", ["DataTransfer", "${{ 'DataTransfer' }}"])
def test_what_is_written_beside_an_expression_is_for_check(tmp_path: Path, action: str) -> None:
    """What one version has not may stay absent in it, unless which message is meant has been computed too."""
    step = SAYS_NOTHING + (
        "- data_transfer: {vendor_id: x}\n"
        f'  expect: {{message: {{action: "{action}", from: csms,'
        " payload: {vendorId: '${{ list[0] }}', customData: {$absent: true}}}}\n"
    )
    outcome = run_plan(plan_texts(tmp_path, step), SuiteOptions(jobs=0))
    verdicts = [end["verdict"] for end in outcome.ends()]
    assert verdicts == (["passed", "passed"] if action == "DataTransfer" else ["error", "passed"])


def test_a_raw_payload_may_hold_anything(tmp_path: Path) -> None:
    """Null, mappings and numbers inside a payload are the scenario's own business."""
    step = f"- csms_call: {{action: DataTransfer, payload: {{vendorId: x, data: '{X}'}}}}\n  raw: true\n"
    step += "  expect: {call_error: {code: {$present: true}}}\n"
    outcome = run_plan(plan_texts(tmp_path, HEAD % (PLUGGED, "null", "") + step), SuiteOptions(jobs=0))
    assert outcome.end()["verdict"] == "passed", outcome.end().get("failure")


def test_a_saved_value_is_judged_like_any_other(tmp_path: Path) -> None:
    """What came over the wire is no bound only because it looks like a number."""
    text = HEAD % (CHARGING, "0", "") + (
        "- log: ${{ list }}\n"
        "- get_configuration: heartbeat_interval\n"
        "  save: {interval: 'response.configurationKey[0].value'}\n"
        "- never: {meter: {energy_wh: {$gte: '${{ interval }}'}}}\n  for: 1s\n"
    )
    outcome = run_plan(plan_texts(tmp_path, text), SuiteOptions(jobs=0))
    assert outcome.end()["verdict"] == "error"
    assert "${{ interval }} gives" in outcome.end()["failure"]["message"]


SEND = "ocpp: ['2.0.1']\n%ssteps:\n  - data_transfer: {vendor_id: x, data: %s}\n%s"


def data(matcher: str, more: str = "") -> str:
    """A DataTransfer of the CSMS whose data are so."""
    return f"{{message: {{action: DataTransfer, from: csms, payload: {{data: {{{matcher}}}}}{more}}}}}"


@pytest.mark.parametrize(
    ("throughout", "modifiers", "right"),
    [
        ("", "    never: " + data("$matches: 'a.*'") + "\n    for: 1s\n", "passed"),
        ("", "    never: " + data("$not: {$matches: 'b'}") + "\n    for: 1s\n", "passed"),
        ("throughout: {never: " + data("$matches: 'a.*'") + "}\n", "", "passed"),
        ("", "    expect: " + data("$matches: 'a.*'") + "\n    within: 1s\n", "failed"),
        ("", "    expect: [" + data("$matches: 'a.*'") + "]\n    within: 1s\n", "failed"),
        ("", "    expect: " + data("$not: {$gte: '2030-01-01T00:00:00Z'}") + "\n    within: 1s\n", "error"),
        ("", "    expect: " + data("$matches: 'b'", ", at_least: 2") + "\n    within: 1s\n", "failed"),
    ],
)
def test_what_comes_cannot_be_compared(tmp_path: Path, throughout: str, modifiers: str, right: str) -> None:
    """A pattern and a number: no pass and no failure, but an error; with a text it is judged."""
    outcome = run_plan(
        plan_texts(tmp_path, SEND % (throughout, "5", modifiers), SEND % (throughout, "b", modifiers)),
        SuiteOptions(jobs=0),
    )
    number, text = outcome.ends()
    assert number["verdict"] == "error"
    assert "cannot judge 5, which came at +0.000s" in number["failure"]["message"]
    assert text["verdict"] == right


def test_what_cannot_be_compared_does_no_harm_to_an_expectation_that_is_met(tmp_path: Path) -> None:
    """Something else has come that is what was asked for."""
    steps = "  - data_transfer: {vendor_id: x, data: b}\n  - expect: " + data("$matches: 'b'") + "\n    since: start\n"
    outcome = run_plan(plan_texts(tmp_path, SEND % ("", "5", steps)), SuiteOptions(jobs=0))
    assert outcome.end()["verdict"] == "passed", outcome.end().get("failure")
