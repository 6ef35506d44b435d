"""Variables as they are typed: ``NAME=TEXT`` and ``NAME:=JSON``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def parse_variables(values: Iterable[str]) -> dict[str, Any]:
    """Name → value; text stays text, so that a card of digits stays one.

    Raises:
        ValueError: one of them is neither form. Its value may be a secret, and is not told.
    """
    found: dict[str, Any] = {}
    for value in values:
        name, equals, text = value.partition("=")
        typed = name.endswith(":")
        name = name.removesuffix(":")
        if not equals or not _NAME.fullmatch(name):
            raise ValueError(f"{name + '=…' if equals else value!r} is not NAME=TEXT or NAME:=JSON")
        try:
            found[name] = json.loads(text) if typed else text
        except ValueError as error:
            raise ValueError(f"what {name} is given is not JSON: {error}") from error
    return found
