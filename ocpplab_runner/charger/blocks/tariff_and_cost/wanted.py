"""When a CSMS wants a meter value to count anew: ``triggerMeterValue`` of a RunningCost. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ocpplab_runner.charger.core.json_values import moment_in, moment_out
from ocpplab_runner.charger.core.timestamps import moment


@dataclass(slots=True)
class WantedReading:
    """What it waits for.

    Attributes:
        at: a moment.
        energy_wh: a value of the register.
        power_w: a power that is crossed, from either side.
        statuses: of the connector, one of which is entered.
        last_power_w, last_status: what was the case when it looked last.
    """

    at: datetime | None = None
    energy_wh: float | None = None
    power_w: float | None = None
    statuses: frozenset[str] = frozenset()
    last_power_w: float = 0.0
    last_status: str = ""

    @classmethod
    def told(cls, data: Mapping[str, Any], power_w: float, status: str) -> WantedReading:
        """What the CSMS says, while so much flows and the connector has that status.

        Raises:
            ValueError, TypeError, AttributeError: it is no triggerMeterValue.
        """
        at, energy, power, statuses = (data.get(f"at{name}") for name in ("Time", "EnergykWh", "PowerkW", "CPStatus"))
        return cls(
            None if at is None else moment(at),
            None if energy is None else float(energy) * 1000,
            None if power is None else float(power) * 1000,
            frozenset([statuses] if isinstance(statuses, str) else statuses or ()),
            power_w,
            status,
        )

    def met_by(self, power_w: float, status: str) -> bool:
        """Whether what is the case now, and was not before, is what it waits for."""
        crossed = self.power_w is not None and (self.last_power_w >= self.power_w) != (power_w >= self.power_w)
        entered = status in self.statuses and status != self.last_status
        self.last_power_w, self.last_status = power_w, status
        return crossed or entered

    def out(self) -> list[Any]:
        """As JSON data."""
        statuses = sorted(self.statuses)
        return [moment_out(self.at), self.energy_wh, self.power_w, statuses, self.last_power_w, self.last_status]

    @classmethod
    def recall(cls, data: Sequence[Any]) -> WantedReading:
        """The opposite of :meth:`out`."""
        at, energy, power, statuses, last_power, last_status = data
        return cls(moment_in(at), energy, power, frozenset(statuses), last_power, last_status)
