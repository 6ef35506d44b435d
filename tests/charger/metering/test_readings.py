"""Measurands: which there are, and what they show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpplab_runner.charger.blocks.metering.readings import MeterState, is_measurand, measurands, read
from ocpplab_runner.clock import VIRTUAL_EPOCH
from ocpplab_runner.vocabulary.versions import OcppVersion

METER = MeterState(1234, 56.7, 6900.0, 11000.0, 230.0, (1, 2, 3), 3)


@pytest.mark.parametrize(
    ("name", "phases", "there"),
    [
        ("Energy.Active.Import.Register", 1, True),
        ("Voltage", 1, True),
        ("Voltage.L1", 1, True),
        ("Voltage.L2", 1, False),
        ("Current.Import.L3", 3, True),
        ("Frequency.L1", 3, False),
        ("Power.Active.Import.L2", 3, True),
        ("Temperature", 3, True),
        ("RPM", 1, True),
        ("SoC", 1, True),
        ("SoC.L1", 1, False),
        ("Energy.Apparent.Import", 3, False),
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


#: OCPP 1.6 section 7.31.
_OF_16 = {
    *(f"Current.{way}" for way in ("Export", "Import", "Offered")),
    *(f"Power.{kind}" for kind in ("Active.Export", "Active.Import", "Reactive.Export", "Reactive.Import")),
    *("Power.Factor", "Power.Offered", "Frequency", "RPM", "SoC", "Temperature", "Voltage"),
    *(
        f"Energy.{kind}.{way}.{how}"
        for kind in ("Active", "Reactive")
        for way in ("Export", "Import")
        for how in ("Interval", "Register")
    ),
}


@pytest.mark.parametrize("version", OcppVersion)
def test_every_measurand_is_read(version):
    """Each measurand of a version has a value, with a unit unless it has no dimension; a car that tells has its SoC."""
    meter = MeterState(1234, 56.7, 6900.0, 11000.0, 230.0, (1, 2, 3), 3, 0.5, 42.0)
    known = measurands(version)
    assert known >= (_OF_16 - {"RPM", "Temperature"} if version is not OcppVersion.V16 else _OF_16)
    for name in known:
        reading = read([name], meter, VIRTUAL_EPOCH, "Trigger")
        assert {value.measurand for value in reading.values} == {name}
        assert all(bool(value.unit) is (name != "Power.Factor") for value in reading.values)


def test_where_and_how_much():
    """What is measured elsewhere than at the outlet says so; what is exported, or reactive, is nothing."""
    meter = MeterState(1234, 56.7, 5500.0, 11000.0, 230.0, (1, 2, 3), 1, 0.5, 42.0)
    names = ["SoC", "Temperature", "RPM", "Current.Export", "Power.Reactive.Import", "Current.Offered"]
    names += ["Power.Active.Import.L1", "Power.Active.Import.L2"]
    reading = read(names, meter, VIRTUAL_EPOCH, "Trigger")
    assert [(v.measurand, v.value, v.phase, v.location) for v in reading.values] == [
        ("SoC", 42.0, None, "EV"),
        ("Temperature", 30.0, None, "Body"),
        ("RPM", 1500.0, None, "Body"),
        ("Current.Export", 0.0, "L1", None),
        ("Current.Export", 0.0, "L2", None),
        ("Current.Export", 0.0, "L3", None),
        ("Power.Reactive.Import", 0.0, None, None),
        ("Current.Offered", 47.826, None, None),
        ("Power.Active.Import", 5500.0, "L1", None),
        ("Power.Active.Import", 0.0, "L2", None),
    ]
    assert read(["SoC"], METER, VIRTUAL_EPOCH, "Trigger") is None


@given(st.floats(0, 1e6), st.sampled_from([1, 3]), st.integers(1, 3), st.floats(1, 1000))
def test_currents_and_voltages_make_the_power(power, phases, used, voltage):
    """The sum of current times voltage over the phases is the power."""
    meter = MeterState(0, 0.0, power, power, voltage, tuple(range(1, phases + 1)), min(used, phases))
    reading = read(sorted(measurands(OcppVersion.V16)), meter, VIRTUAL_EPOCH, "Trigger")
    currents = [v.value for v in reading.values if v.measurand == "Current.Import"]
    assert len(currents) == phases
    assert abs(sum(currents) * voltage - power) <= phases * voltage * 0.001
