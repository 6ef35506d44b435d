"""The seam between the version-neutral station core and what one OCPP version puts on the wire.

Who calls what, and when
========================

The core owns time, sockets, sessions, state and the transaction queue; a dialect owns words. A dialect is made once per
station (``make(station)``), lives through power cycles, does no I/O and starts no task.

*Outwards.* Something changes in the core; the core asks its dialect for the message and sends it:

- after connecting: ``boot_notification(reason)``, then ``boot_answer(payload)`` reads the answer;
- booted, and then whenever a status has to be reported: the core keeps the wire status that each connector reported
  last, and sends ``status_notification(report)`` when ``wire_status(report)`` differs from it. ``reports_station`` says
  whether the station as a whole (EVSE 0) reports too. Offline changes are reported after reconnecting, the last only;
- on its timer: ``heartbeat()``;
- a card that the CSMS has to judge: ``authorize(token)``, then ``authorize_answer(payload)``. A CALLERROR, a time-out
  and an unusable answer never reach the dialect: the core takes ``failed_authorization`` for a verdict;
- meter values outside a transaction: ``meter_values(evse_id, readings)``; which measurands: ``measurands(purpose)``;
- transactions: the core makes, changes and ends a :class:`Transaction`, then calls ``transaction_started(tx,
  readings)``, ``transaction_updated(tx, kind, readings)``, ``transaction_ended(tx)`` (``tx.readings`` holds the
  begin, sampled, aligned and end readings that were kept). Each returns the messages to queue, perhaps none; the core
  puts them into the queue at once, online or not, and sends the head when it may. When one is answered:
  ``transaction_answered(message, payload)``; the core then stores ``remote_id`` and acts on the verdict (cache
  update, late refusal). A message is built with ``message.build()`` each time it is sent. ``station.online`` tells
  whether a message is created offline.

*Inwards.* A valid CALL from the CSMS goes, unless a programmed answer takes it, to ``handle(call)``. It is a plain
function: it looks at the station, calls its parts (``station.operations``: remote_start, remote_stop, reset, unlock,
change_availability; ``station.reservations``, ``local_list``, ``cache``; for triggered messages ``registrar``,
``statuses``, ``metering``), and returns the payload or raises ``HandlerError``. What must follow the answer on the
wire is passed as ``Reply(payload, then=callable)``. While the boot is Pending or Rejected the core has already
refused what may not be done then, by asking ``allowed_while_pending(action)``. An action that the version has but the
station does not: ``HandlerError("NotSupported")``.

*Settings.* Neutral settings live in ``station.settings`` (:class:`~ocpplab_runner.charger.settings.Settings`), in wire
form (text); the core reads only those. ``station.settings.set(name, text)`` applies a change at once (timers follow by
themselves). Everything else that a version's configuration has (read-only keys, vendor keys …) belongs to the dialect:
``set_raw`` is how ``given.configuration`` and the command ``set_configuration`` reach it, also for neutral settings by
their wire names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol

from ocpplab_runner.authorization.local_decision import AuthorizationPolicy
from ocpplab_runner.authorization.types import IdToken, ProvidedIdToken, ValidationResult
from ocpplab_runner.charger.evse import Evse
from ocpplab_runner.charger.model import (
    BootAnswer,
    BootReason,
    MessageKind,
    Outgoing,
    Reading,
    SessionEvent,
    StatusReport,
    Transaction,
    TransactionAnswer,
    TransactionMessage,
    UpdateKind,
)
from ocpplab_runner.ocppj.frames import Call
from ocpplab_runner.ocppj.records import HandlerResult
from ocpplab_runner.vocabulary.statuses import ConnectorStatus
from ocpplab_runner.vocabulary.versions import OcppVersion

if TYPE_CHECKING:
    from ocpplab_runner.charger.station import SimulatedCharger

#: What a reading is taken for: periodic samples, clock-aligned ones, and what the message at a transaction's begin or
#: end carries (``tx_ended_aligned``: of the clock-aligned readings in between).
Purpose = Literal["sampled", "aligned", "tx_started", "tx_ended", "tx_ended_aligned"]


class Dialect(Protocol):
    """One OCPP version's words for what the station core does. See the module's text for the flow."""

    @property
    def version(self) -> OcppVersion:
        """Which version it speaks."""
        ...

    @property
    def reports_station(self) -> bool:
        """Whether the station as a whole reports a status (1.6: connectorId 0)."""
        ...

    @property
    def cable_keeps_reserved(self) -> bool:
        """Whether a cable alone leaves a reserved connector Reserved (1.6); in 2.x it is Occupied."""
        ...

    def passed(self, before: str, report: StatusReport) -> Sequence[ConnectorStatus]:
        """What a connector passes on its way from one wire status to another where the version knows no direct one."""
        ...

    @property
    def failed_authorization(self) -> ValidationResult:
        """The verdict on a card when the CSMS could not be made to give one (1.6: Invalid, 2.x: Unknown)."""
        ...

    @property
    def silent_while_rejected(self) -> bool:
        """Whether it answers no call at all while its boot is Rejected (1.6 section 4.2), rather than refuse (B03)."""
        ...

    def authorization_policy(self, base: AuthorizationPolicy) -> AuthorizationPolicy:
        """The policy for deciding on cards: the neutral settings, with what the version has besides."""
        ...

    # -- outwards -------------------------------------------------------------------------------------------------

    def boot_notification(self, reason: BootReason) -> Outgoing:
        """BootNotification."""
        ...

    def boot_answer(self, payload: Mapping[str, Any]) -> BootAnswer:
        """Read its answer, which has passed the schema."""
        ...

    def heartbeat(self) -> Outgoing:
        """Heartbeat."""
        ...

    def wire_status(self, report: StatusReport) -> str:
        """What a status report would say, as a comparable text: equal texts are not reported twice in a row."""
        ...

    def status_notification(self, report: StatusReport) -> Outgoing:
        """StatusNotification."""
        ...

    def authorize(self, token: IdToken, provided: ProvidedIdToken | None = None) -> Outgoing:
        """Authorize; ``provided`` has the contract certificate, where there is one."""
        ...

    def authorize_answer(self, payload: Mapping[str, Any]) -> ValidationResult:
        """Read its answer, which has passed the schema."""
        ...

    def measurands(self, purpose: Purpose) -> Sequence[str]:
        """The measurands that a reading for that purpose carries; empty for no reading at all."""
        ...

    def meter_values(self, evse_id: int, readings: Sequence[Reading]) -> Outgoing:
        """MeterValues outside a transaction."""
        ...

    def session_event(self, evse: Evse, event: SessionEvent) -> Sequence[TransactionMessage]:
        """Something happened at an EVSE outside the station's own transactions (2.x: TxStartPoint, TxStopPoint)."""
        ...

    def reservation_ended(self, reservation_id: int, how: Literal["Expired", "Removed"]) -> Outgoing | None:
        """A reservation has run out, or its EVSE cannot be used; None when the version says nothing of that."""
        ...

    def transaction_started(self, transaction: Transaction, reading: Reading | None) -> Sequence[TransactionMessage]:
        """A transaction has begun; ``reading`` was taken for ``tx_started``."""
        ...

    def transaction_updated(
        self, transaction: Transaction, kind: UpdateKind, reading: Reading | None
    ) -> Sequence[TransactionMessage]:
        """Something happened in a running transaction; ``reading`` goes with ``READINGS``."""
        ...

    def transaction_ended(self, transaction: Transaction) -> Sequence[TransactionMessage]:
        """A transaction has ended; its stop fields are filled."""
        ...

    def transaction_answered(self, message: TransactionMessage, payload: Mapping[str, Any]) -> TransactionAnswer:
        """Read the CSMS's answer to a queued message, which has passed the schema."""
        ...

    # -- inwards --------------------------------------------------------------------------------------------------

    def allowed_while_pending(self, action: str) -> bool:
        """Whether the station answers that call before its boot is accepted (1.6 section 4.2, 2.0.1 B02)."""
        ...

    def handle(self, call: Call) -> HandlerResult:
        """Answer a valid call of the CSMS.

        Raises:
            HandlerError: to answer with a CALLERROR.
        """
        ...

    # -- memory (see ocpplab_runner.charger.memory) -----------------------------------------------------------------

    def remember(self) -> Mapping[str, Any]:
        """What the dialect itself knows, as JSON data: configuration that is no neutral setting."""
        ...

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Put that back."""
        ...

    def remember_transaction(self, transaction: Transaction) -> Mapping[str, Any]:
        """What the dialect knows of a transaction, as JSON data."""
        ...

    def recall_transaction(self, transaction: Transaction, memory: Mapping[str, Any], shared: dict[str, Any]) -> None:
        """Put that back; ``shared`` holds what several transactions of one station have in common."""
        ...

    def recall_message(
        self, action: str, kind: MessageKind, transaction: Transaction, payload: Mapping[str, Any]
    ) -> TransactionMessage:
        """A queued message again, from the payload that it had last."""
        ...

    # -- settings -------------------------------------------------------------------------------------------------

    def set_raw(self, key: str, value: str) -> None:
        """Set a configuration key or ``Component.Variable`` from inside the station, read-only or not.

        Raises:
            Refused: there is no such key, or it cannot have that value.
        """
        ...

    def find_transaction(self, transaction_id: int | str) -> Transaction | None:
        """The running transaction with that id on the wire."""
        ...


class DialectFactory(Protocol):
    """Makes a station's dialect: a dialect class whose constructor takes the station.

    Attributes:
        answered: the actions of the CSMS's calls that are built; another one that OCPP has is answered NotSupported.
        triggered: the messages that a TriggerMessage can ask for; another one is answered NotImplemented.
        absent: keys, or variables as ``Component.Variable``, that every station should have and it has not.
    """

    @property
    def answered(self) -> frozenset[str]: ...

    @property
    def triggered(self) -> frozenset[str]: ...

    @property
    def absent(self) -> frozenset[str]: ...

    def __call__(self, station: SimulatedCharger) -> Dialect:
        """Make it; the station's settings, EVSEs and operations exist already."""
        ...
