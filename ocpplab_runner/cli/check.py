"""``ocpplab-runner check``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ocpplab_runner.cli import gc_tuning
from ocpplab_runner.cli.output import color_option, is_there, say_json, use_color
from ocpplab_runner.cli.plugins import load, plugin_option, refusing

_NOTHING = 5


@click.command("check")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH…")
@click.option(
    "--format",
    "form",
    type=click.Choice(("full", "concise", "json", "github")),
    default="full",
    show_default=True,
    help="full shows the line with carets, concise one line each, github annotations.",
)
@color_option
@plugin_option
def command(paths: tuple[Path, ...], form: str, color: str, plugin_modules: tuple[str, ...]) -> int:
    """Say everything that is wrong with scenario files and directories of them, without running them.

    Exits with 0 when nothing is wrong, 2 when something is, 5 when there is no scenario file.
    """
    from ocpplab_runner.reports.diagnostics import as_data, render
    from ocpplab_runner.reports.text import harmless, plural
    from ocpplab_runner.scenario.loader import load_files

    for path in paths:
        if not is_there(path):
            raise click.UsageError(f"there is no file or directory {str(path)!r}")
    plugins = load(plugin_modules)
    gc_tuning.resume()
    with refusing():
        loaded = load_files(paths, plugins.registry, build=False, told=plugins.check_file)
    found = [as_data(diagnostic, loaded.source_line) for diagnostic in loaded.diagnostics]
    text = render(found, form, color=use_color(color, sys.stdout))
    if text and form == "json":
        say_json(text)
    elif text:
        # Annotations are commands, and meant to be. Whether there are colours is decided: click must not take them out.
        click.echo(text if form == "github" else harmless(text), color=True)
    if not loaded.files:
        click.echo("no scenario files found", err=True)
    elif form == "full":
        files = len({data["file"] for data in found})
        summary = f"{plural(len(found), 'problem')} in {plural(files, 'file')}" if found else "no problems"
        click.echo(f"{'' if not found else chr(10)}{plural(len(loaded.files), 'file')} checked, {summary}")
        if found:
            click.echo(f"`ocpplab-runner explain {found[0]['code']}` says more")
    if not loaded.ok:
        return 2
    return 0 if loaded.files else _NOTHING
