"""What a functional block does for the others: asked of the context by a key, so that no block imports another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeVar

from ocpplab_runner.authorization.cache import AuthorizationCache
from ocpplab_runner.authorization.local_list import LocalAuthorizationList
from ocpplab_runner.authorization.reservation_book import Reservation, ReservationBook
from ocpplab_runner.authorization.types import (
    IdToken,
    ProvidedIdToken,
    ReservationCheckStatus,
    ReservationResult,
    ValidationResult,
    WithdrawAuthorizationResult,
)
from ocpplab_runner.charger.core.dialling import Dial
from ocpplab_runner.charger.core.evse import Evse, Grant
from ocpplab_runner.charger.core.model import (
    BootReason,
    Reading,
    Registration,
    SessionEvent,
    StopReason,
    Transaction,
    UpdateKind,
)
from ocpplab_runner.charger.core.variables import Variable
from ocpplab_runner.ocppj.records import HandlerResult

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from ocpplab_runner.certificates.mint import Key

S = TypeVar("S")
#: What a reading is taken for: periodic samples, clock-aligned ones, and what the message at a transaction's begin or
#: end carries (``tx_ended_aligned``: of the clock-aligned readings in between).
Purpose = Literal["sampled", "aligned", "tx_started", "tx_ended", "tx_ended_aligned"]


@dataclass(frozen=True, slots=True)
class Place:
    """What a TriggerMessage is about: an EVSE, a connector of it, or neither; ``connector_id`` as it was sent."""

    evse: Evse | None
    connector_id: int | None = None


Trigger = Callable[[Place], HandlerResult]


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds until something happens; None where it never will as things stand."""

    seconds: float | None


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An entry of the security log: what has happened, as 2.x calls it, and when by the station's clock."""

    at: datetime
    event: str
    info: str = ""


@dataclass(frozen=True, slots=True)
class Own:
    """A certificate of a station's own.

    Attributes:
        chain: the certificate, and those between it and its CA.
        key: its private key.
    """

    chain: tuple[Certificate, ...]
    key: Key = field(repr=False)


@dataclass(frozen=True, slots=True)
class Service(Generic[S]):
    """The key of a service."""

    name: str


class Registrar(Protocol):
    """Where the boot stands; ``status`` is None before the CSMS has said anything of it."""

    status: Registration | None

    @property
    def accepted(self) -> bool:
        """Whether the CSMS has accepted the present boot."""


class Configuration(Protocol):
    """The station's variables under their names of one OCPP version."""

    def set_raw(self, key: str, value: str) -> None:
        """Set a configuration key or ``Component.Variable`` from inside the station, read-only or not.

        Raises:
            Refused: there is no such one, or it cannot have that value.
        """


class Status(Protocol):
    """What connectors report of themselves."""

    def refresh(self, evse: Evse | None = None) -> None:
        """Something may have changed: at an EVSE, or anywhere."""

    def prepared(self, evse: Evse) -> None:
        """Those who prepared to charge at an EVSE are done: they charge, or they are gone."""


class Authorization(Protocol):
    """Presented tokens, and who holds an EVSE.

    Attributes:
        cache: the authorization cache.
    """

    cache: AuthorizationCache

    def why_ignored(self, token: ProvidedIdToken) -> str:
        """Why a token would be ignored if it were presented now (rule 2); empty when it would be handled."""

    def present(self, token: ProvidedIdToken) -> None:
        """A token is presented: a card at the reader, or the one of a remote start."""

    def wrong(self, provided: ProvidedIdToken) -> str | None:
        """What the station's OCPP version cannot say of a token; None where it can."""

    def can_start(self, evse: Evse) -> bool:
        """Whether a card could be granted that EVSE now; reservations are not looked at."""

    def select(self, evse: Evse) -> bool:
        """The driver chooses an EVSE; False when no token waits for that."""

    def is_held(self, evse: Evse) -> bool:
        """Whether a token holds an EVSE."""

    def learn(self, token: IdToken, result: ValidationResult) -> None:
        """The CSMS has given a verdict on a token: the cache may remember it."""

    def later_verdict(self, evse: Evse, result: ValidationResult, via: str = "") -> None:
        """A later verdict on the token that holds an EVSE (rule 18); ``via`` where no frame shows it."""

    def plugged(self, evse: Evse) -> None:
        """An EV was plugged in: a card that waits for it may start."""

    def unplugged(self, evse: Evse) -> None:
        """The EV is gone."""

    def replugged(self, evse: Evse) -> None:
        """The car of an ended transaction counts as one that has just come."""

    def start_raw(self, evse: Evse, token: IdToken) -> None:
        """Begin a transaction without authorizing its card."""

    def transaction_over(self, evse: Evse) -> None:
        """A transaction has ended."""

    def transaction_goes_on(self, evse: Evse) -> None:
        """A transaction that was interrupted holds its EVSE again."""

    def hold_for_payment(self, evse: Evse, seconds: float) -> None:
        """Somebody pays for an EVSE elsewhere: nobody at the station takes it for so long, or until that has begun."""

    def withdraw(self, evse: Evse) -> None:
        """Take back what was granted on an EVSE, if no transaction has begun."""

    def give_up(self, token: IdToken) -> None:
        """A token waits for an EVSE no longer."""

    def withdraw_authorization(self, evse_id: int | None, token: IdToken | None) -> WithdrawAuthorizationResult:
        """Take authorizations back: of an EVSE, of a token, of both, or every one (rule 17)."""

    def reserve(self, reservation: Reservation) -> tuple[ReservationResult, Reservation | None]:
        """Make a reservation; returns the answer, and the one of the same number that is lost."""

    def reservation_check(self, evse: Evse | None, token: IdToken, group: IdToken | None) -> ReservationCheckStatus:
        """For whom an EVSE is reserved, or the station."""

    def reservations_to_drop(self) -> tuple[Reservation, ...]:
        """What can no longer be kept."""

    @property
    def kept(self) -> frozenset[int]:
        """EVSEs that those need who have reserved any."""


class Reservations(Protocol):
    """EVSEs that are kept for a card.

    Attributes:
        book: what is reserved; outlives a restart (AUTH-R10).
    """

    book: ReservationBook

    def used(self, reservation_id: int, evse: Evse) -> None:
        """A card has used a reservation up on an EVSE; :meth:`refresh` lets it show."""

    def keeps_from(self, evse: Evse | None, token: IdToken, group: IdToken | None) -> bool:
        """Whether reservations of others keep a remote start from that EVSE, or from every one (AUTH-R9)."""

    def refresh(self) -> None:
        """Let every connector show what is reserved now."""


class LocalList(Protocol):
    """The local authorization list."""

    @property
    def entries(self) -> LocalAuthorizationList:
        """What is on it."""


class Transactions(Protocol):
    """What runs at the EVSEs."""

    def running(self) -> list[Transaction]:
        """Every running transaction."""

    def find(self, transaction_id: int | str) -> Transaction | None:
        """The running transaction with that id on the wire."""

    def begin(self, evse: Evse, grant: Grant) -> Transaction:
        """The granted card and the cable are both there: a transaction begins."""

    def updated(self, transaction: Transaction, kind: UpdateKind, reading: Reading | None = None) -> None:
        """Something happened in a running transaction that its CSMS may want to hear of."""

    def end(self, evse: Evse, reason: str, token: IdToken | None = None) -> None:
        """The running transaction of an EVSE ends, for an OCPP stop reason, perhaps by a card."""

    def refresh(self, evse: Evse) -> None:
        """Power, charging state and status follow from what is the case now."""

    def interrupt(self, evse: Evse, reason: StopReason) -> None:
        """What runs at an EVSE stands still until :meth:`go_on`; ends for that reason, if it does not go on then."""

    def go_on(self) -> None:
        """What was interrupted goes on where it may, else it has ended then."""

    def session(self, evse: Evse, event: SessionEvent) -> None:
        """Something happened at an EVSE that the version may count to a transaction (2.x TxStartPoint, TxStopPoint)."""

    def ev_connected(self, evse: Evse) -> None:
        """An EV has come back to a running transaction."""

    def ev_disconnected(self, evse: Evse) -> None:
        """The EV has left a transaction that goes on without it (``StopTransactionOnEVSideDisconnect`` false)."""


class Tariffs(Protocol):
    """What charging costs in 2.1."""

    def driver_tariff(self, token: IdToken, wire: Mapping[str, Any]) -> bool:
        """Take the tariff of a driver, a TariffType; whether the driver may charge then."""

    def seconds_until_cost(self, evse_id: int, amount: float) -> Wait | None:
        """How long what runs at an EVSE may go on until it costs so much; None where the station does not count."""


class Payments(Protocol):
    """What a payment terminal at the station does, in 2.1."""

    def validate_vat_number(self, number: str, evse_id: int | None) -> None:
        """Ask the CSMS whether a tax number is one; raises Refused without a connection."""

    def settle(self, fields: Mapping[str, Any]) -> None:
        """Tell the CSMS how a payment has been settled, by the fields of ``settle_payment``."""

    def pay(self, evse: Evse, fields: Mapping[str, Any]) -> ProvidedIdToken | None:
        """A bank card is presented, with the fields of ``pay_by_card``; the token that stands for the payment then.

        None where the bank does not reserve the amount. Raises Refused.
        """

    def cancel(self, psp_ref: str) -> None:
        """The driver gives up a payment; raises Refused where none with that reference is held."""


class WebPayments(Protocol):
    """Codes that the station shows, in 2.1."""

    @property
    def shows(self) -> bool:
        """Whether there are codes."""

    def limit(self, evse: Evse, wire: Mapping[str, float]) -> None:
        """Limit what an EVSE's code pays for, by fields of TransactionLimitType; raises Refused."""


class TransactionLimits(Protocol):
    """What 2.1's transactions may come to."""

    def set_by_driver(self, evse: Evse, wire: Mapping[str, float]) -> None:
        """Limit what runs at an EVSE, by fields of TransactionLimitType; raises Refused."""

    def set_before(self, token: IdToken, wire: Mapping[str, float]) -> None:
        """Limit the transaction that a token will begin, by fields of TransactionLimitType."""

    def forget_before(self, token: IdToken) -> None:
        """It will begin none."""


class Metering(Protocol):
    """Readings of the meters."""

    def reading(self, evse: Evse, purpose: Purpose, context: str, at: datetime | None = None) -> Reading | None:
        """What the meter of an EVSE shows now; None when that purpose has no measurands."""

    def transaction_began(self, evse: Evse) -> None:
        """Sample this EVSE from now on."""

    def transaction_over(self, evse: Evse) -> None:
        """No more samples of this EVSE."""


class SmartCharging(Protocol):
    """Charging profiles."""

    def for_remote_start(self, remote_start_id: int, profile: Mapping[str, Any], evse: Evse | None) -> str | None:
        """Keep the profile of a remote start for the transaction that it will begin; or why that cannot be."""

    def limit_from_outside(
        self,
        evse_id: int,
        limit: float,
        unit: Literal["A", "W"],
        seconds: float | None,
        source: str,
        *,
        setpoint: float | None = None,
        discharge: float | None = None,
    ) -> None:
        """Somebody else than the CSMS limits an EVSE, or with 0 the station, in A for each phase or in W, for a while.

        Args:
            evse_id, limit, unit, seconds: what is limited how far, and for how long.
            source: who does, as OCPP 2.x calls it.
            setpoint: what is to flow, below 0 back from the EV; of 2.1.
            discharge: what may be given back at most; of 2.1.
        """

    def release_from_outside(self, evse_id: int) -> bool:
        """That is over; False when there was none."""


class EvNeeds(Protocol):
    """EVs that speak ISO 15118, in 2.x."""

    def ev_needs(self, evse: Evse, fields: Mapping[str, Any]) -> None:
        """An EV says what it needs, as ``ev_charging_needs`` has it; raises Refused."""


class PriorityCharging(Protocol):
    """Who is charged first, in 2.1."""

    def priority_by_driver(self, evse: Evse, active: bool) -> None:
        """The driver wants to be charged first, or no longer; raises Refused."""


class DerAlarms(Protocol):
    """What the grid does at the station, in 2.1."""

    def alarm(self, control_type: str, fault: str | None, *, ended: bool) -> None:
        """A control of the grid acts, or no longer; raises Refused for what cannot be."""


class OpenTransactions(Protocol):
    """What has begun on the wire and not ended, in 2.x."""

    @property
    def resumes(self) -> bool:
        """Whether what is interrupted may go on."""

    def id_at(self, evse_id: int) -> str | None:
        """The id of what is open at an EVSE."""

    def find(self, transaction_id: str) -> Transaction | None:
        """The open transaction with that id on the wire."""

    def when_idle(self, action: Callable[[], None]) -> bool:
        """True when no transaction is open; else ``action`` is called once that is so (B12)."""

    def stop_remotely(self, transaction: Transaction) -> None:
        """End a transaction that is open on the wire only: its card, or its car, is still missing (F03)."""

    def stop_locally(self, evse: Evse) -> None:
        """The driver ends such a one at the station (2.1 C20)."""


class Certificates(Protocol):
    """The certificates that a station holds: roots that it trusts, and its own.

    Kinds are 2.x's GetCertificateIdUseEnumType and CertificateSigningUseEnumType, whatever the version.
    """

    def roots(self, kind: str) -> Sequence[Certificate]:
        """Those of the CAs that it trusts for something."""

    def csms_roots(self) -> Sequence[Certificate]:
        """Those that the next connection's CSMS must lead to."""

    def own(self, kind: str) -> Own | None:
        """Its own for something; None where it has none."""

    def pass_on(self, fields: Mapping[str, Any]) -> bool:
        """Ask the CSMS for the contract certificate that an EV wants; whether that could be done."""

    def keep(self, kind: str, own: Own) -> None:
        """It has a new one of its own for that."""

    def ocsp_data(self, chain: Sequence[Certificate]) -> list[dict[str, str]]:
        """OCSPRequestDataType of each certificate of a chain that names a responder."""


class Security(Protocol):
    """What a station does for its security."""

    @property
    def log(self) -> Sequence[LogEntry]:
        """The security log, the oldest entry first."""

    def happened(self, event: str, info: str = "") -> None:
        """Something has happened that belongs into the security log; the CSMS is told where OCPP wants that.

        Args:
            event: as 2.x calls it (2.x appendix 1; ``InvalidCsmsCertificate``), whatever the version.
            info: what there is to say of it.
        """

    @property
    def profile(self) -> int:
        """The security profile that it uses; 0 where it has none."""

    def dial(self) -> Dial:
        """What the next connection is opened with."""

    def clear_log(self) -> None:
        """Empty the security log, and say so."""


class Model(Protocol):
    """The station's variables as 2.x's device model."""

    def find(self, item: Mapping[str, Any]) -> tuple[Variable | None, str]:
        """The variable that ``component`` and ``variable`` name, or why there is none: Unknown…"""

    def matching(self, item: Mapping[str, Any]) -> Iterator[Variable]:
        """Every variable of a ComponentVariableType, which may leave instance, EVSE, connector and variable open."""


class Log(Protocol):
    """What the station has lived through."""

    def lines(self, now: datetime, since: datetime | None, until: datetime | None) -> list[str]:
        """What has happened within a time, a line for each entry, the oldest first."""


class FirmwareWorkings(Protocol):
    """How firmware updates go."""

    def change_workings(self, fields: Mapping[str, Any]) -> None:
        """Let them go otherwise from now on: the fields of the verb ``firmware``."""


class Supply(Protocol):
    """The station's power."""

    def switch_on(self, reason: BootReason = BootReason.POWER_UP) -> None:
        """Power up and boot."""

    def switch_off(self) -> None:
        """Lose the power."""

    def reset(
        self,
        *,
        hard: bool,
        deliver_first: bool = False,
        goes_on: bool = False,
        reason: BootReason = BootReason.REMOTE_RESET,
    ) -> None:
        """Restart because the CSMS says so; see :meth:`~ocpplab_runner.charger.core.power.PowerSupply.reset`."""

    def restart(self, *, hard: bool, deliver_first: bool = False, goes_on: bool = False, reason: BootReason) -> None:
        """Restart; see :meth:`~ocpplab_runner.charger.core.power.PowerSupply.restart`."""


class Replies(Protocol):
    """Programmed answers to the CSMS."""

    def program(self, fields: Mapping[str, Any]) -> None:
        """Add a rule from the fields of ``charger_reply``.

        Raises:
            ValueError: they do not make a rule.
        """


SECURITY: Service[Security] = Service("security")
CERTIFICATES: Service[Certificates] = Service("certificates")
SUPPLY: Service[Supply] = Service("supply")
REPLIES: Service[Replies] = Service("replies")
#: What a TriggerMessage can ask for.
TRIGGERS: Service[Mapping[str, Trigger]] = Service("triggers")
#: Vendor and message → what answers a DataTransfer of it, by its data.
VENDOR_MESSAGES: Service[Mapping[tuple[str, str], Callable[[Mapping[str, Any]], HandlerResult]]] = Service(
    "vendor_messages"
)
REGISTRATION: Service[Registrar] = Service("registration")
CONFIGURATION: Service[Configuration] = Service("configuration")
STATUS: Service[Status] = Service("status")
AUTHORIZATION: Service[Authorization] = Service("authorization")
RESERVATIONS: Service[Reservations] = Service("reservations")
LOCAL_LIST: Service[LocalList] = Service("local_list")
TRANSACTIONS: Service[Transactions] = Service("transactions")
TARIFFS: Service[Tariffs] = Service("tariffs")
PAYMENTS: Service[Payments] = Service("payments")
WEB_PAYMENTS: Service[WebPayments] = Service("web_payments")
TRANSACTION_LIMITS: Service[TransactionLimits] = Service("transaction_limits")
METERING: Service[Metering] = Service("metering")
SMART_CHARGING: Service[SmartCharging] = Service("smart_charging")
EV_NEEDS: Service[EvNeeds] = Service("ev_needs")
PRIORITY_CHARGING: Service[PriorityCharging] = Service("priority_charging")
DER_ALARMS: Service[DerAlarms] = Service("der_alarms")
MODEL: Service[Model] = Service("model")
DIAGNOSTICS_LOG: Service[Log] = Service("diagnostics_log")
FIRMWARE: Service[FirmwareWorkings] = Service("firmware")
OPEN_TRANSACTIONS: Service[OpenTransactions] = Service("open_transactions")
