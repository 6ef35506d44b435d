"""What the CSMS knows of cards, and its verdict on one. Pure: time and transactions are inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from ocpplab_runner.vocabulary.authorization import CERTIFICATE_STATUSES, DEFAULT_TOKEN_TYPE, ID_TOKEN_TYPES
from ocpplab_runner.vocabulary.durations import seconds_of
from ocpplab_runner.vocabulary.statuses import WIRE_AUTHORIZATION_STATUSES, AuthorizationStatus
from ocpplab_runner.vocabulary.versions import OcppVersion

_FIELDS = frozenset({"status", "parent_id_token", "expires_in", "expired_for", "type", "certificate_status"})
ConcurrentTx = Literal["refuse", "allow"]


@dataclass(frozen=True, slots=True)
class Card:
    """A card as a scenario describes it.

    Attributes:
        status: what the CSMS says of it while it is valid.
        parent_id_token: its group (1.6 parentIdTag, 2.x groupIdToken).
        valid_for: seconds until its expiry date, negative when that has passed; None without one.
        type: OCPP 2.x token type.
        certificate_status: what the CSMS says of the certificate that its contract comes with; None: nothing.
    """

    status: AuthorizationStatus
    parent_id_token: str | None = None
    valid_for: float | None = None
    type: str = DEFAULT_TOKEN_TYPE
    certificate_status: str | None = None

    @classmethod
    def from_given(cls, value: Any) -> Card:
        """The card behind a bare status or a mapping with ``status``, ``parent_id_token``, ``expires_in``,
        ``expired_for``, ``type``, ``certificate_status``.

        Raises:
            ValueError: it is neither; the text says why.
        """
        if isinstance(value, str):
            return cls(AuthorizationStatus(value))
        if not isinstance(value, Mapping) or "status" not in value:
            raise ValueError(f"a card is a status, or a mapping with a status: {value!r}")
        unknown = sorted(set(value) - _FIELDS)
        if unknown:
            raise ValueError(f"a card has no field {', '.join(unknown)}")
        if "expires_in" in value and "expired_for" in value:
            raise ValueError("a card has one expiry date: `expires_in` or `expired_for`")
        valid_for = None
        if "expires_in" in value:
            valid_for = seconds_of(value["expires_in"])
        elif "expired_for" in value:
            valid_for = -seconds_of(value["expired_for"])
        token_type = value.get("type", DEFAULT_TOKEN_TYPE)
        if token_type not in ID_TOKEN_TYPES:
            raise ValueError(f"a card's type is one of {', '.join(ID_TOKEN_TYPES)}, not {token_type!r}")
        status, certificate = AuthorizationStatus(value["status"]), value.get("certificate_status")
        if certificate is not None and certificate not in CERTIFICATE_STATUSES:
            raise ValueError(f"a card's certificate_status is one of {', '.join(CERTIFICATE_STATUSES)}")
        return cls(status, value.get("parent_id_token"), valid_for, token_type, certificate)

    def expiry(self, now: datetime) -> datetime | None:
        """Its expiry date when it is set at that time."""
        return None if self.valid_for is None else now + timedelta(seconds=self.valid_for)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the CSMS says of a card and its certificate: OCPP 1.6 IdTagInfo, 2.x IdTokenInfoType, without spelling."""

    status: AuthorizationStatus
    parent_id_token: str | None = None
    expiry: datetime | None = None
    certificate_status: str | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    status: AuthorizationStatus
    parent_id_token: str | None
    expiry: datetime | None
    certificate_status: str | None = None


class IdTokenTable:
    """The CSMS's cards. Card numbers are compared without letter case.

    Args:
        cards: card → what it is; expiry dates are counted from ``now``.
        unknown: status of every other card.
        concurrent_tx: whether a card that is charging is refused elsewhere.
        now: the time at which the table is set.
    """

    def __init__(
        self,
        cards: Mapping[str, Card],
        *,
        unknown: AuthorizationStatus,
        concurrent_tx: ConcurrentTx,
        now: datetime,
    ) -> None:
        self._entries: dict[str, _Entry] = {}
        self._unknown = _Entry(unknown, None, None)
        self._refuse_concurrent = concurrent_tx == "refuse"
        for token, card in cards.items():
            self.set(token, card, now=now)

    def set(self, token: str, card: Card, *, now: datetime) -> None:
        """Add a card or change it; its expiry date is counted from ``now``."""
        self._entries[token.casefold()] = _Entry(
            card.status, card.parent_id_token, card.expiry(now), card.certificate_status
        )

    def verdict(self, token: str, *, version: OcppVersion, now: datetime, charging_elsewhere: bool) -> Verdict:
        """The verdict on a card.

        Args:
            token: the card's number.
            version: decides which statuses there are; see :func:`wire_status`.
            now: the time; an accepted card past its expiry date is Expired.
            charging_elsewhere: whether the card is in another running transaction. OCPP 1.6 section 7.2 and 2.x
                AuthorizationStatusEnumType make ConcurrentTx an answer to the start of a transaction only, so this is
                False for an Authorize.
        """
        entry = self._entries.get(token.casefold(), self._unknown)
        status = entry.status
        if status is AuthorizationStatus.ACCEPTED:
            if entry.expiry is not None and entry.expiry <= now:
                status = AuthorizationStatus.EXPIRED
            elif charging_elsewhere and self._refuse_concurrent:
                status = AuthorizationStatus.CONCURRENT_TX
        return Verdict(wire_status(status, version), entry.parent_id_token, entry.expiry, entry.certificate_status)


def wire_status(status: AuthorizationStatus, version: OcppVersion) -> AuthorizationStatus:
    """The status that a version carries for what the CSMS thinks of a card.

    OCPP 1.6 section 7.2 has five. There Unknown becomes Invalid ("Identifier is unknown"); a card that is known but may
    not charge here or now (NoCredit, NotAllowedTypeEVSE, NotAtThisLocation, NotAtThisTime) becomes Blocked.
    """
    if status in WIRE_AUTHORIZATION_STATUSES[version]:
        return status
    if status is AuthorizationStatus.UNKNOWN:
        return AuthorizationStatus.INVALID
    return AuthorizationStatus.BLOCKED
