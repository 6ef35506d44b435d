"""``os._exit`` of a plugin in the process that has loaded it would end the run at once, and with a 0 as a pass."""

from __future__ import annotations

import os
from typing import NoReturn


class ExitAtOnce(SystemExit):
    """A plugin has called ``os._exit``."""


def forbid() -> None:
    """Let ``os._exit`` raise :class:`ExitAtOnce` in this process; in children of it, which end by it, it is as ever."""
    real, owner = os._exit, os.getpid()

    def leave(status: int) -> NoReturn:
        if os.getpid() != owner:
            real(status)
        raise ExitAtOnce(status)

    os._exit = leave
