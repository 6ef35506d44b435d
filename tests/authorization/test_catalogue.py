"""Every type of EVerest's documentation page is there, with what has come since, each marked with its vocabulary."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from ocpplab_runner.authorization.codec import from_json, to_json
from ocpplab_runner.authorization.types import (
    AuthorizationStatus,
    InnerAuthorizationStatus,
    SelectionAlgorithm,
    TokenValidationStatus,
    Vocabulary,
)
from ocpplab_runner.authorization.types.catalogue import Choice, Record, shape_of
from ocpplab_runner.steps.blocks import FACETS
from ocpplab_runner.vocabulary.statuses import VALIDATION_STATUSES, WIRE_AUTHORIZATION_STATUSES
from ocpplab_runner.vocabulary.versions import OcppVersion

from .generation import CHOICES, RECORDS, SHAPES, kind_of

#: The enumerations of the page.
PAGE_VALUES = {
    "AuthorizationStatus": "Accepted Blocked ConcurrentTx Expired Invalid NoCredit NotAllowedTypeEVSE "
    "NotAtThisLocation NotAtThisTime Unknown",
    "CertificateStatus": "Accepted SignatureError CertificateExpired CertificateRevoked NoCertificateAvailable "
    "CertChainError ContractCancelled",
    "TokenValidationStatus": "Processing Accepted Rejected TimedOut Withdrawn",
    "SelectionAlgorithm": "UserInput PlugEvents FindFirst",
    "AuthorizationType": "OCPP RFID Autocharge PlugAndCharge BankCard",
    "IdTokenType": "Central eMAID MacAddress ISO14443 ISO15693 KeyCode Local NoAuthorization",
    "WithdrawAuthorizationResult": "Accepted AuthorizationNotFound EvseNotFound Rejected",
}
LATER_VALUES = {
    "AuthorizationStatus": "PinRequired Timeout",
    "TokenValidationStatus": "UsedToStart UsedToStop UsedToReauthorize",
    "SelectionAlgorithm": "PlugEventsLIFO",
}
#: The objects of the page: required properties, then optional ones.
PAGE_PROPERTIES = {
    "CustomIdToken": ("value type", ""),
    "IdToken": ("value type", "additional_info"),
    "ProvidedIdToken": (
        "id_token authorization_type",
        "request_id parent_id_token connectors prevalidated certificate iso15118CertificateHashData",
    ),
    "TokenValidationStatusMessage": ("token status", "messages"),
    "ValidationResult": (
        "authorization_status",
        "certificate_status expiry_time parent_id_token evse_ids reservation_id",
    ),
    "WithdrawAuthorizationRequest": ("", "evse_id id_token"),  # the page says required; no station demands them
}
LATER_PROPERTIES = {
    "TokenValidationStatusMessage": "validation_results",
    "ValidationResult": "tariff_messages allowed_energy_transfer_modes",
}


@pytest.mark.parametrize("name", PAGE_VALUES)
def test_enumerations_have_the_values_of_the_page_and_later_ones(name: str) -> None:
    """Each value with the first vocabulary that has it."""
    shape = SHAPES[name]
    assert isinstance(shape, Choice)
    assert {member.value for member in shape.members if member.vocabulary is Vocabulary.PAGE} == set(
        PAGE_VALUES[name].split()
    )
    assert {member.value for member in shape.members if member.vocabulary is Vocabulary.LATER} == set(
        LATER_VALUES.get(name, "").split()
    )


@pytest.mark.parametrize("name", PAGE_PROPERTIES)
def test_objects_have_the_properties_of_the_page_and_later_ones(name: str) -> None:
    """Each property with the first vocabulary that has it."""
    shape = SHAPES[name]
    assert isinstance(shape, Record)
    required, optional = PAGE_PROPERTIES[name]
    page = [field for field in shape.fields if field.vocabulary is Vocabulary.PAGE]
    assert {field.name for field in page if field.facts.required} == set(required.split())
    assert {field.name for field in page if not field.facts.required} == set(optional.split())
    later = {field.name for field in shape.fields if field.vocabulary is Vocabulary.LATER}
    assert later == set(LATER_PROPERTIES.get(name, "").split())


@pytest.mark.parametrize("name", SHAPES)
def test_a_later_type_has_nothing_of_the_page(name: str) -> None:
    """What a peer of the page lacks, it lacks whole."""
    shape = SHAPES[name]
    parts: Any = shape.members if isinstance(shape, Choice) else shape.fields
    assert shape.vocabulary is Vocabulary.PAGE or {part.vocabulary for part in parts} == {Vocabulary.LATER}
    assert any(part.vocabulary is shape.vocabulary for part in parts)


@pytest.mark.parametrize("name", RECORDS)
def test_values_cannot_be_changed(name: str) -> None:
    """Frozen, and without room for anything else."""
    kind = kind_of(name)
    required = {field.name: None for field in dataclasses.fields(kind) if field.default is dataclasses.MISSING}
    value = kind(**required)
    assert not hasattr(value, "__dict__")
    for field in dataclasses.fields(kind):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, field.name, None)


@pytest.mark.parametrize("name", CHOICES)
def test_members_of_the_page_can_be_said_to_its_peers(name: str) -> None:
    """Every member is read and written by its own name; each says what it means."""
    shape = SHAPES[name]
    assert isinstance(shape, Choice)
    for member in shape.members:
        assert from_json(kind_of(name), member.value).value is member
        assert to_json(member, member.vocabulary) == member.value
        assert member.meaning.endswith(".")


def test_the_ten_of_the_wire_and_the_two_inside_are_one_type() -> None:
    """No OCPP version carries the two, and validation_result takes all twelve."""
    assert shape_of(InnerAuthorizationStatus) is shape_of(AuthorizationStatus)
    assert WIRE_AUTHORIZATION_STATUSES[OcppVersion.V201] == set(AuthorizationStatus)
    assert not {*AuthorizationStatus} & {*InnerAuthorizationStatus}
    facets = {facet.name: facet for facet in FACETS}
    twelve = {member.value for member in shape_of(AuthorizationStatus).members}  # type: ignore[union-attr]
    assert set(facets["validation_result"].value["enum"]) == set(VALIDATION_STATUSES) == twelve
    assert set(facets["auth_status"].value["enum"]) == {status.value for status in AuthorizationStatus}
    assert set(facets["token_status"].value["enum"]) == {status.value for status in TokenValidationStatus}


def test_described_members_are_still_plain_strings() -> None:
    """They compare, print and look up as every StrEnum does."""
    assert SelectionAlgorithm("PlugEventsLIFO") is SelectionAlgorithm.PLUG_EVENTS_LIFO
    assert f"{SelectionAlgorithm.FIND_FIRST}" == SelectionAlgorithm.FIND_FIRST == "FindFirst"
    assert hash(SelectionAlgorithm.FIND_FIRST) == hash("FindFirst")
