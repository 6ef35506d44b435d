"""Which cards a station may know by itself, as far as the frames that have crossed tell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ocpplab_runner.engine.interpreter import Interpreter
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.vocabulary.versions import OcppVersion

#: Calls whose answers bring verdicts on cards; a contract of OCPP 1.6 is asked about by DataTransfer.
_VERDICTS = frozenset({"Authorize", "StartTransaction", "StopTransaction", "TransactionEvent", "DataTransfer"})
_ASKS = frozenset({"Authorize", "DataTransfer"})
_REMOTE_STARTS = frozenset({"RemoteStartTransaction", "RequestStartTransaction"})
_GOOD = "Accepted"
#: A card's number and type in lower case; in OCPP 1.6 there are no types.
_Card: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Of one card.

    Attributes:
        may_be_listed: whether the local list may have it.
        is_listed: whether the station has taken a list that accepts it.
        may_be_cached: whether the CSMS has been asked about it since the cache was emptied.
        is_cached: whether what the CSMS has said of it last since then is that it may charge.
    """

    may_be_listed: bool
    is_listed: bool
    may_be_cached: bool
    is_cached: bool


class KnownCards:
    """Of one station in one case; before a list or a cache is known to be empty, any card may be there.

    Args:
        version: that it speaks.
    """

    def __init__(self, version: OcppVersion) -> None:
        self._typed = version is not OcppVersion.V16
        self._interpreter = Interpreter(version)
        self._calls: dict[str, tuple[str, Mapping[str, Any]]] = {}
        self._listed: dict[_Card, str] | None = None
        self._told: list[str] | None = None
        self._good: set[str] = set()

    def hear(self, observation: Observation) -> None:
        """Take a frame."""
        fields, payload = observation.fields, observation.fields.get("payload")
        number = str(fields.get("message_id"))
        if fields.get("type") == "call" and isinstance(payload, Mapping):
            self._calls[number] = observation.name, payload
            if fields.get("direction") == "to_csms" and observation.name in _VERDICTS and self._told is not None:
                self._told.append(_text(payload))
        elif fields.get("type") in ("result", "error"):
            action, asked = self._calls.pop(number, ("", {}))
            self._answered(action, asked, payload if isinstance(payload, Mapping) else {})
        for _, name, fact in self._interpreter.read(observation.name, fields, answerable=observation.answerable):
            if name == "auth_status":
                change = self._good.add if fact.get("is") == _GOOD else self._good.discard
                change(str(fact.get("id_tag")).casefold())

    def of(self, card: str, kind: str) -> Knowledge:
        """What the station may know of a card at this moment.

        Args:
            card: its number.
            kind: its type, which tells cards of the same number apart in 2.x.
        """
        key = card.casefold()
        listed, told = self._listed, self._told
        cached = None if told is None else [one for one in told if mentions(one, card)]
        # OCPP 2.x tells tokens apart by number and type, 1.6 by number.
        same = [one for one in cached or () if not self._typed or mentions(one, kind)]
        return Knowledge(
            may_be_listed=listed is None or any(number == key for number, _ in listed),
            is_listed=(listed or {}).get((key, kind.casefold() if self._typed else "")) == _GOOD,
            may_be_cached=cached is None or bool(cached),
            is_cached=bool(same) and key in self._good,
        )

    def _answered(self, action: str, asked: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        status = answer.get("status")
        if action == "ClearCache" and status == _GOOD:
            self._told = []
            self._good.clear()
        # 1.6, 5.10: 0 for an empty list, -1 for none at all; 2.x says 0 (D02.FR.03).
        elif action == "GetLocalListVersion" and _version(answer) in (0, -1):
            self._listed = {}
        elif action == "SendLocalList":
            self._sent_list(asked, taken=status == _GOOD)

    def _sent_list(self, asked: Mapping[str, Any], *, taken: bool) -> None:
        entries = dict(_entry(one) for one in asked.get("localAuthorizationList") or ())
        if taken and asked.get("updateType") == "Full":
            self._listed = {card: status for card, status in entries.items() if status}
        elif taken and self._listed is not None:
            changed = {**self._listed, **entries}
            self._listed = {card: status for card, status in changed.items() if status}
        # What an update that failed has left is not known.
        elif not taken:
            self._listed = None


def starts_remotely(observation: Observation, card: str) -> bool:
    """Whether a frame is a remote start with a card."""
    call = observation.fields.get("type") == "call" and observation.name in _REMOTE_STARTS
    return call and mentions(_text(observation.fields.get("payload")), card)


def asks_about(observation: Observation, card: str) -> bool:
    """Whether a frame asks the CSMS for its verdict on a card."""
    fields = observation.fields
    asked = fields.get("type") == "call" and fields.get("direction") == "to_csms" and observation.name in _ASKS
    return asked and mentions(_text(fields.get("payload")), card)


def mentions(text: str, card: str) -> bool:
    """Whether JSON in lower case has a card's number as a string, or in the JSON that one of its strings is."""
    written = json.dumps(card.casefold())
    return written in text or json.dumps(written)[1:-1] in text


def _text(payload: Any) -> str:
    return json.dumps(payload).casefold()


def _version(answer: Mapping[str, Any]) -> Any:
    return answer.get("listVersion", answer.get("versionNumber"))


def _entry(one: Mapping[str, Any]) -> tuple[_Card, str]:
    """Card and status of an entry; one without a verdict has no status, and is taken off the list."""
    token, info = one.get("idTag", one.get("idToken")), one.get("idTagInfo", one.get("idTokenInfo")) or {}
    number, kind = (token.get("idToken"), token.get("type")) if isinstance(token, Mapping) else (token, "")
    return (str(number).casefold(), str(kind).casefold()), str(info.get("status", ""))
