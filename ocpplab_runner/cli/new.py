"""``ocpplab-runner new``."""

from __future__ import annotations

import os
from pathlib import Path

import click

from ocpplab_runner.cli.output import unwritable
from ocpplab_runner.cli.plugins import load, plugin_option
from ocpplab_runner.cli.state import STATE, keep_out_of_version_control

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
    written into .ocpplab/, once for all scenarios, unless the project has one beside them, above them or in schemas/.
    """
    from ocpplab_runner.scenario.template import argument, new_scenario

    if not str(file).isprintable():
        raise click.UsageError(f"{str(file)!r} cannot be the name of a file here: it is not one line of text")

    if file.suffix not in _SUFFIXES:
        file = file.with_name(file.name + ".yaml")
    if file.exists() and not force:
        raise click.UsageError(f"{file} exists; --force overwrites it")
    schema = _find_schema(file)
    own = schema is None
    if schema is None:
        below = file.absolute().is_relative_to(Path.cwd())
        schema = (Path() if below else file.parent) / STATE / _SCHEMA
    from ocpplab_runner.scenario.editor_schema import editor_schema_text

    text = new_scenario(
        title or _title(file),
        file=file.as_posix(),
        schema=Path(os.path.relpath(schema, file.parent)).as_posix(),
        schema_file=Path(os.path.relpath(schema)).as_posix(),
    )
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if own:
            _write_schema(schema, editor_schema_text(load(plugin_modules).registry))
        file.write_text(text, "utf-8")
    except OSError as error:
        raise unwritable(error, file) from error
    click.echo(f"wrote {file}")
    click.echo(f"run it: ocpplab-runner run {argument(file.as_posix())}")


def _write_schema(schema: Path, text: str) -> None:
    if schema.is_file() and schema.read_text("utf-8") == text:
        return
    schema.parent.mkdir(parents=True, exist_ok=True)
    keep_out_of_version_control(schema.parent)
    schema.write_text(text, "utf-8")
    click.echo(f"wrote {schema}")


def _title(file: Path) -> str:
    words = file.stem.replace("_", " ").replace("-", " ").split()
    return " ".join(words).capitalize() if words else ""


def _find_schema(file: Path) -> Path | None:
    """The schema that the file's project keeps itself: beside the file or above it, or in ``schemas/`` there."""
    folder = file.parent.absolute()
    places = (parent / place for parent in (folder, *folder.parents) for place in (_SCHEMA, f"schemas/{_SCHEMA}"))
    return next((place for place in places if place.is_file()), None)
