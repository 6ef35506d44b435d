"""The part of the library that a real clock and somebody else's CSMS leave, against one that answers late.

The test takes a sample. The whole, at any delay, is a command of its own:

    python -m tests.acceptance.test_real_clock [SECONDS OF DELAY]
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml

from ocpplab_runner.vocabulary.durations import parse_duration
from tests.acceptance.cli_kit import ROOT, cli
from tests.fixtures.peers import reference_cards, reference_csms

#: Every so many-th file is run by the test: no other is read.
_SAMPLE = 24
_IDENTITIES = 16
_TIMER = re.compile(r"(?:timeout|interval|expires_in|reconnect)$")


def run_library(
    delay: float, directory: Path, *options: str, files: Sequence[Path] = (ROOT / "scenarios",)
) -> tuple[dict[str, str], list[str], Any]:
    """Run what can run there: id → verdict of all that is not blocked, what was wrong, and what the CSMS has seen."""
    listed = {
        card: {"status": status, **({"parent_id_token": group} if group else {})}
        for card, (status, group) in reference_cards().items()
    }
    with reference_csms(delay=delay) as peer:
        target = {
            "kind": "csms",
            "url": peer.url,
            "identities": [f"REAL-{number}" for number in range(_IDENTITIES)],
            "cards": listed,
            # It never looks whether a card charges elsewhere.
            "concurrent_tx": "allow",
            # Its library has no 2.1.
            "versions": ["1.6", "2.0.1"],
        }
        (directory / "ocpplab.yaml").write_text(yaml.safe_dump({"targets": {"late": target}}))
        # What the built-in CSMS says beyond what every CSMS must is judged by scenarios with its tag.
        arguments = ("--target", "late", "--tag", "not csms", "--max-real", "10s", "-j", str(_IDENTITIES))
        cli("run", *map(str, files), *arguments, "--jsonl", "out.jsonl", *options, cwd=directory)
        seen = peer.seen()
    records = [json.loads(line) for line in (directory / "out.jsonl").read_text("utf-8").splitlines()]
    ends = [record for record in records if record["type"] == "case" and record["phase"] == "end"]
    verdicts = {end["id"]: end["verdict"] for end in ends if end["verdict"] not in ("blocked", "skipped")}
    wrong = [
        f"{end['id']}: {end['verdict']} {end.get('reason', '')} {end.get('warnings', '')}"
        for end in ends
        if end["verdict"] in ("failed", "error") or "warnings" in end
    ]
    wrong += [
        f"transaction {name} of {one['card']} is open" for name, one in seen["transactions"].items() if one["open"]
    ]
    return verdicts, wrong, seen


def test_a_sample_passes_against_a_late_csms(tmp_path: Path) -> None:
    """An answer that takes 0.3 s changes no verdict, and leaves nothing open."""
    verdicts, wrong, seen = run_library(0.3, tmp_path, files=sorted((ROOT / "scenarios").rglob("*.yaml"))[::_SAMPLE])
    assert wrong == []
    assert len(verdicts) >= 8
    assert seen["twice"] == []


def timers(value: Any, key: str = "") -> set[tuple[str, float]]:
    """Every literal duration below a value, with its key."""
    if isinstance(value, dict):
        return {found for name, item in value.items() for found in timers(item, str(name))}
    if isinstance(value, list):
        return {found for item in value for found in timers(item, key)}
    try:
        return {(key, parse_duration(value))} if isinstance(value, str) else set()
    except ValueError:
        return set()


@pytest.fixture(scope="module")
def shipped() -> dict[Path, tuple[str, Any]]:
    """Every shipped scenario: its text, and what it says."""
    texts = {path: path.read_text("utf-8") for path in sorted((ROOT / "scenarios").rglob("*.yaml"))}
    return {path: (text, yaml.load(text, yaml.CSafeLoader)) for path, text in texts.items()}


def test_no_within_is_the_timer_that_it_waits_for(shipped: dict[Path, tuple[str, Any]]) -> None:
    """On a real clock what is due after 20 s does not come within 20 s."""
    wrong = []
    for path, (_, scenario) in shipped.items():
        durations = timers(scenario)
        within = {seconds for key, seconds in durations if key == "within"}
        wrong += [(path, key, seconds) for key, seconds in durations if _TIMER.search(key) and seconds in within]
    assert wrong == []


def is_policy(scenario: dict[str, Any], text: str) -> bool:
    """Whether it counts on an answer or a refusal that OCPP leaves to an implementation."""
    given = scenario.get("given") or {}
    chargers = [given.get("charger") or {}, *(given.get("chargers") or {}).values()]
    validators = [one for charger in chargers for one in (charger.get("authorization") or {}).get("validators") or ()]
    scripted = any(isinstance(one, dict) for one in validators)
    programmed = "csms_reply:" in text or "replies" in (given.get("csms") or {})
    return scripted or programmed or "ConcurrentTx" in text or "concurrent_tx" in text


def test_optional_policies_are_tagged(shipped: dict[Path, tuple[str, Any]]) -> None:
    """ConcurrentTx, scripted validators and programmed answers: a back end that does otherwise is not wrong.

    What else is left to an implementation, a charger's own values say, may be tagged too.
    """
    untagged = [
        path
        for path, (text, scenario) in shipped.items()
        if "steps" in scenario and "policy" not in scenario.get("tags", ()) and is_policy(scenario, text)
    ]
    assert untagged == []


if __name__ == "__main__":
    with TemporaryDirectory() as place:
        run, complaints, _ = run_library(float(sys.argv[1]) if len(sys.argv) > 1 else 0.3, Path(place), *sys.argv[2:])
    print(f"{sum(verdict == 'passed' for verdict in run.values())} of {len(run)} cases have passed")
    print("\n".join(complaints))
    sys.exit(bool(complaints))


def test_events_of_real_time_have_a_date(tmp_path: Path) -> None:
    """To find them in somebody else's log: that of the wall, at the event's own distance from the beginning."""
    text = (
        'name: It\nocpp: ["1.6"]\nsteps: [{wait: 200ms}, {plug_connector: 1, expect: {heartbeat: {}}, within: 100ms}]\n'
    )
    (tmp_path / "it.yaml").write_text(text)
    before = datetime.now(UTC)
    done = cli("run", "it.yaml", "--realtime", "--jsonl", "out.jsonl", cwd=tmp_path)
    after = datetime.now(UTC)
    records = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    dated = [record["event"] for record in records if record["type"] == "event"]
    dated += [record for record in records if record["type"] == "step"]
    times = [(one["at"], datetime.fromisoformat(one["wall_time"])) for one in dated]
    assert len(times) > 5
    margin = timedelta(milliseconds=5)
    assert all(before - margin <= date <= after + margin for _, date in times)
    begins = [date - timedelta(seconds=at) for at, date in times]
    assert max(begins) - min(begins) < margin
    assert re.search(r"step 2 · .* · began at 0\.\d+s \(20\d\d-.*Z\)", done.out)
    cli("run", "it.yaml", "--jsonl", "virtual.jsonl", cwd=tmp_path)
    virtual = (tmp_path / "virtual.jsonl").read_text("utf-8").splitlines()
    assert {record["type"] for record in map(json.loads, virtual) if "wall_time" in json.dumps(record)} == {"run"}
