"""The Authorization Cache: OCPP 1.6 section 3.5.1, OCPP 2.0.1 use cases C10 to C12."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from ocpplab_runner.authorization.types import IdToken, IdTokenType, UnknownValue, ValidationResult

_Key: TypeAlias = tuple[str, IdTokenType | UnknownValue | None]


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """One cached card.

    Attributes:
        token: the card.
        result: the CSMS's last verdict on it.
        updated: when that was learned.
    """

    token: IdToken
    result: ValidationResult
    updated: datetime


class AuthorizationCache:
    """What the CSMS has said of cards.

    Args:
        max_entries: how many cards it can hold; to make room invalid entries go first, then the oldest
            (OCPP 1.6 section 3.5.1, 2.0.1 C10.FR.07).
        lifetime: how long an entry without an expiry of its own stays valid, counted from its last update
            (2.0.1 ``AuthCacheCtrlr.LifeTime``); None for ever.
        match_types: True where a token's type is a part of its identity (OCPP 2.x).
    """

    def __init__(self, *, match_types: bool, max_entries: int = 1000, lifetime: timedelta | None = None) -> None:
        self.max_entries = max_entries
        self.lifetime = lifetime
        self._match_types = match_types
        self._entries: dict[_Key, CacheEntry] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def update(self, token: IdToken, result: ValidationResult, now: datetime) -> None:
        """Remember a verdict; the entry becomes the youngest."""
        key = self._key(token)
        # Out first: it goes back in as the last, and the first ones make room.
        self._entries.pop(key, None)
        if self.max_entries < 1:
            return
        while len(self._entries) >= self.max_entries:
            self._make_room(now)
        self._entries[key] = CacheEntry(token, result, now)

    def lookup(self, token: IdToken, now: datetime) -> ValidationResult | None:
        """The verdict on a token as it stands at that time; None when there is none.

        A verdict past its expiry reads as Expired. One past the cache's lifetime is removed (2.0.1 C10.FR.08).
        """
        key = self._key(token)
        entry = self._entries.get(key)
        if entry is None:
            return None
        if self._outlived(entry, now):
            del self._entries[key]
            return None
        return entry.result.at(now)

    def remove(self, token: IdToken) -> None:
        """Forget a token; nothing happens when it is not there."""
        self._entries.pop(self._key(token), None)

    def clear(self) -> int:
        """Forget everything; returns how many entries there were (OCPP 1.6 section 5.4, 2.0.1 C11)."""
        count = len(self._entries)
        self._entries = {}
        return count

    def snapshot(self) -> tuple[CacheEntry, ...]:
        """Every entry, oldest first: what survives a loss of power (OCPP 1.6 section 3.5.1, 2.0.1 C10.FR.02)."""
        return tuple(self._entries.values())

    def restore(self, entries: tuple[CacheEntry, ...]) -> None:
        """Put back what :meth:`snapshot` gave."""
        self._entries = {self._key(entry.token): entry for entry in entries}

    def _outlived(self, entry: CacheEntry, now: datetime) -> bool:
        return self.lifetime is not None and entry.result.expiry_time is None and entry.updated + self.lifetime <= now

    def _make_room(self, now: datetime) -> None:
        useless = (
            key
            for key, entry in self._entries.items()
            if not entry.result.at(now).accepted or self._outlived(entry, now)
        )
        del self._entries[next(useless, next(iter(self._entries)))]

    def _key(self, token: IdToken) -> _Key:
        return token.key, token.type if self._match_types else None
