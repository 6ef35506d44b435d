"""The built-in facets: everything that ``expect``, ``never`` and ``throughout`` can look for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ocpplab_runner.authorization.types import CertificateStatus, TokenValidationStatus, WithdrawAuthorizationResult
from ocpplab_runner.csms import BREACHES
from ocpplab_runner.ocppj.breaches import FRAME_BREACHES
from ocpplab_runner.ocppj.times import DATE_TIME
from ocpplab_runner.scenario.registry import FacetSpec, FieldSpec, StateSpec
from ocpplab_runner.steps.fields import AUTHORIZATION_STATUS, TEXT, TOKEN, VALIDATION_STATUS
from ocpplab_runner.vocabulary.reported import (
    BOOT_REASONS,
    CHARGING_STATES,
    CONFIGURATION_STATUSES,
    CONNECTOR_ERROR_CODES,
    READING_CONTEXTS,
    TRIGGER_REASONS,
)
from ocpplab_runner.vocabulary.settings import SETTINGS
from ocpplab_runner.vocabulary.statuses import (
    VALIDATION_STATUSES,
    WIRE_AUTHORIZATION_STATUSES,
    WIRE_STOP_REASONS,
    AuthorizationRoute,
    ConnectorStatus,
    TransactionPhase,
)
from ocpplab_runner.vocabulary.versions import OcppVersion

ANY: dict[str, Any] = {}
NUMBER = {"type": "number"}
INTEGER = {"type": "integer"}
_TIME = {"type": "string", "pattern": DATE_TIME["pattern"]}
_CONNECTOR_STATUS = {"enum": [status.value for status in ConnectorStatus]}
_PHASE = {"enum": [phase.value for phase in TransactionPhase]}
_TOKEN_STATUS = {"enum": [status.value for status in TokenValidationStatus]}
_VALIDATION_STATUS = {"enum": list(VALIDATION_STATUSES)}
_CERTIFICATE_STATUS = {"enum": [status.value for status in CertificateStatus]}
_WITHDRAWAL = {"enum": [result.value for result in WithdrawAuthorizationResult]}
_RESERVATION = {"enum": ["Placed", "Used", "Expired", "Cancelled", "Removed"]}
_REGISTRATION = {"enum": ["Accepted", "Pending", "Rejected"]}
_LIST_STATUS = {"enum": ["Accepted", "Failed", "NotSupported", "VersionMismatch"]}
_CONNECTION = {"enum": ["opened", "closed"]}
_CONFIGURATION = {"enum": list(CONFIGURATION_STATUSES)}
_VIOLATION = {"enum": sorted({*FRAME_BREACHES, *BREACHES})}

#: 0 is the station as a whole.
_EVSE_NUMBER = {"type": "integer", "minimum": 0}
_EVSE = FieldSpec("evse_id", _EVSE_NUMBER, "On which EVSE.")
_CONNECTOR = FieldSpec("connector_id", _EVSE_NUMBER, "On which connector of the EVSE.")
_CARD = FieldSpec("id_tag", TOKEN, "For which card; letter case does not matter.")


_V16 = (OcppVersion.V16,)
_V2 = (OcppVersion.V201, OcppVersion.V21)
#: Whether it is 1.6 → the messages that only the other versions have.
_ROUTES_OF_OTHERS = {
    True: {AuthorizationRoute.TRANSACTION_EVENT},
    False: {AuthorizationRoute.START_TRANSACTION, AuthorizationRoute.STOP_TRANSACTION},
}


def _listed(values: Mapping[OcppVersion, Iterable[str]]) -> dict[OcppVersion, dict[str, Any]]:
    return {version: {"enum": sorted(str(value) for value in words)} for version, words in values.items()}


_TRANSACTION = FieldSpec(
    "transaction_id",
    {"type": ["string", "integer"]},
    "Which transaction; a number in OCPP 1.6, text in 2.x.",
    schemas={_V16[0]: INTEGER, **dict.fromkeys(_V2, TEXT)},
)
_ROUTES = _listed(
    {
        version: [route for route in AuthorizationRoute if route not in _ROUTES_OF_OTHERS[version is OcppVersion.V16]]
        for version in OcppVersion
    }
)
_PHASES = _listed(
    {
        version: [phase for phase in TransactionPhase if phase is not TransactionPhase.UPDATED or version in _V2]
        for version in OcppVersion
    }
)


def _is(schema: dict[str, Any], description: str, *, always: bool = False) -> FieldSpec:
    return FieldSpec("is", schema, description, always=always)


FACET_SPECS: tuple[FacetSpec, ...] = (
    FacetSpec(
        "auth_status",
        "The verdict on a card: the first one decides, whoever gives it.",
        (
            FieldSpec(
                "is",
                AUTHORIZATION_STATUS,
                "The authorization status.",
                schemas=_listed(WIRE_AUTHORIZATION_STATUSES),
                always=True,
            ),
            _CARD,
            FieldSpec(
                "via",
                {"enum": [route.value for route in AuthorizationRoute]},
                "Only the verdict of this one.",
                schemas=_ROUTES,
                always=True,
            ),
            _EVSE,
            FieldSpec("parent_id_token", TOKEN, "The group that the verdict names."),
            FieldSpec("reason", TEXT, "Why the station itself has refused, via station."),
        ),
        value=AUTHORIZATION_STATUS,
        event="auth_status",
        decisive=True,
        subject=("id_tag",),
        example="auth_status: {is: Accepted, via: Authorize}",
    ),
    FacetSpec(
        "validation_result",
        "What one validator inside the charger said; only where the target sees inside.",
        (
            _is(VALIDATION_STATUS, "The authorization status.", always=True),
            _CARD,
            FieldSpec("via", TEXT, "Which validator."),
            FieldSpec("parent_id_token", TOKEN, "The group that it names."),
        ),
        value=VALIDATION_STATUS,
        event="validation_result",
        subject=("id_tag",),
        example="validation_result: Accepted",
    ),
    FacetSpec(
        "connector_status",
        "A connector has a new status.",
        (
            _is(_CONNECTOR_STATUS, "The status; OCPP 2.x is mapped to these nine.", always=True),
            _EVSE,
            _CONNECTOR,
            FieldSpec(
                "error_code",
                {"enum": list(CONNECTOR_ERROR_CODES)},
                "OCPP 1.6 ChargePointErrorCode.",
                versions=_V16,
            ),
            FieldSpec("info", TEXT, "Free text of the report.", versions=_V16),
            FieldSpec("vendor_error_code", TEXT, "The vendor's own code.", versions=_V16),
        ),
        value=_CONNECTOR_STATUS,
        event="connector_status",
        subject=("evse_id", "connector_id"),
        example="connector_status: {is: Charging, evse_id: 1}",
        state=StateSpec(
            subject=("evse_id", "connector_id"),
            fields=("evse_id", "connector_id", "error_code", "info", "vendor_error_code"),
            apart={"evse_id": 0},
        ),
    ),
    FacetSpec(
        "transaction",
        "A transaction has started, gone on, or ended.",
        (
            FieldSpec("is", _PHASE, "Which of these; OCPP 1.6 has no updated.", schemas=_PHASES, always=True),
            _TRANSACTION,
            _EVSE,
            _CARD,
            FieldSpec(
                "reason",
                TEXT,
                "Why it ended; Local when the message leaves it out, 2.x ImmediateReset is HardReset.",
                schemas=_listed(WIRE_STOP_REASONS),
                shown_with=("is", ("ended",)),
            ),
            FieldSpec("meter_wh", NUMBER, "The meter's reading in Wh, where the message has it."),
            FieldSpec("charging_state", {"enum": list(CHARGING_STATES)}, "OCPP 2.x chargingState.", versions=_V2),
            FieldSpec(
                "trigger",
                {"enum": sorted(set().union(*TRIGGER_REASONS.values()))},
                "OCPP 2.x triggerReason.",
                versions=_V2,
                schemas=_listed(TRIGGER_REASONS),
            ),
            FieldSpec("seq_no", INTEGER, "OCPP 2.x seqNo.", versions=_V2),
            FieldSpec(
                "offline", {"type": "boolean"}, "Whether the message says that it happened offline.", versions=_V2
            ),
            FieldSpec("reservation_id", INTEGER, "The reservation that it used."),
            FieldSpec("remote_start_id", INTEGER, "OCPP 2.x remoteStartId.", versions=_V2),
            FieldSpec("timestamp", _TIME, "When it happened, as the message says; compared as an instant."),
            FieldSpec(
                "unverified",
                {"enum": [True]},
                "It has begun before anybody looked, if it has: only there where nobody has seen it begin.",
            ),
        ),
        value=_PHASE,
        event="transaction",
        subject=("evse_id",),
        example="transaction: {is: started, id_tag: CARD-1}",
        state=StateSpec(
            subject=("transaction_id",),
            fields=("transaction_id", "evse_id", "id_tag", "charging_state", "reservation_id", "remote_start_id"),
            words={"started": "running", "updated": "running", "ended": "none"},
            none="none",
            gathered=True,
        ),
    ),
    FacetSpec(
        "token_status",
        "EVerest's token lifecycle; only where the target sees inside.",
        (
            _is(_TOKEN_STATUS, "The token validation status.", always=True),
            _CARD,
            _EVSE,
            FieldSpec("parent_id_token", TOKEN, "The group, once it is known."),
            FieldSpec("messages", {"type": "array"}, "Texts for the driver, each `{content: …}`."),
        ),
        value=_TOKEN_STATUS,
        event="token_status",
        subject=("id_tag",),
        example="token_status: [Processing, Accepted, UsedToStart]",
        state=StateSpec(subject=("id_tag",), fields=("id_tag", "evse_id", "parent_id_token")),
    ),
    FacetSpec(
        "authorized_evse",
        "A verdict has reached an EVSE (EVerest's `authorize_response`); only where the target sees inside.",
        (
            _is(_EVSE_NUMBER, "Which EVSE.", always=True),
            _CARD,
            FieldSpec("status", AUTHORIZATION_STATUS, "The verdict; Accepted is a grant."),
            FieldSpec("reservation_id", INTEGER, "The reservation that is used."),
        ),
        value=_EVSE_NUMBER,
        event="authorized_evse",
        subject=("id_tag",),
        example="authorized_evse: {is: 2, status: Accepted}",
    ),
    FacetSpec(
        "certificate_status",
        "A validator's verdict on a contract certificate; only where the target sees inside.",
        (_is(_CERTIFICATE_STATUS, "The verdict.", always=True), _CARD),
        value=_CERTIFICATE_STATUS,
        event="certificate_status",
        subject=("id_tag",),
        example="certificate_status: CertificateExpired",
    ),
    FacetSpec(
        "withdrawal",
        "A request to withdraw authorizations has been answered; only where the target sees inside.",
        (_is(_WITHDRAWAL, "The answer.", always=True), _EVSE, _CARD),
        value=_WITHDRAWAL,
        event="withdrawal",
        example="withdrawal: AuthorizationNotFound",
    ),
    FacetSpec(
        "reservation",
        "Something has happened to a reservation; only where the target sees inside.",
        (
            _is(_RESERVATION, "What.", always=True),
            FieldSpec("reservation_id", INTEGER, "Which reservation."),
            FieldSpec("evse_id", _EVSE_NUMBER, "Of which EVSE; none for a reservation of any."),
        ),
        value=_RESERVATION,
        event="reservation",
        subject=("reservation_id",),
        example="reservation: Used",
        state=StateSpec(
            subject=("reservation_id",),
            fields=("reservation_id", "evse_id"),
            words={"Placed": "Placed", "Used": "none", "Expired": "none", "Cancelled": "none", "Removed": "none"},
            none="none",
        ),
    ),
    FacetSpec(
        "boot",
        "The CSMS has answered a BootNotification.",
        (
            _is(_REGISTRATION, "The registration status.", always=True),
            FieldSpec("interval", INTEGER, "The interval that the answer sets, in seconds."),
            FieldSpec("reason", {"enum": list(BOOT_REASONS)}, "OCPP 2.x boot reason.", versions=_V2),
        ),
        value=_REGISTRATION,
        event="boot",
        example="boot: Accepted",
        state=StateSpec(),
    ),
    FacetSpec("heartbeat", "The charger has sent a Heartbeat.", (), event="heartbeat", example="heartbeat: {}"),
    FacetSpec(
        "meter",
        "A meter value has been sent.",
        (
            _EVSE,
            _TRANSACTION,
            FieldSpec("context", {"enum": list(READING_CONTEXTS)}, "OCPP reading context."),
            FieldSpec("energy_wh", NUMBER, "Energy.Active.Import.Register in Wh."),
            FieldSpec("power_w", NUMBER, "Power.Active.Import in W."),
            FieldSpec("current_a", NUMBER, "Current.Import in A, of all phases together or the first."),
            FieldSpec("voltage_v", NUMBER, "Voltage in V."),
            FieldSpec("soc_percent", NUMBER, "SoC in percent."),
            FieldSpec("timestamp", _TIME, "When the reading was taken, as the message says; compared as an instant."),
            FieldSpec(
                "left_out",
                {"type": "array", "items": {"type": "string"}},
                "Samples that are no reading, each with the reason: no number, or in a unit of something else.",
            ),
        ),
        event="meter",
        subject=("evse_id",),
        example="meter: {evse_id: 1, energy_wh: {$gte: 0}}",
    ),
    FacetSpec(
        "configuration",
        "The CSMS has read or set a setting.",
        (
            _is(_CONFIGURATION, "Status of the answer; Unknown is 1.6's unknownKey.", always=True),
            FieldSpec("setting", {"enum": sorted(SETTINGS)}, "Version-neutral name, where it has one."),
            FieldSpec("key", TEXT, "1.6 key, or 2.x `Component.Variable`."),
            FieldSpec("value", TEXT, "The value, as text."),
            FieldSpec("readonly", {"type": "boolean"}, "Whether it cannot be changed."),
        ),
        value=_CONFIGURATION,
        event="configuration",
        subject=("key",),
        example="configuration: {setting: heartbeat_interval, value: '30'}",
    ),
    FacetSpec(
        "local_list",
        "The charger has answered SendLocalList or GetLocalListVersion.",
        (
            _is(_LIST_STATUS, "Answer to SendLocalList."),
            FieldSpec("version", INTEGER, "The version sent, or the version answered."),
        ),
        value=_LIST_STATUS,
        event="local_list",
        example="local_list: Accepted",
    ),
    FacetSpec(
        "connection",
        "The charger's WebSocket has opened or closed.",
        (_is(_CONNECTION, "Which.", always=True),),
        value=_CONNECTION,
        event="connection",
        example="connection: opened",
        state=StateSpec(),
    ),
    FacetSpec(
        "message",
        "An OCPP frame has crossed.",
        (
            FieldSpec("action", TOKEN, "Its action; an answer has the action of its call."),
            FieldSpec("from", {"enum": ["charger", "csms"]}, "Who sent it.", always=True),
            FieldSpec("type", {"enum": ["call", "result", "error"]}, "CALL unless said."),
            FieldSpec("payload", ANY, "What the payload must contain."),
            FieldSpec("error_code", TEXT, "Code of a CALLERROR.", shown_with=("type", ("error",))),
        ),
        kind="frame",
        example="message: {action: StatusNotification, from: charger}",
    ),
    FacetSpec(
        "response",
        "The answer to this step's own call is a CALLRESULT with this payload; `none`: none comes within the deadline.",
        (),
        kind="frame",
        bound=True,
        value={"type": "object"},
        example="response: {status: Accepted}",
    ),
    FacetSpec(
        "call_error",
        "The answer to this step's own call is a CALLERROR.",
        (FieldSpec("code", TEXT, "Its code."), FieldSpec("description", TEXT, "Its description.")),
        value=TEXT,
        kind="frame",
        bound=True,
        example="call_error: NotImplemented",
    ),
    FacetSpec(
        "outcome",
        "What became of this step's own command.",
        (
            _is({"enum": ["done", "refused"]}, "Whether the charger did it.", always=True),
            FieldSpec("reason", TEXT, "Why it was refused.", shown_with=("is", ("refused",))),
            FieldSpec("detail", {"type": "object"}, "What the command hands back (`{entries_deleted: 2}`)."),
        ),
        value={"enum": ["done", "refused"]},
        kind="command",
        bound=True,
        example="outcome: done",
    ),
    FacetSpec(
        "violation",
        "The other side broke the protocol.",
        (
            _is(_VIOLATION, "The violation's code; docs/reports.md explains each.", always=True),
            FieldSpec("action", TEXT, "In which action."),
            FieldSpec("by", {"enum": ["charger", "csms"]}, "Who broke it."),
            FieldSpec(
                "weight",
                {"enum": ["must", "should"]},
                "Whether the specification forbids it, or advises against it.",
            ),
        ),
        value=_VIOLATION,
        kind="violation",
        example="violation: schema",
    ),
)
