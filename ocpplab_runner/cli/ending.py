"""What tells a run to end does so as Ctrl-C does, also before its cases begin and after they have ended."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class RunInterrupt(KeyboardInterrupt):
    """A signal that ends a run has come.

    A class of its own, because once a plain KeyboardInterrupt has come out of ``exec`` of a text, CPython lets the
    process die of SIGINT in the end, whatever its exit code; every import that makes a dataclass runs such a text.
    """


@contextmanager
def signals_interrupt() -> Iterator[None]:
    """Turn the signals that end a run into :class:`RunInterrupt`, so that what has been begun is wound up.

    One that is ignored stays so, SIGTERM and SIGQUIT excepted: who starts a run with ``nohup`` wants it to outlive the
    terminal, and a shell keeps Ctrl-C from what it runs in the background.
    """
    kept = {number for number in (signal.SIGINT, signal.SIGHUP) if signal.getsignal(number) is signal.SIG_IGN}
    old = {number: signal.signal(number, _interrupt) for number in _SIGNALS if number not in kept}
    try:
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise RunInterrupt
