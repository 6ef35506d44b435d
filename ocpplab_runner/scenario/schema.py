"""The JSON Schema (draft-07) of scenario files, built from a registry of verbs, facets and matchers.

The schema is closed, dispatches on the verb by property, and describes every key, so that an editor that knows it
teaches the language. Wherever a typed value may stand, a ``${{ expression }}`` may stand too.
"""

from __future__ import annotations

from ocpplab_runner.scenario import given_schema
from ocpplab_runner.scenario.everyday import EXPRESSION_PATTERN
from ocpplab_runner.scenario.given_schema import DURATION, ref
from ocpplab_runner.scenario.registry import FieldSpec, Registry, VerbSpec
from ocpplab_runner.scenario.schema_parts import (
    EXPRESSION,
    Schema,
    computed,
    described,
    event_schema,
    expect_schema,
    facet_schema,
    facets_schema,
    matcher_schema,
    never_schema,
    still_schema,
)
from ocpplab_runner.vocabulary.versions import OcppVersion

#: Keys of a step that are not its verb.
MODIFIERS = (
    "id",
    "name",
    "charger",
    "only",
    "expect",
    "still",
    "never",
    "for",
    "within",
    "since",
    "in_order",
    "in_any_order",
    "save",
    "timeout",
    "raw",
)
#: Keys of a defaults file.
DEFAULTS_KEYS = ("given", "vars", "tags", "secrets", "within", "timeout")

_TOKEN: Schema = {"type": "string", "minLength": 1}
_VERSIONS: Schema = {
    "type": "array",
    "items": {"enum": [version.value for version in OcppVersion]},
    "minItems": 1,
    "uniqueItems": True,
}
_LIST_OF_WORDS: Schema = {"type": "array", "items": _TOKEN, "uniqueItems": True}


def build_schema(registry: Registry) -> Schema:
    """The schema of scenario files for these verbs, facets and matchers."""
    definitions: dict[str, Schema] = {
        "expression": {
            "title": "expression",
            "description": "A computed value: `${{ expression }}`.",
            "type": "string",
            "pattern": EXPRESSION_PATTERN,
        },
        **{name: computed(schema) for name, schema in given_schema.definitions(ref("reply")).items()},
        "reply": _reply_schema(registry),
        "steps": {
            "title": "steps",
            "description": "Steps, done one after the other.",
            "type": "array",
            "items": ref("step"),
            "minItems": 1,
        },
        "step": _step(registry),
        "expect": expect_schema(registry),
        "facets": facets_schema(registry, "facet"),
        "never": never_schema(registry),
        "still": still_schema(registry),
        "matcher": matcher_schema(registry),
    }
    for verb in registry.verbs.values():
        definitions[f"verb.{verb.name}"] = _verb(verb)
    for facet in registry.facets.values():
        definitions[f"facet.{facet.name}"] = facet_schema(facet)
        if facet.state is not None:
            definitions[f"state.{facet.name}"] = event_schema(facet.present, counted=False)
        definitions[f"event.{facet.name}"] = event_schema(facet, counted=False)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "ocpplab-runner scenario",
        "description": "A declarative test scenario for EV charging over OCPP.",
        # A scenario may have fragments of its own.
        "if": {"required": ["fragments"], "not": {"anyOf": [{"required": ["steps"]}, {"required": ["name"]}]}},
        "then": ref("library"),
        "else": ref("scenario"),
        "definitions": {
            "scenario": _scenario(),
            "library": _library(),
            "defaults": _defaults_file(),
            **definitions,
        },
    }


def _scenario() -> Schema:
    return {
        "title": "scenario",
        "type": "object",
        "required": ["name", "steps"],
        "additionalProperties": False,
        "properties": {
            "name": {
                "description": "One line that says what the scenario shows; part of the case's id.",
                "type": "string",
                "minLength": 1,
                "pattern": r"^[^\r\n]*$",
            },
            "description": {"description": "Text for people.", "type": "string"},
            "tags": {**_LIST_OF_WORDS, "description": 'Words to select by: `--tag "auth and not slow"`.'},
            "covers": {**_LIST_OF_WORDS, "description": "Certification cases or requirement ids, any strings."},
            "ocpp": {
                **_VERSIONS,
                "description": "OCPP versions, quoted; one test case each (default: every version the target speaks).",
            },
            "given": ref("given"),
            "vars": {
                "description": "Variables: name → value; `--var NAME=VALUE` overrides.",
                **_names_of_variables(),
            },
            "secrets": {**_LIST_OF_WORDS, "description": "Names of variables whose values are redacted everywhere."},
            "defaults": {
                **_TOKEN,
                "description": "Path of a shared file with given, vars, tags, secrets, within, timeout.",
            },
            "cases": {
                "description": "Named rows of variables: one test case each.",
                "type": "array",
                "minItems": 1,
                "items": {
                    "title": "row",
                    "description": "One row: its name, perhaps the versions that it is for, and its variables.",
                    "type": "object",
                    "required": ["name"],
                    "properties": {
                        "name": {
                            "description": "The row's name, unique in the file.",
                            "type": "string",
                            "minLength": 1,
                        },
                        "only": {**_VERSIONS, "description": "Versions in which this row exists."},
                    },
                    "propertyNames": {"pattern": _VARIABLE},
                },
            },
            "steps": ref("steps"),
            "finally": {**_steps(), "description": "Steps that always run, also after a failure."},
            "throughout": {
                "title": "throughout",
                "description": "What must not happen from the first step to the last.",
                "type": "object",
                "required": ["never"],
                "additionalProperties": False,
                "properties": {"never": ref("never")},
            },
            "fragments": _fragments(),
            "xfail": _xfail(),
            "smoke": {
                "type": "boolean",
                "description": "This scenario must merely run: it passes although it judges nothing.",
            },
            "within": {**DURATION, "description": "Deadline of every expectation that sets none of its own."},
            "timeout": {**DURATION, "description": "Wall time for one case (default 10m); after it: error."},
        },
    }


def _xfail() -> Schema:
    """A reason, or a mapping that also names the failure which is meant."""
    named = {
        "type": ["string", "object"],
        "minLength": 1,
        "minProperties": 1,
        "description": "The failure that is meant; any other one is a failure. Text: its message contains that.",
        "additionalProperties": False,
        "properties": {
            "message": {**_TOKEN, "description": "What the failure's message contains."},
            "step": {**_TOKEN, "description": "`id` or `name` of the step that fails, or of a block around it."},
        },
    }
    return {
        "type": ["string", "object"],
        "minLength": 1,
        "required": ["reason"],
        "additionalProperties": False,
        "description": "Why this scenario is expected to fail; a pass is then a failure.",
        "properties": {
            "reason": {**_TOKEN, "description": "Why this scenario is expected to fail."},
            "failure": named,
        },
    }


_VARIABLE = r"^[A-Za-z][A-Za-z0-9_]*$"


def _names_of_variables() -> Schema:
    return {"type": "object", "propertyNames": {"pattern": _VARIABLE}}


def _steps() -> Schema:
    return {"allOf": [ref("steps")]}


def _fragments() -> Schema:
    return {
        "description": "Named lists of steps for `include`.",
        "type": "object",
        "additionalProperties": ref("steps"),
        "minProperties": 1,
    }


def _library() -> Schema:
    return {
        "title": "library",
        "description": "A file of fragments for `include`; not a scenario by itself.",
        "type": "object",
        "required": ["fragments"],
        "additionalProperties": False,
        "properties": {
            "description": {"description": "Text for people.", "type": "string"},
            "vars": {
                "description": "What the fragments' variables are when the include's `with` does not give them.",
                **_names_of_variables(),
            },
            "fragments": _fragments(),
        },
    }


def _defaults_file() -> Schema:
    scenario = _scenario()["properties"]
    return {
        "title": "defaults",
        "description": "What several scenarios share; each scenario's own keys win.",
        "type": "object",
        "additionalProperties": False,
        "properties": {key: scenario[key] for key in DEFAULTS_KEYS},
    }


def _step(registry: Registry) -> Schema:
    modifiers: dict[str, Schema] = {
        "id": {**_TOKEN, "description": "A name for `since`; unique in the file.", "pattern": r"^[A-Za-z0-9_.-]+$"},
        "name": {**_TOKEN, "description": "Title in reports."},
        "charger": {**_TOKEN, "description": "Which charger (default: the first)."},
        "only": {**_VERSIONS, "description": "OCPP versions in which the step exists."},
        "expect": ref("expect"),
        "still": ref("still"),
        "never": ref("never"),
        "for": {"description": "How long `never` watches.", **_duration()},
        "within": {"description": "One deadline for the whole `expect` (default 30s).", **_duration()},
        "since": {**_TOKEN, "description": "Look back to the step of this `id`, or to `start`."},
        "in_order": {
            "description": "Lets other events stand between those of every sequence in the `expect`.",
            "type": "boolean",
        },
        "in_any_order": {
            "description": "Lets the events of every sequence in the `expect` come in any order.",
            "type": "boolean",
        },
        "save": {
            "description": "Variable → path of the value to keep, such as `response.status`.",
            "type": "object",
            "additionalProperties": _TOKEN,
            "propertyNames": {"pattern": _VARIABLE},
            "minProperties": 1,
        },
        "timeout": {"description": "After this time the step itself is an error.", **_duration()},
        "raw": {
            "description": "Lets deliberately wrong payloads and tokens through the checks, onto the wire.",
            "type": "boolean",
        },
    }
    verbs = {
        name: {"description": verb.summary, "allOf": [ref(f"verb.{name}")]} for name, verb in registry.verbs.items()
    }
    return {
        "title": "step",
        "description": "At most one verb, and modifiers.",
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "dependencies": {
            "never": ["for"],
            "for": ["never"],
            "within": ["expect"],
            "in_order": ["expect"],
            "in_any_order": ["expect"],
        },
        "properties": {**verbs, **modifiers},
    }


def _duration() -> Schema:
    return {"anyOf": [DURATION, EXPRESSION]}


def _verb(verb: VerbSpec) -> Schema:
    description = verb.summary + (f"\n\n{verb.description}" if verb.description else "")
    if verb.value is not None:
        return described(computed(verb.value), description)
    mapping = _closed(verb.fields)
    mapping["title"] = verb.name
    if not any(spec.required for spec in verb.fields):
        # `clear_cache:` with nothing behind it.
        mapping["type"] = ["object", "null"]
    shorthand = next((spec for spec in verb.fields if spec.name == verb.shorthand), None)
    if shorthand is None:
        return {"description": description, **mapping}
    return {
        "description": description,
        "if": {"type": mapping["type"]},
        "then": mapping,
        "else": described(computed(shorthand.schema), shorthand.description),
    }


def _closed(fields: tuple[FieldSpec, ...]) -> Schema:
    schema: Schema = {
        "type": "object",
        "properties": {spec.name: described(computed(spec.schema), spec.description) for spec in fields},
        "additionalProperties": False,
    }
    if required := [spec.name for spec in fields if spec.required]:
        schema["required"] = required
    return schema


def _reply_schema(registry: Registry) -> Schema:
    programming = next((spec for spec in registry.verbs.values() if spec.programs == "csms"), None)
    if programming is None:
        return {"type": "object"}
    reply = _verb(programming)
    raw = {"description": "Lets a deliberately wrong answer through the checks, onto the wire.", "type": "boolean"}
    return {**reply, "title": "reply", "properties": {**reply["properties"], "raw": raw}}
