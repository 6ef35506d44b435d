"""EVSEs, their connectors and the EV at the other end; the status of a connector follows from them.

A status is never set: :func:`connector_status` derives it from what is the case, so that every report is the truth. How
one may follow another in OCPP 1.6 is a table of its own (``blocks/availability``).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from ocpplab_runner.authorization.reservation_book import Reservation
from ocpplab_runner.authorization.types import IdToken
from ocpplab_runner.charger.config import EvData
from ocpplab_runner.charger.core.energy import EnergyMeter
from ocpplab_runner.charger.core.model import StartTrigger, Transaction
from ocpplab_runner.vocabulary.faults import Fault
from ocpplab_runner.vocabulary.statuses import ConnectorStatus

#: What every connector of a simulated station is (2.x ConnectorEnumType).
CONNECTOR_TYPE = "cType2"
#: Less than this, in Wh, is a rounding error of the meter and not energy.
_NOTHING_WH = 1e-6


@dataclass(frozen=True, slots=True)
class ActiveFault:
    """A fault that has not been cleared."""

    fault: Fault
    info: str = ""
    vendor_error_code: str = ""


@dataclass(slots=True, eq=False)
class Grant:
    """An authorization that an EVSE holds until a transaction begins or it times out."""

    token: IdToken
    group: IdToken | None
    trigger: StartTrigger
    remote_start_id: int | None = None
    reservation_id: int | None = None


@dataclass(frozen=True, slots=True)
class Goal:
    """What ends a session by itself: seconds after its begin, or Wh drawn in it."""

    token: IdToken
    duration: float | None = None
    energy_wh: float | None = None


@dataclass(frozen=True, slots=True)
class Allowance:
    """What charging profiles let an EVSE give, and want of it.

    Attributes:
        power_w: in W of all phases together.
        phases: how many; None for all it has.
        setpoint_w: what is to flow, below 0 back from the EV; None for what the EV wants (2.1 operationMode).
        discharge_w: what may be given back at most, in W.
    """

    power_w: float = inf
    phases: int | None = None
    setpoint_w: float | None = None
    discharge_w: float = 0.0


class Connector:
    """One connector of an EVSE.

    Attributes:
        connector_id: counted from 1 within its EVSE.
        plugged: an EV is connected.
        cable_left: the EV was unplugged at its side while it charged, and the station has not released its own side.
        finished: a transaction has ended and the EV is still connected.
        operative: what ChangeAvailability made of it.
        lingers: in service until those who prepare there are done, whatever ChangeAvailability has said (1.6 B1).
        plugged_reserved: the EV came while the EVSE was reserved.
        faults: by name, the latest last.
    """

    __slots__ = (
        "cable_left",
        "connector_id",
        "faults",
        "finished",
        "lingers",
        "operative",
        "plugged",
        "plugged_reserved",
    )

    def __init__(self, connector_id: int) -> None:
        self.connector_id = connector_id
        self.plugged = False
        self.cable_left = False
        self.finished = False
        self.operative = True
        self.lingers = False
        self.plugged_reserved = False
        self.faults: dict[str, ActiveFault] = {}

    @property
    def broken(self) -> ActiveFault | None:
        """The latest fault that keeps it from charging."""
        return next((f for f in reversed(self.faults.values()) if f.fault.inoperative), None)


class Evse:
    """One EVSE.

    Attributes:
        evse_id: counted from 1.
        connectors: by connector id less one.
        meter: its energy register.
        ev: the EV that is plugged, None without one.
        occupied: an EV stands in its bay.
        plugged_wh: what that EV has drawn in all is counted from this, in Wh: the register when it was plugged.
        plugged_exported_wh: the same of what it has given back.
        phases: of its supply.
        offer_w: what the EVSE can give on all its phases, in W; 0 suspends charging at the EVSE.
        allowance: what charging profiles let it give.
        bidirectional: whether the CSMS lets its EV give energy back.
        discharge_part: of what its EV can give back, the part that the grid takes.
        transaction: the running one.
        grant: who may charge next.
        reservation: for whom it is kept.
        kept: kept for those who have reserved any EVSE.
        goal: what ends the session that is about to begin.
        operative: what ChangeAvailability made of it as a whole; its connectors keep their own (2.0.1 G03).
        restarting: whether it restarts by itself, while the station goes on.
    """

    __slots__ = (
        "allowance",
        "bidirectional",
        "connectors",
        "discharge_part",
        "ev",
        "evse_id",
        "goal",
        "grant",
        "kept",
        "meter",
        "occupied",
        "offer_w",
        "operative",
        "phases",
        "plugged_exported_wh",
        "plugged_wh",
        "reservation",
        "restarting",
        "transaction",
    )

    def __init__(self, evse_id: int, connectors: int, meter: EnergyMeter, offer_w: float, *, phases: int = 3) -> None:
        self.evse_id = evse_id
        self.connectors = tuple(Connector(number) for number in range(1, connectors + 1))
        self.meter = meter
        self.ev: EvData | None = None
        self.occupied = False
        self.plugged_wh = 0.0
        self.plugged_exported_wh = 0.0
        self.phases = phases
        self.offer_w = offer_w
        self.allowance = Allowance()
        self.bidirectional = False
        self.discharge_part = 1.0
        self.transaction: Transaction | None = None
        self.grant: Grant | None = None
        self.reservation: Reservation | None = None
        self.kept = False
        self.goal: Goal | None = None
        self.operative = True
        self.restarting = False

    @property
    def plugged_connector(self) -> Connector | None:
        """The connector that an EV hangs on."""
        return next((connector for connector in self.connectors if connector.plugged), None)

    @property
    def reserved(self) -> bool:
        """Whether it is kept for somebody."""
        return self.reservation is not None or self.kept

    @property
    def usable_phases(self) -> int:
        """Phases that the supply and the EV have both; those of the supply without an EV."""
        return self.phases if self.ev is None else min(self.phases, self.ev.phases or self.phases)

    @property
    def used_phases(self) -> int:
        """Phases that charging uses, or would use."""
        return min(self.usable_phases, self.allowance.phases or self.phases)

    @property
    def offered_w(self) -> float:
        """What the EV may draw, in W: what the used phases can give, and what profiles allow."""
        offered = min(self.offer_w * self.used_phases / self.phases, self.allowance.power_w)
        setpoint = self.allowance.setpoint_w
        # A setpoint below 0 is what the EV gives back, and lets it draw nothing.
        return offered if setpoint is None else min(offered, max(setpoint, 0.0))

    @property
    def taken_w(self) -> float:
        """What the EV may give back, in W: what it can, what profiles allow, and what CSMS and grid take."""
        # An EVSE that is suspended takes nothing back either.
        if self.ev is None or not self.bidirectional or self.offer_w <= 0:
            return 0.0
        return min(self.ev.discharge_w * self.discharge_part, self.allowance.discharge_w)

    @property
    def wanted_phase_w(self) -> float:
        """What the EV would draw on each phase if nothing limited it, in W."""
        return 0.0 if self.ev is None else self.ev.power_w / (self.ev.phases or self.phases)

    def wants(self, now: float) -> bool:
        """Whether the EV of a transaction wants energy, whatever it is offered."""
        ev = self.ev
        if self.transaction is None or ev is None or not ev.demand or ev.power_w <= 0:
            return False
        return self.needed_wh(now) != 0.0 and self.allowed_wh(now) != 0.0

    def connector(self, connector_id: int) -> Connector | None:
        """The connector of that id; a number from the wire may be 1.0."""
        return self.connectors[int(connector_id) - 1] if 1 <= connector_id <= len(self.connectors) else None

    def needed_wh(self, now: float) -> float | None:
        """Energy in Wh that the EV still needs; None when it never has enough, 0 without an EV."""
        if self.ev is None:
            return 0.0
        wanted = self.ev.wanted_wh
        if wanted is None:
            return None
        missing = wanted - self.drawn_wh(now)
        return missing if missing > _NOTHING_WH else 0.0

    def drawn_wh(self, now: float) -> float:
        """Energy in Wh that the EV has drawn since it came, less what it has given back."""
        drawn = self.meter.energy_wh(now) - self.plugged_wh
        return drawn - (self.meter.exported_wh(now) - self.plugged_exported_wh)

    def stored_wh(self, now: float) -> float | None:
        """Energy in Wh that the EV's battery holds; None where the EV does not tell, and it never runs empty."""
        if self.ev is None or self.ev.battery_wh is None:
            return None
        left = self.ev.battery_wh * self.ev.soc_percent / 100 + self.drawn_wh(now)
        return left if left > _NOTHING_WH else 0.0

    def soc_percent(self, now: float) -> float | None:
        """State of charge of the EV's battery; None where it does not tell."""
        if self.ev is None or self.ev.battery_wh is None:
            return None
        return min(100.0, max(0.0, self.ev.soc_percent + 100 * self.drawn_wh(now) / self.ev.battery_wh))

    def allowed_wh(self, now: float) -> float | None:
        """Energy in Wh that a refused or limited transaction may still draw; None when it is neither."""
        transaction = self.transaction
        if transaction is not None and (transaction.limit_reached is not None or transaction.held_back):
            return 0.0
        if self.transaction is None or not self.transaction.refused:
            return None
        left = self.transaction.refused_limit_wh - self.meter.energy_wh(now)
        return left if left > _NOTHING_WH else 0.0

    def charging_state(self, now: float) -> ConnectorStatus:
        """The state of charging within a transaction; the EVSE's suspension hides the EV's (1.6 section 7.7).

        An EV that gives energy back is charging, too (2.1 ChargingStateEnumType).
        """
        if (self.allowance.setpoint_w or 0.0) < 0 and self.allowed_wh(now) != 0.0:
            if self.ev is None or self.ev.discharge_w <= 0 or self.stored_wh(now) == 0.0:
                return ConnectorStatus.SUSPENDED_EV
            return ConnectorStatus.CHARGING if self.taken_w > 0 else ConnectorStatus.SUSPENDED_EVSE
        if self.offered_w <= 0 or self.allowed_wh(now) == 0.0:
            return ConnectorStatus.SUSPENDED_EVSE
        ev = self.ev
        if ev is None or not ev.demand or ev.power_w <= 0 or self.needed_wh(now) == 0.0:
            return ConnectorStatus.SUSPENDED_EV
        return ConnectorStatus.CHARGING

    def power_w(self, now: float) -> float:
        """What may flow now, in W; below 0 back from the EV."""
        if self.transaction is None or self.ev is None or self.charging_state(now) is not ConnectorStatus.CHARGING:
            return 0.0
        setpoint = self.allowance.setpoint_w
        if setpoint is not None and setpoint < 0:
            return -min(-setpoint, self.taken_w)
        return min(self.wanted_phase_w * self.used_phases, self.offered_w)


def in_service(evse: Evse, connector: Connector, *, station_operative: bool = True) -> bool:
    """Whether a connector is in service: it, its EVSE and the station each have a say (2.0.1 G03, G04)."""
    return connector.lingers or (connector.operative and evse.operative and station_operative)


def connector_status(
    evse: Evse,
    connector: Connector,
    *,
    station_operative: bool = True,
    station_broken: bool = False,
    cable_keeps_reserved: bool = False,
) -> ConnectorStatus:
    """The status that follows from what is the case.

    A fault hides everything else; a running transaction outlives a scheduled change of availability (OCPP 1.6 section
    5.2); an unavailable connector hides cable and reservation.

    Args:
        evse, connector: of which.
        station_operative: what ChangeAvailability made of the whole station.
        station_broken: whether a fault of the whole station keeps it from charging.
        cable_keeps_reserved: whether a cable alone leaves a reserved connector Reserved (OCPP 1.6 section 4.9: only
            the card ends it, transition G2); in 2.x it is occupied then.
    """
    if station_broken or connector.broken is not None:
        return ConnectorStatus.FAULTED
    transaction = evse.transaction
    if transaction is not None and transaction.connector_id == connector.connector_id:
        return transaction.charging_state
    if evse.restarting or not in_service(evse, connector, station_operative=station_operative):
        return ConnectorStatus.UNAVAILABLE
    if connector.plugged:
        if cable_keeps_reserved and connector.plugged_reserved and evse.reserved and evse.grant is None:
            return ConnectorStatus.RESERVED
        return ConnectorStatus.FINISHING if connector.finished else ConnectorStatus.PREPARING
    if connector.cable_left:
        return ConnectorStatus.FINISHING
    if transaction is None and evse.plugged_connector is None:
        if evse.grant is not None:
            return ConnectorStatus.PREPARING
        if evse.reserved:
            return ConnectorStatus.RESERVED
    return ConnectorStatus.AVAILABLE
