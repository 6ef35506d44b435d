"""A whole run: workers do the cases, the parent puts their records in order and decides the exit code."""

from __future__ import annotations

from collections.abc import Callable

from ocpplab_runner.engine.options import ExitCode, Selector, SuiteOptions
from ocpplab_runner.engine.plan import Plan, PlannedCase, plan_suite
from ocpplab_runner.plugin.results import Record

__all__ = ["ExitCode", "Plan", "PlannedCase", "Selector", "SuiteOptions", "plan_suite", "run_suite"]

Sink = Callable[[Record], None]


def run_suite(plan: Plan, options: SuiteOptions, sink: Sink) -> ExitCode:
    """Run every case of a plan.

    Args:
        plan: from :func:`plan_suite`.
        options: how to run.
        sink: takes every record, in the order of the plan's cases.

    Returns:
        the exit code of design section 6.
    """
    raise NotImplementedError("the suite runner has not landed yet")
