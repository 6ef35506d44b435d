"""``ocpplab-runner certs``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ocpplab_runner import clock
from ocpplab_runner.cli.output import say, unwritable
from ocpplab_runner.cli.values import NamedPath
from ocpplab_runner.targets.configuration import FILE_NAME

if TYPE_CHECKING:
    from ocpplab_runner.tools.certificates import Certificate

#: No number, date or word of YAML begins so and goes on so.
_PLAIN = re.compile(r"(?:[A-Za-z][A-Za-z0-9_-]*)?[./][A-Za-z0-9_./{}%-]*|wss://[a-z0-9.:/-]+|CP-[A-Z0-9-]+")
#: A certificate must not outlive its CA, which lasts ten years.
_DAYS = click.IntRange(1, 3650)


@click.command("certs")
@click.argument("directory", metavar="[DIR]", default="certs", type=NamedPath(file_okay=False, path_type=Path))
@click.option(
    "--host",
    "hosts",
    multiple=True,
    metavar="NAME|ADDRESS",
    help="Of the CSMS, as chargers dial it; several times for more. [default: localhost, 127.0.0.1, ::1]",
)
@click.option("--identity", "identities", multiple=True, help="Of a charger; several times for more. [default: CP-1]")
@click.option("--days", type=_DAYS, default=365, show_default=True, help="How long they are valid; the CA: ten years.")
@click.option(
    "--key", type=click.Choice(("ec", "rsa")), default="ec", show_default=True, help="EC P-256, or RSA of 2048 bits."
)
@click.option(
    "--organization", default="ocpplab-runner", show_default=True, help="Who owns the chargers: the O of each subject."
)
@click.option(
    "--wrong",
    is_flag=True,
    help="Also make such as must be refused, in DIR/wrong: expired, not yet valid, of another CA, for another host.",
)
@click.option("--quiet", "-q", is_flag=True, help="Print nothing.")
def command(
    directory: Path,
    hosts: tuple[str, ...],
    identities: tuple[str, ...],
    days: int,
    key: str,
    organization: str,
    wrong: bool,
    quiet: bool,
) -> None:
    """Make a CA, and certificates of a CSMS and of chargers, for tests of security profiles 2 and 3.

    They go to DIR, certs unless said. A CA that is there is used again; no file is written over, and nobody else can
    read the keys. They are for tests: whoever has the directory can sign more.
    """
    from ocpplab_runner.tools.certificates import CertificatesError, Wanted, make_certificates

    wanted = Wanted(
        hosts=hosts,
        identities=identities,
        lasting=timedelta(days=days),
        key="rsa" if key == "rsa" else "ec",
        organization=organization,
        wrong=wrong,
    )
    now = clock.wall_now()
    try:
        made = make_certificates(directory, wanted, now)
    except CertificatesError as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise unwritable(error, directory) from error
    if not quiet:
        say("\n".join([*_lines(made, now), "", *_how_to(directory, made, hosts[0] if hosts else "localhost")]))


def _lines(made: Sequence[Certificate], now: datetime) -> Iterator[str]:
    width = max(len(str(one.path)) for one in made)
    for one in made:
        over = ", which is over" if one.until < now else ""
        yield f"{'kept' if one.kept else 'wrote'} {one.path!s:<{width}}  {one.what}, until {one.until:%Y-%m-%d}{over}"
    yield "The key of each is beside it, in a file that ends with .key and that only you can read."


def _how_to(directory: Path, made: Sequence[Certificate], host: str) -> Iterator[str]:
    """What to write into ocpplab.yaml, so that our chargers show these."""
    stations = {one.identity: one for one in made if one.identity is not None}
    cert, key = next((one.path, one.key_path) for one in stations.values())
    if len(stations) > 1:
        cert, key = directory / "station-{identity}.pem", directory / "station-{identity}.key"
    address = f"[{host}]" if ":" in host else host
    yield "Your CSMS gets csms.pem, csms.key and, to ask chargers for certificates, ca.pem. For our chargers, in"
    yield f"{FILE_NAME}, with its port and path:"
    yield ""
    yield "targets:"
    yield "  mine:"
    yield "    kind: csms"
    yield f"    url: {_scalar(f'wss://{address}:8443/ocpp')}"
    yield f"    identities: [{', '.join(_scalar(identity) for identity in stations)}]"
    yield f"    ca: {_scalar(str(directory / 'ca.pem'))}"
    yield f"    cert: {_scalar(str(cert))}"
    yield f"    key: {_scalar(str(key))}"


def _scalar(text: str) -> str:
    """A text as YAML reads it back; in quotes where it could be read as something else."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
