"""Tokens: what identifies whoever wants to charge, and how it reached the station."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from ocpplab_runner.authorization.types.certificates import CertificateHashDataInfo
from ocpplab_runner.authorization.types.property import Property
from ocpplab_runner.authorization.types.unknown import UnknownValue
from ocpplab_runner.vocabulary.described import DescribedEnum


class IdTokenType(DescribedEnum):
    """Kind of an id token; OCPP 2.0.1 ``IdTokenEnumType``. OCPP 1.6 has none."""

    CENTRAL = "Central", "Made up by the CSMS, for a remote start."
    EMAID = "eMAID", "The contract id of ISO 15118."
    MAC_ADDRESS = "MacAddress", "The hardware address of the car."
    ISO14443 = "ISO14443", "The UID of an RFID card after ISO 14443."
    ISO15693 = "ISO15693", "The UID of an RFID card after ISO 15693."
    KEY_CODE = "KeyCode", "A code that somebody typed in."
    LOCAL = "Local", "Made up by the station."
    NO_AUTHORIZATION = "NoAuthorization", "There is none: charging is free for all."


def token_type(text: str) -> IdTokenType | UnknownValue:
    """The kind of a token by its name; OCPP 2.1 lets anybody make up one of 20 characters."""
    try:
        return IdTokenType(text)
    except ValueError:
        return UnknownValue(text)


class AuthorizationType(DescribedEnum):
    """By which way a token reached the station."""

    OCPP = "OCPP", "The CSMS sent it, with a remote start."
    RFID = "RFID", "A card at the reader; only such a token stops its own transaction without being validated again."
    AUTOCHARGE = "Autocharge", "The address of the car that was plugged in."
    PLUG_AND_CHARGE = "PlugAndCharge", "The contract certificate of the car, over ISO 15118."
    BANK_CARD = "BankCard", "A card at a payment terminal."


@dataclass(frozen=True, slots=True)
class CustomIdToken:
    """Additional information to a token, with a type of its own choosing."""

    value: Annotated[str, Property("The information.", required=True, max_length=36)]
    type: Annotated[str, Property("What kind of information it is; any text.", required=True, max_length=50)]


@dataclass(frozen=True, slots=True, eq=False)
class IdToken:
    """An id token. Two are equal when their values agree without letter case and their types are the same.

    OCPP 1.6 section 7.23, OCPP 2.0.1 ``identifierString``. The type is ISO14443 unless said, the usual RFID card;
    additional information is no part of a comparison.
    """

    value: Annotated[
        str,
        Property("Printable ASCII; letter case does not tell tokens apart.", required=True, max_length=36),
    ]
    type: Annotated[IdTokenType | UnknownValue, Property("What kind of token it is.", required=True)] = (
        IdTokenType.ISO14443
    )
    additional_info: Annotated[tuple[CustomIdToken, ...], Property("Further tokens that a validator may look at.")] = ()

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
    """A token as it was presented, with where it came from."""

    id_token: Annotated[IdToken, Property("The token.", required=True)]
    authorization_type: Annotated[
        AuthorizationType | UnknownValue,
        Property("By which way it came.", required=True, min_length=2, max_length=32),
    ] = AuthorizationType.RFID
    request_id: Annotated[
        int | None, Property("Number of the request that brought it; carries OCPP 2.x remoteStartId.")
    ] = None
    parent_id_token: Annotated[IdToken | None, Property("The group that it is known to belong to.")] = None
    connectors: Annotated[
        tuple[int, ...],
        Property("EVSE ids, in spite of the name: where it may be used. Absent: anywhere.", minimum=1),
    ] = ()
    prevalidated: Annotated[bool, Property("Whoever provided it has validated it: no validator is asked.")] = False
    certificate: Annotated[str | None, Property("The contract certificate of the car, PEM.", max_length=5500)] = None
    certificate_hash_data: Annotated[
        tuple[CertificateHashDataInfo, ...],
        Property(
            "What an OCSP request for the contract certificate and its chain needs.",
            name="iso15118CertificateHashData",
            min_items=1,
            max_items=4,
        ),
    ] = ()

    def used_at(self, evse_id: int | None, parent: IdToken | None = None) -> ProvidedIdToken:
        """This token as published after it was used: with the EVSE, and its parent where one was learned."""
        return replace(
            self,
            connectors=self.connectors if evse_id is None else (evse_id,),
            parent_id_token=parent or self.parent_id_token,
        )
