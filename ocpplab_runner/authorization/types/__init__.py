"""EVerest's authorization vocabulary as immutable values.

What the JSON of each type looks like stands beside its attributes
(:class:`~ocpplab_runner.authorization.types.property.Property`); codec, schemas and documentation are made from that.
"""

from ocpplab_runner.authorization.types.certificates import CertificateHashDataInfo, CertificateStatus, HashAlgorithm
from ocpplab_runner.authorization.types.energy import ConnectorTypeEnum, EnergyTransferMode
from ocpplab_runner.authorization.types.messages import MessageContent, MessageFormat
from ocpplab_runner.authorization.types.reservations import (
    Reservation,
    ReservationCheck,
    ReservationCheckStatus,
    ReservationEnd,
    ReservationEndReason,
    ReservationResult,
    ReservationStatus,
    ReservationUpdateStatus,
)
from ocpplab_runner.authorization.types.tokens import (
    AuthorizationType,
    CustomIdToken,
    IdToken,
    IdTokenType,
    ProvidedIdToken,
    token_type,
)
from ocpplab_runner.authorization.types.unknown import UnknownValue
from ocpplab_runner.authorization.types.validation import (
    SelectionAlgorithm,
    TokenHandlingResult,
    TokenValidationStatus,
    TokenValidationStatusMessage,
    ValidationResult,
    ValidationResultUpdate,
    ValidationStatus,
)
from ocpplab_runner.authorization.types.withdrawal import WithdrawAuthorizationRequest, WithdrawAuthorizationResult
from ocpplab_runner.vocabulary.described import Vocabulary
from ocpplab_runner.vocabulary.statuses import AuthorizationStatus, InnerAuthorizationStatus

__all__ = [
    "AuthorizationStatus",
    "AuthorizationType",
    "CertificateHashDataInfo",
    "CertificateStatus",
    "ConnectorTypeEnum",
    "CustomIdToken",
    "EnergyTransferMode",
    "HashAlgorithm",
    "IdToken",
    "IdTokenType",
    "InnerAuthorizationStatus",
    "MessageContent",
    "MessageFormat",
    "ProvidedIdToken",
    "Reservation",
    "ReservationCheck",
    "ReservationCheckStatus",
    "ReservationEnd",
    "ReservationEndReason",
    "ReservationResult",
    "ReservationStatus",
    "ReservationUpdateStatus",
    "SelectionAlgorithm",
    "TokenHandlingResult",
    "TokenValidationStatus",
    "TokenValidationStatusMessage",
    "UnknownValue",
    "ValidationResult",
    "ValidationResultUpdate",
    "ValidationStatus",
    "Vocabulary",
    "WithdrawAuthorizationRequest",
    "WithdrawAuthorizationResult",
    "token_type",
]
