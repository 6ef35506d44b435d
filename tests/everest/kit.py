"""Starting a broker and stand-ins for a test."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from tests.acceptance.forking import Forked, forker

ROOT = Path(__file__).parents[2]
MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
needs_mosquitto = pytest.mark.skipif(MOSQUITTO is None, reason="there is no mosquitto here; Debian has it")
#: The topic on which a simulated car is plugged in.
PLUGGED = "x_everest_external/nodered/1/carsim/cmd/execute_charging_session"


@dataclass(slots=True)
class MosquittoBroker:
    """A broker on loopback.

    Attributes:
        port: where it listens.
        process: it.
        configuration: its file.
    """

    port: int
    process: subprocess.Popen[bytes]
    configuration: Path

    @property
    def url(self) -> str:
        """For the option ``broker``."""
        return f"mqtt://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """Take it away."""
        self.process.terminate()
        self.process.wait(10)

    def start(self) -> None:
        """Bring it back."""
        self.process = _mosquitto(self.configuration, self.port)

    @contextmanager
    def at_each(self, topic: str, act: Callable[[Client], object]) -> Iterator[None]:
        """Do something, in a thread of its own, whenever something is said on a topic while the context lasts."""
        client, listening = Client(CallbackAPIVersion.VERSION2), threading.Event()
        client.on_subscribe = lambda *_: listening.set()
        client.on_message = lambda *_: act(client)
        client.connect("127.0.0.1", self.port)
        client.subscribe(topic)
        client.loop_start()
        try:
            assert listening.wait(10)
            yield
        finally:
            client.disconnect()
            client.loop_stop()

    def away_at(self, topic: str) -> AbstractContextManager[None]:
        """Take it away, and bring it back, at the first word on a topic."""

        def go(_: Client) -> None:
            self.stop()
            self.start()

        return self.at_each(topic, go)


@contextmanager
def broker(lines: Sequence[str] = (), *, place: Path) -> Iterator[MosquittoBroker]:
    """A broker as long as the context lasts.

    Args:
        lines: of its configuration, beside its listener.
        place: directory for its files.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    configuration = place / "mosquitto.conf"
    rest = list(lines) or ["allow_anonymous true"]
    configuration.write_text(
        "\n".join([f"listener {port} 127.0.0.1", "persistence false", "user root", *rest, ""]), "utf-8"
    )
    made = MosquittoBroker(port, _mosquitto(configuration, port), configuration)
    try:
        yield made
    finally:
        made.stop()


def _mosquitto(configuration: Path, port: int) -> subprocess.Popen[bytes]:
    assert MOSQUITTO is not None
    process = subprocess.Popen(
        [MOSQUITTO, "-c", str(configuration)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 0.5).close()
            return process
        except OSError:
            assert process.poll() is None, "the broker has ended"
            time.sleep(0.02)
    raise AssertionError("the broker has not come up")


def with_tls(certs: Path, name: str = "csms", *, client_ca: bool = False) -> list[str]:
    """Lines of a broker that speaks TLS.

    Args:
        certs: directory of certificates, as ``ocpplab-runner certs`` makes them.
        name: of the one that it shows.
        client_ca: whether it wants one of ours.
    """
    lines = ["allow_anonymous true", f"certfile {certs / name}.pem", f"keyfile {certs / name}.key"]
    return [*lines, f"cafile {certs / 'ca.pem'}", "require_certificate true"] if client_ca else lines


def with_passwords(place: Path, **users: str) -> list[str]:
    """Lines of a broker that lets in users with their passwords, and nobody else."""
    passwords = place / "passwords"
    passwords.write_text("", "utf-8")
    for user, password in users.items():
        subprocess.run(["mosquitto_passwd", "-b", str(passwords), user, password], check=True, capture_output=True)
    passwords.chmod(0o644)
    return ["allow_anonymous false", f"password_file {passwords}"]


@contextmanager
def standins(
    port: int, everests: Sequence[Mapping[str, Any]], *, bench: int | None = None, **credentials: str
) -> Iterator[Forked]:
    """Stand-ins that dial as long as the context lasts; entries and the bench's port as the package's page says."""
    with tempfile.TemporaryDirectory() as place:
        configuration = Path(place, "everests.json")
        told: dict[str, Any] = {
            "broker": {"host": "127.0.0.1", "port": port, **credentials},
            "everests": list(everests),
        }
        told |= {} if bench is None else {"bench": bench}
        configuration.write_text(json.dumps(told), "utf-8")
        process = forker().start(("-m", "tests.everest", str(configuration)), cwd=ROOT, stdout=subprocess.PIPE)
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == "ready"
            yield process
        finally:
            process.terminate()
            process.wait(10)
            if process.stdout is not None:
                process.stdout.close()
