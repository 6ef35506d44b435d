"""YAML text to data: the rules of YAML 1.2, the limits, and the places of things."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ocpplab_runner.scenario import yaml_text
from ocpplab_runner.scenario.diagnostics import Span
from ocpplab_runner.scenario.document import Document
from ocpplab_runner.scenario.yaml_events import pure_python_events
from ocpplab_runner.scenario.yaml_text import parse, read_file

from .kit import ROOT

FILE = Path("file.yaml")


def codes(document: Document) -> list[str]:
    """The codes of what was found."""
    return [diagnostic.code for diagnostic in document.diagnostics]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("no", "no"),
        ("Yes", "Yes"),
        ("010", "010"),
        ("0o17", "0o17"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("12:30:00", "12:30:00"),
        ("2024-01-01", "2024-01-01"),
        ("=", "="),
        ("true", True),
        ("FALSE", False),
        ("tRue", "tRue"),
        ("null", None),
        ("~", None),
        ("", None),
        ("42", 42),
        ("-7", -7),
        ("+7", 7),
        ("0", 0),
        ("1.6", 1.6),
        (".5", 0.5),
        ("1.", 1.0),
        ("1e3", 1000.0),
        ("2.0.1", "2.0.1"),
        ("-", [None]),
        (".", "."),
        ("+.", "+."),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("1e999", "1e999"),
        ("99999999999999999999", "99999999999999999999"),
        ("9223372036854775807", 2**63 - 1),
        ("'1.6'", "1.6"),
        ('"no"', "no"),
        ("!!str 1.6", "1.6"),
        ("! 1.6", "1.6"),
        ("!!int 3", 3),
        ("!!float 3", 3.0),
    ],
)
def test_scalars_follow_yaml_1_2(text: str, value: Any) -> None:
    """on, no, 010 and 12:30:00 stay text; a number that JSON cannot carry stays text too."""
    document = parse(text if text == "-" else f"key: {text}", FILE)
    assert document.diagnostics == []
    read = document.root if text == "-" else document.root["key"]
    assert read == value
    assert type(read) is type(value)


def test_keys_are_always_text() -> None:
    """A card number as a key is no number."""
    assert parse("{1: a, true: b, null: c, 1.6: d}", FILE).root == {"1": "a", "true": "b", "null": "c", "1.6": "d"}


def test_aliases_share_their_value() -> None:
    """An alias is the anchored value, of scalars, lists and mappings, also as a key."""
    document = parse("a: &x [1]\nb: *x\nc: &y word\nd: *y\n*y : e\n", FILE)
    assert document.root == {"a": [1], "b": [1], "c": "word", "d": "word", "word": "e"}


def test_an_alias_for_two_angles_is_a_key_like_any_other() -> None:
    """As it is in quotes: only what is written as a merge key is refused as one."""
    document = parse("a: &x '<<'\n*x : 1", FILE)
    assert document.diagnostics == []
    assert document.root == {"a": "<<", "<<": 1}


def test_an_anchor_may_be_set_again() -> None:
    """The latest anchor of a name counts."""
    assert parse("[&a 1, *a, &a 2, *a]", FILE).root == [1, 1, 2, 2]


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a: 1\na: 2", "duplicate-key", 2, 1),
        ("a: {b: 1, 'b': 2}", "duplicate-key", 1, 11),
        ("<<: {a: 1}", "merge-key", 1, 1),
        ("? [a]\n: b", "bad-key", 1, 3),
        ("a: !!set {b}", "bad-tag", 1, 4),
        ("a: !!int word", "bad-tag", 1, 4),
        ("a: !!python/name:os.system x", "bad-tag", 1, 4),
        ("a: !custom [1]", "bad-tag", 1, 4),
        ("a: &a [*a]", "recursive-alias", 1, 8),
        ("a: *b", "yaml-syntax", 1, 4),
        ("\ta: 1", "yaml-syntax", 1, 1),
        ("a: [", "yaml-syntax", 2, 1),
        ("a: b: c", "yaml-syntax", 1, 5),
        ("a: @b", "yaml-syntax", 1, 4),
        ("a: 'b", "yaml-syntax", 1, 6),
        ('a: "\\ud800"', "yaml-syntax", 1, 7),
        ("a: b\x01", "yaml-syntax", 1, 5),
        ("--- 1\n--- 2", "several-documents", 2, 1),
    ],
)
def test_what_is_wrong_is_said_at_its_place(text: str, code: str, line: int, column: int) -> None:
    """Each way of breaking YAML has its code and its place."""
    (found,) = parse(text, FILE).diagnostics
    assert (found.code, found.span.line, found.span.column) == (code, line, column)


def test_tabs_get_a_hint() -> None:
    """The commonest mistake of all is named."""
    assert "spaces" in parse("a:\n\tb: 1", FILE).diagnostics[0].hint


def test_several_problems_of_one_file_are_all_said() -> None:
    """What does not stop the reading does not stop the list."""
    assert codes(parse("a: 1\na: 2\nb: !x 1\n<<: {}\n", FILE)) == ["duplicate-key", "bad-tag", "merge-key"]


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n...\n", "\ufeff"])
def test_a_file_without_content_has_no_root(text: str) -> None:
    """An empty file is no syntax error."""
    document = parse(text.encode(), FILE)
    assert document.root is None
    assert document.diagnostics == []


def test_a_byte_order_mark_is_no_content() -> None:
    """Editors on Windows write one."""
    document = parse(b"\xef\xbb\xbfa: 1", FILE)
    assert document.root == {"a": 1}
    assert document.key_span(document.root, "a").column == 1


@pytest.mark.parametrize(
    ("content", "line", "column"),
    [(b"a: 1\nb: \xe4", 2, 4), ("a: ü".encode("utf-16"), 1, 1), (b"a: \xed\xa0\x80", 1, 4)],
)
def test_other_encodings_are_refused(content: bytes, line: int, column: int) -> None:
    """Only UTF-8 is read; the first wrong byte is shown."""
    (found,) = parse(content, FILE).diagnostics
    assert (found.code, found.span.line, found.span.column) == ("not-utf-8", line, column)


def test_depth_is_limited() -> None:
    """64 levels are read, 65 are not; a million brackets end at once."""
    assert codes(parse("[" * 64 + "]" * 64, FILE)) == []
    assert codes(parse("[" * 65 + "]" * 65, FILE)) == ["too-deep"]
    assert codes(parse("[" * 1_000_000, FILE)) == ["too-deep"]
    assert codes(parse("- " * 5000, FILE)) == ["too-deep"]
    assert codes(parse("? " * 5000, FILE)) == ["too-deep"]


def test_depth_counts_through_aliases() -> None:
    """Aliases cannot hide the depth."""
    deep = "[" * 40 + "]" * 40
    assert codes(parse(f"a: &a {deep}\nb: {'[' * 20}*a{']' * 20}", FILE)) == []
    assert codes(parse(f"a: &a {deep}\nb: {'[' * 30}*a{']' * 30}", FILE)) == ["too-deep"]


def test_the_size_is_limited() -> None:
    """One mebibyte is read, one byte more is not."""
    assert codes(parse(b"# " + b"x" * (1024 * 1024 - 2), FILE)) == []
    assert codes(parse(b"# " + b"x" * (1024 * 1024 - 1), FILE)) == ["too-large"]


def test_the_number_of_nodes_is_limited() -> None:
    """10,000 nodes, written out or by aliases."""
    assert codes(parse("[" + "1," * 9_990 + "]", FILE)) == []
    assert codes(parse("[" + "1," * 10_001 + "]", FILE)) == ["too-large"]
    bomb = "a: &a [1,2,3,4,5,6,7,8,9]\n" + "".join(
        f"{name}: &{name} [{','.join(['*' + below] * 9)}]\n" for below, name in ("ab", "bc", "cd", "de", "ef", "fg")
    )
    assert codes(parse(bomb, FILE)) == ["alias-bomb"]


def test_missing_and_unreadable_files_are_diagnostics(tmp_path: Path) -> None:
    """Nothing is raised for a file that is not there or is a directory."""
    assert codes(read_file(tmp_path / "none.yaml")) == ["file-not-found"]
    assert codes(read_file(tmp_path)) == ["unreadable-file"]
    assert codes(read_file(Path("a\0b"))) == ["unreadable-file"]


def test_places_of_keys_and_values() -> None:
    """Spans are 1-based, end exclusive, and reach to the end of the first line."""
    text = "name: x\nsteps:\n  - wait: 30s # long\n    id: 'q'\n"
    document = parse(text, FILE)
    step = document.root["steps"][0]
    assert document.key_span(step, "wait") == Span(3, 5, 3, 9)
    assert document.value_span(step, "wait") == Span(3, 11, 3, 14)
    assert document.value_span(step, "id") == Span(4, 9, 4, 12)
    assert document.value_span(document.root["steps"], 0).line == 3
    assert document.span_at(["steps", 0, "wait"], key=True) == Span(3, 5, 3, 9)
    assert document.line(3) == "  - wait: 30s # long"
    assert document.line(99) == ""


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.text()),
        lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)),
        max_leaves=15,
    )
)
def test_data_that_is_written_is_read_back(data: Any) -> None:
    """What PyYAML writes, with text in quotes, is read as it was."""
    text = yaml.safe_dump(data, default_style='"', allow_unicode=True, default_flow_style=True)
    plain = yaml.safe_load(text)
    document = parse(text, FILE)
    if not document.diagnostics:
        assert document.root == plain == data
    else:
        assert codes(document) in (["duplicate-key"], ["merge-key"], ["bad-tag"])


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").rglob("*.yaml"))[:40], ids=lambda path: path.stem)
def test_libyaml_and_pure_python_give_the_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without libyaml the same data and places come out."""
    text = path.read_text("utf-8")
    fast = parse(text, FILE)
    monkeypatch.setattr(yaml_text, "events", pure_python_events)
    slow = parse(text, FILE)
    assert slow.root == fast.root
    assert slow.span_at(["steps"], key=True) == fast.span_at(["steps"], key=True)
    assert slow.span_at(["steps", 0]) == fast.span_at(["steps", 0])


@pytest.mark.parametrize("text", ["a: [", "a: 1\na: 2", "\ta: 1", "a: b\x01", '"\\ud800"', '"\\U00110000"', "[" * 3000])
def test_pure_python_refuses_the_same(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing escapes from the slower parser either."""
    monkeypatch.setattr(yaml_text, "events", pure_python_events)
    assert parse(text, FILE).diagnostics


@given(st.binary(max_size=300))
def test_any_bytes_give_only_diagnostics(content: bytes) -> None:
    """Whatever the bytes are, the answer is a document."""
    document = parse(content, FILE)
    assert document.root is None or not document.broken


@given(st.text(alphabet="[]{}:,-?&*!|>'\"%@`#~ab1 \n\t", max_size=60))
def test_any_yaml_like_text_gives_only_diagnostics(text: str) -> None:
    """Nor do YAML's own characters in any order raise anything."""
    parse(text, FILE)
