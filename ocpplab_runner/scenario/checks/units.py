"""Numbers that were written with a unit, which the name of the field says already."""

from __future__ import annotations

import re
from decimal import Decimal

_NUMBER = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*(%|[A-Za-z€$]{1,3})\s*")
_UNITS = {"w": "W", "wh": "Wh", "a": "A", "v": "V", "hz": "Hz", "percent": "%"}
_SCALES = {"m": Decimal("0.001"), "k": Decimal(1000), "M": Decimal(1_000_000)}


def without_unit(field: str, text: str) -> str:
    """A hint for a number with a unit: the number in the unit of its field, if the name tells it.

    >>> without_unit("power_w", "7.4kW"), without_unit("limit", "16 A"), without_unit("power_w", "3 A")
    ('it is in W: 7400', 'write the number alone: 16', 'it is in W, and a number alone')
    """
    found = _NUMBER.fullmatch(text)
    if found is None:
        return ""
    unit = _UNITS.get(field.rpartition("_")[2])
    if unit is None:
        return f"write the number alone: {found[1]}" if found[2][:1] not in _SCALES or found[2] == "m" else ""
    scale = Decimal(1) if found[2].lower() == unit.lower() else _scale(found[2], unit)
    return f"it is in {unit}: {_plain(Decimal(found[1]) * scale)}" if scale else f"it is in {unit}, and a number alone"


def _scale(written: str, unit: str) -> Decimal | None:
    return _SCALES.get(written[0]) if written[1:].lower() == unit.lower() else None


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
