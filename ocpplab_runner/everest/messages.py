"""EVerest's messages from their JSON, and what is wrong with those that are none. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

from jsonschema import Draft202012Validator

from ocpplab_runner.authorization.codec import InvalidValueError, from_json
from ocpplab_runner.authorization.types import (
    ProvidedIdToken,
    TokenValidationStatusMessage,
    WithdrawAuthorizationResult,
)
from ocpplab_runner.everest.session_events import SESSION_EVENT_SCHEMA
from ocpplab_runner.ocppj.records import Direction
from ocpplab_runner.vocabulary.everest import SESSION_EVENTS
from ocpplab_runner.vocabulary.versions import OcppVersion

T = TypeVar("T")
_LONGEST = 200


class MalformedError(ValueError):
    """A payload that is no value of its type.

    Attributes:
        path: where, from the type's name on; the type alone where it is no JSON at all.
        problem: what is wrong there.
    """

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path, self.problem = path, problem


@dataclass(frozen=True, slots=True)
class Message(Generic[T]):
    """What was said.

    Attributes:
        value: in our types.
        notes: what somebody should know of it, such as a value that is not on our list.
    """

    value: T
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """One step of a session at an EVSE (``session_event`` of EVerest's evse_manager interface).

    Attributes:
        event: of EVerest's SessionEventEnum, or a word that we do not know.
        session_id: the session's UUID.
        reason: why a session began or a transaction ended; None where it is not said.
        card: whose it is; None where it is not said.
    """

    event: str
    session_id: str
    reason: str | None = None
    card: str | None = None


@dataclass(frozen=True, slots=True)
class ValidationRequest:
    """A token that a validator is asked about.

    Attributes:
        token: which.
        reply_to: topic of the answer, without the installation's prefix.
    """

    token: ProvidedIdToken
    reply_to: str


@dataclass(frozen=True, slots=True)
class OcppText:
    """An OCPP-J text between EVerest and its CSMS.

    Attributes:
        text: as it crossed.
        direction: which way.
        version: that is spoken; None where it is not said, or none that is known here.
    """

    text: str
    direction: Direction
    version: OcppVersion | None


def token_status(said: bytes) -> Message[TokenValidationStatusMessage]:
    """``auth_consumer/e2m/token_validation_status``; raises MalformedError."""
    return _typed(TokenValidationStatusMessage, _json("TokenValidationStatusMessage", said))


def withdrawal(answer: Any) -> Message[Any]:
    """The answer to ``auth_consumer/m2e/withdraw_authorization``; raises MalformedError."""
    return _typed(WithdrawAuthorizationResult, answer)


def validation_request(said: bytes) -> Message[ValidationRequest]:
    """``auth_token_validator/e2m/validate_token``; raises MalformedError."""
    data = _json("validate_token", said)
    headers = data.get("headers") if isinstance(data, dict) else None
    reply_to = headers.get("replyTo") if isinstance(headers, dict) else None
    # Nobody can publish to a topic with wildcards (MQTT 3.1.1, 4.7.1).
    if not isinstance(reply_to, str) or not reply_to or set(reply_to) & set("+#"):
        raise MalformedError("validate_token.headers.replyTo", "a topic for the answer is needed")
    token = _typed(ProvidedIdToken, data.get("payload"))
    return Message(ValidationRequest(token.value, reply_to), token.notes)


def session_event(said: bytes) -> Message[SessionEvent]:
    """``evse_manager_consumer/e2m/session_event``; raises MalformedError."""
    data = _json("SessionEvent", said)
    problem = next(iter(sorted(_validator().iter_errors(data), key=lambda one: list(map(str, one.path)))), None)
    if problem is not None:
        path = ".".join(("SessionEvent", *(str(part) for part in problem.path)))
        raise MalformedError(path, problem.message[:_LONGEST])
    event = data["event"]
    notes = () if event in SESSION_EVENTS else (f"SessionEvent.event: {event!r} is not on our list",)
    told: dict[str, Any] = next((data[name] for name in _DETAILS if name in data), {})
    token = told.get("id_tag", {}).get("id_token")
    card = token.get("value") if isinstance(token, dict) else None
    return Message(SessionEvent(event, data["uuid"], told.get("reason"), card), notes)


def ocpp_message(said: bytes) -> Message[OcppText]:
    """``ocpp_consumer/e2m/ocpp_message``; raises MalformedError."""
    data = _json("Message", said)
    if not isinstance(data, dict):
        raise MalformedError("Message", "it is no object")
    text, way, told = data.get("message"), data.get("direction"), data.get("version")
    if not isinstance(text, str):
        raise MalformedError("Message.message", "a text is needed")
    if not isinstance(way, str) or way not in _DIRECTIONS:
        raise MalformedError("Message.direction", f"one of {', '.join(_DIRECTIONS)} is needed")
    version = _VERSIONS.get(str(told).lower().removeprefix("ocpp"))
    notes = () if told is None or version is not None else (f"Message.version: {told!r} is not known here",)
    return Message(OcppText(text, _DIRECTIONS[way], version), notes)


_DIRECTIONS = {"ChargingStationToCSMS": Direction.TO_CSMS, "CSMSToChargingStation": Direction.TO_CHARGER}
_VERSIONS = {version.value: version for version in OcppVersion}
_DETAILS = ("session_started", "transaction_started", "transaction_finished")


def _typed(kind: Any, data: Any) -> Message[Any]:
    try:
        read = from_json(kind, data, tolerant=True)
    except InvalidValueError as error:
        raise MalformedError(error.path, error.problem) from None
    return Message(read.value, tuple(map(str, read.notes)))


def _json(name: str, said: bytes) -> Any:
    try:
        return json.loads(said)
    # Python gives up on deep nesting by RecursionError, which would end the case with a traceback.
    except (ValueError, RecursionError) as error:
        raise MalformedError(name, f"no JSON: {error}"[:_LONGEST]) from None


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(SESSION_EVENT_SCHEMA)
