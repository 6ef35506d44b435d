"""The command group, and the one place where anything that goes wrong becomes a line and an exit code."""

from __future__ import annotations

import errno
import importlib
import os
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import StringIO
from os import _exit  # plugins may not call it; see plugin/leaving.py
from typing import Any, NoReturn, TextIO

import click

from ocpplab_runner import __version__
from ocpplab_runner.cli import gc_tuning
from ocpplab_runner.cli.output import open_standard_streams, say, without_secrets
from ocpplab_runner.vocabulary.texts import shortened

#: Characters of one line that tells of a mistake, whatever is quoted in it.
_LONGEST_LINE = 2000

#: Command → its one-line help. The module of the same name is imported only when the command is called.
COMMANDS = {
    "run": "Run scenarios and report what became of them.",
    "check": "Say everything that is wrong with scenario files, without running them.",
    "new": "Write a scenario that runs, or a plugin, to start from.",
    "explain": "Explain the codes that this program prints.",
    "steps": "Show the verbs, facets and matchers of the language.",
    "schema": "Print the JSON Schema of scenario files.",
    "csms": "Run the built-in CSMS for any charger, with a live log.",
    "gateway": "Run a local OCPPLAB Gateway over simulated chargers.",
    "probe": "Look at a CSMS as a charger would, from its name to the boot.",
    "call": "Send one message to a CSMS as a charger, and print the answer.",
    "frames": "Check recorded frames, and print them with answers beside their calls.",
    "simulate": "Simulate chargers that dial a CSMS and do what they are told.",
    "record": "Stand between chargers and a CSMS, and write down what crosses, without secrets.",
    "scenario": "Write a scenario that does what a recording shows.",
    "diff": "Compare two recordings by message, field, order and time.",
    "certs": "Make certificates for tests of TLS: a CA, a CSMS's, chargers', and wrong ones.",
    "report": "Rebuild reports from a JSON Lines file.",
    "show": "Show recordings in a browser, also of a run that goes on.",
    "coverage": "Show which scenarios cover which authorization rule or certification case.",
}
_PROGRAM = "ocpplab-runner"
#: The variable by which a shell asks click what could stand on the command line.
_COMPLETION = "_OCPPLAB_RUNNER_COMPLETE"


class _UnreadError(Exception):
    """Nobody reads the standard output any more. A BrokenPipeError click would make a SystemExit of."""


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        raise _UnreadError from error


class _LazyGroup(click.Group):
    """Lists its commands without importing them."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        with _told():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> object:
        with _told():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"ocpplab_runner.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            close = get_close_matches(args[0], COMMANDS, 1)
            if close and "mean" not in error.message:
                raise click.UsageError(f"{error.message} Did you mean {close[0]!r}?", ctx) from error
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=_LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 all passed, 1 something failed, 2 invalid scenario or usage, 3 nothing could be reached, "
    "5 nothing to run or all blocked, 130 interrupted.",
)
@click.version_option(__version__, prog_name=_PROGRAM, message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Show the traceback when the program itself breaks.")
def group(debug: bool) -> None:
    """Run declarative scenarios for EV charging over real OCPP traffic."""


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit the process.

    Args:
        arguments: without the program's name; None takes the process's own.
    """
    ours = arguments is None
    arguments = sys.argv[1:] if arguments is None else arguments
    open_standard_streams()
    gc_tuning.postpone()
    try:
        code = _run(arguments)
    finally:
        gc_tuning.resume()
    if ours and any(not thread.daemon for thread in threading.enumerate() if thread is not threading.main_thread()):
        # A plugin's thread that never ends must not keep the run from ending.
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        _exit(code)
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    try:
        code = group.main(arguments, prog_name=_PROGRAM, standalone_mode=False)
        _flush(code)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        told = StringIO()
        error.show(told)
        say("\n".join(shortened(line, _LONGEST_LINE) for line in told.getvalue().splitlines()), err=True)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return 130
    except (BrokenPipeError, _UnreadError):
        _fall_silent(sys.stdout)
        return 1
    except SystemExit as done:
        if _COMPLETION not in os.environ:
            return _broken(done, arguments)
        return done.code if isinstance(done.code, int) else 1  # click has answered the shell
    except BaseException as error:  # whoever else calls sys.exit is a plugin
        if isinstance(error, OSError) and error.filename is None and error.errno in (errno.ENOSPC, errno.EIO):
            click.echo(f"{_PROGRAM}: the output cannot be written: {error.strerror}", err=True)
            return 1
        return _broken(error, arguments)
    return code if isinstance(code, int) else 0


def _broken(error: BaseException, arguments: list[str]) -> int:
    """Tell of a bug: of ours, or of a plugin's."""
    if "--debug" in arguments:
        say(without_secrets(traceback.format_exc().rstrip()), err=True)
        return 1
    summary = " ".join(without_secrets(str(error)).split())
    say(
        f"{_PROGRAM}: internal error: {type(error).__name__}{': ' if summary else ''}{summary}\n"
        f"This is a bug in {_PROGRAM} or in a plugin; `{_PROGRAM} --debug …` shows the traceback.",
        err=True,
    )
    return 1


def _flush(code: object) -> None:
    try:
        sys.stdout.flush()
    except OSError as error:
        if error.errno != errno.EIO or code != 130:
            raise
        _fall_silent(sys.stdout, sys.stderr)  # the terminal was closed, and that is what has ended the run


def _fall_silent(*streams: TextIO) -> None:
    """Whoever read our output has left; nothing can be said to them, and the interpreter must not try."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        os.dup2(nowhere, stream.fileno())
