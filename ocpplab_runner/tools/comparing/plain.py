"""A message without what is another in every session, though two stations do the same. Pure.

Decided by the kind of field:

- a **time** of day says nothing but that it is one;
- an **id** that an end makes up (of transactions, remote starts, requests, events) is compared by what it belongs to,
  never by its value;
- a **reading** (of a meter, a cost, an observed value) says only whether it is a number, a number written as text, or
  another text;
- a ``seqNo`` says how far it is from the one before it in its transaction;
- a **certificate**, a request for one, and the hashes that name one say what they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ocpplab_runner.tools.frames.exchanges import Exchange

#: Field → what it is the id of.
_IDS: Final = {
    "transactionId": "transaction",
    "remoteStartId": "remote start",
    "requestId": "request",
    "reservationId": "reservation",
    "eventId": "event",
}
#: Fields that hold a reading, wherever they stand; and those that do so in an object under one of these names.
_READINGS: Final = frozenset(
    {"meterStart", "meterStop", "timeSpentCharging", "signedMeterData", "totalCost", "actualValue"}
)
_READINGS_IN: Final = {"sampledValue": frozenset({"value"}), "data": frozenset({"v", "t"})}
_HASHES: Final = frozenset({"issuerNameHash", "issuerKeyHash", "serialNumber"})
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_NUMBER: Final = re.compile(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?")
_PEM: Final = re.compile(r"\s*-----BEGIN ([A-Z0-9 ]+)-----")


@dataclass(frozen=True, slots=True)
class Id:
    """An id that was made up.

    Attributes:
        of: what it is the id of.
        value: as it was sent.
        number: of its kind, in the order in which they first come.
    """

    of: str
    value: str
    number: int

    def __str__(self) -> str:
        return f"({self.of} {self.number})"


class Plain:
    """Makes exchanges of one station plain; called in their order."""

    def __init__(self) -> None:
        self._ids: dict[str, dict[str, Id]] = {}
        self._seen: dict[str, int] = {}

    def __call__(self, exchange: Exchange) -> tuple[Any, Any]:
        """Its call and its answer."""
        answer = {"CALLERROR": exchange.error} if exchange.error else exchange.answer
        return self._of(exchange.payload, "", ""), self._of(answer, "", "")

    def _of(self, value: Any, name: str, within: str) -> Any:
        if isinstance(value, Mapping):
            return self._mapping(value, name)
        if isinstance(value, list):
            return [self._of(one, name, within) for one in value]
        if name in _IDS and value is not None:
            known = self._ids.setdefault(_IDS[name], {})
            return known.setdefault(str(value), Id(_IDS[name], str(value), len(known) + 1))
        if name in _READINGS or name in _READINGS_IN.get(within, ()):
            return _reading(value)
        if isinstance(value, str):
            if _MOMENT.match(value):
                return "(a time)"
            pem = _PEM.match(value)
            return f"({pem[1].lower()})" if pem else value
        return value

    def _mapping(self, mapping: Mapping[str, Any], name: str) -> dict[str, Any]:
        plain = {key: self._of(one, key, name) for key, one in mapping.items()}
        if "hashAlgorithm" in mapping:
            plain |= dict.fromkeys(_HASHES & mapping.keys(), "(of a certificate)")
        number, info = mapping.get("seqNo"), mapping.get("transactionInfo")
        if isinstance(number, int) and isinstance(info, Mapping):
            transaction = str(info.get("transactionId"))
            before = self._seen.get(transaction)
            self._seen[transaction] = number
            plain["seqNo"] = number if before is None else f"{number - before:+d}"
        return plain


def _reading(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return "(a number)"
    if isinstance(value, str):
        return "(a number written as text)" if _NUMBER.fullmatch(value.strip()) else "(a text)"
    return value
