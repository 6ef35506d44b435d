"""``ocpplab.yaml``: the targets of a project, by name, and the options of its plugins.

```yaml
targets:
  staging:
    kind: csms
    url: wss://csms.example.org/ocpp
    basic_auth: {password: "${{ env.STAGING_PASSWORD }}"}
    identities: [CP-001, CP-002]
    cards: {04A2B3C4: Accepted, 04A2B3C5: Blocked}
```
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ocpplab_runner.plugin.manager import Plugins
from ocpplab_runner.plugin.target import Target
from ocpplab_runner.scenario.plain_yaml import PlainYamlError, read_plain_yaml
from ocpplab_runner.scenario.suggest import did_you_mean

FILE_NAME = "ocpplab.yaml"
_ENV = re.compile(r"\$\{\{\s*env\.([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
#: Options that hold names, which are text however they look: a card 04E2 is no number.
_NAMES = frozenset({"tokens", "cards", "identities", "identity", "basic_auth", "versions"})
_PASSWORD_IN_URL = re.compile(r"://[^/@]*:[^/@]+@")
#: Targets that start a Gateway of their own → the generation of the API that they speak.
LOCAL_GATEWAYS: Mapping[str, str] = {"local-gateway": "g2", "local-gateway-g4": "g4"}
_SECRET_KEYS = frozenset({"password", "basic_auth", "token", "api_key", "secret"})


class ConfigurationError(ValueError):
    """The file cannot be used; the message names it and says why."""


def read_targets(
    path: Path, environment: Mapping[str, str] = os.environ, *, chosen: str | None = None
) -> dict[str, dict[str, Any]]:
    """The targets of a configuration file: name → options, with ``kind`` among them.

    Args:
        path: the file.
        environment: where ``${{ env.NAME }}`` is looked up.
        chosen: the only target that must be in order and whose variables are looked up: what is wrong with another, and
            its secrets, are the affair of who uses it. Every target's unless said.

    Raises:
        ConfigurationError: the file cannot be read, is not what it should be, or holds a secret in plain text, of
            whichever target.
    """
    try:
        data = read_plain_yaml(path)
        written = read_plain_yaml(path, texts=True)
    except PlainYamlError as error:
        raise ConfigurationError(str(error)) from error
    targets = (data or {}).get("targets", {}) if isinstance(data, Mapping) or data is None else None
    if not isinstance(targets, Mapping):
        raise ConfigurationError(f"{path}: `targets` maps a name to its options")
    found: dict[str, dict[str, Any]] = {}
    for name, options in targets.items():
        if chosen in (None, str(name)) and (
            not isinstance(options, Mapping) or not isinstance(options.get("kind"), str)
        ):
            raise ConfigurationError(f"{path}: target {name!r} needs a `kind`")
        found[str(name)] = dict(options) if isinstance(options, Mapping) else {}
    for name, texts in ((written or {}).get("targets") or {}).items():
        # What YAML's merge keys bring in is only in the ordinary reading.
        if name in found and isinstance(texts, Mapping):
            found[name].update((key, texts[key]) for key in _NAMES & texts.keys())
    return {
        name: _resolved(options, f"{path}: target {name!r}", environment if chosen in (None, name) else None)
        for name, options in found.items()
    }


#: Kinds of target whose chargers dial us.
STATION_KINDS = frozenset({"station", "everest"})
#: Kinds that are targets of the same name, where nothing is said of them.
_UNCONFIGURED = ("simulated", "station", "everest")


def find_target(name: str, directory: Path, environment: Mapping[str, str] = os.environ) -> tuple[str, dict[str, Any]]:
    """The kind and the options of the target of that name.

    ``simulated``, ``station``, ``everest``, ``local-gateway`` and ``local-gateway-g4`` need no configuration.

    Raises:
        ConfigurationError: there is no such target, or the file cannot be used.
    """
    path = directory / FILE_NAME
    targets = read_targets(path, environment, chosen=name) if path.exists() else {}
    if name in targets:
        options = targets[name]
        return str(options.pop("kind")), options
    if name in _UNCONFIGURED:
        return name, {}
    if name in LOCAL_GATEWAYS:
        return "gateway", {"local": True, "dialect": LOCAL_GATEWAYS[name]}
    known = {*_UNCONFIGURED, *LOCAL_GATEWAYS, *targets}
    hint = did_you_mean(name, known)
    there = f"there are: {', '.join(sorted(known))}"
    raise ConfigurationError(f"there is no target {name!r}; {f'{hint} ' if hint else ''}{there}")


def read_plugin_sections(directory: Path, environment: Mapping[str, str] = os.environ) -> dict[str, dict[str, Any]]:
    """What stands under ``plugins``: prefix → options, as written but for ``${{ env.NAME }}``.

    Raises:
        ConfigurationError: the file cannot be used, or holds a secret in plain text.
    """
    path = directory / FILE_NAME
    if not path.exists():
        return {}
    try:
        data = read_plain_yaml(path)
    except PlainYamlError as error:
        raise ConfigurationError(str(error)) from error
    sections = (data or {}).get("plugins", {}) if isinstance(data, Mapping) or data is None else {}
    if not isinstance(sections, Mapping) or not all(isinstance(one, Mapping) for one in sections.values()):
        raise ConfigurationError(f"{path}: `plugins` maps a plugin's prefix to its options")
    return {
        str(name): _resolved(options, f"{path}: plugin {name!r}", environment) for name, options in sections.items()
    }


def _resolved(value: Any, where: str, environment: Mapping[str, str] | None, key: str = "") -> Any:
    if isinstance(value, Mapping):
        return {str(name): _resolved(item, where, environment, str(name)) for name, item in value.items()}
    if isinstance(value, list):
        return [_resolved(item, where, environment, key) for item in value]
    if not isinstance(value, str):
        return value
    if ((key in _SECRET_KEYS and value) or _PASSWORD_IN_URL.search(value)) and not _ENV.search(value):
        raise ConfigurationError(f"{where}: `{key}` is a secret: write ${{{{ env.NAME }}}} instead")

    return value if environment is None else from_environment(value, where, environment)


def from_environment(text: str, where: str, environment: Mapping[str, str] = os.environ) -> str:
    """A text with what the environment holds in place of each ``${{ env.NAME }}``.

    Args:
        text: as it is written.
        where: it stands, for people.
        environment: where names are looked up.

    Raises:
        ConfigurationError: there is no such variable.
    """

    def look_up(match: re.Match[str]) -> str:
        if match.group(1) not in environment:
            raise ConfigurationError(f"{where}: the environment variable {match.group(1)} is not set")
        return environment[match.group(1)]

    return _ENV.sub(look_up, text)


def make_target(plugins: Plugins, kind: str, name: str, options: Mapping[str, Any]) -> Target:
    """The target of a kind, with the rig or the driver that its options describe.

    Raises:
        PluginError: nobody knows that kind.
        ValueError: an option is wrong.
        OSError: a file that an option names cannot be read.
    """
    made = dict(options)
    if isinstance(made.get("rig"), Mapping) and kind in STATION_KINDS:
        made["rig"] = plugins.rig(made["rig"])
    if isinstance(made.get("driver"), Mapping) and kind == "csms":
        made["driver"] = plugins.csms_driver(made["driver"])
    return plugins.target(kind, name, made)
