"""What helps whoever writes a scenario in an editor, and refuses nothing but a second verb.

Language servers look for values where a schema lists them, not behind its conditions: so the words, and a verb with
what it needs, stand beside these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ocpplab_runner.scenario.given_schema import ref
from ocpplab_runner.scenario.registry import Registry, VerbSpec

Schema = dict[str, Any]

_DEFINITIONS: Final = "#/definitions/"
_EXPRESSION: Final = f"{_DEFINITIONS}expression"
#: More words than these are looked up, not scrolled through.
_MOST_WORDS: Final = 30
_NAMED: Final = frozenset({"verb", "facet", "event", "state"})


def help_editors(schema: Schema, registry: Registry) -> None:
    """Add to the schema of scenario files what editors make completions and explanations of."""
    definitions = schema["definitions"]
    step = definitions["step"]
    _explain_shorthands(definitions, registry)
    _list_words(definitions)
    for name, verb in registry.verbs.items():
        step["properties"][name] |= _form_of(verb, step["properties"][name])
    for facets in _facets(definitions):
        for name, one in facets.items():
            if name in registry.facets and "examples" not in one:
                one["defaultSnippets"] = [{"label": "{}", "body": {}}]
    for holder in (step["properties"], *_facets(definitions)):
        _say_there(holder, definitions)
    for name, verb in registry.verbs.items():
        if verb.shorthand is None and any(field.required for field in verb.fields):
            # A server that sees the keys themselves proposes these in the place of the snippet.
            form = definitions[f"verb.{name}"]
            said = {key: form.pop(key) for key in ("description", "defaultSnippets", "examples") if key in form}
            definitions[f"verb.{name}"] = {**said, "allOf": [form]}
    step |= _one_of_them(list(registry.verbs))
    schema["properties"] = {name: ref(f"scenario/properties/{name}") for name in definitions["scenario"]["properties"]}


def _say_there(holder: dict[str, Schema], definitions: Mapping[str, Schema]) -> None:
    """Move what is said of a verb or a facet to its definition, where it stands once."""
    for name, one in holder.items():
        target = one["allOf"][0]["$ref"].removeprefix(_DEFINITIONS) if "allOf" in one else ""
        if target.partition(".")[0] in _NAMED and "." in target:
            for key in ("examples", "defaultSnippets", "description"):
                if key in one:
                    definitions[target].setdefault(key, one[key])
            holder[name] = ref(target)


def _form_of(verb: VerbSpec, known: Schema) -> Schema:
    """What an editor writes behind a verb: the word, if there are some to choose from, or its required fields."""
    if "examples" in known:
        return {}
    needed = [field.name for field in verb.fields if field.required]
    body: Any = {name: f"${number}" for number, name in enumerate(needed, 1)}
    if verb.shorthand is not None and (not needed or needed == [verb.shorthand]):
        body = "$1"
    elif verb.nested and not needed:
        body = [{}]
    return {"defaultSnippets": [{"label": "…", "body": body}]}


def _explain_shorthands(definitions: Mapping[str, Schema], registry: Registry) -> None:
    """Whoever points at a verb with a bare value is told of the verb."""
    for name, verb in registry.verbs.items():
        bare = definitions[f"verb.{name}"].get("else")
        if isinstance(bare, dict) and verb.shorthand is not None:
            bare["description"] = verb.summary


def _list_words(definitions: Mapping[str, Schema]) -> None:
    """Put the words that only stand behind a condition beside it."""

    def visit(schema: Any) -> None:
        if isinstance(schema, list):
            for one in schema:
                visit(one)
        elif isinstance(schema, dict):
            for key, value in schema.items():
                if key == "properties":
                    schema[key] = {name: _with_words(one, definitions) for name, one in value.items()}
                elif key == "additionalProperties" and isinstance(value, dict):
                    schema[key] = _with_words(value, definitions)
            for value in list(schema.values()):
                visit(value)

    for one in definitions.values():
        visit(one)


def _with_words(schema: Any, definitions: Mapping[str, Schema]) -> Any:
    if not isinstance(schema, dict):
        return schema
    words = list(dict.fromkeys(_words(schema, definitions, hidden=False)))
    if not 0 < len(words) <= _MOST_WORDS:
        return schema
    if "$ref" in schema:
        return {"allOf": [schema], "examples": words}
    return {**schema, "examples": words}


def _words(schema: Schema, definitions: Mapping[str, Schema], *, hidden: bool) -> Iterator[str]:
    """The listed words of a scalar that stand behind a condition, its references followed."""
    if "$ref" in schema:
        if schema["$ref"] != _EXPRESSION:
            yield from _words(definitions[schema["$ref"].removeprefix(_DEFINITIONS)], definitions, hidden=hidden)
        return
    if hidden and "enum" in schema:
        yield from schema["enum"]
    for one in (*schema.get("allOf", ()), *schema.get("anyOf", ())):
        yield from _words(one, definitions, hidden=hidden)
    for branch in ("then", "else"):
        if isinstance(schema.get(branch), dict):
            yield from _words(schema[branch], definitions, hidden=True)


def _facets(value: Any) -> Iterator[dict[str, Schema]]:
    """The facets of every mapping of facets."""
    if isinstance(value, dict):
        if value.get("title") in ("facets", "still") and "properties" in value:
            yield value["properties"]
        for inner in value.values():
            yield from _facets(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _facets(inner)


def _one_of_them(names: Sequence[str]) -> Schema:
    """That at most one of these keys may stand in a mapping.

    Behind two negations a server looks for mistakes, and for nothing to propose.
    """
    none = {"propertyNames": {"not": {"enum": names}}}
    return {"not": {"not": {"oneOf": [none, *({"required": [name]} for name in names)]}}}
