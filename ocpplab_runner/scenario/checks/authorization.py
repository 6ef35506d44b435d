"""Checks of ``given.charger.authorization`` and of verdicts beyond the schema."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ocpplab_runner.scenario.checks.scope import Scope, is_computed
from ocpplab_runner.scenario.checks.tokens import check_card_name, check_token
from ocpplab_runner.scenario.suggest import did_you_mean
from ocpplab_runner.vocabulary.authorization import CSMS_VALIDATOR, SELECTION_ALGORITHMS
from ocpplab_runner.vocabulary.quirks import QUIRKS
from ocpplab_runner.vocabulary.texts import shortened

_QUIRKS = tuple(quirk.value for quirk in QUIRKS)


def check_authorization(scope: Scope, authorization: Any, settings: Any) -> None:
    """Check how a charger handles tokens.

    Args:
        scope: of the file.
        authorization: the mapping.
        settings: the charger's settings, one of which it may name, too.
    """
    if not isinstance(authorization, dict):
        return
    if "master_pass_group" in authorization and isinstance(settings, dict) and "master_pass_group" in settings:
        message = "'master_pass_group' stands in `settings`, too"
        scope.at_key(authorization, "master_pass_group", "conflicting-keys", message, "say it once")
    _computed(scope, authorization, "selection_algorithm", SELECTION_ALGORITHMS)
    _computed(scope, authorization, "quirks", _QUIRKS, many=True)
    _computed(scope, authorization, "validators", (CSMS_VALIDATOR,), many=True)
    validators = authorization.get("validators")
    names: set[str] = set()
    for index, validator in enumerate(validators if isinstance(validators, list) else ()):
        name = validator.get("name") if isinstance(validator, dict) else validator
        if isinstance(name, str):
            if name in names:
                message = f"two validators have the name '{name}'"
                container, key = (validator, "name") if isinstance(validator, dict) else (validators, index)
                scope.at_value(container, key, "duplicate-id", message, "each is told by its name, and asked once")
            names.add(name)
        if is_computed(validator):
            _computed(scope, validators, index, (CSMS_VALIDATOR,))
        if isinstance(validator, dict):
            _validator(scope, validator)


def _computed(scope: Scope, container: Any, key: str | int, allowed: Sequence[str], *, many: bool = False) -> None:
    """Check the values that an expression can give; the schema has looked at what is written out."""
    written = container[key] if isinstance(key, int) else container.get(key)
    if many and isinstance(written, list):
        for index in range(len(written)):
            _computed(scope, written, index, allowed)
        return
    if not is_computed(written):
        return
    for value, _ in scope.alternatives(written):
        if many and not isinstance(value, list):
            message = f"{written} gives {value!r}, and this is a list"
            scope.at_value(container, key, "wrong-type", message, f"of {', '.join(allowed)}")
            return
        for one in value if many else (value,):
            if isinstance(one, str) and not is_computed(one) and one not in allowed:
                hint = did_you_mean(one, allowed) or f"there are {', '.join(allowed)}"
                scope.at_value(container, key, "value-not-allowed", f"{written} gives '{shortened(one)}'", hint)
                return


def _validator(scope: Scope, validator: dict[str, Any]) -> None:
    verdicts = validator.get("verdicts")
    if isinstance(verdicts, dict):
        for card, verdict in verdicts.items():
            check_card_name(scope, verdicts, card, lenient=True)
            check_verdict(scope, verdict)
    check_verdict(scope, validator.get("otherwise"))


def check_verdict(scope: Scope, verdict: Any) -> None:
    """Check what a validator says: a ``verdict``, or a ``validation_result``."""
    if not isinstance(verdict, dict):
        return
    parent = verdict.get("parent_id_token")
    if isinstance(parent, dict):
        if "value" in parent:
            check_token(scope, parent, "value", lenient=True)
    elif parent is not None:
        check_token(scope, verdict, "parent_id_token", lenient=True)
    if "expiry_time" in verdict and "expires_in" in verdict:
        scope.at_key(verdict, "expires_in", "conflicting-keys", "'expiry_time' and 'expires_in' cannot both hold")
