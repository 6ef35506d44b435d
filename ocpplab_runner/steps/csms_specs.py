"""Version-neutral CSMS operations, and any raw OCPP call."""

from __future__ import annotations

from ocpplab_runner.scenario.registry import FieldSpec, VerbSpec
from ocpplab_runner.steps.fields import (
    CARD,
    DURATION,
    EVSE_ID,
    ID_TAG,
    ID_TOKEN_TYPE,
    OBJECT,
    PLACE,
    TEXT,
    TOKEN,
)
from ocpplab_runner.vocabulary.settings import SETTINGS
from ocpplab_runner.vocabulary.versions import OcppVersion

_SETTING_NAME = {"enum": sorted(SETTINGS)}


def _sends(in_16: str, in_2x: str | None = None) -> dict[OcppVersion, str]:
    return {version: in_16 if version is OcppVersion.V16 else in_2x or in_16 for version in OcppVersion}


CSMS_SPECS: tuple[VerbSpec, ...] = (
    VerbSpec(
        "remote_start",
        "The CSMS asks the charger to start (RemoteStartTransaction, RequestStartTransaction).",
        "csms",
        (
            ID_TAG,
            EVSE_ID,
            ID_TOKEN_TYPE,
            FieldSpec(
                "remote_start_id",
                {"type": "integer", "minimum": 0},
                "2.x remoteStartId; counted unless said.",
            ),
            FieldSpec("group_id_token", TOKEN, "2.x groupIdToken."),
        ),
        shorthand="id_tag",
        example="remote_start: {id_tag: CARD-1, evse_id: 1}",
        actions=_sends("RemoteStartTransaction", "RequestStartTransaction"),
    ),
    VerbSpec(
        "remote_stop",
        "The CSMS asks the charger to stop (RemoteStopTransaction, RequestStopTransaction).",
        "csms",
        (
            FieldSpec(
                "transaction_id",
                {"type": ["string", "integer"]},
                "Which; the latest running one unless said.",
            ),
            EVSE_ID,
        ),
        shorthand="transaction_id",
        example="remote_stop: {}",
        actions=_sends("RemoteStopTransaction", "RequestStopTransaction"),
    ),
    VerbSpec(
        "reset",
        "The CSMS resets the charger.",
        "csms",
        (
            FieldSpec(
                "type",
                {"enum": ["Soft", "Hard", "OnIdle", "Immediate"]},
                "1.6 Soft and 2.x OnIdle are one word here, 1.6 Hard and 2.x Immediate another.",
                True,
            ),
            EVSE_ID,
        ),
        shorthand="type",
        example="reset: Hard",
        actions=_sends("Reset"),
    ),
    VerbSpec(
        "unlock",
        "The CSMS unlocks a connector (UnlockConnector).",
        "csms",
        PLACE,
        shorthand="evse_id",
        example="unlock: {evse_id: 1}",
        actions=_sends("UnlockConnector"),
    ),
    VerbSpec(
        "change_availability",
        "The CSMS takes the station or an EVSE out of service, or back in.",
        "csms",
        (
            FieldSpec("status", {"enum": ["Operative", "Inoperative"]}, "What it shall be.", True),
            *PLACE,
        ),
        shorthand="status",
        example="change_availability: {status: Inoperative, evse_id: 1}",
        actions=_sends("ChangeAvailability"),
        description="Without `evse_id` the whole station is meant.",
    ),
    VerbSpec(
        "change_configuration",
        "The CSMS changes one version-neutral setting (ChangeConfiguration, SetVariables).",
        "csms",
        value={"$ref": "#/definitions/settings", "minProperties": 1, "maxProperties": 1},
        example="change_configuration: {connection_timeout: 20s}",
        actions=_sends("ChangeConfiguration", "SetVariables"),
        description="For a key that is not in the table of settings use `csms_call`.",
    ),
    VerbSpec(
        "get_configuration",
        "The CSMS reads version-neutral settings (GetConfiguration, GetVariables).",
        "csms",
        (
            FieldSpec(
                "settings",
                {"anyOf": [_SETTING_NAME, {"type": "array", "items": _SETTING_NAME, "minItems": 1}]},
                "Which.",
                True,
            ),
        ),
        shorthand="settings",
        example="get_configuration: heartbeat_interval",
        actions=_sends("GetConfiguration", "GetVariables"),
        description="Each value read becomes a `configuration` fact.",
    ),
    VerbSpec(
        "clear_cache",
        "The CSMS clears the charger's authorization cache (ClearCache).",
        "csms",
        example="clear_cache: {}",
        actions=_sends("ClearCache"),
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
            ),
        ),
        example="send_local_list: {version: 4, entries: {CARD-1: Accepted, CARD-2: Blocked}}",
        actions=_sends("SendLocalList"),
    ),
    VerbSpec(
        "get_local_list_version",
        "The CSMS asks for the version of the local list (GetLocalListVersion).",
        "csms",
        example="get_local_list_version: {}",
        actions=_sends("GetLocalListVersion"),
    ),
    VerbSpec(
        "trigger_message",
        "The CSMS asks the charger to send a message (TriggerMessage).",
        "csms",
        (FieldSpec("message", TOKEN, "The OCPP message to send.", True), EVSE_ID),
        shorthand="message",
        example="trigger_message: Heartbeat",
        actions=_sends("TriggerMessage"),
    ),
    VerbSpec(
        "data_transfer",
        "The CSMS sends vendor data (DataTransfer).",
        "csms",
        (
            FieldSpec("vendor_id", TOKEN, "Whose data.", True),
            FieldSpec("message_id", TEXT, "Which kind."),
            FieldSpec("data", {}, "The data; text in OCPP 1.6."),
        ),
        shorthand="vendor_id",
        example="data_transfer: {vendor_id: org.example, data: hello}",
        actions=_sends("DataTransfer"),
    ),
    VerbSpec(
        "reserve_now",
        "The CSMS reserves an EVSE (ReserveNow).",
        "csms",
        (
            ID_TAG,
            EVSE_ID,
            FieldSpec("expires_in", DURATION, "Time until the reservation ends (default 1h)."),
            FieldSpec("reservation_id", {"type": "integer"}, "Counted unless said."),
            FieldSpec("parent_id_token", TOKEN, "The group that may use it too."),
        ),
        example="reserve_now: {id_tag: CARD-1, evse_id: 1, expires_in: 30m}",
        actions=_sends("ReserveNow"),
    ),
    VerbSpec(
        "cancel_reservation",
        "The CSMS cancels a reservation (CancelReservation).",
        "csms",
        (FieldSpec("reservation_id", {"type": "integer"}, "Which; the latest unless said."),),
        shorthand="reservation_id",
        example="cancel_reservation: {}",
        actions=_sends("CancelReservation"),
    ),
    VerbSpec(
        "csms_call",
        "The CSMS sends any OCPP call.",
        "csms",
        (
            FieldSpec("action", TOKEN, "The OCPP action.", True),
            FieldSpec("payload", OBJECT, "Its payload with OCPP's own keys (default empty)."),
        ),
        shorthand="action",
        example="csms_call: {action: GetConfiguration, payload: {key: [HeartbeatInterval]}}",
        description=(
            "The payload is checked against the OCPP schema of every listed version; `only` limits the step to some "
            "of them, `raw: true` lets a wrong payload through."
        ),
    ),
)
