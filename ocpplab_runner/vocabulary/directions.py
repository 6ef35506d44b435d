"""Who sends which OCPP call: the station, or else the CSMS; DataTransfer goes both ways."""

from __future__ import annotations

from typing import Literal

from ocpplab_runner.vocabulary.versions import OcppVersion

Side = Literal["charger", "csms"]

_BOTH = frozenset({"DataTransfer"})
_FROM_STATION_201 = frozenset(
    {
        "Authorize",
        "BootNotification",
        "ClearedChargingLimit",
        "FirmwareStatusNotification",
        "Get15118EVCertificate",
        "GetCertificateStatus",
        "Heartbeat",
        "LogStatusNotification",
        "MeterValues",
        "NotifyChargingLimit",
        "NotifyCustomerInformation",
        "NotifyDisplayMessages",
        "NotifyEVChargingNeeds",
        "NotifyEVChargingSchedule",
        "NotifyEvent",
        "NotifyMonitoringReport",
        "NotifyReport",
        "PublishFirmwareStatusNotification",
        "ReportChargingProfiles",
        "ReservationStatusUpdate",
        "SecurityEventNotification",
        "SignCertificate",
        "StatusNotification",
        "TransactionEvent",
    }
)
#: OCPP 1.6 section 4 and the security whitepaper; OCPP 2.0.1 and 2.1 Part 2, the messages' "sent by".
FROM_STATION: dict[OcppVersion, frozenset[str]] = {
    OcppVersion.V16: frozenset(
        {
            "Authorize",
            "BootNotification",
            "DiagnosticsStatusNotification",
            "FirmwareStatusNotification",
            "Heartbeat",
            "LogStatusNotification",
            "MeterValues",
            "SecurityEventNotification",
            "SignCertificate",
            "SignedFirmwareStatusNotification",
            "StartTransaction",
            "StatusNotification",
            "StopTransaction",
        }
    ),
    OcppVersion.V201: _FROM_STATION_201,
    OcppVersion.V21: _FROM_STATION_201
    | {
        "BatterySwap",
        "ClosePeriodicEventStream",
        "GetCertificateChainStatus",
        "NotifyDERAlarm",
        "NotifyDERStartStop",
        "NotifyPeriodicEventStream",
        "NotifyPriorityCharging",
        "NotifySettlement",
        "OpenPeriodicEventStream",
        "PullDynamicScheduleUpdate",
        "ReportDERControl",
        "VatNumberValidation",
    },
}


def sends(side: Side, version: OcppVersion, action: str) -> bool:
    """Whether that side makes that call."""
    return action in _BOTH or (action in FROM_STATION[version]) is (side == "charger")
