"""How a tool that serves comes to its end."""

from __future__ import annotations

import asyncio
import signal

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


async def told_to_stop(over: asyncio.Event | None = None) -> None:
    """Return when the process is told to end (SIGINT, SIGTERM, SIGHUP, SIGQUIT), which does nothing else then.

    Args:
        over: told by the process itself; its own unless given.

    What is ignored stays so: who starts a tool with ``nohup`` wants it to outlive the terminal.
    """
    loop = asyncio.get_running_loop()
    told = asyncio.Event() if over is None else over
    heard = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    for number in heard:
        loop.add_signal_handler(number, told.set)
    try:
        await told.wait()
    finally:
        for number in heard:
            loop.remove_signal_handler(number)
