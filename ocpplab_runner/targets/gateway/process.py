"""A Gateway of our own on the real clock: a process on a free port of this machine, for the length of a run."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from ocpplab_runner import clock
from ocpplab_runner.redaction.redactor import Redactor

_READY = re.compile(r"https?://127\.0\.0\.1:\d+")
#: Seconds that it may take to start, and to stop.
_START = 60.0
_STOP = 10.0
_PR_SET_PDEATHSIG = 1
#: The token of a Gateway that has no configuration file; a file names this variable too.
TOKEN_VARIABLE = "OCPPLAB_GATEWAY_TOKEN"


class GatewayProcessError(Exception):
    """It did not start; the text has its last words."""


class GatewayProcess:
    """Starts the process, knows its URL and its token, and ends it.

    Attributes:
        base_url: of its API.
        token: of its organization.
    """

    def __init__(self, arguments: tuple[str, ...] = ()) -> None:
        """Start it.

        Args:
            arguments: further ones of ``ocpplab-runner gateway``.

        Raises:
            GatewayProcessError: it did not start.
        """
        self.token = secrets.token_urlsafe(24)
        self.base_url = ""
        self._directory = tempfile.TemporaryDirectory(prefix="ocpplab-gateway-")
        self._output = Path(self._directory.name) / "output"
        # A file: a pipe that nobody empties fills up, and stops the Gateway.
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "ocpplab_runner",
                    "gateway",
                    "--host",
                    "127.0.0.1",
                    "--port",
                    "0",
                    *arguments,
                ],
                env={**os.environ, TOKEN_VARIABLE: self.token},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl-C is for the runner, which still needs the Gateway to clean up.
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        try:
            self._await_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End it; nothing happens the second time."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_STOP)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._directory.cleanup()

    def _await_ready(self) -> None:
        deadline = clock.wall_seconds() + _START
        while clock.wall_seconds() < deadline:
            if found := _READY.search(self._said()):
                self.base_url = found.group()
                return
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = self._process.wait(0.05)
                raise GatewayProcessError(f"the local Gateway ended with {code}: {self._last_words()}")
        raise GatewayProcessError(f"the local Gateway was not ready within {_START:g} s: {self._last_words()}")

    def _said(self) -> str:
        return self._output.read_text("utf-8", errors="replace")

    def _last_words(self) -> str:
        lines = [line.strip() for line in self._said().splitlines() if line.strip()]
        words = Redactor((self.token,)).redact_text(" / ".join(lines[-3:]))
        return words[-400:] or "it said nothing"


def _die_with_parent() -> None:
    """Runs in the child before it becomes the Gateway: however the runner ends, the Gateway does too (Linux)."""
    import ctypes

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
