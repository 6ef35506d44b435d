"""``ocpplab-runner probe`` where the URL is that of EVerest's broker."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from ocpplab_runner.cli.output import hide
from ocpplab_runner.cli.targets import PASSWORD_VARIABLE
from ocpplab_runner.redaction.options import option_secrets

if TYPE_CHECKING:
    from ocpplab_runner.everest.broker import Broker

_SCHEMES = ("mqtt://", "mqtts://")
#: Options that a broker has no use for.
_OF_OCPP = {
    "identity": "--identity",
    "headers": "--header",
    "proxy": "--proxy",
    "insecure": "--insecure",
    "versions": "--ocpp",
    "no_boot": "--no-boot",
}


def is_broker(url: str) -> bool:
    """Whether that is the URL of a broker."""
    return url.lower().startswith(_SCHEMES)


def broker_of(context: click.Context, given: Mapping[str, Any]) -> Broker:
    """The broker that the options name; its password is hidden from now on.

    Args:
        context: of the command, which knows what was said.
        given: options of the command.

    Raises:
        click.UsageError: the URL is none, or an option has no meaning there; the text shows no password.
        click.ClickException: the extra is not installed.
    """
    hide(list(option_secrets([given["url"]])))
    if wrong := [name for key, name in _OF_OCPP.items() if _said(context, key)]:
        raise click.UsageError(f"{', '.join(wrong)}: a broker has no use for that")
    if not given["timeout"] > 0:
        raise click.UsageError("--timeout is longer than nothing: in no time at all nobody can answer")
    try:
        from ocpplab_runner.everest.broker import Broker
    except ModuleNotFoundError as error:
        raise click.ClickException(f"it needs {error.name}: install ocpplab-runner[everest]") from error
    try:
        made = Broker.from_url(given["url"], ca=given["ca"], cert=given["cert"], key=given["key"])
        found = made.as_user(given["basic_auth_user"], os.environ.get(PASSWORD_VARIABLE))
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    hide([found.password] if found.password is not None else [])
    return found


def _said(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is ParameterSource.COMMANDLINE
