"""``python -m tests.acceptance.everest_library [JOBS]``: the authorization library against stand-ins for EVerest.

A stand-in for each kind of station that the library's cases want, on a real broker, and our CSMS; prints what came of
the cases, why the blocked ones were, and their share: what takes longer than ``--max-real`` does not count.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from ocpplab_runner.engine.planning.plan import PlannedCase
from ocpplab_runner.engine.planning.preflight import why_blocked
from ocpplab_runner.scenario.loader import load_files
from ocpplab_runner.targets.capabilities import simulated_capabilities
from ocpplab_runner.targets.known_data import known_data
from ocpplab_runner.vocabulary.settings import SETTINGS
from tests.acceptance.cli_kit import ROOT
from tests.bench.kit import free_ports
from tests.engine.suite_kit import SuiteOptions, language, plan_suite
from tests.everest import bench
from tests.everest.kit import broker, standins

LIBRARY = ROOT / "scenarios" / "authorization"
#: Seconds.
MAX_REAL = 20.0
WITHIN = 8.0
#: What of ``given.charger.authorization`` is a setting in some versions; in the others EVerest is configured so.
_SETTABLE = "master_pass_group"


def kinds() -> list[dict[str, Any]]:
    """Every kind of EVerest that the library's cases want: version, charger, and whom Auth asks."""
    found: dict[str, dict[str, Any]] = {}
    for case in _cases():
        for kind in _kinds(case):
            found.setdefault(json.dumps(kind, sort_keys=True), kind)
    return list(found.values())


def _cases() -> Iterator[PlannedCase]:
    plugins = language()
    loaded = load_files(sorted(LIBRARY.rglob("*.yaml")), plugins.registry)
    yield from plan_suite(loaded.scenarios, SuiteOptions(), plugins.target("simulated", "simulated", {}), plugins).cases


def too_long() -> set[str]:
    """Ids of the cases that would take longer than they may, whatever else stands in their way."""
    able = replace(simulated_capabilities(virtual_clock=False), default_within=WITHIN)
    registry = language().registry

    def is_long(case: PlannedCase) -> bool:
        scenario, version = case.scenario, case.version
        free, bound = (
            why_blocked(scenario, version, able, registry, operator=False, max_real=most, variables=case.variables)
            for most in (None, MAX_REAL)
        )
        return free is None and bound is not None

    return {case.info["id"] for case in _cases() if is_long(case)}


def _kinds(case: PlannedCase) -> Iterator[dict[str, Any]]:
    for given in case.scenario.chargers.values():
        try:
            known: dict[str, Any] = known_data(dict(given), case.variables)
        except LookupError:
            continue
        authorization = dict(known.get("authorization") or {})
        validators = ["csms" if one == "csms" else "scripted" for one in authorization.pop("validators", None) or ()]
        group = authorization.pop(_SETTABLE, (known.get("settings") or {}).get(_SETTABLE))
        if not SETTINGS[_SETTABLE].exists_in(case.version):
            authorization[_SETTABLE] = group
        if "UserInput" in authorization.values():
            continue  # EVerest throws
        yield {
            "version": case.version.value,
            "evses": int(known.get("evses", 1)),
            "authorization": {name: value for name, value in authorization.items() if value is not None},
            "validators": validators or ["csms", "scripted"],
        }


def target(url: str, stations: Mapping[str, Any], hands: int) -> dict[str, Any]:
    """The target that has them all, with a bench at a port."""
    return {
        "kind": "everest",
        "broker": url,
        "stations": dict(stations),
        "allow": ["reset", "availability", "certificates"],
        "answer_delay": "50ms",
        "within": f"{WITHIN:g}s",
        "discovery": "6s",
        "reach": "20s",
        "websocket": True,
        "board_errors": True,
        "rig": {"base_url": f"http://127.0.0.1:{hands}", "verbs": dict(bench.VERBS)},
    }


def run(version: str, jobs: int, arguments: list[str]) -> Counter[str]:
    """Run the cases of one OCPP version, and print; returns verdict → number of cases."""
    wanted = [kind for kind in kinds() if kind["version"] == version]
    verdicts, reasons, long = Counter[str](), Counter[str](), too_long()
    *ports, hands = free_ports(jobs + 1)
    with tempfile.TemporaryDirectory() as directory, broker(place=Path(directory)) as mosquitto:
        stations, everests = {}, []
        for number, kind in enumerate([one for one in wanted for _ in range(jobs)]):
            identity, port = f"EV-{number}", ports[number % jobs]
            charger = {"evses": kind["evses"], "authorization": kind["authorization"]}
            common = {"prefix": f"ev{number}_", "validators": kind["validators"]}
            everests.append(
                {"identity": identity, "url": f"ws://127.0.0.1:{port}/ocpp", "version": kind["version"]}
                | {"charger": charger, **common}
            )
            own = {"selection_algorithm": "PlugEvents", "prioritize_authorization_over_stopping_transaction": False}
            stations[identity] = {
                "listen": f"127.0.0.1:{port}",
                "versions": [kind["version"]],
                "charger": {"evses": kind["evses"], "authorization": {**own, **kind["authorization"]}},
                "cars": kind["evses"],
                **common,
            }
        with standins(mosquitto.port, everests, bench=hands):
            place = Path(directory)
            described = {"targets": {"sil": target(mosquitto.url, stations, hands)}}
            (place / "ocpplab.yaml").write_text(yaml.safe_dump(described), "utf-8")
            command = [sys.executable, "-m", "ocpplab_runner", "run", str(LIBRARY), "--target", "sil", "-j", str(jobs)]
            command += ["--max-real", f"{MAX_REAL:g}s", "--ocpp", version, "--jsonl", "out.jsonl", "-q", *arguments]
            done = subprocess.run(command, cwd=place, env=None, check=False, capture_output=True, text=True)
            print(done.stdout, done.stderr[-1500:])
            for line in (place / "out.jsonl").read_text("utf-8").splitlines():
                record = json.loads(line)
                if record["type"] == "case" and record.get("phase") == "end" and record.get("last", True):
                    is_long = record["verdict"] == "blocked" and record["id"] in long
                    verdicts["too long" if is_long else record["verdict"]] += 1
                    if record["verdict"] in ("blocked", "error") and not is_long:
                        reasons[re.sub(r"EV-\d+", "EV-n", record["reason"])[:150]] += 1
    for reason, count in reasons.most_common():
        print(f"{count:5} {reason}")
    print(f"OCPP {version}: {len(wanted)} kinds of station; {dict(verdicts)}")
    return verdicts


if __name__ == "__main__":
    counted = Counter[str]()
    for one in ("1.6", "2.0.1", "2.1"):
        counted += run(one, int(sys.argv[1]) if len(sys.argv) > 1 else 6, sys.argv[2:])
    share = counted["blocked"] / max(1, counted.total() - counted["too long"])
    print(f"{dict(counted)}; blocked: {share:.1%} of those that are not too long")
    sys.exit(1 if counted["failed"] or counted["error"] or not counted["passed"] else 0)
