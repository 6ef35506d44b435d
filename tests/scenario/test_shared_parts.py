"""Schemas written short: nothing is lost by it, for a language server or a validator, and little moves by an edit."""

from __future__ import annotations

from typing import Any

import pytest

from ocpplab_runner.scenario.editor_help import help_editors
from ocpplab_runner.scenario.editor_schema import build_editor_schema
from ocpplab_runner.scenario.everyday import everyday_schema
from ocpplab_runner.scenario.schema import build_schema
from ocpplab_runner.scenario.shared_parts import compact, share_parts

from .kit import language

SAID = {"description", "title", "examples", "defaultSnippets"}
WORDS = {"enum": ["Available", "Preparing", "Charging", "SuspendedEV", "Finishing"]}


def as_a_server_reads(value: Any, parts: dict[str, Any]) -> Any:
    """With each reference to a part replaced by it, what stands beside the reference first."""
    if isinstance(value, list):
        return [as_a_server_reads(one, parts) for one in value]
    if not isinstance(value, dict):
        return value
    while str(value.get("$ref")).startswith("#/p/"):
        rest = {key: one for key, one in value.items() if key != "$ref"}
        value = parts[value["$ref"].removeprefix("#/p/")] | rest
    return {key: as_a_server_reads(one, parts) for key, one in value.items()}


def references(value: Any) -> list[dict[str, Any]]:
    """Every schema that refers to another."""
    if isinstance(value, list):
        return [found for one in value for found in references(one)]
    if not isinstance(value, dict):
        return []
    inner = [found for one in value.values() for found in references(one)]
    return [value, *inner] if isinstance(value.get("$ref"), str) else inner


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    """The schema of scenario files for editors, before it is written short."""
    schema = everyday_schema(build_schema(language()))
    help_editors(schema, language())
    return schema


def test_an_editor_reads_the_whole_schema(whole: dict[str, Any]) -> None:
    """Word by word, in less than half of the text."""
    short = build_editor_schema(language())
    parts = short.pop("p")
    assert as_a_server_reads(short, parts) == whole
    assert len(compact([short, parts])) < len(compact(whole)) / 2


def test_a_validator_misses_nothing_beside_a_reference() -> None:
    """Draft 07 has it overlook what stands there: only what is said may."""
    found = references(build_editor_schema(language()))
    assert [one for one in found if not one.keys() <= SAID | {"$ref"}] == []
    assert any("description" in one for one in found)


def test_what_is_asked_twice_is_written_once() -> None:
    """Beside what is said of each."""
    definitions, parts = share_parts({"a": {"description": "One.", **WORDS}, "b": {"description": "Other.", **WORDS}})
    assert [*parts.values()] == [WORDS]
    (name,) = parts
    assert definitions == {
        "a": {"description": "One.", "$ref": f"#/p/{name}"},
        "b": {"description": "Other.", "$ref": f"#/p/{name}"},
    }


def test_what_is_shorter_than_a_reference_stays_where_it_is() -> None:
    """However often it stands there."""
    definitions = {name: {"properties": {name: {"type": "number"}}} for name in "abcdef"}
    assert share_parts(definitions) == (definitions, {})


def test_a_part_within_one_that_is_written_once_stands_in_it() -> None:
    """It is worth no name any more."""
    outer = {"items": WORDS, "minItems": 1}
    definitions, parts = share_parts({name: {"properties": {name: outer}} for name in "ab"})
    assert [*parts.values()] == [outer]
    assert definitions == {name: {"properties": {name: {"$ref": f"#/p/{part}"}}} for name in "ab" for part in parts}


def test_a_new_definition_gives_no_other_part_another_name(whole: dict[str, Any]) -> None:
    """So that a diff shows what was changed."""
    _, before = share_parts(whole["definitions"])
    new = {"anyOf": [{"description": "New.", **WORDS}, {"items": WORDS}]}
    _, after = share_parts({"new": new, **whole["definitions"]})
    assert len(after) == len(before) + 1
    assert {name: after.get(name) for name in before} == before


def test_a_mapping_without_a_title_stays_where_it_is() -> None:
    """A server would say that it expected `abc`; beside a title, and as a condition, the reference is not shown."""
    plain = {"type": "object", "propertyNames": WORDS}
    definitions, parts = share_parts({name: {"properties": {name: plain}} for name in "ab"})
    assert definitions["a"]["properties"]["a"].keys() == plain.keys()
    assert [*parts.values()] == [WORDS]
    _, parts = share_parts({name: {"title": name, **plain} for name in "ab"})
    assert [*parts.values()] == [plain]
    _, parts = share_parts({name: {"if": plain, "then": {"enum": [name]}} for name in "ab"})
    assert [*parts.values()] == [plain]
