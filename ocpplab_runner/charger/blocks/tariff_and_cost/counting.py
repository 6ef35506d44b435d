"""Counting what one transaction costs: its tariffs, and what has flowed. Pure; time is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from ocpplab_runner.tariffs.conditions import Place
from ocpplab_runner.tariffs.cost import Cost, Flow, cost, reached_after
from ocpplab_runner.tariffs.exact import exact
from ocpplab_runner.tariffs.tariff import Tariff, tariff_of

#: Seconds that are looked ahead for a limit.
_LOOK_AHEAD = 86_400


@dataclass(slots=True)
class Counting:
    """A transaction that is counted.

    Attributes:
        place: what does not change in it.
        flows: its begin, and every power since.
        tariffs: which held from when on; none where nobody has given one.
        reserved_s: how long the EVSE was reserved for it.
        told: the id of the tariff that the CSMS has been told.
        driver_known: whether it is known whose tariff counts.
    """

    place: Place
    flows: list[Flow]
    tariffs: list[tuple[datetime, Tariff]] = field(default_factory=list)
    reserved_s: Fraction | None = None
    told: str | None = None
    driver_known: bool = False

    @property
    def tariff(self) -> Tariff | None:
        """The one that holds."""
        return self.tariffs[-1][1] if self.tariffs else None

    def choose(self, tariff: Tariff) -> None:
        """It holds from the begin on."""
        self.tariffs = [(self.flows[0].at, tariff)]

    def change(self, tariff: Tariff, now: datetime) -> None:
        """It holds from now on (I11)."""
        self.tariffs.append((now, tariff))

    def flow(self, power_w: float, now: datetime) -> None:
        """That power flows from now on."""
        if power_w != self.flows[-1].power_w:
            self.flows.append(Flow(now, power_w))

    def clock_set(self, by: timedelta) -> None:
        """The clock was wrong by so much until now; nothing has lasted longer or shorter for that."""
        self.flows = [Flow(flow.at + by, flow.power_w) for flow in self.flows]
        self.tariffs = [(at + by, tariff) for at, tariff in self.tariffs]

    def cost(self, now: datetime) -> Cost | None:
        """What it costs so far; None without a tariff."""
        if not self.tariffs:
            return None
        return cost(self.tariffs, self.flows, max(now, self.flows[-1].at), self.place, reserved_s=self.reserved_s)

    def seconds_until(self, amount: float, now: datetime) -> float | None:
        """How long it may go on as it does until it costs so much; None for a day at least."""
        left = reached_after(
            self.tariffs,
            self.flows,
            max(now, self.flows[-1].at),
            self.place,
            exact(amount),
            within=_LOOK_AHEAD,
            reserved_s=self.reserved_s,
        )
        # A microsecond more than needed: a float clock may round the moment down.
        return None if left is None else float(left) + 1e-6 if left else 0.0

    def out(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "flows": [[flow.at.isoformat(), flow.power_w] for flow in self.flows],
            "tariffs": [[at.isoformat(), tariff.wire] for at, tariff in self.tariffs],
            "reserved_s": None if self.reserved_s is None else str(self.reserved_s),
            "told": self.told,
            "driver_known": self.driver_known,
            "paid_by": [self.place.payment_brand, self.place.payment_recognition],
        }

    @classmethod
    def recall(cls, place: Place, data: Mapping[str, Any]) -> Counting:
        """The opposite of :meth:`out`; ``place`` is where, whatever it is paid by."""
        reserved = data["reserved_s"]
        brand, recognition = data.get("paid_by", (None, None))
        return cls(
            replace(place, payment_brand=brand, payment_recognition=recognition),
            [Flow(datetime.fromisoformat(at), power) for at, power in data["flows"]],
            [(datetime.fromisoformat(at), tariff_of(wire)) for at, wire in data["tariffs"]],
            None if reserved is None else Fraction(reserved),
            data["told"],
            data["driver_known"],
        )
