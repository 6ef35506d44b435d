"""Remote control."""

from __future__ import annotations

from ocpplab_runner.scenario.registry import FieldSpec, VerbSpec
from ocpplab_runner.steps.fields import EVSE_ID, ID_TAG, ID_TOKEN_TYPE, PLACE, TEXT, TOKEN, sends
from ocpplab_runner.steps.profile_fields import PROFILE_OBJECT

VERBS: tuple[VerbSpec, ...] = (
    VerbSpec(
        "unlock_connector",
        "The lock is released at the charger; a transaction on it ends.",
        "charger",
        PLACE,
        shorthand="evse_id",
        example="unlock_connector: {evse_id: 1}",
    ),
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
            FieldSpec(
                "charging_profile",
                PROFILE_OBJECT,
                "The profile of the transaction that begins, with the fields of `set_charging_profile`.",
            ),
        ),
        shorthand="id_tag",
        example="remote_start: {id_tag: CARD-1, evse_id: 1}",
        actions=sends("RemoteStartTransaction", "RequestStartTransaction"),
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
        actions=sends("RemoteStopTransaction", "RequestStopTransaction"),
    ),
    VerbSpec(
        "unlock",
        "The CSMS unlocks a connector (UnlockConnector).",
        "csms",
        PLACE,
        shorthand="evse_id",
        example="unlock: {evse_id: 1}",
        actions=sends("UnlockConnector"),
    ),
    VerbSpec(
        "trigger_message",
        "The CSMS asks the charger to send a message (TriggerMessage).",
        "csms",
        (
            FieldSpec("message", TOKEN, "The OCPP message to send.", True, means="trigger"),
            EVSE_ID,
            FieldSpec("custom", TEXT, "2.1: which trigger of the vendor's, with CustomTrigger."),
        ),
        shorthand="message",
        example="trigger_message: Heartbeat",
        actions=sends("TriggerMessage"),
    ),
)
