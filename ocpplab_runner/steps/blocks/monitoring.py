"""Monitoring of variables in OCPP 2.x."""

from __future__ import annotations

from ocpplab_runner.scenario.registry import FacetSpec, FieldSpec, VerbSpec
from ocpplab_runner.steps.fields import (
    BOOLEAN,
    CONNECTOR_ID,
    EVSE_ID,
    EVSE_NUMBER,
    INTEGER,
    NUMBER,
    ONLY_2X,
    TEXT,
    is_,
    sends_in_2x,
)
from ocpplab_runner.vocabulary.reported import MONITOR_TYPES
from ocpplab_runner.vocabulary.versions import OcppVersion

_VARIABLE = {"type": "string", "pattern": r"^[^.]+\.[^.]+(\..+)?$"}
_SEVERITY = {"type": "integer", "minimum": 0, "maximum": 9}
_COUNT = {"type": "integer", "minimum": 0}
_MONITOR = {
    "enum": [
        "Accepted",
        "Cleared",
        "Duplicate",
        "NotFound",
        "Rejected",
        "Reported",
        "UnknownComponent",
        "UnknownVariable",
        "UnsupportedMonitorType",
    ]
}
_TRIGGER = {"enum": ["Alerting", "Delta", "Periodic"]}
_WHICH = "Which, as `Component.Variable` or `Component.Variable.Instance`."

VERBS: tuple[VerbSpec, ...] = (
    VerbSpec(
        "set_monitor",
        "The CSMS has the charger watch a variable (SetVariableMonitoring).",
        "csms",
        (
            FieldSpec("variable", _VARIABLE, _WHICH, True),
            EVSE_ID,
            CONNECTOR_ID,
            FieldSpec("type", {"enum": list(MONITOR_TYPES)}, "How; the last two only in 2.1.", True),
            FieldSpec("value", NUMBER, "The threshold, the delta, or the interval in seconds.", True),
            # Without bounds: a scenario may send a severity that the charger has to refuse.
            FieldSpec("severity", INTEGER, "Of its events, 0 to 9 (default 5)."),
            FieldSpec("in_transaction", BOOLEAN, "Whether only while a transaction runs (default false)."),
            FieldSpec("monitor_id", INTEGER, "Of the monitor that it replaces; none for a new one."),
            FieldSpec(
                "stream",
                {
                    "type": "object",
                    "properties": {
                        "interval": {**_COUNT, "description": "Seconds between two messages."},
                        "values": {**_COUNT, "description": "How many values a message holds."},
                    },
                    "additionalProperties": False,
                },
                "In 2.1, of a periodic one: send its values as a stream, so many at once, or after so many seconds.",
            ),
        ),
        versions=ONLY_2X,
        example="set_monitor: {variable: EVSE.Power, evse_id: 1, type: UpperThreshold, value: 5000}",
        actions=sends_in_2x("SetVariableMonitoring"),
    ),
    VerbSpec(
        "clear_monitors",
        "The CSMS has the charger watch no longer (ClearVariableMonitoring).",
        "csms",
        (
            FieldSpec(
                "monitor_ids",
                {"anyOf": [INTEGER, {"type": "array", "items": INTEGER, "minItems": 1}]},
                "The ids of monitors.",
                True,
            ),
        ),
        shorthand="monitor_ids",
        versions=ONLY_2X,
        example="clear_monitors: 1",
        actions=sends_in_2x("ClearVariableMonitoring"),
    ),
    VerbSpec(
        "get_monitors",
        "The CSMS asks what the charger watches (GetMonitoringReport).",
        "csms",
        (
            FieldSpec(
                "criteria",
                {
                    "type": "array",
                    "items": {"enum": ["DeltaMonitoring", "PeriodicMonitoring", "ThresholdMonitoring"]},
                    "minItems": 1,
                },
                "Of which kinds; all unless said.",
            ),
            FieldSpec("variable", _VARIABLE, f"{_WHICH} All unless said."),
            EVSE_ID,
            CONNECTOR_ID,
            FieldSpec("request_id", INTEGER, "Number of the request; counted unless said."),
        ),
        versions=ONLY_2X,
        example="get_monitors: {criteria: [DeltaMonitoring]}",
        actions=sends_in_2x("GetMonitoringReport"),
    ),
    VerbSpec(
        "set_monitoring_base",
        "The CSMS chooses the monitors that the charger begins with (SetMonitoringBase).",
        "csms",
        (FieldSpec("base", {"enum": ["All", "FactoryDefault", "HardWiredOnly"]}, "Which.", True),),
        shorthand="base",
        versions=ONLY_2X,
        example="set_monitoring_base: FactoryDefault",
        actions=sends_in_2x("SetMonitoringBase"),
    ),
    VerbSpec(
        "set_monitoring_level",
        "The CSMS has the charger tell of severe events only (SetMonitoringLevel).",
        "csms",
        (FieldSpec("severity", INTEGER, "The highest number of a severity that is told, 0 to 9.", True),),
        shorthand="severity",
        versions=ONLY_2X,
        example="set_monitoring_level: 5",
        actions=sends_in_2x("SetMonitoringLevel"),
    ),
)

FACETS: tuple[FacetSpec, ...] = (
    FacetSpec(
        "monitor",
        "The charger has answered what it shall watch, or has reported what it watches.",
        (
            is_(_MONITOR, "What came of it.", always=True),
            FieldSpec("monitor_id", INTEGER, "Its id."),
            FieldSpec("variable", TEXT, "Which variable, as `Component.Variable`."),
            FieldSpec("evse_id", EVSE_NUMBER, "Of which EVSE."),
            FieldSpec("connector_id", INTEGER, "Of which connector."),
            FieldSpec("type", {"enum": list(MONITOR_TYPES)}, "How it is watched."),
            FieldSpec("severity", _SEVERITY, "Of its events."),
            FieldSpec("value", NUMBER, "The threshold, the delta, or the interval.", shown_with=("is", ("Reported",))),
        ),
        value=_MONITOR,
        event="monitor",
        versions=ONLY_2X,
        example="monitor: {is: Accepted, variable: EVSE.Power}",
    ),
    FacetSpec(
        "monitor_event",
        "The charger has told of an event (NotifyEvent).",
        (
            is_(_TRIGGER, "What has triggered it.", always=True),
            FieldSpec("variable", TEXT, "Which variable, as `Component.Variable`.", always=True),
            FieldSpec("evse_id", EVSE_NUMBER, "Of which EVSE."),
            FieldSpec("connector_id", INTEGER, "Of which connector."),
            FieldSpec("value", TEXT, "Its value, as text.", always=True),
            FieldSpec("monitor_id", INTEGER, "Which monitor."),
            FieldSpec("cleared", BOOLEAN, "Whether a threshold is no longer passed."),
            FieldSpec("transaction_id", TEXT, "In which transaction."),
        ),
        value=_TRIGGER,
        event="monitor_event",
        versions=ONLY_2X,
        example="monitor_event: {is: Alerting, variable: EVSE.Power}",
    ),
    FacetSpec(
        "stream_data",
        "The charger has sent a bundle of values by a stream (NotifyPeriodicEventStream).",
        (
            FieldSpec("stream_id", INTEGER, "Which stream.", always=True),
            FieldSpec("values", INTEGER, "How many values.", always=True),
            FieldSpec("value", TEXT, "The latest of them, as text.", always=True),
        ),
        event="stream_data",
        versions=(OcppVersion.V21,),
        example="stream_data: {values: 3}",
    ),
)
