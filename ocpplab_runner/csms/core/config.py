"""The CSMS as a scenario gives it: ``given.csms``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from ocpplab_runner.csms.core.id_tokens import Card, ConcurrentTx
from ocpplab_runner.csms.core.tariffs import tariff_type
from ocpplab_runner.ocppj.reply_rules import ReplyRule
from ocpplab_runner.tariffs.tariff import Tariff, tariff_of
from ocpplab_runner.vocabulary.certificates import SIGNINGS, Signing
from ocpplab_runner.vocabulary.durations import seconds_of
from ocpplab_runner.vocabulary.numbers import is_integer
from ocpplab_runner.vocabulary.statuses import AuthorizationStatus
from ocpplab_runner.vocabulary.vendors import Vendors

Registration = Literal["Accepted", "Pending", "Rejected"]
_FIELDS = frozenset(
    {"id_tokens", "unknown_id_token", "concurrent_tx", "boot", "heartbeat_interval", "answer_delay", "replies"}
    | {"passwords", "sign_certificates", "tls", "ev_certificate", "vendors", "tariff_texts"}
    | {"driver_tariffs", "transaction_limits", "vat_numbers", "receipt_url", "tariff", "credits"}
)
_BOOT_FIELDS = frozenset({"status", "interval", "times"})
#: Seconds until the next BootNotification when a scenario does not say.
DEFAULT_RETRY_INTERVAL = 10
#: Seconds between heartbeats when nobody in a scenario says.
DEFAULT_HEARTBEAT_INTERVAL = 300


@dataclass(frozen=True, slots=True)
class BootPlan:
    """How the first BootNotifications of a station are answered that are not Accepted at once.

    Attributes:
        status: of the first ``times`` answers; after them Accepted.
        interval: seconds, in those answers.
        times: how many.
    """

    status: Registration
    interval: int
    times: int

    @classmethod
    def from_given(cls, value: Any) -> BootPlan | None:
        """The plan behind ``Accepted``, which needs none, or ``{status, interval, times}``.

        A bare Pending or Rejected is for one answer.

        Raises:
            ValueError: it is neither.
        """
        fields: Mapping[str, Any] = {"status": value} if isinstance(value, str) else value
        if not isinstance(fields, Mapping) or set(fields) - _BOOT_FIELDS:
            raise ValueError("`boot` is a registration status, or a mapping with status, interval and times")
        status = fields.get("status", "Accepted")
        if status not in ("Accepted", "Pending", "Rejected"):
            raise ValueError(f"no registration status: {status!r}")
        if status == "Accepted":
            return None
        times = fields.get("times", 1)
        if not is_integer(times) or times < 1:
            raise ValueError("`times` of `boot` is a number from 1")
        return cls(status, round(seconds_of(fields.get("interval", DEFAULT_RETRY_INTERVAL))), times)


@dataclass(frozen=True, slots=True, kw_only=True)
class CsmsConfig:
    """What the CSMS knows and how it answers.

    Attributes:
        id_tokens: card → what it is; expiry dates count from the start of the CSMS.
        unknown_id_token: status of every other card.
        concurrent_tx: whether a card that is charging is answered ConcurrentTx when it starts elsewhere.
        boot: each station's first BootNotifications; None when they are accepted.
        heartbeat_interval: seconds, in the accepting boot answer; None when a scenario does not say.
        own_heartbeat: identities of stations that a scenario gives an interval of their own: unless
            ``heartbeat_interval`` says otherwise their answer has 0, which leaves the choice to the station (1.6
            section 4.2).
        evses: identity → how many EVSEs (1.6: connectors) that station has, where that is known for sure.
        answer_delay: seconds before a call is processed and answered; by action, of all others under ``""``. A
            programmed answer with a delay has that instead.
        replies: programmed answers in force from the start, for each station anew.
        passwords: identity → the password that the station dials with; None when none is asked for.
        signing: how a station's request for a certificate is met.
        ev_certificate: exiResponse for an EV that wants a contract certificate; None where there is none.
        vendors: whose data it knows, and how it answers that.
        tariff_texts: card, without letter case → what its driver is told of prices.
        driver_tariffs: card, without letter case → the TariffType that its driver's station shall count by (2.1).
        transaction_limits: card, without letter case → the TransactionLimitType of its transactions (2.1).
        credits: prepaid card → how much it has (2.1).
        tariff: by which the CSMS counts what transactions cost; None where it does not (2.x).
        vat_numbers: tax number → the AddressType of its company (2.1).
        receipt_url: where the receipt of a settled payment is; None where there is none (2.1).
        address: host and path at which stations dial it, where that is known.
        other_address: where it shows a certificate of another root, as another CSMS would, if it does.
        call_timeout: seconds that the CSMS waits for an answer.
    """

    id_tokens: Mapping[str, Card]
    unknown_id_token: AuthorizationStatus
    concurrent_tx: ConcurrentTx
    boot: BootPlan | None
    heartbeat_interval: int | None
    own_heartbeat: frozenset[str] = frozenset()
    evses: Mapping[str, int] = field(default_factory=dict)
    answer_delay: Mapping[str, float]
    replies: tuple[ReplyRule, ...]
    passwords: Mapping[str, str] | None = field(default=None, repr=False)
    signing: Signing = "correctly"
    ev_certificate: str | None = None
    vendors: Vendors = field(default_factory=Vendors)
    tariff_texts: Mapping[str, str] = field(default_factory=dict)
    driver_tariffs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    transaction_limits: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    credits: Mapping[str, float] = field(default_factory=dict)
    vat_numbers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    receipt_url: str | None = None
    tariff: Tariff | None = None
    address: str | None = None
    other_address: str | None = None
    call_timeout: float = 30.0

    @property
    def boot_matters(self) -> bool:
        """Whether a boot answer says anything that a station does not know without it."""
        return self.boot is not None or bool(self.heartbeat_interval)

    def interval_of(self, identity: str) -> int:
        """Seconds, in that station's accepting boot answer."""
        if self.heartbeat_interval is not None:
            return self.heartbeat_interval
        return 0 if identity in self.own_heartbeat else DEFAULT_HEARTBEAT_INTERVAL

    def delay_of(self, action: str) -> float:
        """Seconds before a call of that action is answered."""
        return self.answer_delay.get(action, self.answer_delay.get("", 0.0))

    @classmethod
    def from_given(cls, given: Mapping[str, Any]) -> CsmsConfig:
        """The configuration behind ``given.csms``.

        Raises:
            ValueError: it is not what the language says; the text names the key.
        """
        unknown = sorted(set(given) - _FIELDS)
        if unknown:
            raise ValueError(f"given.csms has no key {', '.join(unknown)}")
        concurrent_tx = given.get("concurrent_tx", "refuse")
        if concurrent_tx not in ("refuse", "allow"):
            raise ValueError(f"`concurrent_tx` is refuse or allow, not {concurrent_tx!r}")
        return cls(
            id_tokens={str(token): Card.from_given(card) for token, card in (given.get("id_tokens") or {}).items()},
            unknown_id_token=AuthorizationStatus(given.get("unknown_id_token", "Invalid")),
            concurrent_tx=cast(ConcurrentTx, concurrent_tx),
            boot=BootPlan.from_given(given.get("boot", "Accepted")),
            heartbeat_interval=round(seconds_of(given["heartbeat_interval"]))
            if "heartbeat_interval" in given
            else None,
            answer_delay=_answer_delay(given.get("answer_delay", {})),
            ev_certificate=None if given.get("ev_certificate") is None else str(given["ev_certificate"]),
            vendors=Vendors.from_given(given.get("vendors") or {}),
            tariff_texts={str(card).casefold(): str(text) for card, text in (given.get("tariff_texts") or {}).items()},
            transaction_limits={
                str(card).casefold(): transaction_limit(limits)
                for card, limits in (given.get("transaction_limits") or {}).items()
            },
            credits={str(card): amount for card, amount in (given.get("credits") or {}).items()},
            vat_numbers={
                # An AddressType has these four in any case.
                str(number): {"name": "", "address1": "", "city": "", "country": "", **company}
                for number, company in (given.get("vat_numbers") or {}).items()
            },
            tariff=tariff_of(tariff_type(given["tariff"], "OF-THE-CSMS")) if "tariff" in given else None,
            receipt_url=None if given.get("receipt_url") is None else str(given["receipt_url"]),
            driver_tariffs={
                str(card).casefold(): tariff_type(tariff, f"OF-{card}")
                for card, tariff in (given.get("driver_tariffs") or {}).items()
            },
            passwords=_passwords(given.get("passwords")),
            signing=_signing(given.get("sign_certificates", "correctly")),
            replies=tuple(_reply(fields) for fields in given.get("replies") or ()),
        )


def transaction_limit(fields: Mapping[str, Any]) -> dict[str, float]:
    """The TransactionLimitType of ``cost``, ``energy_wh``, ``time`` and ``soc_percent``."""
    names = {"cost": "maxCost", "energy_wh": "maxEnergy", "time": "maxTime", "soc_percent": "maxSoC"}
    return {
        name: round(seconds_of(fields[field])) if field == "time" else fields[field]
        for field, name in names.items()
        if field in fields
    }


def _passwords(value: Any) -> Mapping[str, str] | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise ValueError("`passwords` is a mapping: identity and password")
    return {str(identity): str(password) for identity, password in value.items()}


def _signing(value: Any) -> Signing:
    if value not in SIGNINGS:
        raise ValueError(f"`sign_certificates` is one of {', '.join(SIGNINGS)}, not {value!r}")
    return cast(Signing, value)


def _answer_delay(value: Any) -> Mapping[str, float]:
    delays = value if isinstance(value, Mapping) else {"": value}
    return {str(action): seconds_of(delay) for action, delay in delays.items()}


def _reply(fields: Mapping[str, Any]) -> ReplyRule:
    """A programmed answer; ``raw`` is for ``check`` and for the judge of violations."""
    return ReplyRule.from_fields({name: value for name, value in fields.items() if name != "raw"})
