"""The blocks put together: what the CSMS answers, does and minds in each version, and the blocks of one station."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner.clock import utcnow
from ocpplab_runner.csms.blocks import BLOCKS
from ocpplab_runner.csms.core.operations import OperationNotAvailable, Order, Payload, Request
from ocpplab_runner.csms.core.state import VIOLATIONS as CORE_VIOLATIONS
from ocpplab_runner.csms.core.state import StationState
from ocpplab_runner.ocppj.frames import Call
from ocpplab_runner.ocppj.violations import ViolationRule
from ocpplab_runner.vocabulary.directions import FROM_STATION
from ocpplab_runner.vocabulary.versions import OcppVersion

#: Code → what a station has done in the order of its messages. What a single frame gets wrong (its form, its schema,
#: its message id) the session reports; see :mod:`ocpplab_runner.ocppj.violations`.
VIOLATIONS: dict[str, ViolationRule] = {
    "message-before-boot": ViolationRule(
        "sent something else than BootNotification before its boot was accepted, unasked",
        "1.6 4.2, 2.0.1 B02.FR.09 and B03.FR.07",
    ),
    "no-answer": ViolationRule("did not answer a call within 30 s", "OCPP-J 4.1, Part 4 4.1"),
    "wrong-direction": ViolationRule(
        "sent a message that only a CSMS sends", "1.6 sections 4 and 5, 2.0.1 Part 2 messages"
    ),
    **CORE_VIOLATIONS,
}
for _block in BLOCKS:
    for _class in _block:
        VIOLATIONS.update(_class.violations)


#: Where a method is: the place of its block, and its name.
Method = tuple[int, str]


class Dialect:
    """What all blocks do in one version.

    Attributes:
        classes: of the blocks that serve it.
        answers: action → what answers it.
        not_done: the actions that a station may send too, and nobody does yet.
        operations: name → what makes a call of it.
        vendor_messages: vendor and message → what answers a DataTransfer of it.
        asks_for: call → the message that it asks for.
        hears: kind and key of what happens → all that hear of it.
    """

    def __init__(self, version: OcppVersion) -> None:
        self.classes = tuple(one for block in BLOCKS for one in block if version in one.versions)
        self.asks_for = {action: message for one in self.classes for action, message in one.asks_for.items()}
        self.answers: dict[Any, Method] = {}
        self.operations: dict[Any, Method] = {}
        self.vendor_messages: dict[Any, Method] = {}
        self.hears: dict[tuple[str, Any], list[Method]] = {}
        for place, one in enumerate(self.classes):
            kinds: tuple[tuple[str, dict[Any, Method]], ...] = (
                ("answers", self.answers),
                ("operations", self.operations),
                ("vendor", self.vendor_messages),
            )
            for kind, methods in kinds:
                methods.update((name, (place, mark.method)) for name, mark in one.marks(kind, version).items())
            for kind in ("sent", "replied", "answered", "unprocessed", "hears"):
                for key, mark in one.marks(kind, version).items():
                    self.hears.setdefault((kind, key), []).append((place, mark.method))
        self.not_done = FROM_STATION[version] - set(self.answers)


_DIALECTS = {version: Dialect(version) for version in OcppVersion}


def dialect_of(version: OcppVersion) -> Dialect:
    """What the CSMS does in a version."""
    return _DIALECTS[version]


#: The actions of a charger's calls that it answers in each; another one that OCPP has is answered NotSupported.
ANSWERED: Mapping[OcppVersion, frozenset[str]] = {version: frozenset(one.answers) for version, one in _DIALECTS.items()}
#: The names of all operations.
OPERATIONS = frozenset(name for one in _DIALECTS.values() for name in one.operations)


class Blocks:
    """The blocks of one station, in the version that it speaks now."""

    def __init__(self, station: StationState) -> None:
        assert station.version is not None
        self._station = station
        self.dialect = _DIALECTS[station.version]
        self._blocks = tuple(one(station) for one in self.dialect.classes)
        station.tell = self._tell
        station.vendor_message = self._vendor_message

    def answer(self, call: Call) -> Payload:
        """What OCPP says of a call that :attr:`Dialect.answers` has; raises HandlerError for a CALLERROR."""
        place, method = self.dialect.answers[call.action]
        answer: Payload = getattr(self._blocks[place], method)(call)
        return answer

    def operation(self, name: str, fields: Mapping[str, Any], *, raw: bool = False) -> Request:
        """The OCPP call behind an operation; see :meth:`ocpplab_runner.csms.server.BuiltInCsms.operate`.

        What is left out of the fields: ``remote_start`` and ``reserve_now`` without an EVSE leave the choice to the
        station (1.6 ReserveNow: connectorId 0); ``unlock`` means connector 1 of EVSE 1; ``change_availability`` and
        ``reset`` mean the whole station; ``remote_stop`` the transaction that started last; ``cancel_reservation`` the
        reservation made last.

        Raises:
            OperationNotAvailable: that version has no such thing.
            NothingToOperateOn: the operation's default is not there.
            ValueError: the fields make no sense; LookupError: there is no such operation.
        """
        if name not in OPERATIONS:
            raise LookupError(f"the CSMS has no operation {name!r}")
        if name not in self.dialect.operations:
            raise OperationNotAvailable(f"OCPP {self._station.version} has no {name}")
        place, method = self.dialect.operations[name]
        request: Request = getattr(self._blocks[place], method)(Order(fields, utcnow(), raw))
        return request

    def sent(self, action: str, payload: Any) -> None:
        """The station was sent a call."""
        # A raw call may have anything as its payload.
        if isinstance(payload, Mapping):
            if action in self.dialect.asks_for:
                self._station.asked_for(self.dialect.asks_for[action], payload)
            self._all("sent", action, payload)

    def replied(self, action: str, payload: Any, answer: Any) -> None:
        """The station has answered a call of the CSMS with a result."""
        if isinstance(payload, Mapping) and isinstance(answer, Mapping):
            self._all("replied", action, payload, answer)

    def answered(self, call: Call, answer: Mapping[str, Any], *, programmed: bool) -> None:
        """A call was really answered so; raises HandlerError where nobody may."""
        self._all("answered", call.action, call, answer, programmed)

    def unprocessed(self, call: Call) -> None:
        """A programmed answer has kept a call from being processed."""
        self._all("unprocessed", call.action, call)

    def _vendor_message(self, call: Call, data: Any) -> Payload | None:
        known = self.dialect.vendor_messages
        vendor_id = call.payload["vendorId"]
        # DataTransfer itself has the answer to vendors whom nobody knows.
        if all(vendor != vendor_id for vendor, _ in known):
            return None
        found = known.get((vendor_id, call.payload.get("messageId")))
        if found is None:
            return {"status": "UnknownMessageId"}
        if data is None:
            return {"status": "Rejected"}
        answer: Payload = getattr(self._blocks[found[0]], found[1])(call, data)
        return answer

    def _tell(self, event: object) -> None:
        self._all("hears", type(event), event)

    def _all(self, kind: str, key: Any, *told: Any) -> None:
        for place, method in self.dialect.hears.get((kind, key), ()):
            getattr(self._blocks[place], method)(*told)
