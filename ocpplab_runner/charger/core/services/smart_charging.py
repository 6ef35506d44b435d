"""How much may flow: profiles, EVs of ISO 15118, and the grid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol

from ocpplab_runner.charger.core.evse import Evse
from ocpplab_runner.charger.core.services.service import Service


class SmartCharging(Protocol):
    """Charging profiles."""

    def for_remote_start(self, remote_start_id: int, profile: Mapping[str, Any], evse: Evse | None) -> str | None:
        """Keep the profile of a remote start for the transaction that it will begin; or why that cannot be."""

    def limit_from_outside(
        self,
        evse_id: int,
        limit: float,
        unit: Literal["A", "W"],
        seconds: float | None,
        source: str,
        *,
        setpoint: float | None = None,
        discharge: float | None = None,
    ) -> None:
        """Somebody else than the CSMS limits an EVSE, or with 0 the station, in A for each phase or in W, for a while.

        Args:
            evse_id, limit, unit, seconds: what is limited how far, and for how long.
            source: who does, as OCPP 2.x calls it.
            setpoint: what is to flow, below 0 back from the EV; of 2.1.
            discharge: what may be given back at most; of 2.1.
        """

    def release_from_outside(self, evse_id: int) -> bool:
        """That is over; False when there was none."""


class EvNeeds(Protocol):
    """EVs that speak ISO 15118, in 2.x."""

    def ev_needs(self, evse: Evse, fields: Mapping[str, Any]) -> None:
        """An EV says what it needs, as ``ev_charging_needs`` has it; raises Refused."""


class PriorityCharging(Protocol):
    """Who is charged first, in 2.1."""

    def priority_by_driver(self, evse: Evse, active: bool) -> None:
        """The driver wants to be charged first, or no longer; raises Refused."""


class DerAlarms(Protocol):
    """What the grid does at the station, in 2.1."""

    def alarm(self, control_type: str, fault: str | None, *, ended: bool) -> None:
        """A control of the grid acts, or no longer; raises Refused for what cannot be."""


SMART_CHARGING: Service[SmartCharging] = Service("smart_charging")

EV_NEEDS: Service[EvNeeds] = Service("ev_needs")

PRIORITY_CHARGING: Service[PriorityCharging] = Service("priority_charging")

DER_ALARMS: Service[DerAlarms] = Service("der_alarms")
