"""The local authorization list."""

from __future__ import annotations

from ocpplab_runner.scenario.registry import FacetSpec, FieldSpec, VerbSpec
from ocpplab_runner.steps.fields import AUTHORIZATION_STATUS, CARD, INTEGER, POSITIVE, TEXT, TOKEN, is_, sends

_LIST_STATUS = {"enum": ["Accepted", "Failed", "NotSupported", "VersionMismatch"]}

VERBS: tuple[VerbSpec, ...] = (
    VerbSpec(
        "send_local_auth_list",
        "Put a local authorization list into the charger.",
        "charger",
        (
            FieldSpec("list_version", POSITIVE, "The list's new version; must grow with each update.", True),
            FieldSpec(
                "entries",
                {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "id_tag": {**TOKEN, "description": "The card."},
                            "expiry_date": {**TEXT, "description": "RFC 3339 date and time."},
                            "parent_id_tag": {**TOKEN, "description": "The card's group."},
                            "status": {**AUTHORIZATION_STATUS, "description": "Accepted unless said."},
                        },
                        "required": ["id_tag"],
                        "additionalProperties": False,
                    },
                },
                "The cards.",
                True,
                means="local_list",
            ),
            FieldSpec(
                "update_type",
                {"enum": ["Full", "Differential"]},
                "Full (default) replaces the list; Differential adds to it.",
            ),
        ),
        example="send_local_auth_list: {list_version: 2, entries: [{id_tag: CARD-1}]}",
    ),
    VerbSpec(
        "clear_local_auth_list",
        "Remove every entry of the charger's local list; its version becomes 0.",
        "charger",
        example="clear_local_auth_list: {}",
    ),
    VerbSpec(
        "send_local_list",
        "The CSMS sends a local authorization list (SendLocalList).",
        "csms",
        (
            FieldSpec("version", {"type": "integer"}, "The list's version.", True),
            FieldSpec("update_type", {"enum": ["Full", "Differential"]}, "Full unless said."),
            FieldSpec(
                "entries",
                {"type": "object", "additionalProperties": {"anyOf": [CARD, {"type": "null"}]}},
                "Card → status or mapping; null removes the card in a Differential update.",
                means="listed_cards",
            ),
        ),
        example="send_local_list: {version: 4, entries: {CARD-1: Accepted, CARD-2: Blocked}}",
        actions=sends("SendLocalList"),
    ),
    VerbSpec(
        "get_local_list_version",
        "The CSMS asks for the version of the local list (GetLocalListVersion).",
        "csms",
        example="get_local_list_version: {}",
        actions=sends("GetLocalListVersion"),
    ),
)

FACETS: tuple[FacetSpec, ...] = (
    FacetSpec(
        "local_list",
        "The charger has answered SendLocalList or GetLocalListVersion.",
        (
            is_(_LIST_STATUS, "Answer to SendLocalList."),
            FieldSpec("version", INTEGER, "The version sent, or the version answered.", always=True),
        ),
        value=_LIST_STATUS,
        event="local_list",
        example="local_list: Accepted",
    ),
)
