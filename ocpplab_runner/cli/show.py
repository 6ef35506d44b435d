"""``ocpplab-runner show``."""

from __future__ import annotations

import asyncio
import webbrowser
from pathlib import Path

import click

from ocpplab_runner.cli.output import say
from ocpplab_runner.tools.stopping import told_to_stop


@click.command("show")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE…", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--host", default="127.0.0.1", show_default=True, help="A numeric address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0 picks a free one.")
@click.option("--browser/--no-browser", default=True, help="Open it in a browser.  [default: browser]")
def command(files: tuple[Path, ...], host: str, port: int, browser: bool) -> int:
    """Show recordings of `run --jsonl`, `--traces` or `csms --jsonl` as the page of `--html`.

    A recording may still be growing: the page follows it. Several are one run, as for `report`. Nobody is asked for a
    password: it listens for this machine only, unless --host says otherwise.
    """
    try:
        from ocpplab_runner.cli.showing import serve
    except ImportError as error:
        raise click.UsageError(
            f"show needs more packages ({error.name} is missing): pip install 'ocpplab-runner[gateway]'; "
            "report --html makes the same page as a file"
        ) from error
    from ocpplab_runner.reports.jsonl import UnreadableFileError
    from ocpplab_runner.web.serving import ServingError

    def started(url: str) -> None:
        say(f"the page is at {url}/ until Ctrl-C")
        if browser:
            webbrowser.open(f"{url}/")

    try:
        asyncio.run(serve(files, host, port, started, told_to_stop))
    except (ServingError, UnreadableFileError) as error:
        raise click.UsageError(str(error)) from error
    return 0
