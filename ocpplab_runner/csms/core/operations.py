"""What the operations of all blocks share: what is wanted, what they make of it, and why they cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Payload = dict[str, Any]
#: An OCPP call: its action and its payload.
Request = tuple[str, Payload]


class OperationNotAvailable(Exception):
    """The station's OCPP version cannot say that; the text is the reason."""


class NothingToOperateOn(LookupError):
    """The operation means something that is not there: no transaction runs, nothing is reserved."""


class NoAddressKnown(NothingToOperateOn):
    """Stations are to dial elsewhere, and nobody has said where."""


@dataclass(frozen=True, slots=True)
class Order:
    """A version-neutral operation that somebody wants.

    Attributes:
        fields: of its verb, durations as text or in seconds.
        now: the time.
        raw: lets through what the version does not have: a message to trigger, a status of a card.
    """

    fields: Mapping[str, Any]
    now: datetime
    raw: bool = False


def given(**fields: Any) -> Payload:
    """The fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None}
