"""From what sessions, chargers and the CSMS report to the observations of a run's ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.engine.recording.observations import frame_observation, violation_observation
from ocpplab_runner.ocppj.records import FrameRecord, PeerViolation
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.plugin.stage import Recorder


class ChargerEnd:
    """Observes a simulated charger: its frames, what it says from inside, and the violations of its CSMS.

    Args:
        name: the scenario's name of the charger.
        record: where observations go.
    """

    def __init__(self, name: str, record: Recorder) -> None:
        self._name = name
        self._record = record

    def frame(self, record: FrameRecord) -> None:
        """A text was sent or received."""
        self._record(frame_observation(self._name, record))

    def violation(self, violation: PeerViolation) -> None:
        """The CSMS broke the protocol."""
        self._record(violation_observation(self._name, "csms", violation))

    def fact(self, name: str, fields: Mapping[str, Any]) -> None:
        """Something that no frame shows."""
        self._record(Observation("fact", name, self._name, clock.now(), dict(fields), source="inside"))

    def note(self, text: str) -> None:
        """Something a reader of the trace wants."""
        self._record(Observation("note", text, self._name, clock.now()))


class CsmsEnd:
    """Observes the built-in CSMS: the violations of the chargers, and where they are not ours, their frames too.

    Args:
        names: OCPP identity → the scenario's name of the charger.
        record: where observations go.
        frames: whether frames and connections are seen at this end alone; those of our chargers are seen at theirs.
    """

    def __init__(self, names: Mapping[str, str], record: Recorder, *, frames: bool = False) -> None:
        self._names = names
        self._record = record
        self._frames = frames

    def frame(self, identity: str, record: FrameRecord) -> None:
        """A text was sent or received."""
        if self._frames:
            self._record(frame_observation(self._names.get(identity, identity), record))

    def violation(self, identity: str, violation: PeerViolation) -> None:
        """A charger broke the protocol."""
        self._record(violation_observation(self._names.get(identity, identity), "charger", violation))

    def fact(self, identity: str, name: str, fields: Mapping[str, Any]) -> None:
        """A connection has opened or closed."""
        if self._frames:
            name_of = self._names.get(identity, identity)
            self._record(Observation("fact", name, name_of, clock.now(), dict(fields), source="wire"))

    def note(self, identity: str, text: str) -> None:
        """Something a reader of the trace wants."""
        self._record(Observation("note", f"CSMS: {text}", self._names.get(identity, identity), clock.now()))
