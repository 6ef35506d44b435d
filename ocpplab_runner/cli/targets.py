"""Where to run, from the command line and ``ocpplab.yaml``."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ocpplab_runner.cli.values import token_map
from ocpplab_runner.plugin.manager import PluginError, Plugins
from ocpplab_runner.plugin.target import Target

CONFIGURATION = Path("ocpplab.yaml")
PASSWORD_VARIABLE = "OCPPLAB_BASIC_AUTH_PASSWORD"
_ENVIRONMENT = re.compile(r"\$\{\{\s*env\.([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
_CSMS_OPTIONS = {
    "identities": "--identity",
    "basic_auth_user": "--basic-auth-user",
    "ca": "--ca",
    "token_maps": "--token-map",
}


def make_target(given: Mapping[str, Any], plugins: Plugins) -> Target:
    """The target that the options choose; the simulated one unless they say.

    Raises:
        click.ClickException: there is none of that name, or an option of it is wrong.
    """
    kind, name, options = _choose(given)
    if kind == "csms":
        options = options | _csms_options(given)
    elif wrong := [option for key, option in _CSMS_OPTIONS.items() if given[key]]:
        raise click.UsageError(f"{', '.join(wrong)} need --csms or a target of the kind csms")
    if given["realtime"]:
        options = options | {"realtime": True}
    try:
        return plugins.target(kind, name, options)
    except PluginError as error:
        raise click.UsageError(str(error)) from error
    except (ValueError, OSError) as error:
        raise click.UsageError(f"target {name}: {error}") from error


def _choose(given: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    name = given["target"]
    if given["csms"]:
        if name:
            raise click.UsageError("--csms and --target exclude each other")
        return "csms", "csms", {"url": given["csms"]}
    if name in (None, "simulated"):
        return "simulated", "simulated", {}
    return _configured(name)


def _csms_options(given: Mapping[str, Any]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if given["identities"]:
        options["identities"] = list(given["identities"])
    if given["ca"]:
        options["ca"] = str(given["ca"])
    if given["token_maps"]:
        options["token_map"] = token_map(given["token_maps"])
    password = os.environ.get(PASSWORD_VARIABLE)
    if given["basic_auth_user"] and password is None:
        raise click.UsageError(f"--basic-auth-user needs the password in the environment, as {PASSWORD_VARIABLE}")
    if password is not None:
        options["basic_auth"] = {"user": given["basic_auth_user"], "password": password}
    return options


def _configured(name: str) -> tuple[str, str, dict[str, Any]]:
    targets = _read(CONFIGURATION) if CONFIGURATION.is_file() else {}
    if name not in targets:
        known = ", ".join(("simulated", *targets))
        where = f"{CONFIGURATION} has" if CONFIGURATION.is_file() else f"there is no {CONFIGURATION} here, so there are"
        raise click.UsageError(f"no target is named {name!r}; {where} {known}")
    entry = targets[name]
    if not isinstance(entry, dict) or not isinstance(entry.get("kind"), str):
        raise click.UsageError(f"{CONFIGURATION}: target {name!r} needs a mapping with its kind")
    options = {key: _resolved(value, f"target {name!r}") for key, value in entry.items() if key != "kind"}
    return entry["kind"], name, options


def _read(path: Path) -> dict[str, Any]:
    from ocpplab_runner.scenario.yaml_text import parse

    try:
        text = path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{path} cannot be read: {error}") from error
    document = parse(text, path)
    for problem in document.diagnostics:
        raise click.UsageError(f"{path}:{problem.span.line}:{problem.span.column}: {problem.message}")
    data = document.root
    targets = data.get("targets") if isinstance(data, dict) else None
    if not isinstance(targets, dict):
        raise click.UsageError(f"{path} must hold `targets:`, a mapping of names to targets")
    return targets


def _resolved(value: Any, where: str) -> Any:
    """The value with ``${{ env.NAME }}`` replaced, which is the only place for a secret."""
    match value:
        case str():

            def look_up(found: re.Match[str]) -> str:
                if found[1] not in os.environ:
                    raise click.UsageError(f"{CONFIGURATION}: {where} needs {found[1]} in the environment")
                return os.environ[found[1]]

            return _ENVIRONMENT.sub(look_up, value)
        case dict():
            return {key: _resolved(item, where) for key, item in value.items()}
        case list():
            return [_resolved(item, where) for item in value]
        case _:
            return value
