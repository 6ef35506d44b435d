"""What drivers and a payment terminal do at the station (2.1 C18 to C22)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner.charger.core.block import Command, Fields
from ocpplab_runner.charger.core.command_fields import hand_over
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.model import Refused
from ocpplab_runner.charger.core.services.authorization import AUTHORIZATION
from ocpplab_runner.charger.core.services.payments import PAYMENTS, Payments
from ocpplab_runner.vocabulary.versions import OcppVersion


def pay_by_card(context: Context, fields: Fields, raw: bool) -> dict[str, Any]:
    """A driver presents a bank card for an EVSE, the first that can be had unless one is named, or gives it up."""
    payments, cards, evses = _payments(context), context.ask(AUTHORIZATION), context.equipment.evses
    if fields.get("outcome") == "Canceled":
        payments.cancel(fields["psp_ref"])
        return {}
    if fields.get("evse_id") is not None:
        evse = context.equipment.evse(fields["evse_id"])
    else:
        # With none to be had the first one is named, whose refusal says why.
        evse = next((e for e in evses if e.transaction is None and cards.can_start(e)), evses[0])
    provided = payments.pay(evse, fields)
    return {"declined": "the bank reserves nothing"} if provided is None else hand_over(context, provided)


def validate_vat_number(context: Context, fields: Fields, raw: bool) -> None:
    """The terminal asks whether a tax number is one."""
    _payments(context).validate_vat_number(fields["vat_number"], fields.get("evse_id"))


def settle_payment(context: Context, fields: Fields, raw: bool) -> None:
    """The terminal has settled a payment, or has not been able to."""
    _payments(context).settle(fields)


def _payments(context: Context) -> Payments:
    if context.version is not OcppVersion.V21:
        raise Refused(f"OCPP {context.version.value} knows no payments at the station")
    return context.ask(PAYMENTS)


COMMANDS: Mapping[str, Command] = {
    "pay_by_card": Command(pay_by_card),
    "validate_vat_number": Command(validate_vat_number),
    "settle_payment": Command(settle_payment),
}
