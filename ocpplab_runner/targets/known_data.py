"""What can be known of a scenario's data before it runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_VARIABLE = re.compile(r"\s*\$\{\{\s*(\w+)\s*\}\}\s*")
_COMPUTED = "${{"


def known_data(data: Any, variables: Mapping[str, Any]) -> Any:
    """Plain data with the values of the case's variables in it.

    Raises:
        LookupError: something in it is only known when the case runs.
    """
    if isinstance(data, Mapping):
        return {known_data(name, variables): known_data(item, variables) for name, item in data.items()}
    if isinstance(data, list | tuple):
        return [known_data(item, variables) for item in data]
    if not isinstance(data, str) or _COMPUTED not in data:
        return data
    named = _VARIABLE.fullmatch(data)
    if named is None or named.group(1) not in variables:
        raise LookupError(data)
    return known_data(variables[named.group(1)], variables)
