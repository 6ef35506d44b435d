"""The live log of a command that goes on for long, on the terminal."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import click

from ocpplab_runner.cli.output import is_terminal, say, use_color

if TYPE_CHECKING:
    from ocpplab_runner.plugin.events import Event
    from ocpplab_runner.redaction.redactor import Redactor


def live_log(
    color: str, moment: Callable[[float], datetime], redactor: Redactor | None = None
) -> Callable[[Event], None]:
    """What tells of each event on a line.

    Args:
        color: of ``--color``.
        moment: date and time of a point of time on the loop's clock.
        redactor: takes out what nobody may see; None where the events hold nothing of the kind.
    """
    from ocpplab_runner.tools.traffic.lines import LiveLog
    from ocpplab_runner.tools.traffic.watching import redacted

    paint = use_color(color, sys.stdout)
    width = shutil.get_terminal_size().columns if is_terminal(sys.stdout) else None

    def say_line(line: str) -> None:
        line = line if redactor is None else redactor.redact_text(line)
        click.echo(line, color=True) if paint else say(line)

    log = LiveLog(say_line, moment=moment, color=paint, width=width)
    return log.hear if redactor is None else lambda event: log.hear(redacted(event, redactor))
