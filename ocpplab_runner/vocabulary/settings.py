"""The one table of version-neutral settings: scenario name, OCPP 1.6 key, OCPP 2.x variable.

A scenario writes ``settings: {connection_timeout: 20s}`` or ``change_configuration: {connection_timeout: 20s}``;
the charger and the CSMS look up here what that is called in their version.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ocpplab_runner.vocabulary.versions import OcppVersion

SettingType = Literal["duration", "integer", "boolean", "string", "list"]


@dataclass(frozen=True, slots=True)
class Variable:
    """An OCPP 2.x device-model variable: component, variable name and optional variable instance."""

    component: str
    name: str
    instance: str | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """One version-neutral setting.

    Attributes:
        name: as scenarios spell it.
        type: ``duration`` values are written with a unit and travel as whole seconds.
        v16: the OCPP 1.6 configuration key, or None where 1.6 has none.
        v2: the OCPP 2.x variable, or None where 2.x has none.
        default: what the simulated charger starts with, in wire form.
        summary: one sentence for the documentation and the editor.
    """

    name: str
    type: SettingType
    v16: str | None
    v2: Variable | None
    default: str
    summary: str

    def exists_in(self, version: OcppVersion) -> bool:
        """Whether this setting has a name on the wire of that version."""
        return (self.v16 if version is OcppVersion.V16 else self.v2) is not None


SETTINGS: dict[str, Setting] = {
    setting.name: setting
    for setting in (
        Setting(
            "connection_timeout",
            "duration",
            "ConnectionTimeOut",
            Variable("TxCtrlr", "EVConnectionTimeOut"),
            "60",
            "How long an authorized card waits for a cable, and a plugged EV for a card.",
        ),
        Setting(
            "heartbeat_interval",
            "duration",
            "HeartbeatInterval",
            Variable("OCPPCommCtrlr", "HeartbeatInterval"),
            "300",
            "Time between heartbeats; the boot answer overrides it.",
        ),
        Setting(
            "meter_value_interval",
            "duration",
            "MeterValueSampleInterval",
            Variable("SampledDataCtrlr", "TxUpdatedInterval"),
            "60",
            "Time between sampled meter values in a transaction; 0s turns them off.",
        ),
        Setting(
            "aligned_interval",
            "duration",
            "ClockAlignedDataInterval",
            Variable("AlignedDataCtrlr", "Interval"),
            "0",
            "Time between clock-aligned meter values; 0s turns them off.",
        ),
        Setting(
            "sampled_measurands",
            "list",
            "MeterValuesSampledData",
            Variable("SampledDataCtrlr", "TxUpdatedMeasurands"),
            "Energy.Active.Import.Register,Power.Active.Import",
            "Which measurands a sampled meter value carries.",
        ),
        Setting(
            "aligned_measurands",
            "list",
            "MeterValuesAlignedData",
            Variable("AlignedDataCtrlr", "Measurands"),
            "Energy.Active.Import.Register",
            "Which measurands a clock-aligned meter value carries.",
        ),
        Setting(
            "local_pre_authorize",
            "boolean",
            "LocalPreAuthorize",
            Variable("AuthCtrlr", "LocalPreAuthorize"),
            "true",
            "While online, whether local list and cache may accept a card without asking the CSMS.",
        ),
        Setting(
            "local_authorize_offline",
            "boolean",
            "LocalAuthorizeOffline",
            Variable("AuthCtrlr", "LocalAuthorizeOffline"),
            "true",
            "While offline, whether local list and cache may accept a card.",
        ),
        Setting(
            "allow_offline_tx_for_unknown_id",
            "boolean",
            "AllowOfflineTxForUnknownId",
            Variable("AuthCtrlr", "OfflineTxForUnknownIdEnabled"),
            "false",
            "While offline, whether a card that nothing knows may charge.",
        ),
        Setting(
            "authorize_remote_start",
            "boolean",
            "AuthorizeRemoteTxRequests",
            Variable("AuthCtrlr", "AuthorizeRemoteStart"),
            "true",
            "Whether a remote start is authorized like a presented card before it starts.",
        ),
        Setting(
            "stop_transaction_on_invalid_id",
            "boolean",
            "StopTransactionOnInvalidId",
            Variable("TxCtrlr", "StopTxOnInvalidId"),
            "true",
            "Whether a transaction ends when the CSMS refuses its card afterwards.",
        ),
        Setting(
            "max_energy_on_invalid_id",
            "integer",
            "MaxEnergyOnInvalidId",
            Variable("TxCtrlr", "MaxEnergyOnInvalidId"),
            "0",
            "Energy in Wh that a refused transaction may still draw when it is not ended at once.",
        ),
        Setting(
            "stop_transaction_on_ev_disconnect",
            "boolean",
            "StopTransactionOnEVSideDisconnect",
            Variable("TxCtrlr", "StopTxOnEVSideDisconnect"),
            "true",
            "Whether unplugging at the EV ends the transaction or only suspends it.",
        ),
        Setting(
            "unlock_on_ev_disconnect",
            "boolean",
            "UnlockConnectorOnEVSideDisconnect",
            Variable("OCPPCommCtrlr", "UnlockOnEVSideDisconnect"),
            "true",
            "Whether the station unlocks its side when the EV side is unplugged.",
        ),
        Setting(
            "cache_enabled",
            "boolean",
            "AuthorizationCacheEnabled",
            Variable("AuthCacheCtrlr", "Enabled"),
            "true",
            "Whether the authorization cache is used.",
        ),
        Setting(
            "cache_lifetime",
            "duration",
            None,
            Variable("AuthCacheCtrlr", "LifeTime"),
            "0",
            "How long a cache entry without an expiry of its own stays valid; 0s is for ever.",
        ),
        Setting(
            "local_list_enabled",
            "boolean",
            "LocalAuthListEnabled",
            Variable("LocalAuthListCtrlr", "Enabled"),
            "true",
            "Whether the local authorization list is used.",
        ),
        Setting(
            "transaction_message_attempts",
            "integer",
            "TransactionMessageAttempts",
            Variable("OCPPCommCtrlr", "MessageAttempts", "TransactionEvent"),
            "3",
            "How often a transaction message that the CSMS fails to process is sent.",
        ),
        Setting(
            "transaction_message_retry_interval",
            "duration",
            "TransactionMessageRetryInterval",
            Variable("OCPPCommCtrlr", "MessageAttemptInterval", "TransactionEvent"),
            "10",
            "First pause before a transaction message is sent again; it grows with each attempt.",
        ),
        Setting(
            "websocket_ping_interval",
            "duration",
            "WebSocketPingInterval",
            Variable("OCPPCommCtrlr", "WebSocketPingInterval"),
            "0",
            "Time between WebSocket pings of the charger; 0s turns them off.",
        ),
        Setting(
            "reset_retries",
            "integer",
            "ResetRetries",
            Variable("OCPPCommCtrlr", "ResetRetries"),
            "0",
            "How often a reset that fails is tried again.",
        ),
        Setting(
            "minimum_status_duration",
            "duration",
            "MinimumStatusDuration",
            None,
            "0",
            "How long a connector status must last before it is reported.",
        ),
        Setting(
            "offline_threshold",
            "duration",
            None,
            Variable("OCPPCommCtrlr", "OfflineThreshold"),
            "60",
            "After a longer time offline every connector status is reported again (2.x).",
        ),
        Setting(
            "master_pass_group",
            "string",
            None,
            Variable("AuthCtrlr", "MasterPassGroupId"),
            "",
            "Group whose cards may stop any transaction and start none.",
        ),
        Setting(
            "pnc_enabled",
            "boolean",
            "ISO15118PnCEnabled",
            Variable("ISO15118Ctrlr", "PnCEnabled"),
            "true",
            "Whether the charger does Plug & Charge.",
        ),
        Setting(
            "central_contract_validation",
            "boolean",
            "CentralContractValidationAllowed",
            Variable("ISO15118Ctrlr", "CentralContractValidationAllowed"),
            "true",
            "Whether the CSMS judges a contract certificate of whose CA the charger has no root.",
        ),
        Setting(
            "contract_validation_offline",
            "boolean",
            "ContractValidationOffline",
            Variable("ISO15118Ctrlr", "ContractValidationOffline"),
            "false",
            "While offline, whether the charger judges contract certificates.",
        ),
    )
}


def setting_of_key(key: str) -> Setting | None:
    """The setting behind an OCPP 1.6 configuration key, without regard to letter case."""
    folded = key.lower()
    return next((s for s in SETTINGS.values() if s.v16 is not None and s.v16.lower() == folded), None)
