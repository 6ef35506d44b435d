"""The table of OCPP 1.6 configuration keys: section 9, profiles Core, Local Auth List Management and Reservation.

``ConnectorPhaseRotation`` and ``ResetRetries``, which the profile Core requires, are kept and read back: the simulated
station has no wiring, and its resets never fail. Every other key has its effect at once, so that no change is answered
RebootRequired; an optional key that could have none (``BlinkRepeat``, ``LightIntensity``: there is no lamp) is not
there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ocpplab_runner.vocabulary.settings import SETTINGS

KeyType = Literal["integer", "boolean", "list", "measurands", "phases"]

#: What the security whitepaper asks for (A01), and this station does not have yet.
ABSENT = frozenset({"AuthorizationKey"})


@dataclass(frozen=True, slots=True)
class Key:
    """One configuration key.

    Attributes:
        name: as OCPP spells it.
        type: of its value.
        readonly: whether the CSMS may only read it.
        setting: the version-neutral setting behind it; None when the dialect keeps or computes the value.
        default: first value of a kept one; None for one that is computed.
        feature: the profile that it belongs to.
        limit: name of the key that limits the number of entries of a list.
    """

    name: str
    type: KeyType
    readonly: bool = False
    setting: str | None = None
    default: str | None = None
    feature: str = "Core"
    limit: str | None = None


def _neutral() -> list[Key]:
    """The keys behind the version-neutral settings."""
    limits = {
        "MeterValuesSampledData": "MeterValuesSampledDataMaxLength",
        "MeterValuesAlignedData": "MeterValuesAlignedDataMaxLength",
    }
    keys: list[Key] = []
    for setting in SETTINGS.values():
        if setting.v16 is None:
            continue
        kind: KeyType = "integer"
        if setting.type == "boolean":
            kind = "boolean"
        elif setting.type == "list":
            kind = "measurands"
        feature = "LocalAuthListManagement" if setting.name == "local_list_enabled" else "Core"
        keys.append(Key(setting.v16, kind, setting=setting.name, feature=feature, limit=limits.get(setting.v16)))
    return keys


KEYS: dict[str, Key] = {
    key.name.lower(): key
    for key in sorted(
        (
            *_neutral(),
            Key("ResetRetries", "integer", default="0"),
            Key("ConnectorPhaseRotation", "phases", limit="ConnectorPhaseRotationMaxLength"),
            Key("ConnectorPhaseRotationMaxLength", "integer", readonly=True),
            Key("GetConfigurationMaxKeys", "integer", readonly=True, default="50"),
            Key("NumberOfConnectors", "integer", readonly=True),
            Key("SupportedFeatureProfiles", "list", readonly=True),
            Key("SupportedFeatureProfilesMaxLength", "integer", readonly=True),
            Key("MeterValuesSampledDataMaxLength", "integer", readonly=True, default="10"),
            Key("MeterValuesAlignedDataMaxLength", "integer", readonly=True, default="10"),
            Key("StopTxnSampledData", "measurands", default="", limit="StopTxnSampledDataMaxLength"),
            Key("StopTxnSampledDataMaxLength", "integer", readonly=True, default="10"),
            Key("StopTxnAlignedData", "measurands", default="", limit="StopTxnAlignedDataMaxLength"),
            Key("StopTxnAlignedDataMaxLength", "integer", readonly=True, default="10"),
            Key("LocalAuthListMaxLength", "integer", readonly=True, feature="LocalAuthListManagement"),
            Key("SendLocalListMaxLength", "integer", readonly=True, feature="LocalAuthListManagement"),
            Key("ReserveConnectorZeroSupported", "boolean", readonly=True, default="true", feature="Reservation"),
        ),
        key=lambda key: key.name,
    )
}
