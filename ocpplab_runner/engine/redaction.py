"""Secrets never reach a report: by value, by the name of the key that holds them, and by shape.

- **Values**: declared ``secrets``, passwords of ``given``, and what was saved into a secret variable. They are replaced
  wherever they occur as a part of a text, in keys of foreign data as well, and as whole numbers. A secret of fewer than
  four characters is replaced only where it stands alone: in the middle of words it would tell itself.
- **Key names**: the value under ``password``, ``AuthorizationKey``, ``BasicAuthPassword`` and their like; also where
  OCPP writes name and value side by side (ChangeConfiguration, GetConfiguration, SetVariables) and in facts.
- **Shape**: ``Basic …`` and ``Bearer …`` credentials, ``user:password@`` in a URL, ``password=…``, PEM blocks.

What makes a record a record, its types, numbers and places, is known by its position in the record and never touched;
a key of the same name anywhere else is walked like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any, Final, TypeVar

import orjson

from ocpplab_runner.engine.secret_shapes import hide_pem, marks, patterns

R = TypeVar("R")

#: What stands in place of a secret.
HIDDEN: Final = "[redacted]"
#: A value that was found under a sensitive key is also hidden elsewhere, unless it is so short that it is no secret.
_SHORTEST_LEARNED = 6
#: What is known about a key's name.
_PLAIN, _HOLDS_SECRET, _HOLDS_CREDENTIALS, _IS_SECRET = 0, 1, 2, 3
_MOST_NAMES = 4096
_SENSITIVE: Final = frozenset(
    {
        "password",
        "passwd",
        "passphrase",
        "secret",
        "token",
        "accesstoken",
        "refreshtoken",
        "bearertoken",
        "apitoken",
        "apikey",
        "clientsecret",
        "privatekey",
        "authorizationkey",
        "basicauthpassword",
        "networkpassword",
        "vpnpassword",
        "apnpassword",
    }
)
#: Headers of these names hold credentials; a mapping of such a name (``given.charger.authorization``) does not.
_CREDENTIAL_HEADERS: Final = frozenset({"authorization", "proxyauthorization"})
#: The parts of a record that say what was seen or written, per type of record; the rest says which record it is.
_TELLING: Final[Mapping[str, tuple[str, ...]]] = {
    "event": ("event",),
    "step": ("title", "failure"),
    "case": ("reason", "failure", "violations", "warnings"),
    "log": ("text",),
}
#: Where a failure or violation stands, and what it is; only at its own top.
_PLACES: Final = frozenset(
    {"type", "kind", "seq", "cause", "charger", "at", "code", "file", "line", "column", "included_at"}
)
#: What a frame is; only at the top of its fields.
_FRAME_PARTS: Final = frozenset({"type", "direction"})
#: Within those parts, what others have made up, keys and all.
_FOREIGN: Final = frozenset({"payload", "fields", "expected", "actual"})
_NOTHING: Final[frozenset[str]] = frozenset()
#: A record with a sensitive name that is no token's has one of these in its JSON, in lower case.
_MARKS: Final = (b"pass", b"secret", b'key"', b"key=", b"key:", b"key\\", b"authorization", b"-----begin ")
#: Where OCPP names what stands beside: 1.6 KeyValue and ChangeConfiguration, facts, 2.x SetVariableData.
_NAMING = ("key", "variable")
_NAMED_VALUES = ("value", "attributeValue")
_TELLTALE: Final = re.compile(r"[ @=:]")
_CREDENTIALS: Final = re.compile(r"(?i)\b(basic|bearer)\s+(?=[A-Za-z0-9+/._~-]{6})[A-Za-z0-9+/._~-]+=*")
_NAMES: Final = (
    "passw(?:or)?d|passphrase|(?:client[_-]?)?secret|(?:access|refresh|bearer|api)?[_-]?token|api[_-]?key"
    "|private[_-]?key|authorization[_-]?key|basic[_-]?auth[_-]?password"
)
#: A name and its value within a text: a query, a header, JSON, YAML.
_ASSIGNED: Final = re.compile(
    rf"""(?ix)((?<![a-z])(?<!id[_-])(?:{_NAMES})(?:\\*["'])?\s*[=:]\s*)
    (?!\[redacted)(?:"(?:\\.|[^"\\])+"|'[^']+'|\\+".*?\\+"|(?!\$\{{\{{)[^\s"'\\,;&{{}}()\[\]]+)"""
)
_USER_INFO: Final = re.compile(r"(?<=://)([^/@\s:]*):[^/@\s]+(?=@)")


def is_sensitive(name: str) -> bool:
    """Whether a key of that name holds a secret; letter case, ``_``, ``-`` and a component's name do not matter."""
    return _normal(name) in _SENSITIVE


def _normal(name: str) -> str:
    return name.rpartition(".")[2].lower().replace("_", "").replace("-", "")


def _holds_secret(name: str, value: Any) -> bool:
    normal = _normal(name)
    return normal in _SENSITIVE or (normal in _CREDENTIAL_HEADERS and not isinstance(value, Mapping))


def sensitive_values(data: Any) -> Iterator[Any]:
    """What plain data holds under sensitive keys, or beside a name that is one, at any depth."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            if isinstance(key, str) and _holds_secret(key, value):
                yield value
            else:
                yield from sensitive_values(value)
        if any(_names_secret(data.get(naming)) for naming in _NAMING):
            yield from (data[name] for name in _NAMED_VALUES if name in data)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from sensitive_values(value)


def _names_secret(naming: Any) -> bool:
    if isinstance(naming, Mapping):
        naming = naming.get("name")
    return isinstance(naming, str) and is_sensitive(naming)


def _as_json(text: str) -> bytes:
    try:
        return orjson.dumps(text)[1:-1].lower()
    except TypeError:
        # A lone surrogate: no JSON text can hold it, and what holds it is always walked.
        return b"\x00"


class Redactor:
    """Takes the secrets of one case out of everything that leaves it.

    Args:
        values: secrets by value. None, booleans and empty texts are no secrets.
    """

    def __init__(self, values: Iterable[Any] = ()) -> None:
        self._values: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._names: dict[str, int] = {}
        self._marks: list[bytes] = []
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
        elif value is not None and not isinstance(value, bool):
            text = str(value)
            if text and text not in self._values:
                self._values.add(text)
                # The longest first: a secret may be part of another.
                ordered = sorted(self._values, key=lambda one: (-len(one), one))
                self._pattern = re.compile("|".join(form for one in ordered for form in patterns(one)), re.IGNORECASE)
                self._names.clear()
                self._marks += map(_as_json, marks(text))

    def add_sensitive(self, data: Any) -> None:
        """Hide from now on what ``data`` holds under sensitive keys, at any depth."""
        for value in sensitive_values(data):
            self.add(value)

    def redact(self, data: R, *, ours: bool = False) -> R:
        """The data without secrets; the very same object when there are none in it.

        Args:
            data: plain JSON data; it is not changed.
            ours: it is a part of a record: its keys, places and numbers stay as they are.
        """
        if not self._is_suspect(data):
            return data
        cleaned: R = self._clean_part(data) if ours else self._clean(data, False)
        return cleaned

    def redact_record(self, record: R) -> R:
        """A record as reports get it, still of the same shape; the very same object when no secret is in it."""
        if not self._is_suspect(record) or not isinstance(record, Mapping):
            return record
        changed: dict[str, Any] = {}
        for part in _TELLING.get(record.get("type", ""), ()):
            if part in record:
                cleaned = self._clean_event(record[part]) if part == "event" else self._clean_part(record[part])
                if cleaned is not record[part]:
                    changed[part] = cleaned
        if not changed:
            return record
        shown: Any = {**record, **changed}
        same_shape: R = shown
        return same_shape

    def _is_suspect(self, record: Any) -> bool:
        """Whether a secret could be in it: nearly every record is cleared by its text alone, without a walk."""
        try:
            text = orjson.dumps(record).lower()
        except TypeError:
            return True
        for mark in _MARKS:
            if mark in text:
                return True
        # An id token is no secret, any other token is.
        if text.count(b"token") != text.count(b"idtoken"):
            return True
        if b"@" in text or (b" " in text and (b"basic " in text or b"bearer " in text)):
            return True
        return bool(self._marks) and any(mark in text for mark in self._marks)

    def redact_text(self, text: str) -> str:
        """The text without secrets."""
        if self._pattern is not None:
            text = self._pattern.sub(HIDDEN, text)
        if "@" in text:
            text = _USER_INFO.sub(rf"\1:{HIDDEN}", text)
        if " " in text:
            text = _CREDENTIALS.sub(rf"\1 {HIDDEN}", text)
        if "=" in text or ":" in text:
            text = _ASSIGNED.sub(rf"\1{HIDDEN}", text)
        return hide_pem(text, HIDDEN) if "-----BEGIN " in text else text

    def _clean_event(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        """An event's fields have a shape of their own; a note's name is a text, and a frame's is the peer's word."""
        changed: dict[str, Any] = {}
        fields = self._clean_mapping(event["fields"], True, _FRAME_PARTS if event["kind"] == "frame" else _NOTHING)
        if fields is not event["fields"]:
            changed["fields"] = fields
        if event["kind"] in ("note", "frame") and event["name"]:
            name = self.redact_text(event["name"])
            if name != event["name"]:
                changed["name"] = name
        return {**event, **changed} if changed else event

    def _clean_part(self, part: Any) -> Any:
        """A failure, a violation or a list of them: where it stands and what it is are ours, at its own top."""
        if isinstance(part, Mapping):
            return self._clean_mapping(part, True, _PLACES)
        if isinstance(part, list | tuple):
            cleaned = [self._clean_part(item) for item in part]
            return part if all(a is b for a, b in zip(cleaned, part, strict=True)) else cleaned
        return self._clean(part, True)

    def _clean(self, value: Any, ours: bool) -> Any:
        kind = type(value)
        if kind is str:
            # Nearly every text is short and innocent.
            if self._pattern is None and not _TELLTALE.search(value):
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
                cleaned = self._hide(value)
            else:
                renames = renames or (verdict == _IS_SECRET and not ours)
                cleaned = self._clean(value, ours and key not in _FOREIGN)
            if cleaned is not value:
                if changed is None:
                    changed = {}
                changed[key] = cleaned
        if "key" in mapping or "variable" in mapping:
            changed = self._hide_named(mapping, changed)
        if changed is None and not renames:
            return mapping
        changed = changed or {}
        shown = self.redact_text if renames else str
        return {shown(key): changed.get(key, value) for key, value in mapping.items()}

    def _hide_named(self, mapping: Mapping[str, Any], changed: dict[str, Any] | None) -> dict[str, Any] | None:
        """Hide the value whose name stands beside it."""
        for naming in _NAMING:
            if _names_secret(mapping.get(naming)):
                for name in _NAMED_VALUES:
                    if name in mapping:
                        changed = changed or {}
                        changed[name] = self._hide(mapping[name])
        return changed

    def _judge_name(self, key: Any) -> int:
        if not isinstance(key, str):
            return _PLAIN
        if is_sensitive(key):
            verdict = _HOLDS_SECRET
        elif _normal(key) in _CREDENTIAL_HEADERS:
            verdict = _HOLDS_CREDENTIALS
        elif self._pattern is not None and self._pattern.search(key):
            verdict = _IS_SECRET
        else:
            verdict = _PLAIN
        if len(self._names) < _MOST_NAMES:
            self._names[key] = verdict
        return verdict

    def _hide(self, value: Any) -> Any:
        """The stand-in for what a sensitive key holds; it is learned, so that it is hidden elsewhere too."""
        if value is None or isinstance(value, bool) or value in ("", HIDDEN):
            return value
        if isinstance(value, str) and len(value) >= _SHORTEST_LEARNED:
            self.add(value)
        return HIDDEN
