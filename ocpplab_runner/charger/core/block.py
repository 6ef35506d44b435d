"""A functional block: what OCPP's specification has a chapter for, with everything that belongs to it in one place.

A block is a class for each generation of OCPP (``v16.py``, ``v2.py``) above a version-neutral one (``block.py``). It
says with decorators what it does::

    @answers("ReserveNow", feature="Reservation")     a call of the CSMS
    @triggered("Heartbeat")                           what a TriggerMessage can ask for
    @vendor("org.example", "Hello")                   a DataTransfer of a vendor
    @hears(PoweredUp)                                 an event of the station

Another block is reached by an event or by a service of the context, never by an import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.timers import Timers
from ocpplab_runner.charger.core.variables import Variable
from ocpplab_runner.ocppj.blocks import V2, V16, M, Marked, marked
from ocpplab_runner.vocabulary.versions import OcppVersion

__all__ = [
    "V2",
    "V16",
    "Block",
    "Command",
    "Fields",
    "FunctionalBlock",
    "Handler",
    "Payload",
    "answers",
    "hears",
    "triggered",
    "vendor",
]

Payload = Mapping[str, Any]
Fields = Mapping[str, Any]


class Command(NamedTuple):
    """A command of scenarios and of the Gateway.

    Attributes:
        carry_out: gets the context, the fields and whether they are raw; returns what the command hands back, or None.
        without_power: whether a person, a car or the world can do it to a station that has no power.
    """

    carry_out: Callable[[Context, Fields, bool], Mapping[str, Any] | None]
    without_power: bool = False


@dataclass(frozen=True, slots=True)
class Handler:
    """When an action of the CSMS is answered.

    Attributes:
        feature: the profile that a station must have for it.
        while_pending: whether it is done before the boot is accepted (2.0.1 B02).
    """

    feature: str
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
        while_pending: whether it is done before the boot is accepted (2.0.1 B02).
    """
    return marked("answers", action, versions=versions, more=Handler(feature, while_pending))


def triggered(message: str) -> Callable[[M], M]:
    """The method answers a TriggerMessage for that message; it gets the ``Place`` of :mod:`.services`."""
    return marked("triggered", message)


def vendor(vendor_id: str, *message_ids: str) -> Callable[[M], M]:
    """The method answers a DataTransfer: it gets the data, a mapping, and returns what :func:`answers` has."""
    # Only in 1.6 is something told by DataTransfer that 2.x has messages of its own for: Plug & Charge, prices.
    return marked("vendor", *((vendor_id, message_id) for message_id in message_ids), versions=V16)


def hears(event: type[Any]) -> Callable[[M], M]:
    """The method is called with every event of that kind."""
    return marked("hears", event)


class Block(Marked):
    """The base of every block; what is not overridden does nothing.

    Args:
        context: its station.
    """

    #: Variables that every such station should have and ours has not.
    absent: ClassVar[frozenset[str]] = frozenset()
    #: Actions of the calls that it makes by itself, besides those that it is triggered for.
    sends: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, context: Context) -> None:
        self.context = context
        self._timers = Timers()

    def assembled(self) -> None:
        """Every block is there: begin to hear events."""
        for event, mark in self.marks("hears", self.context.version).items():
            self.context.events.listen(event, getattr(self, mark.method))

    def variables(self) -> Iterable[Variable]:
        """What can be set at it, or asked of it."""
        return ()

    def stop(self) -> None:
        """Begin nothing more by itself: no timer of it fires any more."""
        self._timers.stop_all()

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
        # The first counts: a class of 2.1 stands before that of all of 2.x, whose versions have 2.1 in them, too.
        return next((one for one in self.classes if version in one.versions), None)
