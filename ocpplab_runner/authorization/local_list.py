"""The Local Authorization List: OCPP 1.6 sections 3.5.2 and 5.15, OCPP 2.0.1 use cases D01 and D02."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from ocpplab_runner.authorization.types import IdToken, IdTokenType, UnknownValue, ValidationResult

_Key: TypeAlias = tuple[str, IdTokenType | UnknownValue | None]


class UpdateType(StrEnum):
    """Whether an update replaces the list or changes it."""

    FULL = "Full"
    DIFFERENTIAL = "Differential"


class UpdateStatus(StrEnum):
    """What became of an update."""

    ACCEPTED = "Accepted"
    FAILED = "Failed"
    VERSION_MISMATCH = "VersionMismatch"


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One card of an update or of the list.

    Attributes:
        token: the card.
        result: what the list says of it; None in a differential update removes the card.
    """

    token: IdToken
    result: ValidationResult | None


class LocalAuthorizationList:
    """The list that the CSMS has sent, with its version.

    Args:
        max_entries: how many cards it can hold.
        match_types: True where a token's type is a part of its identity (OCPP 2.x), False for OCPP 1.6.
        zero_is_empty: True where version 0 says that the list is empty, and any empty list has it (OCPP 1.6 section
            5.10); False where it says that none was ever sent (2.0.1 D02.FR.03), and none may be sent with it.
    """

    def __init__(self, *, max_entries: int, match_types: bool, zero_is_empty: bool) -> None:
        self.max_entries = max_entries
        self._match_types = match_types
        self._zero_is_empty = zero_is_empty
        self._version = 0
        self._entries: dict[_Key, ListEntry] = {}
        self._revision = 0

    @property
    def revision(self) -> int:
        """Grows with every change; who has seen the list at one need not look again."""
        return self._revision

    @property
    def version(self) -> int:
        """The list's version, as the CSMS reads it."""
        return 0 if self._zero_is_empty and not self._entries else self._version

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[ListEntry]:
        return iter(self._entries.values())

    def lookup(self, token: IdToken) -> ValidationResult | None:
        """What the list says of a token; None when it is not on the list. Expiry is the caller's (see ``at``)."""
        entry = self._entries.get(self._key(token))
        return entry.result if entry is not None else None

    def update(self, version: int, update_type: UpdateType, entries: Iterable[ListEntry]) -> UpdateStatus:
        """Apply an update; one that is not accepted changes nothing.

        Failed: a version below 1 (2.0.1 D01.FR.18), in 1.6 a negative one, and 0 for a full list that is not empty; a
        token that occurs twice (D01.FR.06), a full list with an entry without an idTagInfo (1.6 AuthorizationData),
        more entries than fit. VersionMismatch: a differential update whose version is not above the list's (1.6
        UpdateStatus, 2.0.1 D01.FR.19).
        """
        entries = list(entries)
        if version < 0 or (version == 0 and not self._zero_is_empty):
            return UpdateStatus.FAILED
        # By the version that the CSMS reads: from an emptied list of 1.6 that is 0, and 1 is above it.
        if update_type is UpdateType.DIFFERENTIAL and version <= self.version:
            return UpdateStatus.VERSION_MISMATCH
        if version == 0 and entries:
            return UpdateStatus.FAILED
        changes = {self._key(entry.token): entry for entry in entries}
        if len(changes) != len(entries):
            return UpdateStatus.FAILED
        if update_type is UpdateType.FULL:
            if any(entry.result is None for entry in entries):
                return UpdateStatus.FAILED
            after = changes
        else:
            after = {key: entry for key, entry in {**self._entries, **changes}.items() if entry.result is not None}
        if len(after) > self.max_entries:
            return UpdateStatus.FAILED
        self._entries = after
        self._version = version
        self._revision += 1
        return UpdateStatus.ACCEPTED

    def restore(self, version: int, entries: Iterable[ListEntry]) -> None:
        """Put back what was there when its station was last seen."""
        self._version = version
        self._entries = {self._key(entry.token): entry for entry in entries}
        self._revision += 1

    def clear(self) -> int:
        """Forget every entry and set the version to 0; returns how many there were."""
        count = len(self._entries)
        self._entries = {}
        self._version = 0
        self._revision += 1
        return count

    def _key(self, token: IdToken) -> _Key:
        return token.key, token.type if self._match_types else None
