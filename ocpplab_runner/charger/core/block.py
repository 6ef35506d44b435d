"""A functional block: what OCPP's specification has a chapter for, with everything that belongs to it in one place.

A block is a class for each generation of OCPP (``v16.py``, ``v2.py``) above a version-neutral one (``block.py``). It
says with decorators what it does::

    @answers("ReserveNow", feature="Reservation")     a call of the CSMS
    @triggered("Heartbeat")                           what a TriggerMessage can ask for
    @hears(PoweredUp)                                 an event of the station

Another block is reached by an event or by a service of the context, never by an import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.variables import Variable
from ocpplab_runner.vocabulary.versions import OcppVersion

M = TypeVar("M", bound=Callable[..., Any])
Payload = Mapping[str, Any]
Fields = Mapping[str, Any]
#: Carries one command out: context, fields, raw; returns the detail that the command hands back, or None.
Command = Callable[[Context, Fields, bool], Mapping[str, Any] | None]

V16 = frozenset({OcppVersion.V16})
V2 = frozenset({OcppVersion.V201, OcppVersion.V21})


@dataclass(frozen=True, slots=True)
class Handler:
    """Answers one action of the CSMS.

    Attributes:
        method: of the block.
        feature: the profile that a station must have for it.
        versions: that have the action.
        while_pending: whether it is done before the boot is accepted (2.0.1 B02).
    """

    method: str
    feature: str
    versions: frozenset[OcppVersion]
    while_pending: bool


def answers(
    action: str,
    *,
    feature: str = "Core",
    versions: frozenset[OcppVersion] = V16 | V2,
    while_pending: bool = False,
) -> Callable[[M], M]:
    """The method answers that action: it gets the payload, returns one or a ``Reply``, or raises ``HandlerError``.

    Args:
        action: of the CSMS's call.
        feature: the profile that a station must have for it.
        versions: that have it, where that are not all of the class.
        while_pending: whether it is done before the boot is accepted (2.0.1 B02.FR.05).
    """
    return _marked("_answers", lambda name: (action, Handler(name, feature, versions, while_pending)))


def triggered(message: str) -> Callable[[M], M]:
    """The method answers a TriggerMessage for that message; it gets the ``Place`` of :mod:`.services`."""
    return _marked("_triggered", lambda name: (message, name))


def hears(event: type[Any]) -> Callable[[M], M]:
    """The method is called with every event of that kind."""
    return _marked("_hears", lambda name: (event, name))


def _marked(table: str, entry: Callable[[str], tuple[Any, Any]]) -> Callable[[M], M]:
    def mark(method: M) -> M:
        marks: list[tuple[str, tuple[Any, Any]]] = method.__dict__.setdefault("_marks", [])
        marks.append((table, entry(method.__name__)))
        return method

    return mark


class Block:
    """The base of every block; what is not overridden does nothing.

    Args:
        context: its station.
    """

    #: The versions that this class serves.
    versions: ClassVar[frozenset[OcppVersion]] = frozenset()
    #: Variables that every such station should have and ours has not.
    absent: ClassVar[frozenset[str]] = frozenset()
    #: Actions of the calls that it makes by itself, besides those that it is triggered for.
    sends: ClassVar[frozenset[str]] = frozenset()
    _answers: ClassVar[Mapping[str, Handler]] = {}
    _triggered: ClassVar[Mapping[str, str]] = {}
    _hears: ClassVar[Mapping[type[Any], str]] = {}

    def __init__(self, context: Context) -> None:
        self.context = context

    def __init_subclass__(cls) -> None:
        for table in ("_answers", "_triggered", "_hears"):
            known = dict(getattr(cls, table))
            for method in vars(cls).values():
                known.update(entry for name, entry in getattr(method, "_marks", ()) if name == table)
            setattr(cls, table, known)

    @classmethod
    def handlers(cls, version: OcppVersion) -> Mapping[str, Handler]:
        """What it answers in that version, by action."""
        return {action: handler for action, handler in cls._answers.items() if version in handler.versions}

    @classmethod
    def triggers(cls) -> Mapping[str, str]:
        """The names of its methods by the message that a TriggerMessage can ask for."""
        return cls._triggered

    def assembled(self) -> None:
        """Every block is there: begin to hear events."""
        for event, method in self._hears.items():
            self.context.events.listen(event, getattr(self, method))

    def variables(self) -> Iterable[Variable]:
        """What can be set at it, or asked of it."""
        return ()

    def stop(self) -> None:
        """Begin nothing more by itself: no timer of it fires any more."""

    def remember(self) -> Mapping[str, Any]:
        """What outlives the process, as JSON data under keys of its own."""
        return {}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Take that over again: the memory of the whole station, at one that was never started."""

    def snapshot(self) -> Mapping[str, Any]:
        """What is the case, as JSON data under keys of its own, for reports and tests."""
        return {}


@dataclass(frozen=True, slots=True)
class FunctionalBlock:
    """A block of the station: its class for each generation of OCPP, and its commands.

    Attributes:
        classes: of which the one that serves the station's version is made.
        commands: of scenarios and of the Gateway, by name.
    """

    classes: tuple[type[Block], ...]
    commands: Mapping[str, Command] = field(default_factory=dict)

    def serving(self, version: OcppVersion) -> type[Block] | None:
        """The class for a version; None where that has no such block."""
        return next((one for one in self.classes if version in one.versions), None)
