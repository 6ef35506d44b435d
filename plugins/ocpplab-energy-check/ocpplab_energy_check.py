"""An example plugin: a check that fails a case whose transactions have received more, or less, energy than can be.

Between two readings of a transaction's meter lies power × time. The check knows the power at both ends of the interval,
takes the smaller and the larger one, and allows for a tolerance. Who says the price of a kWh
(``--energy-price-per-kwh``) has what the CSMS says that a transaction costs (OCPP 2.x) held against its energy too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from ocpplab_runner.api import CaseView, CheckFailure, Event, OptionSpec, hookimpl

#: Of the energy that power and time make; a meter counts whole watt-hours besides.
TOLERANCE = 0.1
RESOLUTION_WH = 2.0
#: Of a cost; a cent besides.
COST_TOLERANCE = 0.01
_PRICE: dict[str, float | None] = {"kwh": None}


@dataclass(frozen=True)
class Reading:
    """A transaction's meter at one moment; ``power`` in W is None where the message does not say."""

    moment: datetime
    energy: float
    power: float | None
    event: Event


def readings(events: Iterable[Event]) -> dict[tuple[str, str], list[Reading]]:
    """(charger, transaction id) → its readings, the earliest first: those of its start, its end and in between."""
    found: dict[tuple[str, str], list[Reading]] = defaultdict(list)
    for event in events:
        fields = event.fields
        energy = fields.get("energy_wh", fields.get("meter_wh"))
        if event.kind == "fact" and energy is not None and {"transaction_id", "timestamp"} <= fields.keys():
            moment = datetime.fromisoformat(fields["timestamp"])
            reading = Reading(moment, energy, fields.get("power_w"), event)
            found[event.charger, str(fields["transaction_id"])].append(reading)
    return {key: sorted(taken, key=lambda reading: reading.moment) for key, taken in found.items()}


def implausible(taken: list[Reading]) -> Iterator[tuple[Reading, str]]:
    """Every reading that cannot be, in view of the one before, with the reason."""
    for before, after in pairwise(taken):
        powers = [reading.power for reading in (before, after) if reading.power is not None]
        hours = (after.moment - before.moment).total_seconds() / 3600
        if not powers or hours <= 0:
            continue
        least = min(powers) * hours * (1 - TOLERANCE) - RESOLUTION_WH
        most = max(powers) * hours * (1 + TOLERANCE) + RESOLUTION_WH
        energy = after.energy - before.energy
        if not least <= energy <= most:
            told = " and ".join(f"{power:g} W" for power in dict.fromkeys(powers))
            plausible = f"{max(least, 0):.0f} to {most:.0f} Wh are plausible"
            yield after, f"{energy:g} Wh in {hours * 3600:g} s at {told}: {plausible}"


def costs(events: Iterable[Event]) -> Iterator[tuple[tuple[str, str], float, Event]]:
    """What the CSMS says that a transaction costs so far: its (charger, transaction id), the cost, and the frame."""
    about: dict[tuple[str, str], str] = {}
    for event in events:
        payload = event.fields.get("payload")
        if event.kind != "frame" or not isinstance(payload, Mapping):
            continue
        call = (event.charger, str(event.fields.get("message_id")))
        if event.name == "TransactionEvent" and event.fields.get("type") == "call":
            about[call] = str(payload.get("transactionInfo", {}).get("transactionId"))
        elif event.name == "TransactionEvent" and "totalCost" in payload and call in about:
            yield (event.charger, about[call]), payload["totalCost"], event
        elif event.name == "CostUpdated" and event.fields.get("type") == "call" and "totalCost" in payload:
            yield (event.charger, str(payload.get("transactionId"))), payload["totalCost"], event


def wrong_costs(events: Iterable[Event], price: float) -> Iterator[CheckFailure]:
    """Every cost that is not the energy until then times the price."""
    seen = list(events)
    taken = readings(seen)
    for (charger, transaction), cost, event in costs(seen):
        so_far = [reading.energy for reading in taken.get((charger, transaction), ()) if reading.event.at <= event.at]
        if not so_far:
            continue
        right = (max(so_far) - min(so_far)) / 1000 * price
        if abs(cost - right) > right * COST_TOLERANCE + 0.01:
            energy = f"{max(so_far) - min(so_far):g} Wh at {price:g} a kWh"
            yield CheckFailure(
                f"transaction {transaction} of {charger} costs {cost:g}; {energy} are {right:.2f}", event
            )


@hookimpl
def ocpplab_options() -> Iterable[OptionSpec]:
    """`--energy-price-per-kwh`, or `plugins: {energy: {price_per_kwh: …}}` in `ocpplab.yaml`."""
    yield OptionSpec("energy.price_per_kwh", {"type": "number", "minimum": 0}, "Hold costs against this price.")


@hookimpl
def ocpplab_configure(options: Mapping[str, Any]) -> None:
    """Called once before a run."""
    _PRICE["kwh"] = options["energy.price_per_kwh"]


@hookimpl
def ocpplab_check_case(case: CaseView) -> Iterable[CheckFailure]:
    """Called when the steps of a case have ended; the first failure fails it."""
    for (charger, transaction), taken in readings(case.events()).items():
        for reading, why in implausible(taken):
            yield CheckFailure(f"transaction {transaction} of {charger}: {why}", reading.event)
    if _PRICE["kwh"] is not None:
        yield from wrong_costs(case.events(), _PRICE["kwh"])
