"""What a station is connected to: the grid, and the house behind the same meter."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Grid:
    """What the station can measure of it.

    Attributes:
        frequency_hz: of the grid.
        load_w: what the house draws without the station, in W; below 0 it feeds in.
    """

    frequency_hz: float = 50.0
    load_w: float = 0.0
