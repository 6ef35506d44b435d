"""The energy meter."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpplab_runner.charger.core.energy import EnergyMeter

POWER = st.integers(min_value=0, max_value=350_000)
SECONDS = st.floats(min_value=0, max_value=90_000, allow_nan=False)


def test_an_hour_at_eleven_kilowatts_is_eleven_kilowatt_hours() -> None:
    """Power times time is energy, to the Wh."""
    meter = EnergyMeter()
    meter.set_power(11_000, 100.0)
    assert meter.register_wh(3700.0) == 11_000


def test_no_power_no_energy() -> None:
    """The register stands still while nothing flows, and starts where it was told to."""
    meter = EnergyMeter(start_wh=1234)
    assert meter.register_wh(1e6) == 1234


def test_a_register_is_never_rounded_up() -> None:
    """The shown register counts only whole Wh."""
    meter = EnergyMeter()
    meter.set_power(3600, 0)
    assert [meter.register_wh(t) for t in (0.999, 1.0, 1.999)] == [0, 1, 1]


def test_impossible_values_are_refused() -> None:
    """A negative register makes no meter."""
    for build in (lambda: EnergyMeter(start_wh=-1), lambda: EnergyMeter(exported_wh=-1)):
        with pytest.raises(ValueError):
            build()


def test_what_is_given_back_has_a_register_of_its_own() -> None:
    """Neither register ever falls, whichever way the power goes."""
    meter = EnergyMeter(start_wh=5, exported_wh=7)
    meter.set_power(-3600, 0)
    assert (meter.register_wh(10), meter.export_register_wh(10), meter.power_w) == (5, 17, -3600)
    assert meter.seconds_until_exported(27, 10) == pytest.approx(10)
    assert meter.seconds_until(6, 10) is None
    meter.set_power(3600, 20)
    assert (meter.register_wh(25), meter.export_register_wh(25)) == (10, 27)
    assert meter.seconds_until_exported(28, 25) is None


def test_without_power_a_target_is_never_reached() -> None:
    """A target above the register needs power; one that is reached needs no time."""
    meter = EnergyMeter(start_wh=10)
    assert meter.seconds_until(11, 0) is None
    assert meter.seconds_until(10, 0) == 0


@settings(deadline=None)
@given(st.lists(st.tuples(POWER, SECONDS), max_size=20), st.lists(SECONDS, max_size=20))
def test_reading_changes_nothing(profile: list[tuple[int, float]], looks: list[float]) -> None:
    """However often and whenever the register is read, it ends at the same value, and it never falls."""
    changes, now = [], 0.0
    for power, seconds in profile:
        changes.append((now, power))
        now += seconds
    read, unread = EnergyMeter(), EnergyMeter()
    seen = []
    for moment, power in sorted([*changes, *((look, None) for look in looks)], key=lambda pair: pair[0]):
        if power is None:
            seen.append(read.energy_wh(moment))
        else:
            read.set_power(power, moment)
            seen.append(read.energy_wh(moment))
            unread.set_power(power, moment)
    end = max(now, *looks) if looks else now
    assert read.energy_wh(end) == unread.energy_wh(end)
    assert seen == sorted(seen)


@settings(deadline=None)
@given(POWER, POWER, SECONDS, SECONDS)
def test_energy_adds_up(first: int, second: int, one: float, two: float) -> None:
    """The energy of two spans is the sum of their energies."""
    meter = EnergyMeter()
    meter.set_power(first, 0)
    middle = meter.energy_wh(one)
    meter.set_power(second, one)
    total = meter.energy_wh(one + two)
    assert middle == pytest.approx(first * one / 3600, abs=1e-3)
    assert total == pytest.approx((first * one + second * two) / 3600, abs=1e-3)


@settings(deadline=None)
@given(st.integers(min_value=1, max_value=350_000), st.floats(min_value=0, max_value=1e5), SECONDS)
def test_a_target_is_reached_when_it_was_promised(power: int, target: float, now: float) -> None:
    """At the promised moment the register has reached the target, and not much more."""
    meter = EnergyMeter(now=now)
    meter.set_power(power, now)
    seconds = meter.seconds_until(target, now)
    assert seconds is not None
    reached = meter.energy_wh(now + seconds)
    assert target - 1e-6 <= reached <= target + power * 3e-6 / 3600 + 1e-6


def test_a_clock_that_steps_back_lowers_nothing() -> None:
    """The register is monotone even when it is asked about the past."""
    meter = EnergyMeter()
    meter.set_power(3600, 0)
    assert meter.register_wh(100) == 100
    assert meter.register_wh(50) == 100
    assert meter.register_wh(101) == 101
