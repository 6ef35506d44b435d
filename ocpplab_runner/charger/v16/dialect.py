"""OCPP 1.6's words for what the station does; see :mod:`ocpplab_runner.charger.dialect` for the flow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from ocpplab_runner.authorization.local_decision import AuthorizationPolicy
from ocpplab_runner.authorization.types import AuthorizationStatus, IdToken, ProvidedIdToken, ValidationResult
from ocpplab_runner.charger.dialect import Purpose
from ocpplab_runner.charger.evse import Evse
from ocpplab_runner.charger.model import (
    BootAnswer,
    BootReason,
    MessageKind,
    Outgoing,
    Reading,
    Registration,
    SessionEvent,
    StatusReport,
    Transaction,
    TransactionAnswer,
    TransactionMessage,
    UpdateKind,
)
from ocpplab_runner.charger.v16 import payloads
from ocpplab_runner.charger.v16.calls import ANSWERED, TRIGGERED, Calls
from ocpplab_runner.charger.v16.configuration import Configuration
from ocpplab_runner.charger.v16.keys import ABSENT
from ocpplab_runner.charger.v16.transitions import passage
from ocpplab_runner.ocppj.frames import Call
from ocpplab_runner.ocppj.records import HandlerResult
from ocpplab_runner.vocabulary.statuses import ConnectorStatus
from ocpplab_runner.vocabulary.versions import OcppVersion

if TYPE_CHECKING:
    from ocpplab_runner.charger.station import SimulatedCharger


class DialectV16:
    """OCPP 1.6. One EVSE is one connector, and the EVSE's number the connectorId."""

    __slots__ = ("_calls", "_configuration", "_station")

    version = OcppVersion.V16
    answered = ANSWERED
    triggered = TRIGGERED
    absent = ABSENT
    reports_station = True
    failed_authorization = ValidationResult(AuthorizationStatus.INVALID)
    silent_while_rejected = True
    cable_keeps_reserved = True

    def __init__(self, station: SimulatedCharger) -> None:
        if station.config.connectors_per_evse != 1:
            raise ValueError("OCPP 1.6 knows one connector per EVSE: connectors_per_evse must be 1")
        self._station = station
        self._configuration = Configuration(station)
        self._calls = Calls(station, self._configuration)

    def authorization_policy(self, base: AuthorizationPolicy) -> AuthorizationPolicy:
        """1.6 has no settings besides; a station without the list profile has no list."""
        return base

    def boot_notification(self, reason: BootReason) -> Outgoing:
        """BootNotification.req (section 6.3); 1.6 does not carry the reason."""
        config = self._station.config
        payload = {"chargePointVendor": config.vendor[:20], "chargePointModel": config.model[:20]}
        if config.serial_number:
            payload["chargePointSerialNumber"] = config.serial_number[:25]
        if config.firmware_version:
            payload["firmwareVersion"] = config.firmware_version[:50]
        return Outgoing("BootNotification", payload)

    def boot_answer(self, payload: Mapping[str, Any]) -> BootAnswer:
        """BootNotification.conf (section 6.4)."""
        return BootAnswer(Registration(payload["status"]), payload["interval"], payload["currentTime"])

    def heartbeat(self) -> Outgoing:
        """Heartbeat.req."""
        return Outgoing("Heartbeat", {})

    def wire_status(self, report: StatusReport) -> str:
        """Status, error code and texts: a warning that comes or goes is news, too."""
        return f"{report.status.value}|{report.error_code}|{report.info}|{report.vendor_error_code}"

    def passed(self, before: str, report: StatusReport) -> Sequence[ConnectorStatus]:
        """As the table of section 4.9 wants it; connector 0 goes from any of its statuses to any."""
        return passage(ConnectorStatus(before.partition("|")[0]), report.status) if report.evse_id else ()

    def status_notification(self, report: StatusReport) -> Outgoing:
        """StatusNotification.req."""
        return Outgoing("StatusNotification", payloads.status_notification(report))

    def authorize(self, token: IdToken, provided: ProvidedIdToken | None = None) -> Outgoing:
        """Authorize.req; 1.6 carries no certificates."""
        return Outgoing("Authorize", {"idTag": token.value})

    def authorize_answer(self, payload: Mapping[str, Any]) -> ValidationResult:
        """Authorize.conf."""
        return payloads.validation_result(payload["idTagInfo"])

    def measurands(self, purpose: Purpose) -> Sequence[str]:
        """From MeterValuesSampledData, MeterValuesAlignedData, StopTxnSampledData and StopTxnAlignedData."""
        match purpose:
            case "sampled":
                return self._station.settings.items("sampled_measurands")
            case "aligned":
                return self._station.settings.items("aligned_measurands")
            case "tx_ended":
                return self._configuration.items("StopTxnSampledData")
            case "tx_ended_aligned":
                return self._configuration.items("StopTxnAlignedData")
            case _:
                return ()

    def meter_values(self, evse_id: int, readings: Sequence[Reading]) -> Outgoing:
        """MeterValues.req outside a transaction."""
        return Outgoing("MeterValues", payloads.meter_values(evse_id, readings))

    def session_event(self, evse: Evse, event: SessionEvent) -> Sequence[TransactionMessage]:
        """Nothing: in 1.6 a transaction is what the station takes for one."""
        return ()

    def reservation_ended(self, reservation_id: int, how: Literal["Expired", "Removed"]) -> None:
        """Nothing: 1.6 shows it only by the connector's status."""

    def transaction_started(self, transaction: Transaction, reading: Reading | None) -> Sequence[TransactionMessage]:
        """StartTransaction.req."""
        return (
            TransactionMessage(
                "StartTransaction", lambda: payloads.start_transaction(transaction), transaction, "start"
            ),
        )

    def transaction_updated(
        self, transaction: Transaction, kind: UpdateKind, reading: Reading | None
    ) -> Sequence[TransactionMessage]:
        """MeterValues.req for a reading; 1.6 has no other message within a transaction."""
        if kind is not UpdateKind.READINGS or reading is None:
            return ()
        readings = (reading,)
        return (
            TransactionMessage(
                "MeterValues",
                lambda: payloads.meter_values(transaction.evse_id, readings, transaction),
                transaction,
                "update",
            ),
        )

    def transaction_ended(self, transaction: Transaction) -> Sequence[TransactionMessage]:
        """StopTransaction.req; the transaction's id may be known only when it is sent."""
        return (
            TransactionMessage("StopTransaction", lambda: payloads.stop_transaction(transaction), transaction, "stop"),
        )

    def transaction_answered(self, message: TransactionMessage, payload: Mapping[str, Any]) -> TransactionAnswer:
        """StartTransaction.conf and StopTransaction.conf; a stop without a card judges none (section 6.50)."""
        info = payload.get("idTagInfo")
        if message.kind == "stop" and message.transaction.stop_token is None:
            info = None
        return TransactionAnswer(
            None if info is None else payloads.validation_result(info),
            payload.get("transactionId") if message.kind == "start" else None,
        )

    def allowed_while_pending(self, action: str) -> bool:
        """Everything is answered (section 4.2); a remote start is Rejected then."""
        return True

    def handle(self, call: Call) -> HandlerResult:
        """See :class:`~ocpplab_runner.charger.v16.calls.Calls`."""
        return self._calls.handle(call)

    def remember(self) -> Mapping[str, Any]:
        """Configuration keys that were set."""
        return {"configuration": self._configuration.remember()}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Put them back."""
        self._configuration.recall(memory["configuration"])

    def remember_transaction(self, transaction: Transaction) -> Mapping[str, Any]:
        """Nothing: the core knows all of it."""
        return {}

    def recall_transaction(self, transaction: Transaction, memory: Mapping[str, Any], shared: dict[str, Any]) -> None:
        """Nothing."""

    def recall_message(
        self, action: str, kind: MessageKind, transaction: Transaction, payload: Mapping[str, Any]
    ) -> TransactionMessage:
        """The transaction's id may still be learned before the message goes."""
        if "transactionId" not in payload:
            return TransactionMessage(action, lambda: payload, transaction, kind)
        return TransactionMessage(
            action, lambda: {**payload, "transactionId": payloads.remote_id(transaction)}, transaction, kind
        )

    def set_raw(self, key: str, value: str) -> None:
        """See :meth:`Configuration.set_raw`."""
        self._configuration.set_raw(key, value)

    def find_transaction(self, transaction_id: int | str) -> Transaction | None:
        """By the id that the Central System gave it; a number may be written as text."""
        wanted = str(transaction_id)
        running = self._station.transactions.running()
        return next((t for t in running if t.remote_id is not None and str(t.remote_id) == wanted), None)
