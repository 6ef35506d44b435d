"""Reservations of a station that comes back in another version of OCPP."""

from __future__ import annotations

from ocpplab_runner import clock
from ocpplab_runner.csms import CsmsConfig
from ocpplab_runner.csms.assembly import Blocks
from ocpplab_runner.csms.core.state import CsmsState, StationState
from ocpplab_runner.vocabulary.versions import OcppVersion


def test_what_was_reserved_outlives_the_version() -> None:
    """What the CSMS has asked for it remembers, whatever the station speaks since."""

    async def cancelled() -> tuple[str, object]:
        shared = CsmsState(CsmsConfig.from_given({}), first_csms=True)
        station = StationState("CP-1", shared, lambda *_: None, OcppVersion.V16)
        Blocks(station).sent("ReserveNow", {"reservationId": 3})
        station.version = OcppVersion.V201
        return Blocks(station).operation("cancel_reservation", {})

    assert clock.run(cancelled(), virtual=True) == ("CancelReservation", {"reservationId": 3})
