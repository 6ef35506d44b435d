"""Telling an EVerest once more what a recording of its broker has told it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ocpplab_runner.everest.broker import Bus
from ocpplab_runner.everest.topics import Topics
from ocpplab_runner.redaction.redactor import HIDDEN


@dataclass(frozen=True, slots=True)
class Told:
    """One message.

    Attributes:
        at: seconds after the first one.
        topic: with the prefix that it had.
        payload: as JSON data; a text is said as it is.
    """

    at: float
    topic: str
    payload: Any


class NothingToReplayError(ValueError):
    """A recording has nothing that could be told to EVerest."""


def told_in(lines: Iterable[str]) -> Sequence[Told]:
    """What a recording has told EVerest: tokens, cars, faults, requests.

    Args:
        lines: of the JSON Lines of ``record mqtt://…``.

    Raises:
        NothingToReplayError: there is nothing of that kind, or a secret that was taken out would be missing.
    """
    found: list[tuple[float, str, Any]] = []
    for line in lines:
        try:
            event = json.loads(line).get("event") or {}
        except (ValueError, AttributeError):
            continue
        fields = event.get("fields") if isinstance(event, dict) and event.get("kind") == "note" else None
        topic = fields.get("topic") if isinstance(fields, dict) else None
        prefix = Topics.prefix_of(topic) if isinstance(topic, str) else None
        if fields is None or prefix is None or fields.get("kept") or not Topics(prefix).tells(str(topic)):
            continue
        if HIDDEN in json.dumps(fields["payload"], ensure_ascii=False):
            raise NothingToReplayError(f"{topic}: a secret was taken out of what was said there")
        found.append((float(event["at"]), str(topic), fields["payload"]))
    if not found:
        raise NothingToReplayError("nothing in it was told to an EVerest over MQTT")
    first = found[0][0]
    return [Told(at - first, topic, payload) for at, topic, payload in found]


async def replay(bus: Bus, told: Sequence[Told], prefix: str | None) -> None:
    """Say it all in the rhythm of the recording.

    Args:
        bus: to the broker.
        told: what.
        prefix: in the place of the recording's; None for the same.

    Raises:
        BrokerError: the broker is away.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    for one in told:
        # From the begin, and not from the message before: what it takes to say them does not add up.
        await asyncio.sleep(max(0.0, began + one.at - loop.time()))
        topic = one.topic if prefix is None else prefix + one.topic.removeprefix(Topics.prefix_of(one.topic) or "")
        await bus.publish(topic, one.payload)
