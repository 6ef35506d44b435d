"""The profiles that are installed: what replaces what, and what a filter finds. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ocpplab_runner.charger.blocks.smart_charging.profiles import Profile, Purpose


@dataclass(frozen=True, slots=True)
class Criteria:
    """Which profiles are meant; what is None does not matter."""

    profile_ids: frozenset[int] | None = None
    evse_id: int | None = None
    purpose: Purpose | None = None
    stack_level: int | None = None
    sources: frozenset[str] | None = None

    def meet(self, profile: Profile) -> bool:
        """Whether they mean it."""
        return (
            (self.profile_ids is None or profile.profile_id in self.profile_ids)
            and self.evse_id in (None, profile.evse_id)
            and self.purpose in (None, profile.purpose)
            and self.stack_level in (None, profile.stack_level)
            and (self.sources is None or profile.source in self.sources)
        )


class InstalledProfiles:
    """Profiles in the order in which they came.

    Args:
        one_a_place: whether a new one takes the place of what has its stack level and purpose at the same place, too
            (1.6 section 5.16); in 2.x they stand side by side, as they are never valid at once (K01.FR.06).
    """

    __slots__ = ("_one_a_place", "_profiles")

    def __init__(self, *, one_a_place: bool) -> None:
        self._one_a_place = one_a_place
        self._profiles: tuple[Profile, ...] = ()

    def __iter__(self) -> Iterator[Profile]:
        return iter(self._profiles)

    def __len__(self) -> int:
        return len(self._profiles)

    @property
    def everything(self) -> tuple[Profile, ...]:
        """All of them."""
        return self._profiles

    def replaced_by(self, profile: Profile) -> list[Profile]:
        """What a new one takes the place of: the same id (K01.FR.05), or the same place."""
        return [
            one
            for one in self._profiles
            if one.profile_id == profile.profile_id or (self._one_a_place and _same_place(one, profile))
        ]

    def put(self, profile: Profile) -> None:
        """Install one."""
        gone = self.replaced_by(profile)
        self._profiles = (*(one for one in self._profiles if one not in gone), profile)

    def remove(self, wanted: Callable[[Profile], bool]) -> list[Profile]:
        """Take out what is wanted; returns what that was."""
        gone = [one for one in self._profiles if wanted(one)]
        if gone:
            self._profiles = tuple(one for one in self._profiles if not wanted(one))
        return gone

    def recall(self, profiles: Iterable[Profile]) -> None:
        """What an earlier process had."""
        self._profiles = tuple(profiles)


def _same_place(one: Profile, other: Profile) -> bool:
    return (one.stack_level, one.purpose, one.evse_id, one.transaction_id) == (
        other.stack_level,
        other.purpose,
        other.evse_id,
        other.transaction_id,
    )
