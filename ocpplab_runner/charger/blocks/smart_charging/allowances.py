"""What each EVSE may give at a moment, where some limits are of all EVSEs together. Pure; time is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ocpplab_runner.charger.blocks.smart_charging.limits import (
    Ceiling,
    Horizon,
    Moment,
    Supply,
    lowest,
    of_evse,
    of_station,
    share,
)
from ocpplab_runner.charger.blocks.smart_charging.profiles import Profile
from ocpplab_runner.charger.core.evse import Allowance


@dataclass(frozen=True, slots=True)
class Place:
    """An EVSE as far as limits are concerned.

    Attributes:
        evse_id: counted from 1.
        supply: what it stands on.
        phase_w: what it can give on each phase, in W.
        wants_w: what its EV would draw on each phase now, in W; 0 where none charges.
        transaction_id: the station's own id of the transaction there.
        session_start: when that has begun.
        first: whether it is charged first (2.1 priority charging).
    """

    evse_id: int
    supply: Supply
    phase_w: float
    wants_w: float = 0.0
    transaction_id: str | None = None
    session_start: datetime | None = None
    first: bool = False


@dataclass(frozen=True, slots=True)
class _Share:
    place: Place
    used: int
    most_w: float
    wants_w: float
    least_w: float


def allowances(
    profiles: Sequence[Profile], places: Sequence[Place], at: datetime, horizon: Horizon
) -> dict[int, Allowance]:
    """What each EVSE may give; a limit of the station is shared in equal parts among those whose EVs want it.

    Args:
        profiles: everything that is installed.
        places: every EVSE.
        at: when.
        horizon: is told until when the answer holds.

    Returns:
        By EVSE id; infinite where nothing limits it.
    """
    shared = of_station(profiles, Moment(at), horizon)
    parts = {place.evse_id: _part(profiles, place, shared, at, horizon) for place in places}
    wanted = {evse_id: part.wants_w for evse_id, part in parts.items()}
    return {
        # Its share if its own EV took all it may: an EV that wants nothing now is offered energy all the same, and not
        # suspended by the EVSE.
        evse_id: _allowance(part, _shared(shared, parts, {**wanted, evse_id: part.most_w})[evse_id])
        for evse_id, part in parts.items()
    }


def _allowance(part: _Share, watts: float) -> Allowance:
    return Allowance(watts, part.used if part.used < part.place.supply.phases else None)


def _part(
    profiles: Sequence[Profile], place: Place, shared: Sequence[Ceiling], at: datetime, horizon: Horizon
) -> _Share:
    moment = Moment(at, place.session_start)
    own = of_evse(profiles, place.evse_id, place.transaction_id, moment, horizon, first=place.first)
    used = place.supply.used((*own, *shared))
    least = max((place.supply.watts(rate, used) for one in own if (rate := _least(one)) is not None), default=0.0)
    most = lowest(own, place.supply, used)
    if shared:  # what is shared is no more than what there is
        most = min(most, place.phase_w * used)
    # Below minChargingRate charging is of no use.
    most = most if most >= least else 0.0
    return _Share(place, used, most, min(most, place.wants_w * used), least)


def _least(ceiling: Ceiling) -> Ceiling | None:
    return None if ceiling.min_rate is None else Ceiling(ceiling.min_rate, ceiling.unit, ceiling.phases)


def _shared(shared: Sequence[Ceiling], parts: Mapping[int, _Share], wanted: Mapping[int, float]) -> Mapping[int, float]:
    for ceiling in shared:
        wanted = _under(ceiling, parts, wanted)
    return wanted


def _under(ceiling: Ceiling, parts: Mapping[int, _Share], wanted: Mapping[int, float]) -> dict[int, float]:
    """One limit of the station, shared; every EV loads the first phase, so that amperes are shared as they are."""
    plus = ceiling.plus
    alike = ceiling.unit == "A" and (plus is None or plus.unit == "A")
    per_phase = alike and all(part.used <= (ceiling.phases or part.used) for part in parts.values())
    widest = max((part.place.supply for part in parts.values()), key=lambda supply: supply.phases)
    amperes = ceiling.limit + (0.0 if plus is None else plus.limit)
    total = amperes if per_phase else widest.watts(ceiling, widest.phases)
    size = {one: part.place.supply.voltage_v * part.used if per_phase else 1.0 for one, part in parts.items()}
    given = share(
        total,
        {one: amount / size[one] for one, amount in wanted.items()},
        {one: part.least_w / size[one] for one, part in parts.items()},
    )
    return {one: amount * size[one] for one, amount in given.items()}
