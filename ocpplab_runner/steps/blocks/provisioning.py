"""Provisioning: boot, settings, reset."""

from __future__ import annotations

from ocpplab_runner.scenario.registry import FacetSpec, FieldSpec, StateSpec, VerbSpec
from ocpplab_runner.steps.fields import (
    CONNECTOR_ID,
    DURATION,
    EVSE_ID,
    INTEGER,
    NUMBER,
    ONLY_2X,
    POSITIVE,
    TEXT,
    is_,
    sends,
    sends_in_2x,
)
from ocpplab_runner.vocabulary.reported import BOOT_REASONS, CONFIGURATION_STATUSES, DATA_TYPES
from ocpplab_runner.vocabulary.settings import SETTINGS

_SETTING_NAME = {"enum": sorted(SETTINGS)}

_REGISTRATION = {"enum": ["Accepted", "Pending", "Rejected"]}

_REPORT_BASES = ("ConfigurationInventory", "FullInventory", "SummaryInventory")
_CRITERIA = {"enum": ["Active", "Available", "Enabled", "Problem"]}
#: A component, or a variable of it.
_NAMED = {"type": "string", "minLength": 1}
_ATTRIBUTES = ("Actual", "Target", "MinSet", "MaxSet")
_REQUEST_ID = FieldSpec("request_id", INTEGER, "Number of the request; counted unless said.")

_CONFIGURATION = {"enum": list(CONFIGURATION_STATUSES)}

VERBS: tuple[VerbSpec, ...] = (
    VerbSpec(
        "set_configuration",
        "Change settings inside the charger.",
        "charger",
        (
            FieldSpec(
                "configuration",
                {"type": "object", "additionalProperties": TEXT, "minProperties": 1},
                "Raw configuration: a 1.6 key or a 2.x `Component.Variable`, and its new value as text.",
                means="configuration",
            ),
            FieldSpec("settings", {"$ref": "#/definitions/settings"}, "Version-neutral settings.", means="settings"),
        ),
        any_of=("settings", "configuration"),
        example="set_configuration: {settings: {heartbeat_interval: 30s}}",
    ),
    VerbSpec(
        "set_clock",
        "Somebody at the charger sets its clock; `{ahead: 0s}` is right.",
        "charger",
        (
            FieldSpec("ahead", DURATION, "So much it is ahead from now on."),
            FieldSpec("behind", DURATION, "So much it is behind."),
        ),
        any_of=("ahead", "behind"),
        example="set_clock: {behind: 1h}",
    ),
    VerbSpec(
        "reset",
        "The CSMS resets the charger.",
        "csms",
        (
            FieldSpec(
                "type",
                {"enum": ["Soft", "Hard", "OnIdle", "Immediate", "ImmediateAndResume"]},
                "1.6 Soft and 2.x OnIdle are one word here, 1.6 Hard and 2.x Immediate another; the last is of 2.1.",
                True,
            ),
            EVSE_ID,
        ),
        shorthand="type",
        example="reset: Hard",
        actions=sends("Reset"),
    ),
    VerbSpec(
        "change_configuration",
        "The CSMS changes one version-neutral setting (ChangeConfiguration, SetVariables).",
        "csms",
        value={"$ref": "#/definitions/settings", "minProperties": 1, "maxProperties": 1},
        value_means="settings",
        example="change_configuration: {connection_timeout: 20s}",
        actions=sends("ChangeConfiguration", "SetVariables"),
        description="For a key that is not in the table of settings use `csms_call`.",
    ),
    VerbSpec(
        "get_configuration",
        "The CSMS reads version-neutral settings (GetConfiguration, GetVariables).",
        "csms",
        (
            FieldSpec(
                "settings",
                {"anyOf": [_SETTING_NAME, {"type": "array", "items": _SETTING_NAME, "minItems": 1}]},
                "Which.",
                True,
                means="setting_names",
            ),
        ),
        shorthand="settings",
        example="get_configuration: heartbeat_interval",
        actions=sends("GetConfiguration", "GetVariables"),
        description="Each value read becomes a `configuration` fact.",
    ),
    VerbSpec(
        "get_base_report",
        "The CSMS asks what variables the charger has (GetBaseReport).",
        "csms",
        (FieldSpec("base", {"enum": list(_REPORT_BASES)}, "Which of them.", True), _REQUEST_ID),
        shorthand="base",
        versions=ONLY_2X,
        example="get_base_report: SummaryInventory",
        actions=sends_in_2x("GetBaseReport"),
        description="Each attribute that is told becomes a `variable` fact.",
    ),
    VerbSpec(
        "get_report",
        "The CSMS asks for a report of some variables (GetReport).",
        "csms",
        (
            FieldSpec(
                "criteria",
                {"anyOf": [_CRITERIA, {"type": "array", "items": _CRITERIA, "minItems": 1}]},
                "Only of components of which one of these holds.",
            ),
            FieldSpec(
                "variables",
                {"anyOf": [_NAMED, {"type": "array", "items": _NAMED, "minItems": 1}]},
                "Only these: `Component`, `Component.Variable` or `Component.Variable.Instance`.",
            ),
            EVSE_ID,
            CONNECTOR_ID,
            _REQUEST_ID,
        ),
        versions=ONLY_2X,
        example="get_report: {criteria: Problem}",
        actions=sends_in_2x("GetReport"),
        description="Each attribute that is told becomes a `variable` fact.",
    ),
)

FACETS: tuple[FacetSpec, ...] = (
    FacetSpec(
        "boot",
        "The CSMS has answered a BootNotification.",
        (
            is_(_REGISTRATION, "The registration status.", always=True),
            FieldSpec("interval", INTEGER, "The interval that the answer sets, in seconds.", always=True),
            FieldSpec("reason", {"enum": list(BOOT_REASONS)}, "OCPP 2.x boot reason.", versions=ONLY_2X),
        ),
        value=_REGISTRATION,
        event="boot",
        example="boot: Accepted",
        state=StateSpec(),
    ),
    FacetSpec("heartbeat", "The charger has sent a Heartbeat.", (), event="heartbeat", example="heartbeat: {}"),
    FacetSpec(
        "configuration",
        "The CSMS has read or set a setting.",
        (
            is_(_CONFIGURATION, "Status of the answer; Unknown is 1.6's unknownKey.", always=True),
            FieldSpec("setting", {"enum": sorted(SETTINGS)}, "Version-neutral name, where it has one."),
            FieldSpec("key", TEXT, "1.6 key, or 2.x `Component.Variable`.", always=True),
            FieldSpec("value", TEXT, "The value, as text."),
            FieldSpec("readonly", {"type": "boolean"}, "Whether it cannot be changed."),
        ),
        value=_CONFIGURATION,
        event="configuration",
        subject=("key",),
        example="configuration: {setting: heartbeat_interval, value: '30'}",
    ),
    FacetSpec(
        "variable",
        "The charger has reported a variable (NotifyReport).",
        (
            FieldSpec(
                "variable", TEXT, "Which, as `Component.Variable` or `Component.Variable.Instance`.", always=True
            ),
            FieldSpec("evse_id", POSITIVE, "Of which EVSE."),
            FieldSpec("connector_id", POSITIVE, "Of which connector."),
            FieldSpec("attribute", {"enum": list(_ATTRIBUTES)}, "Which attribute of it.", always=True),
            FieldSpec("value", TEXT, "Its value, as text."),
            FieldSpec("mutability", {"enum": ["ReadOnly", "ReadWrite", "WriteOnly"]}, "What may be done.", always=True),
            FieldSpec("type", {"enum": list(DATA_TYPES)}, "Of what kind it is."),
            FieldSpec("unit", TEXT, "In which unit."),
            FieldSpec("minimum", NUMBER, "What it is at least."),
            FieldSpec("maximum", NUMBER, "What it is, or how long, at most."),
            FieldSpec("choices", TEXT, "What it can be, with commas between."),
            FieldSpec("request_id", INTEGER, "In the report of which request.", always=True),
        ),
        event="variable",
        versions=ONLY_2X,
        example="variable: {variable: AuthCtrlr.Enabled, value: 'true'}",
    ),
)
