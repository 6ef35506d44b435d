"""What the operations say that have a station fetch a file or send one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from ocpplab_runner.clock import timestamp
from ocpplab_runner.csms.core.operations import NothingToOperateOn, Order, Payload, given
from ocpplab_runner.csms.core.state import StationState
from ocpplab_runner.vocabulary.durations import seconds_of


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


def location(order: Order, operation: str) -> str:
    """The URL that an order names, or that was filled in for it.

    Raises:
        NothingToOperateOn: there is none.
    """
    url = order.fields.get("location")
    if url is None:
        raise NothingToOperateOn(f"{operation}: nobody serves files here; give a `location`")
    return str(url)


def later(order: Order, field: str) -> str:
    """The moment that is so much later; now unless said."""
    return timestamp(order.now + timedelta(seconds=seconds_of(order.fields.get(field, 0.0))))


def retries(order: Order) -> Payload:
    """How often, and how long apart."""
    interval = order.fields.get("retry_interval")
    return given(
        retries=order.fields.get("retries"), retryInterval=None if interval is None else round(seconds_of(interval))
    )


def ago(order: Order, field: str) -> str | None:
    """The moment that is so long ago; None unless said."""
    if field not in order.fields:
        return None
    return timestamp(order.now - timedelta(seconds=seconds_of(order.fields[field])))
