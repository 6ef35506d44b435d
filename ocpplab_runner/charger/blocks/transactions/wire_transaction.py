"""Transactions as OCPP 2.x tells them: TransactionEvent with its sequence numbers, triggers and charging states.

Use cases E01 to E15. What the station calls a transaction begins when card and cable are both there; where one begins
and ends on the wire is up to ``TxCtrlr.TxStartPoint`` and ``TxStopPoint``. A :class:`WireTransaction` spans both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from ocpplab_runner import clock
from ocpplab_runner.authorization.types import IdToken
from ocpplab_runner.charger.core import public_keys
from ocpplab_runner.charger.core.datatypes_v2 import id_token, meter_values
from ocpplab_runner.charger.core.model import Reading, StopReason, UpdateKind
from ocpplab_runner.vocabulary.statuses import ConnectorStatus

EventType = Literal["Started", "Updated", "Ended"]

#: ChargingStateEnumType of the station's charging states.
CHARGING_STATE: dict[ConnectorStatus, str] = {
    ConnectorStatus.CHARGING: "Charging",
    ConnectorStatus.SUSPENDED_EV: "SuspendedEV",
    ConnectorStatus.SUSPENDED_EVSE: "SuspendedEVSE",
}
CABLE_ONLY, NO_CABLE = "EVConnected", "Idle"
#: Of TxStartPoint and TxStopPoint: energy flows, or flows no more; an EV stands in the bay, or has left it; and of the
#: former, the meter has signed.
ENERGY, BAY, SIGNED = "EnergyTransfer", "ParkingBayOccupancy", "DataSigned"
#: Why no more energy flows, by who has suspended it; the latter is Other on the wire.
_STOPPED_BY_EV, _SUSPENDED = "StoppedByEV", "Suspended"

#: What a transaction of 2.1 may reach.
LIMITS = frozenset({UpdateKind.COST_LIMIT, UpdateKind.ENERGY_LIMIT, UpdateKind.TIME_LIMIT, UpdateKind.SOC_LIMIT})
#: ReasonEnumType of the station's stop reasons that 2.x calls otherwise, and of the limits that end a transaction.
_STOPPED_REASON: dict[str, str] = {
    StopReason.HARD_RESET: "ImmediateReset",
    StopReason.SOFT_RESET: "ImmediateReset",
    StopReason.UNLOCK_COMMAND: "Other",
    UpdateKind.COST_LIMIT: "LocalOutOfCredit",
    UpdateKind.ENERGY_LIMIT: "EnergyLimitReached",
    UpdateKind.TIME_LIMIT: "TimeLimitReached",
    UpdateKind.SOC_LIMIT: "SOCLimitReached",
}
_REASONS = frozenset(
    {
        "DeAuthorized",
        "EmergencyStop",
        "EnergyLimitReached",
        "EVDisconnected",
        "GroundFault",
        "ImmediateReset",
        "Local",
        "LocalOutOfCredit",
        "MasterPass",
        "Other",
        "OvercurrentFault",
        "PowerLoss",
        "PowerQuality",
        "Reboot",
        "Remote",
        "ReqEnergyTransferRejected",
        "SOCLimitReached",
        "StoppedByEV",
        "TimeLimitReached",
        "Timeout",
    }
)
#: TriggerReasonEnumType of an end, by the station's stop reason; anything else is AbnormalCondition.
_END_TRIGGER: dict[str, str] = {
    StopReason.LOCAL: "StopAuthorized",
    StopReason.MASTER_PASS: "StopAuthorized",
    StopReason.DE_AUTHORIZED: "Deauthorized",
    StopReason.EV_DISCONNECTED: "EVCommunicationLost",
    StopReason.REMOTE: "RemoteStop",
    StopReason.HARD_RESET: "ResetCommand",
    StopReason.SOFT_RESET: "ResetCommand",
    StopReason.REBOOT: "ResetCommand",
    StopReason.UNLOCK_COMMAND: "UnlockCommand",
    StopReason.ENERGY_LIMIT_REACHED: "EnergyLimitReached",
    StopReason.TIME_LIMIT_REACHED: "TimeLimitReached",
    "Timeout": "EVConnectTimeout",
    _STOPPED_BY_EV: "ChargingStateChanged",
    _SUSPENDED: "ChargingStateChanged",
}
_READING_TRIGGER = {"Sample.Clock": "MeterValueClock", "Sample.Periodic": "MeterValuePeriodic"}
_UPDATE_TRIGGER: dict[UpdateKind, str] = {
    UpdateKind.RESUMED: "TxResumed",
    UpdateKind.CHARGING_STATE: "ChargingStateChanged",
    UpdateKind.CHARGING_RATE: "ChargingRateChanged",
    UpdateKind.OPERATION_MODE: "OperationModeChanged",
    UpdateKind.DEAUTHORIZED: "Deauthorized",
    UpdateKind.EV_DISCONNECTED: "EVCommunicationLost",
    UpdateKind.EV_CONNECTED: "CablePluggedIn",
    UpdateKind.TARIFF: "TariffChanged",
    UpdateKind.RUNNING_COST: "RunningCost",
    UpdateKind.LIMIT_SET: "LimitSet",
    UpdateKind.COST_LIMIT: "CostLimitReached",
    UpdateKind.ENERGY_LIMIT: "EnergyLimitReached",
    UpdateKind.TIME_LIMIT: "TimeLimitReached",
    UpdateKind.SOC_LIMIT: "SoCLimitReached",
}


def stopped_reason(reason: str) -> str:
    """ReasonEnumType of a stop reason; Other for what 2.0.1 does not know."""
    named = _STOPPED_REASON.get(reason, reason)
    return named if named in _REASONS else "Other"


def suspended_reason(state: ConnectorStatus) -> str:
    """Why a transaction ends in which no more energy flows, from the station's charging state then."""
    return _STOPPED_BY_EV if state is ConnectorStatus.SUSPENDED_EV else _SUSPENDED


def end_trigger(reason: str) -> str:
    """TriggerReasonEnumType of the event that ends a transaction for that reason, or at that limit."""
    if reason in LIMITS:
        return _UPDATE_TRIGGER[UpdateKind(reason)]
    return _END_TRIGGER.get(reason, "AbnormalCondition")


def update_trigger(kind: UpdateKind, reading: Reading | None) -> str:
    """TriggerReasonEnumType of what happens within a transaction; no reading: the CSMS has asked for the update."""
    if kind is UpdateKind.READINGS:
        return _READING_TRIGGER.get("" if reading is None else reading.context, "Trigger")
    return _UPDATE_TRIGGER[kind]


@dataclass(slots=True, eq=False)
class WireTransaction:
    """One transaction on the wire.

    Attributes:
        transaction_id: at most 36 characters.
        evse_id, connector_id: where; 0 where nobody knows yet.
        remote_start_id: of the request that asked for it; told once.
        reservation_id: of the reservation it uses; told once.
        next_seq_no: counts from 0 (E01.FR.07).
        charging_state: as last told; told again only when it has changed.
        authorized: its card has been told.
        key_told: its meter's public key has been told.
        evse_told: its EVSE has been told.
    """

    transaction_id: str
    evse_id: int
    connector_id: int
    remote_start_id: int | None = None
    reservation_id: int | None = None
    next_seq_no: int = 0
    charging_state: str | None = None
    authorized: bool = False
    key_told: bool = False
    evse_told: bool = False

    @property
    def tells_evse(self) -> bool:
        """Whether the next event says where it is (E01.FR.16: once is enough)."""
        return self.evse_id != 0 and not self.evse_told

    def event(
        self,
        kind: EventType,
        trigger: str,
        *,
        at: datetime,
        offline: bool,
        charging_state: str | None = None,
        readings: Sequence[Reading] = (),
        keys: str = public_keys.EVERY,
        token: IdToken | None = None,
        stopped: str | None = None,
        info_of_others: Mapping[str, Any] | None = None,
        of_others: Mapping[str, Any] | None = None,
    ) -> Mapping[str, Any]:
        """The payload of the next TransactionEvent.

        Args:
            kind: Started, Updated or Ended.
            trigger: TriggerReasonEnumType.
            at: when it happened.
            offline: whether the station was offline then (E04.FR.03).
            charging_state: ChargingStateEnumType as it is now.
            readings: meter values that go with it.
            keys: PublicKeyWithSignedMeterValue, for those that are signed.
            token: the card that caused it.
            stopped: ReasonEnumType, for Ended.
            info_of_others: what other blocks say in transactionInfo.
            of_others: what they say beside it.
        """
        info: dict[str, Any] = {"transactionId": self.transaction_id}
        if charging_state is not None and (charging_state != self.charging_state or kind == "Ended"):
            info["chargingState"] = self.charging_state = charging_state
        if stopped is not None:
            info["stoppedReason"] = stopped
        if self.remote_start_id is not None:
            info["remoteStartId"], self.remote_start_id = self.remote_start_id, None
        payload: dict[str, Any] = {
            "eventType": kind,
            "timestamp": clock.timestamp(at),
            "triggerReason": trigger,
            "seqNo": self.next_seq_no,
            "transactionInfo": info,
        }
        self.next_seq_no += 1
        if offline:
            payload["offline"] = True
        if self.tells_evse:
            payload["evse"] = {"id": self.evse_id, "connectorId": self.connector_id}
            self.evse_told = True
        if token is not None:
            payload["idToken"] = id_token(token)
        if self.reservation_id is not None:
            payload["reservationId"], self.reservation_id = self.reservation_id, None
        if readings:
            payload["meterValue"] = meter_values(self._with_keys(readings, keys))
        info.update(info_of_others or {})
        payload.update(of_others or {})
        return payload

    def _with_keys(self, readings: Sequence[Reading], rule: str) -> Sequence[Reading]:
        if rule == public_keys.EVERY:
            return public_keys.with_keys(readings, None)
        told = public_keys.with_keys(readings, 1 if rule == public_keys.ONCE and not self.key_told else 0)
        self.key_told = self.key_told or any(one.signed is not None and one.signed["publicKey"] for one in told)
        return told
