"""EVerest's types from JSON and back."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docs.pages.authorization_schemas import json_schemas
from ocpplab_runner.authorization.codec import InvalidValueError, from_json, to_json
from ocpplab_runner.authorization.types import (
    AuthorizationStatus,
    AuthorizationType,
    CertificateHashDataInfo,
    HashAlgorithm,
    IdToken,
    IdTokenType,
    InnerAuthorizationStatus,
    MessageContent,
    ProvidedIdToken,
    SelectionAlgorithm,
    TokenValidationStatus,
    TokenValidationStatusMessage,
    UnknownValue,
    ValidationResult,
    ValidationResultUpdate,
    Vocabulary,
    WithdrawAuthorizationRequest,
)
from tests.thoroughness import examples

from .generation import CHOICES, SHAPES, kind_of, unknown_value, value

CARD = {"value": "CARD", "type": "ISO14443"}
PROVIDED = {"id_token": CARD, "authorization_type": "RFID"}
ACCEPTED = ValidationResult(AuthorizationStatus.ACCEPTED)
VALIDATORS = {
    name: jsonschema_rs.Draft7Validator(schema, validate_formats=True) for name, schema in json_schemas().items()
}


# -- there and back ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHAPES)
def test_random_values_come_back_as_they_were(name: str) -> None:
    """Through real JSON text, letter case and unknown values included; the schema accepts every one."""
    random = Random(name)
    validator, kind = VALIDATORS[name], kind_of(name)
    for _ in range(examples(1000)):
        before = value(random, SHAPES[name])
        data = json.loads(json.dumps(to_json(before)))
        validator.validate(data)
        after = from_json(kind, data).value
        assert repr(after) == repr(before)  # unlike ==, repr sees letter case and additional information
        assert to_json(after) == data


@pytest.mark.parametrize("name", CHOICES)
def test_an_unknown_value_survives_and_is_noted(name: str) -> None:
    """It is kept as it came, never taken for a member, and said once."""
    shape = SHAPES[name]
    unknown = unknown_value(Random(name), shape)  # type: ignore[arg-type]
    read = from_json(kind_of(name), str(unknown))
    assert isinstance(read.value, UnknownValue)
    assert (read.value, read.value.value, to_json(read.value)) == (unknown, unknown, unknown)
    assert [note.path for note in read.notes] == [name]
    assert from_json(kind_of(name), shape.members[0].value).notes == ()  # type: ignore[union-attr]


def test_unknown_values_deep_inside_are_noted_where_they_stand() -> None:
    """A message of a newer peer can be read whole."""
    data = {
        "token": {"id_token": {"value": "A", "type": "VIN"}, "authorization_type": "Telepathy"},
        "status": "UsedToStrat",
    }
    read = from_json(TokenValidationStatusMessage, data)
    assert [(note.path.partition(".")[2], note.text) for note in read.notes] == [
        ("token.id_token.type", "IdTokenType has no value 'VIN' that we know"),
        ("token.authorization_type", "AuthorizationType has no value 'Telepathy' that we know"),
        ("status", "TokenValidationStatus has no value 'UsedToStrat' that we know; did you mean 'UsedToStart'?"),
    ]
    assert to_json(read.value) == data


def test_an_unknown_verdict_lets_nobody_charge() -> None:
    """Not even one that differs from Accepted by nothing but letter case."""
    assert not from_json(ValidationResult, {"authorization_status": "accepted"}).value.accepted


def test_the_two_inner_verdicts_are_read() -> None:
    """AuthorizationStatus has twelve values in JSON, in two Python classes."""
    assert from_json(AuthorizationStatus, "PinRequired").value is InnerAuthorizationStatus.PIN_REQUIRED
    assert from_json(AuthorizationStatus, "Blocked").value is AuthorizationStatus.BLOCKED
    assert to_json(InnerAuthorizationStatus.TIMEOUT) == "Timeout"


# -- EVerest's names --------------------------------------------------------------------------------------------------


def test_json_has_everests_names() -> None:
    """Snake case, but where EVerest has taken over ISO 15118's names."""
    hash_data = CertificateHashDataInfo(HashAlgorithm.SHA256, "N", "K", "S", "https://ocsp")
    token = ProvidedIdToken(
        IdToken("DE-1", IdTokenType.EMAID),
        AuthorizationType.PLUG_AND_CHARGE,
        connectors=(2,),
        certificate="PEM",
        certificate_hash_data=(hash_data,),
    )
    assert to_json(token) == {
        "id_token": {"value": "DE-1", "type": "eMAID"},
        "authorization_type": "PlugAndCharge",
        "connectors": [2],
        "certificate": "PEM",
        "iso15118CertificateHashData": [
            {
                "hashAlgorithm": "SHA256",
                "issuerNameHash": "N",
                "issuerKeyHash": "K",
                "serialNumber": "S",
                "responderURL": "https://ocsp",
            }
        ],
    }


def test_what_equals_its_absence_is_not_written() -> None:
    """But tariff_messages, which a peer of today insists on."""
    assert to_json(ProvidedIdToken(IdToken("A"))) == {
        "id_token": {"value": "A", "type": "ISO14443"},
        "authorization_type": "RFID",
    }
    assert to_json(ACCEPTED) == {"authorization_status": "Accepted", "tariff_messages": []}
    assert to_json(WithdrawAuthorizationRequest()) == {}


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 1, 31, 12, tzinfo=UTC), "2026-01-31T12:00:00.000Z"),
        (datetime(2026, 1, 31, 12, 0, 0, 1, UTC), "2026-01-31T12:00:00.000001Z"),
        (datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=2))), "2026-01-31T10:00:00.000Z"),
    ],
)
def test_moments_are_written_in_utc(moment: datetime, text: str) -> None:
    """RFC 3339, in milliseconds unless that loses something."""
    assert to_json(ValidationResult(AuthorizationStatus.ACCEPTED, moment))["expiry_time"] == text


def test_a_moment_without_a_zone_cannot_be_written() -> None:
    """Nobody knows when it is."""
    with pytest.raises(InvalidValueError, match=r"ValidationResult\.expiry_time: .* has no time zone"):
        to_json(ValidationResult(AuthorizationStatus.ACCEPTED, datetime(2026, 1, 1)))  # noqa: DTZ001


@pytest.mark.parametrize("text", ["2026-01-31T12:00:00Z", "2026-01-31t13:00:00.0000000+01:00", "2026-01-31T12:00:00z"])
def test_moments_are_read_in_any_zone(text: str) -> None:
    """And come out in UTC."""
    read = from_json(ValidationResult, {"authorization_status": "Accepted", "expiry_time": text}).value
    assert read.expiry_time == datetime(2026, 1, 31, 12, tzinfo=UTC)


# -- properties of others ---------------------------------------------------------------------------------------------


def test_a_newer_peers_property_can_be_left_out_with_a_note() -> None:
    """A closed object refuses it otherwise, as EVerest does."""
    data = {**PROVIDED, "id_token": {**CARD, "issuer": "X"}, "signature": "X"}
    read = from_json(ProvidedIdToken, data, tolerant=True)
    assert to_json(read.value) == PROVIDED
    assert {note.path for note in read.notes} == {"ProvidedIdToken.signature", "ProvidedIdToken.id_token.issuer"}
    with pytest.raises(InvalidValueError, match="no such property"):
        from_json(ProvidedIdToken, data)


def test_an_open_object_may_have_more() -> None:
    """WithdrawAuthorizationRequest and MessageContent are open in EVerest."""
    read = from_json(WithdrawAuthorizationRequest, {"evse_id": 1, "because": "I say so"})
    assert read.value == WithdrawAuthorizationRequest(1)
    assert [note.path for note in read.notes] == ["WithdrawAuthorizationRequest.because"]


def test_an_empty_list_of_evses_is_read_as_absent() -> None:
    """And noted, for a peer may have meant none."""
    read = from_json(ProvidedIdToken, {**PROVIDED, "connectors": []})
    assert read.value.connectors == ()
    assert [str(note) for note in read.notes] == ["ProvidedIdToken.connectors: is empty; read as absent"]
    assert from_json(ValidationResult, to_json(ACCEPTED)).notes == ()


# -- vocabularies -----------------------------------------------------------------------------------------------------


def test_a_peer_of_the_page_gets_no_tariff_messages() -> None:
    """It would refuse the property, even empty."""
    assert to_json(ACCEPTED, Vocabulary.PAGE) == {"authorization_status": "Accepted"}
    assert to_json(
        TokenValidationStatusMessage(ProvidedIdToken(IdToken("A")), TokenValidationStatus.REJECTED), Vocabulary.PAGE
    )


def test_a_later_peer_gets_no_messages() -> None:
    """It is closed, and has validation_results instead; the texts are for peers of the page."""
    token = ProvidedIdToken(IdToken("A"))
    message = TokenValidationStatusMessage(token, TokenValidationStatus.REJECTED, messages=(MessageContent("No"),))
    with pytest.raises(InvalidValueError, match="vocabulary 2 no longer has it"):
        to_json(message)
    assert to_json(message, Vocabulary.PAGE)["messages"] == [{"content": "No"}]
    assert from_json(TokenValidationStatusMessage, to_json(message, Vocabulary.PAGE)).value == message
    assert "messages" not in to_json(replace(message, messages=()))


@pytest.mark.parametrize(
    ("later", "path", "what"),
    [
        (TokenValidationStatus.USED_TO_START, "", "the value UsedToStart"),
        (SelectionAlgorithm.PLUG_EVENTS_LIFO, "", "the value PlugEventsLIFO"),
        (ValidationResult(InnerAuthorizationStatus.TIMEOUT), ".authorization_status", "the value Timeout"),
        (replace(ACCEPTED, tariff_messages=(MessageContent("1 €"),)), ".tariff_messages", "the property"),
        (ValidationResultUpdate(ACCEPTED, 1), "", "the type ValidationResultUpdate"),
    ],
)
def test_what_the_page_lacks_cannot_be_said_to_its_peers(later: Any, path: str, what: str) -> None:
    """It would be refused there; better to hear of it here."""
    with pytest.raises(InvalidValueError) as raised:
        to_json(later, Vocabulary.PAGE)
    assert raised.value.path == type(later).__name__ + path
    assert raised.value.problem == f"vocabulary 1 lacks {what}; vocabulary 2 has it"
    assert to_json(later)


# -- codec and schema agree -------------------------------------------------------------------------------------------

_JUNK: list[Any] = [
    None,
    True,
    False,
    0,
    1,
    -1,
    1.0,
    1.5,
    "",
    "x",
    "y" * 40,
    "z" * 6000,
    [],
    {},
    [0],
    ["x"],
    [None],
    [{}],
]


def _places(data: Any) -> list[tuple[Any, Any]]:
    """Every container and key in it."""
    keys = data.keys() if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
    return [place for key in keys for place in ((data, key), *_places(data[key]))]


@settings(deadline=None, max_examples=examples(300), derandomize=True, database=None)
@given(st.sampled_from(sorted(SHAPES)), st.randoms(use_true_random=False))
def test_codec_and_schema_accept_the_same(name: str, random: Random) -> None:
    """Whatever is broken in a good value: one refuses it just when the other does."""
    whole = [copy.deepcopy(to_json(value(random, SHAPES[name])))]
    container, key = random.choice(_places(whole))
    how = random.randrange(3)
    if how == 0:
        container[key] = random.choice(_JUNK)
    elif how == 1 and isinstance(container, dict):
        del container[key]
    elif isinstance(container, dict):
        container["surplus"] = 1
    try:
        from_json(kind_of(name), whole[0])
        accepted = True
    except InvalidValueError:
        accepted = False
    assert accepted == VALIDATORS[name].is_valid(whole[0])
