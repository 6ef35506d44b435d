"""What the CSMS offers an EV, and whether the EV keeps to it (OCPP 2.x K15)."""

from __future__ import annotations

import pytest

from ocpplab_runner.csms.core.ev_schedules import is_within, profile_for


def schedule(*periods, unit="A"):
    return {
        "chargingRateUnit": unit,
        "chargingSchedulePeriod": [{"startPeriod": at, "limit": limit} for at, limit in periods],
    }


@pytest.mark.parametrize(
    ("wanted", "offered", "within"),
    [
        (schedule((0, 10)), schedule((0, 10)), True),
        (schedule((0, 11)), schedule((0, 10)), False),
        (schedule((0, 8), (60, 12)), schedule((0, 10)), False),
        (schedule((0, 8), (60, 12)), schedule((0, 10), (60, 12)), True),
        (schedule((0, 8)), schedule((0, 10), (60, 6)), False),
        (schedule((0, 8), (60, 6)), schedule((0, 10), (60, 6)), True),
        (schedule((0, 9000), unit="W"), schedule((0, 10)), True),
    ],
)
def test_within(wanted, offered, within):
    """At every moment; what is in another unit is not held against it."""
    assert is_within(wanted, offered) is within


@pytest.mark.parametrize(
    ("needs", "fields"),
    [
        (
            {"requestedEnergyTransfer": "AC_single_phase", "acChargingParameters": {"evMaxCurrent": 20}},
            {"limit": 20, "unit": "A", "phases": 1},
        ),
        (
            {"requestedEnergyTransfer": "AC_three_phase", "acChargingParameters": {"evMaxCurrent": 16}},
            {"limit": 16, "unit": "A", "phases": 3},
        ),
        (
            {"requestedEnergyTransfer": "DC", "dcChargingParameters": {"evMaxCurrent": 100, "evMaxVoltage": 400}},
            {"limit": 40_000, "unit": "W"},
        ),
        (
            {
                "requestedEnergyTransfer": "DC",
                "dcChargingParameters": {"evMaxCurrent": 100, "evMaxVoltage": 400, "evMaxPower": 30_000},
            },
            {"limit": 30_000, "unit": "W"},
        ),
        ({"requestedEnergyTransfer": "WPT"}, {"limit": 16, "unit": "A"}),
        (
            {"requestedEnergyTransfer": "WPT", "controlMode": "DynamicControl"},
            {"limit": 16, "unit": "A", "kind": "Dynamic"},
        ),
        ({"requestedEnergyTransfer": "WPT", "controlMode": "ScheduledControl"}, {"limit": 16, "unit": "A"}),
    ],
)
def test_all_that_an_ev_can_take(needs, fields):
    """By what it says of itself."""
    assert profile_for(needs) == fields
