"""How EVSEs share what the station as a whole may give."""

from __future__ import annotations

import pytest

from ocpplab_runner.charger.blocks.smart_charging.allowances import Place, allowances
from ocpplab_runner.charger.blocks.smart_charging.limits import Horizon, Supply
from ocpplab_runner.charger.blocks.smart_charging.profiles import Kind, Period, Profile, Purpose, Schedule
from tests.charger.smart_charging.profiles import START

#: What an EVSE of three phases can give in all.
MOST = 11_040


def limit(watts: float, evse_id: int = 0, least: float | None = None) -> Profile:
    """A limit of an EVSE, or of the station."""
    purpose = Purpose.TX_DEFAULT if evse_id else Purpose.STATION_MAX
    schedule = Schedule("W", (Period(0, watts),), START, min_rate=least)
    return Profile(evse_id, 0, purpose, Kind.ABSOLUTE, evse_id, schedule)


def given(*profiles: Profile, wants: tuple[float, ...]) -> list[float]:
    """What each EVSE may give, by what the EVs there would draw."""
    places = [
        Place(evse_id, Supply(230.0, 3, False), MOST / 3, watts / 3, "T", START)
        for evse_id, watts in enumerate(wants, 1)
    ]
    return [round(one.power_w, 6) for one in allowances(profiles, places, START, Horizon()).values()]


def test_what_is_shared_is_no_more_than_an_evse_can_give() -> None:
    """However much the station may."""
    assert given(limit(50_000), wants=(MOST, 0)) == [MOST, MOST]


def test_an_evse_without_an_ev_has_the_share_that_one_would_get() -> None:
    """It takes nothing from the others until one comes."""
    assert given(limit(10_000), wants=(MOST, 0)) == [10_000, 5000]


def test_what_an_evse_may_not_give_is_for_the_others() -> None:
    """By its own limit, whatever its EV would draw."""
    assert given(limit(10_000), limit(3000, 1), wants=(MOST, MOST)) == [3000, 7000]


@pytest.mark.parametrize("station", [[], [limit(10_000)]])
def test_a_limit_below_what_charging_is_worth_gives_nothing(station: list[Profile]) -> None:
    """minChargingRate; of what the station may give it has no share then."""
    first, second = given(*station, limit(1000, 1, least=2000), limit(9000, 2), wants=(MOST, MOST))
    assert (first, second) == (0, 9000)
