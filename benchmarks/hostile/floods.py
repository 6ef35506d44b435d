"""A CSMS that sends without end, and a signal in the middle of it: the run winds up, and memory has a bound."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from itertools import count, islice, repeat
from pathlib import Path

from benchmarks.hostile.csms import answering, frame
from benchmarks.hostile.running import MOST_MB, Outcome

_SESSION = """\
name: a session
ocpp: ["1.6"]
steps:
  - start_session: CARD-1
    expect: {auth_status: Accepted, transaction: started}
  - wait: %s
finally:
  - log: winds up
  - stop_session: {}
"""
_CONFIG = """\
targets:
  t:
    kind: csms
    url: ws://127.0.0.1:%d/
    identities: [CP-1]
    cards: {CARD-1: Accepted}
    call_timeout: 2s
    settle: 50ms
"""
#: What comes without end, with a number in the place of ``{}``.
_TEXTS = {
    "calls": '[2,"{}","GetConfiguration",{{"key":["HeartbeatInterval"]}}]',
    "triggers": '[2,"{}","TriggerMessage",{{"requestedMessage":"Heartbeat"}}]',
    "answers": '[3,"{}",{{}}]',
    "garbage": "{{{}",
    "large calls": '[2,"{}","DataTransfer",{{"vendorId":"v","data":"' + "x" * 50_000 + '"}}]',
    "one call": '[2,"1","GetConfiguration",{{}}]',
    "nonsense": '[2,"{}","Nonsense",{{}}]',
    "errors": '[4,"{}","InternalError","",{{}}]',
    "starts": '[2,"{}","RemoteStartTransaction",{{"idTag":"CARD-1"}}]',
}
_BYTES = {
    "pings": b"\x89\x04ping" * 1_000,
    "fragments": b"\x01\x01[" + b"\x00\x01 " * 2_000 + b"\x80\x01]",
}
_STARTED, _WINDS_UP, _OVER = _MARKS = b'"name":"transaction"', b'"winds up"', b'"exit_code":'
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
#: Floods that end, after so many messages: with what they set off, a million events.
_FINITE, _MESSAGES = ("calls", "answers"), 500_000
#: Messages that are made at a time.
_SOME = 100
#: Bytes of a flood after which the signal comes, and seconds that it may take until then.
_ENOUGH, _PATIENCE = 1 << 20, 120.0
#: Seconds, with some for a busy machine: a step stops within two, winding up waits two for each answer, the second
#: signal ends at once.
_STOPS, _ENDS, _ENDS_AT_ONCE = 4.0, 15.0, 4.0


async def flood_attacks(every: int = 1, first: int = 0) -> list[Outcome]:
    """Every flood, or from the first on every so many of them, with the signals in turn; then those that end."""
    shapes = [(name, _texts(text)) for name, text in _TEXTS.items()]
    shapes += [(name, repeat(chunk)) for name, chunk in _BYTES.items()]
    attacks = [
        *(partial(_signalled, *shape, _SIGNALS[n % 4], twice=n % 3 == 2) for n, shape in enumerate(shapes)),
        *(partial(_finite, name) for name in _FINITE),
    ]
    return [await attack() for attack in attacks[first::every]]


async def _signalled(name: str, chunks: Iterator[bytes], number: signal.Signals, *, twice: bool) -> Outcome:
    began = time.monotonic()
    problems: list[str] = []
    async with _run(chunks, "60s") as run:
        if not await run.until(lambda: run.sent > _ENOUGH and _STARTED in run.seen):
            problems.append("the flood did not get going")
        run.process.send_signal(number)
        if not await run.until(lambda: _WINDS_UP in run.seen, _STOPS):
            problems.append(f"`finally` has not begun after {_STOPS:g} s")
        if twice:
            await asyncio.sleep(1)  # at once it would count as the same one
            run.process.send_signal(number)
        code = await run.end(_ENDS_AT_ONCE if twice else _ENDS, problems)
        if code not in (130, None):
            problems.append(f"ends with {code}")
        if _OVER not in run.seen:
            problems.append("the JSON Lines have no end")
        output = await run.output()
        problems += run.troubles(output)
    attacked = f"{number.name}{' twice' if twice else ''} in {name}"
    return Outcome(attacked, code, time.monotonic() - began, tuple(problems), output)


async def _finite(name: str) -> Outcome:
    began = time.monotonic()
    problems: list[str] = []
    async with _run(islice(_texts(_TEXTS[name]), _MESSAGES // _SOME), "1s") as run:
        code = await run.end(10 * _PATIENCE, problems)
        output = await run.output()
        problems += run.troubles(output)
    return Outcome(f"{_MESSAGES:,} {name}", code, time.monotonic() - began, tuple(problems), output)


def _texts(text: str) -> Iterator[bytes]:
    for number in count(0, _SOME):
        yield b"".join(frame(text.format(number + place).encode()) for place in range(_SOME))


class _Run:
    """A run beside the CSMS that floods it.

    Attributes:
        process: of the runner.
        sent: bytes of the flood so far.
        peak_mb: the most memory that a process of the run has taken, as far as somebody has looked.
    """

    def __init__(self, process: asyncio.subprocess.Process, directory: Path) -> None:
        self.process = process
        self.sent = 0
        self.peak_mb = 0.0
        self.written = 0
        self.seen: set[bytes] = set()
        self._tail = b""
        self._trace = directory / "run.jsonl"
        assert process.stdout is not None
        self._reading = asyncio.create_task(process.stdout.read())

    def _read_on(self) -> None:
        if self._trace.is_file():
            with self._trace.open("rb") as trace:
                trace.seek(self.written)
                new = trace.read()
            self.written += len(new)
            self._tail = self._tail[-100:] + new
            self.seen.update(mark for mark in _MARKS if mark in self._tail)

    async def until(self, holds: Callable[[], bool], seconds: float = _PATIENCE) -> bool:
        """Wait until something holds; False when it does not in that time."""
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline or self.process.returncode is not None:
                break
            self.look()
            await asyncio.sleep(0.05)
        self.look()
        return holds()

    async def end(self, seconds: float, problems: list[str]) -> int | None:
        """Wait for the end; the exit code, or None when it hangs."""
        if not await self.until(lambda: self.process.returncode is not None, seconds):
            problems.append(f"not over after {seconds:g} s")
            return None
        return self.process.returncode

    def look(self) -> None:
        """Look at what the run has written and at the memory of its processes."""
        self._read_on()
        for pid in _session(self.process.pid):
            with contextlib.suppress(OSError):
                status = Path(f"/proc/{pid}/status").read_text()
                peaks = (int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
                self.peak_mb = max(self.peak_mb, next(peaks, 0) / 1024)  # who has just ended has none

    async def output(self) -> str:
        return (await self._reading).decode("utf-8", "replace")

    def troubles(self, output: str) -> list[str]:
        troubles = ["says 'Traceback'"] if "Traceback" in output else []
        if self.peak_mb > MOST_MB:
            troubles.append(f"takes {self.peak_mb:.0f} MB")
        return troubles


@asynccontextmanager
async def _run(chunks: Iterator[bytes], wait: str) -> AsyncIterator[_Run]:
    pouring: list[asyncio.Task[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def pour() -> None:
            with contextlib.suppress(OSError):
                for chunk in chunks:
                    writer.write(chunk)
                    run.sent += len(chunk)
                    await writer.drain()

        def noted(action: str) -> None:
            if action == "StartTransaction" and not pouring:
                pouring.append(asyncio.create_task(pour()))

        await answering("", (), noted=noted)(reader, writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    with tempfile.TemporaryDirectory(prefix="hostile-") as name:
        directory = Path(name)
        (directory / "session.yaml").write_text(_SESSION % wait)
        (directory / "ocpplab.yaml").write_text(_CONFIG % server.sockets[0].getsockname()[1])
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ocpplab_runner", "run", "session.yaml", "--target", "t"),
            *("--timeout", "600s", "--jsonl", "run.jsonl", "--junit", "out.xml"),
            cwd=directory,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        run = _Run(process, directory)
        try:
            yield run
        finally:
            for pid in _session(process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            await process.wait()
            for task in pouring:
                task.cancel()
            server.close()


def _session(leader: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if os.getsid(int(entry.name)) == leader:
                    found.append(int(entry.name))
    return found
