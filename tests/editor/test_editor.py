"""What the language server that editors use makes of the schema: `make editor` installs it and runs this."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ocpplab_runner.scenario.editor_schema import editor_schema_text
from ocpplab_runner.scenario.loader import load_text
from tests.editor.server import Editor, missing
from tests.scenario.kit import language, load, steps
from tests.scenario.test_everyday import FACETS as EVERYDAY_FACETS
from tests.scenario.test_everyday import HEADS, HINTS, TAKEN

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())

STATUSES = {"Accepted", "Blocked", "Expired", "Invalid"}
#: Text with the cursor in it → some of what is proposed there.
POSITIONS = [
    ("|", {"name", "steps", "given", "ocpp"}),
    ("name: x\nocpp: [|]", {"1.6", "2.0.1", "2.1"}),
    ("name: x\nocpp: |", {"1.6", "2.0.1", "2.1"}),
    ("name: x\ngiven:\n  |", {"charger", "chargers", "csms", "state"}),
    ("name: x\ngiven:\n  state: |", {"booted", "ev_connected", "offline"}),
    ("name: x\ngiven:\n  charger:\n    |", {"evses", "settings", "serial_number"}),
    ("name: x\ngiven:\n  charger:\n    settings:\n      |", {"heartbeat_interval", "local_pre_authorize"}),
    ("name: x\ngiven:\n  charger:\n    settings:\n      local_pre_authorize: |", {"true", "false"}),
    ("name: x\ngiven:\n  charger:\n    unlock: |", {"works", "fails", "not_supported"}),
    ("name: x\ngiven:\n  csms:\n    |", {"id_tokens", "boot", "replies"}),
    ("name: x\ngiven:\n  csms:\n    id_tokens:\n      CARD-1: |", STATUSES),
    ("name: x\ngiven:\n  csms:\n    id_tokens:\n      CARD-1:\n        status: |", STATUSES),
    ("name: x\ngiven:\n  csms:\n    unknown_id_token: |", STATUSES),
    ("name: x\nsteps:\n  - |", {"plug_connector", "authorize_id_tag", "reset", "expect", "never"}),
    ("name: x\nsteps:\n  - wait: 1s\n    |", {"expect", "within", "save", "only"}),
    ("name: x\nsteps:\n  - wait: 1s\n    expect: |", STATUSES),
    ("name: x\nsteps:\n  - wait: 1s\n    expect:\n      |", {"auth_status", "transaction", "connector_status"}),
    ("name: x\nsteps:\n  - wait: 1s\n    never:\n      |", {"auth_status", "transaction"}),
    ("name: x\nsteps:\n  - wait: 1s\n    still:\n      |", {"transaction", "connector_status"}),
    ("name: x\nsteps:\n  - wait: 1s\n    only: [|]", {"1.6", "2.0.1"}),
    ("name: x\nsteps:\n  - reset:\n      |", {"type", "evse_id"}),
    ("name: x\nsteps:\n  - group:\n      - |", {"plug_connector", "reset"}),
]


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """One that knows the schema as it is shipped."""
    schema = tmp_path_factory.mktemp("editor") / "scenario.schema.json"
    schema.write_text(editor_schema_text(language()), "utf-8")
    with Editor(schema) as session:
        yield session


@pytest.mark.parametrize(("text", "some"), POSITIONS, ids=[text[-60:] for text, _ in POSITIONS])
def test_it_completes(editor: Editor, text: str, some: set[str]) -> None:
    """Keys and values, wherever a word is one of some."""
    assert some <= editor.completions(text).keys()


#: The same, of what only the schema with payloads knows.
PAYLOADS = [
    ("name: x\nocpp: ['1.6']\nsteps:\n  - csms_call:\n      action: |", {"ChangeConfiguration", "Reset"}),
    ("name: x\nocpp: ['2.0.1']\nsteps:\n  - csms_call:\n      action: |", {"SetVariables", "Reset"}),
    ("name: x\nsteps:\n  - csms_call:\n      action: |", {"SetVariables", "ChangeConfiguration"}),
    ("name: x\nocpp: ['1.6']\nsteps:\n  - csms_call:\n      action: Reset\n      payload:\n        |", {"type"}),
    ("name: x\nocpp: ['2.1']\nsteps:\n  - csms_call:\n      action: Reset\n      payload:\n        |", {"evseId"}),
    ("name: x\nocpp: ['1.6']\nsteps:\n  - proxy_message:\n      action: |", {"StartTransaction", "Authorize"}),
    ("name: x\nocpp: ['2.1']\nsteps:\n  - proxy_message:\n      action: |", {"TransactionEvent"}),
    (
        "name: x\nocpp: ['1.6']\nsteps:\n  - proxy_message:\n      action: Authorize\n      payload:\n        |",
        {"idTag"},
    ),
    ("name: x\nocpp: ['1.6']\nsteps:\n  - csms_reply:\n      to: |", {"Authorize", "BootNotification"}),
    (
        "name: x\nocpp: ['1.6']\nsteps:\n  - csms_reply:\n      to: Authorize\n      payload:\n        |",
        {"idTagInfo"},
    ),
    ("name: x\nocpp: ['2.1']\nsteps:\n  - expect:\n      message:\n        action: |", {"TransactionEvent", "Reset"}),
]
#: What is proposed in the files of one version belongs to it.
FOREIGN = [
    ("name: x\nocpp: ['1.6']\nsteps:\n  - csms_call:\n      action: |", "SetVariables"),
    ("name: x\nocpp: ['2.0.1']\nsteps:\n  - csms_call:\n      action: |", "ChangeConfiguration"),
    ("name: x\nocpp: ['1.6']\nsteps:\n  - csms_call:\n      action: |", "Authorize"),
]


@pytest.fixture(scope="module")
def editor_of_payloads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """An editor with the schema that `new` and `schema --install` write."""
    schema = tmp_path_factory.mktemp("editor") / "scenario.schema.json"
    schema.write_text(editor_schema_text(language(), payloads=True), "utf-8")
    with Editor(schema) as one:
        yield one


@pytest.mark.parametrize(("text", "words"), PAYLOADS, ids=[text[-60:] for text, _ in PAYLOADS])
def test_it_completes_what_is_written_in_words_of_ocpp(editor_of_payloads: Editor, text: str, words: set[str]) -> None:
    """Actions, and the keys of their payloads."""
    assert words <= editor_of_payloads.completions(text).keys()


@pytest.mark.parametrize(("text", "word"), FOREIGN, ids=[text[-60:] for text, _ in FOREIGN])
def test_it_proposes_nothing_of_another_version_or_side(editor_of_payloads: Editor, text: str, word: str) -> None:
    """Of OCPP's actions."""
    assert word not in editor_of_payloads.completions(text)


def test_payloads_refuse_nothing(editor_of_payloads: Editor) -> None:
    """Whether one is right `check` says: keys of vendors, snake case, `raw`."""
    for body in (
        "- csms_call: {action: reset, payload: {kind: 1}}",
        "- proxy_message: {action: X, payload: {y: 1}}\n  raw: true",
    ):
        assert editor_of_payloads.marks(steps(body)) == [[]]


@pytest.mark.parametrize("name", [name for name, facet in language().facets.items() if "enum" in (facet.value or {})])
def test_it_completes_the_words_of_every_facet(editor: Editor, name: str) -> None:
    """Behind its name, and in its `is`."""
    words = set((language().facets[name].value or {})["enum"])
    head = "name: x\nsteps:\n  - wait: 1s\n    expect:\n"
    assert words <= editor.completions(f"{head}      {name}: |").keys()
    assert words <= editor.completions(f"{head}      {name}:\n        is: |").keys()


@pytest.mark.parametrize("name", sorted(language().verbs))
def test_a_verb_comes_with_what_it_needs(editor: Editor, name: str) -> None:
    """A colon and, in a mapping, its required fields."""
    inserted = editor.completions("name: x\nsteps:\n  - |")[name]
    assert inserted.startswith(f"{name}:")
    spec = language().verbs[name]
    needed = [field.name for field in spec.fields if field.required]
    if spec.value is None and needed and needed != [spec.shorthand] and spec.shorthand is None:
        assert all(f"{field}:" in inserted for field in needed)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("reset", "Hard"),
        ("wait", "10s"),
        ("authorize_id_tag", "CARD-1"),
        ("plug_connector", "1"),
        ("network", "down"),
        ("inject_fault", "GroundFailure"),
        ("trigger_message", "Heartbeat"),
        ("remote_start", "CARD-1"),
        ("log", "a line"),
    ],
)
def test_a_verb_with_a_bare_value_is_explained(editor: Editor, name: str, value: str) -> None:
    """By what the verb does, not only by what the value is."""
    told = editor.hover(f"name: x\nsteps:\n  - {name[0]}|{name[1:]}: {value}\n").replace("\\", "")
    assert language().verbs[name].summary.split("(")[0].rstrip(" .") in told


def mistakes() -> Iterator[str]:
    """Files with one mistake each."""
    yield from (steps(body, head) for head, body, _ in HINTS)
    yield from (steps(f"- {name}: {{no_such_field: 1}}") for name, verb in language().verbs.items() if verb.fields)
    yield steps("- plug_connector: 1\n  reset: Hard")
    yield steps("- wait: 1s\n  unplug_connector: 1")


def sound() -> Iterator[str]:
    """Files that `check` takes, in everyday forms too."""
    yield from (steps(body, head) for head, body, _ in TAKEN)
    yield from (steps("- plug_connector: 1", head) for head, _, _ in HEADS)
    yield from (steps(f"- wait: 1s\n  expect: {expect}") for expect, _, _ in EVERYDAY_FACETS)


@pytest.fixture(scope="module")
def marks(editor: Editor) -> dict[str, list[tuple[int, str]]]:
    """What the editor marks in each of all those files."""
    texts = [*mistakes(), *sound()]
    return dict(zip(texts, editor.marks(*texts), strict=True))


@pytest.mark.parametrize("text", [*mistakes()], ids=lambda text: text.splitlines()[-1].strip()[:60])
def test_check_and_the_editor_mark_the_same_mistakes(marks: dict[str, list[tuple[int, str]]], text: str) -> None:
    """An editor that is quiet is a promise."""
    assert any(one.severity == "error" for one in load(text).diagnostics)
    assert marks[text] != []


@pytest.mark.parametrize("text", [*sound()], ids=lambda text: text.splitlines()[-1].strip()[:60])
def test_neither_marks_what_is_sound(marks: dict[str, list[tuple[int, str]]], text: str) -> None:
    """Nor does an editor cry wolf."""
    assert not any(one.severity == "error" for one in load_text(text, language(), path=Path("x.yaml")).diagnostics)
    assert marks[text] == []
