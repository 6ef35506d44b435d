"""What cannot be judged because the target does not see all of it: a missing verdict may have been given unseen."""

from __future__ import annotations

from ocpplab_runner.engine.expectations import ExpectationWatch
from ocpplab_runner.plugin.target import Capabilities
from ocpplab_runner.vocabulary.statuses import AuthorizationRoute

_FACT = "auth_status"


def why_unjudgeable(watch: ExpectationWatch, capabilities: Capabilities) -> str | None:
    """Why a failed expectation cannot be called failed; None when it can.

    Args:
        watch: it has failed.
        capabilities: of the target. Where it sees every route of a verdict, everything can be judged.
    """
    hidden = [route.value for route in AuthorizationRoute if route not in capabilities.routes]
    problem = watch.problem
    if not hidden or problem is None or problem.seq is not None or not problem.parts:
        return None
    for part in problem.parts:
        if not all(
            item.view.spec.event == _FACT and item.stated.get("via", hidden[0]) in hidden for item in part.items
        ):
            return None
    return f"{problem.message}; it may have been given unseen: the target cannot see a verdict via {', '.join(hidden)}"
