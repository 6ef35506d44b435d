"""What tells a run to end does so as Ctrl-C does, also before its cases begin and after they have ended."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def signals_interrupt() -> Iterator[None]:
    """Turn SIGTERM, SIGHUP and SIGQUIT into :class:`KeyboardInterrupt`, so that what has been begun is wound up.

    A SIGHUP that is ignored stays so: who starts a run with ``nohup`` wants it to outlive the terminal.
    """
    heard = [signal.SIGTERM, signal.SIGQUIT]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        heard.append(signal.SIGHUP)
    old = {number: signal.signal(number, signal.default_int_handler) for number in heard}
    try:
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)
