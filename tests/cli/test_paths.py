from __future__ import annotations

from pathlib import Path

import click
import pytest

from ocpplab_runner.cli.paths import select
from ocpplab_runner.engine.planning.options import Selector


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "suite").mkdir()
    (tmp_path / "suite" / "a.yaml").write_text("")
    (tmp_path / "odd:3").write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("argument", "path", "selectors"),
    [
        ("suite", "suite", []),
        ("suite/a.yaml", "suite/a.yaml", [(None, None)]),
        ("suite/a.yaml:12", "suite/a.yaml", [(12, None)]),
        ("suite/a.yaml:12:5", "suite/a.yaml", [(12, None)]),
        ("suite/a.yaml::A card [ocpp1.6]", "suite/a.yaml", [(None, "A card [ocpp1.6]")]),
        ("suite/a.yaml::Tell me: a::b", "suite/a.yaml", [(None, "Tell me: a::b")]),
        ("odd:3", "odd:3", [(None, None)]),
    ],
)
@pytest.mark.usefixtures("here")
def test_what_an_argument_can_be(argument: str, path: str, selectors: list[tuple[int | None, str | None]]) -> None:
    """A directory, a file, a line of it, as an editor or a diagnostic prints it, or a name in it."""
    selection = select([argument])
    assert selection.paths == [Path(path)]
    assert selection.selectors == [Selector(Path(path), line, name) for line, name in selectors]


@pytest.mark.usefixtures("here")
def test_a_file_is_loaded_once() -> None:
    """Two lines of one file are two selectors and one path."""
    selection = select(["suite/a.yaml:1", "suite/a.yaml:2"])
    assert (len(selection.paths), len(selection.selectors)) == (1, 2)


@pytest.mark.parametrize("argument", ["siute", "suite/b.yaml", "nowhere/x.yaml:3", "suite/a.yml::x"])
@pytest.mark.usefixtures("here")
def test_a_path_that_leads_nowhere_is_refused(argument: str) -> None:
    """Instead of running nothing."""
    with pytest.raises(click.UsageError, match="there is no file or directory"):
        select([argument])


@pytest.mark.usefixtures("here")
def test_a_mistyped_path_is_suggested() -> None:
    """The nearest name beside it."""
    with pytest.raises(click.UsageError, match="did you mean 'suite'"):
        select(["siute"])
