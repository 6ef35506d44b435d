"""Authorization: cards, EVerest's tokens, verdicts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ocpplab_runner.authorization.types import (
    AuthorizationType,
    CertificateStatus,
    HashAlgorithm,
    TokenValidationStatus,
    WithdrawAuthorizationResult,
)
from ocpplab_runner.scenario.registry import ALL_VERSIONS, FacetSpec, FieldSpec, StateSpec, VerbSpec
from ocpplab_runner.steps.fields import (
    AUTHORIZATION_STATUS,
    BOOLEAN,
    CARRIED_TOKEN,
    EVSE_ID,
    EVSE_NUMBER,
    FOR_CARD,
    FOR_SENT_CARD,
    ID_TAG,
    ID_TOKEN_TYPE,
    INTEGER,
    ON_EVSE,
    PLACE,
    POSITIVE,
    TEXT,
    TOKEN,
    VALIDATION_STATUS,
    is_,
    listed,
    sends,
)
from ocpplab_runner.vocabulary.statuses import WIRE_AUTHORIZATION_STATUSES, AuthorizationRoute
from ocpplab_runner.vocabulary.versions import OcppVersion

_ID_TOKEN = {"$ref": "#/definitions/id_token"}

_HASH_DATA: dict[str, Any] = {
    "type": "array",
    "minItems": 1,
    "maxItems": 4,
    "items": {
        "title": "certificate_hash_data",
        "type": "object",
        "properties": {
            "hashAlgorithm": {
                "description": "How the hashes were made.",
                "enum": [algorithm.value for algorithm in HashAlgorithm],
            },
            "issuerNameHash": {"description": "Hash of the issuer's name.", "type": "string", "maxLength": 128},
            "issuerKeyHash": {"description": "Hash of the issuer's key.", "type": "string", "maxLength": 128},
            "serialNumber": {"description": "The certificate's number.", "type": "string", "maxLength": 40},
            "responderURL": {"description": "Where to ask.", "type": "string", "maxLength": 512},
        },
        "required": ["hashAlgorithm", "issuerNameHash", "issuerKeyHash", "serialNumber", "responderURL"],
        "additionalProperties": False,
    },
}

#: Said where a row of ``cases`` limits nothing.
_NONE = {"type": "null"}

#: EVerest's MessageContent.
_MESSAGE = {
    "type": "object",
    "properties": {"content": TEXT, "format": TEXT, "language": TEXT},
    "additionalProperties": False,
}
_TOKEN_STATUS = {"enum": [status.value for status in TokenValidationStatus]}

_CERTIFICATE_STATUS = {"enum": [status.value for status in CertificateStatus]}

_WITHDRAWAL = {"enum": [result.value for result in WithdrawAuthorizationResult]}

#: Whether it is 1.6 → the messages that only the other versions have.
_ROUTES_OF_OTHERS = {
    True: {AuthorizationRoute.TRANSACTION_EVENT},
    False: {AuthorizationRoute.START_TRANSACTION, AuthorizationRoute.STOP_TRANSACTION},
}

_ROUTES = listed(
    {
        version: [route for route in AuthorizationRoute if route not in _ROUTES_OF_OTHERS[version is OcppVersion.V16]]
        for version in OcppVersion
    }
)

#: Authorize asks about a card and names no EVSE, in any version.
_ROUTES_WITH_AN_EVSE = tuple(route.value for route in AuthorizationRoute if route is not AuthorizationRoute.AUTHORIZE)

VERBS: tuple[VerbSpec, ...] = (
    VerbSpec(
        "authorize_id_tag",
        "A driver presents a card. A plugged EV then starts; a running transaction of that card stops.",
        "charger",
        (ID_TAG, *PLACE, ID_TOKEN_TYPE),
        shorthand="id_tag",
        example="authorize_id_tag: {id_tag: CARD-1}",
    ),
    VerbSpec(
        "provide_token",
        "A token provider hands over a token: EVerest's whole ProvidedIdToken.",
        "charger",
        (
            FieldSpec("id_token", _ID_TOKEN, "The token.", True),
            FieldSpec(
                "authorization_type",
                {"enum": [kind.value for kind in AuthorizationType]},
                "By which way it came; RFID unless said.",
            ),
            FieldSpec("request_id", {"type": "integer"}, "Number of the request that brought it (2.x remoteStartId)."),
            FieldSpec("parent_id_token", _ID_TOKEN, "The group that it is known to belong to."),
            FieldSpec(
                "connectors",
                {"type": "array", "items": POSITIVE, "minItems": 1},
                "The EVSEs where it may be used (in EVerest too these are EVSEs); all unless said.",
            ),
            FieldSpec("prevalidated", BOOLEAN, "Whether the provider has validated it: no validator is asked."),
            FieldSpec("certificate", {**TEXT, "maxLength": 5500}, "The contract certificate of the car, PEM."),
            FieldSpec(
                "iso15118CertificateHashData", _HASH_DATA, "What an OCSP request for the contract certificate needs."
            ),
        ),
        shorthand="id_token",
        example="provide_token: {id_token: CARD-1, connectors: [1]}",
        description=(
            "`authorize_id_tag` is short for a card at the reader. A token without a type is an ISO14443 card, an "
            "eMAID with `PlugAndCharge`, a MacAddress with `Autocharge`. A contract certificate is judged "
            "(docs/security.md)."
        ),
    ),
    VerbSpec(
        "withdraw_authorization",
        "Take authorizations back: of an EVSE, of a token, of a token on an EVSE, or every one.",
        "charger",
        (
            FieldSpec("evse_id", {"anyOf": [EVSE_ID.schema, _NONE]}, "Only of this EVSE; null is any."),
            FieldSpec(
                "id_token",
                {"anyOf": [_ID_TOKEN, _NONE]},
                "Only what this token was given; its type counts; null is any.",
            ),
        ),
        example="withdraw_authorization: {evse_id: 1}",
        description=(
            "The answer is in `outcome` (`detail: {result: Accepted}`) and in `withdrawal`: Accepted, "
            "AuthorizationNotFound or EvseNotFound; one that finds nothing passes unless `withdrawal` is expected. A "
            "granted or waiting token is Withdrawn, a running transaction "
            "ends with DeAuthorized."
        ),
    ),
    VerbSpec(
        "select_evse",
        "The driver chooses an EVSE for the token that waits for that (`selection_algorithm: UserInput`).",
        "charger",
        (FieldSpec(EVSE_ID.name, EVSE_ID.schema, EVSE_ID.description, True),),
        shorthand="evse_id",
        example="select_evse: 1",
        description=(
            "Refused when no token waits for a choice, or the EVSE is none that it may have. EVerest has no such "
            "choice yet: this is the tool's own."
        ),
    ),
    VerbSpec(
        "validation_result_update",
        "A validator gives a later verdict on the token that holds an EVSE.",
        "charger",
        (
            FieldSpec(EVSE_ID.name, EVSE_ID.schema, EVSE_ID.description, True),
            FieldSpec(
                "validation_result",
                {"$ref": "#/definitions/validation_result"},
                "The verdict: a bare status, or a mapping with EVerest's names: `authorization_status` (a scripted "
                "validator's verdict has `status`), `parent_id_token`, `evse_ids`, `reservation_id`, "
                "`certificate_status`, `expiry_time` or `expires_in`, `tariff_messages`.",
                True,
                means="verdict",
            ),
        ),
        example="validation_result_update: {evse_id: 1, validation_result: {authorization_status: Accepted}}",
        description=(
            "It shows as `validation_result` via `validation_result_update`, brings status and group for what follows, "
            "and ends nothing, whatever it says. Refused when nobody holds the EVSE. What the CSMS answers to a "
            "transaction's begin is a later verdict, too."
        ),
    ),
    VerbSpec(
        "reset_auth_cache",
        "Empty the charger's authorization cache.",
        "charger",
        example="reset_auth_cache: {}",
    ),
    VerbSpec(
        "clear_cache",
        "The CSMS clears the charger's authorization cache (ClearCache).",
        "csms",
        example="clear_cache: {}",
        actions=sends("ClearCache"),
    ),
    VerbSpec(
        "update_id_tokens",
        "Change what the CSMS knows of cards, from now on.",
        "csms",
        value={"$ref": "#/definitions/cards"},
        value_means="cards",
        opens_window=False,
        example="update_id_tokens: {CARD-1: Blocked}",
    ),
)

FACETS: tuple[FacetSpec, ...] = (
    FacetSpec(
        "auth_status",
        "The verdict on a card: the first one decides, whoever gives it.",
        (
            FieldSpec(
                "is",
                AUTHORIZATION_STATUS,
                "The authorization status.",
                schemas=listed(WIRE_AUTHORIZATION_STATUSES),
                always=True,
            ),
            FOR_SENT_CARD,
            FieldSpec(
                "via",
                {"enum": [route.value for route in AuthorizationRoute]},
                "Only the verdict of this one.",
                schemas=_ROUTES,
                always=True,
            ),
            replace(ON_EVSE, shown_with=("via", _ROUTES_WITH_AN_EVSE)),
            FieldSpec("parent_id_token", TOKEN, "The group that the verdict names.", schemas=CARRIED_TOKEN),
            FieldSpec(
                "reason",
                TEXT,
                "Why the station itself has refused, via station.",
                shown_with=("via", (AuthorizationRoute.STATION.value,)),
            ),
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
            is_(VALIDATION_STATUS, "The authorization status.", always=True),
            FOR_CARD,
            FieldSpec("via", TEXT, "Which validator."),
            FieldSpec("parent_id_token", TOKEN, "The group that it names."),
        ),
        value=VALIDATION_STATUS,
        event="validation_result",
        subject=("id_tag",),
        example="validation_result: Accepted",
    ),
    FacetSpec(
        "token_status",
        "EVerest's token lifecycle; only where the target sees inside.",
        (
            is_(_TOKEN_STATUS, "The token validation status.", always=True),
            FOR_CARD,
            ON_EVSE,
            FieldSpec("parent_id_token", TOKEN, "The group, once it is known."),
            FieldSpec(
                "messages",
                {"type": "array"},
                "Texts for the driver, each `{content: …}`.",
                schemas={version: {"type": "array", "items": _MESSAGE} for version in ALL_VERSIONS},
            ),
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
            is_(EVSE_NUMBER, "Which EVSE.", always=True),
            FOR_CARD,
            FieldSpec("status", AUTHORIZATION_STATUS, "The verdict; Accepted is a grant."),
            FieldSpec("reservation_id", INTEGER, "The reservation that is used."),
        ),
        value=EVSE_NUMBER,
        event="authorized_evse",
        subject=("id_tag",),
        example="authorized_evse: {is: 2, status: Accepted}",
    ),
    FacetSpec(
        "certificate_status",
        "A validator's verdict on a contract certificate; of a real station the CSMS's.",
        (is_(_CERTIFICATE_STATUS, "The verdict.", always=True), FOR_CARD),
        value=_CERTIFICATE_STATUS,
        event="certificate_status",
        subject=("id_tag",),
        example="certificate_status: CertificateExpired",
    ),
    FacetSpec(
        "withdrawal",
        "A request to withdraw authorizations has been answered; only where the target sees inside.",
        (is_(_WITHDRAWAL, "The answer.", always=True), ON_EVSE, FOR_CARD),
        value=_WITHDRAWAL,
        event="withdrawal",
        example="withdrawal: AuthorizationNotFound",
    ),
)
