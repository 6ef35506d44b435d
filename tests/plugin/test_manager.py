"""Finding plugins, and refusing those that cannot be used."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from ocpplab_runner.plugin.hookspecs import hookimpl
from ocpplab_runner.plugin.manager import PluginError, Plugins, load_plugins
from ocpplab_runner.plugin.verb import Verb
from ocpplab_runner.scenario.registry import FacetSpec, VerbSpec
from ocpplab_runner.steps import builtin as steps
from ocpplab_runner.targets import builtin as targets


async def _nothing(context: Any, fields: Any) -> None:
    """A verb that does nothing."""


def verbs(*names: str) -> Any:
    """A plugin with verbs of these names."""

    @hookimpl
    def ocpplab_verbs() -> Iterable[Verb]:
        return [Verb(VerbSpec(name, "x", "world"), _nothing) for name in names]

    return SimpleNamespace(ocpplab_verbs=ocpplab_verbs)


def facets(*names: str) -> Any:
    """A plugin with facets of these names."""

    @hookimpl
    def ocpplab_facets() -> Iterable[FacetSpec]:
        return [FacetSpec(name, "x", ()) for name in names]

    return SimpleNamespace(ocpplab_facets=ocpplab_facets)


def test_builtin_language_comes_through_the_hooks() -> None:
    """Every verb of the specs has a handler."""
    plugins = Plugins([steps], {})
    assert set(plugins.verbs) == set(plugins.registry.verbs)
    assert {"authorize_id_tag", "csms_call", "wait", "network"} <= set(plugins.verbs)
    assert {"auth_status", "message"} <= set(plugins.registry.facets)
    assert "$contains" in plugins.registry.matchers


def test_plugin_adds_its_verbs_and_facets() -> None:
    """With a prefix they stand beside the built-in ones."""
    plugins = Plugins([steps], {"acme": verbs("acme.wiggle"), "other": facets("acme.led")})
    assert "acme.wiggle" in plugins.verbs
    assert "acme.led" in plugins.registry.facets
    assert plugins.names == ("acme", "other")


@hookimpl
def _broken() -> Any:
    raise RuntimeError("no licence")


@pytest.mark.parametrize(
    ("plugin", "message"),
    [
        (verbs("wiggle"), r"plugin 'x': the verb 'wiggle' needs a prefix of its own, such as 'acme.wiggle'"),
        (verbs("Acme.Wiggle"), "needs a prefix"),
        (facets("led"), "the facet 'led' needs a prefix"),
        (verbs("acme.wiggle", "acme.wiggle"), "'acme.wiggle' is registered twice"),
        (SimpleNamespace(ocpplab_verbs=_broken), "ocpplab_verbs raised RuntimeError: no licence"),
        (SimpleNamespace(ocpplab_verb=_broken), "there is no hook 'ocpplab_verb'"),
        (SimpleNamespace(ocpplab_verbs=list), "ocpplab_verbs is not marked with @hookimpl"),
    ],
)
def test_unusable_plugin_is_named_with_the_reason(plugin: Any, message: str) -> None:
    """The author learns what to change."""
    with pytest.raises(PluginError, match=message):
        Plugins([steps], {"x": plugin})


def test_two_plugins_cannot_claim_one_name() -> None:
    """The second one is refused."""
    with pytest.raises(PluginError, match="is registered twice"):
        Plugins([steps], {"a": verbs("acme.wiggle"), "b": verbs("acme.wiggle")})


def test_unknown_kind_of_target() -> None:
    """Nobody makes it."""
    with pytest.raises(PluginError, match="no target of kind 'moon' is registered"):
        Plugins([steps, targets], {}).target("moon", "moon", {})


@pytest.mark.parametrize(
    ("kind", "options"), [("simulated", {"speed": 9}), ("csms", {}), ("csms", {"url": "http://x"})]
)
def test_wrong_target_options(kind: str, options: dict[str, Any]) -> None:
    """A target's own complaint comes through."""
    with pytest.raises(ValueError, match="target"):
        Plugins([steps, targets], {}).target(kind, kind, options)


def test_module_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--plugin MODULE imports it; what cannot be imported is told."""
    (tmp_path / "my_rig_plugin.py").write_text("x = 1")
    (tmp_path / "bad_rig_plugin.py").write_text("1/0")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert load_plugins([steps], ["my_rig_plugin"], entry_points=False).names == ("my_rig_plugin",)
    with pytest.raises(PluginError, match="'bad_rig_plugin' cannot be imported: division by zero"):
        load_plugins([steps], ["bad_rig_plugin"], entry_points=False)
    with pytest.raises(PluginError, match="'no_such_module' cannot be imported"):
        load_plugins([steps], ["no_such_module"], entry_points=False)


def test_installed_plugin_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A distribution with an entry point in our group takes part without being named."""
    (tmp_path / "found_rig_plugin.py").write_text("x = 1")
    info = tmp_path / "found_rig-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: found-rig\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[ocpplab_runner]\nfound = found_rig_plugin\nlost = no_such_module\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(PluginError, match="plugin 'lost'"):
        load_plugins([steps])
    (info / "entry_points.txt").write_text("[ocpplab_runner]\nfound = found_rig_plugin\n")
    assert "found" in load_plugins([steps]).names
    assert "found" not in load_plugins([steps], entry_points=False).names


def test_named_and_installed_plugin_counts_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An author may name a plugin that is installed already."""
    module = ModuleType("twice_rig_plugin")
    monkeypatch.setitem(sys.modules, "twice_rig_plugin", module)
    assert load_plugins([steps], ["twice_rig_plugin", "twice_rig_plugin"], entry_points=False).names == (
        "twice_rig_plugin",
    )
