"""Loading the language: the built-in rooms and whatever plugins there are."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from ocpplab_runner.plugin.manager import Plugins
    from ocpplab_runner.plugin.options import OptionSpec

_Command = TypeVar("_Command", bound=Callable[..., Any])
_LANGUAGE = ("ocpplab_runner.steps.builtin",)
_WORLD = ("ocpplab_runner.targets.builtin", "ocpplab_runner.reports.builtin")


def plugin_option(command: _Command) -> _Command:
    """The ``--plugin`` option."""
    return click.option(
        "--plugin",
        "-p",
        "plugin_modules",
        multiple=True,
        metavar="MODULE|no:NAME",
        help="Load a plugin from an importable module, or keep an installed one away; may be given several times.",
    )(command)


class CommandOfPlugins(click.Command):
    """A command to which plugins add options of their own; if there are any, they are loaded as ``ctx.obj``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Load the plugins that the arguments name before their options are looked for."""
        from ocpplab_runner.plugin.installed import any_installed

        parser = self.make_parser(ctx)
        # What is not known yet may be the option of a plugin that the same line names.
        parser.ignore_unknown_options = True
        modules = parser.parse_args(list(args))[0].get("plugin_modules") or ()
        if not modules and not any_installed():
            return super().parse_args(ctx, args)
        ctx.obj = load(modules, world=True)
        own = {flag for parameter in super().get_params(ctx) for flag in parameter.opts}
        for spec in ctx.obj.options:
            if spec.flag in own:
                raise click.ClickException(f"the option {spec.name!r} of a plugin is called like our own {spec.flag}")
        return super().parse_args(ctx, args)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The command's own, and those of the plugins once they are loaded."""
        return [*super().get_params(ctx), *(_parameter(spec) for spec in (ctx.obj.options if ctx.obj else ()))]


def _parameter(spec: OptionSpec) -> click.Option:
    listed = (spec.schema["items"] if spec.repeated else spec.schema).get("enum")
    types: dict[str, Any] = {"string": str, "integer": int, "number": float, "boolean": bool}
    single = spec.kind == "boolean" and not spec.repeated
    return click.Option(
        [f"{spec.flag}/--no-{spec.flag[2:]}" if single else spec.flag, _parameter_name(spec)],
        type=click.Choice(listed) if listed and spec.kind == "string" else types[spec.kind],
        multiple=spec.repeated,
        default=None,
        help=f"{spec.description}{'' if spec.default is None else f' [default: {spec.default}]'}",
    )


def _parameter_name(spec: OptionSpec) -> str:
    return f"plugin__{spec.name.replace('.', '__')}"


def configure(plugins: Plugins, given: Mapping[str, Any]) -> tuple[Any, ...]:
    """Tell plugins their options, those of the command line and of ``ocpplab.yaml``; gives the secrets among them.

    Raises:
        click.ClickException: one is wrong.
    """
    from ocpplab_runner.plugin.options import OptionError
    from ocpplab_runner.redaction.options import Consulted, option_secrets
    from ocpplab_runner.targets.configuration import ConfigurationError, read_plugin_sections

    named = {spec.name: given[_parameter_name(spec)] for spec in plugins.options}
    said = {name: list(value) if isinstance(value, tuple) else value for name, value in named.items()}
    environment = Consulted(os.environ)
    try:
        sections = read_plugin_sections(Path(), environment) if plugins.options else {}
        plugins.configure({name: value for name, value in said.items() if value not in (None, [])}, sections)
    except (OptionError, ConfigurationError) as error:
        raise click.UsageError(str(error)) from error
    return (*environment.secrets(), *option_secrets([said, sections]))


def load(modules: Sequence[str], *, world: bool = False) -> Plugins:
    """The language, and with ``world`` the targets and reports too.

    Raises:
        click.ClickException: a plugin cannot be used.
    """
    from ocpplab_runner.plugin import leaving
    from ocpplab_runner.plugin.installed import any_installed
    from ocpplab_runner.plugin.manager import load_plugins

    if modules or any_installed():
        leaving.forbid()
    here = str(Path.cwd())
    if modules and here not in sys.path:
        # As `python -m` does: a plugin under development lies beside its scenarios.
        sys.path.insert(0, here)
    builtins = [importlib.import_module(name) for name in (*_LANGUAGE, *(_WORLD if world else ()))]
    with refusing(), _staying(here):
        return load_plugins(builtins, modules)


@contextmanager
def _staying(here: str) -> Iterator[None]:
    """Whatever a plugin does at its import, paths stay relative to where the user is."""
    try:
        yield
    finally:
        os.chdir(here)


@contextmanager
def refusing() -> Iterator[None]:
    """What a plugin has done wrong is told and ends the command."""
    from ocpplab_runner.plugin.calling import PluginError

    try:
        yield
    except PluginError as error:
        if isinstance(error.__cause__, ModuleNotFoundError):
            raise click.UsageError(str(error)) from error
        raise click.ClickException(str(error)) from error
