"""What the CSMS remembers: of everything, and of one station across its connections."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ocpplab_runner.clock import utcnow
from ocpplab_runner.csms.config import CsmsConfig, Registration
from ocpplab_runner.csms.earlier import Earlier
from ocpplab_runner.csms.id_tokens import IdTokenTable, Verdict
from ocpplab_runner.csms.operations import OperationContext
from ocpplab_runner.csms.sequences import Patience
from ocpplab_runner.csms.transactions import TransactionBook, TransactionId, TransactionNumbers, TransactionRecord
from ocpplab_runner.ocppj.frames import Call
from ocpplab_runner.vocabulary.versions import OcppVersion

#: Reports that the station broke the protocol with a call: the call, a code of :data:`~.breaches.BREACHES`, a
#: description.
Breach = Callable[[Call, str, str], None]


#: Call → the messages that it asks for, which carry its request id (2.0.1).
_REPORTS: Mapping[str, str] = {
    "CustomerInformation": "NotifyCustomerInformation",
    "GetBaseReport": "NotifyReport",
    "GetChargingProfiles": "ReportChargingProfiles",
    "GetDisplayMessages": "NotifyDisplayMessages",
    "GetLog": "LogStatusNotification",
    "GetMonitoringReport": "NotifyMonitoringReport",
    "GetReport": "NotifyReport",
    "PublishFirmware": "PublishFirmwareStatusNotification",
    "UpdateFirmware": "FirmwareStatusNotification",
}


class CsmsState:
    """What all stations share. Made while the event loop runs: expiry dates count from then.

    Args:
        config: what the CSMS knows.
        first_csms: no station has had another CSMS before: what this one has not seen never was.
    """

    def __init__(self, config: CsmsConfig, *, first_csms: bool) -> None:
        self.config = config
        self.first_csms = first_csms
        self.transactions = TransactionBook(TransactionNumbers())
        self.patience = Patience()
        self.cards = IdTokenTable(
            config.id_tokens,
            unknown=config.unknown_id_token,
            concurrent_tx=config.concurrent_tx,
            now=utcnow(),
        )


@dataclass(slots=True)
class StationState:
    """What the CSMS knows of one station.

    Attributes:
        identity: the station's identity.
        shared: what all stations share.
        breach: see :data:`Breach`.
        version: of its latest connection.
        registration: its registration status; None before its first BootNotification.
        triggered: actions it was asked to send before its boot was accepted.
        reservations: ids of the reservations it was asked to make and not to cancel, the latest last.
        lost_transactions: ids (1.6: connectorIds) of transactions whose messages a programmed answer has refused: the
            CSMS cannot know them.
    """

    identity: str
    shared: CsmsState
    breach: Breach
    version: OcppVersion | None = None
    registration: Registration | None = None
    triggered: set[str] = field(default_factory=set)
    reservations: list[int] = field(default_factory=list)
    lost_transactions: set[TransactionId] = field(default_factory=set)
    _boots: int = 0
    _earlier: Earlier | None = field(init=False)
    _known_reservations: set[int] = field(default_factory=set)
    _known_remote_starts: set[int] = field(default_factory=set)
    _reports: dict[tuple[str, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._earlier = None if self.shared.first_csms else Earlier()

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

    def boot_answer(self) -> tuple[Registration, int]:
        """Status and interval (seconds) for its next BootNotification."""
        plan = self.shared.config.boot
        self._boots += 1
        if plan is not None and self._boots <= plan.times:
            return plan.status, plan.interval
        return "Accepted", self.shared.config.interval_of(self.identity)

    def register(self, answer: Mapping[str, Any]) -> None:
        """Take over the registration status that a boot answer gave."""
        status = answer.get("status")
        if status in ("Accepted", "Pending", "Rejected"):
            self.registration = status
            self.triggered.clear()
        if self._earlier is not None:
            self._earlier.booted(status, utcnow())

    def reported(self, evse_id: int, connector_id: int, status: str) -> None:
        """Take over the status that it has reported of a connector (1.6: connector 1 of that EVSE)."""
        if self._earlier is not None:
            self._earlier.reported(evse_id, connector_id, status)

    @property
    def booted_before(self) -> bool:
        """Whether it seems to have booted with a CSMS before this one: it has sent no BootNotification to this one."""
        return self.registration is None and not self.shared.first_csms

    def may_be_older(self, moment: str) -> bool:
        """Whether a transaction, of which a message tells something at that time, may be older than this CSMS."""
        return self._earlier is not None and self._earlier.may_have_begun(moment)

    def may_send(self, action: str) -> bool:
        """Whether it may send that now: everything once its boot is accepted, be it by a CSMS before this one, and
        before only BootNotification and what it was asked for (1.6 section 4.2, 2.0.1 B02.FR.09, B03.FR.07)."""
        return (
            self.registration == "Accepted"
            or self.booted_before
            or action == "BootNotification"
            or action in self.triggered
        )

    def has_been_sent(self, action: str, payload: Any) -> None:
        """Remember what it was asked to do."""
        if not isinstance(payload, Mapping):
            return
        match action:
            case "TriggerMessage" | "ExtendedTriggerMessage":
                self.triggered.add(str(payload.get("requestedMessage")))
            case _ if action in _REPORTS:
                self.triggered.add(_REPORTS[action])
                if isinstance(request_id := payload.get("requestId"), int):
                    self._reports[_REPORTS[action], request_id] = 0
            case "ReserveNow":
                reservation = payload.get("reservationId", payload.get("id"))
                if isinstance(reservation, int):
                    self._known_reservations.add(reservation)
                    self.reservations.append(reservation)
            case "CancelReservation":
                cancelled = payload.get("reservationId")
                self.reservations = [other for other in self.reservations if other != cancelled]
            case "RequestStartTransaction":
                if isinstance(remote_start := payload.get("remoteStartId"), int):
                    self._known_remote_starts.add(remote_start)

    def operation_context(self, *, raw: bool) -> OperationContext:
        """What an operation on it needs to know; ``raw``: see there."""
        return OperationContext(
            now=utcnow(),
            running=self.running,
            remote_start_id=max(self._known_remote_starts, default=0) + 1,
            reservation_id=max(self._known_reservations, default=0) + 1,
            latest_reservation=self.reservations[-1] if self.reservations else None,
            raw=raw,
        )

    def check_references(self, call: Call, *, reservation_id: int | None, remote_start_id: int | None = None) -> None:
        """Report a reservation or a remote start that the station speaks of and no CSMS can have made."""
        if not self.shared.first_csms:
            return
        if reservation_id is not None and reservation_id not in self._known_reservations:
            self.breach(call, "unknown-reservation-id", f"there is no reservation {reservation_id}")
        if remote_start_id is not None and remote_start_id not in self._known_remote_starts:
            self.breach(call, "unknown-remote-start-id", f"there was no remote start {remote_start_id}")

    def check_request(self, call: Call) -> None:
        """Report a message with a request id that nobody has given, or a part that comes out of turn (2.0.1).

        A part that comes again is none: its answer may have been lost.
        """
        request_id, seq_no = call.payload.get("requestId"), call.payload.get("seqNo")
        if request_id is None:
            return
        expected = self._reports.get((call.action, request_id))
        lasts = call.action.endswith(
            "StatusNotification"
        )  # an update or an upload goes on after a boot, no report does
        may_be_older = self._earlier is not None and (lasts or self.registration is None)
        if expected is None and not may_be_older:
            self.breach(call, "unknown-request-id", f"no {call.action} was requested with id {request_id}")
        elif expected is not None and seq_no is not None and seq_no > expected:
            self.breach(call, "sequence-number-gap", f"part {seq_no} of report {request_id} follows {expected - 1}")
        if seq_no is not None and seq_no >= (expected or 0):
            self._reports[call.action, request_id] = seq_no + 1

    def check_evse(self, call: Call, evse_id: int | None) -> None:
        """Report an EVSE (1.6: a connector) that the station is known not to have."""
        count = self.shared.config.evses.get(self.identity)
        if count is not None and evse_id is not None and evse_id > count:
            self.breach(call, "unknown-evse", f"there is no EVSE {evse_id}: the charger has {count}")
