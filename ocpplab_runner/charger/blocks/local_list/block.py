"""The local authorization list: OCPP 1.6 sections 5.10 and 5.15, 2.x D01 and D02."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ocpplab_runner.authorization.local_list import ListEntry, LocalAuthorizationList, UpdateType
from ocpplab_runner.charger.core.block import Block
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.json_values import known_token, token_out, verdict_in, verdict_out
from ocpplab_runner.charger.core.services.authorization import LOCAL_LIST
from ocpplab_runner.charger.core.variables import Variable, setting
from ocpplab_runner.vocabulary.versions import OcppVersion

#: The profile, or feature, of a station that has such a list.
FEATURE = "LocalAuthListManagement"


class LocalList(Block):
    """Keeps the list, through power cycles.

    Attributes:
        entries: what is on it.
    """

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        config = context.config
        typed = context.version is not OcppVersion.V16
        # In 1.6 a card is its idTag alone, and version 0 says that the list is empty (section 5.10).
        self.entries = LocalAuthorizationList(
            max_entries=config.local_list_max, match_types=typed, zero_is_empty=not typed
        )
        if config.local_list_version > 0:
            start = context.time.now()
            entries = [ListEntry(data.token(card), data.result(start)) for card, data in config.local_list.items()]
            self.entries.update(config.local_list_version, UpdateType.FULL, entries)
        self._written: tuple[int, dict[str, Any]] | None = None
        context.offer(LOCAL_LIST, self)

    def variables(self) -> Iterable[Variable]:
        """Whether it is used."""
        return (setting("local_list_enabled", feature=FEATURE),)

    @property
    def enabled(self) -> bool:
        """Whether the list is used."""
        return self.context.variables.boolean("local_list_enabled")

    def remember(self) -> Mapping[str, Any]:
        """Version and entries; a list may be long and changes rarely, so it is written once for each revision."""
        revision = self.entries.revision
        if self._written is None or self._written[0] != revision:
            entries = [[token_out(entry.token), verdict_out(entry.result)] for entry in self.entries]
            self._written = revision, {"version": self.entries.version, "entries": entries}
        return {"local_list": self._written[1]}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Put them back."""
        listed = memory["local_list"]
        entries = [ListEntry(known_token(token), verdict_in(result)) for token, result in listed["entries"]]
        self.entries.restore(listed["version"], entries)

    def snapshot(self) -> Mapping[str, Any]:
        """How long it is."""
        return {"local_list": {"version": self.entries.version, "entries": len(self.entries)}}
