"""Two sessions joined in memory, and an observer that keeps what it hears: for the tests of this room."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from ocpplab_runner.ocppj import (
    Call,
    CallHandler,
    FrameRecord,
    PeerViolation,
    Role,
    Session,
    SessionObserver,
    counter_ids,
)
from ocpplab_runner.vocabulary.versions import OcppVersion

V16, V201, V21 = OcppVersion.V16, OcppVersion.V201, OcppVersion.V21
BOOT_16 = {"chargePointVendor": "V", "chargePointModel": "M"}


class Heard(SessionObserver):
    """Keeps frames and violations."""

    def __init__(self) -> None:
        self.frames: list[FrameRecord] = []
        self.violations: list[PeerViolation] = []

    def frame(self, record: FrameRecord) -> None:
        self.frames.append(record)

    def violation(self, violation: PeerViolation) -> None:
        self.violations.append(violation)

    @property
    def codes(self) -> list[str]:
        """The codes of the violations so far."""
        return [violation.code for violation in self.violations]

    @property
    def texts(self) -> list[str]:
        """The texts of the frames so far."""
        return [record.text for record in self.frames]


class Wired:
    """One session, with what it sends kept in ``sent``; the test plays the other side."""

    def __init__(
        self,
        version: OcppVersion = V16,
        *,
        role: Role = Role.CHARGER,
        handler: CallHandler | None = None,
        send: Callable[[str | bytes], Any] | None = None,
        **options: Any,
    ) -> None:
        self.sent: list[Any] = []
        self.calls: list[Call] = []
        self.heard = Heard()
        self.session = Session(
            version=version,
            role=role,
            send_text=send or self.sent.append,
            handler=handler or self._handle,
            observer=self.heard,
            next_id=counter_ids("m"),
            **options,
        )

    def _handle(self, call: Call) -> dict[str, Any]:
        self.calls.append(call)
        return {}


def join(
    charger_handler: CallHandler, csms_handler: CallHandler, version: OcppVersion = V16
) -> tuple[Session, Session, Heard, Heard]:
    """A charger's and a CSMS's session joined in memory, each text delivered on the loop's next turn."""
    loop = asyncio.get_running_loop()
    heard = Heard(), Heard()
    ends: list[Session] = []

    def to(end: int) -> Callable[[str], None]:
        return lambda text: void(loop.call_soon(lambda: ends[end].receive(text)))

    ends.append(
        Session(
            version=version,
            role=Role.CHARGER,
            send_text=to(1),
            handler=charger_handler,
            observer=heard[0],
            next_id=counter_ids("c"),
        )
    )
    ends.append(
        Session(
            version=version,
            role=Role.CSMS,
            send_text=to(0),
            handler=csms_handler,
            observer=heard[1],
            next_id=counter_ids("s"),
        )
    )
    return ends[0], ends[1], heard[0], heard[1]


def void(_: object) -> None:
    """Nothing, whatever it is given."""
