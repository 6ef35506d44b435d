"""Reservations as EVerest's interfaces carry them; they name tokens by value alone, types play no part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from ocpplab_runner.authorization.types.energy import ConnectorTypeEnum
from ocpplab_runner.authorization.types.property import Property
from ocpplab_runner.authorization.types.unknown import UnknownValue
from ocpplab_runner.vocabulary.described import DescribedEnum, Vocabulary

_LATER = Vocabulary.LATER


class ReservationResult(DescribedEnum):
    """Answer to a reservation."""

    ACCEPTED = "Accepted", "It is made.", _LATER
    FAULTED = "Faulted", "What was asked for is out of order.", _LATER
    OCCUPIED = "Occupied", "What was asked for is taken.", _LATER
    REJECTED = "Rejected", "The station makes no such reservation.", _LATER
    UNAVAILABLE = "Unavailable", "What was asked for is out of service.", _LATER


class ReservationEndReason(DescribedEnum):
    """Why an EVSE is reserved no longer."""

    EXPIRED = "Expired", "Nobody came in time.", _LATER
    CANCELLED = "Cancelled", "Somebody cancelled it.", _LATER
    USED_TO_START_CHARGING = "UsedToStartCharging", "Its card has used it.", _LATER
    GLOBAL_RESERVATION_REQUIREMENT_DROPPED = (
        "GlobalReservationRequirementDropped",
        "There are enough free EVSEs again for those who reserved any; their reservations stand.",
        _LATER,
    )


class ReservationCheckStatus(DescribedEnum):
    """Answer to the question for whom an EVSE is reserved."""

    NOT_RESERVED = "NotReserved", "For nobody.", _LATER
    RESERVED_FOR_TOKEN = "ReservedForToken", "For this token, or its group.", _LATER
    RESERVED_FOR_OTHER_TOKEN = "ReservedForOtherToken", "For another token.", _LATER
    RESERVED_FOR_OTHER_TOKEN_AND_HAS_PARENT_TOKEN = (
        "ReservedForOtherTokenAndHasParentToken",
        "For another token, and for a group that the question did not name.",
        _LATER,
    )


class ReservationStatus(DescribedEnum):
    """What has happened to a reservation."""

    EXPIRED = "Expired", "Nobody came in time.", _LATER
    REMOVED = "Removed", "The station gave it up, for an EVSE can no longer keep it.", _LATER
    PLACED = "Placed", "It was made.", _LATER
    CANCELLED = "Cancelled", "Somebody cancelled it.", _LATER
    USED = "Used", "Its card has used it.", _LATER


@dataclass(frozen=True, slots=True)
class Reservation:
    """Keeps an EVSE, or any EVSE, free for a token."""

    reservation_id: Annotated[int, Property("Its number; a new one of the same number replaces it.", required=True)]
    id_token: Annotated[str, Property("The value of the token that it is for.", required=True)]
    expiry_time: Annotated[datetime, Property("Until when it is kept, RFC 3339.", required=True)]
    evse_id: Annotated[int | None, Property("The EVSE that is kept. Absent: any.")] = None
    parent_id_token: Annotated[str | None, Property("The group whose tokens may use it, too.")] = None
    connector_type: Annotated[
        ConnectorTypeEnum | UnknownValue | None, Property("The kind of connector that is needed. Absent: any.")
    ] = None


@dataclass(frozen=True, slots=True)
class ReservationCheck:
    """Asks for whom an EVSE is reserved."""

    id_token: Annotated[str, Property("The value of the token that wants to know.", required=True)]
    evse_id: Annotated[int | None, Property("The EVSE in question. Absent: any.")] = None
    group_id_token: Annotated[str | None, Property("The group of that token.")] = None


@dataclass(frozen=True, slots=True)
class ReservationEnd:
    """An EVSE is reserved no longer."""

    reason: Annotated[ReservationEndReason | UnknownValue, Property("Why.", required=True)]
    reservation_id: Annotated[int, Property("The reservation.", required=True)]


@dataclass(frozen=True, slots=True)
class ReservationUpdateStatus:
    """Something has happened to a reservation."""

    reservation_id: Annotated[int, Property("The reservation.", required=True)]
    reservation_status: Annotated[ReservationStatus | UnknownValue, Property("What has happened.", required=True)]
