"""Numbers of the requests of which a station tells with what it sends afterwards."""

from __future__ import annotations

from dataclasses import dataclass

from ocpplab_runner.csms.core.operations import Order
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
