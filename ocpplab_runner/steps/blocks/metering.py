"""Meter values."""

from __future__ import annotations

from ocpplab_runner.scenario.registry import FacetSpec, FieldSpec
from ocpplab_runner.steps.fields import NUMBER, OF_TRANSACTION, ON_EVSE, TIME
from ocpplab_runner.vocabulary.reported import READING_CONTEXTS

FACETS: tuple[FacetSpec, ...] = (
    FacetSpec(
        "meter",
        "A meter value has been sent.",
        (
            ON_EVSE,
            OF_TRANSACTION,
            FieldSpec("context", {"enum": list(READING_CONTEXTS)}, "OCPP reading context."),
            FieldSpec("energy_wh", NUMBER, "Energy.Active.Import.Register in Wh."),
            FieldSpec("power_w", NUMBER, "Power.Active.Import in W, less Power.Active.Export."),
            FieldSpec("current_a", NUMBER, "Current.Import in A, of all phases together or the first."),
            FieldSpec("voltage_v", NUMBER, "Voltage in V."),
            FieldSpec("soc_percent", NUMBER, "SoC in percent."),
            FieldSpec(
                "signed",
                {"enum": ["valid", "invalid", "no_key", "unreadable"]},
                "What the signed value in it is worth (OCMF, ECDSA with secp256r1), by the public key that it names.",
            ),
            FieldSpec("signed_wh", NUMBER, "The register that the signed value tells, in Wh."),
            FieldSpec(
                "timestamp",
                TIME,
                "When the reading was taken, as the message says; compared as an instant.",
                always=True,
            ),
            FieldSpec(
                "left_out",
                {"type": "array", "items": {"type": "string"}},
                "Samples that are no reading, each with the reason: no number, or in a unit of something else.",
            ),
        ),
        event="meter",
        subject=("evse_id",),
        example="meter: {evse_id: 1, energy_wh: {$gte: 0}}",
    ),
)
