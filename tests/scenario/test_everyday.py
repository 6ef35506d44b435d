"""What everybody writes first: taken where one thing can be meant, else answered by one hint that cures."""

from __future__ import annotations

import functools
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpplab_runner.scenario.editor_schema import build_editor_schema, editor_schema_text
from ocpplab_runner.scenario.everyday import comparison
from ocpplab_runner.scenario.values import matches
from ocpplab_runner.scenario.yaml_text import parse
from ocpplab_runner.vocabulary.durations import meant_duration, parse_duration

from .kit import ROOT, language, load, steps

#: Head of the file, its steps, and what the model has of it.
TAKEN = [
    ("", "- authorize_id_tag: 12345678", {"id_tag": "12345678"}),
    ("", "- authorize_id_tag: {id_tag: 1E5}", {"id_tag": "1E5"}),
    ("", "- authorize_id_tag: 04520012", {"id_tag": "04520012"}),
    ("", "- authorize_id_tag: 1.50", {"id_tag": "1.50"}),
    ("", "- remote_start: {id_tag: 4711}", {"id_tag": "4711"}),
    (
        "",
        "- set_configuration: {configuration: {Key: 60, Other: true}}",
        {"configuration": {"Key": "60", "Other": "true"}},
    ),
    ("", "- reset: hard", {"type": "Hard"}),
    ("", "- reset: {type: onidle}", {"type": "OnIdle"}),
    ("", "- inject_fault: {fault_type: groundfailure}", {"fault_type": "GroundFailure"}),
]
HEADS = [
    ("tags: smoke\n", "tags", ("smoke",)),
    ("tags: [1, smoke]\n", "tags", ("1", "smoke")),
    ("covers: TC_1\n", "covers", ("TC_1",)),
    ("ocpp: '2.0.1'\n", "ocpp", ("2.0.1",)),
    (
        "given: {charger: {serial_number: 0815, model: 7.0}}\n",
        "chargers",
        {"charger": {"serial_number": "0815", "model": "7.0"}},
    ),
    (
        "given: {charger: {configuration: {HeartbeatInterval: 60}}}\n",
        "chargers",
        {"charger": {"configuration": {"HeartbeatInterval": "60"}}},
    ),
    ("given: {csms: {id_tokens: {4711: accepted}}}\n", "csms", {"id_tokens": {"4711": "Accepted"}}),
    ("given: {csms: {boot: {status: pending}}}\n", "csms", {"boot": {"status": "Pending"}}),
]
FACETS = [
    ("Accepted", "auth_status", {"is": "Accepted"}),
    ("accepted", "auth_status", {"is": "Accepted"}),
    ("{connector_status: charging}", "connector_status", {"is": "Charging"}),
    (
        "{connector_status: {is: {$any_of: [charging, Available]}}}",
        "connector_status",
        {"is": {"$any_of": ["Charging", "Available"]}},
    ),
    ('{meter: {energy_wh: "> 100"}}', "meter", {"energy_wh": {"$gt": 100}}),
    ('{meter: {energy_wh: ">= 1 and < 5.5"}}', "meter", {"energy_wh": {"$gte": 1, "$lt": 5.5}}),
    ("{meter: {energy_wh: 1 .. 5}}", "meter", {"energy_wh": {"$between": [1, 5]}}),
    ("{boot: {interval: '!= 300'}}", "boot", {"interval": {"$not": 300}}),
    (
        "{configuration: {key: HeartbeatInterval, value: 60}}",
        "configuration",
        {"key": "HeartbeatInterval", "value": "60"},
    ),
]
#: Steps or a head → the one hint.
HINTS = [
    ("", "- wait: 10", "write 10s if seconds are meant"),
    ("", "- wait: 10 s", "write 10s"),
    ("", "- wait: 10sec", "write 10s"),
    ("", "- wait: 2 hours", "write 2h"),
    ("", "- wait: 1 hour 30 minutes", "write 1h30m"),
    ("", "- wait: 00:10:00", "write 10m"),
    ("", "- wait: PT1H30M", "write 1h30m"),
    ("", "- wait: soon", "write a number with a unit: 500ms, 30s, 5m, 24h, 1h30m"),
    ("", "- wait: {seconds: 10}", "write `wait: 10s`"),
    ("", "- wait: {duration: 10s}", "did you mean 'for'?"),
    ("", "- authorize_id_tag: {uid: CARD-1}", "did you mean 'id_tag'?"),
    ("", "- plug: 1", "did you mean 'plug_connector'?"),
    ("", "- authorize: CARD-1", "did you mean 'authorize_id_tag'?"),
    ("", "- sleep: 10s", "did you mean 'wait'?"),
    ("", "- plug_connector: {connector: 1}", "did you mean 'connector_id'?"),
    ("", "- network: off", "did you mean 'down'?"),
    ("", "- power: down", "did you mean 'off'?"),
    ("", "- expect: {status: Available}", "did you mean 'connector_status'?"),
    ("", "- expect: {status: Blocked}", "did you mean 'auth_status'?"),
    ("", "- expect: {state: charging}", "did you mean 'connector_status'?"),
    ("", "- change_configuration: {HeartbeatInterval: 60}", "write {heartbeat_interval: 60s}"),
    ("", "- change_configuration: {MeterValueSampleInterval: 5m}", "write {meter_value_interval: 5m}"),
    (
        "",
        "- change_configuration: {key: HeartbeatInterval, value: 60}",
        "it names the setting: {heartbeat_interval: 60s}",
    ),
    ("", "- get_configuration: MeterValueSampleInterval", "did you mean 'meter_value_interval'?"),
    (
        "",
        "- set_configuration: {MeterValueSampleInterval: 60}",
        "write `configuration: {MeterValueSampleInterval: 60}`",
    ),
    ("given: {charger: {settings: {heartbeat_interval: 60}}}\n", "- wait: 1s", "write 60s if seconds are meant"),
    ("given: {charger: {settings: {HeartbeatInterval: 60}}}\n", "- wait: 1s", "write {heartbeat_interval: 60s}"),
    ("given: {charger: {settings: {local_pre_authorize: 'false'}}}\n", "- wait: 1s", "leave out the quotes: false"),
    ("given: {charger: {HeartbeatInterval: 60}}\n", "- wait: 1s", "write `configuration: {HeartbeatInterval: 60}`"),
    ("ocpp: 1.6\n", "- wait: 1s", 'quote it: "1.6"'),
    ("ocpp: [1.6, '2.0.1']\n", "- wait: 1s", 'quote it: "1.6"'),
]


@functools.cache
def editor() -> Any:
    """What an editor marks."""
    return jsonschema_rs.Draft7Validator(build_editor_schema(language()))


def marked(text: str) -> bool:
    """Whether an editor marks something in a text."""
    return not editor().is_valid(parse(text, _PATH).root)


_PATH = ROOT / "scenario.yaml"


@pytest.mark.parametrize(("head", "body", "fields"), TAKEN, ids=lambda value: str(value)[:50])
def test_a_verb_gets_what_was_meant(head: str, body: str, fields: dict[str, Any]) -> None:
    """And no editor marks it."""
    text = steps(body, head)
    result = load(text)
    assert [one for one in result.diagnostics if one.severity == "error"] == []
    assert result.scenarios[0].steps[0].fields == fields
    assert not marked(text)


@pytest.mark.parametrize(("head", "name", "value"), HEADS, ids=lambda value: str(value)[:50])
def test_the_head_gets_what_was_meant(head: str, name: str, value: Any) -> None:
    """The same for what stands above the steps."""
    text = steps("- plug_connector: 1", head)
    result = load(text)
    assert [one for one in result.diagnostics if one.severity == "error"] == []
    assert getattr(result.scenarios[0], name) == value
    assert not marked(text)


@pytest.mark.parametrize(("expect", "facet", "fields"), FACETS, ids=lambda value: str(value)[:50])
def test_an_expectation_gets_what_was_meant(expect: str, facet: str, fields: dict[str, Any]) -> None:
    """In every form of it."""
    text = steps(f"- wait: 1s\n  expect: {expect}")
    result = load(text)
    assert [one for one in result.diagnostics if one.severity == "error"] == []
    expected = result.scenarios[0].steps[0].expect
    assert expected is not None
    assert (expected.facets[0].facet, expected.facets[0].fields) == (facet, fields)
    assert not marked(text)


@pytest.mark.parametrize(("head", "body", "hint"), HINTS, ids=lambda value: str(value)[:60])
def test_everything_else_is_answered_once(head: str, body: str, hint: str) -> None:
    """By what cures it; and the editor marks it too."""
    text = steps(body, head)
    (found,) = load(text).diagnostics
    assert found.hint == hint
    assert marked(text)


def test_places_stay_those_of_the_text() -> None:
    """What is wrong beside, or behind, what was read differently is told where it stands."""
    head = "tags: smoke\nocpp: '1.6'\n"
    text = steps("- authorize_id_tag: 4711\n  expect: {meter: {energy_wh: '> 1', energy: 2}}", head)
    (found,) = load(text).diagnostics
    assert (found.span.line, found.span.column) == (6, 40)


def test_payloads_are_left_as_they_are() -> None:
    """They are what goes onto the wire."""
    result = load(steps('- csms_call: {action: DataTransfer, payload: {vendorId: "v", data: "> 1"}}'))
    assert result.scenarios[0].steps[0].fields["payload"] == {"vendorId": "v", "data": "> 1"}


def test_defaults_and_included_files_are_read_so_too(tmp_path: Any) -> None:
    """The file does not matter."""
    (tmp_path / "_defaults.yaml").write_text("tags: smoke\ngiven: {csms: {id_tokens: {4711: blocked}}}\n")
    (tmp_path / "_parts.yaml").write_text("fragments: {show: [{authorize_id_tag: 4711, expect: blocked}]}\n")
    text = "name: x\ndefaults: _defaults.yaml\nsteps: [{include: '_parts.yaml#show'}]\n"
    result = load(text, path=tmp_path / "scenario.yaml")
    assert result.diagnostics == []
    assert result.scenarios[0].tags == ("smoke",)
    assert result.scenarios[0].csms["id_tokens"] == {"4711": "Blocked"}


@pytest.mark.parametrize(
    ("text", "holds", "fails"),
    [
        ("> 100", 100.5, 100),
        (">= 100", 100, 99),
        ("< 1", 0, 1),
        ("≤ 1", 1, 2),
        ("!= 3", 4, 3),
        ("== 3", 3, 4),
        ("1..5", 5, 6),
        ("> 1 and < 3", 2, 3),
        ("> -1, <= 0", 0, -1),
    ],
)
def test_a_comparison_means_what_it_says(text: str, holds: float, fails: float) -> None:
    """At its border too."""
    assert matches(comparison(text), holds)
    assert not matches(comparison(text), fails)


@pytest.mark.parametrize("text", ["> ", "100", "> 100 Wh", "> 1 and > 2", "a > 1", "= 1 and > 0", "1 < 2"])
def test_another_text_is_no_comparison(text: str) -> None:
    """Then it is a mistake."""
    assert comparison(text) is None


@given(st.from_regex(r"\A[0-9]{1,4} ?(s|sec|seconds|min|minutes|hours?|days?|ms)\Z"))
def test_a_meant_duration_is_one(text: str) -> None:
    """What the hint proposes is taken."""
    assert parse_duration(meant_duration(text)) >= 0


def test_the_schema_is_small_enough_to_be_loaded_by_an_editor() -> None:
    """As shipped."""
    assert len(editor_schema_text(language()).encode()) < 250_000


def test_an_editor_marks_nothing_in_shipped_scenarios() -> None:
    """Nor does it in what only the everyday reading takes."""
    files = sorted((ROOT / "scenarios").rglob("*.yaml"))
    assert [path.name for path in files if marked(path.read_text("utf-8"))] == []
