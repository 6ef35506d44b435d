"""A payment that a terminal has had reserved at a bank. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ocpplab_runner.authorization.types import CustomIdToken, IdToken, token_type
from ocpplab_runner.charger.core.json_values import known_token, token_out

Outcome = Literal["Settled", "Rejected", "Failed"]
#: What the terminal can tell of a card (2.1 appendix, additionalInfo of ad hoc payments), and what each looks like:
#: never a whole number of a card.
DETAILS: Mapping[str, str] = {
    "PaymentBrand": r"[A-Za-z ]{1,20}",
    "PaymentRecognition": r"[A-Za-z ]{1,20}",
    "CardBin": r"\d{6,8}",
    "CardLast4Digits": r"\d{4}",
}


@dataclass(slots=True, eq=False)
class Held:
    """An amount that is reserved for one EVSE.

    Attributes:
        psp_ref: the bank's reference, which is the token of the payment.
        token: of type DirectPayment.
        amount: how much is reserved.
        asked: whether the CSMS was asked about the token.
        outcome: how the settlement will go.
        vat_number: of the driver's company, which the CSMS has found to be one.
        company: its address, where the CSMS has said it.
        transaction_id: of its transaction, once that has begun on the wire.
        cost: what that has cost as the station has counted it; None where it has not.
        so_far: what it costs as the CSMS has said last.
    """

    psp_ref: str
    token: IdToken
    amount: float
    asked: bool
    outcome: Outcome
    vat_number: str | None = None
    company: Mapping[str, Any] | None = None
    transaction_id: str | None = None
    cost: float | None = None
    so_far: float = 0.0

    def settled_at(self, cost: float | None) -> dict[str, Any]:
        """NotifySettlement at the end of its transaction; no cost, no payment (C20.FR.05, C21.FR.02, C22)."""
        said = {"pspRef": self.psp_ref, "transactionId": self.transaction_id}
        told: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
        # A price may be below 0: nobody is paid for charging, so nothing is taken then, either.
        if cost is None or cost <= 0:
            return {**told, "status": "Canceled", "settlementAmount": 0}
        told |= {"status": self.outcome, "settlementAmount": cost}
        if self.outcome != "Settled":
            return {**told, "statusInfo": f"the bank has said {self.outcome}"}
        taxes = {"vatNumber": self.vat_number, "vatCompany": self.company}
        return {**told, **{name: value for name, value in taxes.items() if value is not None}}

    def out(self) -> dict[str, Any]:
        """As JSON data."""
        return {**asdict(self), "token": token_out(self.token)}

    @classmethod
    def recall(cls, data: Mapping[str, Any]) -> Held:
        """The opposite of :meth:`out`."""
        return cls(**{**data, "token": known_token(data["token"])})


def token_of(psp_ref: str, details: Mapping[str, str], told: tuple[str, ...]) -> IdToken:
    """The token of a payment (C18.FR.02).

    Args:
        psp_ref: the bank's reference.
        details: what the terminal has read of the card, by the names of :data:`DETAILS`.
        told: which of that may be told (PaymentCtrlr.PaymentDetails).

    Raises:
        ValueError: a detail that there is not, or that does not look like it.
    """
    for name, value in details.items():
        if name not in DETAILS:
            raise ValueError(f"the terminal tells {', '.join(DETAILS)}, not {name}")
        if re.fullmatch(DETAILS[name], str(value)) is None:
            raise ValueError(f"{name} does not look like one")
    info = tuple(CustomIdToken(str(value), name) for name, value in details.items() if name in told)
    return IdToken(psp_ref, token_type("DirectPayment"), info)
