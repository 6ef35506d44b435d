"""Warns of contiguous lists that an event between their items is bound to break, and of an order of nothing."""

from __future__ import annotations

from typing import Any

from ocpplab_runner.scenario.checks.scope import Scope

_CODE = "gap-in-list"
_HINT = "`in_order: true` lets other events stand between"
#: Facets that only a frame shows, and so only an open connection.
_OVER_THE_WIRE = frozenset({"boot", "heartbeat", "message", "connector_status", "transaction", "meter"})


def warn_of_no_sequence(scope: Scope, step: dict[str, Any]) -> None:
    """Warn of an order that is given to an `expect` without a list."""
    for word in ("in_order", "in_any_order"):
        if step.get(word) is True and "expect" in step and not _is_sequence(step["expect"]):
            message = f"'{word}' does nothing here: this 'expect' has no sequence"
            hint = "a list is one: `connector_status: [Preparing, Charging]`"
            scope.report(scope.document.key_span(step, word), "no-sequence", message, hint, severity="warning")


def _is_sequence(expected: Any) -> bool:
    """Whether there is more than one event whose order could matter, or nobody can say."""
    if isinstance(expected, list):
        return len(expected) > 1 or any(_is_sequence(entry) for entry in expected)
    if not isinstance(expected, dict):
        return False
    return any((isinstance(v, list) and len(v) > 1) or (isinstance(v, str) and "${{" in v) for v in expected.values())


def warn_of_gaps(scope: Scope, step: dict[str, Any]) -> None:
    """Warn of a list in which something happens over a connection that has closed before.

    The connection opens again in between, and a list that names the connection is broken by that.
    """
    if step.get("in_order") is True or step.get("in_any_order") is True:
        return
    expected = step.get("expect")
    entries = expected if isinstance(expected, list) else [expected]
    for entry in entries:
        if isinstance(entry, dict) and isinstance(entry.get("connection"), list):
            _twice(scope, entry["connection"])
    if isinstance(expected, list):
        _over_a_closed_one(scope, expected)


def _twice(scope: Scope, words: list[Any]) -> None:
    """``[closed, closed]``: between them it is the other."""
    for place in range(1, len(words)):
        word = _word(words[place])
        if word is not None and word == _word(words[place - 1]):
            message = f"between '{word}' and '{word}' the connection is the other, and a list has no gaps"
            scope.report(scope.document.value_span(words, place), _CODE, message, _HINT, severity="warning")


def _over_a_closed_one(scope: Scope, entries: list[Any]) -> None:
    closed = False
    for entry in entries:
        if not isinstance(entry, dict) or len(entry) != 1:
            continue
        (name,) = entry
        if closed and name in _OVER_THE_WIRE:
            message = f"the connection opens before this {name}, and a list has no gaps"
            _warn(scope, entry, name, message)
            return
        if name == "connection":
            word = _word(entry[name])
            if closed and word == "closed":
                message = "the connection opens before it closes again, and a list has no gaps"
                _warn(scope, entry, name, message)
                return
            closed = word == "closed"


def _warn(scope: Scope, entry: dict[str, Any], name: str, message: str) -> None:
    scope.report(scope.document.key_span(entry, name), _CODE, message, _HINT, severity="warning")


def _word(value: Any) -> str | None:
    """``closed`` or ``opened``; None where that is not written."""
    word = value.get("is") if isinstance(value, dict) else value
    return word if word in ("closed", "opened") else None
