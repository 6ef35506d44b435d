"""The neutral status of 2.x connectors, of which StatusNotification and TransactionEvent tell together.

OCPP 2.x has five statuses; each change of the neutral one is one fact, whichever of the two messages shows it first:

- Available, Reserved, Unavailable and Faulted are themselves.
- Occupied is Preparing without a transaction, Finishing once one has ended with the cable still in, and otherwise what
  the transaction's chargingState says.
- chargingState Charging, SuspendedEV and SuspendedEVSE are themselves; EVConnected is Preparing before the first
  charging of the transaction and Finishing after it; Idle shows nothing.
- Ended is Finishing, unless the cable is out (stoppedReason EVDisconnected, chargingState Idle, or the connector has
  been reported as something other than Occupied).
- A connector that is reported Occupied again (TriggerMessage, after a reconnect) is reported again as what it is.
- After a boot (unless TriggerMessage asked for the message) nothing is charging until a TransactionEvent says so, and
  Occupied is Preparing, as in 1.6: an Ended of what a loss of power has interrupted tells of the time before the boot.
- An event with ``offline: true`` tells of the past: it shows a connector status only while the connector is Occupied.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_CHARGING = frozenset({"Charging", "SuspendedEV", "SuspendedEVSE"})


@dataclass(slots=True)
class Charge:
    """What a transaction says of its connector.

    Attributes:
        state: the last chargingState.
        has_charged: whether it has charged, or been suspended, before.
        before_boot: whether it is from before the charger's last boot.
    """

    state: str | None = None
    has_charged: bool = False
    before_boot: bool = False

    def goes_on(self, state: str | None) -> None:
        """Take over a chargingState."""
        if state is not None:
            self.state = state
            self.has_charged = self.has_charged or state in _CHARGING

    @property
    def status(self) -> str | None:
        """The neutral status of its connector; None when it says nothing of it."""
        if self.state in _CHARGING:
            return self.state
        if self.state == "EVConnected":
            return "Finishing" if self.has_charged else "Preparing"
        return None


@dataclass(slots=True)
class Connector:
    """What was last reported about one connector.

    Attributes:
        status: the last StatusNotification's.
        neutral: the last status that a fact told.
        charge: the running transaction on it.
        finishing: whether one has ended with the cable still in.
    """

    status: str | None = None
    neutral: str | None = None
    charge: Charge | None = None
    finishing: bool = False

    def reported(self, status: str) -> str | None:
        """A StatusNotification has come: the neutral status that it shows, if it shows one."""
        again = self.status == status
        self.status = status
        if status == "Available":
            self.finishing = False
        neutral = self._occupied_as() if status == "Occupied" else status
        # A TransactionEvent has told it already. A report that comes again was asked for, and is told again.
        if status == "Occupied" and not again and neutral == self.neutral:
            return None
        self.neutral = neutral
        return neutral

    def _occupied_as(self) -> str:
        if self.charge is not None:
            return self.charge.status or "Preparing"
        return "Finishing" if self.finishing else "Preparing"

    def charges(self, charge: Charge, offline: bool) -> str | None:
        """A transaction on it goes on: the neutral status that this shows, if it shows one."""
        # What an event tells online is so now: the transaction goes on after the boot.
        charge.before_boot = charge.before_boot and offline
        self.charge = charge
        return self._shows(charge.status, offline)

    def charged(self, charge: Charge, offline: bool, *, cable_out: bool) -> str | None:
        """A transaction on it has ended: the neutral status that this shows, if it shows one."""
        self.charge = None
        if not charge.before_boot:
            self.finishing = not cable_out and self.status != "Available"
        finishing = self.finishing and self.status in ("Occupied", None)
        return self._shows("Finishing" if finishing else None, offline)

    def _shows(self, neutral: str | None, offline: bool) -> str | None:
        if (offline and self.status != "Occupied") or neutral is None or neutral == self.neutral:
            return None
        self.neutral = neutral
        return neutral


class Connectors:
    """Those of one charger."""

    def __init__(self) -> None:
        self._connectors: dict[tuple[Any, Any], Connector] = {}

    def at(self, evse_id: Any, connector_id: Any) -> Connector:
        """One of them."""
        key = (evse_id, connector_id)
        connector = self._connectors.get(key)
        if connector is None:
            connector = self._connectors[key] = Connector()
        return connector

    def likely(self, evse_id: Any) -> Any:
        """The EVSE's occupied connector, for a TransactionEvent that names only the EVSE."""
        own = [key[1] for key, value in self._connectors.items() if key[0] == evse_id and value.status == "Occupied"]
        return own[0] if own else 1

    def booted(self) -> None:
        """Nothing is known of them any more."""
        for connector in self._connectors.values():
            connector.status = connector.neutral = connector.charge = None
            connector.finishing = False
