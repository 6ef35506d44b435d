"""What EVerest says, read strictly; what it says wrong is named with its place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ocpplab_runner.authorization.types import UnknownValue
from ocpplab_runner.everest import messages
from ocpplab_runner.everest.messages import MalformedError

_TOKEN = {"id_token": {"value": "CARD-1", "type": "ISO14443"}, "authorization_type": "RFID"}
_SESSION = {"uuid": "5f6a", "timestamp": "2026-11-28T10:00:00Z", "event": "SessionStarted"}


def _said(data: Any) -> bytes:
    return json.dumps(data).encode()


def test_a_token_status_is_read() -> None:
    """With the token that it is about."""
    read = messages.token_status(_said({"token": _TOKEN, "status": "UsedToStart"}))
    assert (read.value.status.value, read.value.token.id_token.value, read.notes) == ("UsedToStart", "CARD-1", ())


def test_a_value_that_is_not_on_the_list_is_kept_and_noted() -> None:
    """EVerest grows."""
    read = messages.token_status(_said({"token": _TOKEN, "status": "UsedToDream"}))
    assert read.value.status == UnknownValue("UsedToDream")
    assert "UsedToDream" in read.notes[0]
    event = messages.session_event(_said({**_SESSION, "event": "BatterySwapped"}))
    assert event.value.event == "BatterySwapped"
    assert "BatterySwapped" in event.notes[0]


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (b"{", "TokenValidationStatusMessage"),
        (b"\xff\xfe", "TokenValidationStatusMessage"),
        (b"[" * 100_000, "TokenValidationStatusMessage"),
        (_said([]), "TokenValidationStatusMessage"),
        (_said({"status": "Accepted"}), "TokenValidationStatusMessage.token"),
        (_said({"token": _TOKEN, "status": 7}), "TokenValidationStatusMessage.status"),
        (
            _said({"token": {**_TOKEN, "id_token": "CARD-1"}, "status": "Accepted"}),
            "TokenValidationStatusMessage.token.id_token",
        ),
        (
            _said({"token": {**_TOKEN, "connectors": [0]}, "status": "Accepted"}),
            "TokenValidationStatusMessage.token.connectors[0]",
        ),
    ],
)
def test_a_token_status_that_is_none_is_refused_with_its_place(data: bytes, path: str) -> None:
    """From the type's name on."""
    with pytest.raises(MalformedError) as error:
        messages.token_status(data)
    assert error.value.path == path


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (b"no", "SessionEvent"),
        (_said({**_SESSION, "timestamp": "yesterday"}), "SessionEvent.timestamp"),
        (_said({**_SESSION, "connector_id": "1"}), "SessionEvent.connector_id"),
        (_said({**_SESSION, "session_started": {"reason": "Boredom"}}), "SessionEvent.session_started.reason"),
        (_said({name: value for name, value in _SESSION.items() if name != "uuid"}), "SessionEvent"),
    ],
)
def test_a_session_event_that_is_none_is_refused_with_its_place(data: bytes, path: str) -> None:
    """As the schema has it."""
    with pytest.raises(MalformedError) as error:
        messages.session_event(data)
    assert error.value.path == path


def test_a_session_tells_why_and_whose() -> None:
    """What its details say, where they say it."""
    started = {**_SESSION, "event": "TransactionStarted", "transaction_started": {"id_tag": _TOKEN}}
    assert messages.session_event(_said(started)).value.card == "CARD-1"
    begun = messages.session_event(_said({**_SESSION, "session_started": {"reason": "EVConnected"}})).value
    assert (begun.reason, begun.card) == ("EVConnected", None)


def test_whoever_asks_a_validator_says_where_the_answer_goes() -> None:
    """Without wildcards, which nobody could publish to."""
    asked = {"headers": {"replyTo": "a/b"}, "payload": _TOKEN}
    assert messages.validation_request(_said(asked)).value.reply_to == "a/b"
    for reply in ("", "a/+", "#", None):
        with pytest.raises(MalformedError, match="replyTo"):
            messages.validation_request(_said({**asked, "headers": {"replyTo": reply}}))
    with pytest.raises(MalformedError, match="ProvidedIdToken"):
        messages.validation_request(_said({**asked, "payload": {}}))


_CALL = '[2,"1","Heartbeat",{}]'


@pytest.mark.parametrize(
    ("version", "spoken"), [("ocpp1.6", "1.6"), ("2.0.1", "2.0.1"), ("ocpp2.1", "2.1"), (None, None), ("ocpp3", None)]
)
def test_an_ocpp_text_is_read(version: str | None, spoken: str | None) -> None:
    """With its direction, and the version where that is said; one that is not known is noted."""
    said = {"message": _CALL, "direction": "ChargingStationToCSMS", **({"version": version} if version else {})}
    read = messages.ocpp_message(_said(said))
    assert (read.value.text, read.value.direction, read.value.version) == (_CALL, "to_csms", spoken)
    assert bool(read.notes) is (version == "ocpp3")


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (b"[]", "Message"),
        (b"no", "Message"),
        (_said({"message": 7, "direction": "ChargingStationToCSMS"}), "Message.message"),
        (_said({"message": _CALL, "direction": "up"}), "Message.direction"),
        (_said({"message": _CALL, "direction": ["up"]}), "Message.direction"),
    ],
)
def test_an_ocpp_text_that_is_none_is_refused_with_its_place(data: bytes, path: str) -> None:
    """Whatever it is."""
    with pytest.raises(MalformedError) as error:
        messages.ocpp_message(data)
    assert error.value.path == path
