"""Verbs that misbehave, for the tests of workers."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ocpplab_runner.plugin.hookspecs import hookimpl
from ocpplab_runner.plugin.verb import StepContext, StepFailedError, Verb
from ocpplab_runner.scenario.registry import FieldSpec, VerbSpec

_FILE = FieldSpec("file", {"type": "string"}, "A file to leave a mark in.")


async def _exit(context: StepContext, fields: Mapping[str, Any]) -> None:
    os._exit(7)


async def _killed(context: StepContext, fields: Mapping[str, Any]) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def _spin(context: StepContext, fields: Mapping[str, Any]) -> None:
    while True:
        pass


async def _raise(context: StepContext, fields: Mapping[str, Any]) -> None:
    raise LookupError("the rig is on fire")


async def _sleep_for_real(context: StepContext, fields: Mapping[str, Any]) -> None:
    time.sleep(float(fields["seconds"]))


async def _pid(context: StepContext, fields: Mapping[str, Any]) -> None:
    Path(fields["file"]).write_text(str(os.getpid()))


async def _interrupt_beside(context: StepContext, fields: Mapping[str, Any]) -> None:
    """A signal that interrupts no system call of the main thread, as one that comes just before it waits."""

    def interrupt() -> None:
        time.sleep(0.2)
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

    threading.Thread(target=interrupt).start()


async def _flaky(context: StepContext, fields: Mapping[str, Any]) -> None:
    mark = Path(fields["file"])
    if not mark.exists():
        mark.write_text("tried")
        raise StepFailedError("not this time")


async def _draw(context: StepContext, fields: Mapping[str, Any]) -> None:
    context.log(str(context.random.random()))


async def _crash_later(context: StepContext, fields: Mapping[str, Any]) -> None:
    def crash() -> None:
        raise RuntimeError("loose wire")

    asyncio.get_running_loop().call_later(1, crash)


async def _start_child(context: StepContext, fields: Mapping[str, Any]) -> None:
    child = subprocess.Popen(["sh", "-c", "sleep 60 & echo $!"], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    Path(fields["file"]).write_text(child.stdout.readline())
    # The background process has the pipe too, so nothing is read to its end.
    child.wait()


async def _fork_child(context: StepContext, fields: Mapping[str, Any]) -> None:
    pid = os.fork()
    if not pid:
        time.sleep(60)
        os._exit(0)
    Path(fields["file"]).write_text(str(pid))


async def _fork_child_in_c(context: StepContext, fields: Mapping[str, Any]) -> None:
    pid = ctypes.PyDLL(None).fork()
    if not pid:
        time.sleep(60)
        os._exit(0)
    Path(fields["file"]).write_text(str(pid))


async def _fork_and_return(context: StepContext, fields: Mapping[str, Any]) -> None:
    os.fork()


async def _garble(context: StepContext, fields: Mapping[str, Any]) -> None:
    """What somebody's own verb for a broken CSMS and a broken charger would do."""
    context.program_csms({"to": "Heartbeat", "error": "GenericError"})
    context.program_csms({"to": "StatusNotification", "payload": {"nothing": "such"}})
    await context.perform("charger_reply", {"to": "ClearCache", "payload": {"status": "Perhaps"}})


_VERBS = {
    "rig.garble": _garble,
    "rig.start_child": _start_child,
    "rig.fork_child": _fork_child,
    "rig.fork_child_in_c": _fork_child_in_c,
    "rig.fork_and_return": _fork_and_return,
    "rig.crash_later": _crash_later,
    "rig.exit": _exit,
    "rig.killed": _killed,
    "rig.spin": _spin,
    "rig.raise": _raise,
    "rig.sleep": _sleep_for_real,
    "rig.pid": _pid,
    "rig.flaky": _flaky,
    "rig.interrupt_beside": _interrupt_beside,
    "rig.draw": _draw,
}
_FIELDS = (_FILE, FieldSpec("seconds", {"type": "number"}, "How long."))


@hookimpl
def ocpplab_verbs() -> Iterable[Verb]:
    """All of them."""
    return [
        Verb(VerbSpec(name, "For tests.", "world", _FIELDS, example=f"{name}: {{}}"), run)
        for name, run in _VERBS.items()
    ]
