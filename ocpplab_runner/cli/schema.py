"""``ocpplab-runner schema``."""

from __future__ import annotations

from pathlib import Path

import click

from ocpplab_runner.cli.output import unwritable
from ocpplab_runner.cli.plugins import load, plugin_option


@click.command("schema")
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file instead.")
@plugin_option
def command(output: Path | None, plugin_modules: tuple[str, ...]) -> None:
    """Print the JSON Schema (draft-07) of scenario files.

    Point your editor at it and it completes every key. With plugins loaded their verbs are in it.
    """
    from ocpplab_runner.scenario.editor_schema import editor_schema_text

    text = editor_schema_text(load(plugin_modules).registry)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, "utf-8")
    except OSError as error:
        raise unwritable(error, output) from error
