"""How a period of OCPP 2.1 has an EV charge, without a station."""

from __future__ import annotations

import json
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpplab_runner.charger.blocks.smart_charging.operation import (
    MODES,
    Mode,
    Operation,
    Surroundings,
    problem_of_period,
    setpoint_of,
)

CURVE = {"v2xBaseline": 100, "v2xFreqWattCurve": [{"frequency": 49, "power": -1000}, {"frequency": 51, "power": 3000}]}
SIGNALS = {"v2xSignalWattCurve": [{"signal": 0, "power": 0}, {"signal": 10, "power": 500}]}
BEYOND = "the setpoint is not within its limits"
POINT = {"frequency": 50, "power": 1}


@pytest.mark.parametrize(
    ("period", "problem"),
    [
        ({"limit": 5}, None),
        ({"operationMode": "ChargingOnly", "limit": 5}, None),
        ({}, "ChargingOnly has limit"),
        ({"limit": 5, "dischargeLimit": -5}, "ChargingOnly has limit"),
        ({"limit": 5, "setpoint_L2": 1}, "this station does not follow setpoint_L2"),
        ({"limit": 5, "evseSleep": True}, "ChargingOnly has no evseSleep"),
        ({"limit": 5, **CURVE}, "ChargingOnly has no v2xBaseline and no v2xFreqWattCurve"),
        ({"operationMode": "Idle"}, None),
        ({"operationMode": "Idle", "evseSleep": True, "preconditioningRequest": True}, None),
        ({"operationMode": "Idle", "limit": 0}, "Idle has no limit and no setpoint"),
        ({"operationMode": "CentralSetpoint", "setpoint": -5}, None),
        ({"operationMode": "CentralSetpoint", "setpoint": -5, "limit": 1, "dischargeLimit": -5}, None),
        ({"operationMode": "CentralSetpoint", "setpoint": -5, "dischargeLimit": -4}, BEYOND),
        ({"operationMode": "CentralSetpoint", "setpoint": 5, "limit": 4}, BEYOND),
        ({"operationMode": "CentralSetpoint", "limit": 4}, "CentralSetpoint has setpoint"),
        ({"limit": 5, "setpointReactive": 1}, "this station does not follow setpointReactive"),
        ({"operationMode": "CentralFrequency", "setpoint": 1}, "CentralFrequency is of a dynamic profile"),
        ({"operationMode": "ExternalSetpoint"}, None),
        ({"operationMode": "ExternalSetpoint", "setpoint": 1}, "ExternalSetpoint has no limit and no setpoint"),
        ({"operationMode": "ExternalLimits"}, None),
        ({"operationMode": "ExternalLimits", "limit": 1}, "ExternalLimits has no limit and no setpoint"),
        ({"operationMode": "LocalLoadBalancing"}, None),
        ({"operationMode": "LocalFrequency", **CURVE}, None),
        ({"operationMode": "LocalFrequency", **CURVE, **SIGNALS}, None),
        ({"operationMode": "LocalFrequency", **CURVE, "limit": 1}, "LocalFrequency has no limit and no setpoint"),
        (
            {"operationMode": "LocalFrequency", "v2xBaseline": 0, "v2xFreqWattCurve": [POINT]},
            "LocalFrequency has a v2xBaseline, and two points of v2xFreqWattCurve or more",
        ),
        (
            {"operationMode": "LocalFrequency", "v2xBaseline": 0, "v2xFreqWattCurve": [POINT, POINT]},
            "the points of a curve go from left to right",
        ),
        (
            {"operationMode": "LocalFrequency", **CURVE, "v2xSignalWattCurve": [{"signal": 0, "power": 0}]},
            "v2xSignalWattCurve has two points or more",
        ),
    ],
)
def test_what_a_period_has(period, problem):
    """As its mode asks for, and nothing else."""
    assert problem_of_period(period, "TxDefaultProfile", "Relative", "W") == problem


@pytest.mark.parametrize(
    ("purpose", "modes"),
    [
        ("TxProfile", set(MODES)),
        ("TxDefaultProfile", set(MODES)),
        ("PriorityCharging", {"ChargingOnly"}),
        ("ChargingStationMaxProfile", {"ChargingOnly"}),
        ("LocalGeneration", {"ChargingOnly", "ExternalLimits"}),
    ],
)
def test_whose_profiles_have_which_modes(purpose, modes):
    """K01, table 95."""
    needs = {"CentralSetpoint": {"setpoint": 0}, "CentralFrequency": {"setpoint": 0}, "ChargingOnly": {"limit": 1}}
    wire = {mode: {"operationMode": mode, **needs.get(mode, {})} for mode in MODES} | {
        "LocalFrequency": {"operationMode": "LocalFrequency", **CURVE}
    }
    found = {mode for mode in MODES if problem_of_period(wire[mode], purpose, "Dynamic", "W") is None}
    assert found == modes


def test_frequency_is_in_watts():
    """Curves are in W, and so is the schedule (Q08)."""
    period = {"operationMode": "LocalFrequency", **CURVE}
    assert problem_of_period(period, "TxProfile", "Relative", "A") == "LocalFrequency is in W"


HOUSE = {"least_w": (-1000.0, -800.0), "most_w": (4000.0, 3500.0)}


@pytest.mark.parametrize(
    ("operation", "around", "external", "expected"),
    [
        (Operation(Mode.IDLE), {}, -500.0, 0.0),
        (Operation(Mode.EXTERNAL_LIMITS), {}, None, None),
        (Operation(Mode.EXTERNAL_SETPOINT), {}, None, 0.0),
        (Operation(Mode.EXTERNAL_SETPOINT), {}, -500.0, -500.0),
        (Operation(Mode.CENTRAL_SETPOINT, -2.0), {}, -500.0, -460.0),
        (Operation(Mode.LOCAL_LOAD_BALANCING), {"load_w": 4000.0, **HOUSE}, None, 0.0),
        (Operation(Mode.LOCAL_LOAD_BALANCING), {"load_w": 5000.0, **HOUSE}, None, -1500.0),
        (Operation(Mode.LOCAL_LOAD_BALANCING), {"load_w": -1000.0, **HOUSE}, None, 0.0),
        (Operation(Mode.LOCAL_LOAD_BALANCING), {"load_w": -3000.0, **HOUSE}, None, 2200.0),
    ],
)
def test_what_is_to_flow(operation, around, external, expected):
    """By who says it: the CSMS, somebody else, or the house."""
    assert setpoint_of(operation, 230.0, Surroundings(**around), external) == expected


@pytest.mark.parametrize(
    ("frequency", "signal", "expected"),
    [(48.0, None, -900), (49.0, None, -900), (50.0, None, 1100), (51.5, None, 3100), (50.0, 5, 1350), (50.0, 99, 1600)],
)
def test_a_curve_is_lines_between_its_points(frequency, signal, expected):
    """On top of the baseline, and flat beyond its ends."""
    operation = Operation.of({"operationMode": "LocalFrequency", **CURVE, **SIGNALS})
    assert setpoint_of(operation, 1.0, Surroundings(frequency, signal=signal), None) == expected


@given(
    st.floats(40, 60), st.lists(st.tuples(st.integers(4500, 5500), st.integers(-9000, 9000)), min_size=2, max_size=20)
)
def test_a_curve_stays_between_its_points(frequency, points):
    """Never beyond the highest and the lowest."""
    curve = tuple((hertz / 100, watts) for hertz, watts in sorted(dict(points).items()))
    value = setpoint_of(Operation(Mode.LOCAL_FREQUENCY, by_frequency=curve), 1.0, Surroundings(frequency), None)
    assert min(watts for _, watts in curve) - 1e-6 <= value <= max(watts for _, watts in curve) + 1e-6


def test_as_data_and_back():
    """Nothing is lost on the way through JSON."""
    wire = {"operationMode": "LocalFrequency", **CURVE, **SIGNALS}
    for operation in (Operation.of(wire), Operation(Mode.IDLE, sleeps=True), Operation(Mode.CENTRAL_SETPOINT, -5, -9)):
        assert Operation.from_data(json.loads(json.dumps(operation.as_data()))) == operation
    assert Operation.of({"limit": 5}) is None
    assert Surroundings().most_w == (inf, inf)
