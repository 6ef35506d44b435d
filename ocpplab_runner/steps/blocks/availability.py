"""Availability, faults, and what a connector is."""

from __future__ import annotations

from dataclasses import replace

from ocpplab_runner.scenario.registry import FacetSpec, FieldSpec, StateSpec, VerbSpec
from ocpplab_runner.steps.fields import EVSE_NUMBER, ON_EVSE, ONLY_16, PLACE, TEXT, is_, sends
from ocpplab_runner.vocabulary.faults import FAULTS
from ocpplab_runner.vocabulary.reported import CONNECTOR_ERROR_CODES
from ocpplab_runner.vocabulary.statuses import ConnectorStatus

_CONNECTOR_STATUS = {"enum": [status.value for status in ConnectorStatus]}

_CONNECTOR = FieldSpec("connector_id", EVSE_NUMBER, "On which connector of the EVSE.", always=True)

VERBS: tuple[VerbSpec, ...] = (
    VerbSpec(
        "inject_fault",
        "Break something in the charger.",
        "charger",
        (
            FieldSpec("fault_type", {"enum": sorted(FAULTS)}, "What breaks; see the table of faults.", True),
            *PLACE,
            FieldSpec("info", TEXT, "Free text for the status report."),
            FieldSpec("vendor_error_code", TEXT, "The vendor's own code."),
        ),
        shorthand="fault_type",
        example="inject_fault: {fault_type: GroundFailure, evse_id: 1}",
    ),
    VerbSpec(
        "clear_fault",
        "Repair the fault of an EVSE, or every fault when none is named.",
        "charger",
        PLACE,
        shorthand="evse_id",
        example="clear_fault: {evse_id: 1}",
    ),
    VerbSpec(
        "change_availability",
        "The CSMS takes the station or an EVSE out of service, or back in.",
        "csms",
        (
            FieldSpec("status", {"enum": ["Operative", "Inoperative"]}, "What it shall be.", True),
            *PLACE,
        ),
        shorthand="status",
        example="change_availability: {status: Inoperative, evse_id: 1}",
        actions=sends("ChangeAvailability"),
        description="Without `evse_id` the whole station is meant.",
    ),
)

FACETS: tuple[FacetSpec, ...] = (
    FacetSpec(
        "connector_status",
        "A connector has a new status.",
        (
            is_(_CONNECTOR_STATUS, "The status; OCPP 2.x is mapped to these nine.", always=True),
            replace(ON_EVSE, always=True),
            _CONNECTOR,
            FieldSpec(
                "error_code",
                {"enum": list(CONNECTOR_ERROR_CODES)},
                "OCPP 1.6 ChargePointErrorCode.",
                versions=ONLY_16,
                always=True,
            ),
            FieldSpec("info", TEXT, "Free text of the report.", versions=ONLY_16),
            FieldSpec("vendor_error_code", TEXT, "The vendor's own code.", versions=ONLY_16),
        ),
        value=_CONNECTOR_STATUS,
        event="connector_status",
        subject=("evse_id", "connector_id"),
        example="connector_status: {is: Charging, evse_id: 1}",
        state=StateSpec(
            subject=("evse_id", "connector_id"),
            fields=("evse_id", "connector_id", "error_code", "info", "vendor_error_code"),
            # The station's own report is no state of one of its connectors.
            apart={"evse_id": 0},
        ),
    ),
)
