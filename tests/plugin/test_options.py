"""A plugin's own options, and keeping plugins away."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ocpplab_runner.plugin.hookspecs import hookimpl
from ocpplab_runner.plugin.manager import PluginError, Plugins
from ocpplab_runner.plugin.options import OptionError, OptionSpec, option_values
from ocpplab_runner.testing import run_scenario
from tests.acceptance.cli_kit import Done, cli

PORT = OptionSpec("rig.serial_port", {"type": "string", "minLength": 1}, "Where the rig is.", "/dev/ttyUSB0")
SPEED = OptionSpec("rig.speed", {"type": "integer", "minimum": 1}, "Baud.", 9600)
DRY = OptionSpec("rig.dry", {"type": "boolean"}, "Press nothing.", False)
LAMPS = OptionSpec("rig.lamps", {"type": "array", "items": {"type": "string"}}, "Which lamps.")
SPECS = [PORT, SPEED, DRY, LAMPS]
DEFAULTS = {"rig.serial_port": "/dev/ttyUSB0", "rig.speed": 9600, "rig.dry": False, "rig.lamps": None}
PLUGIN = """
import json
from ocpplab_runner.api import OptionSpec, hookimpl


@hookimpl
def ocpplab_options():
    yield OptionSpec("rig.serial_port", {"type": "string"}, "Where the rig is.", "/dev/ttyUSB0")
    yield OptionSpec("rig.speed", {"type": "integer", "minimum": 1}, "Baud.", 9600)
    yield OptionSpec("rig.dry", {"type": "boolean"}, "Press nothing.", False)
    yield OptionSpec("rig.lamps", {"type": "array", "items": {"type": "string"}}, "Which lamps.")
    yield OptionSpec("rig.password", {"type": "string"}, "Of the rig.")


@hookimpl
def ocpplab_configure(options):
    print(json.dumps({key: value for key, value in options.items() if key != "rig.password"}, sort_keys=True))
    if options["rig.password"]:
        print(len(options["rig.password"]))
"""
SCENARIO = "name: Nothing\nsmoke: true\nocpp: ['1.6']\nsteps: [{wait: 1s}]\n"


def run(where: Path, *arguments: str, yaml: str = "", plugin: str = PLUGIN, **environment: str) -> Done:
    """The command line with the plugin ``rig_plugin``."""
    (where / "rig_plugin.py").write_text(plugin, "utf-8")
    (where / "a.yaml").write_text(SCENARIO, "utf-8")
    if yaml:
        (where / "ocpplab.yaml").write_text(yaml, "utf-8")
    return cli("run", "a.yaml", "--plugin", "rig_plugin", *arguments, cwd=where, PYTHONPATH=str(where), **environment)


@pytest.mark.parametrize(
    ("given", "configured", "changed"),
    [
        ({}, {}, {}),
        ({"rig.speed": 1}, {}, {"rig.speed": 1}),
        ({}, {"rig": {"speed": 2, "dry": True}}, {"rig.speed": 2, "rig.dry": True}),
        ({"rig.speed": 1}, {"rig": {"speed": 2}}, {"rig.speed": 1}),
        ({}, {"rig": {"speed": "19200", "lamps": ["a", "b"]}}, {"rig.speed": 19200, "rig.lamps": ["a", "b"]}),
        ({}, {"another": {"speed": 2}}, {}),
    ],
)
def test_the_command_line_goes_before_the_file_and_the_file_before_the_default(
    given: Any, configured: Any, changed: Any
) -> None:
    """Every option has a value."""
    assert option_values(SPECS, given, configured) == DEFAULTS | changed


@pytest.mark.parametrize(
    ("given", "configured", "message"),
    [
        ({"rig.speed": 0}, {}, "--rig-speed: 0 is less than the minimum of 1"),
        ({}, {"rig": {"speed": "fast"}}, r"ocpplab.yaml: plugins.rig.speed: 'fast' is not of type 'integer'"),
        ({}, {"rig": {"sped": 1}}, r"ocpplab.yaml: plugins.rig has no option 'sped'; did you mean 'speed'\?"),
        ({"rig.sped": 1}, {}, r"there is no option 'rig.sped'; did you mean 'rig.speed'\?"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(given: Any, configured: Any, message: str) -> None:
    """And what would be right."""
    with pytest.raises(OptionError, match=message):
        option_values(SPECS, given, configured)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (OptionSpec("speed", {"type": "integer"}, ""), "the option 'speed' needs a prefix"),
        (OptionSpec("rig.x", {"type": "object"}, ""), "'rig.x' has the type 'object', which is none of string"),
        (OptionSpec("rig.x", {}, ""), "'rig.x' has the type None"),
    ],
)
def test_an_option_that_nobody_could_give_is_refused(spec: OptionSpec, message: str) -> None:
    """When the plugin is loaded, with its name."""
    plugin = SimpleNamespace(ocpplab_options=hookimpl(lambda: [spec]))
    plugin.ocpplab_options.__name__ = "ocpplab_options"
    with pytest.raises(PluginError, match=f"plugin 'x': .*{message}"):
        Plugins([], {"x": plugin})


def test_two_plugins_cannot_have_one_option() -> None:
    """Nor one flag."""
    first = SimpleNamespace(ocpplab_options=hookimpl(lambda: [OptionSpec("rig.a_b", {"type": "string"}, "")]))
    second = SimpleNamespace(ocpplab_options=hookimpl(lambda: [OptionSpec("rig.a_b", {"type": "string"}, "")]))
    with pytest.raises(PluginError, match=r"the option 'rig.a_b' is registered twice"):
        Plugins([], {"x": first, "y": second})


def test_options_on_the_command_line(tmp_path: Path) -> None:
    """Each with the type of its schema."""
    given = ["--rig-serial-port", "COM3", "--rig-speed", "300", "--rig-dry", "--rig-lamps", "a", "--rig-lamps", "b"]
    done = run(tmp_path, *given)
    assert done.code == 0, done.err
    assert done.out.startswith(
        '{"rig.dry": true, "rig.lamps": ["a", "b"], "rig.serial_port": "COM3", "rig.speed": 300}\n'
    )


def test_options_in_the_configuration_file(tmp_path: Path) -> None:
    """The command line goes first; a secret comes from the environment and is shown nowhere."""
    yaml = "plugins:\n  rig: {speed: 300, dry: true, password: '${{ env.RIG_PASSWORD }}'}\n"
    done = run(tmp_path, "--no-rig-dry", yaml=yaml, RIG_PASSWORD="correct horse")
    assert done.code == 0, done.err
    assert done.out.startswith(
        '{"rig.dry": false, "rig.lamps": null, "rig.serial_port": "/dev/ttyUSB0", "rig.speed": 300}\n13\n'
    )


@pytest.mark.parametrize(
    ("arguments", "yaml", "message"),
    [
        (["--rig-speed", "0"], "", "--rig-speed: 0 is less than the minimum of 1"),
        (["--rig-speed", "fast"], "", "Invalid value for '--rig-speed': 'fast' is not a valid integer."),
        (["--rig-sped", "1"], "", "No such option '--rig-sped'"),
        ([], "plugins: {rig: {sped: 1}}", "plugins.rig has no option 'sped'; did you mean 'speed'?"),
        ([], "plugins: {rig: {password: x}}", "`password` is a secret: write ${{ env.NAME }} instead"),
        ([], "plugins: [rig]", "`plugins` maps a plugin's prefix to its options"),
    ],
)
def test_wrong_usage_is_told(arguments: list[str], yaml: str, message: str, tmp_path: Path) -> None:
    """With exit code 2."""
    done = run(tmp_path, *arguments, yaml=yaml)
    assert done.code == 2
    assert message.replace("No such option '--rig-sped'", "--rig-sped") in done.err


def test_help_shows_them(tmp_path: Path) -> None:
    """Beside our own."""
    shown = run(tmp_path, "--help").out
    assert "--rig-serial-port" in shown
    assert "Where the rig is." in shown


def test_an_option_cannot_hide_one_of_ours(tmp_path: Path) -> None:
    """``--junit-flavor`` is taken."""
    done = run(tmp_path, plugin=PLUGIN.replace("rig.speed", "junit.flavor"))
    assert (done.code, done.err) == (
        1,
        "Error: the option 'junit.flavor' of a plugin is called like our own --junit-flavor\n",
    )


def test_what_configure_raises_names_the_plugin(tmp_path: Path) -> None:
    """It ends the command."""
    done = run(tmp_path, plugin=PLUGIN.replace("    print(json", "    1 / 0\n    print(json"))
    assert (done.code, done.err) == (
        1,
        "Error: plugin 'rig_plugin': ocpplab_configure raised ZeroDivisionError: division by zero\n",
    )


def test_options_in_a_test() -> None:
    """``run_scenario`` gives them."""
    seen: list[Any] = []
    plugin = SimpleNamespace(
        ocpplab_options=hookimpl(lambda: SPECS), ocpplab_configure=hookimpl(lambda options: seen.append(options))
    )
    run_scenario(SCENARIO, plugins=[plugin], options={"rig.speed": 5})
    assert seen == [DEFAULTS | {"rig.speed": 5}]
    with pytest.raises(OptionError):
        run_scenario(SCENARIO, plugins=[plugin], options={"rig.speed": "x"})


# -- which plugins take part ------------------------------------------------------------------------------------------


def install(where: Path, *plugins: str) -> None:
    """Distributions whose entry points are modules of these names."""
    for name in plugins:
        info = where / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[ocpplab_runner]\n{name} = {name}_module\n")


@pytest.mark.parametrize("command", [("run", "a.yaml"), ("check", "a.yaml"), ("steps",)])
def test_an_installed_plugin_can_be_kept_away(command: tuple[str, ...], tmp_path: Path) -> None:
    """It is not even imported."""
    (tmp_path / "a.yaml").write_text(SCENARIO, "utf-8")
    install(tmp_path, "broken")
    (tmp_path / "broken_module.py").write_text("1 / 0\n")
    assert cli(*command, cwd=tmp_path, PYTHONPATH=str(tmp_path)).code == 1
    done = cli(*command, "-p", "no:broken", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert done.code == 0, done.err


def test_keeping_away_what_is_not_there_is_told(tmp_path: Path) -> None:
    """A misspelt name would leave the plugin in."""
    (tmp_path / "a.yaml").write_text(SCENARIO, "utf-8")
    install(tmp_path, "wallbox")
    (tmp_path / "wallbox_module.py").write_text("")
    done = cli("check", "a.yaml", "-p", "no:walbox", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert done.err == "Error: there is no plugin 'walbox' to keep away; did you mean 'wallbox'?\n"
    assert done.code == 1


def test_a_class_is_made_an_instance_and_its_constructor_is_named_when_it_raises(tmp_path: Path) -> None:
    """``MODULE:NAME``, as in an entry point."""
    (tmp_path / "a.yaml").write_text(SCENARIO, "utf-8")
    (tmp_path / "rigs.py").write_text(
        "from ocpplab_runner.api import hookimpl\n\n\nclass Good:\n    said = 'here'\n\n    @hookimpl\n"
        "    def ocpplab_collected(self, cases):\n        print(self.said)\n\n\n"
        "class Bad:\n    def __init__(self):\n        raise RuntimeError('no port')\n"
    )
    assert cli("run", "a.yaml", "-p", "rigs:Good", cwd=tmp_path, PYTHONPATH=str(tmp_path)).out.startswith("here\n")
    done = cli("run", "a.yaml", "-p", "rigs:Bad", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert (done.code, done.err) == (1, "Error: plugin 'rigs:Bad': its constructor raised RuntimeError: no port\n")
