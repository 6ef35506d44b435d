"""What the operations of both OCPP versions share: their context, their defaults, their errors. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ocpplab_runner.clock import timestamp
from ocpplab_runner.csms.id_tokens import Card
from ocpplab_runner.csms.transactions import TransactionRecord
from ocpplab_runner.ocppj.validation import request_schema
from ocpplab_runner.vocabulary.durations import seconds_of
from ocpplab_runner.vocabulary.settings import SETTINGS, Setting
from ocpplab_runner.vocabulary.statuses import WIRE_AUTHORIZATION_STATUSES
from ocpplab_runner.vocabulary.versions import OcppVersion

Fields = Mapping[str, Any]
Payload = dict[str, Any]
Request = tuple[str, Payload]

#: Seconds a reservation lasts unless said.
DEFAULT_RESERVATION = 3600.0


class OperationNotAvailable(Exception):
    """The station's OCPP version cannot say that; the text is the reason."""


class NothingToOperateOn(LookupError):
    """The operation means something that is not there: no transaction runs, nothing is reserved."""


@dataclass(frozen=True, slots=True)
class OperationContext:
    """What an operation needs to know of its station.

    Attributes:
        now: the time.
        running: the station's running transactions, the latest last.
        remote_start_id: for a remote start that names none.
        reservation_id: for a reservation that names none.
        latest_reservation: the reservation made last.
        raw: lets through what the version does not have: a message to trigger, a status of a card.
        version: the OCPP version that it speaks.
    """

    now: datetime
    running: Sequence[TransactionRecord]
    remote_start_id: int
    reservation_id: int
    latest_reservation: int | None
    raw: bool
    version: OcppVersion = OcppVersion.V16


def which_transaction(fields: Fields, context: OperationContext) -> int | str:
    """The transaction that `remote_stop` means: the one that is named, else the latest on the EVSE or the station.

    Raises:
        NothingToOperateOn: none is running.
    """
    if "transaction_id" in fields:
        wanted: int | str = fields["transaction_id"]
        return wanted
    evse_id = fields.get("evse_id")
    for record in reversed(context.running):
        if evse_id is None or record.evse_id == evse_id:
            return record.transaction_id
    place = "the station" if evse_id is None else f"EVSE {evse_id}"
    raise NothingToOperateOn(f"no transaction is running on {place}; name one with `transaction_id`")


def triggerable(version: OcppVersion, fields: Fields, context: OperationContext) -> str:
    """The message that `trigger_message` asks for.

    Raises:
        OperationNotAvailable: the version cannot trigger it.
    """
    message: str = fields["message"]
    schema = request_schema(version, "TriggerMessage")
    allowed = (
        schema["properties"]["requestedMessage"]["enum"]
        if version is OcppVersion.V16
        else schema["definitions"]["MessageTriggerEnumType"]["enum"]
    )
    if message not in allowed and not context.raw:
        raise OperationNotAvailable(f"OCPP {version} cannot trigger {message}, only {', '.join(sorted(allowed))}")
    return message


def one_setting(fields: Fields) -> tuple[Setting, Any]:
    """The setting that `change_configuration` changes, and its new value.

    Raises:
        ValueError: there is not exactly one, or no such setting.
    """
    if len(fields) != 1:
        raise ValueError("change_configuration changes exactly one setting")
    ((name, value),) = fields.items()
    return _setting(name), value


def settings_of(fields: Fields) -> list[Setting]:
    """The settings that `get_configuration` reads.

    Raises:
        ValueError: there is no such setting.
    """
    names = fields["settings"]
    return [_setting(name) for name in ([names] if isinstance(names, str) else names)]


def _setting(name: str) -> Setting:
    if name not in SETTINGS:
        raise ValueError(f"there is no setting {name!r}")
    return SETTINGS[name]


def wire_text(setting: Setting, value: Any) -> str:
    """A setting's value as it travels: durations in whole seconds, lists with commas."""
    if setting.type == "duration":
        return str(round(seconds_of(value)))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ",".join(str(item) for item in value)
    return str(value)


def list_entries(version: OcppVersion, fields: Fields, context: OperationContext) -> list[tuple[str, Card | None]]:
    """The cards of a local list; None for one that is to be removed.

    Raises:
        OperationNotAvailable: the version does not carry a status.
        ValueError: an entry makes no sense.
    """
    entries: list[tuple[str, Card | None]] = []
    for token, value in (fields.get("entries") or {}).items():
        card = None if value is None else Card.from_given(value)
        if card is None and fields.get("update_type", "Full") == "Full":
            raise ValueError(f"a Full list cannot remove {token!r}: leave it out, or send a Differential update")
        if card is not None and card.status not in WIRE_AUTHORIZATION_STATUSES[version] and not context.raw:
            raise OperationNotAvailable(f"OCPP {version} has no status {card.status}")
        entries.append((str(token), card))
    return entries


def expiry(card: Card, context: OperationContext) -> str | None:
    """A card's expiry date as it travels."""
    expiry = card.expiry(context.now)
    return None if expiry is None else timestamp(expiry)


def reservation_end(fields: Fields, context: OperationContext) -> str:
    """When a reservation made now ends, as it travels."""
    return timestamp(context.now + timedelta(seconds=seconds_of(fields.get("expires_in", DEFAULT_RESERVATION))))


def cancel_reservation(fields: Fields, context: OperationContext) -> Request:
    """CancelReservation, the same in both versions."""
    reservation_id = fields.get("reservation_id", context.latest_reservation)
    if reservation_id is None:
        raise NothingToOperateOn("nothing has been reserved; name a reservation with `reservation_id`")
    return "CancelReservation", {"reservationId": reservation_id}


def clear_cache(_: Fields, __: OperationContext) -> Request:
    """ClearCache, the same in both versions."""
    return "ClearCache", {}


def get_local_list_version(_: Fields, __: OperationContext) -> Request:
    """GetLocalListVersion, the same in both versions."""
    return "GetLocalListVersion", {}


def given(**fields: Any) -> Payload:
    """The fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None}
