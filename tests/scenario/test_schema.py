"""The JSON Schema: valid draft-07, closed, described, and in step with the files that are committed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import jsonschema_rs
import pytest

from docs.generate import generated, registry
from ocpplab_runner.scenario.registry import FieldSpec, Registry, VerbSpec
from ocpplab_runner.scenario.schema import MODIFIERS, build_schema
from ocpplab_runner.scenario.yaml_text import read_file

from .kit import ROOT, language


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """The built-in language's schema."""
    return build_schema(language())


def test_it_is_valid_draft_07(schema: dict[str, Any]) -> None:
    """The meta-schema accepts it, and every reference leads somewhere."""
    jsonschema.Draft7Validator.check_schema(schema)
    for node in nodes(schema):
        if "$ref" in node:
            assert node["$ref"].removeprefix("#/definitions/") in schema["definitions"]
            assert len(node) == 1, "draft-07 ignores what stands beside a $ref"


def test_generated_files_are_in_step() -> None:
    """Schema and reference pages are what the registry says now; `make docs` writes them."""
    stale = [str(path) for path, content in generated() if (ROOT / path).read_text("utf-8") != content]
    assert stale == []


def test_the_test_language_is_the_built_in_one() -> None:
    """Tests of this room and the plugin manager mean the same verbs, facets and matchers."""
    assert registry() == language()


def test_every_key_is_described(schema: dict[str, Any]) -> None:
    """Hover and completion teach the language: no property without a description, its own or a referenced one."""
    bare = []
    for node in nodes(schema):
        for name, child in node.get("properties", {}).items():
            if isinstance(child, dict) and not description(schema, child) and name not in ("$any_of", "$not"):
                bare.append(name)
    assert bare == []


def test_every_mapping_is_closed(schema: dict[str, Any]) -> None:
    """A mapping with known keys allows no others, but rows of cases, whose keys are variables."""
    for node in nodes(schema):
        if "properties" in node and node.get("title") != "row" and "allOf" not in node and "if" not in node:
            assert node.get("additionalProperties") is False, node.get("title")


def test_steps_dispatch_on_the_verb(schema: dict[str, Any]) -> None:
    """Each verb is one property of the step; there is no oneOf anywhere."""
    properties = schema["definitions"]["step"]["properties"]
    assert set(properties) == {*language().verbs, *MODIFIERS}
    assert not any("oneOf" in node for node in nodes(schema))


def test_a_plugins_verb_is_in_it() -> None:
    """The schema follows the registry."""
    grown = Registry(dict(language().verbs), dict(language().facets), dict(language().matchers))
    field = FieldSpec("times", {"type": "integer"}, "How often.", required=True)
    grown.add_verbs([VerbSpec("acme.wiggle", "Wiggle the cable.", "charger", (field,), shorthand="times")])
    validator = jsonschema.Draft7Validator(build_schema(grown))
    assert validator.is_valid({"name": "x", "steps": [{"acme.wiggle": 3}]})
    assert validator.is_valid({"name": "x", "steps": [{"acme.wiggle": {"times": "${{ n }}"}}]})
    assert not validator.is_valid({"name": "x", "steps": [{"acme.wiggle": {}}]})


def test_shipped_scenarios_follow_it(schema: dict[str, Any]) -> None:
    """An editor that knows only the schema shows no error in the library."""
    validator = jsonschema_rs.Draft7Validator(schema)
    files = sorted((ROOT / "scenarios").rglob("*.yaml"))
    assert [(path.name, error.message) for path in files for error in validator.iter_errors(read_file(path).root)] == []


def test_it_is_plain_json(schema: dict[str, Any]) -> None:
    """What is written is what is built."""
    assert json.loads(json.dumps(schema)) == schema


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every mapping of a schema that is a schema itself."""
    if isinstance(value, dict):
        yield value
        for child in value.values():
            yield from nodes(child)
    elif isinstance(value, list):
        for child in value:
            yield from nodes(child)


def description(schema: dict[str, Any], node: dict[str, Any]) -> str:
    """A property's description, or that of what it refers to."""
    if "$ref" in node:
        return description(schema, schema["definitions"][node["$ref"].removeprefix("#/definitions/")])
    return str(node.get("description", ""))
