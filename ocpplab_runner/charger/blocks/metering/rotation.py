"""How a connector's phases hang on the grid's: ``ConnectorPhaseRotation`` of OCPP 1.6 section 9.1. Pure.

R, S and T are the grid's L1, L2 and L3. ``1.STR`` says that what connector 1 calls its first phase is S. The entry of
number 0 stands between the grid and the station's main meter, and so before every other one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_ENTRY = re.compile(r"([0-9]+)\.(NotApplicable|Unknown|RST|RTS|SRT|STR|TRS|TSR)")
_GRID = "RST"


def rotation_problem(entries: Sequence[str], connectors: int) -> str | None:
    """What is wrong with the entries, as the end of a sentence; None when nothing is.

    Args:
        entries: of the key.
        connectors: of the station.
    """
    matches = [_ENTRY.fullmatch(entry) for entry in entries]
    numbers = [int(match[1]) for match in matches if match is not None]
    if len(numbers) < len(entries):
        return "takes entries such as 1.RST"
    if any(number > connectors for number in numbers):
        return f"has a connector above {connectors}"
    return "has a connector twice" if len(set(numbers)) < len(numbers) else None


def lines(entries: Sequence[str], connector: int, phases: int) -> tuple[int, ...]:
    """The grid's phases, 1 to 3, that a connector's first, second and third phase are.

    Args:
        entries: of the key; what they leave out, or do not know, is as the grid is.
        connector: its number.
        phases: of its supply.
    """
    known = {number: letters for number, _, letters in (entry.partition(".") for entry in entries)}
    main, own = _order(known, "0"), _order(known, str(connector))
    return tuple(main[place] + 1 for place in own[:phases])


def _order(known: Mapping[str, str], number: str) -> Sequence[int]:
    letters = known.get(number, _GRID)
    return [_GRID.index(letter) for letter in (letters if sorted(letters) == sorted(_GRID) else _GRID)]
