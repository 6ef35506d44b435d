"""From checked scenarios to the list of cases that a run consists of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ocpplab_runner.engine.options import SuiteOptions
from ocpplab_runner.plugin.manager import Plugins
from ocpplab_runner.plugin.results import CaseInfo, InvalidFileRecord
from ocpplab_runner.plugin.target import Target
from ocpplab_runner.scenario.model import Scenario
from ocpplab_runner.vocabulary.versions import OcppVersion


@dataclass(frozen=True, slots=True)
class PlannedCase:
    """One test case: a scenario in one OCPP version with one row of variables.

    Attributes:
        info: who it is, for reports.
        scenario: what it does.
        version: in which OCPP version.
        variables: ``vars``, overridden by the row and by ``--var``.
        row: name of the row of ``cases``, or None.
        blocked: why it cannot run here, or None.
    """

    info: CaseInfo
    scenario: Scenario
    version: OcppVersion
    variables: Mapping[str, Any]
    row: str | None = None
    blocked: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run will do.

    Attributes:
        cases: in the order in which they are reported.
        target: where they run.
        plugins: the verbs that they use.
        invalid: files that ``check`` refused; each is one error of the run.
        deselected: how many cases the selection left out.
    """

    cases: tuple[PlannedCase, ...]
    target: Target
    plugins: Plugins
    invalid: tuple[InvalidFileRecord, ...] = ()
    deselected: int = 0


def plan_suite(
    scenarios: Sequence[Scenario],
    options: SuiteOptions,
    target: Target,
    plugins: Plugins,
    invalid: Sequence[InvalidFileRecord] = (),
) -> Plan:
    """Make the plan of a run.

    Args:
        scenarios: checked files.
        options: selection, order, repetition, variables.
        target: where it will run; decides the default versions and what is blocked.
        plugins: the registered verbs.
        invalid: files that were refused.

    Raises:
        ValueError: an option's value makes no sense (an ill-formed expression, a shard outside 1..N).
    """
    raise NotImplementedError("the planner has not landed yet")
