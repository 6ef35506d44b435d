"""The fields of a charging profile, as verbs write one."""

from __future__ import annotations

from ocpplab_runner.scenario.registry import FieldSpec
from ocpplab_runner.steps.fields import DURATION, INTEGER, NUMBER, OBJECT, TIME
from ocpplab_runner.vocabulary.charging import KINDS, PURPOSES, RECURRENCIES

UNIT = {"enum": ["A", "W"]}
_LIMIT = {**NUMBER, "minimum": 0}
_PHASES = {"type": "integer", "minimum": 1, "maximum": 3}

PROFILE: tuple[FieldSpec, ...] = (
    FieldSpec("limit", _LIMIT, "What is allowed from the beginning on; or `periods`."),
    FieldSpec("unit", UNIT, "What limits are in: A for each phase (the default), or W of all phases together."),
    FieldSpec("phases", _PHASES, "On how many phases (numberPhases)."),
    FieldSpec(
        "periods",
        {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {
                    "start": {**DURATION, "description": "Time from the beginning (0s unless said)."},
                    "limit": {**_LIMIT, "description": "What is allowed from then on."},
                    "phases": {**_PHASES, "description": "On how many phases (numberPhases)."},
                },
                "required": ["limit"],
                "additionalProperties": False,
            },
        },
        "What is allowed when.",
    ),
    FieldSpec("purpose", {"enum": list(PURPOSES)}, "As OCPP 2.x calls it; TxDefaultProfile unless said."),
    FieldSpec(
        "kind",
        {"enum": list(KINDS)},
        "Unless said, Recurring with `recurrency`, Absolute with a start and for the station, else Relative.",
    ),
    FieldSpec("recurrency", {"enum": list(RECURRENCIES)}, "When a Recurring one comes back."),
    FieldSpec("stack_level", {"type": "integer", "minimum": 0}, "0 unless said; the highest counts."),
    FieldSpec("profile_id", INTEGER, "Counted unless said."),
    FieldSpec("starts_in", DURATION, "Time until it begins (at once unless said), for Absolute and Recurring."),
    FieldSpec("start", TIME, "When it begins, as a date and time."),
    FieldSpec("duration", DURATION, "How long it lasts; without end unless said."),
    FieldSpec("valid_from", TIME, "It says nothing before."),
    FieldSpec("valid_to", TIME, "It says nothing from then on."),
    FieldSpec("valid_for", DURATION, "It says nothing after this time; or `valid_to`."),
    FieldSpec("update_interval", DURATION, "How often a dynamic one's values are asked for (dynUpdateInterval)."),
    FieldSpec("min_rate", _LIMIT, "Below this, charging is of no use (minChargingRate)."),
    FieldSpec(
        "transaction_id",
        {"type": ["string", "integer"]},
        "Of which transaction a TxProfile is; the latest running one unless said.",
    ),
    FieldSpec("profile", OBJECT, "The whole ChargingProfile, as its OCPP version writes it, instead of all of this."),
)

#: A profile within another verb: the TxProfile of a remote start.
PROFILE_OBJECT = {
    "type": "object",
    "properties": {one.name: {**one.schema, "description": one.description} for one in PROFILE},
    "additionalProperties": False,
}
