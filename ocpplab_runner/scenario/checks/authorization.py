"""Checks of ``given.charger.authorization`` and of verdicts beyond the schema."""

from __future__ import annotations

from typing import Any

from ocpplab_runner.scenario.checks.scope import Scope
from ocpplab_runner.scenario.checks.tokens import check_card_name, check_token


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
        if isinstance(validator, dict):
            _validator(scope, validator)


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
