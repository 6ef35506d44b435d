"""Deprecated: what a target or a stage could implement before ``Target`` and ``Stage`` were base classes.

Who has the methods without the base class is still served, for one release.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from ocpplab_runner.plugin.stage import Doubt
from ocpplab_runner.scenario.model import Scenario
from ocpplab_runner.vocabulary.versions import OcppVersion


@runtime_checkable
class SharedTarget(Protocol):
    """A target that has something to lend (charger identities) and so limits how many workers there can be."""

    @property
    def max_workers(self) -> int:
        """The most workers that it can serve side by side, at least 1."""
        ...

    def take_share(self, worker: int, of: int) -> None:
        """Called once in each worker process: from now on lend only this worker's share.

        Args:
            worker: the worker's number, from 0.
            of: how many workers there are.
        """
        ...


@runtime_checkable
class SecretiveTarget(Protocol):
    """A target that was told secrets: the engine keeps them out of every record."""

    @property
    def secrets(self) -> Sequence[str]:
        """What must be shown nowhere, such as passwords."""
        ...


@runtime_checkable
class ChoosyTarget(Protocol):
    """A target that can tell from a scenario's text why it cannot run, beyond what its capabilities say."""

    def why_blocked(self, scenario: Scenario, version: OcppVersion, variables: Mapping[str, Any]) -> str | None:
        """Why a case cannot run here, in one sentence; None when it can.

        Args:
            scenario: what shall run.
            version: in which OCPP version.
            variables: of the case: ``vars``, overridden by its row and the command line.
        """
        ...


@runtime_checkable
class RunTarget(Protocol):
    """A target that has something for the length of a run; called in the process that all workers are forked from."""

    def begin_run(self) -> None:
        """Called once before the first worker is forked; what goes wrong here is raised by ``set_up``."""
        ...

    def end_run(self) -> Sequence[str]:
        """Called once after the last worker has ended, however that was; returns complaints worth a warning."""
        ...


@runtime_checkable
class WorkerTarget(Protocol):
    """A target that has something for the length of a worker: a CSMS to which a charger stays connected, say.

    Called on the loop on which the worker runs its cases, where the clock is real; what it begins there outlives them.
    """

    async def begin_worker(self) -> None:
        """Called once before the worker's first case; if it raises, that case is an error and the next tries again."""
        ...

    async def end_worker(self) -> None:
        """Called once after the worker's last case."""
        ...


@runtime_checkable
class SettlingStage(Protocol):
    """A stage whose acts take time to show.

    On a real clock nobody can say when nothing more will happen. Such a stage knows best how long to wait, so that what
    one step has set off lies before the window of the next.
    """

    async def settle(self) -> None:
        """Return when what was set off so far can be expected to have been observed."""
        ...


@runtime_checkable
class DoubtingStage(Protocol):
    """A stage that may now and then have missed a fact which its target, as a rule, sees.

    Nothing is called failed, nor absent, that such a fact could have been: the verdict is ``blocked`` with its reason.
    """

    def doubts(self, charger: str, since: float, until: float) -> Sequence[Doubt]:
        """What may have been missed.

        Args:
            charger: the scenario's name of it.
            since: only what may have happened then or later, in seconds on the run's clock …
            until: … and then or before.
        """
        ...
