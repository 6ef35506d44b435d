"""What a transaction may come to: TransactionLimitType of OCPP 2.1. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ocpplab_runner.charger.core.model import UpdateKind

#: What can be limited, as OCPP calls it → what the CSMS is told when it is reached.
REACHED: Mapping[str, UpdateKind] = {
    "maxCost": UpdateKind.COST_LIMIT,
    "maxEnergy": UpdateKind.ENERGY_LIMIT,
    "maxTime": UpdateKind.TIME_LIMIT,
    "maxSoC": UpdateKind.SOC_LIMIT,
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one transaction.

    Attributes:
        by_csms: what the CSMS has set; nobody at the station can set more (E16.FR.04).
        by_driver: what the driver wants.
    """

    by_csms: Mapping[str, float]
    by_driver: Mapping[str, float]

    @property
    def all(self) -> dict[str, float]:
        """What holds."""
        both = {**self.by_driver, **self.by_csms}
        return {name: min(both[name], self.by_driver.get(name, both[name])) for name in REACHED if name in both}

    def set_by_csms(self, wire: Mapping[str, Any], supported: tuple[str, ...]) -> Limits:
        """The CSMS sets some of them; what the station cannot hold is not taken (E16.FR.13)."""
        return replace(self, by_csms={**self.by_csms, **_known(wire, supported)})

    def set_by_driver(self, wire: Mapping[str, Any], supported: tuple[str, ...]) -> Limits:
        """The driver sets some of them."""
        return replace(self, by_driver={**self.by_driver, **_known(wire, supported)})


def _known(wire: Mapping[str, Any], supported: tuple[str, ...]) -> dict[str, float]:
    return {name: wire[name] for name in REACHED if name in wire and name in supported}
