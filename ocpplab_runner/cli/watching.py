"""``run --watch``: run, and run again what changes."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from ocpplab_runner.cli.ending import signals_interrupt
from ocpplab_runner.cli.output import say
from ocpplab_runner.cli.paths import select
from ocpplab_runner.cli.running import run
from ocpplab_runner.cli.watched_files import Snapshot
from ocpplab_runner.plugin.manager import Plugins

_CONTRADICTIONS = ("ui", "list_only", "dry_run", "pause_on_failure")
_INTERRUPTED = 130
#: Milliseconds after which the files are looked at even if nothing has been told of them.
_LOOK_ANYWAY = 5000


def watch(plugins: Plugins, given: Mapping[str, Any]) -> int:
    """Run what the command line asks for, then whatever a change of a file touches, until Ctrl-C.

    Args:
        plugins: that have been loaded; a change of their code is not seen.
        given: the parameters of ``run``.

    Returns:
        the exit code of the last run, 130 when that was interrupted.

    Raises:
        click.UsageError: as ``run``, for the first run only, or it cannot watch.
    """
    try:
        import watchfiles
    except ImportError as error:
        raise click.UsageError(
            f"--watch needs more packages ({error.name} is missing): pip install 'ocpplab-runner[watch]'"
        ) from error
    if other := next((name for name in _CONTRADICTIONS if given[name]), None):
        raise click.UsageError(f"--watch and --{other.removesuffix('_only').replace('_', '-')} exclude each other")
    paths = select(given["paths"]).paths
    before = Snapshot.of(paths)
    code = run(plugins, given)
    watched: Sequence[Path] = ()
    with contextlib.suppress(KeyboardInterrupt), signals_interrupt():
        while code != _INTERRUPTED:
            _tell(before)
            if (directories := _directories(paths, before)) != watched:
                watched = directories
                changes = watchfiles.watch(*watched, recursive=False, yield_on_timeout=True, rust_timeout=_LOOK_ANYWAY)
            now = next(seen for _ in changes if (seen := Snapshot.of(paths)).changed_since(before))
            changed = now.changed_since(before)
            touched, before = now.touched_by(changed), now
            say(f"\nchanged: {', '.join(sorted(path.as_posix() for path in changed))}")
            if touched:
                code = _again(plugins, given, touched)
    return code


def _again(plugins: Plugins, given: Mapping[str, Any], touched: Sequence[Path]) -> int:
    try:
        return run(plugins, {**given, "paths": _arguments(given["paths"], touched)})
    # A file that is just being written may be wrong for a moment; the next change runs it again.
    except click.ClickException as error:
        error.show()
        return error.exit_code


def _arguments(asked: Sequence[str], touched: Sequence[Path]) -> list[str]:
    """What to run of these files: what was asked for of a file by its name, else the whole file."""
    kept: dict[Path, list[str]] = {}
    for argument in asked:
        try:
            [path] = select([argument]).paths
        except click.UsageError:
            continue  # it is gone
        kept.setdefault(path, []).append(argument)
    return [argument for path in touched for argument in kept.get(path, [str(path)])]


def _directories(paths: Sequence[Path], files: Snapshot) -> list[Path]:
    """What to watch: each directory that was asked for, and where the files are."""
    asked = {path.absolute() for path in paths if path.is_dir()}
    return [one for one in sorted(asked | files.directories) if one.is_dir()]


def _tell(files: Snapshot) -> None:
    count = len(files.scenarios)
    say(f"watching {count} scenario file{'' if count == 1 else 's'}; Ctrl-C ends it")
