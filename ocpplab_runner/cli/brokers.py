"""Commands whose URL is that of EVerest's broker: which broker their options name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from ocpplab_runner.cli.output import hide
from ocpplab_runner.cli.targets import PASSWORD_VARIABLE
from ocpplab_runner.redaction.options import option_secrets

if TYPE_CHECKING:
    from ocpplab_runner.everest.broker import Broker

_SCHEMES = ("mqtt://", "mqtts://")


def is_broker(url: str) -> bool:
    """Whether that is the URL of a broker."""
    return url.lower().startswith(_SCHEMES)


def refuse_others(context: click.Context, names: Mapping[str, str]) -> None:
    """Refuse options that a broker has no use for.

    Args:
        context: of the command, which knows what was said.
        names: parameter → option.

    Raises:
        click.UsageError: one was said.
    """
    if wrong := [option for name, option in names.items() if _said(context, name)]:
        raise click.UsageError(f"{', '.join(wrong)}: a broker has no use for that")


def broker_of(url: str, *, limit: float, user: str | None, ca: str | None, cert: str | None, key: str | None) -> Broker:
    """The broker of a URL and options; its password is hidden from now on, and may come from the environment.

    Args:
        url: ``mqtt://`` or ``mqtts://``.
        limit: seconds, of ``--timeout``.
        user: where the URL names none.
        ca: file of a CA.
        cert: file of our certificate.
        key: file of its key.

    Raises:
        click.UsageError: one of them is wrong; the text shows no password.
        click.ClickException: the extra is not installed.
    """
    hide(list(option_secrets([url])))
    if not limit > 0:
        raise click.UsageError("--timeout is longer than nothing: in no time at all nobody can answer")
    try:
        from ocpplab_runner.everest.broker import Broker
    except ModuleNotFoundError as error:
        raise click.ClickException(f"it needs {error.name}: install ocpplab-runner[everest]") from error
    try:
        made = Broker.from_url(url, ca=ca, cert=cert, key=key)
        found = made.as_user(user, os.environ.get(PASSWORD_VARIABLE))
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    hide([found.password] if found.password is not None else [])
    return found


def _said(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is ParameterSource.COMMANDLINE
