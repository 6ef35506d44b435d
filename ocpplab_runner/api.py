"""All that a plugin may use, and the one place from which it imports: see ``docs/plugins.md``.

Whatever is not named in ``__all__`` may change in any release. Nothing of ocpplab-runner itself imports this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ocpplab_runner.clock import hold, is_virtual, now, settled, timestamp, utcnow
from ocpplab_runner.plugin.calling import PluginError
from ocpplab_runner.plugin.capabilities import Built, Capabilities
from ocpplab_runner.plugin.case import CaseView, CheckFailure
from ocpplab_runner.plugin.csms_driver import BEGIN_CASE, CsmsDriver, CsmsOrder, OrderRefusedError
from ocpplab_runner.plugin.events import Event, EventKind, Observation, Source
from ocpplab_runner.plugin.former_protocols import (
    ChoosyTarget,
    DoubtingStage,
    RunTarget,
    SecretiveTarget,
    SettlingStage,
    SharedTarget,
    WorkerTarget,
)
from ocpplab_runner.plugin.hookspecs import hookimpl
from ocpplab_runner.plugin.lines import line_of, records_of
from ocpplab_runner.plugin.options import OptionSpec
from ocpplab_runner.plugin.results import (
    CaseEndRecord,
    CaseInfo,
    CaseStartRecord,
    EventRecord,
    FailureInfo,
    InvalidFileRecord,
    LogRecord,
    Record,
    Report,
    RunRecord,
    StepInfo,
    StepRecord,
    Verdict,
)
from ocpplab_runner.plugin.rig import Rig
from ocpplab_runner.plugin.stage import (
    BlockedError,
    Doubt,
    GraveComplaint,
    InfrastructureError,
    Outcome,
    Recorder,
    SentCall,
    Stage,
    StageRequest,
)
from ocpplab_runner.plugin.target import Target
from ocpplab_runner.plugin.verb import (
    ScenarioSkippedError,
    StepContext,
    StepError,
    StepFailedError,
    StepResult,
    Verb,
)
from ocpplab_runner.scenario.model import Scenario
from ocpplab_runner.scenario.registry import (
    ALL_VERSIONS,
    Actor,
    FacetSpec,
    FieldSpec,
    JsonSchema,
    MatcherSpec,
    StateSpec,
    VerbSpec,
)
from ocpplab_runner.vocabulary.durations import PATTERN as DURATION_PATTERN
from ocpplab_runner.vocabulary.durations import DurationError, format_duration, parse_duration
from ocpplab_runner.vocabulary.statuses import AuthorizationRoute, AuthorizationStatus, ConnectorStatus
from ocpplab_runner.vocabulary.versions import OcppVersion

if TYPE_CHECKING:
    from ocpplab_runner.csms import BuiltInCsms
    from ocpplab_runner.targets.capabilities import served_capabilities
    from ocpplab_runner.targets.drivers.http import HttpCsmsDriver
    from ocpplab_runner.targets.served import ServedStage
    from ocpplab_runner.testing import InvalidScenario, ScenarioRun, run_scenario

__all__ = [
    "ALL_VERSIONS",
    "BEGIN_CASE",
    "DURATION_PATTERN",
    "Actor",
    "AuthorizationRoute",
    "AuthorizationStatus",
    "BlockedError",
    "Built",
    "BuiltInCsms",
    "Capabilities",
    "CaseEndRecord",
    "CaseInfo",
    "CaseStartRecord",
    "CaseView",
    "CheckFailure",
    "ChoosyTarget",
    "ConnectorStatus",
    "CsmsDriver",
    "CsmsOrder",
    "Doubt",
    "DoubtingStage",
    "DurationError",
    "Event",
    "EventKind",
    "EventRecord",
    "FacetSpec",
    "FailureInfo",
    "FieldSpec",
    "GraveComplaint",
    "HttpCsmsDriver",
    "InfrastructureError",
    "InvalidFileRecord",
    "InvalidScenario",
    "JsonSchema",
    "LogRecord",
    "MatcherSpec",
    "Observation",
    "OcppVersion",
    "OptionSpec",
    "OrderRefusedError",
    "Outcome",
    "PluginError",
    "Record",
    "Recorder",
    "Report",
    "Rig",
    "RunRecord",
    "RunTarget",
    "Scenario",
    "ScenarioRun",
    "ScenarioSkippedError",
    "SecretiveTarget",
    "SentCall",
    "ServedStage",
    "SettlingStage",
    "SharedTarget",
    "Source",
    "Stage",
    "StageRequest",
    "StateSpec",
    "StepContext",
    "StepError",
    "StepFailedError",
    "StepInfo",
    "StepRecord",
    "StepResult",
    "Target",
    "Verb",
    "VerbSpec",
    "Verdict",
    "WorkerTarget",
    "format_duration",
    "hold",
    "hookimpl",
    "is_virtual",
    "line_of",
    "now",
    "parse_duration",
    "records_of",
    "run_scenario",
    "served_capabilities",
    "settled",
    "timestamp",
    "utcnow",
]

# The engine and what belongs to it: a plugin that is only loaded for `check` does not pay for importing it.
_WHEN_ASKED = {
    **dict.fromkeys(("InvalidScenario", "ScenarioRun", "run_scenario"), "ocpplab_runner.testing"),
    "BuiltInCsms": "ocpplab_runner.csms",
    "HttpCsmsDriver": "ocpplab_runner.targets.drivers.http",
    "ServedStage": "ocpplab_runner.targets.served",
    "served_capabilities": "ocpplab_runner.targets.capabilities",
}


def __getattr__(name: str) -> Any:
    """What stands in a room that is imported only when it is used."""
    from importlib import import_module

    if name not in _WHEN_ASKED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WHEN_ASKED[name]), name)
