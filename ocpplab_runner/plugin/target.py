"""The protocol between the engine and a target: where a scenario runs.

A target is opened once per run and sets up one :class:`Stage` per case.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from sys import maxsize
from typing import Any

from ocpplab_runner.plugin.capabilities import Built, Capabilities
from ocpplab_runner.plugin.former_protocols import (
    ChoosyTarget,
    DoubtingStage,
    RunTarget,
    SecretiveTarget,
    SettlingStage,
    SharedTarget,
)
from ocpplab_runner.plugin.stage import (
    BlockedError,
    Doubt,
    GraveComplaint,
    InfrastructureError,
    Outcome,
    Recorder,
    SentCall,
    Stage,
    StageRequest,
    misspelt,
)
from ocpplab_runner.scenario.model import Scenario
from ocpplab_runner.vocabulary.versions import OcppVersion

#: Plugins have imported these from here, and may for one more release.
__all__ = [
    "BlockedError",
    "Built",
    "Capabilities",
    "ChoosyTarget",
    "Doubt",
    "DoubtingStage",
    "GraveComplaint",
    "InfrastructureError",
    "Outcome",
    "Recorder",
    "RunTarget",
    "SecretiveTarget",
    "SentCall",
    "SettlingStage",
    "SharedTarget",
    "Stage",
    "StageRequest",
    "Target",
]


class Target(ABC):
    """Where scenarios run. Made from its configuration before any event loop runs.

    What a target does not say differently, it has not. Names are minded as those of :class:`Stage` are.
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        kind: type = cls
        if wrong := misspelt(kind, Target):
            raise TypeError(wrong)

    @property
    @abstractmethod
    def name(self) -> str:
        """As chosen on the command line."""

    @property
    @abstractmethod
    def capabilities(self) -> Capabilities:
        """What it can do and see."""

    @abstractmethod
    async def set_up(self, request: StageRequest) -> Stage:
        """Bring one case's world up to its given state.

        Raises:
            BlockedError: the given data cannot be had here.
            InfrastructureError: not reached, or the state was not.
        """

    @property
    def max_workers(self) -> int:
        """The most workers that it can serve side by side, at least 1: where there is something scarce to lend."""
        return maxsize

    def take_share(self, worker: int, of: int) -> None:
        """Called once in each worker process: from now on lend only this worker's share.

        Args:
            worker: the worker's number, from 0.
            of: how many workers there are.
        """
        return

    @property
    def secrets(self) -> Sequence[str]:
        """What it was told that must be shown nowhere, such as passwords; the engine keeps them out of every record."""
        return ()

    def why_blocked(self, scenario: Scenario, version: OcppVersion, variables: Mapping[str, Any]) -> str | None:
        """Why a case cannot run here, beyond what the capabilities say, in one sentence; None when it can.

        Args:
            scenario: what shall run.
            version: in which OCPP version.
            variables: of the case: ``vars``, overridden by its row and the command line.
        """
        return None

    def known_failure(self, scenario: Scenario, version: OcppVersion) -> str | None:
        """Why a scenario is known to fail here, in one sentence; None when it is not.

        A case that fails is then ``xfailed``, as with an ``xfail`` of its own; one that passes is ``passed``.
        """
        return None

    def begin_run(self) -> None:
        """Called once before the first worker is forked; what goes wrong here is raised by ``set_up``."""
        return

    def end_run(self) -> Sequence[str]:
        """Called once after the last worker has ended, however that was; returns complaints worth a warning."""
        return ()

    async def begin_worker(self) -> None:
        """Called once before a worker's first case, on the loop on which it runs its cases, where the clock is real.

        What it begins there outlives the cases. If it raises, that case is an error and the next tries again.
        """
        return

    async def end_worker(self) -> None:
        """Called once after the worker's last case."""
        return
