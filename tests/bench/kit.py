"""Starting a bench for a test, and the ``station`` target that stands in front of it."""

from __future__ import annotations

import json
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom
from typing import Any
from urllib.request import urlopen

from tests.acceptance.forking import Forked, forker
from tests.bench.chargers import PHYSICAL

ROOT = Path(__file__).parents[2]
#: Verbs whose request needs other fields than those that are named here hold all that they have.
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "plug_connector": ("evse_id", "connector_id", "ev"),
    "unplug_connector": ("evse_id", "connector_id"),
    "authorize_id_tag": ("id_tag", "evse_id", "connector_id", "id_token_type"),
    "stop_transaction": ("transaction_id", "evse_id", "reason", "id_tag"),
    "start_session": ("id_tag", "evse_id", "connector_id", "duration_seconds", "target_energy_kwh"),
    "stop_session": ("evse_id", "connector_id"),
    "ev_requests_energy": ("evse_id", "connector_id"),
    "ev_stops_energy": ("evse_id", "connector_id"),
    "power_update": ("power_w", "evse_id", "connector_id"),
    "inject_fault": ("fault_type", "evse_id", "connector_id", "info", "vendor_error_code"),
    "clear_fault": ("evse_id", "connector_id"),
    "network": ("state",),
    "power": ("state",),
}

_RANDOM = SystemRandom()
_PORTS = (12_000, 32_000)


@dataclass(frozen=True, slots=True)
class Bench:
    """A bench that stands.

    Attributes:
        process: of its chargers and its rig.
        rig: URL of its rig.
    """

    process: Forked
    rig: str

    def values(self, identity: str) -> dict[str, str]:
        """What a charger is set to."""
        with urlopen(f"{self.rig}/{identity}", timeout=10) as answer:
            told: dict[str, str] = json.load(answer)
        return told

    def option(self, verbs: Sequence[str] = tuple(sorted(PHYSICAL))) -> dict[str, Any]:
        """The option ``rig`` of a target that uses it for these verbs."""
        return {
            "base_url": self.rig,
            "verbs": {
                verb: {"url": f"/{{station}}/{verb}", "json": {name: f"{{{name}}}" for name in _FIELDS[verb]}}
                for verb in verbs
            },
        }


@contextmanager
def bench(stations: Sequence[Mapping[str, Any]]) -> Iterator[Bench]:
    """Chargers that dial as long as the context lasts; each entry as the module's page says."""
    with tempfile.TemporaryDirectory() as place:
        configuration = Path(place, "bench.json")
        configuration.write_text(json.dumps({"stations": list(stations)}), "utf-8")
        process = forker().start(("-m", "tests.bench", str(configuration)), cwd=ROOT, stdout=subprocess.PIPE)
        try:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            assert port.isdigit(), "the bench has not come up"
            yield Bench(process, f"http://127.0.0.1:{port}")
        finally:
            process.terminate()
            process.wait(10)
            if process.stdout is not None:
                process.stdout.close()


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on.

    They are below those that connections going out are given, one of which could take a port before it is listened on.
    """
    sockets: list[socket.socket] = []
    try:
        while len(sockets) < count:
            with suppress(OSError):
                sockets.append(socket.create_server(("127.0.0.1", _RANDOM.randrange(*_PORTS))))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
