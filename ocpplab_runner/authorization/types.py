"""EVerest's authorization vocabulary (``types/authorization.yaml``) as immutable values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from ocpplab_runner.vocabulary.statuses import AuthorizationStatus

__all__ = [
    "AuthorizationStatus",
    "AuthorizationType",
    "CertificateStatus",
    "CustomIdToken",
    "IdToken",
    "IdTokenType",
    "ProvidedIdToken",
    "SelectionAlgorithm",
    "TokenHandlingResult",
    "TokenValidationStatus",
    "ValidationResult",
    "WithdrawAuthorizationResult",
]


class IdTokenType(StrEnum):
    """Kind of an id token; OCPP 2.0.1 ``IdTokenEnumType``. OCPP 1.6 has none."""

    CENTRAL = "Central"
    EMAID = "eMAID"
    MAC_ADDRESS = "MacAddress"
    ISO14443 = "ISO14443"
    ISO15693 = "ISO15693"
    KEY_CODE = "KeyCode"
    LOCAL = "Local"
    NO_AUTHORIZATION = "NoAuthorization"


class AuthorizationType(StrEnum):
    """By which way a token reached the station."""

    OCPP = "OCPP"
    RFID = "RFID"
    AUTOCHARGE = "Autocharge"
    PLUG_AND_CHARGE = "PlugAndCharge"
    BANK_CARD = "BankCard"


class TokenValidationStatus(StrEnum):
    """The lifecycle of a presented token, as an observer sees it."""

    PROCESSING = "Processing"
    ACCEPTED = "Accepted"
    REJECTED = "Rejected"
    TIMED_OUT = "TimedOut"
    USED_TO_START = "UsedToStart"
    USED_TO_STOP = "UsedToStop"
    USED_TO_REAUTHORIZE = "UsedToReauthorize"
    WITHDRAWN = "Withdrawn"


class TokenHandlingResult(StrEnum):
    """What became of a presented token inside the station; finer than :class:`TokenValidationStatus`."""

    ALREADY_IN_PROCESS = "AlreadyInProcess"
    REJECTED = "Rejected"
    NO_CONNECTOR_AVAILABLE = "NoConnectorAvailable"
    TIMEOUT = "Timeout"
    WITHDRAWN = "Withdrawn"
    USED_TO_START_TRANSACTION = "UsedToStartTransaction"
    USED_TO_STOP_TRANSACTION = "UsedToStopTransaction"
    USED_TO_REAUTHORIZE = "UsedToReauthorize"


class CertificateStatus(StrEnum):
    """Verdict on a contract certificate."""

    ACCEPTED = "Accepted"
    SIGNATURE_ERROR = "SignatureError"
    CERTIFICATE_EXPIRED = "CertificateExpired"
    CERTIFICATE_REVOKED = "CertificateRevoked"
    NO_CERTIFICATE_AVAILABLE = "NoCertificateAvailable"
    CERT_CHAIN_ERROR = "CertChainError"
    CONTRACT_CANCELLED = "ContractCancelled"


class SelectionAlgorithm(StrEnum):
    """How the EVSE is found that an accepted token may use."""

    FIND_FIRST = "FindFirst"
    PLUG_EVENTS = "PlugEvents"
    PLUG_EVENTS_LIFO = "PlugEventsLIFO"
    USER_INPUT = "UserInput"


class WithdrawAuthorizationResult(StrEnum):
    """Answer to a request to withdraw a granted authorization."""

    ACCEPTED = "Accepted"
    AUTHORIZATION_NOT_FOUND = "AuthorizationNotFound"
    EVSE_NOT_FOUND = "EvseNotFound"
    REJECTED = "Rejected"


@dataclass(frozen=True, slots=True)
class CustomIdToken:
    """Additional information to a token, with a type of its own choosing."""

    value: str
    type: str


@dataclass(frozen=True, slots=True, eq=False)
class IdToken:
    """An id token. Two are equal when their values agree without letter case and their types are the same.

    Attributes:
        value: printable ASCII, compared without letter case (OCPP 1.6 section 7.23, 2.0.1 ``identifierString``).
        type: ISO14443 unless said, the usual RFID card.
        additional_info: no part of a comparison.
    """

    value: str
    type: IdTokenType = IdTokenType.ISO14443
    additional_info: tuple[CustomIdToken, ...] = ()

    @property
    def key(self) -> str:
        """The value in the form in which values are compared."""
        return self.value.casefold()

    def same_token(self, other: IdToken | None) -> bool:
        """Whether both have the same value; the type plays no part."""
        return other is not None and self.key == other.key

    def same_token_and_type(self, other: IdToken | None) -> bool:
        """Whether both have the same value and the same type."""
        return other is not None and self.key == other.key and self.type == other.type

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IdToken) and self.same_token_and_type(other)

    def __hash__(self) -> int:
        return hash((self.key, self.type))


@dataclass(frozen=True, slots=True)
class ProvidedIdToken:
    """A token as it was presented, with where it came from.

    Attributes:
        id_token: the token.
        authorization_type: by which way it came.
        request_id: carries OCPP 2.x remoteStartId.
        parent_id_token: the group it is known to belong to.
        connectors: ids of the EVSEs it is meant for (EVerest's name, in truth EVSE ids); empty for any.
        prevalidated: it needs no validation.
        certificate: PEM contract certificate.
    """

    id_token: IdToken
    authorization_type: AuthorizationType = AuthorizationType.RFID
    request_id: int | None = None
    parent_id_token: IdToken | None = None
    connectors: tuple[int, ...] = ()
    prevalidated: bool = False
    certificate: str | None = None

    def used_at(self, evse_id: int | None, parent: IdToken | None = None) -> ProvidedIdToken:
        """This token as published after it was used: with the EVSE, and its parent where one was learned."""
        return replace(
            self,
            connectors=self.connectors if evse_id is None else (evse_id,),
            parent_id_token=parent or self.parent_id_token,
        )


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """A verdict on a token.

    Attributes:
        authorization_status: the verdict.
        expiry_time: until when it holds.
        parent_id_token: the group that the token belongs to.
        evse_ids: the only EVSEs it holds for; empty for all.
        reservation_id: the reservation that the token uses.
        certificate_status: the verdict on the contract certificate.
        allowed_energy_transfer_modes: empty for all.
        tariff_messages: texts for the driver.
    """

    authorization_status: AuthorizationStatus
    expiry_time: datetime | None = None
    parent_id_token: IdToken | None = None
    evse_ids: tuple[int, ...] = ()
    reservation_id: int | None = None
    certificate_status: CertificateStatus | None = None
    allowed_energy_transfer_modes: tuple[str, ...] = ()
    tariff_messages: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether the token may charge."""
        return self.authorization_status is AuthorizationStatus.ACCEPTED

    def with_status(self, status: AuthorizationStatus) -> ValidationResult:
        """The same verdict with another status."""
        return replace(self, authorization_status=status)

    def at(self, now: datetime) -> ValidationResult:
        """The verdict as it stands at that time: accepted but past its expiry is Expired (OCPP 1.6 section 3.5.1)."""
        if self.accepted and self.expiry_time is not None and self.expiry_time <= now:
            return self.with_status(AuthorizationStatus.EXPIRED)
        return self
