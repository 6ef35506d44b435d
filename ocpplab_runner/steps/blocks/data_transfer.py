"""Vendor-specific messages."""

from __future__ import annotations

from ocpplab_runner.scenario.registry import FieldSpec, VerbSpec
from ocpplab_runner.steps.fields import TEXT, TOKEN, sends

VERBS: tuple[VerbSpec, ...] = (
    VerbSpec(
        "data_transfer",
        "The CSMS sends vendor data (DataTransfer).",
        "csms",
        (
            FieldSpec("vendor_id", TOKEN, "Whose data.", True),
            FieldSpec("message_id", TEXT, "Which kind."),
            FieldSpec("data", {}, "The data; text in OCPP 1.6."),
        ),
        shorthand="vendor_id",
        example="data_transfer: {vendor_id: org.example, data: hello}",
        actions=sends("DataTransfer"),
    ),
)
