"""``ocpplab-runner report``."""

from __future__ import annotations

import os
import sys
from itertools import chain, islice
from pathlib import Path
from typing import Any

import click

from ocpplab_runner.cli import gc_tuning
from ocpplab_runner.cli.output import color_option, unwritable, use_color
from ocpplab_runner.cli.report_files import github_options, junit_flavor_option, named_files, report_option
from ocpplab_runner.cli.values import REPORT_DIRECTORY, REPORT_PATH


@click.command("report")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE…", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--junit", type=REPORT_PATH, help="Write JUnit XML to this file.")
@junit_flavor_option
@click.option("--html", type=REPORT_PATH, help="Write one HTML page to look at to this file.")
@click.option(
    "--traces",
    type=REPORT_DIRECTORY,
    metavar="DIRECTORY",
    help="Write a recording of each case that did not pass; JUnit attaches it.",
)
@report_option
@click.option("--durations", type=click.IntRange(1), metavar="N", help="Name the N cases that took longest.")
@click.option("--github", is_flag=True, help="Print annotations for GitHub Actions.")
@click.option("--quiet", "-q", is_flag=True, help="Only failures and the summary.")
@click.option("--verbose", "-v", count=True, help="Steps and facts too; twice for frames.")
@color_option
def command(*, files: tuple[Path, ...], **given: Any) -> int:
    """Rebuild reports from JSON Lines files that `run --jsonl` wrote, also when that run was killed.

    Every finished case is in them; one that did not finish is an error. Several files, the shards of a run or what was
    tried again, make one report: a case that stands in more than one was retried, and its last run counts. The exit
    code is that of the run, or of all together, and 1 when one did not finish.
    """
    from ocpplab_runner.reports.builtin import ocpplab_reports
    from ocpplab_runner.reports.jsonl import UnreadableFileError
    from ocpplab_runner.reports.merge import read_all
    from ocpplab_runner.reports.rebuild import replay

    named = named_files(given, files)
    gc_tuning.resume()
    records = read_all(files)
    try:
        # Before a report is begun: of a file that is none, or a newer one, nothing is written.
        first = list(islice(records, 1))
    except UnreadableFileError as error:
        raise click.UsageError(str(error)) from error
    try:
        reports = ocpplab_reports(
            {
                **named,
                "junit_flavor": given["junit_flavor"],
                "terminal": sys.stdout,
                "color": use_color(given["color"], sys.stdout),
                "quiet": given["quiet"],
                "verbose": given["verbose"],
                "durations": given["durations"],
                **github_options(given["github"], os.environ),
            }
        )
    except OSError as error:
        raise unwritable(error, "a report") from error
    try:
        code = int(replay(chain(first, records), list(reports)).end.get("exit_code", 1))
    except UnreadableFileError as error:
        raise click.UsageError(str(error)) from error
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        # What is no record of ours by its shape; the reports trust in what the runner writes.
        told = f"{type(error).__name__}: {error}"
        raise click.UsageError(
            f"{', '.join(map(str, files))} holds records that ocpplab-runner has not written ({told})"
        ) from error
    return code
