"""Verbs beyond the Gateway's: power, network, and programmed answers of either side."""

from __future__ import annotations

from ocpplab_runner.scenario.registry import FieldSpec, VerbSpec
from ocpplab_runner.steps.fields import DURATION, OBJECT, TEXT, TOKEN

_REPLY_FIELDS = (
    FieldSpec("to", TOKEN, "The OCPP action whose next calls are answered this way.", True),
    FieldSpec("payload", OBJECT, "The whole answer."),
    FieldSpec("patch", OBJECT, "Merged into the answer that would have been given."),
    FieldSpec("error", TOKEN, "Answer with a CALLERROR of this code."),
    FieldSpec("description", TEXT, "The CALLERROR's description."),
    FieldSpec("silence", {"const": True}, "Do not answer at all."),
    FieldSpec("garbage", TEXT, "Answer with this text, which need not be OCPP-J."),
    FieldSpec("delay", DURATION, "Wait so long before answering."),
    FieldSpec(
        "times",
        {"anyOf": [{"type": "integer", "minimum": 1}, {"const": "always"}]},
        "How many calls are answered this way (default 1).",
    ),
    FieldSpec("matching", OBJECT, "Only calls whose payload matches."),
)

WORLD_SPECS: tuple[VerbSpec, ...] = (
    VerbSpec(
        "network",
        "Cut or restore the charger's connection to the CSMS; does not block.",
        "world",
        (
            FieldSpec("state", {"enum": ["up", "down"]}, "`down` cuts until `up`."),
            FieldSpec("down_for", DURATION, "Cut now and restore after this time."),
        ),
        shorthand="state",
        example="network: {down_for: 5m}",
    ),
    VerbSpec(
        "power",
        "Switch the charger's supply off or on. What it holds in volatile memory is gone.",
        "world",
        (
            FieldSpec("state", {"enum": ["on", "off"]}, "`off` ends everything at once; `on` boots again."),
            FieldSpec("off_for", DURATION, "Off now, on again after this time; the step does not wait for that."),
        ),
        shorthand="state",
        example="power: {off_for: 30s}",
    ),
    VerbSpec(
        "charger_reply",
        "Programme how the charger answers the CSMS's next calls.",
        "charger",
        _REPLY_FIELDS,
        opens_window=False,
        example="charger_reply: {to: Reset, payload: {status: Rejected}}",
    ),
    VerbSpec(
        "csms_reply",
        "Programme how the CSMS answers the charger's next calls.",
        "csms",
        _REPLY_FIELDS,
        opens_window=False,
        example="csms_reply: {to: Authorize, error: GenericError, times: 2}",
    ),
    VerbSpec(
        "update_id_tokens",
        "Change what the CSMS knows of cards, from now on.",
        "csms",
        value={"$ref": "#/definitions/cards"},
        opens_window=False,
        example="update_id_tokens: {CARD-1: Blocked}",
    ),
)
