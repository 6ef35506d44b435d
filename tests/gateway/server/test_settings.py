"""The configuration file of the local Gateway."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ocpplab_runner.gateway.server.settings import (
    DEFAULT_TENANT,
    GatewaySettings,
    Limits,
    Pessimism,
    SettingsError,
    read_settings,
    settings_from,
    with_token,
)

ENVIRONMENT = {"A": "token-a", "B": "token-b", "ADMIN": "token-admin", "EMPTY": "", "SPACED": "two words"}
ACME = {"acme": {"tokens": ["${{ env.A }}"]}}


def test_everything_that_the_file_may_say(tmp_path: Path) -> None:
    """Tenants, admins, limits, pessimism, certificates relative to the file."""
    path = tmp_path / "gateway.yaml"
    path.write_text(
        """
tenants:
  acme: {tokens: ["${{ env.A }}"]}
  beta: {tokens: ["${{ env.B }}"]}
admin_tokens: ["${{env.ADMIN}}"]
limits: {chargers: 20, command_expiry: 1m}
pessimism: {log_delay: 500ms, shuffle_logs: true, calls_only: true, whole_seconds: true, provisioning_delay: 2s,
            result_delay: 1s, partial_fanout: 0.25, seed: 7}
tls: {ca: certs/ca.pem}
"""
    )
    assert read_settings(path, ENVIRONMENT) == GatewaySettings(
        {"acme": frozenset({"token-a"}), "beta": frozenset({"token-b"})},
        frozenset({"token-admin"}),
        Limits(chargers=20, command_expiry=60.0),
        Pessimism(0.5, True, True, True, 2.0, 1.0, 0.25, 7),
        tmp_path / "certs" / "ca.pem",
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"tenants": {}}, "at least one organization"),
        ({"tenants": ["acme"]}, "tenants is a mapping"),
        ({"tenants": {"a b": {"tokens": ["${{ env.A }}"]}}}, "'a b' is no name"),
        ({"tenants": {"acme": {"tokens": []}}}, "is a list of tokens"),
        ({"tenants": {"acme": {"tokens": ["plain-text"]}}}, "a token is a secret"),
        ({"tenants": {"acme": {"tokens": ["${{ env.MISSING }}"]}}}, "MISSING is not set"),
        ({"tenants": {"acme": {"tokens": ["${{ env.EMPTY }}"]}}}, "EMPTY is not set"),
        ({"tenants": {"acme": {"tokens": ["${{ env.SPACED }}"]}}}, "cannot travel"),
        ({"tenants": {**ACME, "beta": {"tokens": ["${{ env.A }}"]}}}, "a token of acme"),
        ({"admin_tokens": ["${{ env.A }}"]}, "a token of an organization"),
        ({"tenant": {}}, "has no tenant"),
        ({"limits": {"charger": 1}}, "limits has no charger"),
        ({"limits": {"chargers": 0}}, "limits.chargers is a whole number from 1"),
        ({"limits": {"chargers": True}}, "limits.chargers is a whole number"),
        ({"pessimism": {"seed": -1}}, "pessimism.seed is a whole number from 0"),
        ({"pessimism": {"log_delay": 2}}, "is a duration"),
        ({"pessimism": {"shuffle_logs": 1}}, "is true or false"),
        ({"pessimism": {"partial_fanout": 2}}, "from 0 to 1"),
        ({"tls": {"ca": 1}}, "tls.ca"),
    ],
)
def test_a_configuration_that_cannot_be(change: dict[str, Any], reason: str) -> None:
    """The text names the place and never shows a token."""
    with pytest.raises(SettingsError, match=reason) as caught:
        settings_from({"tenants": ACME, **change}, ENVIRONMENT)
    assert "plain-text" not in str(caught.value) and "token-" not in str(caught.value)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """Missing, or no YAML."""
    with pytest.raises(SettingsError, match="there is no such file"):
        read_settings(tmp_path / "none.yaml", {})
    broken = tmp_path / "broken.yaml"
    broken.write_text("a: [")
    with pytest.raises(SettingsError, match=r"broken\.yaml:\d+:\d+: "):
        read_settings(broken, {})


def test_settings_do_not_show_their_tokens() -> None:
    """Whoever prints them prints no secret."""
    assert "token-a" not in repr(settings_from({"tenants": ACME}, ENVIRONMENT))


def test_organizations_may_be_left_out() -> None:
    """Pessimism alone is a configuration; who serves it adds its one organization."""
    settings = settings_from({"pessimism": {"log_delay": "2s"}}, {})
    assert not settings.tenants
    assert with_token(settings, "abc").tenants == {DEFAULT_TENANT: frozenset({"abc"})}
    assert with_token(settings, "abc").pessimism.log_delay == 2
