"""What a run will do: its cases and where they run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ocpplab_runner.engine.planning.written import Written
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
        written: both, as far as they hold secrets.
        row: name of the row of ``cases``, or None.
        blocked: why it cannot run here, or None.
    """

    info: CaseInfo
    scenario: Scenario
    version: OcppVersion
    variables: Mapping[str, Any]
    written: Written
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
        notes: what to tell about the selection; why nothing is left, when nothing is.
    """

    cases: tuple[PlannedCase, ...]
    target: Target
    plugins: Plugins
    invalid: tuple[InvalidFileRecord, ...] = ()
    deselected: int = 0
    notes: tuple[str, ...] = ()
