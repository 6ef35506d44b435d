"""What a payment terminal does at the station: it asks about tax numbers, and settles payments (2.1 C21)."""

from __future__ import annotations

from collections.abc import Mapping

from ocpplab_runner.charger.core.block import Command, Fields
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.model import Refused
from ocpplab_runner.charger.core.services import PAYMENTS, Payments
from ocpplab_runner.vocabulary.versions import OcppVersion


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
    "validate_vat_number": Command(validate_vat_number),
    "settle_payment": Command(settle_payment),
}
