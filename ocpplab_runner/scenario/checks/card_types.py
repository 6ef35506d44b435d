"""A warning of a card that is presented as another type of token than the CSMS is given it with.

OCPP 2.x tells tokens apart by number and type (part 2, C: IdTokenType), so a CSMS may refuse what our own one, which
knows cards by number, accepts. One who expects a refusal means it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ocpplab_runner.scenario.checks.scope import Scope, is_computed
from ocpplab_runner.scenario.checks.tokens import has_types
from ocpplab_runner.vocabulary.authorization import DEFAULT_TOKEN_TYPE, PROVIDED_TOKEN_TYPES

_CODE = "card-of-another-type"
_CARD, _TYPE = "id_tag", "id_token_type"
#: Verbs with an ``id_tag`` that present it, with or without an ``id_token_type``.
_PRESENTING = frozenset({"authorize_id_tag", "start_session", "start_transaction", "remote_start", "reserve_now"})
_JUDGING = ("expect", "never", "still")
#: What an event says of a card that was taken.
_TAKEN = frozenset({"Accepted", "UsedToStart", "started"})


def card_types(cards: Any) -> dict[str, str | None]:
    """The types that cards, written ``CARD: {status: …, type: …}``, are said to have; None where none is said.

    Their numbers are in lower case: OCPP's identifierString has no letter case.
    """
    if not isinstance(cards, dict):
        return {}
    types = {str(name).lower(): card.get("type") if isinstance(card, dict) else None for name, card in cards.items()}
    return {name: kind if isinstance(kind, str) and not is_computed(kind) else None for name, kind in types.items()}


def check_card_type(scope: Scope, step: dict[str, Any], verb: str) -> None:
    """Warn where a step presents a card as another type than the CSMS is given.

    Args:
        scope: of the step.
        step: the whole of it, for what it expects.
        verb: its verb.
    """
    place = _presented(step, verb)
    if place is None or scope.raw or (any(key in step for key in _JUDGING) and not _expects_it_taken(step)):
        return
    container, key, presented = place
    for card, versions in scope.alternatives(container[key]):
        said = scope.world.card_types.get(card.lower()) if isinstance(card, str) else None
        if said and said != presented and scope.wrong_in(has_types, versions):
            message = f"{card} is presented as {presented}; given.csms.id_tokens says that it is of type {said}"
            hint = f"{_way(verb, said)}; `raw: true` on the step says that it is meant"
            span = scope.document.value_span(container, key)
            scope.report(span, _CODE, message, hint, severity="warning")
            return


def check_state_type(scope: Scope, name: str, fields: Mapping[str, Any]) -> None:
    """Warn where the recipe of a given state presents, or reserves, a card that has another type.

    Args:
        scope: of the file.
        name: of the state.
        fields: of it, as written.
    """
    for card, versions in scope.alternatives(fields.get(_CARD)):
        said = scope.world.card_types.get(card.lower()) if isinstance(card, str) else None
        if said and said != DEFAULT_TOKEN_TYPE and scope.wrong_in(has_types, versions):
            message = f"the state '{name}' presents {card} as {DEFAULT_TOKEN_TYPE}; "
            message += f"given.csms.id_tokens says that it is of type {said}"
            hint = "take a card of no type, or come to the state by steps: `given` presents RFID cards"
            scope.report(scope.document.value_span(fields, _CARD), _CODE, message, hint, severity="warning")
            return


def _presented(step: dict[str, Any], verb: str) -> tuple[dict[str, Any], str, str] | None:
    """Where the card stands, and the type of token that it is presented as; None without either."""
    value = step[verb]
    fields = value if isinstance(value, dict) else {}
    container, key = (step, verb) if isinstance(value, str) else (fields, _CARD)
    kind: Any = fields.get(_TYPE, DEFAULT_TOKEN_TYPE)
    if verb == "provide_token":
        token, way = fields.get("id_token"), fields.get("authorization_type", "")
        kind = way if is_computed(way) else PROVIDED_TOKEN_TYPES.get(str(way), DEFAULT_TOKEN_TYPE)
        if isinstance(token, dict):
            container, key, kind = token, "value", token.get("type", kind)
        elif fields:
            key = "id_token"
    elif verb not in _PRESENTING:
        return None
    return (container, key, kind) if key in container and isinstance(kind, str) and not is_computed(kind) else None


def _way(verb: str, said: str) -> str:
    if verb == "provide_token":
        return f"write `id_token: {{value: …, type: {said}}}`"
    if verb == "start_session":
        return f"present it with `authorize_id_tag` and `{_TYPE}: {said}`"
    if verb == "reserve_now":
        return f"reserve it with `csms_call: {{action: ReserveNow, …}}` and `type: {said}`"
    return f"write `{_TYPE}: {said}`"


def _expects_it_taken(step: dict[str, Any]) -> bool:
    return any(word in _TAKEN for word in _words(step.get("expect")))


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key != "$not":
                yield from _words(inner)
    elif isinstance(value, list):
        for item in value:
            yield from _words(item)
    elif isinstance(value, str):
        yield value
