"""Why a station refuses a token without asking anybody (rules 5 and 6), for people."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ocpplab_runner.authorization.evse_state import EvseState
from ocpplab_runner.authorization.types import ProvidedIdToken

_MOST = 4


def obstacles(
    token: ProvidedIdToken, evses: Mapping[int, EvseState], reserved: Collection[int], *, ignore_faults: bool = False
) -> str:
    """What keeps a token from every EVSE that it may mean, in one line.

    Args:
        token: as it was presented.
        evses: every EVSE of the station.
        reserved: those that are reserved, or needed by somebody who has reserved any.
        ignore_faults: whether faults keep nobody away.
    """
    wanted = token.connectors or tuple(evses)
    found = [
        _obstacle(evses[number], number in reserved, ignore_faults) if number in evses else f"there is no EVSE {number}"
        for number in wanted
    ]
    shown = found if len(found) <= _MOST else [*found[: _MOST - 1], f"{len(found) - _MOST + 1} more EVSEs are not free"]
    return ", ".join(shown) or "no free connector"


def _obstacle(evse: EvseState, reserved: bool, ignore_faults: bool) -> str:
    return f"EVSE {evse.evse_id} {_condition(evse, reserved, ignore_faults)}"


def _condition(evse: EvseState, reserved: bool, ignore_faults: bool) -> str:
    if evse.out_of_service:
        return "is out of service"
    if evse.transaction_active:
        return "is charging for another card"
    if evse.holder is not None:
        return "is granted to another card"
    if evse.connectors <= evse.disabled | evse.faulted and not ignore_faults:
        return "is faulted"
    if evse.occupied:
        return "has a car that has finished"
    if evse.plug_in_timed_out:
        return "has a car that has waited for a card too long"
    return "is reserved" if reserved else "is not free"
