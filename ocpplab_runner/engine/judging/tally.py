"""Whether a case has done and judged anything: one that has not is skipped, for its pass would mean nothing."""

from __future__ import annotations

from collections.abc import Iterator

from ocpplab_runner.scenario.checks.idle import asks_something
from ocpplab_runner.scenario.model import Scenario, Step
from ocpplab_runner.scenario.registry import Registry

NOTHING_DONE = "nothing was done: no step has run (see `only`, `if` and `repeat`)"
NOTHING_JUDGED = (
    "nothing was judged: no step that has run has an `expect`, a `still` or a `never`, and there is no `throughout`; "
    "`smoke: true` says that the scenario must merely run"
)


class Tally:
    """What the steps of one attempt have come to.

    Args:
        scenario: says whether it has a ``throughout``, and whether it must merely run.
        registry: says which verbs do nothing to anybody.
    """

    def __init__(self, scenario: Scenario, registry: Registry) -> None:
        self._verbs = registry.verbs
        self._smoke = scenario.smoke
        self._done = False
        self._judged = bool(scenario.throughout)
        self._in_finally = False

    def finally_begins(self) -> None:
        """From now on steps of ``finally`` run: they do nothing of what the scenario is for."""
        self._in_finally = True

    def count(self, step: Step) -> None:
        """A step has been carried out, with all that is in it."""
        judges = step.expect is not None or step.still is not None or step.never is not None
        self._judged = self._judged or judges or _judges_by_itself(step)
        if not step.blocks and not self._in_finally:
            spec = self._verbs.get(step.verb or "")
            self._done = self._done or self._smoke or spec is None or not spec.idle

    def why_skipped(self) -> str | None:
        """Why a case that has not failed is no pass; None when it is one."""
        if not self._done:
            return NOTHING_DONE
        return None if self._judged or self._smoke else NOTHING_JUDGED


def _judges_by_itself(step: Step) -> bool:
    """Whether a step judges without an expectation: a condition, or a plugin's verb, of which nobody knows."""
    verb = step.verb or ""
    if "." in verb or (verb == "until" and asks_something(step.fields.get("condition"))):
        return True
    return verb == "if" and any(inner.verb == "fail" for inner in _nested(step))


def _nested(step: Step) -> Iterator[Step]:
    for block in step.blocks.values():
        for inner in block:
            yield inner
            yield from _nested(inner)
