"""What the grid does at a charger of OCPP 2.1."""

from __future__ import annotations

from ocpplab_runner.scenario.registry import FieldSpec, VerbSpec
from ocpplab_runner.steps.fields import BOOLEAN, ONLY_21, TEXT

VERBS: tuple[VerbSpec, ...] = (
    VerbSpec(
        "der_alarm",
        "The grid is such that a control of it acts (2.1 NotifyDERAlarm).",
        "charger",
        (
            FieldSpec("control_type", TEXT, "Which control (controlType).", True),
            FieldSpec("fault", TEXT, "What is wrong (gridEventFault)."),
            FieldSpec("ended", BOOLEAN, "Whether that is over (default false)."),
        ),
        versions=ONLY_21,
        example="der_alarm: {control_type: FreqWatt, fault: OverFrequency}",
    ),
)
