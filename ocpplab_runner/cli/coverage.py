"""``ocpplab-runner coverage``."""

from __future__ import annotations

from pathlib import Path

import click

from ocpplab_runner.cli.output import is_there, say
from ocpplab_runner.cli.plugins import load, plugin_option

_NOTHING = 5
_MOST_NAMED = 10
_DEFAULT = Path("scenarios")


@click.command("coverage")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]…")
@click.option(
    "--jsonl",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Say what became of them in the run that wrote this file.",
)
@click.option("--prefix", default="", metavar="TEXT", help="Only ids that begin so: AUTH, AUTH-13, TC_C.")
@click.option("--all", "others", is_flag=True, help="Also ids that are no rules: certification cases.")
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json", "markdown")),
    default="text",
    show_default=True,
    help="json for programs, markdown for a summary page.",
)
@click.option(
    "--fail-under",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Exit with 1 when fewer than N scenarios name a rule.",
)
@plugin_option
def command(
    paths: tuple[Path, ...],
    jsonl: Path | None,
    prefix: str,
    others: bool,
    form: str,
    fail_under: int,
    plugin_modules: tuple[str, ...],
) -> int:
    """Show which scenarios cover which authorization rule, and which rule none.

    PATH is a file or directory; ./scenarios unless said. A scenario covers what it names in `covers`. Exits with 2 when
    a scenario is invalid, with 5 when there is none, or no id that begins with the prefix.
    """
    from ocpplab_runner.reports.collect import collect
    from ocpplab_runner.reports.coverage import CoverageTable, render
    from ocpplab_runner.reports.jsonl import UnreadableFileError, read
    from ocpplab_runner.reports.text import plural
    from ocpplab_runner.scenario.loader import load_files
    from ocpplab_runner.vocabulary.rules import RULES

    wanted = paths or (_DEFAULT,)
    for path in wanted:
        if not is_there(path):
            raise click.UsageError(f"there is no file or directory {str(path)!r}")
    loaded = load_files(wanted, load(plugin_modules).registry)
    if not loaded.ok:
        broken = sorted({problem.path.as_posix() for problem in loaded.diagnostics if problem.severity == "error"})
        shown = [*broken[:_MOST_NAMED], *(["…"] if len(broken) > _MOST_NAMED else [])]
        raise click.UsageError(
            f"{plural(len(broken), 'scenario')} cannot be read: {', '.join(shown)}; `ocpplab-runner check` says why"
        )
    if not loaded.files:
        click.echo("no scenario files found", err=True)
        return _NOTHING
    table = CoverageTable(RULES, prefix=prefix, others=others)
    for scenario in loaded.scenarios:
        table.add(scenario)
    if not table.lines:
        click.echo(f"no id begins with {prefix!r}", err=True)
        return _NOTHING
    if jsonl is not None:
        try:
            table.add_results(collect(read(jsonl)))
        except UnreadableFileError as error:
            raise click.UsageError(f"{jsonl}: {error}") from error
    say(render(table, form))
    thin = table.thinner_than(fail_under)
    if thin:
        click.echo(f"fewer than {plural(fail_under, 'scenario')} for {', '.join(thin)}", err=True)
    return 1 if thin else 0
