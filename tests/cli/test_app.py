from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from ocpplab_runner import __version__
from ocpplab_runner.cli import app
from ocpplab_runner.cli.output import hide
from tests.acceptance.cli_kit import cli


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as exited:
        app.main(list(arguments))
    assert isinstance(exited.value.code, int)
    return exited.value.code


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """Name and version on one line."""
    assert run("--version") == 0
    assert capsys.readouterr().out == f"ocpplab-runner {__version__}\n"


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """With the exit codes below."""
    assert run("--help") == 0
    out = capsys.readouterr().out
    assert all(f"  {name} " in out for name in app.COMMANDS)
    assert "130 interrupted" in out


@pytest.mark.parametrize("name", app.COMMANDS)
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The commands of the table exist."""
    assert run(name, "--help") == 0
    assert capsys.readouterr().out.startswith(f"Usage: ocpplab-runner {name}")


def test_a_mistyped_command_is_suggested(capsys: pytest.CaptureFixture[str]) -> None:
    """Usage errors exit with 2."""
    assert run("chekc") == 2
    assert "Did you mean 'check'?" in capsys.readouterr().err


def test_a_crash_is_one_line_and_a_way_to_know_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback reaches a user who did not ask for it."""

    @click.command()
    def broken() -> None:
        raise RuntimeError("boo\nboo")

    monkeypatch.setattr(app._LazyGroup, "get_command", lambda *_: broken)
    assert run("steps") == 1
    err = capsys.readouterr().err
    assert err.splitlines()[0] == "ocpplab-runner: internal error: RuntimeError: boo boo"
    assert "--debug" in err
    assert "Traceback" not in err
    assert run("--debug", "steps") == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [("steps",), ("--debug", "steps")])
def test_a_crash_tells_no_secret(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither a value that the program knows to be one nor what the text itself says to be one, nor a CI's command."""

    @click.command()
    def broken() -> None:
        hide(iter(["tell-no-one"]))
        raise RuntimeError("the tell-no-one of ws://user:hunter22@host\n::error::it")

    monkeypatch.setattr(app._LazyGroup, "get_command", lambda *_: broken)
    assert run(*arguments) == 1
    err = capsys.readouterr().err
    assert "the [redacted] of ws://user:[redacted]@host" in err
    assert not any(line.startswith("::") for line in err.splitlines())


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", ".", "--list"),
        ("run", ".", "--list", "--json"),
        ("run", ".", "--dry-run"),
        ("run", ".", "-q"),
        ("check", "."),
        ("check", ".", "--format", "concise"),
        ("check", ".", "--format", "json"),
        ("coverage", "."),
        ("check", "::error::none"),
        ("run", "::error::none"),
    ],
)
def test_no_name_of_a_file_is_a_command_of_the_ci(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Whatever a pull request calls its files."""
    for name, step in (
        ("::error::a", "log: x"),
        ("b\n::error::b", "log: x"),
        ("##[error]c", "lag: x"),
        ("##[error]d", "log: x"),
    ):
        (tmp_path / f"{name}.yaml").write_text(f'name: "::error::n"\nocpp: ["1.6"]\nsteps: [{{{step}}}]\n')
    done = cli(*arguments, cwd=tmp_path)
    text = done.out + done.err
    assert text.strip(), done
    assert not [line for line in text.splitlines() if line.lstrip().startswith("::") or "##[" in line]
    if "json" in arguments[-1]:
        assert "##[error]" in str(json.loads(done.out))


def test_an_interrupt_exits_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C outside a run as inside one."""

    @click.command()
    def slow() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(app._LazyGroup, "get_command", lambda *_: slow)
    assert run("steps") == 130


@pytest.mark.parametrize(
    ("plugin", "code", "said"),
    [
        ("import sys; sys.exit(0)", 1, "it called sys.exit(0)"),
        ("raise RuntimeError('a' * 10**6)", 1, "cannot be imported: aaaa"),
        ("raise KeyError", 1, "cannot be imported: KeyError"),
        ("import threading, time; threading.Thread(target=time.sleep, args=[600]).start()", 0, "1 file checked"),
    ],
)
def test_a_hostile_plugin_neither_passes_nor_keeps_the_run(tmp_path: Path, plugin: str, code: int, said: str) -> None:
    """Who ends the process while it is loaded, says too much or nothing, or starts what never ends."""
    (tmp_path / "hostile.py").write_text(plugin)
    (tmp_path / "a.yaml").write_text('name: n\nocpp: ["1.6"]\nsteps: [{plug_connector: {}}]\n')
    done = cli("check", "a.yaml", "--plugin", "hostile", cwd=tmp_path)
    assert (done.code, said in done.out + done.err) == (code, True), done
    assert len(done.err) < 1000


def test_a_reader_that_leaves_is_no_crash() -> None:
    """`ocpplab-runner steps | head -1` prints no error."""
    command = f"{sys.executable} -m ocpplab_runner schema | head -c 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("{", "")


@pytest.mark.parametrize(
    "arguments", [("--help",), ("schema",), ("steps",), ("check", "."), ("run", "."), ("csms", "--help")]
)
def test_a_reader_that_has_left_is_no_crash(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Already the first line finds nobody."""
    (tmp_path / "a.yaml").write_text('name: n\nocpp: ["1.6"]\nsmoke: true\nsteps: [{plug_connector: {}}]\n')
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "ocpplab_runner", *arguments]
    try:
        done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, cwd=tmp_path, text=True, check=False)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


def test_start_up_imports_only_what_the_command_needs() -> None:
    """Help needs neither the engine nor a schema library."""
    code = (
        "import sys\n"
        "from ocpplab_runner.cli import main\n"
        "try: main(['run', '--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'rich', 'ocpp', 'jsonschema', 'jsonschema_rs', 'websockets', 'yaml', 'asyncio', 'pytest'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"
