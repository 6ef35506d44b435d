"""Texts and data with ``{placeholders}`` for values, and for what lies within them (``{payload.key}``). Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import quote

_PLACEHOLDER = re.compile(r"\{([A-Za-z_][\w.]*)\}")
_BRACES = re.compile(r"\{[^{}]*\}?|\}")
_MISSING = object()


def placeholders(template: Any) -> Iterator[str]:
    """The names between braces, of a text or of data of any depth."""
    if isinstance(template, str):
        yield from _PLACEHOLDER.findall(template)
    elif isinstance(template, Mapping):
        for name, value in template.items():
            yield from (*placeholders(name), *placeholders(value))
    elif isinstance(template, list | tuple):
        for value in template:
            yield from placeholders(value)


def filled_url(template: str, values: Mapping[str, Any]) -> str:
    """A URL with the values in it, each percent-encoded whole: none of them can leave its place."""
    return _PLACEHOLDER.sub(lambda match: quote(as_text(_value(match[1], values, "")), safe=""), template)


def filled_text(template: str, values: Mapping[str, Any]) -> str:
    """A text with the values in it, as they are."""
    return _PLACEHOLDER.sub(lambda match: as_text(_value(match[1], values, "")), template)


def filled_data(template: Any, values: Mapping[str, Any]) -> Any:
    """Data with the values in it.

    What is nothing but one placeholder becomes the value itself, a number or a mapping too; where there is none, the
    entry that would hold it is left out.
    """
    filled = _filled(template, values)
    return None if filled is _MISSING else filled


def _filled(template: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(template, str):
        whole = _PLACEHOLDER.fullmatch(template)
        return filled_text(template, values) if whole is None else _value(whole[1], values, _MISSING)
    if isinstance(template, Mapping):
        entries = ((name, _filled(value, values)) for name, value in template.items())
        return {name: value for name, value in entries if value is not _MISSING}
    if isinstance(template, list | tuple):
        return [value for value in (_filled(one, values) for one in template) if value is not _MISSING]
    return template


def _value(name: str, values: Mapping[str, Any], missing: Any) -> Any:
    found: Any = values
    for part in name.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return missing
        found = found[part]
    return found


def as_text(value: Any) -> str:
    """A value within a text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def unknown_in(template: Any, known: Collection[str]) -> list[str]:
    """The placeholders that nobody fills, sorted."""
    return sorted(one for one in set(placeholders(template)) if one.partition(".")[0] not in known)


def stray_brace(url: str) -> str:
    """What stands between braces in a URL and is no placeholder, or a brace by itself; empty where there is none."""
    found = _BRACES.search(_PLACEHOLDER.sub("", url))
    return "" if found is None else found[0]
