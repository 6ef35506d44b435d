"""What a CSMS or a proxy sees, as events: frames, the facts that they show, violations, connections."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, Literal

from ocpplab_runner import clock
from ocpplab_runner.engine.interpreter import Interpreter
from ocpplab_runner.engine.recording.observations import frame_observation, violation_observation
from ocpplab_runner.ocppj.records import FrameRecord, PeerViolation
from ocpplab_runner.plugin.events import Event, Observation
from ocpplab_runner.redaction.redactor import Redactor
from ocpplab_runner.vocabulary.versions import OcppVersion

Listener = Callable[[Event], None]
#: The times of so many frames of a station are known, for the facts that they will show.
_MOST_FRAMES = 1024
#: What a frame is: never a secret.
_FRAME_PARTS = frozenset({"type", "direction"})


class _Station:
    """What is read of one station's frames."""

    def __init__(self, version: OcppVersion) -> None:
        self.version = version
        self.interpreter = Interpreter(version)
        self.times: dict[int, float] = {}


class Watch:
    """Observes stations and tells everybody; keeps next to nothing.

    Args:
        version_of: the OCPP version that a station speaks on its present connection.
        evidence: what saw it, as events name it.
    """

    def __init__(self, version_of: Callable[[str], OcppVersion], evidence: str = "csms") -> None:
        self._version_of = version_of
        self._evidence = evidence
        self._stations: dict[str, _Station] = {}
        self._numbers = count()
        self._listeners: tuple[Listener, ...] = ()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Tell ``listener`` every event from the next one on; the result ends that."""
        self._listeners = (*self._listeners, listener)

        def unsubscribe() -> None:
            self._listeners = tuple(one for one in self._listeners if one is not listener)

        return unsubscribe

    def frame(self, identity: str, record: FrameRecord) -> None:
        """A text was sent or received: it, then what it shows."""
        event = self._tell(frame_observation(identity, record))
        station = self._stations.get(identity)
        if station is None:
            return
        station.times[event.seq] = event.at
        if len(station.times) > _MOST_FRAMES:
            del station.times[next(iter(station.times))]
        for cause, name, fields in station.interpreter.read(event.name, event.fields, event.seq):
            at = station.times.get(cause, event.at)
            self._tell(Observation("fact", name, identity, at, fields), cause=cause)
        # A CSMS of ours has told what it minds, and a proxy has not seen all that a transaction was before it.
        station.interpreter.contradictions.clear()

    def violation(self, identity: str, violation: PeerViolation, by: Literal["charger", "csms"] = "charger") -> None:
        """A station, or its CSMS, broke the protocol."""
        self._tell(violation_observation(identity, by, violation))

    def fact(self, identity: str, name: str, fields: Mapping[str, Any]) -> None:
        """A connection has opened or closed."""
        if name == "connection" and fields.get("is") == "opened":
            version = self._version_of(identity)
            if identity not in self._stations or self._stations[identity].version is not version:
                self._stations[identity] = _Station(version)
            fields = {**fields, "ocpp": version.value}
        elif name == "connection" and identity in self._stations:
            self._stations[identity].interpreter.disconnected()
        self._tell(Observation("fact", name, identity, clock.now(), dict(fields)))

    def note(self, identity: str, text: str) -> None:
        """Something a reader wants."""
        self._tell(Observation("note", text, identity, clock.now()))

    def tell(self, observation: Observation) -> None:
        """Anything else that was observed of a station."""
        self._tell(observation)

    def _tell(self, observation: Observation, cause: int | None = None) -> Event:
        event = Event(
            next(self._numbers),
            observation.kind,
            observation.name,
            observation.charger,
            observation.at,
            max(observation.at, clock.now()),
            observation.fields,
            observation.source,
            self._evidence,
            cause,
        )
        for listener in self._listeners:
            listener(event)
        return event


def redacted(event: Event, redactor: Redactor) -> Event:
    """An event without secrets; the very same when there are none in it."""
    fields = redactor.redact_ours(event.fields, _FRAME_PARTS if event.kind == "frame" else frozenset())
    name = redactor.redact_text(event.name) if event.kind in ("frame", "note") else event.name
    if fields is event.fields and name == event.name:
        return event
    return Event(
        event.seq,
        event.kind,
        name,
        event.charger,
        event.at,
        event.arrived,
        fields,
        event.source,
        event.evidence,
        event.cause,
    )
