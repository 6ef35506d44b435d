"""The walk over plain data that leaves no secret in it: by value, by the name of the key that holds it, and by shape.

- **Values**: what it was told. They are replaced wherever they occur as a part of a text, in keys of foreign data as
  well, and as whole numbers. A secret of fewer than four characters is replaced only where it stands alone: in the
  middle of words it would tell itself.
- **Key names**: the value under ``password``, ``AuthorizationKey``, ``BasicAuthPassword`` and their like; also where
  OCPP writes name and value side by side (ChangeConfiguration, GetConfiguration, SetVariables), in facts, and in JSON
  within a text. What was found so is hidden elsewhere too.
- **Shape**: ``Basic …`` and ``Bearer …`` credentials, ``user:password@`` in a URL, ``password=…``, PEM blocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Any, Final, TypeVar

import orjson

from ocpplab_runner.redaction import telltale
from ocpplab_runner.redaction.names import (
    NAMING,
    is_credential_header,
    is_sensitive,
    sensitive_values,
    told_beside,
)
from ocpplab_runner.redaction.values import SecretValues

R = TypeVar("R")

#: What stands in place of a secret.
HIDDEN: Final = "[redacted]"
#: A value that was found under a sensitive key is also hidden elsewhere, unless it is so short that it is no secret.
_SHORTEST_LEARNED = 6
#: A peer that makes up a password for every message is not remembered for ever.
_MOST_LEARNED = 200
#: What is known about a key's name.
_PLAIN, _HOLDS_SECRET, _HOLDS_CREDENTIALS, _IS_SECRET = 0, 1, 2, 3
_MOST_NAMES = 4096
#: Data with a sensitive name that is no token's have one of these in their JSON, in lower case.
_MARKS: Final = (b"secret", b'key"', b"key=", b"key:", b"key\\", b"authorization", b"simpin", b"-----begin ")
#: Within these parts of our own data, what others have made up, keys and all.
_FOREIGN: Final = frozenset({"payload", "fields", "expected", "actual"})
_NOTHING: Final[frozenset[str]] = frozenset()


class Redactor:
    """Takes the secrets of one case out of everything that leaves it.

    Args:
        values: secrets by value. None, booleans and empty texts are no secrets.
    """

    def __init__(self, values: Iterable[Any] = ()) -> None:
        self._values = SecretValues()
        self._names: dict[str, int] = {}
        self._learned = 0
        for value in values:
            self.add(value)

    def add(self, value: Any) -> None:
        """Hide this value from now on: a text, a number, or everything in a list or mapping."""
        if isinstance(value, Mapping):
            for one in value.values():
                self.add(one)
        elif isinstance(value, list | tuple):
            for one in value:
                self.add(one)
        elif value is not None and not isinstance(value, bool) and self._values.add(str(value)):
            self._names.clear()

    def add_sensitive(self, data: Any) -> None:
        """Hide from now on what ``data`` holds under sensitive keys, at any depth."""
        for value in sensitive_values(data):
            self.add(value)

    def redact(self, data: R) -> R:
        """Plain JSON data without secrets; the very same object when there are none in it."""
        if not self.suspects(data):
            return data
        self._learn(data)
        cleaned: R = self._clean(data, False)
        return cleaned

    def redact_ours(self, data: R, places: Set[str] = _NOTHING) -> R:
        """The same for data whose keys are ours, and stay as they are.

        Args:
            data: plain JSON data; of a mapping, or a list of them, ``places`` are left alone.
            places: keys at its own top whose values are ours too: where something stands, and what it is.
        """
        if not self.suspects(data):
            return data
        self._learn(data)
        cleaned: R = self._clean_part(data, places)
        return cleaned

    def redact_text(self, text: str) -> str:
        """The text without secrets."""
        return telltale.replaced(self._values.replaced(text, _hidden), _hidden)

    def suspects(self, data: Any) -> bool:
        """Whether a secret could be in it: nearly all data are cleared by their text alone, without a walk."""
        try:
            return self.suspects_json(orjson.dumps(data))
        except TypeError:
            # What orjson cannot write, an integer beyond 64 bits say, only the walk can look at.
            return True

    def suspects_json(self, text: bytes) -> bool:
        """The same for data that are JSON already, one or more of them."""
        text = text.lower()
        for mark in _MARKS:
            if mark in text:
                return True
        # An id token and its status are no secret, any other token is; nor is a verdict a password.
        if text.count(b"token") != text.count(b"idtoken") + text.count(b'"token_status"'):
            return True
        if text.count(b"pass") != text.count(b'"passed"'):
            return True
        if b"@" in text or (b"?" in text and b"=" in text):
            return True
        if b" " in text and (b"basic " in text or b"bearer " in text):
            return True
        return any(mark in text for mark in self._values.marks)

    def _learn(self, data: Any) -> None:
        """What it holds under sensitive keys is hidden elsewhere too: also in what of it comes before."""
        for value in sensitive_values(data):
            if isinstance(value, str) and len(value) >= _SHORTEST_LEARNED and value != HIDDEN:
                self._learn_value(value)

    def _learn_value(self, value: str) -> None:
        if self._learned < _MOST_LEARNED and self._values.add(value):
            self._learned += 1
            self._names.clear()

    def _clean_part(self, part: Any, places: Set[str]) -> Any:
        if isinstance(part, Mapping):
            return self._clean_mapping(part, True, places)
        if isinstance(part, list | tuple):
            cleaned = [self._clean_part(item, places) for item in part]
            return part if all(a is b for a, b in zip(cleaned, part, strict=True)) else cleaned
        return self._clean(part, True)

    def _clean(self, value: Any, ours: bool) -> Any:
        kind = type(value)
        if kind is str:
            # Nearly every text is short and innocent.
            if not self._values and not telltale.MARKS.search(value):
                return value
            return self.redact_text(value)
        if kind is dict:
            return self._clean_mapping(value, ours, _NOTHING)
        if kind is list:
            return self._clean_list(value, ours)
        if kind is int or kind is float:
            return HIDDEN if self._values and str(value) in self._values else value
        if kind is bool or value is None:
            return value
        if isinstance(value, str):
            return self.redact_text(value)
        if isinstance(value, Mapping):
            return self._clean_mapping(value, ours, _NOTHING)
        if isinstance(value, tuple):
            return self._clean_list(list(value), ours)
        return value

    def _clean_list(self, items: list[Any], ours: bool) -> list[Any]:
        copy: list[Any] | None = None
        for index, item in enumerate(items):
            cleaned = self._clean(item, ours)
            if cleaned is not item:
                if copy is None:
                    copy = list(items)
                copy[index] = cleaned
        return items if copy is None else copy

    def _clean_mapping(self, mapping: Mapping[str, Any], ours: bool, kept: Set[str]) -> Mapping[str, Any]:
        changed: dict[str, Any] | None = None
        names = self._names
        renames = False
        for key, value in mapping.items():
            if key in kept:
                continue
            verdict = names.get(key)
            if verdict is None:
                verdict = self._judge_name(key)
            if verdict == _PLAIN:
                kind = type(value)
                if kind is bool or value is None or (kind is int and not self._values):
                    continue
            if verdict == _HOLDS_SECRET or (verdict == _HOLDS_CREDENTIALS and not isinstance(value, Mapping)):
                cleaned = _stand_in(value)
            else:
                renames = renames or (verdict == _IS_SECRET and not ours)
                cleaned = self._clean(value, ours and key not in _FOREIGN)
            if cleaned is not value:
                if changed is None:
                    changed = {}
                changed[key] = cleaned
        if any(naming in mapping for naming in NAMING):
            changed = _hide_named(mapping, changed)
        if changed is None and not renames:
            return mapping
        changed = changed or {}
        shown = self.redact_text if renames else str
        return {shown(key): changed.get(key, value) for key, value in mapping.items()}

    def _judge_name(self, key: Any) -> int:
        if not isinstance(key, str):
            return _PLAIN
        if is_sensitive(key):
            verdict = _HOLDS_SECRET
        elif is_credential_header(key):
            verdict = _HOLDS_CREDENTIALS
        elif self._values.found_in(key):
            verdict = _IS_SECRET
        else:
            verdict = _PLAIN
        if len(self._names) < _MOST_NAMES:
            self._names[key] = verdict
        return verdict


def _hidden(_: str) -> str:
    return HIDDEN


def _hide_named(mapping: Mapping[str, Any], changed: dict[str, Any] | None) -> dict[str, Any] | None:
    """Hide the value whose name stands beside it."""
    for name in told_beside(mapping):
        changed = changed or {}
        changed[name] = _stand_in(mapping[name])
    return changed


def _stand_in(value: Any) -> Any:
    """For what a sensitive key holds: what says nothing is left."""
    return value if value is None or isinstance(value, bool) or value in ("", HIDDEN) else HIDDEN
