"""A stage: one case's world, which acts and reports everything it observes; it judges nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from random import Random
from types import FunctionType
from typing import Any, Literal

from ocpplab_runner import clock
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.vocabulary.versions import OcppVersion

#: How like a name of the base class a name must be to be taken for it.
_CLOSE = 0.8
Recorder = Callable[[Observation], None]
#: Puts a question to the operator, who has so many seconds; gives the answer, or None when there was none in time.
AskOperator = Callable[[str, float], Awaitable[str | None]]


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
        ask: an operator who does what takes hands (``--interactive``); None when nobody is there.
        files: the ``given.files`` data, by name.
        uploads: the ``given.uploads`` data.
    """

    chargers: Mapping[str, Mapping[str, Any]]
    csms: Mapping[str, Any]
    state: tuple[str, Mapping[str, Any]] | None
    version: OcppVersion
    record: Recorder
    random: Random
    ask: AskOperator | None = None
    files: Mapping[str, Any] = field(default_factory=dict)
    uploads: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A fact that nobody knows to have been, or not to have been; or one that was, of which something is not known.

    Attributes:
        fact: its name; ``message`` for a frame.
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

    def program_csms(self, charger: str, rule: Mapping[str, Any]) -> Awaitable[None] | None:
        """Set how the CSMS answers the next calls (the fields of ``csms_reply``); raises BlockedError.

        Returns:
            What is done when the CSMS has taken it on; None where that is at once.
        """
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
