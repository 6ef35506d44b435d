from __future__ import annotations

import io

import pytest

from ocpplab_runner.cli.output import use_color


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("choice", "stream", "environment", "color"),
    [
        ("auto", Terminal(), {}, True),
        ("auto", io.StringIO(), {}, False),
        ("auto", Terminal(), {"NO_COLOR": "1"}, False),
        ("auto", Terminal(), {"NO_COLOR": ""}, True),
        ("auto", Terminal(), {"TERM": "dumb"}, False),
        ("always", io.StringIO(), {"NO_COLOR": "1"}, True),
        ("never", Terminal(), {}, False),
    ],
)
def test_colors_follow_choice_then_environment_then_terminal(
    choice: str, stream: io.StringIO, environment: dict[str, str], color: bool
) -> None:
    """What the user says on the command line wins."""
    assert use_color(choice, stream, environment) is color
