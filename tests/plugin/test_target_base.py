"""The base classes of targets and stages: their defaults say no, and a misspelt method is refused."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ocpplab_runner.clock import run
from ocpplab_runner.plugin.abilities import may_miss, settles
from ocpplab_runner.plugin.former_protocols import ChoosyTarget, RunTarget, SecretiveTarget, SharedTarget
from ocpplab_runner.plugin.hookspecs import hookimpl
from ocpplab_runner.plugin.manager import PluginError, Plugins
from ocpplab_runner.plugin.stage import BlockedError, Stage
from ocpplab_runner.plugin.target import Target
from ocpplab_runner.targets.simulated import SimulatedTarget
from ocpplab_runner.testing import run_scenario
from tests.acceptance.cli_kit import cli

SCENARIO = "name: Nothing\nocpp: ['1.6']\nsteps: [{plug_connector: 1, expect: {connector_status: Preparing}}]\n"


async def _nothing(*args: Any) -> None:
    """Stands for any method."""


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("setle", "settle"),
        ("settled", "settle"),
        ("doubt", "doubts"),
        ("programcsms", "program_csms"),
        ("calls", "call"),
    ],
)
def test_a_misspelt_method_of_a_stage_is_refused(name: str, meant: str) -> None:
    """It would switch off what it stands for without a word."""
    with pytest.raises(TypeError, match=rf"Rig has '{name}', which Stage has not; did you mean '{meant}'\?"):
        type("Rig", (Stage,), {name: _nothing})


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("max_worker", "max_workers"),
        ("takeshare", "take_share"),
        ("secret", "secrets"),
        ("why_blockd", "why_blocked"),
        ("begin_runs", "begin_run"),
        ("endrun", "end_run"),
    ],
)
def test_a_misspelt_member_of_a_target_is_refused(name: str, meant: str) -> None:
    """Methods and properties alike."""
    for member in (_nothing, property(_nothing)):
        with pytest.raises(TypeError, match=rf"Rig has '{name}', which Target has not; did you mean '{meant}'\?"):
            type("Rig", (Target,), {name: member})


def test_what_is_called_otherwise_or_private_is_an_authors_own() -> None:
    """Helpers, attributes and nested classes are nobody else's affair."""
    type(
        "Rig", (Stage,), {"press_button": _nothing, "_setle": _nothing, "calls": {}, "serial_port": property(_nothing)}
    )


def test_a_target_without_the_base_class_is_minded_too() -> None:
    """When it is made; the message names the target."""

    class Rig:
        name, capabilities, set_up = "rig", None, _nothing

        def take_shares(self, worker: int, of: int) -> None:
            """Misspelt."""

    plugins = Plugins([], {"rig": SimpleNamespace(ocpplab_target=hookimpl(lambda: Rig()))})
    with pytest.raises(PluginError, match=r"target 'rig': .*'take_shares', which Target has not"):
        plugins.target("rig", "rig", {})


def test_a_stage_without_the_base_class_is_minded_too() -> None:
    """The case is an error that says which."""

    class Odd:
        def setle(self) -> None:
            """Misspelt."""

    class Rig(SimulatedTarget):
        async def set_up(self, request: Any) -> Any:
            return Odd()

    assert "Odd has 'setle', which Stage has not; did you mean 'settle'?" in run_scenario(SCENARIO, target=Rig()).report


def test_a_misspelt_method_of_a_plugin_is_told_on_the_command_line(tmp_path: Any) -> None:
    """When the module is imported."""
    (tmp_path / "rig.py").write_text(
        "from ocpplab_runner.api import Stage\n\n\nclass Rig(Stage):\n    async def setle(self):\n        pass\n",
        "utf-8",
    )
    (tmp_path / "a.yaml").write_text(SCENARIO, "utf-8")
    done = cli("check", "a.yaml", "-p", "rig", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert done.code == 1
    assert "did you mean 'settle'?" in done.err


def test_defaults_say_no() -> None:
    """A stage that says nothing can nothing, sees nothing late, doubts nothing and leaves nothing."""

    class Bare(Stage):
        pass

    async def ask() -> None:
        stage = Bare()
        for asked in (
            stage.perform("A", "power", {}),
            stage.operate("A", "remote_start", {}),
            stage.call("A", "Reset", {}),
        ):
            with pytest.raises(BlockedError):
                await asked
        with pytest.raises(BlockedError):
            stage.program_csms("A", {})
        assert (stage.watermark("charger"), await stage.close(), stage.doubts("A", 0, 1)) == (0.0, (), ())
        assert not settles(stage)
        assert not may_miss(stage)

    run(ask())


def test_a_stage_that_settles_or_doubts_says_so_by_its_own_method() -> None:
    """With the base class or without."""
    own = {"settle": _nothing, "doubts": _nothing}
    for stage in (type("A", (Stage,), own)(), type("B", (), own)()):
        assert settles(stage)
        assert may_miss(stage)
    for stage in (type("A", (Stage,), {})(), type("B", (), {})()):
        assert not settles(stage)
        assert not may_miss(stage)


def test_a_plain_target_is_all_that_the_old_protocols_asked_for() -> None:
    """So that who looks for one of them finds a base class's default."""
    target = SimulatedTarget()
    for protocol in (SharedTarget, SecretiveTarget, ChoosyTarget, RunTarget):
        assert isinstance(target, protocol)
    assert target.max_workers > 1000
    assert not target.secrets


def test_what_a_target_must_have_is_named() -> None:
    """A target without a name cannot be made."""
    with pytest.raises(TypeError, match="abstract"):
        type("Rig", (Target,), {})()
