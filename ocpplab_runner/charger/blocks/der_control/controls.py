"""Controls of the grid: which there are, which give way, and which is in force. OCPP 2.1 R04. Pure; time is given.

A default control holds whenever no scheduled one of its type does. Of two controls of one type and kind that could hold
at the same time the one with the lower number goes first (0 is the highest priority), and the other is superseded: it
is kept and reported, and never in force again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from ocpplab_runner.charger.core.json_values import moment_in, moment_out
from ocpplab_runner.charger.core.timestamps import later, moment

#: controlType → the field that holds it; every other type is a curve (R04.FR.16).
_FIELDS: Mapping[str, str] = {
    "EnterService": "enterService",
    "FixedPFAbsorb": "fixedPFAbsorb",
    "FixedPFInject": "fixedPFInject",
    "FixedVar": "fixedVar",
    "FreqDroop": "freqDroop",
    "Gradients": "gradient",
    "LimitMaxDischarge": "limitMaxDischarge",
}
_CURVE = "curve"
FIELDS = frozenset({*_FIELDS.values(), _CURVE})
#: Types that are only defaults (R04.FR.15).
ALWAYS = frozenset({"EnterService", "Gradients"})
_WATTS, _VARS, _NONE = ("PctMaxW", "PctWAvail"), ("PctMaxVar", "PctVarAvail"), ("Not_Applicable",)
#: What the y axis of a curve may be in (R04.FR.50 to .55); of the others, which trip, it is seconds.
_UNITS: Mapping[str, tuple[str, ...]] = {
    "FreqWatt": _WATTS,
    "VoltWatt": _WATTS,
    "VoltVar": _VARS,
    "WattVar": _VARS,
}
#: Controls of one type and kind that are kept; as many ids fit into the list of those that are superseded.
MOST = 24


@dataclass(frozen=True, slots=True)
class DerControl:
    """One control as it was set.

    Attributes:
        control_id, control_type, is_default: as sent.
        wire: the field that holds it.
        priority: 0 goes first.
        starts, ends: between which a scheduled one holds; None for at once, and for no end.
        superseded: whether another has taken its place.
        started: whether a scheduled one has begun.
        displaces: running controls that it will take the place of when it begins.
    """

    control_id: str
    control_type: str
    is_default: bool
    wire: Mapping[str, Any]
    priority: int
    starts: datetime | None = None
    ends: datetime | None = None
    superseded: bool = False
    started: bool = False
    displaces: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, payload: Mapping[str, Any], now: datetime) -> DerControl:
        """From a SetDERControlRequest that :func:`problem_of` has nothing against; a start that is left out is now."""
        control_type, is_default = payload["controlType"], payload["isDefault"]
        wire = payload[field_of(control_type)]
        starts = None if is_default else moment(wire["startTime"]) if "startTime" in wire else now
        lasts = wire.get("duration")
        ends = None if starts is None or lasts is None else later(starts, lasts)
        return cls(payload["controlId"], control_type, is_default, wire, int(wire["priority"]), starts, ends)

    def holds(self, now: datetime) -> bool:
        """Whether its time is now; a default one's always is."""
        return (self.starts is None or self.starts <= now) and (self.ends is None or now < self.ends)

    def rivals(self, other: DerControl) -> bool:
        """Whether both could hold at the same time, in the same role."""
        if (self.control_type, self.is_default) != (other.control_type, other.is_default):
            return False
        return _before(self.starts, other.ends) and _before(other.starts, self.ends)

    def as_data(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "control_id": self.control_id,
            "control_type": self.control_type,
            "is_default": self.is_default,
            "wire": self.wire,
            "priority": self.priority,
            "starts": moment_out(self.starts),
            "ends": moment_out(self.ends),
            "superseded": self.superseded,
            "started": self.started,
            "displaces": list(self.displaces),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> DerControl:
        """The opposite of :meth:`as_data`."""
        times = {"starts": moment_in(data["starts"]), "ends": moment_in(data["ends"])}
        return cls(**{**data, **times, "displaces": tuple(data["displaces"])})


@dataclass(frozen=True, slots=True)
class Turn:
    """A scheduled control has begun or ended.

    Attributes:
        control_id: which.
        started: whether it has begun.
        superseded: running ones that it has taken the place of.
    """

    control_id: str
    started: bool
    superseded: tuple[str, ...] = ()


def field_of(control_type: str) -> str:
    """The field of a SetDERControlRequest that holds a control of that type."""
    return _FIELDS.get(control_type, _CURVE)


def problem_of(payload: Mapping[str, Any], now: datetime) -> str | None:
    """What is wrong with a SetDERControlRequest that has passed the schema, as a sentence; None when nothing is."""
    control_type, is_default = payload["controlType"], payload["isDefault"]
    name = field_of(control_type)
    if [one for one in sorted(FIELDS) if one in payload] != [name]:  # R04.FR.17
        return f"{control_type} is told by {name}, and by nothing else"
    wire = payload[name]
    timed = "startTime" in wire or "duration" in wire
    if is_default and timed:  # R04.FR.13
        return "a default control has no startTime and no duration"
    if not is_default and control_type in ALWAYS:  # R04.FR.15
        return f"{control_type} is a default control only"
    curves = [(control_type, wire)] if name == _CURVE else []
    if "powerMonitoringMustTrip" in wire:  # R04.FR.56
        curves.append(("PowerMonitoringMustTrip", wire["powerMonitoringMustTrip"]))
    for kind, curve in curves:
        units = _UNITS.get(kind, _NONE)
        if curve["yUnit"] not in units:
            return f"the curve of {kind} is in {' or '.join(units)}"
    if is_default:
        return None
    if name == _CURVE and not ("startTime" in wire and "duration" in wire):
        return "a scheduled curve has a startTime and a duration"
    if wire.get("duration", 1) <= 0:
        return "a control must last"
    control = DerControl.of(payload, now)
    if control.ends is not None and control.ends <= now:
        return "its time is over"
    return None


class DerControls:
    """The controls that a station keeps, in the order in which they came."""

    __slots__ = ("_controls",)

    def __init__(self) -> None:
        self._controls: tuple[DerControl, ...] = ()

    def __iter__(self) -> Iterator[DerControl]:
        return iter(self._controls)

    def __len__(self) -> int:
        return len(self._controls)

    def find(
        self, is_default: bool | None = None, control_type: str | None = None, control_id: str | None = None
    ) -> list[DerControl]:
        """Those that meet everything that is given."""
        return [
            one
            for one in self._controls
            if is_default in (None, one.is_default)
            and control_type in (None, one.control_type)
            and control_id in (None, one.control_id)
        ]

    def put(self, control: DerControl, now: datetime) -> tuple[str, ...]:
        """Keep one; its id's earlier one goes.

        Returns:
            The ids that are superseded by that now: of others (R04.FR.03, .06), or its own where one goes before it
            (R04.FR.04, .08). What holds while it waits for its begin is told when it begins (R04.FR.07).
        """
        earlier = self.find(control_id=control.control_id)
        self._controls = tuple(one for one in self._controls if one not in earlier)
        rivals = [one for one in self._controls if not one.superseded and one.rivals(control)]
        if any(one.priority < control.priority for one in rivals):
            self._controls = (*self._controls, replace(control, superseded=True))
            return (control.control_id,)
        weaker = [one for one in rivals if one.priority > control.priority]
        waiting = tuple(one.control_id for one in weaker if not one.is_default and one.holds(now))
        for one in weaker:
            if one.control_id not in waiting:
                self._supersede(one.control_id)
        begun = any(one.started and not one.superseded for one in earlier) and control.holds(now)
        self._controls = (*self._controls, replace(control, displaces=waiting, started=begun and not waiting))
        begins_later = control.starts is not None and control.starts > now
        return tuple(one.control_id for one in weaker if not (begins_later and one.control_id in waiting))

    def clock_set(self, by: timedelta) -> None:
        """The clock stands elsewhere now; what has no startTime began when it was set, whatever the date is."""
        for one in self._controls:
            if one.starts is not None and "startTime" not in one.wire:
                starts = later(one.starts, by / timedelta(seconds=1))
                lasts = one.wire.get("duration")
                self._change(one.control_id, starts=starts, ends=None if lasts is None else later(starts, lasts))

    def clear(self, gone: list[DerControl]) -> None:
        """Forget these."""
        self._controls = tuple(one for one in self._controls if one not in gone)

    def turn(self, now: datetime) -> list[Turn]:
        """What has begun and ended by now; what is over is forgotten."""
        turns: list[Turn] = []
        for control in self._controls:
            if control.ends is not None and control.ends <= now:
                self.clear(self.find(control_id=control.control_id))
                if control.started and not control.superseded:
                    turns.append(Turn(control.control_id, False))
            elif control.started and not control.holds(now):  # the clock was set back
                self._change(control.control_id, started=False)
                if not control.superseded:
                    turns.append(Turn(control.control_id, False))
        for control in self._controls:
            if control.is_default or control.superseded or control.started or not control.holds(now):
                continue
            displaced = tuple(one for one in control.displaces if self.find(control_id=one))
            for one in displaced:
                self._supersede(one)
            self._change(control.control_id, started=True, displaces=())
            turns.append(Turn(control.control_id, True, displaced))
        return turns

    def next_turn(self, now: datetime) -> datetime | None:
        """When something begins or ends next; None for never."""
        # What is superseded never begins, but it is forgotten when its time is over.
        moments = [one.starts for one in self._controls if not one.superseded] + [one.ends for one in self._controls]
        return min((one for one in moments if one is not None and one > now), default=None)

    def in_force(self, control_type: str, now: datetime) -> DerControl | None:
        """The control of a type that holds now: a scheduled one before a default one (R04.FR.09 to .11)."""
        holding = [one for one in self.find(control_type=control_type) if not one.superseded and one.holds(now)]
        # Of two with the same priority the later one is in force.
        order = [(one.is_default, one.priority, -place) for place, one in enumerate(holding)]
        return holding[order.index(min(order))] if order else None

    def recall(self, controls: list[DerControl]) -> None:
        """What an earlier process had."""
        self._controls = tuple(controls)

    def _supersede(self, control_id: str) -> None:
        self._change(control_id, superseded=True)

    def _change(self, control_id: str, **fields: Any) -> None:
        self._controls = tuple(
            replace(one, **fields) if one.control_id == control_id else one for one in self._controls
        )


def _before(one: datetime | None, other: datetime | None) -> bool:
    return one is None or other is None or one < other
