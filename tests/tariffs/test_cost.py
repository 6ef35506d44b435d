"""Counting by tariffs, against a computation of its own that goes on by sixths of a second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpplab_runner.tariffs.conditions import Place
from ocpplab_runner.tariffs.cost import Cost, Flow, cost
from ocpplab_runner.tariffs.details import cost_details
from ocpplab_runner.tariffs.tariff import tariff_of

#: A Thursday, half a minute before midnight.
START = datetime(2026, 1, 1, 23, 59, 30, tzinfo=UTC)
PLACE = Place("AC", 240.0)
#: At 3600 W a Wh flows in a second: at one, two or three of them every whole Wh is reached at a sixth of a second.
POWERS = (0, 3600, 7200, 10800)


def wire(**fields: Any) -> dict[str, Any]:
    return {"tariffId": "T", "currency": "EUR", **fields}


def of(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def counted(tariff: dict[str, Any], steps: list[tuple[int, int]], *, until: int, **more: Any) -> Cost:
    flows = [Flow(of(at), power) for at, power in steps]
    return cost([(START, tariff_of(tariff))], flows, of(until), PLACE, **more)


# -- the other computation ---------------------------------------------------------------------------------------------

SIXTH = Fraction(1, 6)


def plainly(tariffs: list[tuple[int, dict[str, Any]]], steps: list[tuple[int, int]], until: int) -> dict[str, Fraction]:
    """Net costs by field, sixth of a second by sixth of a second; the tariff that holds prices all of it."""
    sums: dict[str, Fraction] = {}
    energy = charging = idle = Fraction(0)
    for tick in range(until * 6):
        second = tick * SIXTH
        power = [watts for at, watts in steps if at <= second][-1]
        tariff = [one for at, one in tariffs if at <= second][-1]
        now = {
            "Energy": energy,
            "Power": Fraction(power),
            "Current": Fraction(power, 240),
            "Time": second,
            "ChargingTime": charging,
            "IdleTime": idle,
        }
        if tick == 0:
            _pay(sums, tariff, "fixedFee", "priceFixed", now, second, Fraction(1))
        _pay(sums, tariff, "energy", "priceKwh", now, second, power * SIXTH / 3600 / 1000)
        _pay(sums, tariff, "chargingTime" if power else "idleTime", "priceMinute", now, second, SIXTH / 60)
        energy += power * SIXTH / 3600
        charging, idle = (charging + SIXTH, idle) if power else (charging, idle + SIXTH)
    return {name: amount for name, amount in sums.items() if amount}


def _pay(sums, tariff, field, price, now, second, volume):
    for entry in tariff.get(field, {}).get("prices", ()):
        if all(_true(name, value, now, second) for name, value in entry.get("conditions", {}).items()):
            sums[field] = sums.get(field, Fraction(0)) + Fraction(str(entry[price])) * volume
            return


def _true(name, value, now, second):
    moment = START + timedelta(seconds=int(second))
    clock = moment.strftime("%H:%M")
    if name == "dayOfWeek":
        return moment.strftime("%A") in value
    if name == "validFromDate":
        return moment.strftime("%Y-%m-%d") >= value
    if name == "validToDate":
        return moment.strftime("%Y-%m-%d") < value
    if name == "window":
        begin, end = value
        return begin <= clock < end if begin < end else clock >= begin or clock < end
    if name == "evseKind":
        return value == "AC"
    return now[name[3:]] >= value if name.startswith("min") else now[name[3:]] < value


# -- what is tried -----------------------------------------------------------------------------------------------------

PRICE = st.integers(0, 40).map(lambda number: number / 10)
WHOLE = st.integers(0, 120)
CONDITION = st.one_of(
    st.tuples(st.sampled_from(["minEnergy", "maxEnergy", "minTime", "maxTime"]), WHOLE),
    st.tuples(st.sampled_from(["minChargingTime", "maxChargingTime", "minIdleTime", "maxIdleTime"]), WHOLE),
    st.tuples(st.sampled_from(["minPower", "maxPower"]), st.sampled_from([*POWERS, 5000])),
    st.tuples(st.sampled_from(["minCurrent", "maxCurrent"]), st.integers(0, 50)),
    st.tuples(st.just("dayOfWeek"), st.sampled_from([["Thursday"], ["Friday", "Sunday"]])),
    st.tuples(st.sampled_from(["validFromDate", "validToDate"]), st.sampled_from(["2026-01-01", "2026-01-02"])),
    st.tuples(st.just("window"), st.sampled_from([("23:00", "00:00"), ("00:01", "12:00"), ("22:00", "00:01")])),
    st.tuples(st.just("evseKind"), st.sampled_from(["AC", "DC"])),
)
CONDITIONS = st.lists(CONDITION, max_size=2).map(dict)
FIXED = st.lists(CONDITION.filter(lambda one: not one[0].startswith(("min", "max"))), max_size=2).map(dict)


def priced(name: str, conditions: Any) -> Any:
    entry = st.fixed_dictionaries({name: PRICE}, optional={"conditions": conditions})
    return st.lists(entry, min_size=1, max_size=3).map(lambda prices: {"prices": prices})


TARIFF = st.fixed_dictionaries(
    {},
    optional={
        "energy": priced("priceKwh", CONDITIONS),
        "chargingTime": priced("priceMinute", CONDITIONS),
        "idleTime": priced("priceMinute", CONDITIONS),
        "fixedFee": priced("priceFixed", FIXED),
    },
)
STEPS = st.lists(st.tuples(st.integers(1, 119), st.sampled_from(POWERS)), max_size=4, unique_by=lambda one: one[0])


def on_the_wire(value: Any) -> Any:
    """A window as OCPP writes it."""
    if isinstance(value, dict):
        window = value.get("window")
        rest = {key: on_the_wire(one) for key, one in value.items() if key != "window"}
        return rest if window is None else {**rest, "startTimeOfDay": window[0], "endTimeOfDay": window[1]}
    return [on_the_wire(one) for one in value] if isinstance(value, list) else value


@given(TARIFF, TARIFF, st.integers(1, 119), st.sampled_from(POWERS), STEPS, st.integers(1, 150))
def test_like_a_computation_of_its_own(first, second, changed, power, later, until):
    """Every net amount, exactly, also where another tariff takes over; the periods hold all that was used."""
    steps = [(0, power), *sorted(later)]
    steps = [step for step in steps if step[0] < until]
    tariffs = [(of(at), tariff_of(wire(**on_the_wire(one)))) for at, one in ((0, first), (changed, second))]
    found = cost(tariffs, [Flow(of(at), watts) for at, watts in steps], of(until), PLACE)
    expected = plainly([(0, first), (changed, second)], steps, until)
    assert {name: amount.excl for name, (amount, _) in found.parts.items() if amount.excl} == expected
    assert found.total.excl == found.total.incl == sum(expected.values(), Fraction(0))
    assert sum(one.energy_wh for one in found.periods) == found.energy_wh
    assert sum(one.charging_s + one.idle_s for one in found.periods) == until


# -- by hand -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rates", "with_tax"),
    [
        ([], 10),
        ([("vat", 20, None)], 12),
        ([("federal", 10, 0), ("state", 5, 0)], 11.5),
        ([("energy", 10, 0), ("vat", 20, 1)], 13.2),
        ([("vat", 20, 2), ("energy", 10, 0)], 13.2),
    ],
)
def test_taxes(rates, with_tax):
    """Those of one level add up, and a higher level is on top of the lower ones (I12.FR.13)."""
    taxes = [{"type": kind, "tax": tax, **({} if stack is None else {"stack": stack})} for kind, tax, stack in rates]
    fee = {"prices": [{"priceFixed": 10}], **({"taxRates": taxes} if taxes else {})}
    found = counted(wire(fixedFee=fee), [(0, 0)], until=60)
    assert cost_details(found, periods=False)["totalCost"]["total"] == {"exclTax": 10, "inclTax": with_tax}


def test_no_more_than_the_most():
    """Counting stops the moment the bound is reached, with taxes where they are meant; usage goes on (I12.FR.39)."""
    energy = {"prices": [{"priceKwh": 10}], "taxRates": [{"type": "vat", "tax": 25}]}
    for bound, excl in (({"inclTax": 5}, 4), ({"exclTax": 5}, 5), ({"exclTax": 9, "inclTax": 5}, 4)):
        found = counted(wire(energy=energy, maxCost=bound), [(0, 3600)], until=1000)
        assert (found.kind, found.total.excl, found.energy_wh) == ("MaxCost", excl, 1000)
        assert found.parts["energy"][0].excl == excl
    assert counted(wire(energy=energy, maxCost={"inclTax": 5}), [(0, 3600)], until=399).kind == "NormalCost"


def test_a_fee_above_the_most():
    """What is paid at the begin is bounded, too."""
    fee = {"prices": [{"priceFixed": 7}]}
    found = counted(wire(fixedFee=fee, maxCost={"inclTax": 5}), [(0, 3600)], until=10)
    assert (found.kind, found.total.incl) == ("MaxCost", 5)


def test_no_less_than_the_least():
    """It takes the place of all that was counted, and is then the whole of it (I12.FR.38)."""
    energy = {"prices": [{"priceKwh": 1}]}
    least = {"exclTax": 2, "taxRates": [{"type": "vat", "tax": 50}]}
    found = counted(wire(energy=energy, minCost=least), [(0, 3600)], until=1999)
    assert (found.kind, found.total.excl, found.total.incl) == ("MinCost", 2, 3)
    assert list(found.parts) == ["fixedFee"]
    assert counted(wire(energy=energy, minCost=least), [(0, 3600)], until=2000).kind == "NormalCost"


def test_a_reservation_is_paid_for():
    """By the minute and once, where there was one (I12.FR.07, .08)."""
    tariff = wire(reservationTime={"prices": [{"priceMinute": 2}]}, reservationFixed={"prices": [{"priceFixed": 3}]})
    found = counted(tariff, [(0, 0)], until=60, reserved_s=Fraction(90))
    details = cost_details(found, periods=True)
    assert details["totalCost"]["reservationTime"]["exclTax"] == 3
    assert details["totalCost"]["reservationFixed"]["exclTax"] == 3
    assert details["totalUsage"]["reservationTime"] == 90
    without = cost_details(counted(tariff, [(0, 0)], until=60), periods=True)
    assert without["totalCost"]["total"] == {"exclTax": 0, "inclTax": 0}
    assert "reservationTime" not in without["totalUsage"]


def test_prices_by_how_one_pays():
    """A surcharge for a brand is for nobody else (paymentBrand, paymentRecognition)."""
    fee = {"prices": [{"priceFixed": 5, "conditions": {"paymentBrand": "Visa", "paymentRecognition": "CC"}}]}
    for brand, recognition, amount in (("Visa", "CC", 5), ("Visa", "Debit", 0), (None, None, 0)):
        place = Place("AC", 230.0, brand, recognition)
        found = cost([(START, tariff_of(wire(fixedFee=fee)))], [Flow(START, 0)], of(1), place)
        assert found.total.excl == amount


def test_a_transaction_without_any_time():
    """It has a period all the same, since the last message has at least one."""
    found = counted(wire(energy={"prices": [{"priceKwh": 1}]}), [(0, 0)], until=0)
    assert cost_details(found, periods=True)["chargingPeriods"] == [
        {"startPeriod": "2026-01-01T23:59:30.000Z", "tariffId": "T", "dimensions": [{"type": "Energy", "volume": 0}]}
    ]


def test_both_ends_of_a_window():
    """Prices change at the minute where it begins and where it ends, also when that is the next day."""
    for begin, end, expected in (("00:00", "00:01", 60), ("22:00", "00:01", 90), ("00:01", "22:00", 30)):
        when = {"startTimeOfDay": begin, "endTimeOfDay": end}
        idle = {"prices": [{"priceMinute": 60, "conditions": when}]}
        assert counted(wire(idleTime=idle), [(0, 0)], until=120).total.excl == expected


@pytest.mark.parametrize(
    "conditions", [{"startTimeOfDay": "24:00"}, {"endTimeOfDay": "7:00"}, {"validFromDate": "2026-02-30"}]
)
def test_times_that_are_none(conditions):
    """The schema says nothing of their form."""
    with pytest.raises(ValueError):
        tariff_of(wire(fixedFee={"prices": [{"priceFixed": 1, "conditions": conditions}]}))
    with pytest.raises(ValueError, match="with or without tax"):
        tariff_of(wire(maxCost={}))


#: One for each Wh, of which 10 flow before the tariff changes and 10 afterwards.
DEAR = {"prices": [{"priceKwh": 1000}]}


@pytest.mark.parametrize(
    ("first", "second", "total", "kind"),
    [
        (wire(energy=DEAR, maxCost={"inclTax": 5}), wire(energy=DEAR), 15, "NormalCost"),
        (wire(energy=DEAR, maxCost={"inclTax": 5}), wire(energy=DEAR, maxCost={"inclTax": 8}), 8, "MaxCost"),
        (wire(energy=DEAR), wire(energy=DEAR, maxCost={"inclTax": 5}), 5, "MaxCost"),
        (wire(energy=DEAR), wire(maxCost={"inclTax": 2}), 2, "MaxCost"),
    ],
)
def test_the_most_is_that_of_the_tariff_that_holds(first, second, total, kind):
    """What another one had for the most binds nobody any more, and what it has cost before may be above it (I11)."""
    found = cost([(START, tariff_of(first)), (of(10), tariff_of(second))], [Flow(START, 3600)], of(20), PLACE)
    assert (found.total.incl, found.kind) == (total, kind)
