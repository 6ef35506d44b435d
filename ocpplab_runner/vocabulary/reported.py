"""The closed lists of words that OCPP reports carry, and facts after them."""

from __future__ import annotations

from ocpplab_runner.vocabulary.versions import OcppVersion

#: OCPP 1.6 section 7.6 ChargePointErrorCode.
CONNECTOR_ERROR_CODES: tuple[str, ...] = (
    "ConnectorLockFailure",
    "EVCommunicationError",
    "GroundFailure",
    "HighTemperature",
    "InternalError",
    "LocalListConflict",
    "NoError",
    "OtherError",
    "OverCurrentFailure",
    "OverVoltage",
    "PowerMeterFailure",
    "PowerSwitchFailure",
    "ReaderFailure",
    "ResetFailure",
    "UnderVoltage",
    "WeakSignal",
)
#: OCPP 2.x ChargingStateEnumType.
CHARGING_STATES: tuple[str, ...] = ("Charging", "EVConnected", "Idle", "SuspendedEV", "SuspendedEVSE")

_TRIGGERS_201 = frozenset(
    {
        "AbnormalCondition",
        "Authorized",
        "CablePluggedIn",
        "ChargingRateChanged",
        "ChargingStateChanged",
        "Deauthorized",
        "EVCommunicationLost",
        "EVConnectTimeout",
        "EVDeparted",
        "EVDetected",
        "EnergyLimitReached",
        "MeterValueClock",
        "MeterValuePeriodic",
        "RemoteStart",
        "RemoteStop",
        "ResetCommand",
        "SignedDataReceived",
        "StopAuthorized",
        "TimeLimitReached",
        "Trigger",
        "UnlockCommand",
    }
)
#: TriggerReasonEnumType.
TRIGGER_REASONS: dict[OcppVersion, frozenset[str]] = {
    OcppVersion.V201: _TRIGGERS_201,
    OcppVersion.V21: _TRIGGERS_201
    | {
        "CostLimitReached",
        "LimitSet",
        "OperationModeChanged",
        "RunningCost",
        "SoCLimitReached",
        "TariffChanged",
        "TariffNotAccepted",
        "TxResumed",
    },
}
#: OCPP 1.6 section 7.34 ReadingContext, OCPP 2.x ReadingContextEnumType.
READING_CONTEXTS: tuple[str, ...] = (
    "Interruption.Begin",
    "Interruption.End",
    "Other",
    "Sample.Clock",
    "Sample.Periodic",
    "Transaction.Begin",
    "Transaction.End",
    "Trigger",
)
#: OCPP 2.x BootReasonEnumType.
BOOT_REASONS: tuple[str, ...] = (
    "ApplicationReset",
    "FirmwareUpdate",
    "LocalReset",
    "PowerUp",
    "RemoteReset",
    "ScheduledReset",
    "Triggered",
    "Unknown",
    "Watchdog",
)
#: What a ``configuration`` fact says of a setting: OCPP 1.6's words; Unknown is its unknownKey. Those of 2.x are
#: mapped to them (UnknownComponent and UnknownVariable to Unknown when read, to NotSupported when set).
CONFIGURATION_STATUSES: tuple[str, ...] = ("Accepted", "Rejected", "RebootRequired", "NotSupported", "Unknown")
#: FirmwareStatusEnumType of 2.x and of the security whitepaper of 1.6; 1.6 itself has some of them.
FIRMWARE_STATUSES: tuple[str, ...] = (
    "Downloaded",
    "DownloadFailed",
    "Downloading",
    "DownloadPaused",
    "DownloadScheduled",
    "Idle",
    "InstallationFailed",
    "Installed",
    "Installing",
    "InstallRebooting",
    "InstallScheduled",
    "InstallVerificationFailed",
    "InvalidSignature",
    "SignatureVerified",
)
#: UploadLogStatusEnumType of 2.x and of the security whitepaper of 1.6; 1.6 itself calls UploadFailure UploadFailed.
LOG_STATUSES: tuple[str, ...] = (
    "AcceptedCanceled",
    "BadMessage",
    "Idle",
    "NotSupportedOperation",
    "PermissionDenied",
    "Uploaded",
    "UploadFailure",
    "Uploading",
)
#: LogEnumType of 2.x and of the security whitepaper of 1.6.
LOGS: tuple[str, ...] = ("DiagnosticsLog", "SecurityLog", "DataCollectorLog")
#: How the CSMS signs firmware: correctly, or with what is wrong about it.
FIRMWARE_SIGNATURES: tuple[str, ...] = (
    "correctly",
    "wrong_signature",
    "expired",
    "by_another_ca",
    "revoked",
    "unreadable",
)
#: DataEnumType of 2.x.
DATA_TYPES: tuple[str, ...] = (
    "string",
    "decimal",
    "integer",
    "dateTime",
    "boolean",
    "OptionList",
    "SequenceList",
    "MemberList",
)
#: MessagePriorityEnumType of 2.x, the foremost first.
MESSAGE_PRIORITIES: tuple[str, ...] = ("AlwaysFront", "InFront", "NormalCycle")
#: MessageStateEnumType of 2.x; the last two only in 2.1.
MESSAGE_STATES: tuple[str, ...] = ("Charging", "Faulted", "Idle", "Unavailable", "Suspended", "Discharging")
#: MessageFormatEnumType of 2.x; the last only in 2.1.
MESSAGE_FORMATS: tuple[str, ...] = ("ASCII", "HTML", "URI", "UTF8", "QRCODE")
#: MonitorEnumType of 2.x.
MONITOR_TYPES: tuple[str, ...] = (
    "UpperThreshold",
    "LowerThreshold",
    "Delta",
    "Periodic",
    "PeriodicClockAligned",
    "TargetDelta",
    "TargetDeltaRelative",
)
