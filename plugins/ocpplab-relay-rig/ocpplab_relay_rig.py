"""An example plugin: a rig that is a board with relays, told over TCP what to do. One connection for each order."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

from ocpplab_runner.api import InfrastructureError, Outcome, Rig, hookimpl

#: Verb → the board's word, and the field that it wants.
WORDS = {
    "plug_connector": ("PLUG", "evse_id"),
    "unplug_connector": ("UNPLUG", "evse_id"),
    "authorize_id_tag": ("CARD", "id_tag"),
}


class RelayBoard(Rig):
    """The board.

    Args:
        host, port: where it listens.
    """

    limit = 10.0

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port

    @property
    def verbs(self) -> Collection[str]:
        """What it has relays for."""
        return WORDS.keys()

    def why_not(self, verb: str, fields: Collection[str]) -> str | None:
        """It knows one car and one reader: whatever else a scenario says of them it cannot do."""
        others = sorted(set(fields) - {WORDS[verb][1]})
        return f"the relay board knows no {', '.join(others)} of {verb}" if others else None

    async def perform(self, station: str, verb: str, fields: Mapping[str, Any]) -> Outcome:
        """One line there, one line back."""
        word, wanted = WORDS[verb]
        answer = await self._ask(f"{word} {fields.get(wanted, 1)}")
        if answer == "OK":
            return Outcome()
        if answer.startswith("ERROR "):
            return Outcome("refused", reason=answer.removeprefix("ERROR "))
        raise InfrastructureError(f"the relay board answered {answer!r}")

    async def _ask(self, line: str) -> str:
        try:
            reader, writer = await asyncio.open_connection(self._host, self._port)
        except OSError as error:
            raise InfrastructureError(f"the relay board cannot be reached: {error.strerror or error}") from error
        try:
            writer.write(f"{line}\n".encode())
            return (await reader.readline()).decode("ascii", "replace").strip()
        except OSError as error:
            raise InfrastructureError(f"the relay board went away: {error.strerror or error}") from error
        finally:
            writer.close()


@hookimpl
def ocpplab_rig(kind: str, options: Mapping[str, Any]) -> Rig | None:
    """`rig: {kind: relay, host: …, port: …}` of a target `station`."""
    if kind != "relay":
        return None
    return RelayBoard(str(options["host"]), int(options["port"]))
