"""Field descriptions that several verbs and facets share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ocpplab_runner.ocppj.times import DATE_TIME
from ocpplab_runner.scenario.registry import FieldSpec
from ocpplab_runner.vocabulary.authorization import ID_TOKEN_TYPES_2_1, LONGEST_TOKEN_TYPE, TOKEN_LENGTHS
from ocpplab_runner.vocabulary.durations import PATTERN
from ocpplab_runner.vocabulary.statuses import VALIDATION_STATUSES, AuthorizationStatus
from ocpplab_runner.vocabulary.versions import OcppVersion

ONLY_16 = (OcppVersion.V16,)
ONLY_2X = (OcppVersion.V201, OcppVersion.V21)
ONLY_21 = (OcppVersion.V21,)

#: ``500ms``, ``30s``, ``5m``, ``24h``, ``2d`` and sums such as ``1h30m``; a bare number is an error.
DURATION = {"type": "string", "pattern": PATTERN}
POSITIVE = {"type": "integer", "minimum": 1}
TOKEN = {"type": "string", "minLength": 1}
BOOLEAN = {"type": "boolean"}
TEXT = {"type": "string"}
OBJECT = {"type": "object"}
NUMBER = {"type": "number"}
INTEGER = {"type": "integer"}
TIME = {"type": "string", "pattern": DATE_TIME["pattern"]}
#: 0 is the station as a whole.
EVSE_NUMBER = {"type": "integer", "minimum": 0}

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

ON_EVSE = FieldSpec("evse_id", EVSE_NUMBER, "On which EVSE.")
FOR_CARD = FieldSpec("id_tag", TOKEN, "For which card; letter case does not matter.")
#: A token in a frame; inside, a charger may be shown one that no frame could carry.
CARRIED_TOKEN = {version: {**TOKEN, "maxLength": longest} for version, longest in TOKEN_LENGTHS.items()}
FOR_SENT_CARD = replace(FOR_CARD, schemas=CARRIED_TOKEN)
OF_TRANSACTION = FieldSpec(
    "transaction_id",
    {"type": ["string", "integer"]},
    "Which transaction; a number in OCPP 1.6, text in 2.x.",
    schemas={OcppVersion.V16: INTEGER, **dict.fromkeys(ONLY_2X, TEXT)},
)


def is_(schema: dict[str, Any], description: str, *, always: bool = False) -> FieldSpec:
    """The field that a facet's bare value stands for."""
    return FieldSpec("is", schema, description, always=always)


def listed(values: Mapping[OcppVersion, Iterable[str]]) -> dict[OcppVersion, dict[str, Any]]:
    """The schemas of a field that has other words in each version."""
    return {version: {"enum": sorted(str(value) for value in words)} for version, words in values.items()}


def sends(in_16: str, in_2x: str | None = None) -> dict[OcppVersion, str]:
    """The action that a verb of the CSMS sends, which may have another name in 2.x."""
    return {version: in_16 if version is OcppVersion.V16 else in_2x or in_16 for version in OcppVersion}


def sends_in_2x(action: str) -> dict[OcppVersion, str]:
    """The action that a verb of the CSMS sends which 1.6 has not."""
    return dict.fromkeys(ONLY_2X, action)
