"""Which scenarios a change of a file touches."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocpplab_runner.cli.watched_files import Snapshot


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project: two scenarios, of which one includes a file that includes another, and has defaults."""
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "scenarios/a.yaml": "defaults: ../shared/_defaults.yaml\nsteps: [{include: '../shared/one.yaml'}]\n",
        "scenarios/b.yaml": "steps: [{log: see missing.yaml}]\n",
        "shared/one.yaml": "steps: [{include: two.yaml#part}]\n",
        "shared/two.yaml": "steps: [{include: one.yaml}]\n",
        "shared/_defaults.yaml": "within: 5s\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path


def touched(change: str, text: str = "name: x\n") -> list[str]:
    """Which scenarios are, when this file gets that text; none takes it away."""
    before = Snapshot.of([Path("scenarios")])
    if text:
        Path(change).write_text(text, "utf-8")
    else:
        Path(change).unlink()
    now = Snapshot.of([Path("scenarios")])
    return [path.as_posix() for path in now.touched_by(now.changed_since(before))]


@pytest.mark.parametrize(
    ("change", "scenarios"),
    [
        ("scenarios/a.yaml", ["scenarios/a.yaml"]),
        ("scenarios/new.yaml", ["scenarios/new.yaml"]),
        ("shared/two.yaml", ["scenarios/a.yaml"]),
        ("shared/_defaults.yaml", ["scenarios/a.yaml"]),
        ("shared/other.yaml", []),
        ("ocpplab.yaml", ["scenarios/a.yaml", "scenarios/b.yaml"]),
    ],
)
def test_a_change_touches_what_is_made_of_the_file(change: str, scenarios: list[str]) -> None:
    """Itself, what includes it through however many files, and everything for the targets' file."""
    assert touched(change) == scenarios


def test_a_scenario_that_is_gone_is_not_run() -> None:
    """And one whose include is gone is, so that it says so."""
    assert touched("scenarios/b.yaml", "") == []
    assert touched("shared/one.yaml", "") == []
    Path("scenarios/a.yaml").touch()


def test_nothing_changed_is_nothing(here: Path) -> None:
    """Whatever is looked at twice."""
    first, second = Snapshot.of([Path("scenarios")]), Snapshot.of([Path("scenarios")])
    assert second.changed_since(first) == set()
    assert first.directories == {here, here / "scenarios", here / "shared"}
