"""How a payload breaks its schema: what the gate's diagnosis comes to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ocpplab_runner.ocppj.violations import Weight


@dataclass(slots=True)
class SchemaBreach:
    """How a payload breaks its schema.

    Attributes:
        code: the CALLERROR code for that version and that kind of breach.
        path: where, as ``meterValue[0].timestamp``; empty for the payload itself.
        message: what is wrong there, in English.
        keyword: the schema keyword that refused it (``required``, ``type``, ``maxLength`` …).
        usable: True when every breach leaves what the message says readable (an extra property, a value that is too
            long or too large): all required fields are there and of the right type.
        taken: True when its receiver takes the message all the same and it says what it means: a date-time without an
            offset, which is read as UTC.
        weight: ``should`` where the specification leaves it open, so that a message of our own need not be raw.
    """

    code: str
    path: str
    message: str
    keyword: str = ""
    usable: bool = False
    taken: bool = False
    weight: Weight = "must"

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


def refused(breach: SchemaBreach | None) -> SchemaBreach | None:
    """The breach, unless its receiver takes the message all the same."""
    return None if breach is None or breach.taken else breach


def path_of(parts: Iterable[str | int]) -> str:
    """Keys and indices as ``meterValue[0].timestamp``."""
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{clipped(str(part), 40)}"
    return text.removeprefix(".")


def clipped(text: str, limit: int = 120) -> str:
    """A text for a message, cut where it is too long."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
