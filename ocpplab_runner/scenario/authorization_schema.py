"""The schema of what ``given.charger.authorization`` and the authorization verbs say, in EVerest's words."""

from __future__ import annotations

from typing import Any

from ocpplab_runner.vocabulary.authorization import (
    CERTIFICATE_STATUSES,
    CSMS_VALIDATOR,
    ID_TOKEN_TYPES,
    SELECTION_ALGORITHMS,
)
from ocpplab_runner.vocabulary.durations import PATTERN
from ocpplab_runner.vocabulary.quirks import QUIRKS
from ocpplab_runner.vocabulary.statuses import VALIDATION_STATUSES

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_TOKEN: Schema = {"type": "string", "minLength": 1}
_TRUTH: Schema = {"type": "boolean"}
_DURATION: Schema = {"type": "string", "pattern": PATTERN}
_EVSES: Schema = {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 1}
_VALIDATION_STATUS: Schema = {"enum": list(VALIDATION_STATUSES)}


def _said(schema: Schema, description: str) -> Schema:
    return {**schema, "description": description}


def _mapping(title: str, description: str, *required: str, **properties: Schema) -> Schema:
    schema: Schema = {
        "title": title,
        "description": description,
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }
    return {**schema, "required": list(required)} if required else schema


_CUSTOM_ID_TOKEN = _mapping(
    "custom_id_token",
    "Additional information to a token.",
    "value",
    "type",
    value=_said(_TEXT, "The information."),
    type=_said(_TEXT, "What kind of information it is."),
)
_ID_TOKEN: Schema = {
    "description": "A token: its value, or a mapping with its type.",
    "if": {"type": "object"},
    "then": _mapping(
        "id_token",
        "A token with its type.",
        "value",
        value=_said(_TOKEN, "The token; letter case does not matter."),
        type=_said({"enum": list(ID_TOKEN_TYPES)}, "What kind of token it is (default by the kind of provider)."),
        additional_info={
            "description": "Further tokens that a validator may look at.",
            "type": "array",
            "items": _CUSTOM_ID_TOKEN,
        },
    ),
    "else": _TOKEN,
}
_MESSAGES: Schema = {
    "description": "Texts for the driver (EVerest's `tariff_messages`); `token_status` carries them.",
    "type": "array",
    "items": _mapping(
        "message_content",
        "A text for the driver.",
        "content",
        content=_said(_TEXT, "The text."),
        format=_said({"enum": ["ASCII", "HTML", "URI", "UTF8", "QRCODE"]}, "How it is to be read."),
        language=_said(_TEXT, "Its language, after RFC 5646."),
    ),
}
_RESULT_FIELDS: dict[str, Schema] = {
    "parent_id_token": {"description": "The group.", "allOf": [{"$ref": "#/definitions/id_token"}]},
    "evse_ids": _said(_EVSES, "The only EVSEs that it holds for (default all)."),
    "reservation_id": _said({"type": "integer"}, "The reservation that the token uses."),
    "certificate_status": _said({"enum": list(CERTIFICATE_STATUSES)}, "The verdict on the contract certificate."),
    "expiry_time": _said(_TEXT, "Until when it holds, RFC 3339."),
    "expires_in": _said(_DURATION, "Time from the verdict to its expiry."),
    "tariff_messages": _MESSAGES,
}
_VALIDATION_RESULT: Schema = {
    "description": "A verdict: a bare status, or EVerest's ValidationResult.",
    "if": {"type": "object"},
    "then": _mapping(
        "validation_result",
        "EVerest's ValidationResult.",
        "authorization_status",
        authorization_status=_said(_VALIDATION_STATUS, "The verdict."),
        **_RESULT_FIELDS,
    ),
    "else": _VALIDATION_STATUS,
}
_VERDICT: Schema = {
    "description": "What a scripted validator says of a token: a bare status, or a mapping.",
    "if": {"type": "object"},
    "then": _mapping(
        "verdict",
        "What a scripted validator says of a token.",
        status=_said(_VALIDATION_STATUS, "The verdict (default Accepted)."),
        **_RESULT_FIELDS,
        delay=_said(_DURATION, "Time that it takes to say so (default none)."),
        fails=_said(_TRUTH, "It breaks down instead: counts as Unknown."),
    ),
    "else": _VALIDATION_STATUS,
}
_VALIDATOR: Schema = {
    "description": "A validator: `csms`, or one that the scenario scripts.",
    "if": {"type": "object"},
    "then": _mapping(
        "validator",
        "A scripted validator.",
        "name",
        name=_said(_TOKEN, "Its name, the `via` of its `validation_result`."),
        verdicts={
            "description": "Token → what it says; letter case does not matter.",
            "type": "object",
            "additionalProperties": {"$ref": "#/definitions/verdict"},
            "propertyNames": {"minLength": 1},
        },
        otherwise={
            "description": "What it says of every other token (default Unknown).",
            "allOf": [{"$ref": "#/definitions/verdict"}],
        },
    ),
    "else": {"const": CSMS_VALIDATOR},
}
#: ``given.charger.authorization``.
AUTHORIZATION: Schema = _mapping(
    "authorization",
    "How the charger handles tokens, in the terms of EVerest's Auth module.",
    selection_algorithm=_said(
        {"enum": list(SELECTION_ALGORITHMS)}, "Which EVSE a presented card is for (default PlugEvents)."
    ),
    master_pass_group=_said(
        _TEXT,
        "Group whose cards may stop any transaction and start none (default none); the setting of the same name, which "
        "OCPP 1.6 has no key for.",
    ),
    prioritize_authorization_over_stopping_transaction=_said(
        _TRUTH,
        "Whether a card of the group of a running transaction starts on a free EVSE instead of stopping it (default "
        "false; EVerest's is true).",
    ),
    ignore_connector_faults=_said(_TRUTH, "Whether cards are accepted for a faulted EVSE, too (default false)."),
    stop_transaction_on_reswipe=_said(
        _TRUTH, "Whether the card of a running transaction, or one of its group, stops it (default true)."
    ),
    plug_in_timeout=_said(
        _TRUTH,
        "Whether a plugged car must be authorized within the connection timeout (default false); with more than one "
        "EVSE only.",
    ),
    quirks={
        "description": "Oddities of EVerest's code to reproduce (default none).",
        "type": "array",
        "items": {"enum": [quirk.value for quirk in QUIRKS]},
        "uniqueItems": True,
    },
    validators={
        "description": "Who judges tokens, called in this order (default `csms` alone).",
        "type": "array",
        "items": {"$ref": "#/definitions/validator"},
        "minItems": 1,
    },
)
#: What other parts of the schema refer to.
DEFINITIONS: dict[str, Schema] = {
    "id_token": _ID_TOKEN,
    "validation_result": _VALIDATION_RESULT,
    "verdict": _VERDICT,
    "validator": _VALIDATOR,
}
