"""How a connection ended: who closed it, with which code of RFC 6455, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.frames import Close, CloseCode

from ocpplab_runner.ocppj.records import Role

#: Bytes; a larger WebSocket message closes the connection with code 1009.
MAX_MESSAGE_SIZE = 16 * 2**20
_DROPPED = "the connection was dropped"


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a connection.

    Attributes:
        by: who sent the Close frame; None when nobody did: the connection was cut.
        code: of the Close frame (RFC 6455 section 7.4); 1005 when it had none.
        reason: the Close frame's own, or why the connection was cut; may be empty.
    """

    by: Role | None = None
    code: int | None = None
    reason: str = _DROPPED

    def __str__(self) -> str:
        if self.by is None:
            return self.reason
        if self.code is None or self.code == CloseCode.NO_STATUS_RCVD:
            return f"the {_NAMES[self.by]} closed the connection without a code"
        return f"the {_NAMES[self.by]} closed the connection: {Close(self.code, self.reason)}"

    @property
    def fields(self) -> Mapping[str, Any]:
        """What a fact says of it."""
        known = {"by": None if self.by is None else self.by.value, "code": self.code, "reason": self.reason or None}
        return {name: value for name, value in known.items() if value is not None}


_NAMES = {Role.CHARGER: "charger", Role.CSMS: "CSMS"}


def ended(closed: ConnectionClosed, own: Role) -> Ended:
    """What the end of a WebSocket means.

    Args:
        closed: what websockets raised.
        own: which end we are.
    """
    peer = Role.CSMS if own is Role.CHARGER else Role.CHARGER
    sent, received = closed.sent, closed.rcvd
    # Each end answers a Close frame with its own (RFC 6455 section 5.5.1): whose was first has closed the connection.
    if received is not None and (sent is None or closed.rcvd_then_sent):
        return Ended(peer, received.code, received.reason)
    if sent is None:
        return Ended()
    reason = sent.reason
    # With these codes websockets itself fails a connection, for what the peer has sent (RFC 6455 section 7.1.7).
    if sent.code == CloseCode.MESSAGE_TOO_BIG:
        reason = f"the {_NAMES[peer]} sent a message of more than {MAX_MESSAGE_SIZE // 2**20} MiB"
    elif sent.code in (CloseCode.PROTOCOL_ERROR, CloseCode.INVALID_DATA):
        reason = f"the {_NAMES[peer]} broke the WebSocket protocol" + (f": {reason}" if reason else "")
    return Ended(own, sent.code, reason)
