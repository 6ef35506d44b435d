"""Verbs that steer the scenario itself."""

from __future__ import annotations

from ocpplab_runner.scenario.registry import FieldSpec, VerbSpec
from ocpplab_runner.steps.fields import DURATION, TEXT, TOKEN

_STEPS = {"$ref": "#/definitions/steps"}
_CONDITION = {"type": ["string", "boolean"]}

FLOW_SPECS: tuple[VerbSpec, ...] = (
    VerbSpec(
        "wait",
        "Let time pass.",
        "flow",
        (FieldSpec("for", DURATION, "How long.", True),),
        shorthand="for",
        opens_window=False,
        example="wait: 30s",
    ),
    VerbSpec(
        "group",
        "Steps that belong together, under the step's `name`.",
        "flow",
        value=_STEPS,
        opens_window=False,
        nested=(".",),
        example="group: [{plug_connector: 1}, {unplug_connector: 1}]",
    ),
    VerbSpec(
        "parallel",
        "Branches that run side by side, each a list of steps with a window of its own.",
        "flow",
        value={"type": "array", "items": _STEPS, "minItems": 2},
        opens_for_all=True,
        nested=(".",),
        example="parallel: [[{authorize_id_tag: CARD-1}], [{wait: 1s}]]",
    ),
    VerbSpec(
        "repeat",
        "The same steps several times.",
        "flow",
        (
            FieldSpec("times", {"type": "integer", "minimum": 1}, "How often.", True),
            FieldSpec("as", TOKEN, "Variable that counts 1, 2, 3 …"),
            FieldSpec("steps", _STEPS, "The steps.", True),
        ),
        opens_window=False,
        nested=("steps",),
        example="repeat: {times: 3, steps: [{authorize_id_tag: CARD-1}]}",
    ),
    VerbSpec(
        "until",
        "Steps again and again until a condition holds, or the deadline has passed.",
        "flow",
        (
            FieldSpec("condition", _CONDITION, "A bare expression that must become true.", True, bare=True),
            FieldSpec("every", DURATION, "Pause between two tries (default 1s)."),
            FieldSpec("deadline", DURATION, "After this time the step fails.", True),
            FieldSpec("steps", _STEPS, "The steps of one try.", True),
        ),
        opens_window=False,
        nested=("steps",),
        example="until: {condition: 'true', deadline: 10s, steps: [{wait: 1s}]}",
    ),
    VerbSpec(
        "if",
        "Steps that run only when a condition holds.",
        "flow",
        (
            FieldSpec("condition", _CONDITION, "A bare expression that must be true or false.", True, bare=True),
            FieldSpec("then", _STEPS, "The steps when it is true.", True),
            FieldSpec("else", _STEPS, "The steps when it is false."),
        ),
        opens_window=False,
        nested=("then", "else"),
        example="if: {condition: ocpp_version == '1.6', then: [{log: this is 1.6}]}",
    ),
    VerbSpec(
        "include",
        "Steps from another file.",
        "flow",
        (
            FieldSpec("file", TOKEN, "Path from this file; `#name` behind it picks one of its `fragments`.", True),
            FieldSpec("with", {"type": "object"}, "Values for the variables that the included steps use."),
        ),
        shorthand="file",
        opens_window=False,
        includes=True,
        example="",
    ),
    VerbSpec(
        "prompt",
        "Ask the operator to do something and wait for their Enter; blocked when nobody is there.",
        "flow",
        (FieldSpec("text", TEXT, "What to do.", True),),
        shorthand="text",
        example="",
        needs_operator=True,
    ),
    VerbSpec(
        "log",
        "Put a line into the trace and the reports.",
        "flow",
        (FieldSpec("text", TEXT, "The line.", True),),
        shorthand="text",
        opens_window=False,
        idle=True,
        example="log: the card is known to the CSMS",
    ),
    VerbSpec(
        "fail",
        "Fail the scenario.",
        "flow",
        (FieldSpec("reason", TEXT, "Why.", True),),
        shorthand="reason",
        opens_window=False,
        idle=True,
        example="if: {condition: 'false', then: [{fail: this cannot be}]}",
    ),
    VerbSpec(
        "skip",
        "End the scenario as skipped.",
        "flow",
        (FieldSpec("reason", TEXT, "Why.", True),),
        shorthand="reason",
        opens_window=False,
        idle=True,
        example="if: {condition: 'false', then: [{skip: not for this charger}]}",
    ),
)
