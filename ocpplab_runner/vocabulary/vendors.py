"""Vendor data that an end knows: 1.6 sections 4.3 and 5.6, P of OCPP 2.x. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ocpplab_runner.vocabulary.versions import OcppVersion

#: Prices and costs in 1.6: the Open Charge Alliance's application note on California's pricing requirements.
COST_MESSAGES = "org.openchargealliance.costmsg"
#: What a vendor agrees on for a message; the other statuses say that there is no such agreement.
AGREED = ("Accepted", "Rejected")
#: Every message that has no answer of its own, and one without ``messageId``.
ANY = "*"
_FIELDS = frozenset({"status", "data"})


def on_the_wire(data: Any, version: OcppVersion) -> Any:
    """Data as a version sends it: 1.6 has text only, so what has a structure goes as JSON."""
    if version is not OcppVersion.V16 or data is None or isinstance(data, str):
        return data
    return json.dumps(data, separators=(",", ":"))


def structure(data: Any) -> Mapping[str, Any] | None:
    """What a version has sent with :func:`on_the_wire`; None where that is no mapping, be it as JSON."""
    if isinstance(data, str):
        try:
            data = json.loads(data)
        except (ValueError, RecursionError):  # RecursionError: nested deeper than can be read
            return None
    return data if isinstance(data, Mapping) else None


@dataclass(frozen=True, slots=True)
class _Answer:
    status: str = "Accepted"
    data: Any = None


@dataclass(frozen=True, slots=True)
class Vendors:
    """Vendors whom an end knows, and how it answers their messages."""

    _known: Mapping[str, Mapping[str, _Answer]] = field(default_factory=dict)

    @classmethod
    def from_given(cls, given: Any) -> Vendors:
        """From vendorId → messageId, or ``*`` → a status or ``{status, data}``.

        Raises:
            ValueError: it is not that; the text says where.
        """
        if not isinstance(given, Mapping):
            raise ValueError("`vendors` is a mapping: vendorId, then messageId, then the answer")
        known: dict[str, Mapping[str, _Answer]] = {}
        for vendor, messages in given.items():
            if not isinstance(messages, Mapping):
                raise ValueError(f"`vendors.{vendor}` is a mapping: messageId and the answer")
            known[str(vendor)] = {str(name): _answer(f"{vendor}.{name}", said) for name, said in messages.items()}
        return cls(known)

    @property
    def known(self) -> tuple[str, ...]:
        """Their vendorIds."""
        return tuple(self._known)

    def answer(self, request: Mapping[str, Any], version: OcppVersion) -> dict[str, Any]:
        """The payload that answers a DataTransfer.

        Args:
            request: its payload.
            version: of OCPP that both speak.
        """
        messages = self._known.get(request["vendorId"])
        if messages is None:
            return {"status": "UnknownVendorId"}
        message = request.get("messageId")
        found = messages.get(ANY) if message is None else messages.get(message, messages.get(ANY))
        if found is None:
            # Without a messageId none can be unknown.
            return {"status": "Rejected" if message is None else "UnknownMessageId"}
        data = on_the_wire(found.data, version)
        return {"status": found.status} if data is None else {"status": found.status, "data": data}


def _answer(place: str, said: Any) -> _Answer:
    fields = {"status": said} if isinstance(said, str) else said
    if not isinstance(fields, Mapping) or set(fields) - _FIELDS:
        raise ValueError(f"`vendors.{place}` is a status, or a mapping with status and data, not {said!r}")
    status = fields.get("status", "Accepted")
    if status not in AGREED:
        raise ValueError(f"`vendors.{place}` is answered {' or '.join(AGREED)}, not {status}")
    return _Answer(status, fields.get("data"))
