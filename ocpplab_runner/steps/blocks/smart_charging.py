"""Smart charging."""

from __future__ import annotations

from dataclasses import replace

from ocpplab_runner.scenario.registry import ALL_VERSIONS, FacetSpec, FieldSpec, VerbSpec
from ocpplab_runner.steps.fields import (
    BOOLEAN,
    DURATION,
    EVSE_ID,
    EVSE_NUMBER,
    INTEGER,
    NUMBER,
    OBJECT,
    OF_TRANSACTION,
    ONLY_2X,
    ONLY_21,
    TEXT,
    TIME,
    is_,
    listed,
    sends,
)
from ocpplab_runner.steps.profile_fields import PROFILE, UNIT
from ocpplab_runner.vocabulary.charging import LIMIT_SOURCES, PURPOSES
from ocpplab_runner.vocabulary.versions import OcppVersion

_WHERE = FieldSpec(
    "evse_id",
    EVSE_NUMBER,
    "Where; 0 is the station, or every EVSE (TxDefaultProfile). Unless said, a TxProfile goes to the EVSE of its"
    " transaction, and everything else to 0.",
)
_PURPOSE = FieldSpec("purpose", {"enum": list(PURPOSES)}, "Only those of this purpose, as OCPP 2.x calls it.")
_STACK_LEVEL = FieldSpec("stack_level", {"type": "integer", "minimum": 0}, "Only those of this stack level.")
_EVSE = FieldSpec("evse_id", EVSE_NUMBER, "Only those set there; 0 is the station.")
_STATUS = {"enum": ["Accepted", "Rejected", "NotSupported"]}
_STATUSES = listed(dict.fromkeys(ONLY_2X, ("Accepted", "Rejected")))
#: What an item of ``periods`` has.
_PERIOD = {
    "type": "object",
    "properties": {"start": NUMBER, "limit": NUMBER, "phases": INTEGER},
    "additionalProperties": False,
}
_COMPOSITE_STATUS = {"enum": ["Accepted", "Rejected"]}

VERBS: tuple[VerbSpec, ...] = (
    VerbSpec(
        "set_charging_profile",
        "The CSMS sets a charging profile (SetChargingProfile).",
        "csms",
        (_WHERE, *PROFILE),
        example="set_charging_profile: {evse_id: 1, limit: 10, unit: A}",
        one_of=("limit", "periods", "profile"),
        actions=sends("SetChargingProfile"),
    ),
    VerbSpec(
        "clear_charging_profile",
        "The CSMS clears charging profiles: those that meet everything that is named (ClearChargingProfile).",
        "csms",
        (FieldSpec("profile_id", INTEGER, "Only the one with this id."), _EVSE, _PURPOSE, _STACK_LEVEL),
        shorthand="profile_id",
        example="clear_charging_profile: {purpose: TxDefaultProfile}",
        actions=sends("ClearChargingProfile"),
    ),
    VerbSpec(
        "get_composite_schedule",
        "The CSMS asks what will be allowed from now on (GetCompositeSchedule).",
        "csms",
        (
            FieldSpec("duration", DURATION, "For how long.", required=True),
            FieldSpec("evse_id", EVSE_NUMBER, "Of which EVSE; 0, the station as a whole, unless said."),
            FieldSpec("unit", UNIT, "In A for each phase, or in W; the charger chooses unless said."),
        ),
        shorthand="duration",
        example="get_composite_schedule: {evse_id: 1, duration: 1h, unit: A}",
        actions=sends("GetCompositeSchedule"),
    ),
    VerbSpec(
        "get_charging_profiles",
        "The CSMS asks which charging profiles are installed (GetChargingProfiles); ReportChargingProfiles tells.",
        "csms",
        (
            _EVSE,
            _PURPOSE,
            _STACK_LEVEL,
            FieldSpec("profile_ids", {"type": "array", "items": {"type": "integer"}, "minItems": 1}, "Only these ids."),
            FieldSpec(
                "sources",
                {"type": "array", "items": {"enum": list(LIMIT_SOURCES)}, "minItems": 1},
                "Only those set by these (ChargingLimitSource).",
            ),
            FieldSpec("request_id", INTEGER, "Counted unless said."),
        ),
        example="get_charging_profiles: {evse_id: 1}",
        versions=ONLY_2X,
        actions=dict.fromkeys(ONLY_2X, "GetChargingProfiles"),
    ),
)

VERBS += (
    VerbSpec(
        "use_priority_charging",
        "The CSMS has a transaction charged first, or no longer (UsePriorityCharging).",
        "csms",
        (
            FieldSpec("active", BOOLEAN, "Whether (default true)."),
            FieldSpec("transaction_id", OF_TRANSACTION.schema, "Which; the latest running one unless said."),
            replace(EVSE_ID, description="Or: the one on this EVSE."),
        ),
        shorthand="active",
        versions=ONLY_21,
        example="use_priority_charging: true",
        actions={OcppVersion.V21: "UsePriorityCharging"},
    ),
    VerbSpec(
        "update_dynamic_schedule",
        "The CSMS sends another value of a dynamic profile (UpdateDynamicSchedule).",
        "csms",
        (
            FieldSpec("limit", {**NUMBER, "minimum": 0}, "What it allows from now on.", True),
            FieldSpec("profile_id", INTEGER, "Of which profile; the latest dynamic one unless said."),
        ),
        shorthand="limit",
        versions=ONLY_21,
        example="update_dynamic_schedule: {profile_id: 1, limit: 8}",
        actions={OcppVersion.V21: "UpdateDynamicSchedule"},
    ),
    VerbSpec(
        "priority_charging",
        "The driver wants to be charged first, or no longer (2.1 NotifyPriorityCharging).",
        "charger",
        (
            FieldSpec("active", BOOLEAN, "Whether (default true)."),
            replace(EVSE_ID, description="On which EVSE; the only one where a transaction runs unless said."),
        ),
        shorthand="active",
        versions=ONLY_21,
        example="priority_charging: true",
    ),
    VerbSpec(
        "ev_charging_needs",
        "The EV says by ISO 15118 what it needs (NotifyEVChargingNeeds), and takes one of the schedules that come.",
        "charger",
        (
            replace(EVSE_ID, description="At which EVSE; the only one with an EV unless said."),
            FieldSpec("energy_transfer", TEXT, "requestedEnergyTransfer; AC on the phases that it uses unless said."),
            FieldSpec("energy_wh", {**NUMBER, "minimum": 0}, "The energy that it wants, in Wh."),
            FieldSpec("departs_in", DURATION, "Time until it leaves."),
            FieldSpec(
                "control_mode", TEXT, "controlMode; ScheduledControl unless said where energy may flow back (2.1)."
            ),
            FieldSpec("max_schedules", {"type": "integer", "minimum": 1}, "maxScheduleTuples."),
            FieldSpec("takes", {"type": "integer", "minimum": 1, "maximum": 3}, "Which schedule it takes (default 1)."),
        ),
        versions=ONLY_2X,
        example="ev_charging_needs: {energy_wh: 20000, departs_in: 4h}",
    ),
    VerbSpec(
        "external_limit",
        "Somebody else than the CSMS limits the charger: an energy management system, the system operator.",
        "charger",
        (
            FieldSpec("limit", {**NUMBER, "minimum": 0}, "What it allows."),
            FieldSpec("setpoint", NUMBER, "What is to flow; below 0 back from the EV (2.1)."),
            FieldSpec("discharge_limit", {**NUMBER, "minimum": 0}, "What may flow back at most (2.1)."),
            FieldSpec("unit", UNIT, "In A for each phase (the default), or in W of all phases together."),
            FieldSpec("evse_id", EVSE_NUMBER, "Which EVSE; 0, the station as a whole, unless said."),
            FieldSpec("source", {"enum": list(LIMIT_SOURCES)}, "Who it is, as OCPP 2.x calls it (default EMS)."),
            FieldSpec("duration", DURATION, "For how long; until it is cleared unless said."),
        ),
        any_of=("limit", "setpoint", "discharge_limit"),
        example="external_limit: {limit: 8, unit: A}",
    ),
    VerbSpec(
        "grid",
        "The grid has another frequency, or the house behind the same meter another load.",
        "charger",
        (
            FieldSpec("frequency_hz", NUMBER, "Of the grid (at first 50)."),
            FieldSpec("load_w", NUMBER, "Of the house (at first 0); below 0 it feeds in."),
        ),
        any_of=("frequency_hz", "load_w"),
        example="grid: {frequency_hz: 49.9}",
    ),
    VerbSpec(
        "clear_external_limit",
        "Whoever has limited the charger with `external_limit` does so no more.",
        "charger",
        (FieldSpec("evse_id", EVSE_NUMBER, "Which EVSE; 0, the station as a whole, unless said."),),
        shorthand="evse_id",
        example="clear_external_limit: {}",
    ),
)

FACETS: tuple[FacetSpec, ...] = (
    FacetSpec(
        "charging_profile",
        "The charger has answered SetChargingProfile.",
        (
            replace(is_(_STATUS, "The answer.", always=True), schemas=_STATUSES),
            FieldSpec("profile_id", INTEGER, "Of which profile.", always=True),
            FieldSpec("evse_id", EVSE_NUMBER, "Where it was to be set; 0 is the station.", always=True),
            FieldSpec("purpose", {"enum": list(PURPOSES)}, "Its purpose, as OCPP 2.x calls it.", always=True),
        ),
        value=_STATUS,
        event="charging_profile",
        subject=("evse_id",),
        example="charging_profile: Accepted",
    ),
    FacetSpec(
        "composite_schedule",
        "The charger has answered GetCompositeSchedule.",
        (
            is_(_COMPOSITE_STATUS, "The answer.", always=True),
            FieldSpec("evse_id", EVSE_NUMBER, "Of which EVSE; 0 is the station.", always=True),
            FieldSpec("unit", UNIT, "What its limits are in.", shown_with=("is", ("Accepted",))),
            FieldSpec("limit", NUMBER, "What is allowed at its beginning.", shown_with=("is", ("Accepted",))),
            FieldSpec("duration_s", NUMBER, "How long it lasts, in seconds."),
            FieldSpec(
                "periods",
                {"type": "array", "items": OBJECT},
                "Each `{start, limit, phases}`: seconds from its beginning, what is allowed, and on how many phases.",
                schemas={version: {"type": "array", "items": _PERIOD} for version in ALL_VERSIONS},
                shown_with=("is", ("Accepted",)),
            ),
            FieldSpec("timestamp", TIME, "When it begins."),
        ),
        value=_COMPOSITE_STATUS,
        event="composite_schedule",
        subject=("evse_id",),
        example="composite_schedule: {is: Accepted, evse_id: 1, unit: A, limit: {$lte: 16}}",
    ),
    FacetSpec(
        "charging_limit",
        "What charging profiles let an EVSE give has changed; only where the target sees inside.",
        (
            FieldSpec("evse_id", EVSE_NUMBER, "Which EVSE.", always=True),
            FieldSpec("limit_w", NUMBER, "In W, all phases together; none where nothing limits it any more."),
        ),
        event="charging_limit",
        subject=("evse_id",),
        example="charging_limit: {evse_id: 1, limit_w: 6900}",
    ),
)
