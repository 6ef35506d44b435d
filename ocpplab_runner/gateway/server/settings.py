"""The Gateway's configuration file.

```yaml
tenants:
  acme:
    tokens: ["${{ env.ACME_TOKEN }}"]
  beta:
    tokens: ["${{ env.BETA_TOKEN }}"]
admin_tokens: ["${{ env.ADMIN_TOKEN }}"]
limits: {chargers: 2000, log_entries: 5000, connecting: 64, command_expiry: 10m}
tls: {ca: ca.pem}
pessimism: {log_delay: 2s, shuffle_logs: true}
```

Tokens are secrets: they stand in the environment, never in the file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from ocpplab_runner.scenario.plain_yaml import PlainYamlError, read_plain_yaml
from ocpplab_runner.vocabulary.durations import DurationError, parse_duration
from ocpplab_runner.vocabulary.numbers import is_integer, is_number

_ENV = re.compile(r"\$\{\{\s*env\.([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
#: The only organization of a Gateway without a configuration file.
DEFAULT_TENANT = "local"


class SettingsError(ValueError):
    """The configuration cannot be used; the text says why and never holds a secret."""


@dataclass(frozen=True, slots=True)
class Pessimism:
    """How much worse the Gateway is than it could be, to test clients against. All off by default.

    Attributes:
        log_delay: seconds after which an entry appears in the log at the latest; each takes its own time up to that.
        shuffle_logs: whether the entries of one answer come in a random order.
        calls_only: whether the log has only CALLs, no answers.
        whole_seconds: whether timestamps of the log are cut to seconds.
        provisioning_delay: seconds that a charger takes to become READY.
        result_delay: seconds until a command result can be read (the G4 routes).
        partial_fanout: how much of a fan-out fails, from 0 to 1; a command to a single charger is never hit.
        seed: of all that randomness.
    """

    log_delay: float = 0.0
    shuffle_logs: bool = False
    calls_only: bool = False
    whole_seconds: bool = False
    provisioning_delay: float = 0.0
    result_delay: float = 0.0
    partial_fanout: float = 0.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """How much the Gateway takes on.

    Attributes:
        chargers: at most so many, of all organizations together; more are answered 503.
        log_entries: kept per charger; the oldest go first.
        log_bytes: that a charger's log may take.
        organization_log_bytes: that the logs of one organization may take together.
        frames_per_second: that the CSMSs of one organization may send besides answers; what is more waits.
        bytes_per_second: the same in bytes, answers included.
        results: command results kept per charger.
        connecting: so many chargers open their WebSocket at the same time.
        command_expiry: seconds that a command waits for a stopped charger (the G4 routes).
    """

    chargers: int = 5000
    log_entries: int = 5000
    log_bytes: int = 8 * 2**20
    organization_log_bytes: int = 64 * 2**20
    frames_per_second: int = 500
    bytes_per_second: int = 2 * 2**20
    results: int = 500
    connecting: int = 64
    command_expiry: float = 600.0


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """Everything that the file may say.

    Attributes:
        tenants: organization → its bearer tokens; empty when the file names none, which leaves it to whoever serves.
        admin_tokens: tokens that may act for any organization, which they name in ``X-Organization-Id``.
        limits: how much.
        pessimism: how badly.
        ca: certificates that a ``wss://`` CSMS is checked against; the system's unless given.
    """

    tenants: Mapping[str, frozenset[str]] = field(repr=False, default_factory=dict)
    admin_tokens: frozenset[str] = field(repr=False, default=frozenset())
    limits: Limits = Limits()
    pessimism: Pessimism = Pessimism()
    ca: Path | None = None


def with_token(settings: GatewaySettings, token: str) -> GatewaySettings:
    """The settings with the one organization of a Gateway whose configuration names none."""
    return replace(settings, tenants={DEFAULT_TENANT: frozenset({token})})


def read_settings(path: Path, environment: Mapping[str, str] = os.environ) -> GatewaySettings:
    """Read a configuration file.

    Args:
        path: the file.
        environment: where ``${{ env.NAME }}`` is looked up.

    Raises:
        SettingsError: it cannot be read, or is not what it should be.
    """
    try:
        data = read_plain_yaml(path)
    except PlainYamlError as error:
        raise SettingsError(str(error)) from error
    try:
        return settings_from(data, environment, directory=path.parent)
    except SettingsError as error:
        raise SettingsError(f"{path}: {error}") from error


def settings_from(data: Any, environment: Mapping[str, str], *, directory: Path = Path()) -> GatewaySettings:
    """The settings of a configuration that has been read.

    Raises:
        SettingsError: it is not what it should be.
    """
    top = _mapping(data, "the configuration", {"tenants", "admin_tokens", "limits", "pessimism", "tls"})
    tenants: dict[str, frozenset[str]] = {}
    owners: dict[str, str] = {}
    for name, entry in _mapping(top.get("tenants"), "tenants").items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise SettingsError(f"tenants: {name!r} is no name: letters, digits, '.', '_' and '-'")
        tenant = _mapping(entry, f"tenants.{name}", {"tokens"})
        tenants[name] = _tokens(tenant.get("tokens"), f"tenants.{name}.tokens", environment)
        for token in tenants[name]:
            if owners.setdefault(token, name) != name:
                raise SettingsError(f"tenants.{name}.tokens: a token of {owners[token]} cannot be used again")
    if not tenants and "tenants" in top:
        raise SettingsError("`tenants` needs at least one organization with its tokens")
    admins = _tokens(top.get("admin_tokens"), "admin_tokens", environment, may_be_empty=True)
    if owners.keys() & admins:
        raise SettingsError("admin_tokens: a token of an organization cannot be used again")
    tls = _mapping(top.get("tls"), "tls", {"ca"})
    ca = tls.get("ca")
    if ca is not None and not isinstance(ca, str):
        raise SettingsError("tls.ca is the path of a file")
    return GatewaySettings(
        tenants,
        admins,
        Limits(**_values(top.get("limits"), "limits", Limits())),
        Pessimism(**_values(top.get("pessimism"), "pessimism", Pessimism())),
        None if ca is None else directory / ca,
    )


def _mapping(value: Any, what: str, keys: set[str] | None = None) -> Mapping[Any, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise SettingsError(f"{what} is a mapping")
    if keys is not None and (unknown := sorted(str(key) for key in value.keys() - keys)):
        raise SettingsError(f"{what} has no {', '.join(unknown)}: choose from {', '.join(sorted(keys))}")
    return value


def _tokens(value: Any, what: str, environment: Mapping[str, str], *, may_be_empty: bool = False) -> frozenset[str]:
    if value is None and may_be_empty:
        return frozenset()
    if not isinstance(value, list) or not (value or may_be_empty):
        raise SettingsError(f"{what} is a list of tokens")
    tokens = set()
    for item in value:
        match = _ENV.fullmatch(item.strip()) if isinstance(item, str) else None
        if match is None:
            raise SettingsError(f"{what}: a token is a secret: write ${{{{ env.NAME }}}} instead")
        token = environment.get(match.group(1), "")
        if not token:
            raise SettingsError(f"{what}: the environment variable {match.group(1)} is not set")
        if not token.isascii() or any(character.isspace() for character in token):
            raise SettingsError(f"{what}: what {match.group(1)} holds cannot travel as a bearer token")
        tokens.add(token)
    return frozenset(tokens)


#: Keys whose value is a duration, written with its unit.
_DURATIONS = frozenset({"log_delay", "provisioning_delay", "result_delay", "command_expiry"})


def _values(value: Any, what: str, defaults: Limits | Pessimism) -> dict[str, Any]:
    known = {entry.name: getattr(defaults, entry.name) for entry in fields(defaults)}
    found: dict[str, Any] = {}
    for key, given in _mapping(value, what, set(known)).items():
        default = known[key]
        where = f"{what}.{key}"
        if key in _DURATIONS:
            found[key] = _duration(given, where)
        elif isinstance(default, bool):
            if not isinstance(given, bool):
                raise SettingsError(f"{where} is true or false")
            found[key] = given
        elif isinstance(default, int):
            least = 0 if key == "seed" else 1
            if not is_integer(given) or given < least:
                raise SettingsError(f"{where} is a whole number from {least}")
            found[key] = given
        else:
            if not is_number(given) or not 0 <= given <= 1:
                raise SettingsError(f"{where} is a number from 0 to 1")
            found[key] = float(given)
    return found


def _duration(value: Any, where: str) -> float:
    try:
        return parse_duration(value)
    except DurationError as error:
        raise SettingsError(f"{where} is a duration such as 500ms or 2s") from error
