"""Paths that no file can have: told as a mistake of usage, for reports and for scenarios."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.cli_kit import cli

_LONG = "a" * 300 + ".xml"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A directory with a scenario and a link to itself."""
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "ok.yaml").write_text('name: x\nocpp: ["1.6"]\nsteps: [{log: x}]\n')
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "ok.yaml", "--junit", "loop"),
        ("run", "ok.yaml", "--jsonl", "loop"),
        ("run", "ok.yaml", "--junit", "loop", "--jsonl", "loop"),
        ("run", "ok.yaml", "--junit", "loop/x.xml"),
        ("run", "ok.yaml", "--junit", _LONG),
        ("run", "ok.yaml", "--junit", "x/" * 3000 + "y"),
        *(("run", "ok.yaml", option, name) for option in ("--junit", "--jsonl") for name in ("", "-", "..", "/", ".")),
        ("report", "ok.yaml", "--junit", "-"),
        ("run", "ok.yaml", "--jsonl", f"{_LONG}/x"),
        ("run", "loop"),
        ("run", _LONG),
        ("run", f"{_LONG}:7"),
        ("run", f"{_LONG}::x"),
        ("check", _LONG),
        ("check", "loop"),
        ("coverage", _LONG),
        ("report", _LONG),
        ("report", "loop"),
        ("run", "ok.yaml", "--repeat", "99999999999"),
        ("run", "ok.yaml", "-j", "99999999999"),
    ],
)
def test_is_told_as_a_mistake(here: Path, arguments: tuple[str, ...]) -> None:
    """Exit code 2, and neither a traceback nor an internal error."""
    done = cli(*arguments, cwd=here)
    assert done.code == 2, done
    assert "internal error" not in done.out + done.err
    assert "Traceback" not in done.out + done.err
    assert len(done.err) < 2500


_START = (
    '{"type":"run","phase":"start","wall_time":"2030-01-01T00:00:00.000Z","version":"0",'
    '"seed":0,"target":"t","selected":1}'
)


@pytest.mark.parametrize(
    "line",
    [
        '{"type":"case","phase":"start","case":7}',
        '{"type":"case","phase":"end","id":[],"verdict":"nice"}',
        '{"type":"run","phase":"end","exit_code":"x"}',
        '{"type":"step"}',
        '{"type":"invalid","file":1,"diagnostics":[3]}',
        "[]",
        "[" * 100_000,
    ],
)
def test_a_report_of_what_we_have_not_written_is_a_mistake(tmp_path: Path, line: str) -> None:
    """Records of another shape are told as that."""
    (tmp_path / "run.jsonl").write_text(f"{_START}\n{line}\n")
    done = cli("report", "run.jsonl", "--junit", "out.xml", cwd=tmp_path)
    assert done.code == 2, done
    assert "internal error" not in done.out + done.err
