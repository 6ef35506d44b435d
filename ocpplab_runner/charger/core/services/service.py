"""The key by which a functional block asks the context for what another does, so that no block imports another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Service(Generic[S]):
    """The key of a service."""

    name: str
