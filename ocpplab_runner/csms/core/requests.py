"""What requests of several blocks have in common: their numbers, and the transactions that they mean."""

from __future__ import annotations

from dataclasses import dataclass

from ocpplab_runner.csms.core.operations import NothingToOperateOn, Order
from ocpplab_runner.csms.core.state import StationState


@dataclass(slots=True)
class RequestNumbers:
    """The latest number that a station was given with a request."""

    latest: int = 0


def request_id(station: StationState, order: Order) -> int:
    """The number of a request: counted unless said."""
    numbers = station.memory(RequestNumbers)
    wanted: int = order.fields.get("request_id", numbers.latest + 1)
    numbers.latest = max(numbers.latest, wanted)
    return wanted


def transaction_meant(station: StationState, order: Order) -> int | str:
    """The transaction that is meant: the one that is named, else the latest on the EVSE or the station.

    Raises:
        NothingToOperateOn: none is named, and none runs there.
    """
    if "transaction_id" in order.fields:
        wanted: int | str = order.fields["transaction_id"]
        return wanted
    evse_id = order.fields.get("evse_id")
    for record in reversed(station.running):
        if evse_id is None or record.evse_id == evse_id:
            return record.transaction_id
    place = "the station" if evse_id is None else f"EVSE {evse_id}"
    raise NothingToOperateOn(f"no transaction is running on {place}; name one with `transaction_id`")
