"""Verdicts on tokens, and what becomes of a token on its way through a station."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, TypeAlias

from ocpplab_runner.authorization.types.certificates import CertificateStatus
from ocpplab_runner.authorization.types.energy import EnergyTransferMode
from ocpplab_runner.authorization.types.messages import MessageContent
from ocpplab_runner.authorization.types.property import Property
from ocpplab_runner.authorization.types.tokens import IdToken, ProvidedIdToken
from ocpplab_runner.authorization.types.unknown import UnknownValue
from ocpplab_runner.vocabulary.described import DescribedEnum, Vocabulary
from ocpplab_runner.vocabulary.statuses import AuthorizationStatus, InnerAuthorizationStatus

#: EVerest's ``AuthorizationStatus``: the ten that OCPP can carry, two that stay inside, and whatever comes later.
ValidationStatus: TypeAlias = AuthorizationStatus | InnerAuthorizationStatus | UnknownValue


class TokenValidationStatus(DescribedEnum):
    """The lifecycle of a presented token, as an observer sees it."""

    PROCESSING = "Processing", "The station has begun to handle it."
    ACCEPTED = "Accepted", "A validator accepts it; an EVSE is yet to be found, so that it may still be Rejected."
    REJECTED = "Rejected", "It may not charge, or there is no EVSE that could take it."
    TIMED_OUT = "TimedOut", "Accepted, but no car came in time; or granted, but no transaction began in time."
    WITHDRAWN = "Withdrawn", "What it was given has been taken back before a transaction began."
    USED_TO_START = "UsedToStart", "An EVSE is granted to it; a transaction may follow.", Vocabulary.LATER
    USED_TO_STOP = "UsedToStop", "It has ended a transaction.", Vocabulary.LATER
    USED_TO_REAUTHORIZE = (
        "UsedToReauthorize",
        "It belongs to a running transaction, and the station does not stop one for that.",
        Vocabulary.LATER,
    )


class TokenHandlingResult(StrEnum):
    """What became of a presented token inside the station; finer than :class:`TokenValidationStatus`, never sent."""

    ALREADY_IN_PROCESS = "AlreadyInProcess"
    REJECTED = "Rejected"
    NO_CONNECTOR_AVAILABLE = "NoConnectorAvailable"
    TIMEOUT = "Timeout"
    WITHDRAWN = "Withdrawn"
    USED_TO_START_TRANSACTION = "UsedToStartTransaction"
    USED_TO_STOP_TRANSACTION = "UsedToStopTransaction"
    USED_TO_REAUTHORIZE = "UsedToReauthorize"


class SelectionAlgorithm(DescribedEnum):
    """How the EVSE is found that an accepted token may use."""

    FIND_FIRST = "FindFirst", "The first EVSE with a waiting car, else the first that is free; never waits."
    PLUG_EVENTS = "PlugEvents", "The EVSE where a car has waited longest; without one, the next car."
    PLUG_EVENTS_LIFO = (
        "PlugEventsLIFO",
        "The EVSE where a car was plugged in last; without one, the next car.",
        Vocabulary.LATER,
    )
    USER_INPUT = "UserInput", "The driver chooses."


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """A verdict on a token."""

    authorization_status: Annotated[ValidationStatus, Property("The verdict.", required=True)]
    expiry_time: Annotated[datetime | None, Property("Until when it holds, RFC 3339.")] = None
    parent_id_token: Annotated[IdToken | None, Property("The group that the token belongs to.")] = None
    evse_ids: Annotated[
        tuple[int, ...], Property("The only EVSEs that it holds for. Absent: all of the station.", minimum=1)
    ] = ()
    reservation_id: Annotated[int | None, Property("The reservation that the token uses.")] = None
    certificate_status: Annotated[
        CertificateStatus | UnknownValue | None, Property("The verdict on the contract certificate.")
    ] = None
    allowed_energy_transfer_modes: Annotated[
        tuple[EnergyTransferMode | UnknownValue, ...],
        Property(
            "The only ways of energy transfer that it holds for. Absent: all.",
            vocabulary=Vocabulary.LATER,
            min_items=1,
        ),
    ] = ()
    tariff_messages: Annotated[
        tuple[MessageContent, ...],
        Property(
            "What charging costs, in as many languages as there are; the first goes into signed meter data.",
            vocabulary=Vocabulary.LATER,
            always_written=True,
        ),
    ] = ()

    @property
    def accepted(self) -> bool:
        """Whether the token may charge."""
        return self.authorization_status is AuthorizationStatus.ACCEPTED

    def with_status(self, status: ValidationStatus) -> ValidationResult:
        """The same verdict with another status."""
        return replace(self, authorization_status=status)

    def at(self, now: datetime) -> ValidationResult:
        """The verdict as it stands at that time: accepted but past its expiry is Expired (OCPP 1.6 section 3.5.1)."""
        if self.accepted and self.expiry_time is not None and self.expiry_time <= now:
            return self.with_status(AuthorizationStatus.EXPIRED)
        return self


@dataclass(frozen=True, slots=True)
class ValidationResultUpdate:
    """A later verdict on the token that holds an EVSE."""

    validation_result: Annotated[ValidationResult, Property("The verdict.", required=True)]
    connector_id: Annotated[int, Property("Where the token is in use.", required=True)]


@dataclass(frozen=True, slots=True)
class TokenValidationStatusMessage:
    """Says how far a presented token has come."""

    token: Annotated[
        ProvidedIdToken, Property("The token, with the EVSE where it was used once that is known.", required=True)
    ]
    status: Annotated[TokenValidationStatus | UnknownValue, Property("How far it has come.", required=True)]
    messages: Annotated[
        tuple[MessageContent, ...],
        Property("Texts for the driver; `validation_results` has replaced them.", until=Vocabulary.PAGE),
    ] = ()
    validation_results: Annotated[
        tuple[ValidationResult, ...],
        Property(
            "The verdicts so far, with their texts; instead of `messages`.",
            vocabulary=Vocabulary.LATER,
        ),
    ] = ()
