"""A transaction that has ended, as far as its cost goes: it may still be told, or its cable be in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ocpplab_runner.authorization.types import IdToken
from ocpplab_runner.charger.core.json_values import known_token, token_out


class Charged(Protocol):
    """Whatever has a cost: where it was, whose, and its id on the wire as soon as that is known."""

    @property
    def evse_id(self) -> int: ...

    @property
    def token(self) -> IdToken: ...

    @property
    def remote_id(self) -> int | str | None: ...


@dataclass(frozen=True, slots=True)
class Ended:
    """One that an earlier process of the station has remembered."""

    evse_id: int
    token: IdToken
    remote_id: int | str | None


def ended_out(one: Charged) -> list[Any]:
    """As JSON data."""
    return [one.evse_id, token_out(one.token), one.remote_id]


def ended_in(data: list[Any]) -> Ended:
    """The opposite of :func:`ended_out`."""
    evse_id, token, remote_id = data
    return Ended(evse_id, known_token(token), remote_id)


def by_evse(data: Mapping[str, Any]) -> dict[int, Any]:
    """A mapping by the number of an EVSE, which JSON keeps as text."""
    return {int(evse_id): one for evse_id, one in data.items()}
