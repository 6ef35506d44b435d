"""Paths of save."""

import pytest

from ocpplab_runner.engine.running.paths import PathError, follow, split_path


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("response", ["response"]),
        ("response.configurationKey[0].value", ["response", "configurationKey", 0, "value"]),
        ("a[-1]", ["a", -1]),
        ("a[0][1].b-c", ["a", 0, 1, "b-c"]),
    ],
)
def test_path_is_split(path: str, parts: list[str | int]) -> None:
    """Keys and indexes, in order."""
    assert split_path(path) == parts


@pytest.mark.parametrize("path", ["", "[0]", "a[", "a[x]", "a b", "a..b", "1a"])
def test_ill_formed_path_is_refused(path: str) -> None:
    """What is no path says so."""
    with pytest.raises(PathError):
        split_path(path)


def test_path_is_followed() -> None:
    """Through mappings and lists."""
    assert follow({"a": [{"b": 1}, {"b": 2}]}, ["a", -1, "b"], "x.a[-1].b") == 2


@pytest.mark.parametrize("parts", [["b"], ["a", 5], ["a", "b"], ["a", 0, "c"]])
def test_path_that_leads_nowhere_says_how_far_it_went(parts: list[str | int]) -> None:
    """The message names the missing part."""
    with pytest.raises(PathError, match="there is no"):
        follow({"a": [{"b": 1}]}, parts, "x")
