"""``ocpplab-runner run``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ocpplab_runner.cli.output import color_option
from ocpplab_runner.cli.plugins import CommandOfPlugins, load, plugin_option
from ocpplab_runner.cli.report_files import junit_flavor_option, report_option
from ocpplab_runner.cli.values import REPORT_DIRECTORY, REPORT_PATH, seconds, shard, variables

if TYPE_CHECKING:
    from ocpplab_runner.plugin.manager import Plugins

_JOBS = click.IntRange(1, 1024)
#: A plan is made as a whole before it is run.
_REPEAT = click.IntRange(1, 10_000)


@click.command("run", cls=CommandOfPlugins)
@click.argument("paths", nargs=-1, required=True, metavar="PATH…", type=click.Path())
@click.option("-j", "--jobs", type=_JOBS, default=1, show_default=True, help="Cases side by side, in processes.")
@click.option(
    "-k",
    "keyword",
    metavar="EXPR",
    help="Cases whose id holds these words: 'blocked and not ocpp2.0.1'; a phrase: '\"a card\"'.",
)
@click.option("--tag", "tag_expression", metavar="EXPR", help="Cases with these tags: 'auth and not slow'.")
@click.option("--ocpp", type=click.Choice(("1.6", "2.0.1", "2.1")), help="Only cases of this OCPP version.")
@click.option("--shard", metavar="I/N", callback=shard, help="Every N-th case, starting with the I-th.")
@click.option("--last-failed", is_flag=True, help="Only what did not pass the last time.")
@click.option("--repeat", type=_REPEAT, default=1, metavar="N", help="Every case N times.")
@click.option("--shuffle", is_flag=True, help="In an order drawn from the seed.")
@click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), help="Of everything random. [default: 0; drawn for --shuffle]"
)
@click.option("--fail-fast", "-x", is_flag=True, help="Stop after the first case that is not good.")
@click.option(
    "--maxfail", "max_failures", type=click.IntRange(1), metavar="N", help="Stop after N cases that are not good."
)
@click.option("--retries", type=click.IntRange(0, 1000), default=0, metavar="N", help="Try a failed case N times more.")
@click.option(
    "--var",
    "variables",
    metavar="NAME=VALUE",
    callback=variables,
    multiple=True,
    help="Override a variable; NAME:=JSON for other than text.",
)
@click.option("--strict", is_flag=True, help="A violation of what the specification forbids (`must`) fails the case.")
@click.option(
    "--timeout",
    metavar="DURATION",
    callback=seconds,
    default="10m",
    show_default=True,
    help="Wall time for a case that sets none.",
)
@click.option("--list", "list_only", is_flag=True, help="Print the selected cases that can run here, and run nothing.")
@click.option("--json", "as_json", is_flag=True, help="With --list: for programs.")
@click.option("--dry-run", is_flag=True, help="Print what each case would do and run nothing.")
@click.option("--pause-on-failure", is_flag=True, help="Ask before going on after a failed step; needs a terminal.")
@click.option("--target", metavar="NAME", help="Where to run: simulated, or a target of ocpplab.yaml.")
@click.option("--csms", metavar="URL", help="Run against the CSMS at this ws:// or wss:// URL.")
@click.option(
    "--identity",
    "identities",
    multiple=True,
    help="With --csms: an identity to use; several make a pool. With --target station: the charger that will dial.",
)
@click.option("--listen", metavar="HOST:PORT", help="With --target station: where it dials. [default: 0.0.0.0:9000]")
@click.option("--interactive", is_flag=True, help="With --target station: ask you for what takes hands.")
@click.option(
    "--basic-auth-user",
    metavar="USER",
    help="With --csms: user of the basic authentication [default: the identity]; the password comes from "
    "OCPPLAB_BASIC_AUTH_PASSWORD.",
)
@click.option("--ca", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="With --csms: trust this CA.")
@click.option(
    "--cert",
    metavar="FILE",
    help="With --csms: the charger's certificate; {identity} stands for its identity.",
)
@click.option("--key", metavar="FILE", help="With --csms: the certificate's key, where it has a file of its own.")
@click.option(
    "--cards",
    "card_files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="With --csms: what the CSMS knows of its real cards, as given.csms.id_tokens says it.",
)
@click.option(
    "--token-map", "token_maps", multiple=True, metavar="CARD=REAL|FILE", help="With --csms: real cards, by hand."
)
@click.option("--realtime", is_flag=True, help="Turn the virtual clock off.")
@click.option(
    "--max-real",
    metavar="DURATION",
    callback=seconds,
    default="2m",
    show_default=True,
    help="Block what takes longer on a real clock.",
)
@click.option("--budget", metavar="DURATION", callback=seconds, help="Begin no case after so much real time.")
@click.option("--junit", type=REPORT_PATH, metavar="FILE", help="Write JUnit XML.")
@junit_flavor_option
@click.option(
    "--html", type=REPORT_PATH, metavar="FILE", help="Write one HTML page to look at, which needs no network."
)
@click.option("--jsonl", type=REPORT_PATH, metavar="FILE", help="Write every record as JSON Lines, as it happens.")
@click.option(
    "--traces",
    type=REPORT_DIRECTORY,
    metavar="DIRECTORY",
    help="Write a recording of each case that did not pass; JUnit attaches it.",
)
@click.option("--watch", is_flag=True, help="Run again what changes, until Ctrl-C.")
@click.option("--ui", is_flag=True, help="Show the run in a browser while it goes on, and until Ctrl-C afterwards.")
@report_option
@click.option("--durations", type=click.IntRange(1), metavar="N", help="Name the N cases that took longest.")
@click.option("--github/--no-github", default=None, help="Annotations for GitHub Actions. [default: in GitHub Actions]")
@click.option("--quiet", "-q", is_flag=True, help="Only failures and the summary.")
@click.option("--verbose", "-v", count=True, help="Steps and facts too; twice for frames.")
@color_option
@plugin_option
@click.pass_obj
def command(plugins: Plugins | None, /, **given: Any) -> int:
    """Run scenarios and report what became of them.

    PATH is a file, a directory, FILE:LINE, or FILE::NAME with or without its [row, ocpp1.6].
    """
    from ocpplab_runner.cli.running import run

    loaded = plugins or load((), world=True)
    if given["watch"]:
        from ocpplab_runner.cli.watching import watch

        return watch(loaded, given)
    return run(loaded, given)
