"""What an EV wants of the certificates (M01, M02)."""

from __future__ import annotations

from collections.abc import Mapping

from ocpplab_runner.charger.config import SECURITY as FEATURE
from ocpplab_runner.charger.core.block import Command, Fields
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.model import Refused
from ocpplab_runner.charger.core.services.security import CERTIFICATES


def ev_requests_certificate(context: Context, fields: Fields, raw: bool) -> None:
    """The EV wants a contract certificate: its request is passed on as it is, and so is the answer."""
    if FEATURE not in context.config.features or not context.variables.boolean("pnc_enabled"):
        raise Refused("the charger passes no requests of EVs for certificates on")
    if not context.ask(CERTIFICATES).pass_on(fields):
        raise Refused("the charger is not online")


COMMANDS: Mapping[str, Command] = {"ev_requests_certificate": Command(ev_requests_certificate)}
