"""What the frames of a station show besides: cards that may wait for their car, and what is inside elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ocpplab_runner import clock
from ocpplab_runner.engine.interpreter import Fact
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.plugin.stage import Recorder
from ocpplab_runner.targets.frame_watch import FrameWatch
from ocpplab_runner.targets.station import certificate_verdicts, reservation_news
from ocpplab_runner.vocabulary.statuses import AuthorizationRoute
from ocpplab_runner.vocabulary.versions import OcppVersion

_REMOTE_STARTS = frozenset({"RemoteStartTransaction", "RequestStartTransaction"})


class StationWatch(FrameWatch):
    """Hears every observation of one station before the ledger does.

    Args:
        record: the ledger.
        version: that the station speaks.
        earlier: who has heard it in the case before; None for the first.

    Attributes:
        waiting: cards, in lower case, that have been presented, and that no transaction has used since. No connector
            need show it: where a station has several, a card waits at the reader.
        waiting_since: when the latest was presented, on the run's clock.
    """

    def __init__(self, record: Recorder, version: OcppVersion, earlier: StationWatch | None = None) -> None:
        super().__init__(record, version)
        self._readers = {
            reservation_news.FACT: reservation_news.ReservationNews().read,
            certificate_verdicts.FACT: certificate_verdicts.CertificateVerdicts().read,
        }
        self.waiting: set[str] = set()
        self.waiting_since = 0.0
        if earlier is not None:
            self.statuses = dict(earlier.statuses)
            self.waiting |= earlier.waiting
            self.waiting_since = earlier.waiting_since

    def presented(self, card: str) -> None:
        """Somebody has presented a card, or the CSMS has in a remote start."""
        self.waiting.add(card.lower())
        self.waiting_since = clock.now()

    def pass_on(self, observation: Observation, facts: Sequence[Fact]) -> None:
        """Look at the cards, and let the ledger have an observation."""
        fields = observation.fields
        if observation.name in _REMOTE_STARTS and fields.get("type") == "call":
            self.presented(_card_of(fields.get("payload")))
        for name, fact in facts:
            card = str(fact.get("id_tag")).lower()
            if name == "transaction":
                self.waiting.discard(card)
            elif name == "auth_status" and fact.get("via") == AuthorizationRoute.AUTHORIZE:
                if fact.get("is") == "Accepted":
                    self.presented(card)
                else:
                    self.waiting.discard(card)
            elif name == "boot":
                # A station that begins anew knows of no card any more.
                self.waiting.clear()
        super().pass_on(observation, facts)
        for name, read in self._readers.items():
            if (told := read(observation)) is not None:
                super().pass_on(replace(observation, kind="fact", name=name, fields=told), ())


def _card_of(payload: object) -> str:
    if not isinstance(payload, dict):
        return ""
    token = payload.get("idTag", payload.get("idToken"))
    return str(token.get("idToken") if isinstance(token, dict) else token)
