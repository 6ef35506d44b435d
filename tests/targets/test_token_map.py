"""Cards are exchanged where a card can be, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from ocpplab_runner.ocppj.id_tokens import exchange_tokens
from ocpplab_runner.ocppj.schemas import actions, request_schema, response_schema
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.targets.token_map import TokenMap
from ocpplab_runner.vocabulary.versions import OcppVersion

V16, V201 = OcppVersion.V16, OcppVersion.V201


def observed(tokens: TokenMap, observation: Observation) -> Any:
    """An observation's fields as the ledger gets them."""
    seen: list[Observation] = []
    tokens.recorder(seen.append)(observation)
    return seen[0].fields


def frame(action: str, kind: str, payload: Any) -> Observation:
    """A frame as a target observes it."""
    return Observation("frame", action, "charger", 0.0, {"direction": "to_csms", "type": kind, "payload": payload})


def test_fields_of_the_language() -> None:
    """Cards are exchanged as keys of tables and as tokens, without letter case, and nothing else is touched."""
    tokens = TokenMap({"CARD-1": "04AB"}, V16)
    entries = {"card-1": {"status": "Accepted", "parent_id_token": "CARD-1"}, "CARD-10": "Blocked"}
    given = {
        "identity": "CARD-1",
        "local_list": {"entries": entries},
        "cache": {"CARD-1": "Accepted"},
        "settings": {"master_pass_group": "CARD-1", "light_intensity": "CARD-1"},
        "authorization": {"validators": [{"name": "CARD-1", "verdicts": {"CARD-1": {"status": "Accepted"}}}]},
    }
    assert tokens.outwards(given) == {
        "identity": "CARD-1",
        "local_list": {"entries": {"04AB": {"status": "Accepted", "parent_id_token": "04AB"}, "CARD-10": "Blocked"}},
        "cache": {"04AB": "Accepted"},
        "settings": {"master_pass_group": "04AB", "light_intensity": "CARD-1"},
        "authorization": {"validators": [{"name": "CARD-1", "verdicts": {"04AB": {"status": "Accepted"}}}]},
    }
    provided = {"id_token": {"value": "CARD-1", "type": "CARD-1"}, "parent_id_token": "CARD-1", "certificate": "CARD-1"}
    assert tokens.command("provide_token", provided) == {
        "id_token": {"value": "04AB", "type": "CARD-1"},
        "parent_id_token": "04AB",
        "certificate": "CARD-1",
    }


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        ("stop_transaction", {"reason": "CARD-1"}),
        ("set_configuration", {"configuration": {"LightIntensity": "CARD-1"}}),
        ("proxy_message", {"action": "DataTransfer", "payload": {"vendorId": "x", "data": "card-1"}}),
        ("proxy_message", {"action": "Authorize", "payload": "CARD-1"}),
        ("power_update", {"power_w": 1234}),
    ],
)
def test_what_is_only_called_like_a_card(command: str, fields: dict[str, Any]) -> None:
    """A reason, a vendor's data, a value of a key: they stay."""
    assert TokenMap({"CARD-1": "04AB"}, V16).command(command, fields) == fields


@pytest.mark.parametrize("spelling", ["Authorize", "authorize"])
def test_a_message_by_proxy(spelling: str) -> None:
    """Exchanged where its schema has a token, in either spelling."""
    tokens = TokenMap({"CARD-1": "04AB"}, V201)
    payload = {"idToken": {"idToken": "CARD-1", "type": "Local"}, "customData": {"vendorId": "CARD-1"}}
    assert tokens.command("proxy_message", {"action": spelling, "payload": payload})["payload"] == {
        "idToken": {"idToken": "04AB", "type": "Local"},
        "customData": {"vendorId": "CARD-1"},
    }


def test_frames() -> None:
    """A meter's value and a stop's reason are none of a card's business, whatever they look like."""
    tokens = TokenMap({"CARD-1": "1234", "CARD-2": "Other"}, V16)
    meter = {"connectorId": 1, "meterValue": [{"sampledValue": [{"value": "1234"}]}]}
    assert observed(tokens, frame("MeterValues", "call", meter))["payload"] == meter
    stop = {"transactionId": 1, "idTag": "1234", "reason": "Other", "meterStop": 1234}
    assert observed(tokens, frame("StopTransaction", "call", stop))["payload"] == {**stop, "idTag": "CARD-1"}
    answer = {"idTagInfo": {"status": "Accepted", "parentIdTag": "OTHER"}}
    assert observed(tokens, frame("Authorize", "result", answer))["payload"]["idTagInfo"]["parentIdTag"] == "CARD-2"
    broken = {"type": "malformed", "text": "1234"}
    assert observed(tokens, Observation("frame", "?", "charger", 0.0, broken)) == broken


def test_facts() -> None:
    """Their tokens come back; a reading that is called like one stays."""
    tokens = TokenMap({"CARD-1": "1234", "GROUP": "G"}, V16)
    fields = {"is": "1234", "id_tag": "1234", "parent_id_token": "g", "value": "1234"}
    assert observed(tokens, Observation("fact", "auth_status", "charger", 0.0, fields)) == {
        "is": "1234",
        "id_tag": "CARD-1",
        "parent_id_token": "GROUP",
        "value": "1234",
    }


def test_a_card_that_is_called_like_a_lent_one() -> None:
    """It stays another card, and comes back under its own name."""
    tokens = TokenMap({"CARD-1": "CARD-2", "CARD-3": "CARD-3", "A": "B", "B": "A"}, V16)
    outside = tokens.outwards({"id_tag": ["CARD-1", "card-2", "card-3", "a", "B"]})["id_tag"]
    assert outside[0] == "CARD-2"
    assert outside[1] not in ("CARD-1", "CARD-2", "card-2")
    assert len(outside[1]) <= 20
    assert outside[2:] == ["card-3", "B", "A"]
    assert observed(tokens, Observation("fact", "x", "charger", 0.0, {"id_tag": outside})) == {
        "id_tag": ["CARD-1", "CARD-2", "card-3", "A", "B"]
    }


@pytest.mark.parametrize("version", list(OcppVersion))
def test_every_token_of_every_schema_is_found(version: OcppVersion) -> None:
    """Counted by the names that OCPP gives tokens, apart from how places are found."""
    names = {"idTag", "parentIdTag"} if version is V16 else {"idToken", "groupIdToken"}
    found, wanted = [], 0
    for action in actions(version):
        for kind, source in (("request", request_schema), ("response", response_schema)):
            schema = source(version, action)
            payload = _sample(schema, schema.get("definitions", {}), ())
            wanted += _count(payload, names, "", version)
            exchange_tokens(version, action, kind, payload, lambda card: found.append(card) or card)  # type: ignore
    assert len(found) == wanted > 8


def _sample(schema: Any, definitions: Any, above: tuple[str, ...]) -> Any:
    """A value with every property that a schema has, texts for all scalars."""
    reference = schema.get("$ref", "").rpartition("/")[2]
    if reference:
        return None if reference in above else _sample(definitions[reference], definitions, (*above, reference))
    if "items" in schema:
        return [_sample(schema["items"], definitions, above)]
    if "properties" in schema:
        return {name: _sample(inner, definitions, above) for name, inner in schema["properties"].items()}
    return "x"


def _count(value: Any, names: set[str], under: str, version: OcppVersion) -> int:
    """Texts that stand under one of the names: in 1.6 at once, in 2.x as the ``idToken`` of such a mapping."""
    if isinstance(value, list):
        return sum(_count(item, names, under, version) for item in value)
    if isinstance(value, dict):
        if version is not V16 and under in names and "idToken" in value:
            return 1
        return sum(_count(item, names, name, version) for name, item in value.items())
    return int(version is V16 and under in names)
