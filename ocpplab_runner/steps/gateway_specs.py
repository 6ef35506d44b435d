"""The 18 commands of the OCPPLAB Gateway API as verbs, with the fields of the API and listed supersets."""

from __future__ import annotations

from ocpplab_runner.scenario.registry import FieldSpec, VerbSpec
from ocpplab_runner.steps.fields import (
    AUTHORIZATION_STATUS,
    BOOLEAN,
    ID_TAG,
    ID_TOKEN_TYPE,
    OBJECT,
    PLACE,
    POSITIVE,
    TEXT,
    TOKEN,
)
from ocpplab_runner.vocabulary.faults import FAULTS

EV = FieldSpec("ev", {"$ref": "#/definitions/ev"}, "The EV at the other end of the cable.")

GATEWAY_SPECS: tuple[VerbSpec, ...] = (
    VerbSpec(
        "proxy_message",
        "The charger sends any OCPP message to the CSMS, past its own state.",
        "charger",
        (
            FieldSpec("action", TOKEN, "OCPP action, as in OCPP (Heartbeat) or in snake_case (heartbeat)."),
            FieldSpec("payload", OBJECT, "The payload, with the keys of OCPP or the same in snake_case."),
            FieldSpec(
                "text", TEXT, "In place of both: a WebSocket message as it stands, at once; it need not be OCPP-J."
            ),
            FieldSpec("binary", BOOLEAN, "Whether the `text` goes out as a binary WebSocket message (false)."),
            FieldSpec("ocpp_version", {"enum": ["ocpp1.6", "ocpp2.0.1", "ocpp2.1"]}, "Must be the case's version."),
        ),
        example="proxy_message: {action: Heartbeat, payload: {}}",
    ),
    VerbSpec(
        "set_configuration",
        "Change settings inside the charger.",
        "charger",
        (
            FieldSpec(
                "configuration",
                {"type": "object", "additionalProperties": TEXT, "minProperties": 1},
                "Raw configuration: a 1.6 key or a 2.x `Component.Variable`, and its new value as text.",
            ),
            FieldSpec("settings", {"$ref": "#/definitions/settings"}, "Version-neutral settings."),
        ),
        example="set_configuration: {settings: {heartbeat_interval: 30s}}",
    ),
    VerbSpec(
        "reset_auth_cache",
        "Empty the charger's authorization cache.",
        "charger",
        example="reset_auth_cache: {}",
    ),
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
        "inject_fault",
        "Break something in the charger.",
        "charger",
        (
            FieldSpec("fault_type", {"enum": sorted(FAULTS)}, "What breaks; see the table of faults.", True),
            *PLACE,
            FieldSpec("info", TEXT, "Free text for the status report."),
            FieldSpec("vendor_error_code", TEXT, "The vendor's own code."),
        ),
        shorthand="fault_type",
        example="inject_fault: {fault_type: GroundFailure, evse_id: 1}",
    ),
    VerbSpec(
        "clear_fault",
        "Repair the fault of an EVSE, or every fault when none is named.",
        "charger",
        PLACE,
        shorthand="evse_id",
        example="clear_fault: {evse_id: 1}",
    ),
    VerbSpec(
        "plug_connector",
        "A driver connects an EV.",
        "charger",
        (*PLACE, EV),
        shorthand="evse_id",
        example="plug_connector: {evse_id: 1}",
    ),
    VerbSpec(
        "unplug_connector",
        "A driver takes the cable away, at the EV's side.",
        "charger",
        PLACE,
        shorthand="evse_id",
        example="unplug_connector: {evse_id: 1}",
    ),
    VerbSpec(
        "unlock_connector",
        "The lock is released at the charger; a transaction on it ends.",
        "charger",
        PLACE,
        shorthand="evse_id",
        example="unlock_connector: {evse_id: 1}",
    ),
    VerbSpec(
        "start_transaction",
        "The charger reports a started transaction without authorizing the card first.",
        "charger",
        (ID_TAG, *PLACE, ID_TOKEN_TYPE),
        shorthand="id_tag",
        example="start_transaction: {id_tag: CARD-1, evse_id: 1}",
    ),
    VerbSpec(
        "stop_transaction",
        "The charger ends a transaction without asking for a card.",
        "charger",
        (
            FieldSpec("transaction_id", {"type": ["string", "integer"]}, "Which; the only running one unless said."),
            FieldSpec("evse_id", POSITIVE, "Or: the one on this EVSE."),
            FieldSpec("reason", TEXT, "OCPP stop reason; Local unless said."),
            FieldSpec("id_tag", TOKEN, "The card that stopped it."),
        ),
        example="stop_transaction: {}",
    ),
    VerbSpec(
        "start_session",
        "A whole start: plug, present the card, start.",
        "charger",
        (
            ID_TAG,
            *PLACE,
            FieldSpec("duration_seconds", POSITIVE, "Stop by itself after this time, in seconds."),
            FieldSpec(
                "target_energy_kwh",
                {"type": "number", "exclusiveMinimum": 0},
                "Stop by itself after this energy.",
            ),
        ),
        shorthand="id_tag",
        example="start_session: {id_tag: CARD-1}",
    ),
    VerbSpec(
        "stop_session",
        "A whole stop: end the transaction, unplug.",
        "charger",
        PLACE,
        shorthand="evse_id",
        example="stop_session: {}",
    ),
    VerbSpec(
        "authorize_id_tag",
        "A driver presents a card. A plugged EV then starts; a running transaction of that card stops.",
        "charger",
        (ID_TAG, *PLACE, ID_TOKEN_TYPE),
        shorthand="id_tag",
        example="authorize_id_tag: {id_tag: CARD-1}",
    ),
    VerbSpec(
        "ev_requests_energy",
        "The EV asks for energy.",
        "charger",
        PLACE,
        shorthand="evse_id",
        example="ev_requests_energy: {evse_id: 1}",
    ),
    VerbSpec(
        "ev_stops_energy",
        "The EV asks for no more energy.",
        "charger",
        PLACE,
        shorthand="evse_id",
        example="ev_stops_energy: {evse_id: 1}",
    ),
    VerbSpec(
        "power_update",
        "Set what the EV draws.",
        "charger",
        (
            FieldSpec("power_w", {"type": "integer", "minimum": 0}, "In W; 0 suspends it at the EVSE.", True),
            *PLACE,
        ),
        shorthand="power_w",
        example="power_update: {power_w: 11000, evse_id: 1}",
    ),
)
