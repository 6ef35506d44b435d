"""Status values that scenarios speak of, and which of them each OCPP version can carry."""

from __future__ import annotations

from enum import StrEnum

from ocpplab_runner.vocabulary.versions import OcppVersion


class AuthorizationStatus(StrEnum):
    """EVerest's ``AuthorizationStatus``; OCPP 2.0.1's ``AuthorizationStatusEnumType`` has the same ten."""

    ACCEPTED = "Accepted"
    BLOCKED = "Blocked"
    CONCURRENT_TX = "ConcurrentTx"
    EXPIRED = "Expired"
    INVALID = "Invalid"
    NO_CREDIT = "NoCredit"
    NOT_ALLOWED_TYPE_EVSE = "NotAllowedTypeEVSE"
    NOT_AT_THIS_LOCATION = "NotAtThisLocation"
    NOT_AT_THIS_TIME = "NotAtThisTime"
    UNKNOWN = "Unknown"


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
