"""``ocpplab-runner new``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ocpplab_runner.cli.output import is_terminal, unwritable
from ocpplab_runner.cli.plugins import load, plugin_option
from ocpplab_runner.cli.state import STATE, keep_out_of_version_control

if TYPE_CHECKING:
    from ocpplab_runner.cli.beginning import Subject

_SCHEMA = "scenario.schema.json"
_SUFFIXES = (".yaml", ".yml")
_VERSIONS = ("1.6", "2.0.1", "2.1")


def _complete(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    from ocpplab_runner.tools.starting.happenings import happenings

    return [name for name in happenings() if name.startswith(begun)]


@click.command("new")
@click.argument("names", metavar="[NAME | plugin NAME]", nargs=-1)
@click.option(
    "--happens",
    metavar="WHAT",
    shell_complete=_complete,
    help="What the scenario is about; --list shows all there are.",
)
@click.option("--follows", metavar="WHAT", multiple=True, help="What must follow; all that --list shows, unless given.")
@click.option("--ocpp", multiple=True, type=click.Choice(_VERSIONS), help="OCPP version; may be given several times.")
@click.option("--list", "listed", is_flag=True, help="Show what --happens and --follows know.")
@click.option("--title", help="The scenario's name. [default: made from NAME, or from what happens]")
@click.option("--force", is_flag=True, help="Overwrite a scenario that exists.")
@plugin_option
def command(
    names: tuple[str, ...],
    happens: str | None,
    follows: tuple[str, ...],
    ocpp: tuple[str, ...],
    listed: bool,
    title: str | None,
    force: bool,
    plugin_modules: tuple[str, ...],
) -> None:
    """Write a scenario that runs, to start from, or a plugin that passes its own test.

    In a terminal it asks what is to be tested, unless --happens says it; elsewhere it then writes a commented example.
    NAME is a name or a path; .yaml is added when it is missing. The schema that makes editors complete every key is
    written into .ocpplab/, once for all scenarios, unless the project has one beside them, above them or in schemas/.

    `new plugin NAME` makes the directory NAME with a plugin in it.
    """
    if listed:
        from ocpplab_runner.cli.beginning import overview

        click.echo("\n".join(overview()))
    elif names[:1] == ("plugin",):
        _plugin(names[1:])
    elif len(names) > 1:
        raise click.UsageError(f"one NAME, not {len(names)}; a name with spaces needs quotes")
    else:
        if (follows or ocpp) and happens is None and not is_terminal(sys.stdin):
            raise click.UsageError("--follows and --ocpp need --happens")
        file = _scenario_file(names[0]) if names else None
        if file is not None:
            _refuse_existing(file, force)
        about = _subject(happens, follows, ocpp)
        if file is None:
            if about is None:
                raise click.UsageError("a NAME is needed, or --happens")
            file = _scenario_file(about.happening.name)
            _refuse_existing(file, force)
        _write(file, about, title, plugin_modules)


def _scenario_file(name: str) -> Path:
    if not name.isprintable() or not name:
        raise click.UsageError(f"{name!r} cannot be the name of a file here: it is not one line of text")
    file = Path(name)
    return file if file.suffix in _SUFFIXES else file.with_name(file.name + ".yaml")


def _refuse_existing(file: Path, force: bool) -> None:
    if file.exists() and not force:
        raise click.UsageError(f"{file} exists; --force overwrites it")


def _subject(happens: str | None, follows: tuple[str, ...], versions: tuple[str, ...]) -> Subject | None:
    """What it is to be about; None for the commented example."""
    if happens is None and not is_terminal(sys.stdin):
        return None
    from ocpplab_runner.cli import beginning

    return beginning.ask(follows, versions) if happens is None else beginning.subject(happens, follows, versions)


def _write(file: Path, about: Subject | None, title: str | None, plugin_modules: tuple[str, ...]) -> None:
    from ocpplab_runner.scenario.editor_schema import editor_schema_text
    from ocpplab_runner.scenario.template import argument, example, preamble

    schema = _find_schema(file)
    own = schema is None
    if schema is None:
        below = file.absolute().is_relative_to(Path.cwd())
        schema = (Path() if below else file.parent) / STATE / _SCHEMA
    relative, schema_file = (Path(os.path.relpath(schema, start)).as_posix() for start in (file.parent, Path()))
    text = preamble(file.as_posix(), relative, schema_file)
    if about is None:
        text += example(title or _title(file))
    else:
        from ocpplab_runner.tools.starting.scenario import scenario_about

        text += scenario_about(about.happening, about.follows, about.versions, title or "")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if own:
            _write_schema(schema, editor_schema_text(load(plugin_modules).registry, payloads=True))
        file.write_text(text, "utf-8")
    except OSError as error:
        raise unwritable(error, file) from error
    click.echo(f"wrote {file}")
    click.echo(f"run it: ocpplab-runner run {argument(file.as_posix())}")


def _plugin(names: tuple[str, ...]) -> None:
    if len(names) != 1:
        raise click.UsageError("`new plugin` needs one NAME; a scenario of that name is ./plugin")
    from ocpplab_runner.scenario.template import argument
    from ocpplab_runner.tools.starting.plugin import plugin_files

    directory = Path(names[0])
    try:
        files = plugin_files(directory.name)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    if directory.exists():
        raise click.UsageError(f"{directory} exists, and nothing in it is overwritten")
    try:
        for name, text in files.items():
            target = directory / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")
            click.echo(f"wrote {target}")
    except OSError as error:
        raise unwritable(error, directory) from error
    click.echo(f"test it: cd {argument(directory.as_posix())} && python -m pytest")


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
