"""OCPP 2.0.1's words for what the station core does; see :mod:`ocpplab_runner.charger.dialect` for who calls what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from ocpplab_runner import clock
from ocpplab_runner.authorization.codec import to_json
from ocpplab_runner.authorization.local_decision import AuthorizationPolicy, unanswered
from ocpplab_runner.authorization.types import CertificateStatus, IdToken, ProvidedIdToken, ValidationResult
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
from ocpplab_runner.charger.v201.calls import ANSWERED, TRIGGERED, IncomingCalls
from ocpplab_runner.charger.v201.inventory import device_model
from ocpplab_runner.charger.v201.tx_events import TransactionEvents
from ocpplab_runner.charger.v201.variables import ABSENT
from ocpplab_runner.charger.v201.words import CONNECTOR_STATUS, id_token, meter_values, verdict_of
from ocpplab_runner.ocppj.frames import Call
from ocpplab_runner.ocppj.records import HandlerResult
from ocpplab_runner.vocabulary.statuses import ConnectorStatus
from ocpplab_runner.vocabulary.versions import OcppVersion

if TYPE_CHECKING:
    from ocpplab_runner.charger.station import SimulatedCharger

#: What the CSMS may ask for before it has accepted the boot (B02.FR.05, B03.FR.04 …).
_WHILE_PENDING = frozenset(
    {
        "GetVariables",
        "SetVariables",
        "GetBaseReport",
        "TriggerMessage",
        "SendLocalList",
        "GetLocalListVersion",
        "ClearCache",
        "Reset",
        "RequestStartTransaction",
        "RequestStopTransaction",
    }
)


class DialectV201:
    """The 2.0.1 dialect of one station.

    Args:
        station: whose; its settings, EVSEs and operations exist already.
    """

    version = OcppVersion.V201
    answered = ANSWERED
    triggered = TRIGGERED
    absent = ABSENT
    reports_station = False
    silent_while_rejected = False
    cable_keeps_reserved = False

    def __init__(self, station: SimulatedCharger) -> None:
        self._station = station
        self.model = device_model(station)
        self.transactions = TransactionEvents(station, self.model)
        self._calls = IncomingCalls(station, self.model, self.transactions)

    @property
    def failed_authorization(self) -> ValidationResult:
        """Unknown: the CSMS gave no usable verdict."""
        return unanswered(AuthorizationPolicy(version=self.version))

    def authorization_policy(self, policy: AuthorizationPolicy) -> AuthorizationPolicy:
        """The policy with what only 2.x can set."""
        return replace(
            policy,
            authorization_enabled=self.model.boolean("AuthCtrlr", "Enabled"),
            disable_remote_authorization=self.model.boolean("AuthCtrlr", "DisableRemoteAuthorization"),
            list_disable_post_authorize=policy.local_list_enabled
            and self.model.boolean("LocalAuthListCtrlr", "DisablePostAuthorize"),
            cache_disable_post_authorize=self.model.boolean("AuthCacheCtrlr", "DisablePostAuthorize"),
        )

    # -- outwards ---------------------------------------------------------------------------------------------------

    def boot_notification(self, reason: BootReason) -> Outgoing:
        """B01."""
        config = self._station.config
        station: dict[str, Any] = {"model": config.model[:20], "vendorName": config.vendor[:50]}
        if config.serial_number:
            station["serialNumber"] = config.serial_number[:25]
        if config.firmware_version:
            station["firmwareVersion"] = config.firmware_version[:50]
        return Outgoing("BootNotification", {"chargingStation": station, "reason": reason.value})

    def boot_answer(self, payload: Mapping[str, Any]) -> BootAnswer:
        """B01 to B03."""
        return BootAnswer(Registration(payload["status"]), payload["interval"], payload["currentTime"])

    def heartbeat(self) -> Outgoing:
        """G02."""
        return Outgoing("Heartbeat", {})

    def wire_status(self, report: StatusReport) -> str:
        """ConnectorStatusEnumType; a card alone does not occupy a connector."""
        status = CONNECTOR_STATUS[report.status]
        if report.status is ConnectorStatus.PREPARING and report.evse_id:
            connector = self._station.evses[report.evse_id - 1].connector(report.connector_id)
            if connector is not None and not connector.plugged:
                return CONNECTOR_STATUS[ConnectorStatus.AVAILABLE]
        return status

    def passed(self, before: str, report: StatusReport) -> Sequence[ConnectorStatus]:
        """Nothing: 2.x has no table of transitions."""
        return ()

    def status_notification(self, report: StatusReport) -> Outgoing:
        """G01."""
        return Outgoing(
            "StatusNotification",
            {
                "timestamp": clock.timestamp(report.at),
                "connectorStatus": self.wire_status(report),
                "evseId": report.evse_id,
                "connectorId": report.connector_id,
            },
        )

    def authorize(self, token: IdToken, provided: ProvidedIdToken | None = None) -> Outgoing:
        """C01; with a contract certificate C07: its OCSP data, or itself for the CSMS to validate."""
        payload: dict[str, Any] = {"idToken": id_token(token)}
        if provided is not None and provided.certificate_hash_data:
            payload["iso15118CertificateHashData"] = [to_json(data) for data in provided.certificate_hash_data]
        elif provided is not None and provided.certificate is not None:
            payload["certificate"] = provided.certificate
        return Outgoing("Authorize", payload)

    def authorize_answer(self, payload: Mapping[str, Any]) -> ValidationResult:
        """C01, and C07 where a contract certificate was sent."""
        result = verdict_of(payload["idTokenInfo"])
        certificate = payload.get("certificateStatus")
        return result if certificate is None else replace(result, certificate_status=CertificateStatus(certificate))

    def measurands(self, purpose: Purpose) -> Sequence[str]:
        """J01 and J02; the end of a transaction carries only its begin and end readings (TxEndedInterval is 0)."""
        if purpose == "sampled":
            return self._station.settings.items("sampled_measurands")
        if purpose == "aligned":
            return self._station.settings.items("aligned_measurands")
        if purpose == "tx_started":
            return self.model.members("SampledDataCtrlr", "TxStartedMeasurands")
        if purpose == "tx_ended":
            return self.model.members("SampledDataCtrlr", "TxEndedMeasurands")
        return ()

    def meter_values(self, evse_id: int, readings: Sequence[Reading]) -> Outgoing:
        """J01."""
        return Outgoing("MeterValues", {"evseId": evse_id, "meterValue": meter_values(readings)})

    def reservation_ended(self, reservation_id: int, how: Literal["Expired", "Removed"]) -> Outgoing:
        """H04."""
        return Outgoing("ReservationStatusUpdate", {"reservationId": reservation_id, "reservationUpdateStatus": how})

    def session_event(self, evse: Evse, event: SessionEvent) -> Sequence[TransactionMessage]:
        """E02 and E03 with TxStartPoint, E06 and E07 with TxStopPoint."""
        return self.transactions.session_event(evse, event)

    def transaction_started(self, transaction: Transaction, reading: Reading | None) -> Sequence[TransactionMessage]:
        """E02, E03, F01, F02."""
        return self.transactions.started(transaction, reading)

    def transaction_updated(
        self, transaction: Transaction, kind: UpdateKind, reading: Reading | None
    ) -> Sequence[TransactionMessage]:
        """E02.FR.07, J02, E05, E10."""
        return self.transactions.updated(transaction, kind, reading)

    def transaction_ended(self, transaction: Transaction) -> Sequence[TransactionMessage]:
        """E06 to E09."""
        return self.transactions.ended(transaction)

    def transaction_answered(self, message: TransactionMessage, payload: Mapping[str, Any]) -> TransactionAnswer:
        """C10.FR.05, E05."""
        return self.transactions.answered(message, payload)

    # -- inwards ----------------------------------------------------------------------------------------------------

    def allowed_while_pending(self, action: str) -> bool:
        """B02: what a CSMS does with a station before it accepts it; remote start and stop are Rejected (B02.FR.05)."""
        return action in _WHILE_PENDING

    def handle(self, call: Call) -> HandlerResult:
        """Answer a valid call of the CSMS; NotSupported for what this slice does not have."""
        return self._calls.handle(call)

    # -- memory -----------------------------------------------------------------------------------------------------

    def remember(self) -> Mapping[str, Any]:
        """Variables that were set."""
        return {"variables": self.model.remember()}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Put them back."""
        self.model.recall(memory["variables"])

    def remember_transaction(self, transaction: Transaction) -> Mapping[str, Any]:
        """How the transaction stands on the wire."""
        return self.transactions.open.remember(transaction)

    def recall_transaction(self, transaction: Transaction, memory: Mapping[str, Any], shared: dict[str, Any]) -> None:
        """Put that back."""
        self.transactions.open.recall(transaction, memory, shared)

    def recall_message(
        self, action: str, kind: MessageKind, transaction: Transaction, payload: Mapping[str, Any]
    ) -> TransactionMessage:
        """A TransactionEvent never changes once it is queued."""
        return TransactionMessage(action, lambda: payload, transaction, kind)

    # -- settings ---------------------------------------------------------------------------------------------------

    def set_raw(self, key: str, value: str) -> None:
        """Set ``Component.Variable`` or ``Component.Variable.Instance`` from inside; raises Refused."""
        self.model.set_raw(key, value)

    def find_transaction(self, transaction_id: int | str) -> Transaction | None:
        """The running transaction with that id on the wire."""
        return self.transactions.open.find(str(transaction_id))
