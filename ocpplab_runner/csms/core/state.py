"""What the CSMS remembers: of everything, and of one station across its connections."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import SystemRandom
from typing import Any, TypeVar

from ocpplab_runner.clock import utcnow
from ocpplab_runner.csms.core.authorities import Authorities
from ocpplab_runner.csms.core.config import CsmsConfig, Registration
from ocpplab_runner.csms.core.credits import Credits
from ocpplab_runner.csms.core.earlier import Earlier
from ocpplab_runner.csms.core.id_tokens import IdTokenTable, Verdict
from ocpplab_runner.csms.core.passwords import Passwords
from ocpplab_runner.csms.core.sequences import Patience
from ocpplab_runner.csms.core.transactions import TransactionBook, TransactionNumbers, TransactionRecord
from ocpplab_runner.ocppj.frames import Call
from ocpplab_runner.ocppj.violations import ViolationRule
from ocpplab_runner.vocabulary.certificates import Signing
from ocpplab_runner.vocabulary.versions import OcppVersion

T = TypeVar("T")

#: Reports that the station broke the protocol with a call: the call, the code of a rule, a description.
Report = Callable[[Call, str, str], None]
#: Answers a DataTransfer, by its data where that is a mapping; None where nobody knows the vendor.
VendorMessage = Callable[[Call, Mapping[str, Any] | None], dict[str, Any] | None]

VIOLATIONS: dict[str, ViolationRule] = {
    "sequence-number-gap": ViolationRule(
        "2.0.1: left out a sequence number of a report, or of a transaction for more than 60 s",
        "2.0.1 seqNo of TransactionEventRequest, NotifyReportRequest and its kind",
    ),
    "unknown-evse": ViolationRule(
        "spoke of an EVSE (1.6: a connector) that it does not have", "1.6 4.7 to 4.9, 2.0.1 Part 1 7.2"
    ),
    "unknown-request-id": ViolationRule(
        "sent a report, or the status of an update or an upload, that nobody has asked for",
        "2.0.1 requestId of NotifyReportRequest and its kind, 1.6 security whitepaper",
    ),
}


class CsmsState:
    """What all stations share. Made while the event loop runs: expiry dates count from then.

    Args:
        config: what the CSMS knows.
        first_csms: no station has had another CSMS before: what this one has not seen never was.
        authorities: its test CAs; some of their own unless given.

    Attributes:
        passwords: what stations dial with.
        signing: how the next request for a certificate is met.
        credits: what prepaid cards have left.
    """

    def __init__(self, config: CsmsConfig, *, first_csms: bool, authorities: Authorities | None = None) -> None:
        self.config = config
        self.authorities = authorities or Authorities(SystemRandom())
        self.first_csms = first_csms
        self.transactions = TransactionBook(TransactionNumbers())
        self.passwords = Passwords(config.passwords, strangers=True)
        self.signing: Signing = config.signing
        self.patience = Patience()
        self.credits = Credits(config.credits)
        self.cards = IdTokenTable(
            config.id_tokens,
            unknown=config.unknown_id_token,
            concurrent_tx=config.concurrent_tx,
            now=utcnow(),
        )

    def restarted(self) -> CsmsState:
        """What is left when all is forgotten that was seen: what was given, and that no id is given out twice."""
        left = CsmsState(self.config, first_csms=False, authorities=self.authorities)
        left.passwords, left.signing, left.credits = self.passwords, self.signing, self.credits
        left.cards, left.transactions = self.cards, TransactionBook(self.transactions.numbers)
        return left


@dataclass(slots=True)
class StationState:
    """What the CSMS knows of one station.

    Attributes:
        identity: the station's identity.
        shared: what all stations share.
        report: see :data:`Report`.
        version: of its latest connection.
        tell: gives an event to the blocks that hear it.
        send: sends it a call, if it is connected.
        vendor_message: answers a DataTransfer that a block knows, by its data; None where none does.
        registration: its registration status; None before its first BootNotification. See :meth:`register`.
        accepted: is set as long as that is Accepted.
        triggered: actions it was asked to send before its boot was accepted.
        earlier: what it may have from another CSMS; None where there was none.
    """

    identity: str
    shared: CsmsState
    report: Report
    version: OcppVersion | None = None
    tell: Callable[[object], None] = lambda _: None
    send: Callable[[str, Mapping[str, Any]], None] = lambda action, payload: None
    vendor_message: VendorMessage = lambda call, data: None
    registration: Registration | None = None
    accepted: asyncio.Event = field(default_factory=asyncio.Event)
    triggered: set[str] = field(default_factory=set)
    earlier: Earlier | None = field(init=False)
    _requests: dict[tuple[str, float], int] = field(default_factory=dict)
    _memories: dict[type[Any], Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.earlier = None if self.shared.first_csms else Earlier()
        if self.registration is not None:
            self.register(self.registration)

    def register(self, status: Registration) -> None:
        """Its boot has been answered with that registration status."""
        self.registration = status
        if status == "Accepted":
            self.accepted.set()
        else:
            self.accepted.clear()

    def memory(self, kind: type[T]) -> T:
        """What a block keeps of the station, whatever version that speaks: the only one of its kind."""
        kept: T = self._memories.setdefault(kind, kind())
        return kept

    @property
    def running(self) -> tuple[TransactionRecord, ...]:
        """Its running transactions, the latest last."""
        return self.shared.transactions.running(self.identity)

    def verdict(self, id_token: str, *, charging_elsewhere: bool = False) -> Verdict:
        """The CSMS's verdict on a card that this station asks about."""
        assert self.version is not None
        return self.shared.cards.verdict(
            id_token, version=self.version, now=utcnow(), charging_elsewhere=charging_elsewhere
        )

    @property
    def booted_before(self) -> bool:
        """Whether it seems to have booted with a CSMS before this one: it has sent no BootNotification to this one."""
        return self.registration is None and not self.shared.first_csms

    def may_be_older(self, moment: str) -> bool:
        """Whether a transaction, of which a message tells something at that time, may be older than this CSMS."""
        return self.earlier is not None and self.earlier.may_have_begun(moment)

    def may_send(self, action: str) -> bool:
        """Whether it may send that now: everything once its boot is accepted, be it by a CSMS before this one, and
        before only BootNotification and what it was asked for (1.6 section 4.2, 2.0.1 B02.FR.09, B03.FR.07)."""
        return (
            self.registration == "Accepted"
            or self.booted_before
            or action == "BootNotification"
            or action in self.triggered
        )

    def asked_for(self, message: str, request: Mapping[str, Any]) -> None:
        """It has been asked for that message by a request, which may have a request id."""
        self.triggered.add(message)
        if isinstance(request_id := request.get("requestId"), int | float):
            self._requests[message, request_id] = 0

    def check_request(self, call: Call) -> None:
        """Report a message with a request id that nobody has given, or a part that comes out of turn.

        A part that comes again is none: its answer may have been lost.
        """
        request_id, seq_no = call.payload.get("requestId"), call.payload.get("seqNo")
        if request_id is None:
            return
        expected = self._requests.get((call.action, request_id))
        lasts = call.action.endswith(
            "StatusNotification"
        )  # an update or an upload goes on after a boot, no report does
        may_be_older = self.earlier is not None and (lasts or self.registration is None)
        if expected is None and not may_be_older:
            self.report(call, "unknown-request-id", f"no {call.action} was requested with id {request_id}")
        elif expected is not None and seq_no is not None and seq_no > expected:
            self.report(call, "sequence-number-gap", f"part {seq_no} of report {request_id} follows {expected - 1}")
        # After a part that comes again the next new one still follows the highest.
        if seq_no is not None and seq_no >= (expected or 0):
            self._requests[call.action, request_id] = seq_no + 1

    def check_evse(self, call: Call, evse_id: int | None) -> None:
        """Report an EVSE (1.6: a connector) that the station is known not to have."""
        count = self.shared.config.evses.get(self.identity)
        if count is not None and evse_id is not None and evse_id > count:
            self.report(call, "unknown-evse", f"there is no EVSE {evse_id}: the charger has {count}")
