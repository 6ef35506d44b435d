"""Checks of the reasons why transactions end."""

from __future__ import annotations

import functools
from typing import Any

from ocpplab_runner.scenario.checks.scope import Scope, spelled
from ocpplab_runner.scenario.suggest import did_you_mean
from ocpplab_runner.vocabulary.statuses import WIRE_STOP_REASONS
from ocpplab_runner.vocabulary.texts import shortened
from ocpplab_runner.vocabulary.versions import OcppVersion

_KNOWN = frozenset().union(*WIRE_STOP_REASONS.values())
#: What 2.x calls otherwise than the neutral vocabulary.
_NEUTRAL = {"ImmediateReset": "HardReset"}
#: What a version says where it has no word for a reason.
_INSTEAD = {"SoftReset": "HardReset"}


def check_expected_reason(scope: Scope, fields: dict[str, Any]) -> None:
    """Check that the ``reason`` of an expected transaction can be seen in every version of the step."""
    reason = fields.get("reason")
    if not isinstance(reason, dict):
        _expected(scope, fields, "reason")
        return
    for matcher in ("$any_of", "$not"):
        wanted = reason.get(matcher)
        if isinstance(wanted, list):
            for index in range(len(wanted)):
                check_reason(scope, wanted, index)
        elif matcher in reason:
            check_reason(scope, reason, matcher)


def check_reason(scope: Scope, container: Any, key: str | int) -> bool:
    """Check that some version has the reason that stands under a key; returns whether it has."""
    for value, _ in scope.alternatives(container[key]):
        if isinstance(value, str) and value not in _KNOWN:
            neutral = _NEUTRAL.get(value)
            hint = f"it is '{neutral}' in every version" if neutral else did_you_mean(value, _KNOWN)
            hint = hint or f"there are {', '.join(sorted(_KNOWN))}"
            scope.at_value(container, key, "value-not-allowed", f"'{shortened(value)}' is no reason of a stop", hint)
            return False
    return True


def _expected(scope: Scope, fields: dict[str, Any], key: str) -> None:
    if not check_reason(scope, fields, key):
        return
    for value, versions in scope.alternatives(fields[key]):
        if not isinstance(value, str):
            continue
        wrong = scope.wrong_in(functools.partial(_cannot_say, value), versions)
        if wrong:
            message = f"{spelled(wrong)} cannot say that a transaction ended for {value}"
            hint = f"there it is {_INSTEAD.get(value, 'Other')}; or limit this with `only`"
            scope.at_value(fields, key, "status-not-in-version", message, hint)
            return


def _cannot_say(reason: str, version: OcppVersion) -> bool:
    return reason not in WIRE_STOP_REASONS[version]
