"""What random stacks of profiles allow, against an independent computation second by second."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from ocpplab_runner.charger.blocks.smart_charging.allowances import Place, allowances
from ocpplab_runner.charger.blocks.smart_charging.limits import Horizon, Supply, share
from ocpplab_runner.charger.blocks.smart_charging.profiles import Kind, Period, Profile, Purpose, Schedule
from tests.charger.smart_charging.profiles import START
from tests.thoroughness import examples

#: Seconds that are looked at, and when the transaction began.
SPAN, SESSION = 90, 10
DAY = 86400
_seconds = st.integers(-30, SPAN)


def _at(seconds):
    return None if seconds is None else START + timedelta(seconds=seconds)


@st.composite
def stacks(draw):
    """Profiles as plain numbers: what the computation below reads, and what the station's profiles are made of."""
    found = []
    for number in range(draw(st.integers(1, 6))):
        purpose = draw(st.sampled_from([Purpose.TX, Purpose.TX_DEFAULT, Purpose.STATION_MAX]))
        kinds = [Kind.ABSOLUTE, Kind.RECURRING] + ([] if purpose is Purpose.STATION_MAX else [Kind.RELATIVE])
        kind = draw(st.sampled_from(kinds))
        begins = sorted({0, *draw(st.lists(st.integers(1, SPAN), max_size=4))})
        found.append(
            {
                "purpose": purpose,
                "level": number,
                "kind": kind,
                "start": draw(st.integers(-DAY - 30, SPAN) if kind is Kind.RECURRING else _seconds),
                "duration": draw(st.none() | st.integers(1, SPAN)),
                "from": draw(st.none() | _seconds),
                "to": draw(st.none() | _seconds),
                "unit": draw(st.sampled_from("AW")),
                "periods": [(begin, draw(st.integers(0, 40)), draw(st.sampled_from([None, 1, 3]))) for begin in begins],
            }
        )
    return found


def profile(one):
    """The station's profile of those numbers."""
    scale = 1 if one["unit"] == "A" else 300
    return Profile(
        profile_id=one["level"],
        stack_level=one["level"],
        purpose=one["purpose"],
        kind=one["kind"],
        evse_id=0 if one["purpose"] is Purpose.STATION_MAX else 1,
        schedule=Schedule(
            one["unit"],
            tuple(Period(begin, limit * scale, phases) for begin, limit, phases in one["periods"]),
            None if one["kind"] is Kind.RELATIVE else _at(one["start"]),
            one["duration"],
        ),
        recurrence="Daily" if one["kind"] is Kind.RECURRING else None,
        valid_from=_at(one["from"]),
        valid_to=_at(one["to"]),
        transaction_id="T" if one["purpose"] is Purpose.TX else None,
    )


def said(one, second):
    """What a profile says in a second: its limit and phases, or nothing."""
    if (one["from"] is not None and second < one["from"]) or (one["to"] is not None and second >= one["to"]):
        return None
    gone = second - (SESSION if one["kind"] is Kind.RELATIVE else one["start"])
    if gone < 0:
        return None
    if one["kind"] is Kind.RECURRING:
        gone %= DAY
    if one["duration"] is not None and gone >= one["duration"]:
        return None
    return [(limit, phases) for begin, limit, phases in one["periods"] if begin <= gone][-1]


def watts(stack, second, phases, switches):
    """What one EVSE of 11 kW may give in a second, worked out anew."""
    limits = []
    for purposes in ((Purpose.TX, Purpose.TX_DEFAULT), (Purpose.STATION_MAX,)):
        for purpose in purposes:
            speaking = [one for one in stack if one["purpose"] is purpose and said(one, second) is not None]
            if speaking:
                highest = max(speaking, key=lambda one: one["level"])
                limits.append((highest["unit"], *said(highest, second)))
                break
    used = min([phases, *(n for _, _, n in limits if n is not None and switches)])
    allowed = [
        limit * 300 if unit == "W" else limit * 230 * min(used, wanted or used) for unit, limit, wanted in limits
    ]
    return min([used * 11000 / 3, *allowed])


@settings(max_examples=examples(1000), deadline=None)
@given(stacks(), st.sampled_from([1, 3]), st.booleans())
def test_random_stacks_second_by_second(stack, phases, switches):
    """Every answer is right for as long as it says that it holds."""
    place = Place(1, Supply(230.0, phases, switches), 11000 / 3, 11000 / 3, "T", _at(SESSION))
    profiles = [profile(one) for one in stack]
    second = SESSION
    while second < SPAN:
        horizon = Horizon()
        allowed = allowances(profiles, [place], _at(second), horizon)[1]
        until = SPAN if horizon.until is None else (horizon.until - START) // timedelta(seconds=1)
        assert until > second
        used = min(phases, allowed.phases or phases)
        for each in range(second, min(until, SPAN)):
            assert abs(min(allowed.power_w, used * 11000 / 3) - watts(stack, each, phases, switches)) < 1e-6
        second = until


@given(st.floats(0, 1e5), st.dictionaries(st.integers(1, 8), st.floats(0, 3e4), min_size=1))
def test_shares(total, wanted):
    """Nobody has more than is wanted, all together no more than there is, and nothing is left that is wanted."""
    parts = share(total, wanted, {})
    assert all(0 <= parts[one] <= amount for one, amount in wanted.items())
    assert sum(parts.values()) <= total * (1 + 1e-9) + 1e-6
    assert sum(parts.values()) >= min(total, sum(wanted.values())) * (1 - 1e-9) - 1e-6
