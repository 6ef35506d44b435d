"""What a transaction costs between two RunningCosts of the CSMS, as the station estimates it. Pure; time is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ocpplab_runner.charger.core.json_values import moment_out
from ocpplab_runner.charger.core.timestamps import moment


@dataclass(frozen=True, slots=True)
class Price:
    """Prices of a period.

    Attributes:
        kwh, hour: of a kWh and of an hour.
        grace: for how long an hour costs nothing yet.
    """

    kwh: float = 0.0
    hour: float = 0.0
    grace: timedelta = timedelta()

    @classmethod
    def of(cls, period: Mapping[str, Any], state: str) -> Price:
        """``chargingPrice`` of a period, or its ``idlePrice`` in the state Idle; what is not there costs nothing."""
        price = period.get("idlePrice" if state == "Idle" else "chargingPrice") or {}
        grace = timedelta(minutes=float(price.get("graceMinutes", 0)))
        return cls(float(price.get("kWhPrice", 0)), float(price.get("hourPrice", 0)), grace)


@dataclass(frozen=True, slots=True)
class RunningCost:
    """A cost that is known for one moment, and how it grows.

    Attributes:
        cost: at that moment.
        at: when.
        energy_wh: the register then.
        price: from then on.
        state: Charging or Idle.
        following: the next period and when it begins; None where nobody has said.
    """

    cost: float
    at: datetime
    energy_wh: float
    price: Price
    state: str
    following: tuple[datetime, Mapping[str, Any]] | None = None

    @classmethod
    def told(cls, data: Mapping[str, Any], now: datetime, energy_wh: float) -> RunningCost:
        """What a RunningCost says; what it leaves out is as it is now.

        Raises:
            ValueError, TypeError, KeyError, AttributeError: it is none.
        """
        state, following = str(data.get("state", "Charging")), data.get("nextPeriod")
        at = moment(data["timestamp"]) if "timestamp" in data else now
        energy = float(data.get("meterValue", energy_wh))
        later = None if following is None else (moment(following["atTime"]), following)
        return cls(float(data["cost"]), at, energy, Price.of(data, state), state, later)

    def grows(self) -> bool:
        """Whether it costs more and more."""
        return self.price != Price(grace=self.price.grace)

    def amount(self, now: datetime, energy_wh: float) -> float:
        """What it has come to."""
        hours = max(now - self.at - self.price.grace, timedelta()) / timedelta(hours=1)
        return self.cost + self.price.kwh * (energy_wh - self.energy_wh) / 1000 + self.price.hour * hours

    def next_period(self, now: datetime, energy_wh: float) -> RunningCost:
        """The same in the next period, which begins now."""
        assert self.following is not None
        period = self.following[1]
        return RunningCost(self.amount(now, energy_wh), now, energy_wh, Price.of(period, self.state), self.state)

    def out(self) -> dict[str, Any]:
        """As JSON data."""
        price, following = self.price, self.following
        return {
            "cost": self.cost,
            "at": moment_out(self.at),
            "energy_wh": self.energy_wh,
            "price": [price.kwh, price.hour, price.grace / timedelta(seconds=1)],
            "state": self.state,
            "following": None if following is None else [moment_out(following[0]), dict(following[1])],
        }

    @classmethod
    def recall(cls, data: Mapping[str, Any]) -> RunningCost:
        """The opposite of :meth:`out`."""
        kwh, hour, grace = data["price"]
        following = data["following"]
        return cls(
            data["cost"],
            datetime.fromisoformat(data["at"]),
            data["energy_wh"],
            Price(kwh, hour, timedelta(seconds=grace)),
            data["state"],
            None if following is None else (datetime.fromisoformat(following[0]), following[1]),
        )
