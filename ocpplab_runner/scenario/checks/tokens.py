"""Checks of id tokens and of the authorization statuses that versions can carry."""

from __future__ import annotations

import functools
import re
from typing import Any

from ocpplab_runner.scenario.checks.scope import Scope, Versions, spelled
from ocpplab_runner.scenario.suggest import did_you_mean
from ocpplab_runner.vocabulary.authorization import DEFAULT_TOKEN_TYPE, ID_TOKEN_TYPES, TOKEN_LENGTHS
from ocpplab_runner.vocabulary.statuses import WIRE_AUTHORIZATION_STATUSES, AuthorizationStatus
from ocpplab_runner.vocabulary.versions import OcppVersion

#: OCPP 2.0.1 part 2, IdTokenEnumType: the UID of the card, 4 or 7 bytes.
_UID = re.compile(r"[0-9A-Fa-f]{8}(?:[0-9A-Fa-f]{6})?")
_NUMBER_HINT = "give it such a number, or another type; `raw: true` on a step lets it through"
_STATUSES = frozenset(status.value for status in AuthorizationStatus)


def check_token(scope: Scope, container: Any, key: str | int, *, lenient: bool = False) -> None:
    """Check the length of the id token that stands under a key.

    Args:
        scope: of the step.
        container: the mapping or list.
        key: of the token in it.
        lenient: whether one version that can carry it is enough.
    """
    for value, versions in scope.alternatives(container[key]):
        # No version allows less (1.6, 7.28).
        if isinstance(value, str) and len(value) > 20:
            wrong = _wrong(scope, versions, functools.partial(_is_too_long, len(value)), lenient)
            if wrong:
                scope.at_value(container, key, "token-too-long", _length_message(value, wrong), _length_hint(lenient))
                return


def check_number(scope: Scope, container: Any, key: str | int, token_type: Any, *, lenient: bool = False) -> None:
    """Check that a token that is said to be an ISO14443 card has the number of one.

    Args:
        scope: of the step.
        container: the mapping.
        key: of the token in it.
        token_type: the type that stands beside it, or None.
        lenient: whether one version that can carry it is enough.
    """
    if token_type != DEFAULT_TOKEN_TYPE:
        return
    for value, versions in scope.alternatives(container[key]):
        if isinstance(value, str) and not _UID.fullmatch(value):
            wrong = _wrong(scope, versions, has_types, lenient)
            if wrong:
                scope.at_value(container, key, "token-not-of-its-type", _number_message(value, wrong), _NUMBER_HINT)
                return


def check_type(scope: Scope, fields: Any, key: str) -> None:
    """Check that the versions have the type of a token; OCPP 2.1 has any (IdTokenEnumStringType)."""
    for value, versions in scope.alternatives(fields[key]):
        if isinstance(value, str) and value not in ID_TOKEN_TYPES:
            wrong = scope.wrong_in(lambda version: version is not OcppVersion.V21, versions)
            if wrong:
                message = f"{spelled(wrong[:1])} has no token type {value!r}"
                known = ", ".join(ID_TOKEN_TYPES)
                hint = did_you_mean(value, ID_TOKEN_TYPES) or f"it has {known}; or limit this to OCPP 2.1"
                scope.at_value(fields, key, "unknown-token-type", message, hint)
                return


def check_card_name(scope: Scope, cards: dict[str, Any], name: str, *, lenient: bool) -> None:
    """Check the length of an id token that is a key."""
    if len(name) > 20:
        wrong = _wrong(scope, scope.versions, functools.partial(_is_too_long, len(name)), lenient)
        if wrong:
            scope.at_key(cards, name, "token-too-long", _length_message(name, wrong), _length_hint(lenient))


def check_status(scope: Scope, container: Any, key: str | int, *, lenient: bool = False) -> None:
    """Check that an authorization status can be carried by the versions."""
    for value, versions in scope.alternatives(container[key]):
        if not isinstance(value, str) or value in WIRE_AUTHORIZATION_STATUSES[OcppVersion.V16]:
            continue
        if value in _STATUSES:
            wrong = _wrong(scope, versions, functools.partial(_cannot_carry, value), lenient)
            if wrong:
                known = ", ".join(sorted(WIRE_AUTHORIZATION_STATUSES[wrong[0]]))
                scope.at_value(
                    container,
                    key,
                    "status-not-in-version",
                    f"{spelled(wrong)} cannot carry the authorization status {value}",
                    f"it has {known}; or limit this with `only`",
                )
                return


def check_cards(scope: Scope, cards: Any, *, lenient: bool = False, listed: bool = False) -> None:
    """Check a mapping of cards: ``CARD: Accepted`` or ``CARD: {status: …}``.

    Args:
        scope: of the step.
        cards: the mapping.
        lenient: whether one version that can carry them is enough.
        listed: whether they are those of a local list or a cache, which know of no certificates.
    """
    if not isinstance(cards, dict):
        return
    for name, card in cards.items():
        check_card_name(scope, cards, name, lenient=lenient)
        if isinstance(card, dict):
            if card.get("type") == DEFAULT_TOKEN_TYPE and not _UID.fullmatch(name):
                wrong = _wrong(scope, scope.versions, has_types, lenient)
                if wrong:
                    scope.at_key(cards, name, "token-not-of-its-type", _number_message(name, wrong), _NUMBER_HINT)
            if "status" in card:
                check_status(scope, card, "status", lenient=lenient)
            if "parent_id_token" in card:
                check_token(scope, card, "parent_id_token", lenient=lenient)
            if "expires_in" in card and "expired_for" in card:
                message = "'expires_in' and 'expired_for' cannot both hold"
                scope.at_key(card, "expired_for", "conflicting-keys", message)
            if listed and "certificate_status" in card:
                message = "a card of a local list or a cache has no 'certificate_status'"
                hint = "the CSMS says it: `given.csms.id_tokens`"
                scope.at_key(card, "certificate_status", "unknown-key", message, hint)
        elif card is not None:
            check_status(scope, cards, name, lenient=lenient)


def _number_message(value: str, wrong: Versions) -> str:
    return f"{value} is no number of an ISO14443 card in {spelled(wrong[:1])}: 8 or 14 hexadecimal digits"


def has_types(version: OcppVersion) -> bool:
    """Whether a version tells tokens apart by type."""
    return version is not OcppVersion.V16


def _is_too_long(length: int, version: OcppVersion) -> bool:
    return length > TOKEN_LENGTHS[version]


def _cannot_carry(status: str, version: OcppVersion) -> bool:
    return status not in WIRE_AUTHORIZATION_STATUSES[version]


def _wrong(scope: Scope, versions: Versions, is_wrong: Any, lenient: bool) -> Versions:
    wrong = scope.wrong_in(is_wrong, versions)
    return () if lenient and len(wrong) < len(versions) else wrong


def _length_message(token: str, wrong: Versions) -> str:
    return f"the id token has {len(token)} characters; {spelled(wrong[:1])} allows {TOKEN_LENGTHS[wrong[0]]}"


def _length_hint(lenient: bool) -> str:
    return "" if lenient else "`raw: true` lets it through"
