"""What a transaction costs as the CSMS counts it, from what the station tells (OCPP 2.x I02, I03). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

from ocpplab_runner.tariffs.conditions import Place
from ocpplab_runner.tariffs.cost import Flow, cost
from ocpplab_runner.tariffs.exact import exact, rounded
from ocpplab_runner.tariffs.tariff import Tariff

_REGISTER = "Energy.Active.Import.Register"
#: A moment, and the register then, in Wh.
Register = tuple[datetime, Fraction]


def registers(event: Mapping[str, Any]) -> Iterator[Register]:
    """The registers of the meter, of all phases together, that a TransactionEvent tells.

    Raises:
        ValueError: a timestamp is none.
    """
    for value in event.get("meterValue", ()):
        for sampled in value["sampledValue"]:
            if sampled.get("measurand", _REGISTER) == _REGISTER and "phase" not in sampled:
                unit = sampled.get("unitOfMeasure", {})
                factor = Fraction(10) ** unit.get("multiplier", 0) * (1000 if unit.get("unit") == "kWh" else 1)
                yield moment(value["timestamp"]), exact(sampled["value"]) * factor


def moment(text: str) -> datetime:
    """A dateTime; one without an offset is UTC.

    Raises:
        ValueError: it is none.
    """
    read = datetime.fromisoformat(text)
    return read if read.tzinfo is not None else read.replace(tzinfo=UTC)


def total_cost(tariff: Tariff, begun: datetime, told: Sequence[Register], now: datetime) -> float | None:
    """What a transaction costs, taxes included; None where no register is known to count from.

    Between two registers the same power has flowed all the time.

    Args:
        tariff: to count by.
        begun: when the transaction has.
        told: every register that was told of it.
        now: up to when.
    """
    # Events may come late, or once more: in the order of their times, and each time once.
    known = sorted(dict(told).items())
    if not known:
        return None
    # What was drawn before the first register nobody has told.
    flows = [Flow(begun, 0.0)]
    for (earlier, before), (later, after) in pairwise(known):
        seconds = Fraction((later - earlier) // timedelta(microseconds=1), 1_000_000)
        flows.append(Flow(max(earlier, begun), float((after - before) * 3600 / seconds)))
        flows.append(Flow(later, 0.0))
    return rounded(cost([(begun, tariff)], flows, max(now, flows[-1].at), Place()).total.incl)
