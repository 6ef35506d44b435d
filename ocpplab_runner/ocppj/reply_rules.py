"""Programmed answers: how an end answers the other's next calls when a scenario says so. Pure, no I/O, no clock.

A :class:`ReplyRule` is what ``csms_reply`` and ``charger_reply`` say; a :class:`RuleBook` holds an end's rules in the
order in which they were given. A call handler asks ``book.take(action, payload)``; without a rule it answers as usual.
With one it waits ``rule.delay`` seconds, makes its usual answer only if ``rule.processes``, and sends what
``rule.apply(usual)`` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ocpplab_runner.vocabulary.durations import seconds_of
from ocpplab_runner.vocabulary.numbers import is_integer

_ANSWERS = ("payload", "patch", "error", "silence", "garbage")
_FIELDS = frozenset({"to", "description", "delay", "times", "matching", *_ANSWERS})
#: An IdToken is a CiString in 1.6, and case-insensitive in 2.x.
_TOKEN_KEYS = frozenset({"idTag", "parentIdTag", "idToken"})


@dataclass(frozen=True, slots=True)
class Payload:
    """Answer with a CALLRESULT that carries this payload."""

    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Error:
    """Answer with a CALLERROR."""

    code: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Silence:
    """Do not answer."""


@dataclass(frozen=True, slots=True)
class Garbage:
    """Send this text in place of an answer."""

    text: str


ReplyAction = Payload | Error | Silence | Garbage


@dataclass(frozen=True, slots=True)
class ReplyRule:
    """How the next calls of one action are answered.

    Attributes:
        to: the OCPP action.
        answer: the whole answer; None when the usual one is given, patched or late.
        patch: merged into the usual answer (see :func:`merge`).
        delay: seconds to wait before answering.
        times: how many calls it is for; None for all.
        matching: what the call's payload must hold (see :func:`is_subset`).
    """

    to: str
    answer: ReplyAction | None = None
    patch: Mapping[str, Any] = field(default_factory=dict)
    delay: float = 0.0
    times: int | None = 1
    matching: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> ReplyRule:
        """The rule that the fields of ``csms_reply`` or ``charger_reply`` describe.

        Args:
            fields: ``to`` and exactly one of ``payload``, ``patch``, ``error`` (with ``description``), ``silence``,
                ``garbage``, or else a ``delay`` alone; besides ``delay`` (seconds as a number, or text such as
                ``1m30s``), ``times`` (1 unless said, or ``always``) and ``matching``.

        Raises:
            ValueError: the fields do not make a rule; the text says why.
        """
        unknown = sorted(set(fields) - _FIELDS)
        if unknown:
            raise ValueError(f"a reply has no field {', '.join(unknown)}")
        to = fields.get("to")
        if not isinstance(to, str) or not to:
            raise ValueError("a reply needs `to`: the OCPP action that it answers")
        said = [name for name in _ANSWERS if name in fields]
        if len(said) > 1:
            raise ValueError(f"a reply has one answer, not both `{said[0]}` and `{said[1]}`")
        if not said and "delay" not in fields:
            raise ValueError("a reply needs one of `payload`, `patch`, `error`, `silence`, `garbage` or `delay`")
        if "description" in fields and said != ["error"]:
            raise ValueError("`description` belongs to an `error`")
        return cls(
            to=to,
            answer=_answer(said[0] if said else "", fields),
            patch=_mapping(fields, "patch"),
            delay=seconds_of(fields.get("delay", 0)),
            times=_times(fields.get("times", 1)),
            matching=_matching(fields),
        )

    @property
    def processes(self) -> bool:
        """Whether the call is processed as usual; an error, silence and garbage are answers of an end that did not."""
        return self.answer is None or isinstance(self.answer, Payload)

    def matches(self, action: str, payload: Any) -> bool:
        """Whether it is for such a call."""
        return action == self.to and (not self.matching or is_subset(self.matching, payload))

    def apply(self, usual: Mapping[str, Any] | None = None) -> ReplyAction:
        """What is sent.

        Args:
            usual: the payload that would have been answered; needed only when :attr:`processes`.
        """
        if self.answer is not None:
            return self.answer
        return Payload(merge(usual or {}, self.patch))


class RuleBook:
    """An end's rules, first come first served."""

    def __init__(self, rules: Iterable[ReplyRule] = ()) -> None:
        self._rules: list[tuple[ReplyRule, int | None]] = []
        for rule in rules:
            self.add(rule)

    def __len__(self) -> int:
        """How many rules still have calls left."""
        return len(self._rules)

    def add(self, rule: ReplyRule) -> None:
        """Put a rule after those that are there."""
        self._rules.append((rule, rule.times))

    def take(self, action: str, payload: Any) -> ReplyRule | None:
        """The first rule for such a call, which is then used up by one; None when there is none.

        A rule with ``times: always`` stays, and rules for the same calls that were added after it wait for ever.
        """
        for index, (rule, left) in enumerate(self._rules):
            if rule.matches(action, payload):
                if left == 1:
                    del self._rules[index]
                elif left is not None:
                    self._rules[index] = (rule, left - 1)
                return rule
        return None

    def clear(self) -> None:
        """Forget every rule."""
        self._rules.clear()


def merge(base: Any, patch: Any) -> Any:
    """A JSON merge patch (RFC 7396): objects are merged key by key, ``null`` removes a key, all else is replaced."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(base) if isinstance(base, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(merged.get(key), value)
    return merged


def is_subset(wanted: Any, actual: Any) -> bool:
    """Whether ``actual`` holds all that ``wanted`` says.

    Objects may hold more keys than wanted; lists are compared item by item and whole; numbers by value; id tokens
    (``idTag``, ``parentIdTag``, ``idToken``) without letter case.
    """
    if isinstance(wanted, Mapping):
        return isinstance(actual, Mapping) and all(
            key in actual and (_same_token(key, value, actual[key]) or is_subset(value, actual[key]))
            for key, value in wanted.items()
        )
    if isinstance(wanted, list | tuple):
        return (
            isinstance(actual, list | tuple)
            and len(wanted) == len(actual)
            and all(is_subset(one, other) for one, other in zip(wanted, actual, strict=True))
        )
    # To Python True is 1; in JSON they are two values.
    if isinstance(wanted, bool) or isinstance(actual, bool):
        return wanted is actual
    return bool(wanted == actual)


def _same_token(key: str, wanted: Any, actual: Any) -> bool:
    return (
        key in _TOKEN_KEYS
        and isinstance(wanted, str)
        and isinstance(actual, str)
        and wanted.casefold() == actual.casefold()
    )


def _answer(kind: str, fields: Mapping[str, Any]) -> ReplyAction | None:
    match kind:
        case "payload":
            return Payload(dict(_mapping(fields, "payload")))
        case "error":
            code = fields["error"]
            if not isinstance(code, str) or not code:
                raise ValueError("`error` is a CALLERROR code, such as GenericError")
            return Error(code, _text(fields, "description"))
        case "silence":
            if fields["silence"] is not True:
                raise ValueError("`silence` is `true` or left out")
            return Silence()
        case "garbage":
            return Garbage(_text(fields, "garbage"))
        case _:
            return None


def _mapping(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = fields.get(name, {})
    if not isinstance(value, Mapping):
        raise ValueError(f"`{name}` is an object")
    return value


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise ValueError(f"`{name}` is text")
    return value


def _times(value: Any) -> int | None:
    if value == "always":
        return None
    if not is_integer(value) or value < 1:
        raise ValueError("`times` is a number from 1, or `always`")
    return value


def _matching(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    matching = _mapping(fields, "matching")
    matcher = _find_matcher(matching)
    if matcher is not None:
        raise ValueError(f"`matching` compares plain values; it has no {matcher}")
    return matching


def _find_matcher(value: Any) -> str | None:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if isinstance(key, str) and key.startswith("$"):
                return key
            if (found := _find_matcher(inner)) is not None:
                return found
    elif isinstance(value, list | tuple):
        return next((found for item in value if (found := _find_matcher(item)) is not None), None)
    return None
