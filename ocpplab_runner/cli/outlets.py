"""Where a command that goes on for long writes what it hears."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from ocpplab_runner.cli.output import say

if TYPE_CHECKING:
    from ocpplab_runner.plugin.events import Event


class Outlets:
    """A full disk or a closed pipe stops what is written there, and is no trouble of whoever talks to us.

    Attributes:
        broken: whether something could not be written; the exit code is not 0 then.
        over: set when the standard output takes no more: nobody is told anything, and the command has come to its end.
    """

    def __init__(self) -> None:
        self.broken = False
        self.over = asyncio.Event()
        self._failure: OSError | None = None

    def take(self, listener: Callable[[Event], None]) -> Callable[[Event], None]:
        """The listener, which hears nothing more once it could not write."""
        works = True

        def hear(event: Event) -> None:
            nonlocal works
            if works:
                works = self.write(lambda: listener(event))

        return hear

    def write(self, write: Callable[[], None]) -> bool:
        """Write something; whether that went well."""
        try:
            write()
        except OSError as error:
            self.broken = True
            # A report's file has its name in the error; without one it is the standard output.
            if error.filename is None:
                self._failure = self._failure or error
                self.over.set()
            else:
                say(f"the report {error.filename} is incomplete: it cannot be written: {error.strerror}", err=True)
            return False
        return True

    def check(self) -> None:
        """Raises OSError when the standard output took no more."""
        if self._failure is not None:
            raise self._failure
