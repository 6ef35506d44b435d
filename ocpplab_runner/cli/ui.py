"""``run --ui``: the page of a run, served by a process of its own while the run goes on and until nobody wants it."""

from __future__ import annotations

import contextlib
import importlib.util
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from ocpplab_runner.cli.ending import RunInterrupt, signals_interrupt
from ocpplab_runner.cli.output import say
from ocpplab_runner.cli.state import STATE

#: Seconds that the page's process has to end.
_GRACE = 5.0
_NEEDED = ("fastapi", "uvicorn")


class Page:
    """The process that serves the page of a recording."""

    def __init__(self, recording: Path) -> None:
        # A session of its own: Ctrl-C ends the run, and what it came to can be looked at.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ocpplab_runner", "show", str(recording)],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def linger(self) -> None:
        """Wait until somebody ends it."""
        if self._process.poll() is None:
            say("the run is over; Ctrl-C ends its page")
            with contextlib.suppress(RunInterrupt), signals_interrupt():
                self._process.wait()

    def close(self) -> None:
        """End the process."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def recording_of(asked: Path | None) -> Path:
    """Where the run is recorded for its page: as asked for, else in the program's own directory.

    Raises:
        click.UsageError: the page cannot be served, or there is no place for the recording.
    """
    if missing := next((name for name in _NEEDED if importlib.util.find_spec(name) is None), None):
        raise click.UsageError(
            f"--ui needs more packages ({missing} is missing): pip install 'ocpplab-runner[gateway]'"
        )
    if asked is not None:
        return asked
    try:
        STATE.mkdir(exist_ok=True)
    except OSError as error:
        raise click.UsageError(f"--ui needs a place for its recording: --jsonl names one ({error})") from error
    return STATE / "ui.jsonl"


@contextlib.contextmanager
def page_of(recording: Path | None) -> Iterator[Page | None]:
    """Serve the page of a recording as long as the block; None serves none."""
    if recording is None:
        yield None
        return
    page = Page(recording)
    try:
        yield page
    finally:
        page.close()
