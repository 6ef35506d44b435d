"""``--secret`` of commands that write recordings, or print what stands in one."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

from ocpplab_runner.cli.output import hide
from ocpplab_runner.redaction.redactor import Redactor

F = TypeVar("F", bound=Callable[..., Any])


def secret_option(command: F) -> F:
    """``--secret``, several times for more; :func:`redactor_of` makes of it what hides them."""
    return click.option(
        "--secret",
        "secret_names",
        multiple=True,
        metavar="NAME",
        help="Also hide what this environment variable holds, wherever it stands; several times for more.",
    )(command)


def redactor_of(names: tuple[str, ...]) -> Redactor:
    """Hides the values of environment variables, and what every redactor hides.

    Args:
        names: of the variables.

    Raises:
        click.UsageError: one is not set, or empty: nothing would be hidden.
    """
    values = []
    for name in names:
        value = os.environ.get(name)
        if not value:
            raise click.UsageError(f"--secret {name}: the environment has no {name}, so nothing can be hidden")
        values.append(value)
    hide(values)
    return Redactor(values)
