"""A functional block of the CSMS: what OCPP's specification has a chapter for, as the CSMS sees it.

A block is a class for each generation of OCPP, above a version-neutral one where they have something in common. It says
with decorators what it does::

    @answers("StatusNotification")      a call of the station
    @vendor("org.example", "Hello")     a DataTransfer of a vendor
    @operation("reserve_now")           what a scenario can ask the CSMS for
    @sent("ReserveNow")                 hears of what the station was sent
    @answered("BootNotification")       hears of the answer that the station was really given, programmed or not
    @unprocessed("StartTransaction")    hears of a call that a programmed answer has kept from being processed
    @replied("SetVariables")            hears of what the station has answered to a call of the CSMS
    @hears(TransactionBegun)            an event of another block

``violations`` has the codes of what it minds. Another block is reached by an event, never by an import.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from ocpplab_runner.csms.core.operations import Payload
from ocpplab_runner.csms.core.state import StationState
from ocpplab_runner.ocppj.blocks import V2, V16, M, Marked, marked
from ocpplab_runner.ocppj.frames import Call
from ocpplab_runner.ocppj.violations import ViolationRule
from ocpplab_runner.vocabulary.versions import OcppVersion

__all__ = [
    "V2",
    "V16",
    "Block",
    "answered",
    "answers",
    "hears",
    "operation",
    "replied",
    "sent",
    "unprocessed",
    "vendor",
]


def answers(*actions: str, versions: frozenset[OcppVersion] = V16 | V2) -> Callable[[M], M]:
    """The method answers these calls of a station: it gets the Call and returns a payload, or raises HandlerError.

    Args:
        actions: of the calls.
        versions: that have them, where that are not all of the class.
    """
    return marked("answers", *actions, versions=versions)


def vendor(vendor_id: str, *message_ids: str) -> Callable[[M], M]:
    """The method answers a DataTransfer of a station: it gets the Call and the data, and returns a payload."""
    return marked("vendor", *((vendor_id, message_id) for message_id in message_ids), versions=V16)


def operation(name: str, versions: frozenset[OcppVersion] = V16 | V2) -> Callable[[M], M]:
    """The method makes a call of an operation, of which it gets the Order.

    It raises OperationNotAvailable, NothingToOperateOn, or ValueError for fields that make no sense.
    """
    return marked("operations", name, versions=versions)


def sent(*actions: str) -> Callable[[M], M]:
    """The method hears of a call that the station is sent: it gets the payload."""
    return marked("sent", *actions)


def answered(action: str) -> Callable[[M], M]:
    """The method hears how a call has been answered: it gets the Call, the answer, and whether that was programmed.

    It may raise HandlerError for an answer that was not.
    """
    return marked("answered", action)


def unprocessed(action: str) -> Callable[[M], M]:
    """The method hears of a Call that has not been processed."""
    return marked("unprocessed", action)


def replied(*actions: str) -> Callable[[M], M]:
    """The method hears of a result that the station has given: it gets the payloads of the CSMS's call and of it."""
    return marked("replied", *actions)


def hears(event: type[object]) -> Callable[[M], M]:
    """The method is called with every event of that kind."""
    return marked("hears", event)


class Block(Marked):
    """The base of every block.

    Args:
        station: what the CSMS knows of it. A block lives as long as the station speaks one version; what it knows
            longer is in ``station.memory``.
    """

    #: Call of the CSMS → the messages that it asks for; in 2.x these carry its request id.
    asks_for: ClassVar[Mapping[str, str]] = {}
    #: Code → what the block minds.
    violations: ClassVar[Mapping[str, ViolationRule]] = {}

    def __init__(self, station: StationState) -> None:
        self.station = station

    def requested(self, call: Call) -> Payload:
        """The answer to a message that must have been asked for, where it names its request."""
        self.station.check_request(call)
        return {}
