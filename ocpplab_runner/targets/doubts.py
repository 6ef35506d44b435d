"""Whether a foreign CSMS says of the scenario's cards what the scenario counts on."""

from __future__ import annotations

from collections.abc import Mapping

from ocpplab_runner.csms import Card
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.targets.cards import expected_status
from ocpplab_runner.vocabulary.statuses import AuthorizationRoute
from ocpplab_runner.vocabulary.versions import OcppVersion

_HINT = "; list the CSMS's real cards with --cards or in ocpplab.yaml"


class Doubts:
    """Compares what Authorize has said of a card with ``given.csms.id_tokens``; changes no verdict.

    Args:
        wanted: the scenario's cards.
        version: decides which statuses there are.
        listed: whether the CSMS's cards have been listed; if not, that is the first thing to do.

    Attributes:
        found: the differences, in words.
    """

    def __init__(self, wanted: Mapping[str, Card], version: OcppVersion, *, listed: bool) -> None:
        self._wanted = {card.casefold(): (card, expected_status(data, version)) for card, data in wanted.items()}
        self._hint = "" if listed else _HINT
        self.found: list[str] = []

    def hear(self, observation: Observation) -> None:
        """Take an observation with the scenario's own cards."""
        fields = observation.fields
        if observation.name != "validation_result" or fields.get("via") != AuthorizationRoute.AUTHORIZE:
            return
        card, status = self._wanted.get(str(fields.get("id_tag")).casefold(), ("", None))
        if status is None or fields.get("is") == status:
            return
        doubt = f"the CSMS says that {card} is {fields.get('is')}, and given.csms says {status}{self._hint}"
        if doubt not in self.found:
            self.found.append(doubt)
