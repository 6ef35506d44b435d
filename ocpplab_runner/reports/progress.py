"""The live line below the report; needs a terminal and rich, which is imported only here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ocpplab_runner import clock

_BAR = 24
#: Seconds of wall time between two drawings: a fast suite must not wait for its terminal.
_PAUSE = 0.1


class LiveProgress:
    """A bar, a count and what runs now. It draws only when told to, so no thread runs beside the event loop."""

    def __init__(self, out: TextIO, *, color: bool, wall_seconds: Callable[[], float] = clock.wall_seconds) -> None:
        """Prepare for a terminal."""
        self._out = out
        self._console = Console(file=out, no_color=not color, highlight=False)
        self._wall_seconds = wall_seconds
        self._drawn = float("-inf")
        self._live: Live | None = None

    def show(self, doing: str, done: int, total: int) -> None:
        """Draw the line, unless it was drawn a moment ago."""
        now = self._wall_seconds()
        if now - self._drawn < _PAUSE:
            return
        self._drawn = now
        count = f"{done}/{total}"
        line = Table.grid(padding=(0, 1), expand=True)
        line.add_column(width=_BAR)
        line.add_column(min_width=len(count), no_wrap=True)
        line.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        line.add_row(ProgressBar(total=max(total, 1), completed=done, width=_BAR), count, Text(doing))
        if self._live is None:
            self._live = Live(
                line,
                console=self._console,
                auto_refresh=False,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start(refresh=True)
        else:
            self._live.update(line, refresh=True)

    def hide(self) -> None:
        """Remove the line."""
        if self._live is not None:
            self._live.stop()
            self._live = None
