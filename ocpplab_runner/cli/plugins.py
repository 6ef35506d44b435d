"""Loading the language: the built-in rooms and whatever plugins there are."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from ocpplab_runner.plugin.manager import Plugins

_Command = TypeVar("_Command", bound=Callable[..., Any])
_LANGUAGE = ("ocpplab_runner.steps.builtin",)
_WORLD = ("ocpplab_runner.targets.builtin", "ocpplab_runner.reports.builtin")


def plugin_option(command: _Command) -> _Command:
    """The ``--plugin`` option."""
    return click.option(
        "--plugin",
        "plugin_modules",
        multiple=True,
        metavar="MODULE",
        help="Load a plugin from an importable module; may be given several times.",
    )(command)


def load(modules: Sequence[str], *, world: bool = False) -> Plugins:
    """The language, and with ``world`` the targets and reports too.

    Raises:
        click.ClickException: a plugin cannot be used.
    """
    from ocpplab_runner.plugin.manager import load_plugins

    here = str(Path.cwd())
    if modules and here not in sys.path:
        # As `python -m` does: a plugin under development lies beside its scenarios.
        sys.path.insert(0, here)
    builtins = [importlib.import_module(name) for name in (*_LANGUAGE, *(_WORLD if world else ()))]
    with refusing():
        return load_plugins(builtins, modules)


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
