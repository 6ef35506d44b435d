"""The Authorization Cache."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from ocpplab_runner.authorization.cache import AuthorizationCache
from ocpplab_runner.authorization.types import AuthorizationStatus, IdToken, IdTokenType, ValidationResult

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OK = ValidationResult(AuthorizationStatus.ACCEPTED)
BAD = ValidationResult(AuthorizationStatus.BLOCKED)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_the_last_verdict_counts() -> None:
    """A newer verdict replaces the older one of the same card, whatever its letter case."""
    cache = AuthorizationCache(match_types=False)
    cache.update(IdToken("A"), OK, NOW)
    cache.update(IdToken("a"), BAD, NOW)
    assert cache.lookup(IdToken("A"), NOW) == BAD
    assert len(cache) == 1


def test_an_expired_verdict_reads_as_expired() -> None:
    """OCPP 1.6 section 3.5.1: the entry's status changes when its expiry date passes."""
    cache = AuthorizationCache(match_types=False)
    cache.update(IdToken("A"), ValidationResult(AuthorizationStatus.ACCEPTED, expiry_time=at(10)), NOW)
    statuses = [cache.lookup(IdToken("A"), at(t)) for t in (9, 10)]
    assert [s.authorization_status for s in statuses if s] == ["Accepted", "Expired"]


def test_a_lifetime_removes_what_has_no_expiry_of_its_own() -> None:
    """2.0.1 AuthCacheCtrlr.LifeTime; a new verdict starts it again."""
    cache = AuthorizationCache(match_types=False, lifetime=timedelta(seconds=10))
    cache.update(IdToken("A"), OK, NOW)
    cache.update(IdToken("B"), ValidationResult(AuthorizationStatus.ACCEPTED, expiry_time=at(99)), NOW)
    cache.update(IdToken("A"), OK, at(5))
    assert cache.lookup(IdToken("A"), at(14)) == OK
    assert cache.lookup(IdToken("A"), at(15)) is None
    assert cache.lookup(IdToken("B"), at(15)) is not None
    assert len(cache) == 1


def test_room_is_made_by_invalid_entries_first_then_the_oldest() -> None:
    """OCPP 1.6 section 3.5.1 on a full cache."""
    cache = AuthorizationCache(match_types=False, max_entries=3)
    for card, result in (("A", OK), ("B", BAD), ("C", OK), ("D", OK), ("E", OK)):
        cache.update(IdToken(card), result, NOW)
    assert [entry.token.value for entry in cache.snapshot()] == ["C", "D", "E"]


def test_a_cache_without_room_remembers_nothing() -> None:
    """A size of 0 turns it off."""
    cache = AuthorizationCache(match_types=False, max_entries=0)
    cache.update(IdToken("A"), OK, NOW)
    assert cache.lookup(IdToken("A"), NOW) is None


def test_it_survives_a_loss_of_power() -> None:
    """What snapshot gives, restore puts back."""
    cache, again = AuthorizationCache(match_types=False), AuthorizationCache(match_types=False)
    cache.update(IdToken("A"), OK, NOW)
    again.restore(cache.snapshot())
    assert again.lookup(IdToken("a"), NOW) == OK


def test_clear_and_remove() -> None:
    """Clearing says how much there was; removing forgets one card."""
    cache = AuthorizationCache(match_types=True)
    cache.update(IdToken("A"), OK, NOW)
    cache.update(IdToken("A", IdTokenType.CENTRAL), BAD, NOW)
    cache.remove(IdToken("A"))
    assert cache.lookup(IdToken("A"), NOW) is None
    assert cache.clear() == 1
    assert len(cache) == 0


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("ABCDE"), st.sampled_from([OK, BAD]), st.integers(0, 30)), max_size=40),
    st.integers(0, 4),
)
def test_it_never_overflows_and_never_invents(steps: list[tuple[str, ValidationResult, int]], size: int) -> None:
    """What is found is the last verdict on that card; the newest entry is always there; the limit holds."""
    cache = AuthorizationCache(match_types=False, max_entries=size, lifetime=timedelta(seconds=60))
    last: dict[str, ValidationResult] = {}
    now = NOW
    for card, result, pause in steps:
        now += timedelta(seconds=pause)
        cache.update(IdToken(card), result, now)
        last[card] = result
        assert len(cache) <= size
        assert cache.lookup(IdToken(card), now) == (result if size else None)
        for other in "ABCDE":
            assert cache.lookup(IdToken(other), now) in (None, last.get(other))
