"""``ocpplab-runner schema``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ocpplab_runner.cli.output import unwritable
from ocpplab_runner.cli.plugins import load, plugin_option

if TYPE_CHECKING:
    from ocpplab_runner.plugin.manager import Plugins


@click.command("schema")
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file instead.")
@plugin_option
def command(output: Path | None, plugin_modules: tuple[str, ...]) -> None:
    """Print the JSON Schema (draft-07) of scenario files.

    Point your editor at it and it completes every key. With plugins loaded their verbs are in it.
    """
    text = schema_text(load(plugin_modules))
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, "utf-8")
    except OSError as error:
        raise unwritable(error, output) from error


def schema_text(plugins: Plugins, *, compact: bool = False) -> str:
    """The schema of that language, as the file that an editor reads; compact for one that nobody else does."""
    from ocpplab_runner.scenario.schema import build_schema

    form: dict[str, Any] = {"separators": (",", ":")} if compact else {"indent": 2}
    return json.dumps(build_schema(plugins.registry), ensure_ascii=False, **form) + "\n"
