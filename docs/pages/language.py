"""The reference pages of the documentation, written from the registry and the tables of the vocabulary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ocpplab_runner.scenario.registry import ALL_VERSIONS, FacetSpec, FieldSpec, Registry, VerbSpec
from ocpplab_runner.vocabulary.durations import PATTERN
from ocpplab_runner.vocabulary.faults import FAULTS
from ocpplab_runner.vocabulary.settings import SETTINGS

_ACTORS = {
    "charger": (
        "The charger and its user",
        "The Gateway's commands and what goes with them: they act on the charger, the driver and the EV.",
    ),
    "csms": ("The CSMS", "The CSMS acts, in the charger's own OCPP version."),
    "world": ("The world around", "The network, the power supply, and whether the CSMS is in service."),
    "flow": ("Flow", "They steer the scenario itself and touch no charger."),
}
_NOTE = "Written by `make docs` from the language's registry; change it there.\n"


def pages(registry: Registry) -> dict[str, str]:
    """File name → content of every page of ``docs/reference/``."""
    return {
        "verbs.md": _join(_verbs(registry)),
        "facets.md": _join(_facets(registry)),
        "matchers.md": _join(_matchers(registry)),
        "settings.md": _join(_settings()),
        "faults.md": _join(_faults()),
    }


def _join(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"


def _verbs(registry: Registry) -> Iterator[str]:
    yield from ("# Verbs", "", _NOTE)
    yield "What a step can do. A step has at most one verb; the modifiers are in [language.md](../language.md#steps)."
    yield "`ocpplab-runner steps NAME` prints the same."
    for actor, (heading, text) in _ACTORS.items():
        verbs = [verb for verb in registry.verbs.values() if verb.actor == actor]
        if not verbs:
            continue
        yield from ("", f"## {heading}", "", text)
        for verb in verbs:
            yield from _verb(verb)


def _verb(verb: VerbSpec) -> Iterator[str]:
    yield from ("", f"### {verb.name}", "", verb.summary)
    if verb.description:
        yield from ("", verb.description)
    if verb.versions != ALL_VERSIONS:
        yield from ("", f"Only with OCPP {', '.join(version.value for version in verb.versions)}.")
    if verb.fields:
        yield from ("", *_table(verb.fields))
    elif verb.value is not None:
        yield from ("", f"It takes {_type(verb.value)}.")
    else:
        yield from ("", "It takes no fields.")
    if verb.shorthand:
        yield from ("", f"A bare value stands for `{verb.shorthand}`.")
    if verb.example:
        yield from ("", "```yaml step", f"- {verb.example}", "```")


def _facets(registry: Registry) -> Iterator[str]:
    yield from ("# Facets", "", _NOTE)
    yield "What `expect`, `never` and `throughout` can look for. Rules and forms are in"
    yield "[language.md](../language.md#expectations); every field may hold a [matcher](matchers.md). A facet that"
    yield "looks at events also takes `count` (exactly so many) or `at_least`."
    for facet in registry.facets.values():
        yield from _facet(facet)


def _facet(facet: FacetSpec) -> Iterator[str]:
    yield from ("", f"## {facet.name}", "", facet.summary)
    notes = []
    if facet.decisive:
        notes.append("The first event decides: another value fails at once.")
    if facet.bound:
        notes.append("It looks only at what the step itself has caused.")
    if facet.versions != ALL_VERSIONS:
        notes.append(f"Only OCPP {', '.join(version.value for version in facet.versions)} shows it.")
    if facet.state is not None:
        notes.append(_state(facet.present))
    if facet.value is not None and not facet.fields:
        notes.append("The mapping beside it is the payload; it matches as a subset.")
    if notes:
        yield from ("", " ".join(notes))
    if facet.fields:
        yield from ("", *_table(facet.fields))
    if facet.value is not None and facet.fields:
        name = next((spec.name for spec in facet.fields if spec.name == "is"), facet.fields[0].name)
        yield from ("", f"A bare value stands for `{name}`.")
    if facet.example:
        yield from ("", "```yaml expect", facet.example, "```")


def _state(present: FacetSpec) -> str:
    fields = [f"`{spec.name}`" for spec in present.fields if spec.name != "is"]
    words = (present.value or {}).get("enum", ())
    shown = f" It is {' or '.join(f'`{word}`' for word in words)}." if present.state and present.state.words else ""
    return f"`still` can ask for its present state{', with ' + ', '.join(fields) if fields else ''}.{shown}"


def _matchers(registry: Registry) -> Iterator[str]:
    yield from ("# Matchers", "", _NOTE)
    yield "A matcher stands in the place of a value: `{evse_id: {$gte: 1}}`. Several in one mapping must all hold."
    yield from ("", "| matcher | it matches | example |", "| --- | --- | --- |")
    for spec in registry.matchers.values():
        yield f"| `{spec.name}` | {_cell(spec.summary)} | `{_cell(spec.example)}` |"


def _settings() -> Iterator[str]:
    yield from ("# Settings", "", _NOTE)
    yield "Version-neutral settings: `given.charger.settings`, `set_configuration`, `change_configuration` and"
    yield "`get_configuration` use these names; the charger and the CSMS use those of their OCPP version."
    yield from ("", "| setting | value | default | OCPP 1.6 key | OCPP 2.x variable | what it does |")
    yield "| --- | --- | --- | --- | --- | --- |"
    for setting in SETTINGS.values():
        default = f"{setting.default}s" if setting.type == "duration" else setting.default or "empty"
        variable = "none"
        if setting.v2 is not None:
            instance = f"[{setting.v2.instance}]" if setting.v2.instance else ""
            variable = f"`{setting.v2.component}.{setting.v2.name}{instance}`"
        key = f"`{setting.v16}`" if setting.v16 else "none"
        yield f"| `{setting.name}` | {setting.type} | `{default}` | {key} | {variable} | {_cell(setting.summary)} |"


def _faults() -> Iterator[str]:
    yield from ("# Faults", "", _NOTE)
    yield "The values of `inject_fault`. A fault that stops charging makes the connector Faulted and ends its"
    yield "transaction; any other is reported while the connector keeps its status."
    yield from ("", "| fault_type | OCPP 1.6 errorCode | stops charging |", "| --- | --- | --- |")
    for fault in FAULTS.values():
        yield f"| `{fault.name}` | `{fault.error_code}` | {'yes' if fault.inoperative else 'no'} |"


def _table(fields: Iterable[FieldSpec]) -> Iterator[str]:
    yield "| field | value | |"
    yield "| --- | --- | --- |"
    for spec in fields:
        required = " **Required.**" if spec.required else ""
        versions = f" Only OCPP {', '.join(v.value for v in spec.versions)}." if spec.versions else ""
        yield f"| `{spec.name}` | {_cell(_type(spec.schema))} | {_cell(spec.description)}{required}{versions} |"


def _type(schema: Mapping[str, Any]) -> str:
    """A schema in a few words."""
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{_constant(schema['const'])}`"
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        words = {
            "steps": "a list of steps",
            "settings": "a mapping of [settings](settings.md)",
            "cards": "a mapping: card → status or mapping",
            "card": "a card",
            "ev": "a mapping: `demand`, `power_w`, `energy_needed_wh`",
        }.get(name, name)
        return "one setting and its value" if schema.get("maxProperties") == 1 else words
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_type(branch) for branch in schema["anyOf"]))
    if schema.get("pattern") == PATTERN:
        return "duration"
    kind = schema.get("type", "anything")
    if isinstance(kind, list):
        return " or ".join(_word(name, schema) for name in kind)
    return _word(kind, schema)


def _word(kind: str, schema: Mapping[str, Any]) -> str:
    match kind:
        case "string":
            return "text"
        case "integer" | "number":
            word = "whole number" if kind == "integer" else "number"
            if "minimum" in schema:
                word += f", at least {schema['minimum']}"
            if "exclusiveMinimum" in schema:
                word += f", above {schema['exclusiveMinimum']}"
            return word
        case "boolean":
            return "true or false"
        case "array":
            items = schema.get("items")
            return f"list of {_type(items)}" if isinstance(items, Mapping) and items else "list"
        case "object":
            if properties := schema.get("properties"):
                return "mapping: " + ", ".join(f"`{name}`" for name in properties)
            inner = schema.get("additionalProperties")
            return f"mapping to {_type(inner)}" if isinstance(inner, Mapping) else "mapping"
        case "null":
            return "`null`"
        case _:
            return kind


def _constant(value: Any) -> str:
    return "true" if value is True else str(value)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
