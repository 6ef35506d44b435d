"""How one connector status may follow another: OCPP 1.6 edition 2, section 4.9. Pure.

The letter is the row (the status before), the digit the column (the status after), both in the order of
:data:`STATUSES`. Connector 0 has three statuses, and goes from any to any.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ocpplab_runner.vocabulary.statuses import ConnectorStatus

#: In the order of rows and columns.
STATUSES = (
    ConnectorStatus.AVAILABLE,
    ConnectorStatus.PREPARING,
    ConnectorStatus.CHARGING,
    ConnectorStatus.SUSPENDED_EV,
    ConnectorStatus.SUSPENDED_EVSE,
    ConnectorStatus.FINISHING,
    ConnectorStatus.RESERVED,
    ConnectorStatus.UNAVAILABLE,
    ConnectorStatus.FAULTED,
)
_ROWS = "ABCDEFGHI"
#: Every transition, with what brings it about in this station; None where it never takes that one.
TRANSITIONS: Mapping[str, str | None] = MappingProxyType(
    {
        "A2": "a cable, or a card that is accepted",
        "A3": None,  # without authorization; a raw start passes Preparing
        "A4": None,
        "A5": None,
        "A7": "ReserveNow",
        "A8": "ChangeAvailability",
        "A9": "a fault",
        "B1": "the cable is gone, or no cable came in time",
        "B3": "card and cable are both there",
        "B4": "the same, and the EV wants no energy",
        "B5": "the same, and the EVSE offers none",
        "B6": "no card came in time, with plug_in_timeout",
        "B9": "a fault",
        "C1": "as C6, and the cable is away before MinimumStatusDuration is over",
        "C4": "the EV wants no more energy",
        "C5": "the EVSE offers no more, or the card was refused afterwards",
        "C6": "the transaction is stopped and the EV still there, or it is gone at its side",
        "C8": "the transaction ends after a scheduled ChangeAvailability",
        "C9": "a fault",
        "D1": "as C1, or the transaction is stopped and the EV is gone",
        "D3": "the EV wants energy again",
        "D5": "the EVSE offers no more",
        "D6": "as C6",
        "D8": "as C8",
        "D9": "a fault",
        "E1": "as C1",
        "E3": "the EVSE offers power again",
        "E4": "the same, and the EV wants no energy",
        "E6": "as C6",
        "E8": "as C8",
        "E9": "a fault",
        "F1": "the cable is gone",
        "F2": "a raw start with the same cable",
        "F8": "ChangeAvailability",
        "F9": "a fault",
        "G1": "the reservation expires or is cancelled",
        "G2": "its card is presented",
        "G8": "ChangeAvailability, which ends the reservation",
        "G9": "a fault, which ends the reservation",
        "H1": "ChangeAvailability",
        "H2": "the same with a cable in",
        "H3": None,  # nothing charges out of service: a transaction outlives a scheduled change, or has ended
        "H4": None,
        "H5": None,
        "H9": "a fault",
        "I1": "the fault is cleared",
        "I2": "the fault is cleared, a cable in",
        "I3": None,  # a fault ends the transaction that it hits
        "I4": None,
        "I5": None,
        "I6": "the fault is cleared, the EV of the transaction that it has ended still there",
        "I7": "the fault is cleared where the last EVSE is kept for who has reserved any",
        "I8": "the fault is cleared out of service",
    }
)
#: What a connector may be for an instant on its way: Preparing where that will do, since A3 would be no preparation.
_BETWEEN = (ConnectorStatus.PREPARING, ConnectorStatus.AVAILABLE)


def transition(before: ConnectorStatus, after: ConnectorStatus) -> str:
    """What a change of status is called, in the table or not."""
    return f"{_ROWS[STATUSES.index(before)]}{STATUSES.index(after) + 1}"


def allowed(before: ConnectorStatus, after: ConnectorStatus) -> bool:
    """Whether the table has that change."""
    return transition(before, after) in TRANSITIONS


def passage(before: ConnectorStatus, after: ConnectorStatus) -> tuple[ConnectorStatus, ...]:
    """What lies between two statuses that the table does not join: a reserved connector prepares before it charges.

    Returns:
        Nothing for a change that the table has, and for none.
    """
    if before is after or allowed(before, after):
        return ()
    return next(((one,) for one in _BETWEEN if allowed(before, one) and allowed(one, after)), ())
