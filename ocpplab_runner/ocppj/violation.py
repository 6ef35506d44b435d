"""How a payload breaks its schema: what the gate's diagnosis comes to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Violation:
    """How a payload breaks its schema.

    Attributes:
        code: the CALLERROR code for that version and that kind of breach.
        path: where, as ``meterValue[0].timestamp``; empty for the payload itself.
        message: what is wrong there, in English.
        keyword: the schema keyword that refused it (``required``, ``type``, ``maxLength`` …).
        usable: True when every breach leaves what the message says readable (an extra property, a value that is too
            long or too large): all required fields are there and of the right type.
    """

    code: str
    path: str
    message: str
    keyword: str = ""
    usable: bool = False

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message
