"""OCPP's own actions and the keys of their payloads, for who writes them out in an editor: by the file's versions.

They stand beside what a step may be, since a condition within a step cannot see which versions the file is for. They
refuse nothing: whether a payload is right `check` says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ocpplab_runner.ocppj.schemas import actions, request_schema, response_schema
from ocpplab_runner.scenario.given_schema import ref
from ocpplab_runner.scenario.registry import Registry
from ocpplab_runner.vocabulary.directions import Side, sends
from ocpplab_runner.vocabulary.versions import OcppVersion

Schema = dict[str, Any]

_OTHER_SIDE: Final[Mapping[Side, Side]] = {"csms": "charger", "charger": "csms"}
#: Name of the definition → the versions whose actions it has.
_OVERLAYS: Final[Mapping[str, Sequence[OcppVersion]]] = {
    "ocpp_16": (OcppVersion.V16,),
    "ocpp_2": (OcppVersion.V201, OcppVersion.V21),
}
#: Verbs with steps in them that people nest by hand.
_BLOCKS: Final = ("group", "repeat", "until", "if")
_PayloadSchema = Callable[[OcppVersion, str], Mapping[str, Any]]


def complete_payloads(schema: Schema, registry: Registry) -> None:
    """Add the actions and keys to the schema of scenario files for editors."""
    definitions = schema["definitions"]
    schema["allOf"] = [*schema.get("allOf", []), _by_version()]
    for name, versions in _OVERLAYS.items():
        definitions[name] = _overlay(name, registry, definitions)
        for side in _OTHER_SIDE:
            definitions[f"{name}.{side}.call"] = _calls("action", versions, side, request_schema)
            definitions[f"{name}.{side}.answer"] = _calls("to", versions, side, response_schema)


def _by_version() -> Schema:
    """Which overlay holds for the versions that a file lists; both, where it lists none or some of both."""

    def only(versions: Sequence[OcppVersion]) -> Schema:
        words = {"enum": [version.value for version in versions]}
        listed = {"properties": {"ocpp": {"items": words, "not": {"type": "string"}}}}
        return {"required": ["ocpp"], "anyOf": [listed, {"properties": {"ocpp": words}}]}

    def overlay(name: str) -> Schema:
        return {"properties": {key: ref(name) for key in ("steps", "finally")}}

    both = {"allOf": [overlay(name) for name in _OVERLAYS]}
    others = {"if": only(_OVERLAYS["ocpp_2"]), "then": overlay("ocpp_2"), "else": both}
    return {"if": only(_OVERLAYS["ocpp_16"]), "then": overlay("ocpp_16"), "else": others}


def _overlay(name: str, registry: Registry, definitions: Mapping[str, Schema]) -> Schema:
    """Steps, of which only the actions and payloads of OCPP are said."""
    verbs: dict[str, Schema] = {}
    for verb in registry.verbs.values():
        if verb.calls is not None:
            verbs[verb.name] = ref(f"{name}.{verb.calls}.call")
        elif verb.programs is not None:
            verbs[verb.name] = ref(f"{name}.{_OTHER_SIDE[verb.programs]}.answer")
    for block in _BLOCKS:
        if block in registry.verbs:
            nested = registry.verbs[block].nested
            inner = {"properties": {key: ref(name) for key in nested if key != "."}}
            verbs[block] = ref(name) if "." in nested else inner
    for verb_name, one in verbs.items():
        # What a server proposes for the verb, whichever of its two schemas it asks first.
        snippets = definitions[f"verb.{verb_name}"].get("defaultSnippets", [])
        verbs[verb_name] = {"allOf": [one], "defaultSnippets": snippets}
    message = {"properties": {"message": {"allOf": [ref(f"{name}.{side}.call") for side in _OTHER_SIDE]}}}
    return {"items": {"properties": {**verbs, "expect": message, "never": message}}}


def _calls(key: str, versions: Sequence[OcppVersion], side: Side, payload: _PayloadSchema) -> Schema:
    """What one side calls, under that key, and the keys of what stands under ``payload``."""
    keys: dict[str, list[str]] = {}
    for version in versions:
        for action in sorted(actions(version)):
            if sends(side, version, action):
                found = keys.setdefault(action, [])
                known = payload(version, action).get("properties", {})
                found += [name for name in known if name not in found and name != "customData"]
    alike: dict[tuple[str, ...], list[str]] = {}
    for action, names in sorted(keys.items()):
        if names:
            alike.setdefault(tuple(sorted(names)), []).append(action)
    return {
        "properties": {key: {"examples": sorted(keys)}},
        "allOf": [
            {
                "if": {"properties": {key: {"enum": calls}}, "required": [key]},
                "then": {"properties": {"payload": {"properties": {name: {} for name in names}}}},
            }
            for names, calls in alike.items()
        ],
    }
