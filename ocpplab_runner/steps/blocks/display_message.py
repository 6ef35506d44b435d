"""Messages on the display of OCPP 2.x chargers."""

from __future__ import annotations

from ocpplab_runner.scenario.registry import FacetSpec, FieldSpec, StateSpec, VerbSpec
from ocpplab_runner.steps.fields import DURATION, INTEGER, ONLY_2X, TEXT, TOKEN, is_, sends_in_2x
from ocpplab_runner.vocabulary.reported import MESSAGE_FORMATS, MESSAGE_PRIORITIES, MESSAGE_STATES

_ID = {"type": "integer", "minimum": 0}
_PRIORITY = {"enum": list(MESSAGE_PRIORITIES)}
_STATE = {"enum": list(MESSAGE_STATES)}
_FORMAT = {"enum": list(MESSAGE_FORMATS)}
_DISPLAY = {"enum": ["blank", "shown"]}

VERBS: tuple[VerbSpec, ...] = (
    VerbSpec(
        "set_display_message",
        "The CSMS has the charger show a message (SetDisplayMessage).",
        "csms",
        (
            FieldSpec("message_id", _ID, "Its number; one that is known is replaced.", True),
            FieldSpec("text", TEXT, "What it says.", True),
            FieldSpec("priority", _PRIORITY, "How far in front (default NormalCycle)."),
            FieldSpec("state", _STATE, "In which state of the charger only; the last two only in 2.1."),
            FieldSpec("transaction_id", TOKEN, "While which transaction lasts."),
            FieldSpec("starts_in", DURATION, "In how long it begins; at once unless said."),
            FieldSpec("ends_in", DURATION, "In how long it ends; never unless said."),
            FieldSpec("format", _FORMAT, "How to read it (default UTF8); the last only in 2.1."),
            FieldSpec("language", TOKEN, "Its language, as RFC 5646 names it."),
            FieldSpec("display", TOKEN, "Which display, by the name of its component."),
            FieldSpec(
                "extra",
                {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "text": {**TEXT, "description": "What it says."},
                            "language": {**TOKEN, "description": "In which language."},
                            "format": {**_FORMAT, "description": "How to read it (default UTF8)."},
                        },
                        "required": ["text", "language"],
                        "additionalProperties": False,
                    },
                    "minItems": 1,
                    "maxItems": 4,
                },
                "The same in other languages; only in 2.1.",
            ),
        ),
        versions=ONLY_2X,
        example="set_display_message: {message_id: 1, text: Welcome}",
        actions=sends_in_2x("SetDisplayMessage"),
    ),
    VerbSpec(
        "get_display_messages",
        "The CSMS asks which messages the charger keeps (GetDisplayMessages).",
        "csms",
        (
            FieldSpec(
                "message_ids",
                {"anyOf": [_ID, {"type": "array", "items": _ID, "minItems": 1}]},
                "Their numbers; all unless said.",
            ),
            FieldSpec("priority", _PRIORITY, "Only those of this priority."),
            FieldSpec("state", _STATE, "Only those for this state."),
            FieldSpec("request_id", INTEGER, "Number of the request; counted unless said."),
        ),
        versions=ONLY_2X,
        example="get_display_messages: {priority: InFront}",
        actions=sends_in_2x("GetDisplayMessages"),
    ),
    VerbSpec(
        "clear_display_message",
        "The CSMS has the charger forget a message (ClearDisplayMessage).",
        "csms",
        (FieldSpec("message_id", _ID, "Its number.", True),),
        shorthand="message_id",
        versions=ONLY_2X,
        example="clear_display_message: 1",
        actions=sends_in_2x("ClearDisplayMessage"),
    ),
)

FACETS: tuple[FacetSpec, ...] = (
    FacetSpec(
        "display_message",
        "The charger has told of a message that it keeps (NotifyDisplayMessages).",
        (
            FieldSpec("message_id", INTEGER, "Its number.", always=True),
            FieldSpec("text", TEXT, "What it says.", always=True),
            FieldSpec("priority", _PRIORITY, "How far in front.", always=True),
            FieldSpec("format", _FORMAT, "How to read it.", always=True),
            FieldSpec("request_id", INTEGER, "Of which request.", always=True),
            FieldSpec("state", _STATE, "In which state of the charger only."),
            FieldSpec("language", TEXT, "Its language."),
            FieldSpec("transaction_id", TEXT, "While which transaction lasts."),
        ),
        event="display_message",
        versions=ONLY_2X,
        example="display_message: {message_id: 1, text: Welcome}",
    ),
    FacetSpec(
        "display",
        "The display shows something else; only where the target sees inside.",
        (
            is_(_DISPLAY, "Whether it shows a message.", always=True),
            FieldSpec(
                "message_ids",
                {"type": "array", "items": INTEGER},
                "The messages that it shows in turns, the oldest first.",
                always=True,
            ),
            FieldSpec("texts", {"type": "array", "items": TEXT}, "What they say.", always=True),
        ),
        value=_DISPLAY,
        event="display",
        versions=ONLY_2X,
        example="display: {texts: [Welcome]}",
        state=StateSpec(fields=("message_ids", "texts")),
    ),
)
