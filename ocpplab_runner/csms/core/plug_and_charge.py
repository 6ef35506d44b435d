"""How the CSMS speaks of Plug & Charge in OCPP 1.6: see :mod:`ocpplab_runner.ocppj.plug_and_charge`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ocpplab_runner.csms.core.operations import Payload, Request
from ocpplab_runner.ocppj.plug_and_charge import request, response, wrong_request


def message(name: str, data: Mapping[str, Any]) -> Request:
    """The DataTransfer that carries a message to a station."""
    return "DataTransfer", request(name, data)


def answer(name: str, data: Mapping[str, Any], handle: Callable[[Mapping[str, Any]], Payload]) -> Payload:
    """The DataTransfer.conf to a station's message; what is none of its kind is Rejected.

    Args:
        name, data: the message.
        handle: answers it as 2.0.1 has it.
    """
    return {"status": "Rejected"} if wrong_request(name, data) is not None else response(handle(data))
