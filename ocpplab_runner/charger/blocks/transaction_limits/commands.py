"""What a driver sets at the station before or while it charges."""

from __future__ import annotations

from collections.abc import Mapping

from ocpplab_runner.charger.core.block import Command, Fields
from ocpplab_runner.charger.core.command_fields import pick
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.model import Refused
from ocpplab_runner.charger.core.services.payments import WEB_PAYMENTS
from ocpplab_runner.charger.core.services.transactions import TRANSACTION_LIMITS
from ocpplab_runner.vocabulary.durations import seconds_of
from ocpplab_runner.vocabulary.versions import OcppVersion


def limit_transaction(context: Context, fields: Fields, raw: bool) -> None:
    """The driver wants no more than that."""
    if context.version is not OcppVersion.V21:
        raise Refused(f"OCPP {context.version.value} has no limits of transactions")
    named = {"maxCost": "cost", "maxEnergy": "energy_wh", "maxSoC": "soc_percent"}
    limits = {name: fields[field] for name, field in named.items() if fields.get(field) is not None}
    if fields.get("time") is not None:
        limits["maxTime"] = round(seconds_of(fields["time"]))
    codes = context.ask(WEB_PAYMENTS)
    # With a code at a free EVSE the driver limits what is going to be paid there (2.1 C25).
    if codes.shows and fields.get("evse_id") is not None:
        place = context.equipment.evse(fields["evse_id"])
        if place.transaction is None:
            codes.limit(place, limits)
            return
    evse = pick(context, fields, lambda e: e.transaction is not None, "no transaction runs")
    context.ask(TRANSACTION_LIMITS).set_by_driver(evse, limits)


COMMANDS: Mapping[str, Command] = {"limit_transaction": Command(limit_transaction)}
