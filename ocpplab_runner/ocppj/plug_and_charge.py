"""Plug & Charge in OCPP 1.6: the messages of 2.0.1 as DataTransfer, as the Open Charge Alliance's application note
"Using ISO 15118 Plug & Charge with OCPP 1.6" (2020) has them. Pure.

Three of them differ: Authorize has the eMAID as text, TriggerMessage asks for one thing only and has no fields, and
certificates are of V2G and of mobility operators alone. What others write in their place is read too: an eMAID as the
IdTokenType of 2.0.1, as EVerest sends it, and a verdict as the IdTagInfo of 1.6.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ocpplab_runner.ocppj.schema_breach import refused
from ocpplab_runner.ocppj.validation import validate_request, validate_response
from ocpplab_runner.vocabulary.vendors import on_the_wire, structure
from ocpplab_runner.vocabulary.versions import OcppVersion

VENDOR = "org.openchargealliance.iso15118pnc"
#: What it can install, as InstallCertificateUseEnumType has it, and list besides.
ROOT_TYPES = frozenset({"V2GRootCertificate", "MORootCertificate"})
LISTED_TYPES = ROOT_TYPES | {"V2GCertificateChain"}
_TRIGGER = "TriggerMessage"
MESSAGES = frozenset(
    {
        "Authorize",
        "CertificateSigned",
        "DeleteCertificate",
        "Get15118EVCertificate",
        "GetCertificateStatus",
        "GetInstalledCertificateIds",
        "InstallCertificate",
        "SignCertificate",
        _TRIGGER,
    }
)
_SPELLED = {"expiryDate": "cacheExpiryDateTime", "parentIdTag": "groupIdToken"}


def request(message: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """DataTransfer.req that carries a message."""
    payload = {"vendorId": VENDOR, "messageId": message}
    return payload if message == _TRIGGER else {**payload, "data": on_the_wire(data, OcppVersion.V16)}


def response(data: Mapping[str, Any]) -> dict[str, Any]:
    """DataTransfer.conf that carries the answer to a message."""
    return {"status": "Accepted", "data": on_the_wire(data, OcppVersion.V16)}


def wrong_request(message: str, data: Mapping[str, Any]) -> str | None:
    """What is wrong with a message, as a sentence without its end; None where nothing is."""
    if message == _TRIGGER:
        return None
    if message == "Authorize":
        data = {**data, "idToken": {"idToken": emaid(data), "type": "eMAID"}}
    breach = refused(validate_request(OcppVersion.V201, message, dict(data)))
    if breach is not None:
        return str(breach)
    known = {"InstallCertificate": ROOT_TYPES, "GetInstalledCertificateIds": LISTED_TYPES}.get(message)
    kinds = data.get("certificateType", ())
    strange = set() if known is None else {*([kinds] if isinstance(kinds, str) else kinds)} - known
    return f"Plug & Charge has no {' and no '.join(sorted(strange))}" if strange else None


def answered(message: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """What the answer to a message says, as 2.0.1 has it.

    Args:
        message: that was sent.
        payload: of DataTransfer.conf.

    Raises:
        ValueError: the message was not taken, or the answer is none; the text says which.
    """
    if payload["status"] != "Accepted":
        raise ValueError(f"DataTransfer was answered {payload['status']}")
    told = structure(payload.get("data"))
    if told is None:
        raise ValueError(f"the answer to {message} is no JSON object")
    data = dict(told)
    if message == "Authorize" and isinstance(data.get("idTokenInfo"), Mapping):
        data["idTokenInfo"] = _id_token_info(data["idTokenInfo"])
    breach = refused(validate_response(OcppVersion.V201, message, data))
    if breach is not None:
        raise ValueError(f"the answer to {message} does not fit: {breach}")
    return data


class Exchange(NamedTuple):
    """A message that was taken, and what its answer says, both as 2.0.1 has them, but for the eMAID."""

    message: str
    data: Mapping[str, Any]
    answer: Mapping[str, Any]


def exchange(request: Mapping[str, Any], answer: Mapping[str, Any]) -> Exchange | None:
    """What the payloads of a DataTransfer and its answer show; None where they show nothing of Plug & Charge."""
    message = request.get("messageId")
    if request.get("vendorId") != VENDOR or message not in MESSAGES:
        return None
    data = structure(request.get("data", {}))
    if data is None or wrong_request(message, data) is not None:
        return None
    try:
        return Exchange(message, data, answered(message, answer))
    except ValueError:
        return None


def emaid(data: Mapping[str, Any]) -> Any:
    """The eMAID of an Authorize."""
    token = data.get("idToken")
    return token.get("idToken") if isinstance(token, Mapping) else token


def _id_token_info(info: Mapping[str, Any]) -> dict[str, Any]:
    """IdTokenInfoType; some write it as 1.6's IdTagInfo."""
    told = {_SPELLED.get(name, name): value for name, value in info.items()}
    group = told.get("groupIdToken")
    return {**told, "groupIdToken": {"idToken": group, "type": "Central"}} if isinstance(group, str) else told
