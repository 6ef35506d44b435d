"""Measurands: which there are, and what they show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpplab_runner.charger.blocks.metering.readings import MEASURANDS, MeterState, is_measurand, read
from ocpplab_runner.clock import VIRTUAL_EPOCH

METER = MeterState(1234, 56.7, 6900.0, 11000.0, 230.0, 3)


@pytest.mark.parametrize(
    ("name", "phases", "there"),
    [
        ("Energy.Active.Import.Register", 1, True),
        ("Voltage", 1, True),
        ("Voltage.L1", 1, True),
        ("Voltage.L2", 1, False),
        ("Current.Import.L3", 3, True),
        ("Frequency.L1", 3, False),
        ("Happiness", 3, False),
        ("", 3, False),
        ("voltage", 3, False),
    ],
)
def test_is_measurand(name, phases, there):
    """A name is OCPP's own, with a phase where it has phases."""
    assert is_measurand(name, phases) is there


def test_a_reading_has_what_was_asked_for_in_that_order():
    """Values come in the order of their names, per phase where there are phases."""
    reading = read(["Voltage", "Energy.Active.Import.Register", "Current.Import.L2"], METER, VIRTUAL_EPOCH, "Trigger")
    assert [(v.measurand, v.phase, v.value, v.unit) for v in reading.values] == [
        ("Voltage", "L1-N", 230.0, "V"),
        ("Voltage", "L2-N", 230.0, "V"),
        ("Voltage", "L3-N", 230.0, "V"),
        ("Energy.Active.Import.Register", None, 1234, "Wh"),
        ("Current.Import", "L2", 10.0, "A"),
    ]
    assert reading.context == "Trigger"


def test_no_names_no_reading():
    """Nothing asked for is nothing read."""
    assert read([], METER, VIRTUAL_EPOCH, "Trigger") is None


@given(st.floats(0, 1e6), st.sampled_from([1, 3]), st.floats(1, 1000))
def test_currents_and_voltages_make_the_power(power, phases, voltage):
    """The sum of current times voltage over the phases is the power."""
    meter = MeterState(0, 0.0, power, power, voltage, phases)
    reading = read(sorted(MEASURANDS), meter, VIRTUAL_EPOCH, "Trigger")
    currents = [v.value for v in reading.values if v.measurand == "Current.Import"]
    assert len(currents) == phases
    assert abs(sum(currents) * voltage - power) <= phases * voltage * 0.001
