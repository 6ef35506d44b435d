"""Status values that scenarios speak of, and which of them each OCPP version can carry."""

from __future__ import annotations

from enum import StrEnum

from ocpplab_runner.vocabulary.described import DescribedEnum, Vocabulary
from ocpplab_runner.vocabulary.versions import OcppVersion


class AuthorizationStatus(DescribedEnum):
    """The verdict on a token.

    These are the ten that OCPP 2.0.1's ``AuthorizationStatusEnumType`` and EVerest's documentation page share.
    """

    ACCEPTED = "Accepted", "The token may charge."
    BLOCKED = "Blocked", "The token is known and has been blocked."
    CONCURRENT_TX = "ConcurrentTx", "The token is in use in another transaction and may have only one."
    EXPIRED = "Expired", "The token was valid once."
    INVALID = "Invalid", "The token is not known, or no verdict could be had."
    NO_CREDIT = "NoCredit", "Nothing is left to pay with."
    NOT_ALLOWED_TYPE_EVSE = "NotAllowedTypeEVSE", "The token may not charge at EVSEs of this type."
    NOT_AT_THIS_LOCATION = "NotAtThisLocation", "The token may charge, but elsewhere."
    NOT_AT_THIS_TIME = "NotAtThisTime", "The token may charge here, but not now."
    UNKNOWN = "Unknown", "The validator does not know the token."


class InnerAuthorizationStatus(DescribedEnum):
    """The verdicts of EVerest's ``AuthorizationStatus`` that no OCPP message carries.

    A validator inside a station may give them (``validation_result``); an ``auth_status`` never has one.
    """

    PIN_REQUIRED = "PinRequired", "The payment terminal still wants a PIN.", Vocabulary.LATER
    TIMEOUT = "Timeout", "The payment terminal was not served in time.", Vocabulary.LATER


#: Every verdict that a validator may give, in EVerest's order.
VALIDATION_STATUSES: tuple[str, ...] = tuple(
    status.value for kind in (AuthorizationStatus, InnerAuthorizationStatus) for status in kind
)

#: OCPP 1.6 section 7.2 knows five; 2.0.1 and 2.1 know all ten.
WIRE_AUTHORIZATION_STATUSES: dict[OcppVersion, frozenset[AuthorizationStatus]] = {
    OcppVersion.V16: frozenset(
        {
            AuthorizationStatus.ACCEPTED,
            AuthorizationStatus.BLOCKED,
            AuthorizationStatus.CONCURRENT_TX,
            AuthorizationStatus.EXPIRED,
            AuthorizationStatus.INVALID,
        }
    ),
    OcppVersion.V201: frozenset(AuthorizationStatus),
    OcppVersion.V21: frozenset(AuthorizationStatus),
}


#: OCPP 1.6 section 7.36 Reason; 2.x ReasonEnumType, whose ImmediateReset is the neutral HardReset.
_COMMON_REASONS = frozenset(
    {
        "DeAuthorized",
        "EmergencyStop",
        "EVDisconnected",
        "HardReset",
        "Local",
        "Other",
        "PowerLoss",
        "Reboot",
        "Remote",
    }
)
_V2_REASONS = _COMMON_REASONS | frozenset(
    {
        "EnergyLimitReached",
        "GroundFault",
        "LocalOutOfCredit",
        "MasterPass",
        "OvercurrentFault",
        "PowerQuality",
        "SOCLimitReached",
        "StoppedByEV",
        "TimeLimitReached",
        "Timeout",
    }
)
#: What a ``transaction`` fact can give as the reason of its end.
WIRE_STOP_REASONS: dict[OcppVersion, frozenset[str]] = {
    OcppVersion.V16: _COMMON_REASONS | {"SoftReset", "UnlockCommand"},
    OcppVersion.V201: _V2_REASONS,
    OcppVersion.V21: _V2_REASONS | {"ReqEnergyTransferRejected"},
}


class ConnectorStatus(StrEnum):
    """The version-neutral connector status: OCPP 1.6's nine.

    OCPP 2.x has five (Available, Occupied, Reserved, Unavailable, Faulted). There the neutral status is derived
    from StatusNotification and TransactionEvent together: Occupied without a transaction is Preparing; chargingState
    Charging, SuspendedEV and SuspendedEVSE give the status of that name; Occupied after Ended is Finishing. A
    card-first Preparing has no 2.x frame.
    """

    AVAILABLE = "Available"
    PREPARING = "Preparing"
    CHARGING = "Charging"
    SUSPENDED_EV = "SuspendedEV"
    SUSPENDED_EVSE = "SuspendedEVSE"
    FINISHING = "Finishing"
    RESERVED = "Reserved"
    UNAVAILABLE = "Unavailable"
    FAULTED = "Faulted"


class TransactionPhase(StrEnum):
    """What a ``transaction`` fact says has happened."""

    STARTED = "started"
    UPDATED = "updated"
    ENDED = "ended"


class AuthorizationRoute(StrEnum):
    """Who gave a verdict on a card: the ``via`` of an ``auth_status`` fact."""

    AUTHORIZE = "Authorize"
    START_TRANSACTION = "StartTransaction"
    STOP_TRANSACTION = "StopTransaction"
    TRANSACTION_EVENT = "TransactionEvent"
    CACHE = "cache"
    LOCAL_LIST = "local_list"
    OFFLINE = "offline"
    STATION = "station"  # refused or prevalidated by the station itself, without asking anyone
