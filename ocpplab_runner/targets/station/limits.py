"""What a target with real stations can do and see, and why not the rest. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from ocpplab_runner.charger.authorization_options import AuthorizationOptions
from ocpplab_runner.engine.planning.preflight import walk
from ocpplab_runner.plugin.capabilities import Capabilities
from ocpplab_runner.scenario.model import FacetExpectation, Scenario, Step
from ocpplab_runner.steps.blocks import ACTING, FACETS
from ocpplab_runner.targets.capabilities import INSIDE_ONLY, VERSIONS, csms_built
from ocpplab_runner.targets.known_data import known_data
from ocpplab_runner.targets.station.certificate_verdicts import FACT as CERTIFICATE
from ocpplab_runner.targets.station.disturbing import disturbance, disturbance_of
from ocpplab_runner.targets.station.hands import why_not
from ocpplab_runner.targets.station.options import OVER_OCPP, SCRIPTED, StationFacts, StationOptions
from ocpplab_runner.targets.station.reservation_news import FACT as RESERVATION
from ocpplab_runner.targets.station.reservation_news import UNTOLD
from ocpplab_runner.targets.unseen import INSIDE_ROUTES, each_of, unseen_absence, unseen_verdict
from ocpplab_runner.vocabulary.authorization import CSMS_VALIDATOR
from ocpplab_runner.vocabulary.settings import SETTINGS
from ocpplab_runner.vocabulary.states import STATES
from ocpplab_runner.vocabulary.statuses import AuthorizationRoute
from ocpplab_runner.vocabulary.versions import OcppVersion

_INSIDE = "it happens inside the station, and no frame shows it"
_INSIDE_FACTS = INSIDE_ONLY - {"connection", RESERVATION, CERTIFICATE}
#: What a state takes besides what the CSMS does: verbs with their fields.
_STATES: Mapping[str, Sequence[tuple[str, tuple[str, ...]]]] = {
    "disconnected": (("power", ("state",)),),
    "ev_connected": (("plug_connector", ("evse_id",)),),
    "authorized": (("authorize_id_tag", ("id_tag",)),),
    "charging": (("plug_connector", ("evse_id",)), ("authorize_id_tag", ("id_tag",))),
    "suspended_ev": (
        ("plug_connector", ("evse_id",)),
        ("authorize_id_tag", ("id_tag",)),
        ("ev_stops_energy", ("evse_id",)),
    ),
    "finishing": (("plug_connector", ("evse_id",)), ("authorize_id_tag", ("id_tag",))),
    "faulted": (("inject_fault", ("fault_type", "evse_id")),),
    "offline": (("network", ("state",)),),
}
#: Durations that are kept here: the rig is told when to cut and when to restore.
_OURS: Mapping[str, str] = {"down_for": "state", "off_for": "state"}
#: What of ``given.charger`` is arranged for each case.
_ARRANGED = frozenset({"identity", "settings", "configuration", "local_list"})
_GIVEN_REASONS: Mapping[str, str] = {
    "cache": "OCPP can empty the authorization cache, not fill it",
    "basic_auth": "the station has its own credentials, which `basic_auth` of the target names",
}
#: How a station handles tokens where there is more than one EVSE; with one these are all the same.
_OF_SEVERAL_EVSES = frozenset({"selection_algorithm"})
#: With one EVSE this matters only to a card of the master pass group (rule AUTH-8): it stops, or is turned away.
_PRIORITY = "prioritize_authorization_over_stopping_transaction"
#: A setting in OCPP 2.x; in 1.6 it is what a station is.
FIXED_GROUP = "master_pass_group"
_UNTOLD = "OCPP does not tell that of a station"
#: Ends of a reservation of which only ReservationStatusUpdate tells.
_ENDS = ("Expired", "Removed")


def station_capabilities(options: StationOptions) -> Capabilities:
    """What the target declares."""
    csms = frozenset(spec.name for spec in ACTING if spec.actor == "csms")
    missing = {
        spec.name: reason
        for spec in ACTING
        if spec.actor != "csms"
        and spec.name not in OVER_OCPP
        and (reason := why_not(options.rig, options.interactive, spec.name, ())) is not None
    }
    missing["csms"] = "the target's other stations are served by it too"
    states = set(STATES)
    unreachable: dict[str, str] = {}
    for state, verbs in _STATES.items():
        for verb, fields in verbs:
            if (reason := why_not(options.rig, options.interactive, verb, fields)) is not None:
                states.discard(state)
                unreachable.setdefault(state, reason)
    if "availability" not in options.allow:
        states.discard("unavailable")
        unreachable["unavailable"] = "it disturbs the station, and `allow` has no availability"
    facts = {
        spec.event: frozenset({"wire"})
        for spec in FACETS
        if spec.kind == "fact" and spec.event is not None and spec.event not in _INSIDE_FACTS
    }
    return Capabilities(
        verbs=frozenset(spec.name for spec in ACTING if spec.name not in missing) | csms,
        facts=facts,  # type: ignore[arg-type]
        routes=frozenset(AuthorizationRoute) - INSIDE_ROUTES,
        states=frozenset(states),
        versions=tuple(one for one in VERSIONS if any(one in facts.versions for facts in options.stations)),
        default_within=options.within,
        call_timeout=options.call_timeout,
        reasons={**dict.fromkeys((*_INSIDE_FACTS, *INSIDE_ROUTES), _INSIDE), **missing, **unreachable},
        built=csms_built,
    )


def unseen_at_station(step: Step, variables: Mapping[str, Any]) -> str | None:
    """Why a step asks for a verdict on a card that no frame shows; None when it does not."""
    return unseen_verdict(step, variables, _INSIDE)


def objection(
    scenario: Scenario,
    version: OcppVersion,
    variables: Mapping[str, Any],
    options: StationOptions,
    *,
    unseen: Callable[[Step, Mapping[str, Any]], str | None] = unseen_at_station,
    fills_cache: bool = False,
) -> str | None:
    """Why a scenario cannot run here, as far as its text tells, beyond what the capabilities say; None when it can.

    Args:
        scenario: what shall run.
        version: in which OCPP version.
        variables: of the case.
        options: of the target.
        unseen: why a step asks for a verdict that is not seen; None when it does not.
        fills_cache: whether the target can fill a station's cache.
    """
    try:
        chargers = {name: known_data(dict(given), variables) for name, given in scenario.chargers.items()}
    except LookupError:
        # What is computed shows when the case runs.
        chargers = {}
    if (reason := _misfit(chargers, version, options, fills_cache=fills_cache)) is not None:
        return reason
    if isinstance(scenario.state, Mapping):
        for name, fields in scenario.state.items():
            if isinstance(fields, Mapping) and "ev" in fields and (reason := _no_ev(options)) is not None:
                return f"given.state.{name}.ev cannot be arranged: {reason}"
    for guard in scenario.throughout:
        if (reason := unseen_absence(guard.facets, variables, _INSIDE)) is not None:
            return reason
    steps = [*walk(scenario.steps, version), *walk(scenario.finally_, version)]
    for step in steps:
        if (reason := _step(step, options) or unseen(step, variables)) is not None:
            return reason
    if (reason := _reservation(scenario, steps, version)) is not None:
        return reason
    judged = [one for step in steps for one in (step.expect, step.never, step.still) if one is not None]
    for facet in (facet for one in (*scenario.throughout, *judged) for facet in one.facets):
        if facet.facet == "violation" and any(fields.get("by") == "csms" for fields in each_of(facet)):
            return "what the station finds wrong with the CSMS happens inside it"
    return None


def _reservation(scenario: Scenario, steps: Sequence[Step], version: OcppVersion) -> str | None:
    """Why what is asked about reservations cannot be judged by what OCPP tells of them."""
    absences = [*scenario.throughout, *(one for step in steps for one in (step.never, step.still) if one is not None)]
    if any(facet.facet == RESERVATION for one in absences for facet in one.facets):
        return f"what a reservation is not, or still is, cannot be judged: {UNTOLD.reason}"
    wanted = [
        fields.get("is")
        for step in steps
        for facet in (step.expect.facets if step.expect is not None else ())
        if facet.facet == RESERVATION
        for fields in each_of(facet)
    ]
    silent = next((one for one in wanted if one in _ENDS and version is OcppVersion.V16), None)
    return (
        None if silent is None else f"OCPP 1.6 has no message by which a station tells that a reservation is {silent}"
    )


def _misfit(
    chargers: Mapping[str, Mapping[str, Any]], version: OcppVersion, options: StationOptions, *, fills_cache: bool
) -> str | None:
    able = [facts for facts in options.stations if version in facts.versions]
    for given in chargers.values():
        for key, why in _GIVEN_REASONS.items():
            if given.get(key) and not (key == "cache" and fills_cache):
                return f"given.charger.{key} cannot be arranged: {why}"
        if given.get("ev") and (reason := _no_ev(options)) is not None:
            return f"given.charger.ev cannot be arranged: {reason}"
        misfits = [misfit(given, facts) for facts in able]
        if misfits and all(misfits):
            # Of one that has the right number of EVSEs it says more.
            return next((one for one in misfits if one and ".evses" not in one), misfits[0])
    if len(chargers) > len(able):
        return f"it needs {len(chargers)} stations, and the target has {len(able)}"
    return None


def misfit(given: Mapping[str, Any], facts: StationFacts) -> str | None:
    """Why a station is not what a scenario's charger is; None when it can stand for it.

    Args:
        given: ``given.charger``.
        facts: of the station.
    """
    # A case that says nothing of it counts on the language's defaults, from which this station may differ.
    given = {"authorization": {}, **given} if "authorization" in facts.charger or len(facts.validators) > 1 else given
    for key, value in given.items():
        if key in _ARRANGED or key in _GIVEN_REASONS or key == "ev":
            continue
        if key == "authorization":
            if (reason := _other_authorization(value or {}, given.get("settings") or {}, facts)) is not None:
                return reason
            continue
        known = facts.evses if key == "evses" else facts.charger.get(key)
        if known is None:
            return (
                f"given.charger.{key} cannot be arranged: it is what a station is; if {facts.identity} has it, say "
                "so under `charger` of the target"
            )
        if known != value:
            return f"given.charger.{key} must be {value}, and {facts.identity} has {known}"
    return None


def _other_authorization(given: Mapping[str, Any], settings: Mapping[str, Any], facts: StationFacts) -> str | None:
    """Why a station handles tokens otherwise than a case says; what neither says is as the language has it."""
    where, known = "given.charger.authorization", facts.charger.get("authorization")
    wanted = tuple(CSMS_VALIDATOR if one == CSMS_VALIDATOR else SCRIPTED for one in given.get("validators") or ())
    # A scripted validator that comes after the CSMS and that a case does not script has nothing to say.
    asked = facts.validators if wanted else facts.validators[:1]
    if (wanted or (CSMS_VALIDATOR,)) != asked:
        said, has = ", ".join(wanted or (CSMS_VALIDATOR,)), ", ".join(facts.validators)
        return f"{where}.validators must be {said}, and tokens are judged at {facts.identity} by {has}"
    fixed, group = (known or {}).get(FIXED_GROUP), given.get(FIXED_GROUP, settings.get(FIXED_GROUP))
    settable = any(SETTINGS[FIXED_GROUP].exists_in(version) for version in facts.versions)
    # 1.6 has no setting for it: a station that is said to have none cannot be given one.
    if fixed != group and (fixed is not None or (known is not None and not settable)):
        return f"{where}.{FIXED_GROUP} must be {group or 'none'}, and {facts.identity} has {fixed or 'none'}"
    given = {name: value for name, value in given.items() if name not in ("validators", FIXED_GROUP)}
    if known is None and given:
        return (
            f"{where} cannot be arranged: it is what a station is; if {facts.identity} has it, say so under `charger` "
            "of the target"
        )
    own = {name: value for name, value in (known or {}).items() if name != FIXED_GROUP}
    wants, is_ = AuthorizationOptions.from_given(given), AuthorizationOptions.from_given(own)
    for one in dataclasses.fields(wants):
        value, other = getattr(wants, one.name), getattr(is_, one.name)
        alike = facts.evses == 1 and (one.name in _OF_SEVERAL_EVSES or (one.name == _PRIORITY and not group))
        if value != other and not alike:
            return f"{where}.{one.name} must be {_shown(value)}, and {facts.identity} has {_shown(other)}"
    return None


def _shown(value: Any) -> str:
    if isinstance(value, frozenset):
        return ", ".join(sorted(value)) or "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _no_ev(options: StationOptions) -> str | None:
    return why_not(options.rig, options.interactive, "plug_connector", ("evse_id", "ev"))


def _step(step: Step, options: StationOptions) -> str | None:
    verb, fields = step.verb, step.fields
    spec = next((one for one in ACTING if one.name == verb), None)
    if verb is None or spec is None:
        return None
    word = (
        disturbance_of(str(fields.get("action")), fields.get("payload")) if verb == "csms_call" else disturbance(verb)
    )
    if word is not None and word not in options.allow:
        return f"{fields.get('action', verb)} disturbs the station, and `allow` has no {word}"
    if spec.actor == "csms":
        return None
    if step.raw:
        return f"nobody can be asked for a deliberately wrong {verb}"
    if verb in OVER_OCPP:
        return _untold(step, verb, options)
    # Takes no hand: the CSMS does it, by a remote stop.
    if verb == "stop_transaction" and fields.get("reason") == "Remote":
        return None
    names = {_OURS.get(name, name) for name, value in fields.items() if value is not None}
    if verb == "stop_transaction" and fields.get("reason") == "Local":
        names.discard("reason")
    return why_not(options.rig, options.interactive, verb, names) or _untold(step, verb, options)


def _untold(step: Step, verb: str, options: StationOptions) -> str | None:
    """The outcome's own fields say what happens inside a simulated charger; some hands are not even answered."""
    for holder in (step.expect, step.never):
        for facet in holder.facets if holder is not None else ():
            if facet.facet != "outcome":
                continue
            if verb in options.unanswered:
                return f"whether {verb} was done is not told: {options.unanswered[verb]}"
            if names := _details(facet, options.told.get(verb, ())):
                return f"the outcome of {verb} has no {names[0]}: {_UNTOLD}"
    return None


def _details(facet: FacetExpectation, told: Collection[str]) -> list[str]:
    found: set[str] = set()
    for fields in each_of(facet):
        detail = fields.get("detail")
        known = isinstance(detail, Mapping) and bool(detail) and set(detail) <= set(told)
        found |= set(fields) - {"is", "status"} - ({"detail"} if known else set())
    return sorted(found)
