"""Plain, version-neutral data that passes between the parts of a station."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from ocpplab_runner.authorization.types import IdToken, ValidationResult
from ocpplab_runner.vocabulary.statuses import ConnectorStatus


class StopReason(StrEnum):
    """Why a transaction ended: OCPP 1.6 section 7.36 and what 2.x adds. A command may give any other text."""

    DE_AUTHORIZED = "DeAuthorized"
    EMERGENCY_STOP = "EmergencyStop"
    EV_DISCONNECTED = "EVDisconnected"
    HARD_RESET = "HardReset"
    LOCAL = "Local"
    OTHER = "Other"
    POWER_LOSS = "PowerLoss"
    REBOOT = "Reboot"
    REMOTE = "Remote"
    SOFT_RESET = "SoftReset"
    UNLOCK_COMMAND = "UnlockCommand"
    ENERGY_LIMIT_REACHED = "EnergyLimitReached"
    TIME_LIMIT_REACHED = "TimeLimitReached"
    MASTER_PASS = "MasterPass"
    GROUND_FAULT = "GroundFault"
    OVERCURRENT_FAULT = "OvercurrentFault"


class BootReason(StrEnum):
    """Why the station boots: OCPP 2.0.1 BootReasonEnumType; 1.6 does not carry it."""

    FIRMWARE_UPDATE = "FirmwareUpdate"
    POWER_UP = "PowerUp"
    REMOTE_RESET = "RemoteReset"
    SCHEDULED_RESET = "ScheduledReset"
    TRIGGERED = "Triggered"


class StartTrigger(StrEnum):
    """What made a transaction begin; 2.x carries it as triggerReason."""

    AUTHORIZED = "Authorized"
    CABLE_PLUGGED_IN = "CablePluggedIn"
    REMOTE_START = "RemoteStart"


class SessionEvent(StrEnum):
    """What happens at an EVSE before, after or without a transaction; in 2.x one may begin or end there."""

    BAY_TAKEN = "bay_taken"
    BAY_LEFT = "bay_left"
    CABLE_PLUGGED = "cable_plugged"
    CABLE_UNPLUGGED = "cable_unplugged"
    GRANTED = "granted"
    WITHDRAWN = "withdrawn"  # its time is over
    DEAUTHORIZED = "deauthorized"
    RESETTING = "resetting"
    POWERED_UP = "powered_up"


class UpdateKind(StrEnum):
    """What happened within a running transaction."""

    READINGS = "readings"
    RESUMED = "resumed"
    CHARGING_STATE = "charging_state"
    CHARGING_RATE = "charging_rate"
    OPERATION_MODE = "operation_mode"
    DEAUTHORIZED = "deauthorized"
    EV_DISCONNECTED = "ev_disconnected"
    EV_CONNECTED = "ev_connected"
    TARIFF = "tariff"
    RUNNING_COST = "running_cost"
    LIMIT_SET = "limit_set"
    COST_LIMIT = "cost_limit"
    ENERGY_LIMIT = "energy_limit"
    TIME_LIMIT = "time_limit"
    SOC_LIMIT = "soc_limit"


class Registration(StrEnum):
    """OCPP RegistrationStatus, the CSMS's answer to a BootNotification."""

    ACCEPTED = "Accepted"
    PENDING = "Pending"
    REJECTED = "Rejected"


class UnlockOutcome(StrEnum):
    """What became of an attempt to unlock; both versions have these words."""

    UNLOCKED = "Unlocked"
    FAILED = "UnlockFailed"
    NOT_SUPPORTED = "NotSupported"


@dataclass(frozen=True, slots=True)
class BootAnswer:
    """What the CSMS said to the BootNotification; ``interval`` in seconds, 0 leaves the choice to the station."""

    status: Registration
    interval: int
    current_time: str


@dataclass(slots=True)
class Outgoing:
    """A call for the CSMS that is not a transaction message."""

    action: str
    payload: Mapping[str, Any]


#: The measurand that a meter signs.
REGISTER = "Energy.Active.Import.Register"


@dataclass(frozen=True, slots=True)
class SampledValue:
    """One value of a reading, in OCPP's own words (1.6 section 7.43, 2.x alike); no location: the outlet."""

    measurand: str
    value: float
    unit: str
    phase: str | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What the meter of an EVSE showed at one moment; ``context`` is OCPP's reading context.

    ``signed`` is the meter's own word for its register, where it gives one: a SignedMeterValueType of OCPP 2.x.
    """

    at: datetime
    context: str
    values: tuple[SampledValue, ...]
    signed: Mapping[str, str] | None = None


@dataclass(slots=True)
class StatusReport:
    """The status of a connector, or of the whole station when ``evse_id`` is 0; ``at`` is when it became so."""

    evse_id: int
    connector_id: int
    status: ConnectorStatus
    error_code: str = "NoError"
    info: str = ""
    vendor_error_code: str = ""
    at: datetime | None = None


@dataclass(slots=True, eq=False)
class Transaction:
    """One charging transaction.

    Attributes:
        local_id: known at once; a UUID, which 2.x uses on the wire.
        evse_id, connector_id: where.
        token: the card that started it.
        group: its group, once a verdict has named one.
        started_at, meter_start_wh: when, and the register then.
        trigger: what made it begin.
        remote_start_id, reservation_id: when it has them.
        offline: whether it began while offline.
        remote_id: the id that the CSMS gave it (1.6), None until then.
        charging_state: Charging, SuspendedEV or SuspendedEVSE.
        stopped_at, meter_stop_wh, stop_reason, stop_token: filled when it has ended.
        readings: sampled and aligned readings kept for the end of the transaction.
        refused: the CSMS has refused its card after it had begun.
        refused_limit_wh: register value up to which a refused transaction may still draw.
        limit_reached: of the limits that 2.1 sets a transaction, the one that has been reached; nothing flows then.
        energy_limit_wh: register value at which it ends by itself, or None.
        seconds_left: while it is interrupted, how long it would have gone on until it ends by itself, or None.
        held_back: it has gone on after an interruption, and energy flows once somebody at the station wants it (2.1).
        wire: what only one version's messages need (2.x: sequence number …).
    """

    local_id: str
    evse_id: int
    connector_id: int
    token: IdToken
    started_at: datetime
    meter_start_wh: int
    trigger: StartTrigger = StartTrigger.AUTHORIZED
    group: IdToken | None = None
    remote_start_id: int | None = None
    reservation_id: int | None = None
    offline: bool = False
    remote_id: int | str | None = None
    charging_state: ConnectorStatus = ConnectorStatus.CHARGING
    stopped_at: datetime | None = None
    meter_stop_wh: int | None = None
    stop_reason: str | None = None
    stop_token: IdToken | None = None
    readings: list[Reading] = field(default_factory=list)
    refused: bool = False
    refused_limit_wh: float = 0.0
    limit_reached: UpdateKind | None = None
    energy_limit_wh: float | None = None
    seconds_left: float | None = None
    held_back: bool = False
    wire: dict[str, Any] = field(default_factory=dict)

    @property
    def ended(self) -> bool:
        """Whether it has ended at the station; its last message may still wait for the CSMS."""
        return self.stopped_at is not None


#: The role of a transaction message.
MessageKind = Literal["start", "update", "stop"]


@dataclass(slots=True, eq=False)
class TransactionMessage:
    """A transaction-related message: queued in order, kept while offline, retried when the CSMS fails to process it.

    Attributes:
        action: OCPP action.
        build: gives the payload at the moment of sending (a 1.6 StopTransaction learns its transactionId late).
        transaction: which it is about.
        kind: its role; ``start`` and ``stop`` are never dropped to make room.
    """

    action: str
    build: Callable[[], Mapping[str, Any]]
    transaction: Transaction
    kind: MessageKind


@dataclass(frozen=True, slots=True)
class TransactionAnswer:
    """What the CSMS's answer to a transaction message means.

    Attributes:
        result: its verdict on the card, or None when it gave none.
        remote_id: the transaction id that it handed out (1.6 StartTransaction.conf).
    """

    result: ValidationResult | None = None
    remote_id: int | str | None = None


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What became of a command: ``refused`` has a reason that a tester can act on."""

    status: Literal["done", "refused"] = "done"
    detail: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


class Refused(Exception):
    """A command that makes no sense in the station's present state; the text is the reason."""
