"""The run's one ledger: everything observable, in the order of its arrival.

A frame is handed to its charger's interpreter at once, and the facts that it shows follow it with ``cause`` pointing
back. The facts of a call come with its answer: they point back to the call and have its time. Everybody else (the
matcher, the reports, the trace) listens or reads; windows and expectations keep sequence numbers, never copies. Which
expectation has consumed an event is written down here too (rule 1).

Of a run with very many events the old ones lie in a file; who asks for them does not notice.
"""

from __future__ import annotations

import pickle
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator
from math import inf, nextafter

from ocpplab_runner.engine.interpreter import Interpreter
from ocpplab_runner.engine.recording.spilled import BLOCK, SpilledEvents
from ocpplab_runner.ocppj.session import CALL_TIMEOUT
from ocpplab_runner.plugin.events import Event, Observation
from ocpplab_runner.vocabulary.versions import OcppVersion

Listener = Callable[[Event], None]
#: Events that are kept in memory at least; some more are before a block of them is spilled.
KEPT = 50_000
#: Events that a reader of the ledger gets at a time.
_PIECE = 256


class Ledger:
    """Gives observations their place and tells everybody.

    Args:
        now: the run's clock, in seconds; usually :func:`ocpplab_runner.clock.now`.
        watermark: evidence source → the time up to which everything from it has arrived (``Stage.watermark``);
            without it every source is up to date.
        kept: events that are kept in memory at least.
        patience: seconds after which a call that is not answered has timed out.
        minds_chargers: whether a transaction that a charger speaks of and its traffic contradicts is a violation: where
            no CSMS of ours finds that.

    Attributes:
        consumptions: how often expectations have consumed events.
        first_step: the sequence number at which the steps began; before it lies the recipe of ``given.state``.
    """

    def __init__(
        self,
        *,
        now: Callable[[], float],
        watermark: Callable[[str], float] | None = None,
        kept: int = KEPT,
        shown: Callable[[Event], Event] = lambda event: event,
        patience: float = CALL_TIMEOUT,
        minds_chargers: bool = False,
    ) -> None:
        self._now = now
        #: An event as people may see it: without secrets. What is cut goes through this first.
        self.shown = shown
        self._watermark = watermark
        self._patience = patience
        self._minds_chargers = minds_chargers
        self._interpreters: dict[str, Interpreter] = {}
        self._events: list[Event] = []
        self._first = 0
        self._spilled: SpilledEvents | None = None
        self._limit = kept + BLOCK
        self._told = 0
        self._telling = False
        self._listeners: tuple[Listener, ...] = ()
        #: Sequence number → consumer, by its number from 1 on; 0 for nobody. Four bytes an event, not a dict's hundred.
        self._consumed = array("I")
        self._consumers: dict[str, int] = {}
        self.consumptions = 0
        self._violations: list[int] = []
        self._evidence: set[str] = set()
        self.first_step = 0

    def add_charger(self, name: str, version: OcppVersion) -> None:
        """Interpret that charger's frames from now on; the frames of other chargers stay uninterpreted."""
        self._interpreters[name] = Interpreter(version)

    @property
    def chargers(self) -> Collection[str]:
        """The names of those whose frames are interpreted."""
        return self._interpreters.keys()

    def set_watermark(self, watermark: Callable[[str], float] | None) -> None:
        """Set where watermarks come from, once there is a stage to ask."""
        self._watermark = watermark

    def record(self, observation: Observation) -> Event:
        """Take an observation down and tell the listeners: it first, then the facts that it shows.

        May be called from a listener; then the new events are told after the ones under way.

        Returns:
            The observation's own event.
        """
        at = observation.at
        now = self._now()
        arrived = now if now > at else at  # the clock of somebody else's log may be ahead of ours
        charger = observation.charger
        event = Event(
            self._first + len(self._events),
            observation.kind,
            observation.name,
            charger,
            at,
            arrived,
            observation.fields,
            observation.source,
            observation.evidence,
            tie=observation.tie,
        )
        self._evidence.add(observation.evidence)
        self._events.append(event)
        if event.kind == "frame":
            interpreter = self._interpreters.get(charger)
            if interpreter is not None:
                shown = interpreter.read(event.name, event.fields, event.seq, answerable=observation.answerable)
                for cause, name, fields in shown:
                    frame = self[cause]
                    fact = Event(
                        self.position,
                        "fact",
                        name,
                        charger,
                        frame.at,
                        arrived,
                        fields,
                        frame.source,
                        frame.evidence,
                        cause,
                        frame.tie,
                    )
                    self._events.append(fact)
                if interpreter.contradictions:
                    self._report(interpreter, charger, arrived)
        elif event.kind == "fact":
            if event.name == "connection" and event.fields.get("is") == "closed" and charger in self._interpreters:
                self._interpreters[charger].disconnected()
        elif event.kind == "violation":
            self._violations.append(event.seq)
        if not self._telling:
            self._tell()
            if len(self._events) >= self._limit:
                self._spill()
        return event

    def _report(self, interpreter: Interpreter, charger: str, arrived: float) -> None:
        """A charger's own traffic contradicts it; where the CSMS is ours, that has said so itself."""
        for cause, code, told in interpreter.contradictions if self._minds_chargers else ():
            frame = self[cause]
            fields = {
                "by": "charger",
                "weight": "must",
                "description": told,
                "action": frame.name,
                "message_id": frame.fields.get("message_id"),
            }
            self._violations.append(self.position)
            self._events.append(
                Event(
                    self.position, "violation", code, charger, frame.at, arrived, fields, frame.source, frame.evidence
                )
            )
        interpreter.contradictions.clear()

    def _spill(self) -> None:
        try:
            if self._spilled is None:
                self._spilled = SpilledEvents()
            self._spilled.add(self._events[:BLOCK])
        except (OSError, TypeError, AttributeError, pickle.PicklingError):
            self._limit *= 2  # no room there, or fields of a plugin that no file takes: memory is what is left
            return
        del self._events[:BLOCK]
        self._first += BLOCK

    def _tell(self) -> None:
        self._telling = True
        try:
            while (place := self._told - self._first) < len(self._events):
                event = self._events[place]
                self._told += 1
                for listener in self._listeners:
                    listener(event)
        finally:
            self._telling = False

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Tell ``listener`` every event from the next one on, in order; the result ends that."""
        self._listeners = (*self._listeners, listener)

        def unsubscribe() -> None:
            self._listeners = tuple(one for one in self._listeners if one is not listener)

        return unsubscribe

    @property
    def position(self) -> int:
        """The sequence number that the next event will have."""
        return self._first + len(self._events)

    def __getitem__(self, seq: int) -> Event:
        """The event with that sequence number.

        Raises:
            IndexError: it has not been recorded yet.
        """
        if seq >= self._first:
            return self._events[seq - self._first]
        assert self._spilled is not None
        return self._spilled[seq]

    def since(self, seq: int, until: int | None = None) -> Iterator[Event]:
        """The events from ``seq`` (included) to ``until`` (excluded, default the end)."""
        end = self.position if until is None else min(until, self.position)
        index = max(seq, 0)
        while index < end:
            if index < self._first:
                yield self[index]
                index += 1
                continue
            # A piece at a time: a step of a generator costs more than what most readers do with an event.
            at = index - self._first
            piece = self._events[at : at + min(_PIECE, end - index)]
            yield from piece
            index += len(piece)

    @property
    def violations(self) -> Iterator[Event]:
        """Every protocol violation so far."""
        return (self[seq] for seq in tuple(self._violations))

    def consume(self, seqs: Iterable[int], by: str) -> None:
        """Mark events as used by one expectation; ``by`` says whose, for people."""
        self.consumptions += 1
        number = self._consumers.setdefault(by, len(self._consumers) + 1)
        for seq in seqs:
            if (missing := seq + 1 - len(self._consumed)) > 0:
                self._consumed.frombytes(bytes(missing * self._consumed.itemsize))
            self._consumed[seq] = number

    def is_consumed(self, seq: int) -> bool:
        """Whether an expectation has used that event."""
        return seq < len(self._consumed) and self._consumed[seq] > 0

    def consumer(self, seq: int) -> str | None:
        """Who has used that event; None when nobody has."""
        if not self.is_consumed(seq):
            return None
        number = self._consumed[seq]
        return next(by for by, known in self._consumers.items() if known == number)

    def watermark(self, charger: str, facts: Collection[str] = ()) -> float:
        """The time up to which everything is known.

        Args:
            charger: whose calls.
            facts: names of the facts that matter: what such a call says is not known before it is answered.

        Returns:
            The time up to which everything from every evidence source seen so far has arrived; but before the oldest
            call that waits for its answer, until it has timed out.
        """
        now = self._now()
        known = now if self._watermark is None or not self._evidence else min(map(self._watermark, self._evidence))
        if facts and (interpreter := self._interpreters.get(charger)) is not None:
            for cause, shows in interpreter.held():
                at = self[cause].at
                if at <= known < at + self._patience and not shows.isdisjoint(facts):
                    return nextafter(at, -inf)  # what it shows will have its time, so that instant is still open
        return known
