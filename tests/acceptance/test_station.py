"""The library on real stations: chargers and a rig in another process, our CSMS, the real clock.

The test takes a sample. The whole is a command of its own:

    python -m tests.acceptance.test_station [OPTIONS OF RUN]
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from tests.acceptance.cli_kit import ROOT
from tests.bench.kit import Bench, bench, free_ports

#: Addresses, each with the same stations: so many cases run side by side.
_ADDRESSES = 8
#: Every so many-th case is run by the test.
_SAMPLE = 24
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def stations(ports: list[int]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """What stands on the bench, and what the target is told of it."""
    kinds = [(version, evses) for version in ("1.6", "2.0.1", "2.1") for evses in (1, 2, 3)]
    described, told = [], {}
    for address, port in enumerate(ports):
        for number, (version, evses) in enumerate(kinds):
            identity = f"CP-{address}-{number}"
            url = f"ws://127.0.0.1:{port}/ocpp"
            described.append({"identity": identity, "url": url, "version": version, "charger": {"evses": evses}})
            told[identity] = {
                "listen": f"127.0.0.1:{port}",
                "versions": [version],
                "charger": {"evses": evses, "reconnect": "1s"},
            }
    return described, told


@contextmanager
def station_bench(directory: Path, addresses: int = _ADDRESSES) -> Iterator[Bench]:
    """A bench, and ``ocpplab.yaml`` in a directory with the target `bench`."""
    described, told = stations(free_ports(addresses))
    with bench(described) as standing:
        target = {
            "kind": "station",
            "stations": told,
            "allow": ["reset", "firmware", "certificates", "availability"],
            "answer_delay": "20ms",
            "rig": standing.option(),
        }
        (directory / "ocpplab.yaml").write_text(yaml.safe_dump({"targets": {"bench": target}}))
        yield standing


def run_library(directory: Path, *options: str, addresses: int = _ADDRESSES) -> list[Mapping[str, Any]]:
    """Run it; the ends of all cases."""
    with station_bench(directory, addresses) as standing:
        described, _ = stations([0] * addresses)
        before = {one["identity"]: standing.values(one["identity"]) for one in described}
        arguments = ("--target", "bench", "--max-real", "10s", "-j", str(addresses), "--jsonl", "out.jsonl")
        command = [sys.executable, "-m", "ocpplab_runner", "run", str(ROOT / "scenarios"), *arguments, *options]
        subprocess.run(command, cwd=directory, stdout=subprocess.DEVNULL)
        changed = [one for one, values in before.items() if standing.values(one) != values]
        assert changed == [], "their settings are not as they were"
    records = [json.loads(line) for line in (directory / "out.jsonl").read_text("utf-8").splitlines()]
    return [record for record in records if record["type"] == "case" and record["phase"] == "end"]


def wrong_of(ends: list[Mapping[str, Any]]) -> list[str]:
    """What should not be."""
    return [
        f"{end['id']}: {end['verdict']} {end.get('reason', '')} {end.get('warnings', '')}"
        for end in ends
        if end["verdict"] in ("failed", "error") or "warnings" in end
    ]


def test_a_sample_passes_on_stations(tmp_path: Path) -> None:
    """What passes on the simulated target passes on stations behind a socket and a rig."""
    ends = run_library(tmp_path, "--shard", f"1/{_SAMPLE}", addresses=4)
    assert wrong_of(ends) == []
    assert sum(end["verdict"] == "passed" for end in ends) >= 8


if __name__ == "__main__":
    with TemporaryDirectory() as place:
        ends = run_library(Path(place), *sys.argv[1:])
    verdicts = Counter(end["verdict"] for end in ends)
    print(", ".join(f"{count} {verdict}" for verdict, count in verdicts.most_common()))
    reasons = Counter(_NUMBER.sub("N", end["reason"]) for end in ends if end["verdict"] == "blocked")
    print("\n".join(f"{count:4} blocked: {reason}" for reason, count in reasons.most_common()))
    complaints = wrong_of(ends)
    print("\n".join(complaints))
    sys.exit(bool(complaints))
