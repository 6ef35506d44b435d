"""Sound files become the model; paths, includes and defaults are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocpplab_runner.scenario.loader import load_files
from ocpplab_runner.scenario.model import Expectation, FacetExpectation, Order, Xfail
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.thoroughness import at_least, part

from .kit import ROOT, codes, language, load, scenario, steps


def test_a_shorthand_becomes_its_field() -> None:
    """Scalars, mappings, null and free values of verbs."""
    made = scenario(
        steps(
            "- wait: 30s\n- plug_connector: {evse_id: 1, ev: {demand: false}}\n- clear_cache:\n"
            "- change_configuration: {heartbeat_interval: 60s}\n- update_id_tokens: {CARD-1: Blocked}"
        )
    )
    assert [(step.verb, step.fields) for step in made.steps] == [
        ("wait", {"for": "30s"}),
        ("plug_connector", {"evse_id": 1, "ev": {"demand": False}}),
        ("clear_cache", {}),
        ("change_configuration", {".": {"heartbeat_interval": "60s"}}),
        ("update_id_tokens", {".": {"CARD-1": "Blocked"}}),
    ]


def test_nested_steps_become_blocks() -> None:
    """Lists of steps leave the fields; parallel has one block for each branch."""
    made = scenario(
        steps(
            "- group: [{wait: 1s}]\n- parallel: [[{wait: 1s}], [{wait: 2s}, {wait: 3s}]]\n"
            "- repeat: {times: 2, as: n, steps: [{log: '${{ n }}'}]}\n"
            "- if: {condition: 'true', then: [{wait: 1s}], else: [{wait: 2s}]}"
        )
    )
    group, parallel, repeat, decision = made.steps
    assert list(group.blocks) == ["."]
    assert {name: len(block) for name, block in parallel.blocks.items()} == {"0": 1, "1": 2}
    assert repeat.fields == {"times": 2, "as": "n"}
    assert repeat.blocks["steps"][0].fields == {"text": "${{ n }}"}
    assert decision.fields == {"condition": "true"}
    assert list(decision.blocks) == ["then", "else"]


def facets(text: str) -> Expectation:
    """The expectation of one step."""
    expect = scenario(steps(f"- authorize_id_tag: CARD-1\n  expect: {text}")).steps[0].expect
    assert expect is not None
    return expect


def plain(facet: FacetExpectation) -> tuple[object, ...]:
    """A facet without its place."""
    return facet.facet, facet.fields, facet.sequence, facet.count, facet.at_least


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Blocked", ("auth_status", {"is": "Blocked"}, (), None, None)),
        ("{auth_status: Blocked}", ("auth_status", {"is": "Blocked"}, (), None, None)),
        (
            "{auth_status: {is: Blocked, via: cache}}",
            ("auth_status", {"is": "Blocked", "via": "cache"}, (), None, None),
        ),
        ("{auth_status: {$not: Blocked}}", ("auth_status", {"is": {"$not": "Blocked"}}, (), None, None)),
        ("{heartbeat: {count: 3}}", ("heartbeat", {}, (), 3, None)),
        ("{heartbeat: }", ("heartbeat", {}, (), None, None)),
        ("{meter: {at_least: 2, evse_id: 1}}", ("meter", {"evse_id": 1}, (), None, 2)),
        (
            "{transaction: [started, {is: ended, reason: Local}]}",
            ("transaction", {}, ({"is": "started"}, {"is": "ended", "reason": "Local"}), None, None),
        ),
    ],
)
def test_facets_in_every_form(text: str, wanted: tuple[object, ...]) -> None:
    """A scalar is the fact's `is`, a list a sequence, a matcher stands for the scalar."""
    assert plain(facets(text).facets[0]) == wanted


def test_a_list_of_facets_is_ordered() -> None:
    """A mapping is met in any order, a list one after the other."""
    ordered = facets("[{transaction: started}, {connector_status: Charging}]")
    assert ordered.ordered
    assert [facet.facet for facet in ordered.facets] == ["transaction", "connector_status"]
    assert not facets("{transaction: started, connector_status: Charging}").ordered


def test_answers_keep_their_payload() -> None:
    """The mapping beside `response` is the payload itself; `call_error: CODE` is its code."""
    made = scenario(
        steps(
            "- clear_cache: {}\n  expect: {response: {count: 1, status: Accepted}}\n  raw: true\n"
            "- clear_cache: {}\n  expect: {call_error: NotSupported}"
        )
    )
    first, second = (step.expect.facets[0] for step in made.steps if step.expect)
    assert first.fields == {"count": 1, "status": "Accepted"}
    assert first.count is None
    assert second.fields == {"code": "NotSupported"}


def test_modifiers() -> None:
    """Durations are seconds, expressions stay text, versions are versions."""
    made = scenario(
        steps(
            "- authorize_id_tag: CARD-1\n  id: one\n  name: The card\n  only: ['1.6']\n  timeout: 1m\n  raw: true\n"
            "  expect: {transaction: started}\n  within: 1500ms\n  save: {tx: transaction.transaction_id}\n"
            "- expect: {transaction: [started, ended]}\n  since: one\n  within: ${{ limit }}\n  in_any_order: true\n"
            "- never: {heartbeat: {}}\n  for: 1m\n  since: start",
            "vars: {limit: 5s}\nwithin: 20s\n",
        )
    )
    first, second, third = made.steps
    assert (first.id, first.name, first.only, first.timeout, first.raw) == (
        "one",
        "The card",
        (OcppVersion.V16,),
        60.0,
        True,
    )
    assert first.save == {"tx": "transaction.transaction_id"}
    assert first.expect is not None and second.expect is not None and third.never is not None
    assert first.expect.within == 1.5
    assert (second.verb, second.expect.since, second.expect.within) == (None, "one", "${{ limit }}")
    assert (first.expect.order, second.expect.order) == (Order.CONTIGUOUS, Order.ANY)
    assert (third.never.for_, third.never.since) == (60.0, "start")


def test_the_files_within_is_every_expectations_default() -> None:
    """Unless a step says its own."""
    made = scenario(steps("- plug_connector: 1\n  expect: {connector_status: Preparing}", "within: 20s\n"))
    assert made.steps[0].expect is not None
    assert made.steps[0].expect.within == 20.0


def test_the_rest_of_a_scenario() -> None:
    """Given, cases, throughout, finally and the keys of the head."""
    made = scenario(
        'name: All of it\ndescription: Text\ntags: [a]\ncovers: [TC_1]\nocpp: ["1.6", "2.0.1"]\n'
        "given:\n  chargers: {A: {evses: 2}, B: }\n  csms: {id_tokens: {CARD-1: Accepted}}\n  state: offline\n"
        "vars: {pin: '1234'}\nsecrets: [pin]\n"
        'cases: [{name: one, card: CARD-1}, {name: two, card: CARD-2, only: ["2.0.1"]}]\n'
        "throughout: {never: {violation: schema}}\nxfail: not yet\ntimeout: 5m\n"
        "steps:\n  - authorize_id_tag: ${{ card }}\n    charger: B\nfinally:\n  - power: 'off'\n".replace(
            "B: }", "B: {}}"
        )
    )
    assert (made.name, made.description, made.tags, made.covers) == ("All of it", "Text", ("a",), ("TC_1",))
    assert made.ocpp == (OcppVersion.V16, OcppVersion.V201)
    assert made.chargers == {"A": {"evses": 2}, "B": {}}
    assert made.csms == {"id_tokens": {"CARD-1": "Accepted"}}
    assert (made.state, made.vars, made.secrets) == ("offline", {"pin": "1234"}, ("pin",))
    assert [(case.name, case.vars, case.only) for case in made.cases] == [
        ("one", {"card": "CARD-1"}, ()),
        ("two", {"card": "CARD-2"}, (OcppVersion.V201,)),
    ]
    assert made.throughout[0].facets[0].facet == "violation"
    assert (made.xfail, made.timeout) == (Xfail("not yet"), 300.0)
    assert made.finally_[0].fields == {"state": "off"}


def test_a_single_charger_is_named_charger() -> None:
    """Also when nothing is said of it."""
    assert scenario(steps("- wait: 1s")).chargers == {"charger": {}}


def test_includes(tmp_path: Path) -> None:
    """A whole file, a fragment of another file, a fragment of one's own; parameters and their defaults."""
    (tmp_path / "_parts.yaml").write_text(
        "vars: {card: CARD-9, pause: 1s}\n"
        "fragments:\n  swipe:\n    - authorize_id_tag: ${{ card }}\n    - wait: ${{ pause }}\n"
    )
    (tmp_path / "other.yaml").write_text(steps("- plug_connector: 1"))
    main = tmp_path / "main.yaml"
    main.write_text(
        steps("- include: other.yaml\n- include: {file: _parts.yaml#swipe, with: {card: CARD-1}}\n- include: '#own'")
        + "smoke: true\nfragments:\n  own:\n    - unplug_connector: 1\n"
    )
    result = load_files([main], language())
    assert result.diagnostics == []
    other, swipe, own = result.scenarios[0].steps
    assert other.blocks["steps"][0].verb == "plug_connector"
    assert other.blocks["steps"][0].path == tmp_path / "other.yaml"
    assert swipe.fields["with"] == {"card": "CARD-1", "pause": "1s"}
    assert [step.verb for step in swipe.blocks["steps"]] == ["authorize_id_tag", "wait"]
    assert own.blocks["steps"][0].path == main


def test_defaults_are_under_the_scenarios_own(tmp_path: Path) -> None:
    """Key by key in mappings, tags joined; a single charger replaces several."""
    (tmp_path / "_defaults.yaml").write_text(
        "tags: [a, b]\nwithin: 5s\nvars: {x: 1, y: 1}\n"
        "given:\n  charger: {evses: 2, settings: {heartbeat_interval: 60s, cache_enabled: false}}\n"
        "  csms: {id_tokens: {CARD-1: Accepted, CARD-2: Accepted}}\n  state: {charging: {id_tag: CARD-1}}\n"
    )
    main = tmp_path / "main.yaml"
    main.write_text(
        "name: x\ndefaults: _defaults.yaml\ntags: [c]\nvars: {y: 2}\n"
        "given:\n  charger: {settings: {cache_enabled: true}}\n  csms: {id_tokens: {CARD-2: Blocked}}\n"
        "  state: {ev_connected: {evse_id: 2}}\n"
        "steps:\n  - log: ${{ x + y }}\n"
    )
    (made,) = load_files([main], language()).scenarios
    assert made.tags == ("a", "b", "c")
    assert made.vars == {"x": 1, "y": 2}
    assert made.chargers == {"charger": {"evses": 2, "settings": {"heartbeat_interval": "60s", "cache_enabled": True}}}
    assert made.csms == {"id_tokens": {"CARD-1": "Accepted", "CARD-2": "Blocked"}}
    assert made.state == {"ev_connected": {"evse_id": 2}}


def test_directories_are_searched(tmp_path: Path) -> None:
    """Every YAML file in a stable order, but those that are no scenarios."""
    for name in (
        "b.yaml",
        "a.yml",
        "sub/c.yaml",
        "_part.yaml",
        ".hidden.yaml",
        "ocpplab.yaml",
        "note.txt",
        "_sub/d.yaml",
    ):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(steps("- wait: 1s"))
    result = load_files([tmp_path, tmp_path / "b.yaml"], language())
    assert [file.relative_to(tmp_path).as_posix() for file in result.files] == ["a.yml", "b.yaml", "sub/c.yaml"]
    assert len(result.scenarios) == 3
    named = load_files([tmp_path / "_part.yaml"], language())
    assert len(named.scenarios) == 1


def test_a_library_of_fragments_is_no_scenario(tmp_path: Path) -> None:
    """It is checked, with any variable as a parameter, and nothing runs."""
    file = tmp_path / "_parts.yaml"
    file.write_text("fragments:\n  swipe:\n    - authorize_id_tag: ${{ card }}\n      charger: any\n")
    result = load_files([file], language())
    assert (result.diagnostics, result.scenarios) == ([], [])
    file.write_text("fragments:\n  swipe:\n    - authorise_id_tag: ${{ card }}\n")
    assert codes(load_files([file], language())) == ["unknown-verb"]


def test_a_broken_file_does_not_keep_others_from_loading(tmp_path: Path) -> None:
    """Every problem of every file in one run, sorted by file, line and column."""
    (tmp_path / "b.yaml").write_text("name: x\nsteps:\n  - wait: 3\n  - wiat: 3s\n")
    (tmp_path / "a.yaml").write_text("name: x\nsteps: [\n")
    (tmp_path / "c.yaml").write_text(steps("- wait: 1s", "smoke: true\n"))
    result = load_files([tmp_path], language())
    assert [(d.path.name, d.span.line, d.code) for d in result.diagnostics] == [
        ("a.yaml", 3, "yaml-syntax"),
        ("b.yaml", 3, "bad-duration"),
        ("b.yaml", 4, "unknown-verb"),
    ]
    assert [made.path.name for made in result.scenarios] == ["c.yaml"]
    assert not result.ok
    assert result.source_line(tmp_path / "b.yaml", 4) == "  - wiat: 3s"


def test_a_mistake_in_an_included_file_is_shown_there(tmp_path: Path) -> None:
    """With every include that led to it."""
    (tmp_path / "_low.yaml").write_text("fragments:\n  low:\n    - log: ${{ nothing }}\n")
    (tmp_path / "_mid.yaml").write_text("fragments:\n  mid:\n    - include: _low.yaml#low\n")
    main = tmp_path / "main.yaml"
    main.write_text(steps("- include: _mid.yaml#mid"))
    (found,) = load_files([main], language()).diagnostics
    assert (found.path.name, found.code) == ("_low.yaml", "undefined-variable")
    assert [(path.name, span.line, why) for path, span, why in found.related] == [
        ("_mid.yaml", 3, "included here"),
        ("main.yaml", 3, "included here"),
    ]


def test_a_shared_mistake_is_said_once(tmp_path: Path) -> None:
    """Two scenarios that include one broken file do not double its problems."""
    (tmp_path / "_low.yaml").write_text("fragments:\n  low:\n    - wiat: 3s\n")
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(steps("- include: _low.yaml#low"))
    assert codes(load_files([tmp_path], language())) == ["unknown-verb"]


def test_variables_of_the_command_line() -> None:
    """--var gives a name that the file need not have."""
    text = steps("- log: ${{ site }}")
    assert codes(load(text)) == ["undefined-variable"]
    assert codes(load(text, variables=["site"])) == []


def test_the_shipped_library_is_sound() -> None:
    """What we ship, a sixth of it unless thorough, passes check, whatever the target speaks of its versions."""
    files = [ROOT / name for name in part(0, 6)]
    result = load_files(files, language(), versions=(OcppVersion.V16, OcppVersion.V201))
    assert [f"{d.path}:{d.span.line}: {d.message}" for d in result.diagnostics] == []
    assert len(result.scenarios) >= at_least(60, 6)
