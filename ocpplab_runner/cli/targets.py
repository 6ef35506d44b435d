"""Where to run, from the command line and ``ocpplab.yaml``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ocpplab_runner.cli.values import card_files, token_map
from ocpplab_runner.plugin.calling import PluginError
from ocpplab_runner.plugin.manager import Plugins
from ocpplab_runner.plugin.target import Target
from ocpplab_runner.redaction.options import Consulted, option_secrets
from ocpplab_runner.redaction.redactor import Redactor

PASSWORD_VARIABLE = "OCPPLAB_BASIC_AUTH_PASSWORD"
_CSMS_OPTIONS = {
    "identities": "--identity",
    "basic_auth_user": "--basic-auth-user",
    "ca": "--ca",
    "cert": "--cert",
    "key": "--key",
    "token_maps": "--token-map",
    "card_files": "--cards",
}
_STATION_OPTIONS = {"listen": "--listen", "interactive": "--interactive"}
#: Options of CSMS targets that those whose chargers dial us have too.
_SHARED = frozenset({"identities"})


def make_target(given: Mapping[str, Any], plugins: Plugins) -> tuple[Target, tuple[Any, ...]]:
    """The target that the options choose, the simulated one unless they say, and what nobody may see of its options.

    Raises:
        click.ClickException: there is none of that name, or an option of it is wrong; the text shows no secret.
    """
    from ocpplab_runner.targets import configuration
    from ocpplab_runner.targets.option_places import place_of
    from ocpplab_runner.targets.option_values import OptionError

    environment = Consulted(os.environ)
    kind, name, options = _choose(given, environment)
    shared = _SHARED if kind in configuration.STATION_KINDS else frozenset()
    if kind == "csms":
        options = options | _csms_options(given)
    elif wrong := [option for key, option in _CSMS_OPTIONS.items() if given[key] and key not in shared]:
        raise click.UsageError(f"{', '.join(wrong)} need --csms or a target of the kind csms")
    if kind in configuration.STATION_KINDS:
        options = options | _station_options(given)
    elif wrong := [option for key, option in _STATION_OPTIONS.items() if given[key]]:
        raise click.UsageError(f"{', '.join(wrong)} need --target station, everest, or a target of such a kind")
    if given["realtime"] and (kind == "simulated" or options.get("local")):
        # Everything else runs on the real clock anyway.
        options = options | {"realtime": True}
    secrets = (*environment.secrets(), *option_secrets(options))
    try:
        return configuration.make_target(plugins, kind, name, options), secrets
    except PluginError as error:
        raise click.UsageError(Redactor(secrets).redact_text(str(error))) from error
    except OptionError as error:
        told = f"{place_of(error, name, Path())}: target {name}: {error}"
        raise click.UsageError(Redactor(secrets).redact_text(told)) from error
    except (ValueError, OSError) as error:
        raise click.UsageError(Redactor(secrets).redact_text(f"target {name}: {error}")) from error


def _choose(given: Mapping[str, Any], environment: Mapping[str, str]) -> tuple[str, str, dict[str, Any]]:
    name = given["target"]
    if given["csms"]:
        if name:
            raise click.UsageError("--csms and --target exclude each other")
        return "csms", "csms", {"url": given["csms"]}
    if name in (None, "simulated"):
        return "simulated", "simulated", {}
    return _configured(name, environment)


def _csms_options(given: Mapping[str, Any]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if given["identities"]:
        options["identities"] = list(given["identities"])
    options |= {name: str(given[name]) for name in ("ca", "cert", "key") if given[name]}
    if given["token_maps"]:
        options["tokens"] = token_map(given["token_maps"])
    if given["card_files"]:
        options["cards"] = card_files(given["card_files"])
    return options | _credentials(given)


def _station_options(given: Mapping[str, Any]) -> dict[str, Any]:
    options: dict[str, Any] = {"interactive": bool(given["interactive"])}
    if given["identities"]:
        options["identities"] = list(given["identities"])
        # The one of ocpplab.yaml, which would contradict those of the command line.
        options["identity"] = None
    if given["listen"]:
        options["listen"] = given["listen"]
    return options


def _credentials(given: Mapping[str, Any]) -> dict[str, Any]:
    password = os.environ.get(PASSWORD_VARIABLE)
    if given["basic_auth_user"] and password is None:
        raise click.UsageError(f"--basic-auth-user needs the password in the environment, as {PASSWORD_VARIABLE}")
    return {} if password is None else {"basic_auth": {"user": given["basic_auth_user"], "password": password}}


def _configured(name: str, environment: Mapping[str, str]) -> tuple[str, str, dict[str, Any]]:
    from ocpplab_runner.targets.configuration import ConfigurationError, find_target

    try:
        kind, options = find_target(name, Path(), environment)
    except ConfigurationError as error:
        raise click.UsageError(str(error)) from error
    return kind, name, options
