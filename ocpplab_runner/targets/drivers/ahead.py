"""What a driver of a CSMS cannot do of a scenario, as far as its text tells."""

from __future__ import annotations

from collections.abc import Collection

from ocpplab_runner.engine.planning.preflight import state_name, walk
from ocpplab_runner.plugin.csms_driver import CsmsDriver
from ocpplab_runner.scenario.model import Scenario
from ocpplab_runner.steps.blocks import ACTING
from ocpplab_runner.targets.capabilities import CSMS_VERBS, STATE_OPERATIONS
from ocpplab_runner.vocabulary.versions import OcppVersion

_VERBS = {spec.name: spec for spec in ACTING if spec.name in CSMS_VERBS}
_CALL = frozenset({"action", "payload"})
#: What is asked of the CSMS for a state, besides the state's own fields.
_STATE_FIELDS = {"unavailable": frozenset({"status"}), "reserved": frozenset({"id_tag", "evse_id", "expires_in"})}


def why_not(driver: CsmsDriver, scenario: Scenario, version: OcppVersion) -> str | None:
    """Why the driver cannot do what a scenario asks of the CSMS, in one sentence; None when it can."""
    state = state_name(scenario.state)
    if state in STATE_OPERATIONS:
        told = scenario.state.get(state) if not isinstance(scenario.state, str) and scenario.state else None
        fields = _STATE_FIELDS[state] | (frozenset(told or ()) & {"evse_id"})
        if (reason := _why_not(driver, STATE_OPERATIONS[state], fields, version, raw=False)) is not None:
            return reason
    for step in (*walk(scenario.steps, version), *walk(scenario.finally_, version)):
        if step.verb not in _VERBS:
            continue
        named = step.fields.keys() & {spec.name for spec in _VERBS[step.verb].fields}
        raw = step.raw and (step.verb == "csms_call" or bool(_VERBS[step.verb].actions))
        if (reason := _why_not(driver, step.verb, named, version, raw=raw)) is not None:
            return reason
    return None


def _why_not(driver: CsmsDriver, verb: str, fields: Collection[str], version: OcppVersion, *, raw: bool) -> str | None:
    if verb in driver.operations:
        return driver.why_not(verb, fields, version, raw=raw)
    return driver.why_not("csms_call", _CALL, version, raw=raw)
