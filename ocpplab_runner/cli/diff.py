"""``ocpplab-runner diff``."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from ocpplab_runner.cli.frames import texts
from ocpplab_runner.cli.output import say, say_json
from ocpplab_runner.cli.secrets import redactor_of, secret_option
from ocpplab_runner.cli.values import seconds
from ocpplab_runner.reports.text import plural

if TYPE_CHECKING:
    from ocpplab_runner.tools.comparing.diff import Difference


@click.command("diff")
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.option(
    "--times",
    metavar="DURATION",
    callback=seconds,
    help="Also compare the time between two messages; it may differ by so much.",
)
@secret_option
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(a: str, b: str, times: float | None, as_json: bool, secret_names: tuple[str, ...]) -> int:
    """Compare two recordings by message, field, order and time: firmware A against firmware B.

    A and B are what `frames` reads: recordings, JSON Lines of a run, logs with frames in them. Message ids, times of
    day and the ids of transactions are not compared. Exits with 0 when they say the same, 1 when they do not, 5 when
    one holds no frame.
    """
    from ocpplab_runner.tools.comparing.diff import compare
    from ocpplab_runner.tools.frames.exchanges import exchanges_of
    from ocpplab_runner.tools.frames.finding import find
    from ocpplab_runner.tools.frames.judging import judge

    sides = []
    for name, text in texts((a, b)):
        found, _ = find(text)
        if not found:
            say(f"{name}: there is no frame in it", err=True)
            return 5
        exchanges, left = exchanges_of(judge(found, None))
        if left and not as_json:
            say(f"{name}: {plural(len(left), 'frame')} without a call left out", err=True)
        sides.append(exchanges)
    redactor = redactor_of(secret_names)
    differences = compare(sides[0], sides[1], tolerance=times)
    if as_json:
        say_json(json.dumps([redactor.redact_ours(asdict(one)) for one in differences], indent=2, ensure_ascii=False))
    else:
        for one in differences:
            say(redactor.redact_text(_line(a, b, one)))
        calls = [sum(map(len, side.values())) for side in sides]
        said = plural(len(differences), "difference") if differences else "no difference"
        say(f"{said}; {a}: {plural(calls[0], 'call')}, {b}: {plural(calls[1], 'call')}")
    return int(bool(differences))


def _line(a: str, b: str, one: Difference) -> str:
    place = " / ".join(f"{name}:{line}" for name, line in ((a, one.line_a), (b, one.line_b)) if line)
    about = f"{one.station} {one.message}".strip()
    match one.kind:
        case "only in A" | "only in B" | "moved":
            return f"{place}: {one.kind}: {about}"
        case "time":
            return f"{place}: time: {about} came {one.a:g} s after the message before, and {one.b:g} s"
    where = f"answer to {about}" if one.kind == "answer" else about
    return f"{place}: {where}: {one.path or 'the whole'} was {_shown(one.a)}, and is {_shown(one.b)}"


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
