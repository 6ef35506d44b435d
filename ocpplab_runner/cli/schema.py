"""``ocpplab-runner schema``."""

from __future__ import annotations

from pathlib import Path

import click

from ocpplab_runner.cli.output import unwritable
from ocpplab_runner.cli.plugins import load, plugin_option
from ocpplab_runner.cli.state import STATE, keep_out_of_version_control

_EDITORS = ("vscode", "jetbrains")
_SCHEMA = STATE / "scenario.schema.json"


@click.command("schema")
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file instead.")
@click.option(
    "--install",
    "editors",
    type=click.Choice(_EDITORS),
    multiple=True,
    help="Have an editor use it for this project's scenarios; may be given several times.",
)
@click.option("--scenarios", metavar="DIRECTORY", default="scenarios", show_default=True, help="With --install: where.")
@click.option(
    "--payloads", is_flag=True, help="With OCPP's actions and the keys of their payloads, as --install has it."
)
@plugin_option
def command(
    output: Path | None, editors: tuple[str, ...], scenarios: str, payloads: bool, plugin_modules: tuple[str, ...]
) -> None:
    """Print the JSON Schema (draft-07) of scenario files, or give it to editors.

    Point your editor at it and it completes every key. With plugins loaded their verbs are in it.

    --install writes it to .ocpplab/ (or to --output), and beside it the settings of the project in the current
    directory: .vscode/settings.json for the YAML extension of VS Code, .idea/jsonSchemas.xml for the IDEs of JetBrains.
    What else stands in these stays.
    """
    from ocpplab_runner.scenario.editor_schema import editor_schema_text

    text = editor_schema_text(load(plugin_modules).registry, payloads=payloads or bool(editors))
    if editors:
        _install(editors, output or _SCHEMA, scenarios.strip("/") or ".", text)
    elif output is None:
        click.echo(text, nl=False)
    else:
        _write(output, text)


def _install(editors: tuple[str, ...], schema: Path, scenarios: str, text: str) -> None:
    from ocpplab_runner.cli.editors import EDITORS

    if not schema.absolute().is_relative_to(Path.cwd()):
        raise click.UsageError(f"--output {schema}: --install takes a file of this project")
    place = schema.absolute().relative_to(Path.cwd()).as_posix()
    settings = [EDITORS[editor](place, scenarios) for editor in dict.fromkeys(editors)]
    for path, content in [(schema, text), *settings]:
        _write(path, content)
        click.echo(f"wrote {path}")
    keep_out_of_version_control()


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    except OSError as error:
        raise unwritable(error, path) from error
