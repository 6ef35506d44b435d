from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest

from ocpplab_runner.cli.values import seconds, shard, token_map, variables

CONTEXT: Any = None


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ((), {}),
        (("card=0123",), {"card": "0123"}),
        (("a=b=c", "empty="), {"a": "b=c", "empty": ""}),
        (("n:=12", "list:=[1, true]", 'text:="x"'), {"n": 12, "list": [1, True], "text": "x"}),
        (("a=1", "a=2"), {"a": "2"}),
    ],
)
def test_variables_are_text_unless_json_is_asked_for(given: tuple[str, ...], found: dict[str, Any]) -> None:
    """A card of digits stays text; `:=` gives other types; the last one wins."""
    assert variables(CONTEXT, CONTEXT, given) == found


@pytest.mark.parametrize("given", ["x", "=1", "1a=2", "a b=1", "n:=[", "n:="])
def test_a_variable_that_is_none_is_refused(given: str) -> None:
    """With the text that was wrong."""
    with pytest.raises(click.BadParameter):
        variables(CONTEXT, CONTEXT, (given,))


def test_shards_count_from_one() -> None:
    """I from 1 to N."""
    assert shard(CONTEXT, CONTEXT, "2/4") == (2, 4)
    assert shard(CONTEXT, CONTEXT, None) is None


@pytest.mark.parametrize("given", ["0/4", "5/4", "1", "1/", "/2", "a/b", "1/0", "-1/2", "1/2/3"])
def test_a_shard_that_is_none_is_refused(given: str) -> None:
    """Nothing runs by mistake."""
    with pytest.raises(click.BadParameter, match="I/N"):
        shard(CONTEXT, CONTEXT, given)


def test_durations_are_those_of_scenarios() -> None:
    """With a unit."""
    assert seconds(CONTEXT, CONTEXT, "1h30m") == 5400
    with pytest.raises(click.BadParameter, match="duration"):
        seconds(CONTEXT, CONTEXT, "90")


def test_token_maps_come_as_pairs_and_files(tmp_path: Path) -> None:
    """A file's cards stay text, and later ones win."""
    file = tmp_path / "cards.yaml"
    file.write_text("CARD-1: 0042\nCARD-2: AB12\n")
    assert token_map((str(file), "CARD-2=X=Y")) == {"CARD-1": "0042", "CARD-2": "X=Y"}


@pytest.mark.parametrize("content", ["- a\n", "a: [1]\n", "a: {b\n", "just text"])
def test_a_token_map_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    """With the file's name."""
    file = tmp_path / "cards.yaml"
    file.write_text(content)
    with pytest.raises(click.UsageError, match="cards"):
        token_map((str(file),))
    with pytest.raises(click.UsageError, match="neither"):
        token_map(("CARD",))
