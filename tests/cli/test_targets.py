from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import click
import pytest

from ocpplab_runner.cli.targets import PASSWORD_VARIABLE, make_target
from ocpplab_runner.plugin.manager import PluginError, Plugins


class Asked:
    """Stands in for the plugins: remembers which target was asked for."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.asked: tuple[str, str, dict[str, Any]] | None = None

    def target(self, kind: str, name: str, options: dict[str, Any]) -> None:
        self.asked = (kind, name, options)
        if self.error:
            raise self.error


def asked(**changes: Any) -> tuple[str, str, dict[str, Any]] | None:
    given: dict[str, Any] = {
        "target": None,
        "csms": None,
        "identities": (),
        "basic_auth_user": None,
        "ca": None,
        "cert": None,
        "key": None,
        "token_maps": (),
        "card_files": (),
        "realtime": False,
        "listen": None,
        "interactive": False,
    }
    plugins = Asked()
    make_target(given | changes, cast(Plugins, plugins))
    return plugins.asked


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
    return tmp_path


def test_the_simulated_target_is_the_default() -> None:
    """Also by its name, and without its virtual clock."""
    assert asked() == ("simulated", "simulated", {})
    assert asked(target="simulated", realtime=True) == ("simulated", "simulated", {"realtime": True})


def test_a_station_needs_no_configuration(here: Path) -> None:
    """And what the command line says goes before the file."""
    assert asked(target="station", listen="127.0.0.1:9", identities=("A",), interactive=True) == (
        "station",
        "station",
        {"identities": ["A"], "identity": None, "listen": "127.0.0.1:9", "interactive": True},
    )
    (here / "ocpplab.yaml").write_text("targets: {b: {kind: station, identity: 007, listen: '0.0.0.0:1'}}")
    assert asked(target="b", listen="127.0.0.1:9") == (
        "station",
        "b",
        {"identity": "007", "listen": "127.0.0.1:9", "interactive": False},
    )


@pytest.mark.parametrize("option", [{"listen": "127.0.0.1:9"}, {"interactive": True}])
def test_options_of_stations_are_for_stations(option: dict[str, Any]) -> None:
    """They would be off without a word."""
    with pytest.raises(click.UsageError, match="need --target station"):
        asked(csms="ws://h/", **option)


def test_a_csms_is_reached_with_what_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """The password comes from the environment only."""
    monkeypatch.setenv(PASSWORD_VARIABLE, "geheim")
    assert asked(csms="ws://h/", identities=("A", "B"), basic_auth_user="u", token_maps=("C=D",)) == (
        "csms",
        "csms",
        {
            "url": "ws://h/",
            "identities": ["A", "B"],
            "tokens": {"C": "D"},
            "basic_auth": {"user": "u", "password": "geheim"},
        },
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"identities": ("A",)}, "--identity need --csms"),
        ({"csms": "ws://h", "target": "x"}, "exclude each other"),
        ({"csms": "ws://h", "basic_auth_user": "u"}, PASSWORD_VARIABLE),
        ({"target": "lab"}, "no target 'lab'"),
    ],
)
def test_contradictions_are_refused(changes: dict[str, Any], message: str) -> None:
    """With what to do about them."""
    with pytest.raises(click.UsageError, match=message):
        asked(**changes)


def test_targets_are_configured_in_a_file(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets come from the environment, and the command line adds to what the file says."""
    (here / "ocpplab.yaml").write_text(
        "targets:\n"
        "  staging:\n"
        "    kind: csms\n"
        "    url: wss://csms.example/ocpp\n"
        "    basic_auth: {password: 'x${{ env.LAB_PASSWORD }}'}\n"
        "    identities: [A, B]\n"
    )
    with pytest.raises(click.UsageError, match="LAB_PASSWORD is not set"):
        asked(target="staging")
    monkeypatch.setenv("LAB_PASSWORD", "geheim")
    options = {
        "url": "wss://csms.example/ocpp",
        "basic_auth": {"password": "xgeheim"},
        "identities": ["A", "B"],
    }
    assert asked(target="staging") == ("csms", "staging", options)
    assert asked(target="staging", identities=("Z",)) == ("csms", "staging", options | {"identities": ["Z"]})


def test_a_wrong_configuration_is_a_usage_error(here: Path) -> None:
    """With the file's name and what is wrong."""
    (here / "ocpplab.yaml").write_text("targets: {lab: {url: x}}\n")
    with pytest.raises(click.UsageError, match="'lab' needs a `kind`"):
        asked(target="lab")


@pytest.mark.parametrize("error", [PluginError("no target of kind 'x'"), ValueError("url is missing")])
def test_what_the_target_refuses_is_a_usage_error(error: Exception) -> None:
    """Nothing has run yet."""
    given = {
        "target": None,
        "csms": "ws://h",
        "identities": (),
        "basic_auth_user": None,
        "ca": None,
        "cert": None,
        "key": None,
    }
    with pytest.raises(click.UsageError, match=str(error)):
        rest = {"token_maps": (), "card_files": (), "realtime": False, "listen": None, "interactive": False}
        make_target(given | rest, cast(Plugins, Asked(error)))
