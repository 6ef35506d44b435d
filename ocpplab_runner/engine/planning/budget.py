"""How much real time a run may take."""

from __future__ import annotations

from ocpplab_runner import clock
from ocpplab_runner.engine.planning.options import SuiteOptions
from ocpplab_runner.engine.planning.plan import Plan
from ocpplab_runner.engine.planning.preflight import least_duration
from ocpplab_runner.vocabulary.durations import format_duration


class Budget:
    """Begins to run out when it is made. A case that has begun is never cut short by it.

    Args:
        plan: the cases.
        options: has the budget.
    """

    def __init__(self, plan: Plan, options: SuiteOptions) -> None:
        self._plan = plan
        self._seconds = options.budget
        self._began = clock.wall_seconds()

    def objection(self, index: int) -> str | None:
        """Why a case cannot begin any more; None when it can."""
        if self._seconds is None or self._plan.cases[index].blocked is not None:
            return None
        left = self._seconds - (clock.wall_seconds() - self._began)
        if left > self._least(index):
            return None
        whole = format_duration(self._seconds)
        if left <= 0:
            return f"out of budget: the run has taken its {whole}"
        return f"out of budget: it takes at least {self._least(index):g} s, and of {whole} {left:.3g} s are left"

    def _least(self, index: int) -> float:
        """Seconds of real time that a case takes at least."""
        capabilities, case = self._plan.target.capabilities, self._plan.cases[index]
        if capabilities.virtual_clock:
            return 0.0
        return least_duration(case.scenario.steps, case.version, capabilities.default_within, case.variables)
