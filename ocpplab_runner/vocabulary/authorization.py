"""EVerest's names that a scenario may write about authorization; ``authorization.types`` has them as types."""

from __future__ import annotations

from types import MappingProxyType

from ocpplab_runner.vocabulary.versions import OcppVersion

SELECTION_ALGORITHMS = ("FindFirst", "PlugEvents", "PlugEventsLIFO", "UserInput")
CERTIFICATE_STATUSES = (
    "Accepted",
    "SignatureError",
    "CertificateExpired",
    "CertificateRevoked",
    "NoCertificateAvailable",
    "CertChainError",
    "ContractCancelled",
)
#: OCPP 2.0.1 IdTokenEnumType.
ID_TOKEN_TYPES = ("Central", "eMAID", "ISO14443", "ISO15693", "KeyCode", "Local", "MacAddress", "NoAuthorization")
#: OCPP 2.1 IdTokenEnumStringType: a text, for which these are the standard ones.
ID_TOKEN_TYPES_2_1 = (*ID_TOKEN_TYPES, "DirectPayment", "EVCCID", "VIN")
LONGEST_TOKEN_TYPE = 20
#: Characters of a token: OCPP 1.6 section 7.28 IdToken, OCPP 2.x IdTokenType.idToken.
TOKEN_LENGTHS = MappingProxyType({OcppVersion.V16: 20, OcppVersion.V201: 36, OcppVersion.V21: 255})
#: An RFID card.
DEFAULT_TOKEN_TYPE = "ISO14443"
#: Way by which a provider hands over a token → its type when nothing is said; by the others it is an RFID card.
PROVIDED_TOKEN_TYPES = MappingProxyType({"PlugAndCharge": "eMAID", "Autocharge": "MacAddress"})
#: The validator that is the CSMS over OCPP, with the station's list, cache and offline rules before it.
CSMS_VALIDATOR = "csms"
