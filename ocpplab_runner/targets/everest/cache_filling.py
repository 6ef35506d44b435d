"""Filling an EVerest's cache: each card is presented, the CSMS says of it what the case gives, and EVerest learns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner.authorization.types import AuthorizationStatus
from ocpplab_runner.charger.config import CardData
from ocpplab_runner.plugin.stage import BlockedError, InfrastructureError
from ocpplab_runner.targets.everest.conclusions import Conclusions
from ocpplab_runner.targets.station.station_charger import StationCharger

_WHAT = "given.charger.cache cannot be arranged"
#: Seconds in which EVerest says what becomes of a token.
_LIMIT = 10.0
#: Seconds in which a granted authorization is taken back.
_TAKING_BACK = 2.0
_GRANTED = frozenset({"Accepted", "UsedToStart"})
_OVER = frozenset({"Rejected", "TimedOut", "Withdrawn"})
#: EVerest may keep its last withdrawal in mind, and withdraw what matches it later: this one matches nobody.
_NOBODY = {"id_token": {"value": "WITHDRAWN-BY-NOBODY", "type": "Central"}}


def why_not_filled(cards: Mapping[str, Any]) -> str | None:
    """Why a cache as a scenario gives it cannot be had by presenting its cards; None when it can."""
    for card, given in cards.items():
        if isinstance(given, Mapping) and given.get("expired_for") is not None:
            return f"{_WHAT}: OCPP leaves open whether a station keeps {card}, which has expired when it learns of it"
    return None


async def fill_cache(charger: StationCharger, conclusions: Conclusions, cards: Mapping[str, CardData]) -> None:
    """Have an EVerest with an empty cache learn cards from a CSMS that says of them what is given.

    An accepted card is presented once more: about one that is kept nobody is asked.

    Args:
        charger: the EVerest, at rest and set to use its cache.
        conclusions: hears what becomes of tokens.
        cards: what it must know.

    Raises:
        BlockedError: it does not learn.
        InfrastructureError: it does not say what becomes of a card.
    """
    for card, data in cards.items():
        accepted = data.status is AuthorizationStatus.ACCEPTED
        if not await _asks(charger, conclusions, card, data.type, accepted=accepted):
            raise BlockedError(f"{_WHAT}: {charger.identity} does not ask the CSMS about {card}")
        if accepted and await _asks(charger, conclusions, card, data.type, accepted=True):
            raise BlockedError(f"{_WHAT}: {charger.identity} asks the CSMS about {card} each time")


async def _asks(charger: StationCharger, conclusions: Conclusions, card: str, kind: str, *, accepted: bool) -> bool:
    """Present a card and take back what it was granted; whether the CSMS was asked about it."""
    key = card.casefold()
    conclusions.statuses.pop(key, None)
    conclusions.asked.discard(key)

    def said() -> str:
        return conclusions.statuses.get(key, "")

    await charger.perform("authorize_id_tag", {"id_tag": card, "id_token_type": kind})
    await conclusions.changes.until(lambda: said() in _GRANTED | _OVER, f"told what becomes of {card}", _LIMIT)
    if (said() in _GRANTED) is not accepted:
        raise BlockedError(f"{_WHAT}: {card}, presented to {charger.identity}, is {said()}")
    if accepted:
        await _take_back(charger, conclusions, key)
    # What it was granted is taken back, and what it was refused is over: it waits for no car.
    charger.watch.waiting.discard(card.lower())
    return key in conclusions.asked


async def _take_back(charger: StationCharger, conclusions: Conclusions, key: str) -> None:
    for attempt in (1, 2):  # a grant that is just being made is not found yet
        await charger.perform("withdraw_authorization", {})
        try:
            await conclusions.changes.until(
                lambda: conclusions.statuses.get(key) in _OVER, "rid of its authorization", _TAKING_BACK
            )
            break
        except InfrastructureError:
            if attempt == 2:
                raise
    await charger.perform("withdraw_authorization", _NOBODY)
