"""Which control of the grid is in force, without a station."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpplab_runner.charger.blocks.der_control.controls import DerControl, DerControls, Turn, problem_of
from ocpplab_runner.clock import timestamp

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def wire(control_id, priority, start=None, lasts=None, control_type="FixedVar"):
    """A SetDERControlRequest; a start is in minutes from now, and makes it a scheduled one."""
    field = {"priority": priority, "setpoint": 20, "unit": "PctMaxVar"}
    if start is not None:
        field["startTime"] = timestamp(NOW + timedelta(minutes=start))
    if lasts is not None:
        field["duration"] = lasts * 60
    return {"isDefault": start is None, "controlId": control_id, "controlType": control_type, "fixedVar": field}


def put(kept, *fields, at=0):
    now = NOW + timedelta(minutes=at)
    return kept.put(DerControl.of(wire(*fields), now), now)


def turns(kept, at):
    return kept.turn(NOW + timedelta(minutes=at))


def in_force(kept, at):
    found = kept.in_force("FixedVar", NOW + timedelta(minutes=at))
    return None if found is None else found.control_id


def test_a_scheduled_control_goes_before_a_default_one_while_it_lasts():
    """And is forgotten when it is over."""
    kept = DerControls()
    put(kept, "default", 0)
    put(kept, "scheduled", 9, 10, 10)
    assert [in_force(kept, at) for at in (0, 9, 20)] == ["default"] * 3
    assert [in_force(kept, at) for at in (10, 19)] == ["scheduled"] * 2
    assert kept.next_turn(NOW) == NOW + timedelta(minutes=10)
    assert turns(kept, 10) == [Turn("scheduled", True)]
    assert kept.next_turn(NOW + timedelta(minutes=10)) == NOW + timedelta(minutes=20)
    assert turns(kept, 20) == [Turn("scheduled", False)]
    assert [one.control_id for one in kept] == ["default"]
    assert kept.next_turn(NOW + timedelta(minutes=20)) is None


@pytest.mark.parametrize(
    ("first", "second", "superseded"),
    [
        (("a", 5), ("b", 3), ("a",)),
        (("a", 3), ("b", 5), ("b",)),
        (("a", 4), ("b", 4), ()),
        (("a", 5, 10, 20), ("b", 3, 15, 20), ("a",)),
        (("a", 3, 10, 20), ("b", 5, 15, 20), ("b",)),
        (("a", 5, 10, 20), ("b", 3, 30, 20), ()),
        (("a", 5, 10, 20), ("b", 3), ()),
        (("a", 5), ("a", 3), ()),
    ],
)
def test_who_gives_way(first, second, superseded):
    """Of two of one kind that could hold at the same time the one with the higher number; whoever came before."""
    kept = DerControls()
    assert put(kept, *first) == ()
    assert put(kept, *second) == superseded
    assert tuple(one.control_id for one in kept if one.superseded) == superseded


def test_other_types_do_not_give_way():
    """Nor does anything of another type."""
    kept = DerControls()
    put(kept, "a", 5)
    other = {**wire("b", 1), "controlType": "FixedPFAbsorb", "fixedPFAbsorb": {"priority": 1}}
    assert kept.put(DerControl.of(other, NOW), NOW) == ()


def test_what_holds_gives_way_only_when_the_other_begins():
    """And not at all where the other one is cleared before that."""
    kept = DerControls()
    put(kept, "running", 5, 0, 60)
    assert turns(kept, 0) == [Turn("running", True)]
    assert put(kept, "next", 1, 30, 10) == (), "it is told when the other one begins"
    assert in_force(kept, 29) == "running"
    assert turns(kept, 30) == [Turn("next", True, ("running",))]
    assert in_force(kept, 30) == "next"
    assert turns(kept, 40) == [Turn("next", False)]
    assert in_force(kept, 40) is None, "what was superseded is not taken up again"
    assert turns(kept, 60) == [], "its end is nobody's concern"
    assert len(kept) == 0

    put(kept, "running", 5, 0, 60)
    turns(kept, 0)
    put(kept, "next", 1, 30, 10)
    kept.clear(kept.find(control_id="next"))
    assert turns(kept, 30) == []
    assert in_force(kept, 30) == "running"


def test_what_has_ended_before_anybody_looked_was_never_there():
    """As while the station had no power; one that lasts has begun."""
    kept = DerControls()
    put(kept, "short", 1, 10, 10)
    put(kept, "long", 1, 30, None)
    assert turns(kept, 40) == [Turn("long", True)]
    assert [one.control_id for one in kept] == ["long"]


def test_another_one_for_a_running_id_goes_on():
    """It is not told again that it has begun."""
    kept = DerControls()
    put(kept, "one", 5, 0, 60)
    turns(kept, 0)
    put(kept, "one", 4, 0, 90, at=10)
    assert turns(kept, 10) == []
    assert turns(kept, 90) == [Turn("one", False)]


def test_what_takes_the_place_at_once_is_told_at_once():
    """The answer says it, and so does what begins."""
    kept = DerControls()
    put(kept, "running", 5, 0, 60)
    turns(kept, 0)
    assert put(kept, "next", 1, 10, 10, at=10) == ("running",)
    assert turns(kept, 10) == [Turn("next", True, ("running",))]


def test_a_clock_that_is_set_back():
    """What has a startTime waits for it again; what was set without one has begun all the same."""
    kept = DerControls()
    put(kept, "dated", 5, 30, 60)
    field = {"priority": 5, "excitation": True, "displacement": 0.9, "duration": 3600}
    undated = {"isDefault": False, "controlId": "undated", "controlType": "FixedPFInject", "fixedPFInject": field}
    now = NOW + timedelta(minutes=30)
    kept.put(DerControl.of(undated, now), now)
    assert turns(kept, 30) == [Turn("dated", True), Turn("undated", True)]
    kept.clock_set(timedelta(minutes=-20))
    assert turns(kept, 10) == [Turn("dated", False)]
    assert turns(kept, 30) == [Turn("dated", True)]
    assert turns(kept, 70) == [Turn("undated", False)]


def test_as_data_and_back():
    """Nothing is lost."""
    kept = DerControls()
    put(kept, "running", 5, 0, 60)
    turns(kept, 0)
    put(kept, "next", 1, 30, 10)
    put(kept, "default", 1)
    again = DerControls()
    again.recall([DerControl.from_data(one.as_data()) for one in kept])
    assert list(again) == list(kept)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 60), st.integers(1, 60)), max_size=10))
def test_whoever_is_in_force_has_no_weightier_rival(sets):
    """However they are set: none that holds, and is not superseded, has a lower number."""
    kept = DerControls()
    for number, priority, start, lasts in sets:
        put(kept, str(number), priority, start, lasts)
    for at in range(0, 121, 7):
        turns(kept, at)
        now = NOW + timedelta(minutes=at)
        found = kept.in_force("FixedVar", now)
        holding = [one for one in kept if one.holds(now) and not one.superseded]
        assert (found is None) is (holding == [])
        assert found is None or found.priority == min(one.priority for one in holding)


CURVE = {"priority": 0, "yUnit": "PctMaxW", "curveData": [{"x": 1, "y": 2}]}
NOW_TO = {"startTime": timestamp(NOW), "duration": 60}
TRIP = "powerMonitoringMustTrip"


@pytest.mark.parametrize(
    ("role", "control_type", "fields", "problem"),
    [
        ("default", "FreqWatt", {"curve": CURVE}, None),
        ("default", "VoltVar", {"curve": CURVE}, "the curve of VoltVar is in PctMaxVar or PctVarAvail"),
        ("default", "HFMustTrip", {"curve": CURVE}, "the curve of HFMustTrip is in Not_Applicable"),
        ("default", "FreqWatt", {"gradient": {}}, "FreqWatt is told by curve, and by nothing else"),
        ("default", "FreqWatt", {"curve": CURVE, "gradient": {}}, "FreqWatt is told by curve, and by nothing else"),
        ("default", "FreqWatt", {"curve": CURVE | NOW_TO}, "a default control has no startTime and no duration"),
        ("scheduled", "FreqWatt", {"curve": CURVE | NOW_TO}, None),
        ("scheduled", "FreqWatt", {"curve": CURVE}, "a scheduled curve has a startTime and a duration"),
        ("scheduled", "FreqWatt", {"curve": CURVE | NOW_TO | {"duration": 0}}, "a control must last"),
        ("scheduled", "FreqWatt", {"curve": CURVE | NOW_TO | {"duration": 1e30}}, None),
        ("scheduled", "EnterService", {"enterService": {}}, "EnterService is a default control only"),
        ("scheduled", "LimitMaxDischarge", {"limitMaxDischarge": {"priority": 1}}, None),
        (
            "default",
            "LimitMaxDischarge",
            {"limitMaxDischarge": {TRIP: CURVE}},
            "the curve of PowerMonitoringMustTrip is in Not_Applicable",
        ),
    ],
)
def test_what_cannot_be(role, control_type, fields, problem):
    """R04.FR.13 to .17 and .50 to .56."""
    payload = {"controlId": "one", "isDefault": role == "default", "controlType": control_type, **fields}
    assert problem_of(payload, NOW) == problem
