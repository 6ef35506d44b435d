"""``ocpplab-runner steps``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import click

from ocpplab_runner.cli.plugins import load, plugin_option
from ocpplab_runner.cli.words import Words, rows
from ocpplab_runner.scenario.registry import FacetSpec, FieldSpec, MatcherSpec, Registry, VerbSpec

_SECTIONS = {
    "charger": "The charger, its user and its EV",
    "csms": "The CSMS",
    "world": "The world around",
    "flow": "Flow",
}
_ALIGN = 24


def _complete(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    registry = load(()).registry
    known = {*registry.verbs, *registry.facets, *registry.matchers, *Words(registry).names()}
    return sorted(name for name in known if name.startswith(begun))


@click.command("steps")
@click.argument("names", nargs=-1, metavar="[NAME]…", shell_complete=_complete)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@plugin_option
def command(names: tuple[str, ...], as_json: bool, plugin_modules: tuple[str, ...]) -> None:
    """Show every verb, facet and matcher, or the fields and an example of those named.

    NAME may also be settings, faults, states or modifiers, one of these, or a field.
    """
    registry = load(plugin_modules).registry
    if as_json:
        click.echo(json.dumps(_as_data(registry, names), indent=2, ensure_ascii=False))
    elif names:
        words = Words(registry)
        click.echo("\n\n".join("\n".join(_details(registry, words, name)) for name in names))
    else:
        click.echo("\n".join(_overview(registry)))


def _overview(registry: Registry) -> Iterator[str]:
    for actor, heading in _SECTIONS.items():
        verbs = [spec for spec in registry.verbs.values() if spec.actor == actor]
        yield from _section(heading, verbs)
    yield from _section("What can be expected", registry.facets.values())
    yield from _section("Matchers", registry.matchers.values())
    yield "`ocpplab-runner steps NAME` shows fields and an example."
    yield "NAME may also be settings, faults, states, modifiers, one of these, or a field."


def _section(heading: str, specs: Iterable[VerbSpec | FacetSpec | MatcherSpec]) -> Iterator[str]:
    yield heading
    yield from rows({spec.name: spec.summary for spec in specs}, _ALIGN)
    yield ""


def _find(registry: Registry, name: str, others: Iterable[str] = ()) -> list[VerbSpec | FacetSpec | MatcherSpec]:
    tables: tuple[Mapping[str, Any], ...] = (registry.verbs, registry.facets, registry.matchers)
    found = [table[name] for table in tables if name in table]
    if not found and name not in others:
        from difflib import get_close_matches

        close = get_close_matches(name, [*(known for table in tables for known in table), *others], 1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise click.UsageError(f"there is no verb, facet or matcher {name!r}{hint}")
    return found


def _details(registry: Registry, words: Words, name: str) -> Iterator[str]:
    found = _find(registry, name, words.names())
    for number, spec in enumerate(found):
        if number:
            yield ""
        kind = {VerbSpec: "verb", FacetSpec: "facet", MatcherSpec: "matcher"}[type(spec)]
        yield f"{spec.name} ({kind}): {spec.summary}"
        if isinstance(spec, VerbSpec) and spec.description:
            yield from ("", spec.description)
        if not isinstance(spec, MatcherSpec):
            yield from _fields(spec.fields)
        if isinstance(spec, VerbSpec) and spec.shorthand:
            yield f"  A bare value stands for {spec.shorthand}."
        if spec.example:
            yield from ("", "Example:", "")
            yield from (f"    {line}" for line in spec.example.strip().splitlines())
    for number, block in enumerate(words.blocks(name, _ALIGN)):
        if found or number:
            yield ""
        yield block


def _fields(fields: tuple[FieldSpec, ...]) -> Iterator[str]:
    if fields:
        yield ""
    for spec in fields:
        needed = " (required)" if spec.required else ""
        yield f"  {spec.name:<{_ALIGN}}{_type(spec.schema)}{needed}: {spec.description}"


def _type(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        values = [str(value) for value in schema["enum"]]
        return " | ".join(values) if len(values) <= 8 else f"one of {len(values)} values ({', '.join(values[:4])}, …)"
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2].replace("_", " ")
    kind = schema.get("type")
    if isinstance(kind, list):
        return " or ".join(kind)
    if isinstance(kind, str):
        return kind
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " or ".join(dict.fromkeys(_type(branch) for branch in schema[key]))
    return "any value"


def _as_data(registry: Registry, names: tuple[str, ...]) -> dict[str, Any]:
    for name in names:
        _find(registry, name)

    def chosen(table: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [_plain(spec) for name, spec in table.items() if not names or name in names]

    return {
        "verbs": chosen(registry.verbs),
        "facets": chosen(registry.facets),
        "matchers": chosen(registry.matchers),
    }


def _plain(spec: VerbSpec | FacetSpec | MatcherSpec) -> dict[str, Any]:
    plain: dict[str, Any] = {"name": spec.name, "summary": spec.summary, "example": spec.example}
    if isinstance(spec, VerbSpec):
        plain |= {"actor": spec.actor, "shorthand": spec.shorthand, "description": spec.description}
    if isinstance(spec, MatcherSpec):
        return plain | {"argument": spec.argument}
    return plain | {
        "ocpp": [version.value for version in spec.versions],
        "value": spec.value,
        "fields": [
            {
                "name": field.name,
                "description": field.description,
                "required": field.required,
                "schema": field.schema,
            }
            for field in spec.fields
        ],
    }
