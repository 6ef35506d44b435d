"""``ocpplab-runner new``."""

from __future__ import annotations

import os
from pathlib import Path

import click

from ocpplab_runner.cli.output import unwritable
from ocpplab_runner.cli.plugins import load, plugin_option
from ocpplab_runner.cli.schema import schema_text

_SCHEMA = "scenario.schema.json"
_SUFFIXES = (".yaml", ".yml")


@click.command("new")
@click.argument("file", metavar="NAME", type=click.Path(path_type=Path))
@click.option("--title", help="The scenario's name. [default: made from NAME]")
@click.option("--force", is_flag=True, help="Overwrite a file that exists.")
@plugin_option
def command(file: Path, title: str | None, force: bool, plugin_modules: tuple[str, ...]) -> None:
    """Write a commented scenario that runs, to start from.

    NAME is a name or a path; .yaml is added when it is missing. The schema that makes editors complete every key is
    written beside it, unless there is one in schemas/ above.
    """
    from ocpplab_runner.scenario.template import new_scenario

    if file.suffix not in _SUFFIXES:
        file = file.with_name(file.name + ".yaml")
    if file.exists() and not force:
        raise click.UsageError(f"{file} exists; --force overwrites it")
    schema = _find_schema(file) or file.with_name(_SCHEMA)
    relative = Path(os.path.relpath(schema, file.parent)).as_posix()
    text = new_scenario(title or _title(file), file=file.as_posix(), schema=relative)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if not schema.exists():
            schema.write_text(schema_text(load(plugin_modules)), "utf-8")
            click.echo(f"wrote {schema}")
        file.write_text(text, "utf-8")
    except OSError as error:
        raise unwritable(error, file) from error
    click.echo(f"wrote {file}")
    click.echo(f"run it: ocpplab-runner run {file}")


def _title(file: Path) -> str:
    words = file.stem.replace("_", " ").replace("-", " ").split()
    return " ".join(words).capitalize() if words else ""


def _find_schema(file: Path) -> Path | None:
    """The schema that the file's project has already: beside the file, or in ``schemas/`` beside or above it."""
    folder = file.parent.absolute()
    beside = folder / _SCHEMA
    if beside.is_file():
        return beside
    return next(
        (
            parent / "schemas" / _SCHEMA
            for parent in (folder, *folder.parents)
            if (parent / "schemas" / _SCHEMA).is_file()
        ),
        None,
    )
