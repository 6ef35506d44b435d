"""The verdict on a card in a command's result. Pure.

The API promises that the verdict is there, and not who has given it. What the result does not say stays unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ocpplab_runner.targets.unseen import INSIDE_ROUTES
from ocpplab_runner.vocabulary.statuses import AuthorizationRoute, AuthorizationStatus

_STATUSES = {status.value.lower(): status for status in AuthorizationStatus}
_ROUTES = {route.value.lower(): route for route in AuthorizationRoute}
#: Fields of an ``auth_status`` that a result may have under the same names; null where the verdict has no such thing.
_MORE: Mapping[str, type] = {"evse_id": int, "parent_id_token": str, "reason": str}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a result says of a card.

    Attributes:
        status: the verdict.
        via: who has given it; None when the result does not say.
        more: further fields of the fact.
        unknown: fields of which the result says nothing.
    """

    status: AuthorizationStatus
    via: AuthorizationRoute | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()

    @property
    def inside(self) -> bool:
        """Whether it is said that no frame shows it."""
        return self.via in INSIDE_ROUTES


def verdict_in(result: Mapping[str, Any]) -> Verdict | None:
    """The verdict in a result; None when there is none that can be understood."""
    status = _STATUSES.get(str(result.get("status")).lower())
    if status is None:
        return None
    via = _ROUTES.get(str(result.get("via")).lower())
    more = {name: result[name] for name, kind in _MORE.items() if isinstance(result.get(name), kind)}
    unknown = {name for name in _MORE if name not in result} | ({"via"} if via is None else set())
    return Verdict(status, via, more, frozenset(unknown))


def is_without_verdict(result: Mapping[str, Any]) -> bool:
    """Whether a result says that a card was used and nobody was asked: the running transaction's own card stops it."""
    return "status" not in result and isinstance(result.get("token_status"), str)
