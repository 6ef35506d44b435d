"""A scenario's cards and the real ones that stand for them at a foreign CSMS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from zlib import crc32

from ocpplab_runner.ocppj.id_tokens import Kind, exchange_tokens
from ocpplab_runner.ocppj.names import camel_case, payload_names
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.plugin.stage import Recorder
from ocpplab_runner.vocabulary.versions import OcppVersion

#: Fields of verbs, of ``given`` and of facts that hold a token, as text, as a list, or as a mapping with its ``value``.
TOKEN_FIELDS = frozenset(
    {"id_tag", "id_token", "parent_id_tag", "parent_id_token", "group_id_token", "master_pass_group"}
)
#: Fields that map tokens to what is known of them.
TABLE_FIELDS = frozenset({"entries", "cache", "verdicts", "id_tokens"})
_KINDS: Mapping[str, Kind] = {"call": "request", "result": "response", "send": "send"}


class TokenMap:
    """Exchanges cards on the way out, and back in what is observed, so that a scenario speaks of its own cards only.

    They are exchanged where a card can be: in the fields that the language and the facts have for one, and in an OCPP
    payload where its schema has an id token. What is only called like a card stays. When a scenario also speaks of a
    card of its own that is called like a real card which stands for another, that one is called something else outside:
    there are two cards, not one.

    Args:
        cards: a scenario's card or group → the real one. What stands for itself keeps the letter case of each step.
        version: of the case.
    """

    def __init__(self, cards: Mapping[str, str], version: OcppVersion) -> None:
        ours = {card.lower() for card in cards}
        exchanged = {card: real for card, real in cards.items() if card != real}
        taken = [real for real in exchanged.values() if real.lower() not in ours]
        exchanged.update((real, _stand_in(real)) for real in taken)
        self._version = version
        self._out = {card.lower(): real for card, real in exchanged.items()}
        self._back = {real.lower(): card for card, real in exchanged.items()}

    def outwards(self, data: Any) -> Any:
        """Fields of the language with the real cards."""
        return _fields(data, self._out) if self._out else data

    def command(self, command: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """A command's fields with the real cards; a message by proxy is exchanged as its schema says."""
        if command != "proxy_message":
            exchanged: Mapping[str, Any] = self.outwards(fields)
            return exchanged
        payload = fields.get("payload")
        if not self._out or not isinstance(payload, Mapping):
            return fields
        action = camel_case(self._version, str(fields.get("action")))
        spelled = payload_names(self._version, action, payload, "request")
        return {**fields, "payload": self.call(action, spelled)}

    def call(self, action: str, payload: Any) -> Any:
        """The payload of a call with the real cards."""
        return self._payload(action, "request", payload, self._out) if self._out else payload

    def inwards(self, data: Any) -> Any:
        """Fields of a fact with the scenario's cards."""
        return _fields(data, self._back) if self._back else data

    def recorder(self, record: Recorder) -> Recorder:
        """A recorder that puts the scenario's cards back into observations."""
        if not self._back:
            return record

        def put_back(observation: Observation) -> None:
            fields = observation.fields
            if observation.kind != "frame":
                record(replace(observation, fields=self.inwards(dict(fields))))
                return
            kind = _KINDS.get(str(fields.get("type")))
            if kind is None or "payload" not in fields:
                record(observation)
                return
            payload = self._payload(observation.name, kind, fields["payload"], self._back)
            record(replace(observation, fields={**fields, "payload": payload}))

        return put_back

    def _payload(self, action: str, kind: Kind, payload: Any, table: Mapping[str, str]) -> Any:
        return exchange_tokens(self._version, action, kind, payload, lambda card: table.get(card.lower(), card))


def _stand_in(card: str) -> str:
    """A card that no CSMS knows, within the 20 characters of OCPP 1.6."""
    return f"NO-CARD-{crc32(card.lower().encode('utf-8', 'surrogatepass')):08X}"


def _fields(value: Any, table: Mapping[str, str]) -> Any:
    if isinstance(value, list | tuple):
        return [_fields(item, table) for item in value]
    if not isinstance(value, Mapping):
        return value
    return {name: _field(name, item, table) for name, item in value.items()}


def _field(name: Any, value: Any, table: Mapping[str, str]) -> Any:
    if name in TOKEN_FIELDS:
        return _token(value, table)
    if name in TABLE_FIELDS and isinstance(value, Mapping):
        return {table.get(str(card).lower(), card): _fields(known, table) for card, known in value.items()}
    return _fields(value, table)


def _token(value: Any, table: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return table.get(value.lower(), value)
    if isinstance(value, Mapping):
        return {name: _token(item, table) if name == "value" else item for name, item in value.items()}
    return [_token(item, table) for item in value] if isinstance(value, list | tuple) else value
