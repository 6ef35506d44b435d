"""Words of smart charging: purposes of profiles and sources of limits, in each OCPP version."""

from __future__ import annotations

from collections.abc import Mapping

#: Purposes as scenarios and OCPP 2.x call them → ChargingProfilePurposeType of 1.6 (section 7.11).
PURPOSES_16: Mapping[str, str] = {
    "ChargingStationMaxProfile": "ChargePointMaxProfile",
    "TxDefaultProfile": "TxDefaultProfile",
    "TxProfile": "TxProfile",
}
#: ChargingProfilePurposeEnumType of 2.1 that 2.0.1 has not.
ONLY_21 = frozenset({"PriorityCharging", "LocalGeneration"})
#: ChargingProfilePurposeEnumType of 2.x.
PURPOSES: tuple[str, ...] = (*PURPOSES_16, "ChargingStationExternalConstraints", *sorted(ONLY_21))
#: What is about the station, and not about a transaction.
STATION_WIDE = frozenset({"ChargingStationMaxProfile", "ChargingStationExternalConstraints", "LocalGeneration"})
#: ChargingLimitSourceEnumType of 2.0.1; in 2.1 a text.
LIMIT_SOURCES: tuple[str, ...] = ("EMS", "Other", "SO", "CSO")
#: ChargingProfileKindEnumType and RecurrencyKindEnumType, the same in all versions but for 2.1's Dynamic.
KINDS: tuple[str, ...] = ("Absolute", "Dynamic", "Recurring", "Relative")
RECURRENCIES: tuple[str, ...] = ("Daily", "Weekly")
