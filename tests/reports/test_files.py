"""Where reports go: whole after a kill, locked while they are written, in place where there is no file."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from ocpplab_runner.reports.files import ReportFile


def test_missing_directories_are_made(tmp_path: Path) -> None:
    """A report can be asked for in a directory that is not there yet."""
    file = ReportFile(tmp_path / "a" / "b" / "out.xml")
    file.replace(b"new")
    file.close()
    assert (tmp_path / "a" / "b" / "out.xml").read_bytes() == b"new"


def test_what_was_there_is_there_until_it_is_replaced(tmp_path: Path) -> None:
    """A reader sees the old report or the new one, and no drafts stay behind."""
    path = tmp_path / "out.xml"
    path.write_bytes(b"the old one")
    file = ReportFile(path)
    assert path.read_bytes() == b"the old one"
    file.replace(b"first")
    assert path.read_bytes() == b"first"
    file.replace(b"second")
    file.close()
    assert path.read_bytes() == b"second"
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.xml"]


def test_appended_data_follows_what_was_appended(tmp_path: Path) -> None:
    """An emptied file holds what is appended, in order."""
    path = tmp_path / "out.jsonl"
    path.write_bytes(b"of an earlier run, and longer")
    file = ReportFile(path)
    file.empty()
    file.append(b"one\n")
    file.append(b"two\n")
    file.close()
    assert path.read_bytes() == b"one\ntwo\n"


@pytest.mark.parametrize("replaced", [False, True], ids=["opened", "replaced"])
def test_a_second_writer_is_told(tmp_path: Path, replaced: bool) -> None:
    """Two runs never write one file, whether the first has replaced it meanwhile or not; after its end it is free."""
    path = tmp_path / "out.xml"
    first = ReportFile(path)
    if replaced:
        first.replace(b"first")
    with pytest.raises(OSError, match="another run is writing it"):
        ReportFile(path)
    first.close()
    ReportFile(path).close()


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """What it leads to is written."""
    (tmp_path / "real").mkdir()
    link = tmp_path / "out.xml"
    link.symlink_to(tmp_path / "real" / "out.xml")
    file = ReportFile(link)
    file.replace(b"new")
    file.close()
    assert link.is_symlink()
    assert (tmp_path / "real" / "out.xml").read_bytes() == b"new"


def test_permissions_stay(tmp_path: Path) -> None:
    """A replaced report is readable for whoever could read the one before."""
    path = tmp_path / "out.xml"
    path.touch()
    path.chmod(0o640)
    file = ReportFile(path)
    file.replace(b"new")
    file.close()
    assert path.stat().st_mode & 0o777 == 0o640


def test_nobody_can_prepare_the_draft(tmp_path: Path) -> None:
    """A link that lies where a draft could be expected is not followed."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    path = tmp_path / "out.xml"
    for name in ("out.xml.part", ".out.xml.part"):
        (tmp_path / name).symlink_to(victim)
    file = ReportFile(path)
    file.replace(b"new")
    file.close()
    assert victim.read_bytes() == b"mine"


def test_a_pipe_is_written_in_place(tmp_path: Path) -> None:
    """It stays a pipe, and its reader gets the data."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
    reader.start()
    file = ReportFile(path)
    assert file.in_place
    file.replace(b"whole")
    file.close()
    reader.join(10)
    assert read == [b"whole"]
    assert path.is_fifo()


def test_a_failed_replacement_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk costs the new report, not the one before, and leaves no draft."""
    path = tmp_path / "out.xml"
    file = ReportFile(path)
    file.replace(b"first")

    def full(descriptor: int, data: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        file.replace(b"second")
    monkeypatch.undo()
    file.close()
    assert path.read_bytes() == b"first"
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.xml"]
