"""``ocpplab-runner coverage``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ocpplab_runner.cli.output import is_there, say
from ocpplab_runner.cli.plugins import load, plugin_option
from ocpplab_runner.vocabulary.certification import CATALOGUES, Capabilities

if TYPE_CHECKING:
    from ocpplab_runner.reports.certification import CertificationTable
    from ocpplab_runner.reports.collect import Results
    from ocpplab_runner.scenario.model import Scenario

_NOTHING = 5
_MOST_NAMED = 10
_DEFAULT = Path("scenarios")
#: How the ids of certification cases are written.
_CASE = re.compile(r"TC_\w+_(?:CS|CSMS)")


@click.command("coverage")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]…")
@click.option(
    "--jsonl",
    "runs",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Say what became of them in the run that wrote this file; may be repeated.",
)
@click.option(
    "--certification",
    type=click.Choice(CATALOGUES),
    help="The certification cases of a protocol instead of the authorization rules.",
)
@click.option(
    "--side",
    type=click.Choice(("CS", "CSMS")),
    help="With --certification: only the cases for a charging station, or for a CSMS.",
)
@click.option(
    "--capabilities",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="With --certification: what whoever is tested has, as a PICS says it.",
)
@click.option("--prefix", default="", metavar="TEXT", help="Only ids that begin so: AUTH, AUTH-13, TC_C.")
@click.option("--all", "others", is_flag=True, help="Also ids that are no rules: certification cases.")
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json", "markdown", "html")),
    default="text",
    show_default=True,
    help="json for programs, markdown for a summary page, html (with --certification) to look at.",
)
@click.option(
    "--fail-under",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Exit with 1 when fewer than N scenarios name a rule; with --certification, when fewer than N cases passed.",
)
@plugin_option
def command(
    paths: tuple[Path, ...],
    runs: tuple[Path, ...],
    certification: str | None,
    side: str | None,
    capabilities: Path | None,
    prefix: str,
    others: bool,
    form: str,
    fail_under: int,
    plugin_modules: tuple[str, ...],
) -> int:
    """Show which scenarios cover which authorization rule or certification case, and which none.

    PATH is a file or directory; ./scenarios unless said. A scenario covers what it names in `covers`. Exits with 2 when
    a scenario is invalid, with 5 when there is none, or no id that begins with the prefix.
    """
    from ocpplab_runner.reports.coverage import CoverageTable, render
    from ocpplab_runner.reports.text import plural
    from ocpplab_runner.scenario.loader import load_files
    from ocpplab_runner.vocabulary.rules import RULES

    if certification is None and (side or capabilities):
        raise click.UsageError("--side and --capabilities belong to --certification")
    if certification is None and form == "html":
        raise click.UsageError("--format html belongs to --certification")
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
    if certification is not None:
        from ocpplab_runner.reports.certification import CertificationTable
        from ocpplab_runner.vocabulary.certification import catalogue

        cases = CertificationTable(
            catalogue(certification), _capabilities(capabilities), prefix=prefix, suffix=side or ""
        )
        return _certification(cases, loaded.scenarios, runs, form, fail_under)
    table = CoverageTable(RULES, prefix=prefix, others=others)
    for scenario in loaded.scenarios:
        table.add(scenario)
    if not table.lines:
        click.echo(f"no id begins with {prefix!r}", err=True)
        return _NOTHING
    for run in runs:
        table.add_results(_results(run))
    say(render(table, form))
    thin = table.thinner_than(fail_under)
    if thin:
        click.echo(f"fewer than {plural(fail_under, 'scenario')} for {', '.join(thin)}", err=True)
    return 1 if thin else 0


def _certification(
    table: CertificationTable, scenarios: Sequence[Scenario], runs: Sequence[Path], form: str, fail_under: int
) -> int:
    from ocpplab_runner.reports.certification import State, render
    from ocpplab_runner.reports.text import plural
    from ocpplab_runner.vocabulary.certification import every_id

    if not table.lines:
        click.echo("no id begins so", err=True)
        return _NOTHING
    for scenario in scenarios:
        table.add(scenario)
    for run in runs:
        table.add_results(_results(run))
    say(render(table, form))
    unknown = sorted({name for scenario in scenarios for name in scenario.covers if _CASE.fullmatch(name)} - every_id())
    if unknown:
        click.echo(f"no version has {', '.join(unknown)}, which `covers` names", err=True)
    passed = table.counts[State.PASSED]
    if passed < fail_under:
        click.echo(f"{plural(passed, 'case')} passed, and {fail_under} must", err=True)
        return 1
    return 0


def _results(path: Path) -> Results:
    from ocpplab_runner.reports.collect import collect
    from ocpplab_runner.reports.jsonl import UnreadableFileError, read

    try:
        return collect(read(path))
    except UnreadableFileError as error:
        raise click.UsageError(f"{path}: {error}") from error


def _capabilities(path: Path | None) -> Capabilities:
    from ocpplab_runner.scenario.plain_yaml import PlainYamlError, read_plain_yaml
    from ocpplab_runner.scenario.suggest import did_you_mean
    from ocpplab_runner.vocabulary.certification import every_id

    if path is None:
        return Capabilities()
    try:
        told = Capabilities.from_data(read_plain_yaml(path))
        for case in sorted(told.lacks.keys() - every_id()):
            hint = did_you_mean(case, sorted(every_id()))
            raise ValueError(f"`lacks` names {case}, which is no case of any version{'; ' if hint else ''}{hint}")
        return told
    except PlainYamlError as error:
        raise click.UsageError(str(error)) from error
    except ValueError as error:
        raise click.UsageError(f"{path}: {error}") from error
