"""What a station decides on a card without the CSMS."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpplab_runner.authorization.cache import AuthorizationCache
from ocpplab_runner.authorization.local_decision import AskCsms, AuthorizationPolicy, Decided, decide, learn, refusal
from ocpplab_runner.authorization.local_list import ListEntry, LocalAuthorizationList, UpdateType
from ocpplab_runner.authorization.types import AuthorizationStatus, IdToken, IdTokenType, ValidationResult
from ocpplab_runner.vocabulary.versions import OcppVersion

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CARD = IdToken("CARD")
V16 = AuthorizationPolicy(OcppVersion.V16, True, True, False, True, True)
V201 = replace(V16, version=OcppVersion.V201, list_disable_post_authorize=False)
PAST, FUTURE = NOW - timedelta(hours=1), NOW + timedelta(hours=1)


def verdict(status: str, *, expired: bool = False) -> ValidationResult:
    return ValidationResult(AuthorizationStatus(status), expiry_time=PAST if expired else FUTURE)


def ask(
    policy: AuthorizationPolicy,
    *,
    online: bool,
    listed: ValidationResult | None = None,
    cached: ValidationResult | None = None,
    token: IdToken = CARD,
) -> str:
    local_list, cache = (
        LocalAuthorizationList(max_entries=9, match_types=False, zero_is_empty=False),
        AuthorizationCache(match_types=False),
    )
    if listed is not None:
        local_list.update(1, UpdateType.FULL, [ListEntry(CARD, listed)])
    if cached is not None:
        cache.update(CARD, cached, NOW)
    decision = decide(token, online=online, policy=policy, local_list=local_list, cache=cache, now=NOW)
    if isinstance(decision, AskCsms):
        return "ask"
    return f"{decision.route} {decision.result.authorization_status}"


OK, BLOCKED, OLD = verdict("Accepted"), verdict("Blocked"), verdict("Accepted", expired=True)


@pytest.mark.parametrize(
    ("listed", "cached", "online", "in_16", "in_201"),
    [
        (None, None, True, "ask", "ask"),
        (OK, None, True, "local_list Accepted", "local_list Accepted"),
        (OK, BLOCKED, True, "local_list Accepted", "local_list Accepted"),
        (BLOCKED, OK, True, "local_list Blocked", "ask"),
        (OLD, None, True, "local_list Expired", "ask"),
        (None, OK, True, "cache Accepted", "cache Accepted"),
        (None, BLOCKED, True, "ask", "ask"),
        (None, OLD, True, "ask", "ask"),
        (None, None, False, "offline Invalid", "offline Unknown"),
        (OK, None, False, "local_list Accepted", "local_list Accepted"),
        (BLOCKED, OK, False, "local_list Blocked", "local_list Blocked"),
        (OLD, OK, False, "local_list Expired", "local_list Expired"),
        (None, OK, False, "cache Accepted", "cache Accepted"),
        (None, BLOCKED, False, "cache Blocked", "cache Blocked"),
        (None, OLD, False, "cache Expired", "cache Expired"),
    ],
)
def test_the_order_of_routes(
    listed: ValidationResult | None, cached: ValidationResult | None, online: bool, in_16: str, in_201: str
) -> None:
    """List before cache before CSMS; a bad entry is final in 1.6's list, and offline everywhere."""
    assert ask(V16, online=online, listed=listed, cached=cached) == in_16
    assert ask(V201, online=online, listed=listed, cached=cached) == in_201


@pytest.mark.parametrize("policy", [V16, V201], ids=["1.6", "2.0.1"])
@pytest.mark.parametrize(
    ("changes", "listed", "cached", "online", "expected"),
    [
        ({"local_pre_authorize": False}, OK, OK, True, "ask"),
        ({"local_pre_authorize": False}, OK, None, False, "local_list Accepted"),
        ({"local_list_enabled": False}, BLOCKED, OK, True, "cache Accepted"),
        ({"cache_enabled": False}, None, OK, True, "ask"),
        ({"allow_offline_tx_for_unknown_id": True}, None, None, False, "offline Accepted"),
        ({"allow_offline_tx_for_unknown_id": True}, BLOCKED, None, False, "local_list Blocked"),
        ({"allow_offline_tx_for_unknown_id": True}, None, OLD, False, "cache Expired"),
        ({"allow_offline_tx_for_unknown_id": True, "local_authorize_offline": False}, BLOCKED, None, False,
         "local_list Blocked"),
        ({"allow_offline_tx_for_unknown_id": True, "local_authorize_offline": False}, OK, None, False,
         "offline Accepted"),
    ],
)  # fmt: skip
def test_settings_that_both_versions_share(
    policy: AuthorizationPolicy,
    changes: dict[str, bool],
    listed: ValidationResult | None,
    cached: ValidationResult | None,
    online: bool,
    expected: str,
) -> None:
    """Each setting does what OCPP says of it, in either version."""
    assert ask(replace(policy, **changes), online=online, listed=listed, cached=cached) == expected


@pytest.mark.parametrize("policy", [V16, V201], ids=["1.6", "2.0.1"])
def test_local_lookup_offline_can_be_forbidden(policy: AuthorizationPolicy) -> None:
    """Without LocalAuthorizeOffline a good entry does not help."""
    verdict = ask(replace(policy, local_authorize_offline=False), online=False, listed=OK, cached=OK)
    assert verdict == f"offline {refusal(policy.version).authorization_status}"


@pytest.mark.parametrize(
    ("changes", "listed", "cached", "online", "expected"),
    [
        ({"authorization_enabled": False}, BLOCKED, None, True, "station Accepted"),
        ({"disable_remote_authorization": True}, None, None, True, "station Unknown"),
        ({"disable_remote_authorization": True}, BLOCKED, None, True, "local_list Blocked"),
        ({"list_disable_post_authorize": True}, BLOCKED, None, True, "local_list Blocked"),
        ({"cache_disable_post_authorize": True}, None, BLOCKED, True, "cache Blocked"),
    ],
)
def test_settings_of_version_2(
    changes: dict[str, bool],
    listed: ValidationResult | None,
    cached: ValidationResult | None,
    online: bool,
    expected: str,
) -> None:
    """2.x can forbid to ask, or to ask again."""
    assert ask(replace(V201, **changes), online=online, listed=listed, cached=cached) == expected


@pytest.mark.parametrize("kind", [IdTokenType.CENTRAL, IdTokenType.NO_AUTHORIZATION])
def test_central_and_no_authorization_need_nobody(kind: IdTokenType) -> None:
    """2.0.1 C03.FR.01 and C05.FR.01; in 1.6 a type has no meaning."""
    token = IdToken("X", kind)
    assert ask(V201, online=True, token=token) == "station Accepted"
    assert ask(V16, online=True, token=token) == "ask"


def test_a_listed_card_never_enters_the_cache() -> None:
    """OCPP 1.6 section 3.5.3."""
    local_list, cache = (
        LocalAuthorizationList(max_entries=9, match_types=False, zero_is_empty=False),
        AuthorizationCache(match_types=False),
    )
    local_list.update(1, UpdateType.FULL, [ListEntry(CARD, OK)])
    for policy, token in ((V16, CARD), (replace(V16, cache_enabled=False), IdToken("B")), (V16, IdToken("C"))):
        learn(token, OK, policy=policy, local_list=local_list, cache=cache, now=NOW)
    assert [entry.token.value for entry in cache.snapshot()] == ["C"]


def test_no_answer_is_a_refusal() -> None:
    """Invalid in 1.6, Unknown in 2.x."""
    assert [refusal(p.version).authorization_status for p in (V16, V201)] == ["Invalid", "Unknown"]


BOOLEANS = st.booleans()
POLICIES = st.builds(
    AuthorizationPolicy, st.sampled_from([OcppVersion.V16, OcppVersion.V201]), *([BOOLEANS] * 5), st.just(True),
    *([BOOLEANS] * 3),
)  # fmt: skip
VERDICTS = st.none() | st.builds(
    ValidationResult, st.sampled_from(AuthorizationStatus), st.sampled_from([None, PAST, FUTURE])
)


@settings(deadline=None)
@given(POLICIES, VERDICTS, VERDICTS, BOOLEANS)
def test_nobody_is_accepted_without_a_reason(
    policy: AuthorizationPolicy, listed: ValidationResult | None, cached: ValidationResult | None, online: bool
) -> None:
    """Accepted means a good entry, or an unknown card that may charge offline; offline nobody is asked."""
    local_list, cache = (
        LocalAuthorizationList(max_entries=9, match_types=False, zero_is_empty=False),
        AuthorizationCache(match_types=False),
    )
    if listed is not None:
        local_list.update(1, UpdateType.FULL, [ListEntry(CARD, listed)])
    if cached is not None:
        cache.update(CARD, cached, NOW)
    decision = decide(CARD, online=online, policy=policy, local_list=local_list, cache=cache, now=NOW)
    if not isinstance(decision, Decided):
        assert online
        return
    if decision.result.accepted:
        good = {"local_list": listed, "cache": cached}
        entry = good.get(decision.route)
        if entry is not None:
            assert entry.at(NOW).accepted
        else:
            assert decision.route == "offline" and policy.allow_offline_tx_for_unknown_id and not online
