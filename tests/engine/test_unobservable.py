"""What nobody can have seen is neither a failure nor a pass: the case is blocked, ahead of the run or after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ocpplab_runner import clock
from ocpplab_runner.engine.matching.unobservable import why_not_absent, why_unjudgeable
from ocpplab_runner.plugin.capabilities import Capabilities
from ocpplab_runner.plugin.stage import Doubt, Stage
from ocpplab_runner.scenario.model import FacetExpectation
from ocpplab_runner.targets.simulated import SimulatedTarget
from tests.engine.matcher_kit import World, facet
from tests.engine.suite_kit import plan_texts

_REASON = "the log has a gap"


class _Forgetful(Stage):
    """May have missed one fact."""

    def __init__(self, doubt: Doubt) -> None:
        self._doubt = doubt

    def doubts(self, charger: str, since: float, until: float) -> Sequence[Doubt]:
        return (self._doubt,)


class _ShortSighted(SimulatedTarget):
    """Sees less than it could."""

    def __init__(self, less: Mapping[str, Any]) -> None:
        super().__init__()
        self._less = less

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, **self._less)


def _capabilities() -> Capabilities:
    return SimulatedTarget().capabilities


async def _asked(question: Callable[[], str | None]) -> str | None:
    return question()


_MISSED = Doubt("connector_status", {"is": ("Charging",)}, _REASON)


@pytest.mark.parametrize(
    ("wanted", "doubt", "why"),
    [
        (facet("connector_status", "Charging", count=1), _MISSED, f"cannot be counted: {_REASON}"),
        (facet("connector_status", "Available", count=1), _MISSED, None),
        (facet("connector_status", "Charging", at_least=1), _MISSED, None),
    ],
)
def test_a_count_is_only_as_good_as_what_was_seen(wanted: FacetExpectation, doubt: Doubt, why: str | None) -> None:
    """One that came, and one more that may have come unseen, are not exactly one; enough is enough."""
    world = World()
    watch = world.expect(wanted, within=5.0)
    world.status(wanted.fields["is"])
    world.time = 6.0
    watch.tick(world.time)
    found = clock.run(_asked(lambda: why_unjudgeable(watch, _capabilities(), _Forgetful(doubt))))
    assert (found is None) if why is None else (why in str(found))


@pytest.mark.parametrize(("doubt", "why"), [(_MISSED, _REASON), (replace(_MISSED, fields={"is": ("Faulted",)}), "")])
def test_what_may_have_come_unseen_is_not_absent(doubt: Doubt, why: str) -> None:
    """A prohibition that nothing seen has broken."""
    world = World()
    watch = world.never(facet("connector_status", "Charging"), lasts=5.0)
    world.time = 6.0
    found = clock.run(_asked(lambda: why_not_absent(watch, _Forgetful(doubt))))
    assert (found is None) if not why else (why in str(found))


@pytest.mark.parametrize(
    ("capabilities", "step", "reason"),
    [
        ({"facts": {}}, "never: {heartbeat: {}}, for: 1m", "the target cannot see heartbeat"),
        ({"facts": {}}, "expect: {connector_status: Charging}", "the target cannot see connector_status"),
        ({"frames": False}, "never: {message: {action: Heartbeat}}, for: 1m", "the target sees no OCPP frames"),
        (
            {"routes": frozenset({"Authorize"})},
            "never: {auth_status: {is: Accepted, via: StartTransaction}}, for: 1m",
            "the target cannot see a verdict via StartTransaction",
        ),
    ],
)
def test_what_a_target_cannot_see_is_never_taken_for_absent(
    capabilities: dict[str, Any], step: str, reason: str, tmp_path: Path
) -> None:
    """A `never` about it would otherwise pass for want of eyes."""
    plan = plan_texts(tmp_path, f"steps: [{{{step}}}]\n", target=_ShortSighted(capabilities))
    assert reason in str(plan.cases[0].blocked)
