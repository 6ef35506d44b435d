"""A process that a plugin forks has to end by ``os._exit``: it shares every socket of the worker that it came from."""

from __future__ import annotations

import os

_MESSAGE = b"a process that a plugin forked has come back into the runner; it has to end by os._exit\n"
_owner: int | None = None


def claim() -> None:
    """Make this process the only one that may go on in the runner; what it forks may not."""
    global _owner
    _owner = os.getpid()


def end_astray() -> None:
    """End this process, and say why, where another one is the runner; nothing otherwise.

    At once: an exception would let the case clean up, and so shut down connections that the worker still uses.
    """
    if _owner is not None and os.getpid() != _owner:
        os.write(2, _MESSAGE)
        os._exit(1)
