"""What a gateway target can be told, and the mistakes that are noticed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ocpplab_runner.scenario.given_schema import definitions
from ocpplab_runner.targets.configuration import ConfigurationError, find_target
from ocpplab_runner.targets.gateway.options import GatewayOptions
from ocpplab_runner.targets.gateway.translation import GIVEN_ARRANGED, GIVEN_REASONS

GOOD = {"base_url": "https://host.example", "token": "abc"}


@pytest.mark.parametrize(("name", "dialect"), [("local-gateway", "g2"), ("local-gateway-g4", "g4")])
def test_two_names_need_no_configuration(tmp_path: Path, name: str, dialect: str) -> None:
    """A Gateway of our own, in either generation."""
    kind, options = find_target(name, tmp_path)
    assert kind == "gateway"
    made = GatewayOptions.from_mapping(options)
    assert (made.base_url, made.dialect, made.csms) == (None, dialect, None)


@pytest.mark.parametrize(
    ("options", "virtual"),
    [
        ({"local": True}, True),
        ({"local": True, "realtime": True}, False),
        ({"local": True, "csms": "ws://csms.example"}, False),
        (GOOD, False),
    ],
)
def test_time_is_virtual_where_everything_is_ours(options: dict[str, Any], virtual: bool) -> None:
    """A Gateway or a CSMS elsewhere lives in real time."""
    assert GatewayOptions.from_mapping(options).virtual_clock is virtual


def test_a_configured_target(tmp_path: Path) -> None:
    """The token comes from the environment."""
    (tmp_path / "ocpplab.yaml").write_text(
        "targets:\n  lab:\n    kind: gateway\n    base_url: https://host.example/\n"
        '    token: "${{ env.LAB }}"\n    within: 45s\n    versions: ["1.6"]\n'
    )
    _, options = find_target("lab", tmp_path, {"LAB": "Bearer abc"})
    made = GatewayOptions.from_mapping(options)
    assert (made.base_url, made.token, made.within) == ("https://host.example", "abc", 45)
    assert "abc" not in repr(made)


def test_a_token_in_plain_text_is_refused(tmp_path: Path) -> None:
    """Files are shared."""
    (tmp_path / "ocpplab.yaml").write_text("targets:\n  lab: {kind: gateway, base_url: 'https://h', token: abc}\n")
    with pytest.raises(ConfigurationError, match="`token` is a secret"):
        find_target("lab", tmp_path, {})


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"colour": 1}, "no option colour"),
        ({"realtime": True}, "`realtime` belongs to `local: true`"),
        ({"local": True, "realtime": "yes"}, "`realtime` is true or false"),
        ({"base_url": "host"}, "`base_url` is a http:// or https:// URL"),
        ({"base_url": "https://me:secret@host"}, "no credentials"),
        ({"token": ""}, "needs a `token`"),
        ({"token": "two words"}, "no bearer token"),
        ({"dialect": "g3"}, "`dialect` is g2 or g4"),
        ({"address": "planet"}, "`address` is charger or location or subset"),
        ({"csms": "http://csms"}, "`csms` is a ws:// or wss:// URL"),
        ({"csms": "ws://csms", "listen": "0.0.0.0:9000"}, "`listen` belongs to the built-in CSMS"),
        ({"cards": {"A": "Accepted"}}, "`cards` belongs to somebody else's CSMS"),
        ({"listen": "9000"}, "`listen` is HOST:PORT"),
        ({"versions": ["3.0"]}, "`versions` lists some of"),
        ({"versions": ["2.1"]}, "`versions` lists some of 1.6, 2.0.1"),
        ({"within": True}, "`within` is a duration"),
        ({"settle": 1}, "`settle` is a duration with a unit, such as 1s"),
        ({"log_delay": 5.5}, "`log_delay` is a duration with a unit, such as 5.5s"),
        ({"provisioning": "180"}, "`provisioning`: '180' is not a duration"),
        ({"log": "some"}, "`log` is frames or calls"),
        ({"local": "yes"}, "`local` is true or false"),
        ({"local_config": "x.yaml"}, "belongs to `local: true`"),
    ],
)
def test_mistakes(wrong: Any, told: str) -> None:
    """Each is named; the token is not."""
    with pytest.raises(ValueError, match=told) as error:
        GatewayOptions.from_mapping(GOOD | wrong)
    assert "secret" not in str(error.value)


def test_nothing_that_a_scenario_gives_a_charger_is_passed_over() -> None:
    """It is arranged, or the case is blocked with the reason."""
    keys = definitions({})["charger"]["properties"].keys()
    assert keys == GIVEN_ARRANGED | GIVEN_REASONS.keys()
    assert not GIVEN_ARRANGED & GIVEN_REASONS.keys()
