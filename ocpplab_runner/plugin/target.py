"""The protocol between the engine and a target: where a scenario runs.

A target is opened once per run and sets up one :class:`Stage` per case. A stage acts (commands, CSMS calls, the
network, power) and reports everything it observes; it judges nothing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from random import Random
from sys import maxsize
from types import FunctionType
from typing import Any, Literal, Protocol, runtime_checkable

from ocpplab_runner import clock
from ocpplab_runner.ocppj.session import CALL_TIMEOUT
from ocpplab_runner.plugin.events import Observation, Source
from ocpplab_runner.scenario.model import Scenario
from ocpplab_runner.vocabulary.versions import OcppVersion

#: How like a name of the base class a name must be to be taken for it.
_CLOSE = 0.8
Recorder = Callable[[Observation], None]


class BlockedError(Exception):
    """The target cannot do or see what the scenario asks. The verdict is ``blocked`` with this reason."""


class GraveComplaint(str):
    """A complaint of :meth:`Stage.close` about what the other side must do: with ``--strict`` it fails the case."""

    __slots__ = ()


class InfrastructureError(Exception):
    """Something could not be reached: the verdict is ``error``, and the run's exit code 3 when nothing was reached.

    Attributes:
        reached: False when the other side could not be reached at all.
    """

    def __init__(self, message: str, *, reached: bool = False) -> None:
        super().__init__(message)
        self.reached = reached


@dataclass(frozen=True, slots=True)
class Built:
    """What our own ends do of one OCPP version; None where the end is somebody else's, of which nobody knows.

    A call that OCPP has and our end lacks says nothing about the other side: the case is ``blocked``.

    Attributes:
        charger: actions of the CSMS's calls that the simulated charger answers.
        triggers: messages that a TriggerMessage can ask it for.
        sends: actions of the calls that it makes by itself.
        absent: configuration keys, or variables as ``Component.Variable``, that it should have and lacks.
        csms: actions of the charger's calls that the built-in CSMS answers.
    """

    charger: frozenset[str] | None = None
    triggers: frozenset[str] | None = None
    sends: frozenset[str] | None = None
    absent: frozenset[str] = frozenset()
    csms: frozenset[str] | None = None


def _nothing_of_ours(version: OcppVersion) -> Built:
    return Built()


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a target can do and see.

    Attributes:
        verbs: names of the acting verbs that it performs.
        facts: fact name → the sources it has for it; a missing name means that it cannot see the fact.
        routes: the ``via`` routes of ``auth_status`` that it can see.
        states: named states that ``given.state`` may ask for.
        versions: the OCPP versions it speaks.
        frames: whether it sees OCPP frames.
        virtual_clock: whether time may jump.
        default_within: seconds that an expectation waits when it does not say.
        call_timeout: seconds that its chargers wait for the answer to a call.
        reasons: verb or fact name → why it is missing, shown in the ``blocked`` reason.
        built: what its own ends do of an OCPP version.
    """

    verbs: frozenset[str]
    facts: Mapping[str, frozenset[Source]]
    routes: frozenset[str]
    states: frozenset[str]
    versions: tuple[OcppVersion, ...]
    frames: bool = True
    virtual_clock: bool = False
    default_within: float = 30.0
    call_timeout: float = CALL_TIMEOUT
    reasons: Mapping[str, str] = field(default_factory=dict)
    built: Callable[[OcppVersion], Built] = _nothing_of_ours


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a command.

    Attributes:
        status: ``done``, or ``refused`` when the charger or the gateway would not (unplugging an empty socket).
        detail: plain data that ``expect: {outcome: …}`` and ``save`` can reach (``{"entries_deleted": 2}``).
        reason: why it was refused.
    """

    status: Literal["done", "refused"] = "done"
    detail: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SentCall:
    """A call that is on its way: its answer comes as a frame event with this message id."""

    message_id: str
    action: str


@dataclass(frozen=True, slots=True)
class StageRequest:
    """What one case needs.

    Attributes:
        chargers: charger name → its ``given`` data, expressions already evaluated.
        csms: the ``given.csms`` data.
        state: the named state to reach, with its fields: ``("ev_connected", {"evse_id": 1})``; None for booted.
        version: the OCPP version of this case.
        record: where observations go.
        random: the case's own source of randomness; the only one that may be used.
    """

    chargers: Mapping[str, Mapping[str, Any]]
    csms: Mapping[str, Any]
    state: tuple[str, Mapping[str, Any]] | None
    version: OcppVersion
    record: Recorder
    random: Random


@dataclass(frozen=True, slots=True)
class Doubt:
    """A fact that nobody knows to have been, or not to have been; or one that was, of which something is not known.

    Attributes:
        fact: its name.
        fields: what it would have said: field → the values that are possible; of a field that is missing, any.
        reason: why nobody knows, for people.
        unknown: of a fact that stands on the ledger: the fields that it lacks and may have.
    """

    fact: str
    fields: Mapping[str, Sequence[Any]]
    reason: str
    unknown: frozenset[str] = frozenset()


@lru_cache(maxsize=64)
def misspelt(kind: type, base: type) -> str:
    """Which public method of a class looks like a misspelt one of its base class, in a sentence; empty for none.

    Such a method would never be called, and what it stands for be off without a word.
    """
    known = [name for name in vars(base) if not name.startswith("_")]
    for name, member in vars(kind).items():
        if name.startswith("_") or name in known or not isinstance(member, FunctionType | property):
            continue
        close = get_close_matches(name.replace("_", ""), [one.replace("_", "") for one in known], 1, _CLOSE)
        if close:
            meant = next(one for one in known if one.replace("_", "") == close[0])
            where = f"{kind.__module__}.{kind.__qualname__}"
            return f"{where} has {name!r}, which {base.__name__} has not; did you mean {meant!r}?"
    return ""


class Stage:
    """One case's world, on one running event loop. What a stage does not say differently, it cannot do.

    A public method whose name nearly is one of these is refused when the class is made: it is misspelt.
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        kind: type = cls
        if wrong := misspelt(kind, Stage):
            raise TypeError(wrong)

    async def perform(self, charger: str, command: str, fields: Mapping[str, Any], *, raw: bool = False) -> Outcome:
        """Do a charger or world command (``plug_connector``, ``network``, ``power`` …).

        Raises:
            BlockedError: this target cannot.
            InfrastructureError: the way to the charger is broken.
        """
        raise BlockedError(f"this target cannot {command}")

    async def operate(self, charger: str, operation: str, fields: Mapping[str, Any], *, raw: bool = False) -> SentCall:
        """Let the CSMS do a version-neutral operation (``remote_start`` …); returns when it is sent or queued.

        Raises: as :meth:`perform`.
        """
        raise BlockedError(f"the CSMS cannot be asked to {operation} here")

    async def call(self, charger: str, action: str, payload: Any, *, raw: bool = False) -> SentCall:
        """Let the CSMS send any OCPP call; raises as :meth:`perform`."""
        raise BlockedError(f"the CSMS cannot be asked to send {action} here")

    def program_csms(self, charger: str, rule: Mapping[str, Any]) -> None:
        """Set how the CSMS answers the next calls (the fields of ``csms_reply``); raises BlockedError."""
        raise BlockedError("the answers of the CSMS cannot be programmed here")

    def watermark(self, evidence: str) -> float:
        """The time up to which everything from that evidence source has arrived: now, where nothing lags."""
        return clock.now()

    async def settle(self) -> None:
        """Return when what was set off so far can be expected to have been observed.

        On a real clock nobody can say when nothing more will happen. A stage whose acts take time to show says it here:
        what one step has set off lies before the window of the next then.
        """

    def doubts(self, charger: str, since: float, until: float) -> Sequence[Doubt]:
        """What may have been missed of the facts that the target, as a rule, sees.

        Nothing is called failed, nor absent, that such a fact could have been: the verdict is ``blocked`` with its
        reason.

        Args:
            charger: the scenario's name of it.
            since: only what may have happened then or later, in seconds on the run's clock …
            until: … and then or before.
        """
        return ()

    async def close(self) -> Sequence[str]:
        """Leave nothing behind: end transactions, close sockets; returns complaints worth a warning."""
        return ()


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


# Deprecated: what a target or a stage could implement before `Target` and `Stage` were base classes. Who has the
# methods without the base class is still served, for one release.


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
