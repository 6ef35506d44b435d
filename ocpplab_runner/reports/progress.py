"""The live line below the report; needs a terminal and rich, which is imported only here."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

_BAR = 24


class LiveProgress:
    """A bar, a count and what runs now. It draws only when told to, so no thread runs beside the event loop."""

    def __init__(self, out: TextIO, *, color: bool) -> None:
        """Prepare for a terminal."""
        self._console = Console(file=out, no_color=not color, highlight=False)
        self._live: Live | None = None

    def show(self, doing: str, done: int, total: int) -> None:
        """Draw the line."""
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

    def write(self, line: str) -> None:
        """Put a line of the report above."""
        self._console.print(Text.from_ansi(line), soft_wrap=True)

    def hide(self) -> None:
        """Remove the line."""
        if self._live is not None:
            self._live.stop()
            self._live = None
