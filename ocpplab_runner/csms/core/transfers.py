"""What the operations say that have a station fetch a file or send one."""

from __future__ import annotations

from datetime import timedelta

from ocpplab_runner.clock import timestamp
from ocpplab_runner.csms.core.operations import NothingToOperateOn, Order, Payload, given
from ocpplab_runner.vocabulary.durations import seconds_of


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
