"""What a CSMS can ask for that disturbs a charger, and the word of `allow` that lets it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner.ocppj.plug_and_charge import VENDOR
from ocpplab_runner.steps.blocks import ACTING

_ACTIONS: Mapping[str, str] = {
    "Reset": "reset",
    "ChangeAvailability": "availability",
    **dict.fromkeys(
        ("UpdateFirmware", "SignedUpdateFirmware", "PublishFirmware", "UnpublishFirmware"),
        "firmware",
    ),
    **dict.fromkeys(
        ("InstallCertificate", "DeleteCertificate", "CertificateSigned", "SetNetworkProfile"),
        "certificates",
    ),
}
#: Settings that decide whether the charger can connect at all go with the certificates.
_KEYS = frozenset({"authorizationkey", "securityprofile", "basicauthpassword", "networkconfigurationpriority"})


#: A verb of the CSMS → the word, of the call that it becomes in any version.
_OPERATIONS: Mapping[str, str] = {
    spec.name: _ACTIONS[action]
    for spec in ACTING
    if spec.actor == "csms"
    for action in spec.actions.values()
    if action in _ACTIONS
}


def disturbance(operation: str) -> str | None:
    """The word that lets a version-neutral operation; None where none is needed."""
    return _OPERATIONS.get(operation)


def disturbance_of(action: str, payload: Any) -> str | None:
    """The word that lets an OCPP call; None where none is needed."""
    if action in ("ChangeConfiguration", "SetVariables") and _KEYS & set(_words(payload)):
        return "certificates"
    # 1.6 installs the certificates of Plug & Charge by its application note's DataTransfer.
    if action == "DataTransfer" and isinstance(payload, Mapping) and payload.get("vendorId") == VENDOR:
        return _ACTIONS.get(str(payload.get("messageId")))
    return _ACTIONS.get(action)


def _words(data: Any) -> list[str]:
    if isinstance(data, Mapping):
        return [word for value in data.values() for word in _words(value)]
    if isinstance(data, list | tuple):
        return [word for value in data for word in _words(value)]
    return [data.casefold()] if isinstance(data, str) else []
