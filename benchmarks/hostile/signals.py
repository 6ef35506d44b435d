"""Five signals at five moments of a run on three targets: nothing stays behind, and the reports can be read."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from itertools import islice, product
from pathlib import Path
from uuid import uuid4

from benchmarks.hostile.csms import answering
from benchmarks.hostile.running import Outcome

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGKILL)
#: What the JSON Lines file holds when the signal comes; nothing: the run has only just begun.
_MOMENTS = {
    "at once": b"",
    "begun": b'"type":"run"',
    "in a case": b'"phase":"start","seed"',
    "in a session": b'"name":"transaction"',
    "after a case": b'"phase":"end"',
}
_TARGETS = ("simulated", "csms", "local-gateway")
_SESSIONS = """\
name: sessions
ocpp: ["1.6"]
given: {csms: {id_tokens: {CARD-1: Accepted}}}
steps:
  - start_session: CARD-1
    expect: {auth_status: Accepted, transaction: started}
  - wait: 2s
finally:
  - stop_session: {}
"""
_CONFIG = """\
targets:
  csms: {kind: csms, url: 'ws://127.0.0.1:%d/', identities: [CP-1], cards: {CARD-1: Accepted}, settle: 50ms}
"""
_MARK = "OCPPLAB_HOSTILE_MARK"
_PATIENCE = 60.0


async def signal_attacks(every: int = 1, first: int = 0) -> list[Outcome]:
    """Send each signal at each moment of a run on each target, or from the first on every so many of these."""
    wanted = islice(product(_TARGETS, _MOMENTS, _SIGNALS), first, None, every)
    return [await _attack(target, moment, number) for target, moment, number in wanted]


async def _attack(target: str, moment: str, number: signal.Signals) -> Outcome:
    began = time.monotonic()
    open_transactions: set[str] = set()
    server = await asyncio.start_server(answering("", (), noted=_noting(open_transactions)), "127.0.0.1", 0)
    mark = uuid4().hex
    with tempfile.TemporaryDirectory(prefix="hostile-") as name:
        directory = Path(name)
        (directory / "sessions.yaml").write_text(_SESSIONS)
        (directory / "ocpplab.yaml").write_text(_CONFIG % server.sockets[0].getsockname()[1])
        process = await asyncio.create_subprocess_exec(
            *(
                sys.executable,
                "-m",
                "ocpplab_runner",
                "run",
                "sessions.yaml",
                "--target",
                target,
                "--realtime",
                "--repeat",
                "4",
            ),
            *("--jsonl", "run.jsonl", "--junit", "out.xml"),
            cwd=directory,
            env={**os.environ, _MARK: mark},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        assert process.stdout is not None
        reading = asyncio.create_task(process.stdout.read())
        problems = [] if await _came(directory / "run.jsonl", _MOMENTS[moment]) else ["the moment did not come"]
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)
        try:
            code = await asyncio.wait_for(process.wait(), _PATIENCE)
        except TimeoutError:
            problems.append("hangs")
            os.killpg(process.pid, signal.SIGKILL)
            code = await process.wait()
        problems += await _left(mark)
        problems += _unreadable(directory, killed=number is signal.SIGKILL)
        # At once, before the program has said what it wants to hear, a signal does what the system does with it.
        if moment != "at once" and code != (-9 if number is signal.SIGKILL else 130):
            problems.append(f"ends with {code}")
        if open_transactions and number is not signal.SIGKILL:
            problems.append("a transaction stays open")
        output = (await reading).decode("utf-8", "replace")
    if "Traceback" in output and moment != "at once":
        problems.append("says 'Traceback'")
    server.close()
    attacked = f"{number.name} {moment}, {target}"
    return Outcome(attacked, code, time.monotonic() - began, tuple(problems), output)


def _noting(still_open: set[str]) -> Callable[[str], None]:
    def noted(action: str) -> None:
        if action == "StartTransaction":
            still_open.add("1")
        elif action == "StopTransaction":
            still_open.discard("1")

    return noted


async def _came(trace: Path, words: bytes) -> bool:
    deadline = time.monotonic() + _PATIENCE
    while words and not (trace.is_file() and words in trace.read_bytes()):
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.02)
    return True


async def _left(mark: str) -> list[str]:
    """Processes of the run that do not end; a local Gateway has five seconds to do so after a kill."""
    deadline = time.monotonic() + 10
    while found := _marked(mark):
        if time.monotonic() > deadline:
            for pid in found:
                os.kill(pid, signal.SIGKILL)
            return [f"{len(found)} processes stay behind"]
        await asyncio.sleep(0.05)
    return []


def _marked(mark: str) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if mark.encode() in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
    return found


def _unreadable(directory: Path, *, killed: bool) -> list[str]:
    problems = []
    trace = directory / "run.jsonl"
    lines = trace.read_bytes().splitlines() if trace.is_file() else []
    for number, line in enumerate(lines):
        try:
            json.loads(line)
        except ValueError:
            if not (killed and number == len(lines) - 1):
                problems.append(f"line {number + 1} of the JSON Lines is none")
    if (directory / "out.xml").is_file():
        try:
            ET.parse(directory / "out.xml")
        except ET.ParseError:
            problems.append("the JUnit file cannot be read")
    return problems
