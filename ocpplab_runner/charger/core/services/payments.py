"""What transactions cost, and how that is paid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from ocpplab_runner.authorization.types import IdToken, ProvidedIdToken
from ocpplab_runner.charger.core.evse import Evse
from ocpplab_runner.charger.core.services.service import Service
from ocpplab_runner.charger.core.services.transactions import Wait


class Tariffs(Protocol):
    """What charging costs in 2.1."""

    def driver_tariff(self, token: IdToken, wire: Mapping[str, Any]) -> bool:
        """Take the tariff of a driver, a TariffType; whether the driver may charge then."""

    def seconds_until_cost(self, evse_id: int, amount: float) -> Wait | None:
        """How long what runs at an EVSE may go on until it costs so much; None where the station does not count."""

    def cost_so_far(self, evse_id: int) -> float | None:
        """What it costs now; None where the station does not count."""


class Payments(Protocol):
    """What a payment terminal at the station does, in 2.1."""

    def validate_vat_number(self, number: str, evse_id: int | None) -> None:
        """Ask the CSMS whether a tax number is one; raises Refused without a connection."""

    def settle(self, fields: Mapping[str, Any]) -> None:
        """Tell the CSMS how a payment has been settled, by the fields of ``settle_payment``."""

    def pay(self, evse: Evse, fields: Mapping[str, Any]) -> ProvidedIdToken | None:
        """A bank card is presented, with the fields of ``pay_by_card``; the token that stands for the payment then.

        None where the bank does not reserve the amount. Raises Refused.
        """

    def cancel(self, psp_ref: str) -> None:
        """The driver gives up a payment; raises Refused where none with that reference is held."""


class WebPayments(Protocol):
    """Codes that the station shows, in 2.1."""

    @property
    def shows(self) -> bool:
        """Whether there are codes."""

    def limit(self, evse: Evse, wire: Mapping[str, float]) -> None:
        """Limit what an EVSE's code pays for, by fields of TransactionLimitType; raises Refused."""


TARIFFS: Service[Tariffs] = Service("tariffs")

PAYMENTS: Service[Payments] = Service("payments")

WEB_PAYMENTS: Service[WebPayments] = Service("web_payments")
