"""What crosses between an EVerest and a CSMS that is not ours, as EVerest's ocpp_consumer_API repeats it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ocpplab_runner import clock
from ocpplab_runner.engine.interpreter import Fact
from ocpplab_runner.engine.recording.observations import frame_observation, violation_observation
from ocpplab_runner.everest import messages
from ocpplab_runner.everest.messages import MalformedError
from ocpplab_runner.everest.topics import Module
from ocpplab_runner.ocppj.overheard import Reading
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.plugin.stage import Recorder
from ocpplab_runner.targets.everest.inside import EVIDENCE
from ocpplab_runner.targets.everest.site import Site
from ocpplab_runner.targets.station.station_watch import StationWatch
from ocpplab_runner.vocabulary.versions import OcppVersion


class TransactionWatch(StationWatch):
    """Also knows which transactions run.

    Attributes:
        running: their ids.
    """

    def __init__(self, record: Recorder, version: OcppVersion, earlier: StationWatch | None = None) -> None:
        super().__init__(record, version, earlier)
        self.running: set[object] = set(earlier.running) if isinstance(earlier, TransactionWatch) else set()

    def pass_on(self, observation: Observation, facts: Sequence[Fact]) -> None:
        """Look at the transactions, and let the ledger have an observation."""
        for name, fact in facts:
            if name == "transaction":
                change = self.running.discard if fact.get("is") == "ended" else self.running.add
                change(fact.get("transaction_id"))
        super().pass_on(observation, facts)


class Ear:
    """Listens to one EVerest's OCPP for as long as a worker lives.

    Args:
        site: the EVerest.
        version: that is supposed to be spoken, until a case or EVerest says otherwise.

    Attributes:
        watch: of the present case; between two cases nobody records what it hears.
        spoken: the version that EVerest has told; None before.
    """

    def __init__(self, site: Site, version: OcppVersion) -> None:
        self._site, self._name = site, "charger"
        self._readings: dict[OcppVersion, Reading] = {}
        self.watch = TransactionWatch(lambda _: None, version)
        self.spoken: OcppVersion | None = None

    async def open(self) -> None:
        """Subscribe."""
        module = self._site.installation.first(Module.OCPP)
        if module is not None:
            topic = self._site.topics.said_by(Module.OCPP, module, "ocpp_message")
            await self._site.bus.listen(topic, lambda said, kept: None if kept else self._hear(topic, said))

    def begin_case(self, name: str, record: Recorder, version: OcppVersion) -> None:
        """Let a case hear of it from now on."""
        self._name = name
        self.watch = TransactionWatch(record, version, self.watch)

    def leave_case(self) -> None:
        """Nobody records what crosses until the next case."""
        self.watch = TransactionWatch(lambda _: None, self.watch.version, self.watch)

    def _hear(self, topic: str, said: bytes) -> None:
        try:
            message = messages.ocpp_message(said)
        except MalformedError as error:
            self._site.inside.broken(topic, error)
            return
        for note in message.notes:
            self._site.inside.note(f"EVerest: {note}")
        told = message.value
        self.spoken = told.version or self.spoken
        version = self.spoken or self.watch.version
        reading = self._readings.setdefault(version, Reading(version))
        record, violations = reading.read(told.text, told.direction, clock.now())
        self.watch.hear(replace(frame_observation(self._name, record), evidence=EVIDENCE))
        for violation in violations:
            self.watch.hear(
                replace(violation_observation(self._name, told.direction.sender, violation), evidence=EVIDENCE)
            )
