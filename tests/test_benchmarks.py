"""The benchmarks' own arithmetic; the measurements are never tests."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import ROWS, main
from benchmarks.recorder import Recorder
from benchmarks.rows import against, interleaved, reported, wall_time
from ocpplab_runner import clock
from ocpplab_runner.ocppj import Call, CallResult, Direction, FrameRecord
from ocpplab_runner.vocabulary.versions import OcppVersion


@pytest.mark.parametrize(
    ("value", "other", "budget", "ok"),
    [
        (50.0, 100.0, {"least": 0.4}, True),
        (40.0, 100.0, {"least": 0.4}, True),
        (39.0, 100.0, {"least": 0.4}, False),
        (3.0, 2.0, {"most": 1.5}, True),
        (3.1, 2.0, {"most": 1.5}, False),
    ],
)
def test_a_row_holds_its_budget_or_not(value: float, other: float, budget: dict[str, float], ok: bool) -> None:
    """At least, or at most, so many times the baseline."""
    assert against("it", value, ("that", other), unit="/s", **budget).ok is ok


def test_measures_take_turns_and_warm_up() -> None:
    """The first round does not count; the median of the others does."""
    calls: list[str] = []
    values = iter([99.0, 1.0, 5.0, 2.0])

    def ours() -> float:
        calls.append("ours")
        return next(values)

    def theirs() -> float:
        calls.append("theirs")
        return 1.0

    assert interleaved({"ours": ours, "theirs": theirs}, 3) == {"ours": 2.0, "theirs": 1.0}
    assert calls == ["ours", "theirs"] * 4


def test_a_command_that_fails_is_no_measurement() -> None:
    """A fast failure must not look like speed."""
    assert wall_time([sys.executable, "-c", "pass"]) > 0
    with pytest.raises(RuntimeError, match="exited with 3"):
        wall_time([sys.executable, "-c", "raise SystemExit(3)"])
    with pytest.raises(RuntimeError, match="failed"):
        reported("benchmarks.nonsense")


def test_every_row_is_a_module_and_every_module_a_row() -> None:
    """Nothing is measured in secret."""
    folder = Path(__file__).parent.parent / "benchmarks"
    measuring = {path.stem for path in folder.glob("*.py") if "def measure()" in path.read_text("utf-8")}
    assert measuring == set(ROWS)


def test_the_recorder_takes_a_session_down(tmp_path: Path) -> None:
    """The round trips pay for ledger, interpreter and file as a run does; what stands behind them is there."""

    async def main() -> None:
        recorder = Recorder(tmp_path / "run.jsonl", OcppVersion.V16)
        there = (Direction.TO_CSMS, Call("1", "Heartbeat", {}))
        back = (Direction.TO_CHARGER, CallResult("1", {"currentTime": "2026-01-01T00:00:00Z"}))
        for direction, message in (there, back):
            recorder.frame(FrameRecord(clock.now(), direction, "", message, "Heartbeat", None))
        recorder.close(expected_frames=2)

    clock.run(main())


def test_an_unknown_row_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """With the names that there are."""
    assert main(["nonsense"]) == 2
    assert "round_trips" in capsys.readouterr().err
