"""What the CSMS counts from what a station tells."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from ocpplab_runner.csms.core.central_cost import moment, registers, total_cost
from ocpplab_runner.csms.core.tariffs import tariff_type
from ocpplab_runner.tariffs.tariff import tariff_of

START = datetime(2026, 1, 1, tzinfo=UTC)
TARIFF = tariff_of(tariff_type({"energy": 1, "idle_time": 2, "fixed_fee": 10, "tax": 50}, "T"))


def of(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("told", "now", "net"),
    [
        ([(0, 0), (60, 5000)], 60, 10 + 5),
        ([(60, 5000), (0, 0), (60, 5000)], 60, 10 + 5),
        ([(0, 100), (30, 100), (60, 5100)], 60, 10 + 5 + 2 * 30),
        ([(0, 0), (60, 5000)], 70, 10 + 5 + 2 * 10),
        ([(5, 0), (60, 5000)], 60, 10 + 5 + 2 * 5),
        ([(0, 0)], 10, 10 + 2 * 10),
    ],
)
def test_energy_between_registers_and_time_without(told, now, net):
    """In whatever order, and however often, they were told."""
    known = [(of(minutes), Fraction(wh)) for minutes, wh in told]
    assert total_cost(TARIFF, START, known, of(now)) == pytest.approx(net * 1.5)


def test_without_a_register_nothing_is_said():
    """An amount would be made up."""
    assert total_cost(TARIFF, START, [], of(60)) is None


def test_registers_of_an_event():
    """Energy of all phases together, in whatever unit."""
    event = {
        "meterValue": [
            {
                "timestamp": "2026-01-01T00:00:00Z",
                "sampledValue": [
                    {"value": 5},
                    {"value": 7, "measurand": "Energy.Active.Import.Register", "phase": "L1"},
                    {"value": 9, "measurand": "Power.Active.Import"},
                ],
            },
            {"timestamp": "2026-01-01T00:01:00", "sampledValue": [{"value": 1.5, "unitOfMeasure": {"unit": "kWh"}}]},
            {
                "timestamp": "2026-01-01T00:02:00+00:00",
                "sampledValue": [{"value": 3, "unitOfMeasure": {"unit": "Wh", "multiplier": 2}}],
            },
        ]
    }
    assert list(registers(event)) == [(of(0), 5), (of(1), 1500), (of(2), 300)]
    assert moment("2026-01-01T00:00:00") == START
