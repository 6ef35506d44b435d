"""What a station says of a token by itself, before or instead of asking the CSMS.

OCPP 1.6 sections 3.5.1 to 3.5.4 and 4.1; OCPP 2.0.1 use cases C01, C03, C05, C10 to C15; the order is EVerest's
(libocpp): the local list decides first, then the cache, then the CSMS or the rule for unknown cards.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ocpplab_runner.authorization.cache import AuthorizationCache
from ocpplab_runner.authorization.local_list import LocalAuthorizationList
from ocpplab_runner.authorization.types import AuthorizationStatus, IdToken, IdTokenType, ValidationResult
from ocpplab_runner.vocabulary.statuses import AuthorizationRoute
from ocpplab_runner.vocabulary.versions import OcppVersion


@dataclass(frozen=True, slots=True)
class AuthorizationPolicy:
    """The settings that decide. Every field is an OCPP setting of the same meaning.

    Attributes:
        version: whose rules apply; 1.6 and 2.x differ on bad entries.
        local_pre_authorize: ``LocalPreAuthorize``: list and cache may decide while online.
        local_authorize_offline: ``LocalAuthorizeOffline``: list and cache may decide while offline.
        allow_offline_tx_for_unknown_id: 1.6 ``AllowOfflineTxForUnknownId``, 2.x ``OfflineTxForUnknownIdEnabled``.
        cache_enabled: 1.6 ``AuthorizationCacheEnabled``, 2.x ``AuthCacheCtrlr.Enabled``.
        local_list_enabled: 1.6 ``LocalAuthListEnabled``, 2.x ``LocalAuthListCtrlr.Enabled``.
        authorization_enabled: 2.x ``AuthCtrlr.Enabled``; False accepts everybody.
        disable_remote_authorization: 2.x ``AuthCtrlr.DisableRemoteAuthorization``: never ask the CSMS.
        list_disable_post_authorize: 2.x ``LocalAuthListCtrlr.DisablePostAuthorize``: a bad list entry is final.
        cache_disable_post_authorize: 2.x ``AuthCacheCtrlr.DisablePostAuthorize``: a bad cache entry is final.

    What only 2.x can set stands for what 1.6 does unless it is given.
    """

    version: OcppVersion
    local_pre_authorize: bool
    local_authorize_offline: bool
    allow_offline_tx_for_unknown_id: bool
    cache_enabled: bool
    local_list_enabled: bool
    authorization_enabled: bool = True
    disable_remote_authorization: bool = False
    list_disable_post_authorize: bool = True
    cache_disable_post_authorize: bool = False


def refusal(version: OcppVersion) -> ValidationResult:
    """The verdict on a token of which nothing is known and that nobody judges: the CSMS cannot be asked, or was asked
    and gave none (a CALLERROR, a broken answer, none in time). Invalid in 1.6, Unknown in 2.x."""
    return ValidationResult(AuthorizationStatus.INVALID if version is OcppVersion.V16 else AuthorizationStatus.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Decided:
    """The station has decided by itself.

    Attributes:
        route: what decided.
        result: the verdict, accepted or not.
    """

    route: AuthorizationRoute
    result: ValidationResult


@dataclass(frozen=True, slots=True)
class AskCsms:
    """The CSMS must be asked."""


def decide(
    token: IdToken,
    *,
    online: bool,
    policy: AuthorizationPolicy,
    local_list: LocalAuthorizationList,
    cache: AuthorizationCache,
    now: datetime,
) -> Decided | AskCsms:
    """Decide on a presented token.

    Args:
        token: the token; whether it belongs to a running transaction is not decided here.
        online: whether the CSMS can be asked now.
        policy: the settings.
        local_list: the Local Authorization List.
        cache: the Authorization Cache; an entry that has outlived itself may be removed from it.
        now: date and time, for expiry.
    """
    trusted = (
        token.type in (IdTokenType.CENTRAL, IdTokenType.NO_AUTHORIZATION) and policy.version is not OcppVersion.V16
    )
    if trusted or not policy.authorization_enabled:
        # 2.0.1 C03.FR.01, C05.FR.01: no AuthorizeRequest for these.
        return Decided(AuthorizationRoute.STATION, ValidationResult(AuthorizationStatus.ACCEPTED))

    may_ask = online and not policy.disable_remote_authorization
    if policy.local_pre_authorize if online else policy.local_authorize_offline:
        local = _by_list(token, may_ask, policy, local_list, now) or _by_cache(token, may_ask, policy, cache, now)
        if local is not None:
            return local
    elif not online:
        # OCPP 1.6 section 3.5.4: a listed card with a bad status is no unknown card.
        listed = _listed(token, policy, local_list, now)
        if listed is not None and not listed.accepted:
            return Decided(AuthorizationRoute.LOCAL_LIST, listed)
    if may_ask:
        return AskCsms()
    # The CSMS is there, and DisableRemoteAuthorization forbids to ask it.
    if online:
        return Decided(AuthorizationRoute.STATION, refusal(policy.version))
    if policy.allow_offline_tx_for_unknown_id:
        return Decided(AuthorizationRoute.OFFLINE, ValidationResult(AuthorizationStatus.ACCEPTED))
    return Decided(AuthorizationRoute.OFFLINE, refusal(policy.version))


def learn(
    token: IdToken,
    result: ValidationResult,
    *,
    policy: AuthorizationPolicy,
    local_list: LocalAuthorizationList,
    cache: AuthorizationCache,
    now: datetime,
) -> None:
    """Remember a verdict of the CSMS, from whichever answer brought it.

    A card on the local list never enters the cache (OCPP 1.6 section 3.5.3), nor does any card while the cache is off.
    """
    if policy.cache_enabled and _listed(token, policy, local_list, now) is None:
        cache.update(token, result, now)


def _listed(
    token: IdToken, policy: AuthorizationPolicy, local_list: LocalAuthorizationList, now: datetime
) -> ValidationResult | None:
    result = local_list.lookup(token) if policy.local_list_enabled else None
    return result.at(now) if result is not None else None


def _by_list(
    token: IdToken, may_ask: bool, policy: AuthorizationPolicy, local_list: LocalAuthorizationList, now: datetime
) -> Decided | AskCsms | None:
    listed = _listed(token, policy, local_list, now)
    if listed is None:
        return None
    if listed.accepted or not may_ask or policy.list_disable_post_authorize:
        # 1.6: any entry decides, even a bad one. 2.0.1 errata C13.FR.04: offline a bad one decides too.
        return Decided(AuthorizationRoute.LOCAL_LIST, listed)
    return AskCsms()  # 2.0.1 C14.FR.03


def _by_cache(
    token: IdToken, may_ask: bool, policy: AuthorizationPolicy, cache: AuthorizationCache, now: datetime
) -> Decided | AskCsms | None:
    cached = cache.lookup(token, now) if policy.cache_enabled else None
    if cached is None:
        return None
    if policy.version is not OcppVersion.V16 and cached.authorization_status is AuthorizationStatus.EXPIRED and may_ask:
        cache.remove(token)  # 2.0.1 C10.FR.08: an expired entry goes, and the CSMS is asked anew.
        return AskCsms()
    if cached.accepted or not may_ask or policy.cache_disable_post_authorize:
        return Decided(AuthorizationRoute.CACHE, cached)
    return AskCsms()  # 1.6 section 3.5.1, 2.0.1 C12.FR.05: an invalid entry is checked with the CSMS.
