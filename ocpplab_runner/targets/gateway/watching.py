"""What is known of one charger behind a Gateway, whose cards decide when an observation reaches the ledger."""

from __future__ import annotations

from collections.abc import Sequence

from ocpplab_runner.engine.interpreter import Fact
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.plugin.stage import Recorder
from ocpplab_runner.targets.frame_watch import FrameWatch
from ocpplab_runner.targets.gateway.presentations import Presentations
from ocpplab_runner.vocabulary.versions import OcppVersion


class Watched(FrameWatch):
    """Hears every observation of one charger before the ledger does.

    Args:
        record: the ledger.
        version: that the charger speaks.

    Attributes:
        cards: its presented cards.
    """

    def __init__(self, record: Recorder, version: OcppVersion) -> None:
        super().__init__(record, version)
        self.cards = Presentations(self._put)

    def pass_on(self, observation: Observation, facts: Sequence[Fact]) -> None:
        """Let the ledger have an observation, now or when the verdict that it may follow from is known."""
        self.cards.hear(observation, facts)

    def _put(self, observation: Observation) -> None:
        # A verdict that no frame shows: a command's result has told it.
        fields = observation.fields
        if observation.kind == "fact" and observation.name == "auth_status" and fields.get("is") == "Accepted":
            self.accepted.add(str(fields.get("id_tag")).lower())
            self.changes.stir(crossed=False)
        self._record(observation)
