"""Messages on the station's display: O of OCPP 2.x."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ocpplab_runner.csms.core.block import V2, Block, answers, operation
from ocpplab_runner.csms.core.operations import OperationNotAvailable, Order, Payload, Request, given
from ocpplab_runner.csms.core.requests import request_id
from ocpplab_runner.csms.core.transfers import later
from ocpplab_runner.ocppj.frames import Call
from ocpplab_runner.vocabulary.versions import OcppVersion


class DisplayMessage(Block):
    """Sets them, asks for them, and takes a report of them."""

    versions = V2
    asks_for: ClassVar = {"GetDisplayMessages": "NotifyDisplayMessages"}

    @answers("NotifyDisplayMessages")
    def reported(self, call: Call) -> Payload:
        """O03, O04."""
        return self.requested(call)

    @operation("set_display_message")
    def set_display_message(self, order: Order) -> Request:
        """SetDisplayMessage (O01, O02, O06)."""
        fields = order.fields
        extra = fields.get("extra")
        if extra is not None and self.station.version is not OcppVersion.V21:
            raise OperationNotAvailable("OCPP 2.0.1 has one text in each message; `extra` is of 2.1")
        display = fields.get("display")
        message = given(
            id=fields["message_id"],
            priority=fields.get("priority", "NormalCycle"),
            state=fields.get("state"),
            startDateTime=later(order, "starts_in") if "starts_in" in fields else None,
            endDateTime=later(order, "ends_in") if "ends_in" in fields else None,
            transactionId=fields.get("transaction_id"),
            display=None if display is None else {"name": display},
            message=_content(fields),
            messageExtra=None if extra is None else [_content(one) for one in extra],
        )
        return "SetDisplayMessage", {"message": message}

    @operation("get_display_messages")
    def get_display_messages(self, order: Order) -> Request:
        """GetDisplayMessages: all (O03), or some of them (O04)."""
        fields = order.fields
        wanted = fields.get("message_ids")
        return "GetDisplayMessages", given(
            requestId=request_id(self.station, order),
            id=wanted if wanted is None or isinstance(wanted, list) else [wanted],
            priority=fields.get("priority"),
            state=fields.get("state"),
        )

    @operation("clear_display_message")
    def clear_display_message(self, order: Order) -> Request:
        """ClearDisplayMessage (O05)."""
        return "ClearDisplayMessage", {"id": order.fields["message_id"]}


def _content(fields: Mapping[str, Any]) -> Payload:
    """MessageContentType."""
    return given(format=fields.get("format", "UTF8"), language=fields.get("language"), content=fields["text"])


DISPLAY_MESSAGE = (DisplayMessage,)
