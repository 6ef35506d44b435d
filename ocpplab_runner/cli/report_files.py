"""Which files the options of a command name for reports, and whether these can be written."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any, TypeVar

import click

from ocpplab_runner.cli.output import refuse_input

F = TypeVar("F", bound=Callable[..., Any])

#: Reports that go to a file or a directory, by the names that ``--report`` takes.
FORMS = ("jsonl", "junit", "html", "markdown", "tap", "allure", "traces")
_DIRECTORIES = frozenset({"allure", "traces"})


def _pairs(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, Path]:
    """``NAME=FILE``; raises :class:`click.BadParameter` where one is not, or names one report twice."""
    found: dict[str, Path] = {}
    for value in values:
        name, separator, file = value.partition("=")
        if name not in FORMS:
            raise click.BadParameter(f"{value!r}: the reports are {', '.join(FORMS)}", ctx, param)
        if not separator or not file:
            raise click.BadParameter(f"{value!r} is not NAME=FILE", ctx, param)
        if name in found:
            raise click.BadParameter(f"{name} is given twice", ctx, param)
        found[name] = Path(file)
    return found


def report_option(command: F) -> F:
    """``--report NAME=FILE``, any number of them."""
    option = click.option(
        "--report",
        "reports",
        multiple=True,
        metavar="NAME=FILE",
        callback=_pairs,
        help=f"Write a report; any number of them. NAME is {', '.join(FORMS[:-1])} or {FORMS[-1]}; "
        "allure and traces are directories.",
    )
    return option(command)


def junit_flavor_option(command: F) -> F:
    """``--junit-flavor``."""
    option = click.option(
        "--junit-flavor",
        type=click.Choice(("extended", "strict")),
        default="extended",
        show_default=True,
        help="strict keeps to the schema of Jenkins' xUnit plugin.",
    )
    return option(command)


def named_files(given: Mapping[str, Any], inputs: Iterable[Path]) -> dict[str, Path | None]:
    """Where each report goes, whether an option of its own says so or ``--report``.

    Args:
        given: the parameters of the command.
        inputs: what it reads.

    Raises:
        click.UsageError: two say it of one report, two reports go to one file, or one over what is read.
    """
    files: dict[str, Path] = {}
    options: dict[str, str] = {}
    for form in FORMS:
        own, named = given.get(form), given["reports"].get(form)
        if own is not None and named is not None:
            raise click.UsageError(f"--{form} and --report {form}= say the same: give one of them")
        if (path := own or named) is not None:
            files[form], options[form] = path, f"--{form}" if own is not None else f"--report {form}="
    for (one, first), (other, second) in combinations(files.items(), 2):
        if os.path.realpath(first) == os.path.realpath(second):
            raise click.UsageError(f"{options[one]} and {options[other]} name the same file")
    for form, path in files.items():
        if form not in _DIRECTORIES:
            refuse_input(options[form], path, inputs)
        elif path.exists() and not path.is_dir():
            raise click.UsageError(f"{options[form]} {path} is a file, and {form} needs a directory")
    return {form: files.get(form) for form in FORMS}


def github_options(asked: bool | None, environment: Mapping[str, str]) -> dict[str, Any]:
    """What reports for GitHub Actions need to know.

    Args:
        asked: whether somebody wants them; None for where they are of use.
        environment: of the step.
    """
    if not (environment.get("GITHUB_ACTIONS") == "true" if asked is None else asked):
        return {"github": False, "repository": None, "step_summary": None}
    return {
        "github": True,
        "repository": environment.get("GITHUB_WORKSPACE") or None,
        "step_summary": environment.get("GITHUB_STEP_SUMMARY") or None,
    }
