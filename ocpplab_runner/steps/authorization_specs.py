"""Verbs about tokens in the words of EVerest's Auth module."""

from __future__ import annotations

from typing import Any

from ocpplab_runner.authorization.types import AuthorizationType, HashAlgorithm
from ocpplab_runner.scenario.registry import FieldSpec, VerbSpec
from ocpplab_runner.steps.fields import BOOLEAN, EVSE_ID, POSITIVE, TEXT

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

AUTHORIZATION_SPECS: tuple[VerbSpec, ...] = (
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
            "eMAID with `PlugAndCharge`, a MacAddress with `Autocharge`. Certificates travel with OCPP 2.x only."
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
            ),
        ),
        example="validation_result_update: {evse_id: 1, validation_result: {authorization_status: Accepted}}",
        description=(
            "It shows as `validation_result` via `validation_result_update`, brings status and group for what follows, "
            "and ends nothing, whatever it says. Refused when nobody holds the EVSE. What the CSMS answers to a "
            "transaction's begin is a later verdict, too."
        ),
    ),
)
