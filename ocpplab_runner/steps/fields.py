"""Field descriptions that several verbs and facets share."""

from __future__ import annotations

from ocpplab_runner.scenario.registry import FieldSpec
from ocpplab_runner.vocabulary.authorization import ID_TOKEN_TYPES_2_1, LONGEST_TOKEN_TYPE
from ocpplab_runner.vocabulary.durations import PATTERN
from ocpplab_runner.vocabulary.statuses import VALIDATION_STATUSES, AuthorizationStatus

#: ``500ms``, ``30s``, ``5m``, ``24h``, ``2d`` and sums such as ``1h30m``; a bare number is an error.
DURATION = {"type": "string", "pattern": PATTERN}
POSITIVE = {"type": "integer", "minimum": 1}
TOKEN = {"type": "string", "minLength": 1}
BOOLEAN = {"type": "boolean"}
TEXT = {"type": "string"}
OBJECT = {"type": "object"}

EVSE_ID = FieldSpec("evse_id", POSITIVE, "The EVSE, counted from 1. In OCPP 1.6 this is the connectorId.")
CONNECTOR_ID = FieldSpec(
    "connector_id", POSITIVE, "The connector of the EVSE, counted from 1; above 1 only with OCPP 2.x."
)
PLACE = (EVSE_ID, CONNECTOR_ID)
ID_TAG = FieldSpec("id_tag", TOKEN, "The card's id token: 1 to 20 characters in OCPP 1.6, to 36 in 2.x.", required=True)
ID_TOKEN_TYPE = FieldSpec(
    "id_token_type",
    {
        "anyOf": [
            {"enum": list(ID_TOKEN_TYPES_2_1)},
            {"type": "string", "minLength": 1, "maxLength": LONGEST_TOKEN_TYPE},
        ]
    },
    "OCPP 2.x token type; ISO14443 (an RFID card) unless said. OCPP 1.6 does not carry it, and only 2.1 others than"
    " Central, eMAID, ISO14443, ISO15693, KeyCode, Local, MacAddress and NoAuthorization.",
)

AUTHORIZATION_STATUS = {"enum": [status.value for status in AuthorizationStatus]}
#: What a validator inside the charger may say: two more than a frame can carry.
VALIDATION_STATUS = {"enum": list(VALIDATION_STATUSES)}

#: A card as the CSMS, the local list and the cache know it: a bare status, or a mapping.
CARD = {"$ref": "#/definitions/card"}
