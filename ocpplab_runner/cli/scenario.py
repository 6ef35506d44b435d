"""``ocpplab-runner scenario``."""

from __future__ import annotations

from pathlib import Path

import click

from ocpplab_runner.cli.frames import texts
from ocpplab_runner.cli.output import refuse_input, say, unwritable
from ocpplab_runner.cli.plugins import load, plugin_option
from ocpplab_runner.cli.secrets import redactor_of, secret_option
from ocpplab_runner.cli.values import REPORT_PATH
from ocpplab_runner.reports.text import plural

_NOTHING = 5


@click.command("scenario")
@click.argument("trace", metavar="TRACE")
@click.option("-o", "--output", type=REPORT_PATH, metavar="FILE", help="Write it there and not on the terminal.")
@click.option("--station", metavar="NAME", help="Which of the recording's stations; needed where there are several.")
@click.option("--name", help="Of the scenario. [default: what was recorded]")
@secret_option
@plugin_option
def command(
    trace: str,
    output: Path | None,
    station: str | None,
    name: str | None,
    secret_names: tuple[str, ...],
    plugin_modules: tuple[str, ...],
) -> int:
    """Write a scenario that does what a recording shows, and that passes on the simulated charger.

    TRACE is what `frames` reads: a recording, JSON Lines of a run, a log with frames in it. Cards get names of their
    own; what cannot be said, or does not come on the simulated charger, stands in comments. Exits with 5 when there is
    no frame, with 1 when no scenario could be made of it.
    """
    from ocpplab_runner.tools.frames.connections import connections
    from ocpplab_runner.tools.frames.exchanges import exchanges_of
    from ocpplab_runner.tools.frames.finding import find
    from ocpplab_runner.tools.frames.judging import judge
    from ocpplab_runner.tools.rewriting.replay import UnreplayableError, settle
    from ocpplab_runner.tools.rewriting.script import Script, Writer
    from ocpplab_runner.tools.rewriting.text import text_of

    if output is not None:
        refuse_input("--output", output, [Path(trace)] if trace != "-" else [])
    ((_, text),) = texts((trace,))
    found, _ = find(text)
    if not found:
        say(f"{trace}: there is no frame in it", err=True)
        return _NOTHING
    exchanges, left = exchanges_of(judge(found, None))
    if not exchanges:
        say(f"{trace}: there is no call in it", err=True)
        return _NOTHING
    if station is None and len(exchanges) > 1:
        raise click.UsageError(f"choose with --station: the recording has {', '.join(sorted(exchanges))}")
    chosen = next(iter(exchanges)) if station is None else station
    if chosen not in exchanges:
        raise click.UsageError(f"there is no station {chosen!r}: the recording has {', '.join(sorted(exchanges))}")
    redactor = redactor_of(secret_names)
    changes = [one for one in connections(text) if one.station == chosen]
    script = Writer(exchanges[chosen], redactor, changes).write()
    orphans = [frame for frame in left if frame.found.station == chosen]
    script.left += [f"line {frame.found.line}: {frame.kind} without a call" for frame in orphans]

    source = "the standard input" if trace == "-" else Path(trace).name

    def written(one: Script) -> str:
        return redactor.redact_text(text_of(one, name or f"What {Path(source).stem} has recorded", source))

    try:
        settle(script, written, load(plugin_modules))
    except UnreplayableError as error:
        say(f"{trace}: no scenario could be made of it: {error}", err=True)
        return 1
    if output is None:
        say(written(script).rstrip("\n"))
        return 0
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(written(script), "utf-8")
    except OSError as error:
        raise unwritable(error, output) from error
    say(f"{output}: {plural(len(script.steps), 'step')}; {plural(len(script.left), 'thing')} not taken over")
    return 0
