"""Payments at the station: what drivers and a payment terminal do (2.1)."""

from __future__ import annotations

from dataclasses import replace

from ocpplab_runner.scenario.registry import FieldSpec, VerbSpec
from ocpplab_runner.steps.fields import EVSE_ID, NUMBER, OBJECT, ONLY_21, TEXT, TOKEN

VERBS: tuple[VerbSpec, ...] = (
    VerbSpec(
        "pay_by_card",
        "A driver presents a bank card at the charger's payment terminal.",
        "charger",
        (
            FieldSpec("psp_ref", TOKEN, "The bank's reference, which is the token then.", True),
            replace(EVSE_ID, description="For which EVSE; the first free one unless said."),
            FieldSpec("details", OBJECT, 'What is told of the card: `{CardLast4Digits: "1234"}`.'),
            FieldSpec(
                "outcome",
                {"enum": ["Settled", "Rejected", "Failed", "Declined", "Canceled"]},
                "Of its end, Settled unless said. Declined: nothing is reserved. Canceled: the driver gives it up now.",
            ),
        ),
        shorthand="psp_ref",
        versions=ONLY_21,
        example="pay_by_card: {psp_ref: PSP-1, evse_id: 1}",
    ),
    VerbSpec(
        "validate_vat_number",
        "The charger's payment terminal asks whether a tax number is one (VatNumberValidation).",
        "charger",
        (FieldSpec("vat_number", TEXT, "Which.", True), replace(EVSE_ID, description="At which EVSE.")),
        shorthand="vat_number",
        versions=ONLY_21,
        example="validate_vat_number: NL-1",
    ),
    VerbSpec(
        "settle_payment",
        "The charger's payment terminal has settled a payment, or has failed to (NotifySettlement).",
        "charger",
        (
            FieldSpec("psp_ref", TEXT, "The payment's reference, which is the card of its transaction.", True),
            FieldSpec("amount", NUMBER, "How much.", True),
            FieldSpec("status", {"enum": ["Settled", "Canceled", "Rejected", "Failed"]}, "Settled unless said."),
            FieldSpec("transaction_id", TEXT, "Of which transaction."),
            FieldSpec("vat_number", TEXT, "For a receipt of a company."),
            FieldSpec("receipt_id", TEXT, "The terminal's receipt."),
            FieldSpec("receipt_url", TEXT, "Where that is."),
        ),
        versions=ONLY_21,
        example="settle_payment: {psp_ref: PSP-1, amount: 5}",
    ),
)
