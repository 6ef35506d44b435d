from __future__ import annotations

import subprocess
import sys

import click
import pytest

from ocpplab_runner import __version__
from ocpplab_runner.cli import app


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
    with pytest.raises(RuntimeError):
        app.main(["--debug", "steps"])


def test_an_interrupt_exits_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C outside a run as inside one."""

    @click.command()
    def slow() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(app._LazyGroup, "get_command", lambda *_: slow)
    assert run("steps") == 130


def test_a_reader_that_leaves_is_no_crash() -> None:
    """`ocpplab-runner steps | head -1` prints no error."""
    command = f"{sys.executable} -m ocpplab_runner schema | head -c 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("{", "")


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
