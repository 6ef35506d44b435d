"""Warnings of slips that nothing refuses: a card that is nearly a given one, a change that nobody hears of."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ocpplab_runner.scenario.checks.scope import Scope

#: Verb → the facets that would tell of its change if a message carried it, and what shows it.
_SILENT = {
    "update_id_tokens": (
        frozenset({"auth_status", "validation_result"}),
        "the card has to be presented: `authorize_id_tag`",
    ),
    "set_configuration": (frozenset({"configuration"}), "the CSMS changes it by messages: `change_configuration`"),
    "send_local_auth_list": (frozenset({"local_list"}), "the CSMS sends it by messages: `send_local_list`"),
    "clear_local_auth_list": (frozenset({"local_list"}), "the CSMS sends it by messages: `send_local_list`"),
}
_CARDS = frozenset({"id_tokens", "entries", "cache", "update_id_tokens"})
_TOKEN_KEYS = frozenset({"id_tag", "parent_id_token", "parent_id_tag"})
_PARTS = re.compile(r"[A-Za-z]+|[0-9]+")
#: What stands between letters; between numbers it tells cards apart.
_GAP = re.compile(r"(?<=[A-Za-z])[^A-Za-z0-9]+(?=[A-Za-z])")
#: A word that is shorter tells cards apart: CARD-A and CARD-B.
_SHORTEST = 4


def warn_of_card(scope: Scope, step: dict[str, Any], container: Any, key: str) -> None:
    """Warn of a card that is presented, is given nowhere, and is nearly one that is."""
    card = container[key]
    if not isinstance(card, str) or "${{" in card or scope.raw:
        return
    asked = json.dumps(step.get("expect"), default=str)
    if "Invalid" in asked or "Unknown" in asked or "unknown_id_token" in scope.document.text:
        return  # that nobody knows the card is what is tested
    given = dict.fromkeys(_given(scope.document.root))
    if any(one.lower() == card.lower() for one in given):
        return
    near = next((one for one in given if is_slip(card, one)), None)
    if near is not None:
        span = scope.document.value_span(container, key)
        message = f"no card '{card}' is given"
        scope.report(span, "unknown-card", message, f"did you mean '{near}'?", severity="warning")


def warn_of_silence(scope: Scope, step: dict[str, Any], verb: str, facets: set[str]) -> None:
    """Warn of an ``expect`` beside a change that no message carries where the charger is simulated."""
    telling, hint = _SILENT.get(verb, (frozenset(), ""))
    for facet in sorted(telling & facets):
        span = scope.document.key_span(step, "expect")
        message = f"no message tells of what '{verb}' changes, so no '{facet}' follows from it"
        scope.report(span, "unlikely-event", message, hint, severity="warning")
        return


def is_slip(word: str, other: str) -> bool:
    """Whether a name is most likely the other, misspelt: another number, or another short word, is another card.

    >>> [is_slip(one, "CARD-1") for one in ("CRAD-1", "CARD1", "card_1", "CARD-2", "CARD-A")]
    [True, True, True, False, False]
    """
    parts, others = ([part.lower() for part in _PARTS.findall(name)] for name in (word, other))
    if parts == others or _without_gaps(word) == _without_gaps(other):
        return True
    if len(parts) != len(others):
        return False
    different = [(one, two) for one, two in zip(parts, others, strict=True) if one != two]
    return len(different) == 1 and _misspelt(*different[0])


def _without_gaps(name: str) -> list[str]:
    return [part.lower() for part in _PARTS.findall(_GAP.sub("", name))]


def _misspelt(one: str, two: str) -> bool:
    """Whether a letter is missing, is one too many, or has changed places with the next."""
    if one[0].isdigit() or two[0].isdigit() or min(len(one), len(two)) < _SHORTEST:
        return False
    longer, shorter = (one, two) if len(one) > len(two) else (two, one)
    if len(longer) == len(shorter) + 1:
        return any(longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer)))
    swapped = (one[:place] + one[place + 1] + one[place] + one[place + 2 :] for place in range(len(one) - 1))
    return two in swapped


def _given(value: Any) -> Iterator[str]:
    """Every card that a file says something of, other than that it is presented."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in _CARDS and isinstance(inner, dict):
                yield from (name for name in inner if isinstance(name, str))
            if key in ("entries", "send_local_list") and isinstance(inner, list | dict):
                yield from _tokens(inner)
            if key in ("state", "cases", "vars"):
                yield from _texts(inner)
            yield from _given(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _given(inner)


def _tokens(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            yield from (text for key, text in one.items() if key in _TOKEN_KEYS and isinstance(text, str))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
