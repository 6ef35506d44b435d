"""A warning for a given state whose card nobody knows: its recipe cannot be followed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner.scenario.build import ONLY_CHARGER
from ocpplab_runner.scenario.checks.card_types import check_state_type
from ocpplab_runner.scenario.checks.scope import Scope, is_computed
from ocpplab_runner.scenario.suggest import did_you_mean

#: States whose recipe presents a card that has to be accepted.
_ACCEPTED = frozenset({"authorized", "charging", "suspended_ev", "finishing"})


def check_state_card(scope: Scope, root: Mapping[str, Any], data: Mapping[str, Any]) -> None:
    """Warn where the file's ``given.state`` needs a card that the CSMS does not know.

    Args:
        scope: of the file.
        root: the file itself.
        data: the file with its defaults below it.
    """
    given, whole = _mapping(root.get("given")), _mapping(data.get("given"))
    state = _mapping(given.get("state"))
    for name, fields in state.items():
        if isinstance(fields, dict) and "id_tag" in fields:
            check_state_type(scope, name, fields)
        if name not in _ACCEPTED or not isinstance(fields, dict) or _may_accept_any(scope, whole):
            continue
        cards = list(_mapping(_mapping(whole.get("csms")).get("id_tokens")))
        if any(is_computed(card) for card in cards):
            continue
        known = {card.lower() for card in cards} | _known_inside(scope, whole)
        for card, _ in scope.alternatives(fields.get("id_tag")):
            if isinstance(card, str) and card.lower() not in known:
                message = f"the state '{name}' needs the card '{card}', and given.csms.id_tokens does not have it"
                hint = did_you_mean(card, cards) or f"add it: id_tokens: {{{card}: Accepted}}"
                span = scope.document.value_span(fields, "id_tag")
                scope.check.report(scope.document, span, "unknown-card", message, hint, severity="warning")
                break


def _may_accept_any(scope: Scope, given: Mapping[str, Any]) -> bool:
    """Whether something else decides: another status of unknown cards, a programmed answer, another validator."""
    csms = _mapping(given.get("csms"))
    unknown = csms.get("unknown_id_token")
    charger = _first_charger(scope, given)
    return (
        unknown == "Accepted"
        or is_computed(unknown)
        or bool(csms.get("replies"))
        or not isinstance(csms.get("id_tokens", {}), dict)
        or "validators" in _mapping(charger.get("authorization"))
    )


def _known_inside(scope: Scope, given: Mapping[str, Any]) -> set[str]:
    charger = _first_charger(scope, given)
    entries = _mapping(_mapping(charger.get("local_list")).get("entries"))
    return {str(card).lower() for cards in (entries, _mapping(charger.get("cache"))) for card in cards}


def _first_charger(scope: Scope, given: Mapping[str, Any]) -> Mapping[str, Any]:
    chargers = _mapping(given.get("chargers")) or {ONLY_CHARGER: given.get("charger")}
    return _mapping(chargers.get(scope.world.first_charger))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
