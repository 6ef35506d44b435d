"""What a transaction costs by its tariffs (OCPP 2.1 I12). Pure, and exact: nothing is rounded here.

What has flowed is a row of steps of constant power. Between them time goes on to the next moment at which any
condition may say something else: the clock, a bound of energy, of time. In between every price is the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Literal

from ocpplab_runner.tariffs.conditions import Measures, Place, seconds_since_1970
from ocpplab_runner.tariffs.tariff import Element, Tariff, prices_of
from ocpplab_runner.tariffs.taxes import NOTHING, Amount, TaxRate, factor

Kind = Literal["NormalCost", "MinCost", "MaxCost"]
_ZERO = Fraction(0)
_HOUR, _MINUTE, _KWH = 3600, 60, 1000
#: Measures that grow with the time, and those that stand for a step.
_GROWING = ("energy_wh", "seconds", "charging_s", "idle_s")
_BY_TIME = {"chargingTime", "idleTime"}


@dataclass(frozen=True, slots=True)
class Flow:
    """From that moment on this power flows, in W."""

    at: datetime
    power_w: float


@dataclass(slots=True)
class Period:
    """A time in which the same prices were looked at: what has flowed, and how long it did, or did not."""

    start: Fraction
    tariff: Tariff
    used: tuple[int | None, ...]
    energy_wh: Fraction = _ZERO
    charging_s: Fraction = _ZERO
    idle_s: Fraction = _ZERO
    powers_w: set[Fraction] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a transaction costs, and what it has used.

    Attributes:
        currency: in which amounts are.
        kind: whether the least or the most that the tariff wants takes the place of what was counted.
        parts: by the field of TariffType, with the taxes that were on it last.
        total: of all.
        energy_wh, charging_s, idle_s, reserved_s: what was used.
        periods: in which the prices stayed the same.
    """

    currency: str
    kind: Kind
    parts: dict[str, tuple[Amount, tuple[TaxRate, ...]]]
    total: Amount
    energy_wh: Fraction
    charging_s: Fraction
    idle_s: Fraction
    reserved_s: Fraction | None
    periods: Sequence[Period]


def cost(
    tariffs: Sequence[tuple[datetime, Tariff]],
    flows: Sequence[Flow],
    until: datetime,
    place: Place,
    *,
    reserved_s: Fraction | None = None,
) -> Cost:
    """Count.

    Args:
        tariffs: from when on which one holds, the earliest first; the first from the begin on.
        flows: the begin of the transaction, and every other power afterwards.
        until: up to when.
        place: what does not change.
        reserved_s: how long the EVSE was reserved for it; None where it was not.
    """
    return _counted(tariffs, flows, seconds_since_1970(until), place, reserved_s).result(reserved_s)


def reached_after(
    tariffs: Sequence[tuple[datetime, Tariff]],
    flows: Sequence[Flow],
    now: datetime,
    place: Place,
    amount: Fraction,
    *,
    within: int,
    reserved_s: Fraction | None = None,
) -> Fraction | None:
    """Seconds from now until a transaction costs so much, taxes included, if what flows now goes on to flow.

    Args:
        tariffs, flows, place, reserved_s: as of :func:`cost`.
        now: from when on.
        amount: how much.
        within: seconds to look ahead.

    Returns:
        0 when it costs that already; None when it will not within that time.
    """
    count = _counted(tariffs, flows, seconds_since_1970(now), place, reserved_s)
    wanted = Amount(amount, amount)
    if count.total.incl >= amount:
        return _ZERO
    begun = count.at
    count.until = wanted
    count.go_on(begun + within, Fraction(flows[-1].power_w))
    return None if count.reached_at is None else count.reached_at - begun


def _counted(
    tariffs: Sequence[tuple[datetime, Tariff]],
    flows: Sequence[Flow],
    end: Fraction,
    place: Place,
    reserved_s: Fraction | None,
) -> _Count:
    count = _Count(tariffs[0][1], seconds_since_1970(flows[0].at), place)
    count.begin(reserved_s)
    steps = [(seconds_since_1970(flow.at), Fraction(flow.power_w)) for flow in flows]
    turns = [(seconds_since_1970(moment), tariff) for moment, tariff in tariffs[1:]]
    edges = sorted({moment for moment, _ in (*steps[1:], *turns) if moment < end} | {end})
    for edge in edges:
        power = next(watts for moment, watts in reversed(steps) if moment <= count.at)
        count.hold(next((one for moment, one in reversed(turns) if moment <= count.at), tariffs[0][1]))
        count.go_on(edge, power)
    # One that takes over at the very end: its least and most hold, and what is looked ahead is counted by it.
    count.hold(tariffs[-1][1])
    return count


class _Count:
    """How far counting has come."""

    def __init__(self, tariff: Tariff, at: Fraction, place: Place) -> None:
        self.tariff = tariff
        self.at = at
        self._place = place
        self._begun = at
        self._energy = self._charging = self._idle = _ZERO
        # By their taxes, too: a tariff that takes over may tax the same thing otherwise.
        self._sums: dict[tuple[str, tuple[TaxRate, ...]], Fraction] = {}
        self._periods: list[Period] = []
        self._full = False
        self.until: Amount | None = None
        self.reached_at: Fraction | None = None

    def begin(self, reserved_s: Fraction | None) -> None:
        """What is paid once."""
        now = self._measures(_ZERO)
        self._once("fixedFee", now)
        # Only who had reserved the EVSE pays for that (I12.FR.07, .08).
        if reserved_s is not None:
            self._once("reservationFixed", now)
            self._add("reservationTime", now, reserved_s / _MINUTE)
        self.hold(self.tariff)

    def hold(self, tariff: Tariff) -> None:
        """That tariff prices what follows, up to its own most, whatever the one before had for it (I11)."""
        self.tariff = tariff
        self._full = tariff.max_cost is not None and self._reached(self.total, tariff.max_cost)

    def go_on(self, edge: Fraction, power: Fraction) -> None:
        """Count on to a moment, while that power flows."""
        while self.at < edge and self.reached_at is None:
            now = self._measures(power)
            until = min((edge, *self._turns(now)))
            self._period(now)
            before = self.total
            self._charge(now, until - self.at)
            if self.until is not None and self.total.incl >= self.until.incl:
                self.reached_at = self.at + (until - self.at) * self._share(before, self.total, self.until)
            self._advance(until, power)
        if edge == self.at and not self._periods:  # nothing has lasted yet
            self._period(self._measures(power))

    def result(self, reserved_s: Fraction | None) -> Cost:
        """What has come of it."""
        parts: dict[str, tuple[Amount, tuple[TaxRate, ...]]] = {}
        for (name, rates), net in self._sums.items():
            before = parts.get(name, (NOTHING, ()))[0]
            parts[name] = before + Amount(net, net * factor(rates)), rates
        total, kind = self.total, "NormalCost"
        least, most = self.tariff.min_cost, self.tariff.max_cost
        if self._full and most is not None:
            # What is paid once may be above the most from the begin on.
            total, kind = Amount(min(total.excl, most.excl), min(total.incl, most.incl)), "MaxCost"
        elif least is not None and not self._reached(total, least):
            # Then it is the whole cost, and nothing that was counted stands beside it (I12.FR.38).
            total, kind, parts = least, "MinCost", {"fixedFee": (least, ())}
        return Cost(
            self.tariff.currency,
            kind,  # type: ignore[arg-type]
            parts,
            total,
            self._energy,
            self._charging,
            self._idle,
            reserved_s,
            self._periods,
        )

    # -- steps ----------------------------------------------------------------------------------------------------

    def _measures(self, power: Fraction) -> Measures:
        current = power / Fraction(self._place.volts)
        lasted = self.at - self._begun
        return Measures(self.at, self._energy, power, current, lasted, self._charging, self._idle)

    def _turns(self, now: Measures) -> Iterator[Fraction]:
        """Moments to come at which a condition may say something else."""
        flowing = now.power_w != 0
        speed = {
            "energy_wh": now.power_w / _HOUR,
            "seconds": Fraction(1),
            "charging_s": Fraction(int(flowing)),
            "idle_s": Fraction(int(not flowing)),
        }
        for price in prices_of(self.tariff):
            turn = price.when.next_turn(now.at)
            if turn is not None:
                yield turn
            for measure, _, bound in price.when.bounds:
                if measure in _GROWING and speed[measure]:
                    after = (bound - getattr(now, measure)) / speed[measure]
                    if after > 0:
                        yield now.at + after

    def _period(self, now: Measures) -> None:
        used = tuple(self._used(name, now) for name in ("energy", "chargingTime", "idleTime"))
        last = self._periods[-1] if self._periods else None
        if last is None or (last.tariff, last.used) != (self.tariff, used):
            self._periods.append(Period(self.at, self.tariff, used))
        self._periods[-1].powers_w.add(now.power_w)

    def _charge(self, now: Measures, lasts: Fraction) -> None:
        if self._full:
            return
        if self.tariff.max_cost is not None:
            before, costs = self.total, dict(self._sums)
            self._price(now, lasts)
            after = self.total
            if self._reached(after, self.tariff.max_cost):
                self._full = True
                # Nothing is paid after the very moment at which the most is reached, but usage goes on (I12.FR.39).
                self._sums = costs
                self._price(now, lasts * self._share(before, after, self.tariff.max_cost))
            return
        self._price(now, lasts)

    def _price(self, now: Measures, lasts: Fraction) -> None:
        self._add("energy", now, now.power_w * lasts / _HOUR / _KWH)
        self._add("chargingTime" if now.power_w else "idleTime", now, lasts / _MINUTE)

    def _advance(self, until: Fraction, power: Fraction) -> None:
        lasts, period = until - self.at, self._periods[-1]
        energy = power * lasts / _HOUR
        self._energy += energy
        period.energy_wh += energy
        if power:
            self._charging += lasts
            period.charging_s += lasts
        else:
            self._idle += lasts
            period.idle_s += lasts
        self.at = until

    # -- money ----------------------------------------------------------------------------------------------------

    def _used(self, name: str, now: Measures) -> int | None:
        element = self.tariff.elements.get(name)
        return None if element is None else _first(element, now, self._place)

    def _once(self, name: str, now: Measures) -> None:
        self._add(name, now, Fraction(1))

    def _add(self, name: str, now: Measures, volume: Fraction) -> None:
        number = self._used(name, now)
        if number is not None and volume:
            element = self.tariff.elements[name]
            key = (name, element.taxes)
            self._sums[key] = self._sums.get(key, _ZERO) + element.prices[number].price * volume

    @property
    def total(self) -> Amount:
        """All of it so far."""
        total = NOTHING
        for (_, rates), net in self._sums.items():
            total += Amount(net, net * factor(rates))
        return total

    def _reached(self, total: Amount, bound: Amount) -> bool:
        return total.excl >= bound.excl if bound.by_excl else total.incl >= bound.incl

    def _share(self, before: Amount, after: Amount, bound: Amount) -> Fraction:
        """The part of a step after which the bound is reached; prices are the same all through it."""
        low, high, top = (one.excl if bound.by_excl else one.incl for one in (before, after, bound))
        return (top - low) / (high - low)


def _first(element: Element, now: Measures, place: Place) -> int | None:
    return next((number for number, price in enumerate(element.prices) if price.when.met(now, place)), None)
