"""What the blocks of one charger's interpreter know together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ocpplab_runner.engine.interpreter.core.connectors import Connectors
from ocpplab_runner.engine.interpreter.core.facts import MOST_REMEMBERED
from ocpplab_runner.engine.interpreter.core.starts import Starts


class Contradiction(NamedTuple):
    """A valid message that speaks of a transaction which is none, as the charger's own traffic shows.

    Attributes:
        cause: the number that was given with the call.
        code: of the violation.
        told: what is wrong, for people.
    """

    cause: int
    code: str
    told: str


class Held(NamedTuple):
    """A call that waits for its answer."""

    cause: int
    action: str
    payload: Any


class Traffic:
    """One charger's.

    Attributes:
        starts: what it says of transactions that have begun before it.
        connectors: what it says of connectors (2.x).
        pending: calls that wait for their answers, by direction and message id.
        reading: the number of the frame that is being read.
        nothing_new: whether what is being read tells of a transaction what cannot be, or what has been told before.
        contradictions: what it has contradicted.
    """

    def __init__(self) -> None:
        self.starts = Starts()
        self.connectors = Connectors()
        self.pending: dict[tuple[str, str], Held] = {}
        self.reading = 0
        self.nothing_new = False
        self.contradictions: list[Contradiction] = []

    def reads(self, cause: int) -> None:
        """The frame with that number is being read from now on."""
        self.reading, self.nothing_new = cause, False

    def contradicts(self, code: str, told: str) -> None:
        """What is being read cannot be."""
        del self.contradictions[:-MOST_REMEMBERED]
        self.contradictions.append(Contradiction(self.reading, code, told))

    def unanswered(self, action: str) -> Iterator[Any]:
        """The payloads of that action's calls that wait for their answers."""
        return (call.payload for call in self.pending.values() if call.action == action)
