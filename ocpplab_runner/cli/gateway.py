"""``ocpplab-runner gateway``."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import click

from ocpplab_runner.cli.output import hide, shown
from ocpplab_runner.redaction.redactor import Redactor

if TYPE_CHECKING:
    from ocpplab_runner.gateway.server.serving import LocalGateway
    from ocpplab_runner.gateway.server.settings import GatewaySettings

#: The token of a Gateway without a configuration file; one is made up when it is not set.
TOKEN_VARIABLE = "OCPPLAB_GATEWAY_TOKEN"


@click.command("gateway")
@click.option("--host", default="127.0.0.1", show_default=True, help="A numeric address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 picks a free one.")
@click.option(
    "--config",
    "config_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Organizations, tokens, limits and pessimism (docs/gateway.md).",
)
@click.option(
    "--db",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep everything in this SQLite file; chargers continue after a restart.",
)
@click.option("--seed", type=int, help="Make ids predictable.")
def command(host: str, port: int, config_file: Path | None, db: Path | None, seed: int | None) -> int:
    """Run a local OCPPLAB Gateway over simulated chargers.

    The chargers dial the CSMS that each is created with. Unless --config names others, there is one organization, with
    the token of the environment variable OCPPLAB_GATEWAY_TOKEN or, when that is not set, a new one, which is printed.
    """
    try:
        from ocpplab_runner.gateway.server.serving import LocalGateway, ServingError, serve_until_stopped
    except ImportError as error:
        raise click.UsageError(
            f"the Gateway needs more packages ({error.name} is missing): pip install 'ocpplab-runner[gateway]'"
        ) from error
    settings, token = _settings(config_file)
    from ocpplab_runner.cli.rewriting import rewrite

    gateway = LocalGateway(settings, host=host, port=port, database=db, random=Random(seed), rewrite=rewrite)
    tokens = [token for tokens in (*settings.tenants.values(), settings.admin_tokens) for token in tokens]
    hide(tokens)
    handler = logging.StreamHandler()
    handler.setFormatter(_Lines(gateway, tokens))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])

    def started(gateway: LocalGateway) -> None:
        click.echo(f"gateway listens on {gateway.url}")
        click.echo(f"watch its chargers at {gateway.url}/, routes are documented at {gateway.url}/docs")
        if token is not None:
            click.echo(f"bearer token of this run: {token}")

    try:
        asyncio.run(serve_until_stopped(gateway, started))
    except ServingError as error:
        raise click.UsageError(str(error)) from error
    return 0


class _Lines(logging.Formatter):
    """Lines that hold neither a secret nor a command."""

    def __init__(self, gateway: LocalGateway, tokens: Sequence[str]) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")
        self._gateway = gateway
        self._tokens = Redactor(tokens)

    def format(self, record: logging.LogRecord) -> str:
        text = self._tokens.redact_text(super().format(record))
        # Only what has gone wrong holds more than a request's line, of which there may be many.
        return shown(Redactor(self._gateway.secrets()).redact_text(text) if record.exc_info else text)


def _settings(config_file: Path | None) -> tuple[GatewaySettings, str | None]:
    """The settings, and the token to print when it has just been made up."""
    from ocpplab_runner.gateway.server.settings import GatewaySettings, SettingsError, read_settings, with_token

    try:
        settings = GatewaySettings() if config_file is None else read_settings(config_file)
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
    if settings.tenants:
        return settings, None
    given = os.environ.get(TOKEN_VARIABLE)
    token = given or secrets.token_urlsafe(18)
    return with_token(settings, token), None if given else token
