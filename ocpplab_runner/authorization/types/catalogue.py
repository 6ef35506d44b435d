"""Every type that has a JSON form: its vocabulary, whether it is closed, and what its properties are."""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from ocpplab_runner.authorization.types.certificates import CertificateHashDataInfo, CertificateStatus, HashAlgorithm
from ocpplab_runner.authorization.types.energy import ConnectorTypeEnum, EnergyTransferMode
from ocpplab_runner.authorization.types.messages import MessageContent, MessageFormat
from ocpplab_runner.authorization.types.property import Property
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
)
from ocpplab_runner.authorization.types.unknown import UnknownValue
from ocpplab_runner.authorization.types.validation import (
    SelectionAlgorithm,
    TokenValidationStatus,
    TokenValidationStatusMessage,
    ValidationResult,
    ValidationResultUpdate,
)
from ocpplab_runner.authorization.types.withdrawal import WithdrawAuthorizationRequest, WithdrawAuthorizationResult
from ocpplab_runner.vocabulary.described import DescribedEnum, Vocabulary
from ocpplab_runner.vocabulary.statuses import AuthorizationStatus, InnerAuthorizationStatus


@dataclass(frozen=True, slots=True)
class Choice:
    """One of EVerest's enumerations: an open set of texts with a list of those that are known."""

    name: str
    members: tuple[DescribedEnum, ...]
    description: str
    vocabulary: Vocabulary

    def find(self, text: str) -> DescribedEnum | None:
        """The member of that value, None for a value that is not in the list."""
        return next((member for member in self.members if member.value == text), None)


@dataclass(frozen=True, slots=True)
class Plain:
    """A text, a whole number, a truth value or a moment."""

    kind: type[str] | type[int] | type[bool] | type[datetime]


@dataclass(frozen=True, slots=True)
class Many:
    """A list."""

    item: Shape


@dataclass(frozen=True, slots=True)
class Field:
    """A property of a record: its JSON name, its attribute, what it holds, the rest of what is said of it, and what
    stands for its absence.

    No property belongs to an earlier vocabulary than its record.
    """

    name: str
    attribute: str
    shape: Shape
    facts: Property
    vocabulary: Vocabulary
    absent: Any


@dataclass(frozen=True, slots=True)
class Record:
    """One of EVerest's objects; a closed one has no properties but its own."""

    name: str
    python: type[Any]
    fields: tuple[Field, ...]
    description: str
    vocabulary: Vocabulary
    closed: bool


Shape: TypeAlias = Plain | Choice | Many | Record

_PAGE, _LATER = Vocabulary.PAGE, Vocabulary.LATER
#: Heading of the documentation → its types.
_GROUPS: dict[str, tuple[type[Any], ...]] = {
    "Tokens": (IdToken, IdTokenType, CustomIdToken, ProvidedIdToken, AuthorizationType),
    "Verdicts": (ValidationResult, AuthorizationStatus, CertificateStatus, ValidationResultUpdate),
    "Lifecycle of a token": (TokenValidationStatusMessage, TokenValidationStatus),
    "Choosing an EVSE": (SelectionAlgorithm,),
    "Withdrawal": (WithdrawAuthorizationRequest, WithdrawAuthorizationResult),
    "Types that others name": (
        MessageContent,
        MessageFormat,
        CertificateHashDataInfo,
        HashAlgorithm,
        EnergyTransferMode,
        ConnectorTypeEnum,
    ),
    "Reservations": (
        Reservation,
        ReservationResult,
        ReservationCheck,
        ReservationCheckStatus,
        ReservationEnd,
        ReservationEndReason,
        ReservationUpdateStatus,
        ReservationStatus,
    ),
}
#: Types that the documentation page neither describes nor names.
_NOT_ON_THE_PAGE = frozenset({ValidationResultUpdate, EnergyTransferMode, ConnectorTypeEnum, *_GROUPS["Reservations"]})
#: Objects that may have properties besides their own.
_OPEN = frozenset({WithdrawAuthorizationRequest, MessageContent})
#: Enumerations whose members do not all stand in one Python class.
_CONTINUED: dict[type[DescribedEnum], type[DescribedEnum]] = {AuthorizationStatus: InnerAuthorizationStatus}
#: Made on first use.
_SHAPES: dict[type[Any], Choice | Record] = {}


def shape_of(kind: type[Any]) -> Choice | Record:
    """What the JSON of one of EVerest's types looks like.

    Args:
        kind: a dataclass or an enumeration of :mod:`ocpplab_runner.authorization.types`.

    Raises:
        TypeError: the type has no JSON form.
    """
    kind = next((first for first, rest in _CONTINUED.items() if rest is kind), kind)
    if kind not in _SHAPES:
        if not any(kind in group for group in _GROUPS.values()):
            raise TypeError(f"{kind.__name__} is none of EVerest's authorization types")
        _SHAPES[kind] = _read(kind)
    return _SHAPES[kind]


def _read(kind: type[Any]) -> Choice | Record:
    vocabulary = _LATER if kind in _NOT_ON_THE_PAGE else _PAGE
    description = _first_paragraph(kind)
    if issubclass(kind, DescribedEnum):
        parts = (kind, _CONTINUED[kind]) if kind in _CONTINUED else (kind,)
        members = tuple(member for part in parts for member in part)
        return Choice(kind.__name__, members, description, vocabulary)
    hints = typing.get_type_hints(kind, include_extras=True)
    fields = tuple(_field(one, hints[one.name], vocabulary) for one in dataclasses.fields(kind))
    return Record(kind.__name__, kind, fields, description, vocabulary, kind not in _OPEN)


def catalogue() -> Iterator[tuple[str, tuple[Choice | Record, ...]]]:
    """Every type, by heading of the documentation."""
    for heading, kinds in _GROUPS.items():
        yield heading, tuple(shape_of(kind) for kind in kinds)


def _field(attribute: dataclasses.Field[Any], hint: Any, record: Vocabulary) -> Field:
    annotated, facts = typing.get_args(hint)
    name, vocabulary = facts.name or attribute.name, max(record, facts.vocabulary)
    return Field(name, attribute.name, _shape(annotated), facts, vocabulary, attribute.default)


def _shape(annotated: Any) -> Shape:
    if typing.get_origin(annotated) is tuple:
        return Many(_shape(typing.get_args(annotated)[0]))
    if isinstance(annotated, types.UnionType) or typing.get_origin(annotated) is typing.Union:
        return _shape(next(kind for kind in typing.get_args(annotated) if kind not in (types.NoneType, UnknownValue)))
    return Plain(annotated) if annotated in (str, int, bool, datetime) else shape_of(annotated)


def _first_paragraph(kind: type[Any]) -> str:
    text = inspect.getdoc(kind) or ""
    return " ".join(text.partition("\n\n")[0].split()).replace("``", "`")
