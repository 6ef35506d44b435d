"""What a target behind a Gateway can do and see, and why not the rest. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ocpplab_runner.engine.planning.preflight import walk
from ocpplab_runner.gateway.client import Dialect
from ocpplab_runner.gateway.client.commands import G2_COMMANDS
from ocpplab_runner.plugin.capabilities import Built, Capabilities
from ocpplab_runner.plugin.events import Source
from ocpplab_runner.scenario.model import FacetExpectation, Scenario, Step
from ocpplab_runner.steps.blocks import ACTING, FACETS
from ocpplab_runner.targets.capabilities import CSMS_STATES, CSMS_VERBS, INSIDE_ONLY, both_built
from ocpplab_runner.targets.files import unserved
from ocpplab_runner.targets.gateway.card_results import sees_inside
from ocpplab_runner.targets.gateway.options import GatewayOptions
from ocpplab_runner.targets.gateway.presentations import REMOTE_STARTS, UNTOLD_REMOTE_START
from ocpplab_runner.targets.gateway.remote_charger import CARD_COMMANDS
from ocpplab_runner.targets.gateway.translation import GIVEN_REASONS, field_objection
from ocpplab_runner.targets.unseen import INSIDE_ROUTES, each_of, unseen_absence, unseen_verdict
from ocpplab_runner.vocabulary.states import STATES
from ocpplab_runner.vocabulary.statuses import AuthorizationRoute
from ocpplab_runner.vocabulary.versions import OcppVersion

_INSIDE_FACTS = INSIDE_ONLY - {"connection"}
#: Facts that an answer shows, and facts of OCPP 1.6 that only an answer shows.
_ANSWERED_FACTS = frozenset({"auth_status", "boot", "configuration", "local_list", "transaction"})
_INSIDE = "it happens inside the charger, and neither a frame nor the Gateway API shows it"
_NOT_OURS = "the CSMS is not ours; only it can do that"
_CALLS_ONLY = "the Gateway's log holds calls only, and an answer shows it"
_REASONS: Mapping[str, str] = {
    **dict.fromkeys((*_INSIDE_FACTS, *INSIDE_ROUTES), _INSIDE),
    "network": "the Gateway API cannot cut a charger's connection; it can only stop the whole charger",
    "power": "the Gateway API stops and starts a charger's runtime and does not say what the charger keeps meanwhile",
    "charger_reply": "the Gateway API cannot choose what a charger answers",
    "disconnected": "the Gateway switches its chargers on as soon as they are made",
    "offline": "the Gateway API cannot cut a charger's connection; it can only stop the whole charger",
}
_ACTING_VERBS = frozenset(spec.name for spec in ACTING)
_CHARGER_VERBS = frozenset(G2_COMMANDS)


def gateway_capabilities(options: GatewayOptions, dialect: Dialect) -> Capabilities:
    """What the target declares."""
    ours = options.csms is None
    verbs = frozenset(dialect.commands) | (CSMS_VERBS if ours else frozenset())
    reasons = dict(_REASONS)
    for spec in ACTING:
        if spec.name not in verbs:
            generation = dialect.name.removeprefix("g")
            reasons.setdefault(spec.name, f"generation {generation} of the Gateway API has no such command")
    states = frozenset(STATES) - {"disconnected", "offline"}
    if not ours:
        states -= CSMS_STATES
        reasons |= dict.fromkeys((*CSMS_VERBS, *CSMS_STATES), _NOT_OURS)
        reasons["connection"] = "the Gateway's log shows frames, not connections"
    inside = sees_inside(options, dialect)
    facts = _facts(ours, inside)
    if not ours and not options.answers_logged:
        facts = {name: sources for name, sources in facts.items() if name not in _ANSWERED_FACTS}
        reasons |= dict.fromkeys(_ANSWERED_FACTS, _CALLS_ONLY)
    return Capabilities(
        verbs=verbs,
        facts=facts,
        routes=frozenset(AuthorizationRoute) - (frozenset() if inside else INSIDE_ROUTES),
        states=states,
        versions=options.versions,
        virtual_clock=options.virtual_clock,
        default_within=options.within,
        reasons=reasons,
        built=_built(options),
    )


def _built(options: GatewayOptions) -> Callable[[OcppVersion], Built]:
    """What is ours: the chargers of a Gateway of our own, and the CSMS unless it is somebody else's."""
    chargers, csms = options.base_url is None, options.csms is None

    def built(version: OcppVersion) -> Built:
        both = both_built(version)
        charger = both if chargers else Built()
        return replace(charger, csms=both.csms if csms else None)

    return built


def _facts(ours: bool, inside: bool) -> dict[str, frozenset[Source]]:
    facts: dict[str, frozenset[Source]] = {}
    for spec in FACETS:
        if spec.kind != "fact" or spec.event is None or spec.event in _INSIDE_FACTS:
            continue
        if spec.event == "connection":
            if ours:
                facts[spec.event] = frozenset({"inside"})
        else:
            facts[spec.event] = frozenset({"wire"})
    if inside:
        facts["auth_status"] = frozenset({"wire", "inside"})
    return facts


def objection(
    scenario: Scenario,
    version: OcppVersion,
    variables: Mapping[str, Any],
    options: GatewayOptions,
    dialect: Dialect,
) -> str | None:
    """Why a scenario cannot run here, as far as its text tells; None when it can.

    What the capabilities say already is not looked at again, but for a ``via`` that a variable gives.

    Args:
        scenario: what shall run.
        version: in which OCPP version.
        variables: of the case.
        options: of the target.
        dialect: that the Gateway speaks.
    """
    for given in scenario.chargers.values():
        if (reason := _given(given, options, dialect)) is not None:
            return reason
    if isinstance(scenario.state, Mapping):
        for name, fields in scenario.state.items():
            if isinstance(fields, Mapping) and "ev" in fields:
                return f"given.state.{name}.ev cannot be arranged: {GIVEN_REASONS['ev']}"
    steps = [*walk(scenario.steps, version), *walk(scenario.finally_, version)]
    hidden = None if sees_inside(options, dialect) else _INSIDE
    remote = UNTOLD_REMOTE_START if any(map(_is_remote_start, steps)) else None
    for guard in scenario.throughout if hidden or remote else ():
        if (reason := unseen_absence(guard.facets, variables, hidden or remote or "")) is not None:
            return reason
    acted: dict[str | None, Step] = {}
    for step in steps:
        if step.verb in _ACTING_VERBS:
            acted[step.charger] = step
        reason = _step(step, version, options, dialect)
        if reason is not None:
            return reason
        # Only of what a remote start has set off: where a command presents the card, its result tells.
        last = acted.get(step.charger)
        unseen = hidden or (UNTOLD_REMOTE_START if last is not None and _is_remote_start(last) else None)
        if unseen is not None and (reason := unseen_verdict(step, variables, unseen)) is not None:
            return reason
    return None


def _is_remote_start(step: Step) -> bool:
    return step.verb == "remote_start" or (step.verb == "csms_call" and step.fields.get("action") in REMOTE_STARTS)


def _given(given: Mapping[str, Any], options: GatewayOptions, dialect: Dialect) -> str | None:
    for key, value in given.items():
        # A charger that is made for the case has a meter that begins at 0.
        arranged = (key == "basic_auth" and dialect.gives_credentials) or (key == "meter_start_wh" and value == 0)
        if key in GIVEN_REASONS and not arranged:
            return f"given.charger.{key} cannot be arranged: {GIVEN_REASONS[key]}"
    entries = (given.get("local_list") or {}).get("entries") or {}
    if options.csms is not None and any(not _accepted(card) for card in entries.values()):
        return "given.charger.local_list cannot be arranged: the cards of the Gateway API's local list have no status"
    return None


def _accepted(card: Any) -> bool:
    return card == "Accepted" or (isinstance(card, Mapping) and card.get("status", "Accepted") == "Accepted")


def _step(step: Step, version: OcppVersion, options: GatewayOptions, dialect: Dialect) -> str | None:
    verb = step.verb
    if (reason := unserved(verb, step.fields)) is not None:
        return reason
    if verb in _CHARGER_VERBS and verb in dialect.commands:
        if step.raw:
            return f"the Gateway API has no way to ask for a deliberately wrong {verb}"
        reason = field_objection(dialect, version, verb, step.fields)
        if reason is not None:
            return reason
        if verb == "send_local_auth_list":
            for entry in step.fields.get("entries") or ():
                if isinstance(entry, Mapping) and entry.get("status", "Accepted") != "Accepted":
                    return "the cards of the Gateway API's local list have no status: each is accepted"
    if step.expect is not None:
        for facet in step.expect.facets:
            if (reason := _facet(facet, verb, options, dialect)) is not None:
                return reason
    if step.still is not None:
        for facet in step.still.facets:
            if (reason := _facet(facet, verb, options, dialect)) is not None:
                return reason
    if step.never is not None:
        for facet in step.never.facets:
            if (reason := _facet(facet, verb, options, dialect)) is not None:
                return reason
    return None


def _details(facet: FacetExpectation) -> set[str]:
    found = [fields.get("detail") for fields in each_of(facet)]
    return {name for detail in found if isinstance(detail, Mapping) for name in detail if not name.startswith("$")}


def _facet(facet: FacetExpectation, verb: str | None, options: GatewayOptions, dialect: Dialect) -> str | None:
    if facet.facet == "outcome" and verb is not None and verb in dialect.commands:
        spec = dialect.commands[verb]
        if spec.queued and not dialect.tells_outcomes:
            return f"the Gateway API answers {verb} before it is carried out, and never tells its outcome"
        if not spec.queued and (untold := _details(facet) - spec.answers):
            return f"the Gateway API does not promise that its answer to {verb} says {', '.join(sorted(untold))}"
        if dialect.tells_outcomes and verb in CARD_COMMANDS:
            return f"the Gateway API calls {verb} rejected when the card is refused, as when the command is"
    if facet.facet == "violation":
        if options.csms is not None:
            return "the Gateway's log does not show who breaks the protocol"
        if any(fields.get("by") == "csms" for fields in each_of(facet)):
            return "what the charger finds wrong with the CSMS happens inside the Gateway"
    if options.csms is not None and not options.answers_logged:
        if facet.facet in ("response", "call_error"):
            return _CALLS_ONLY
        if facet.facet == "message" and any(fields.get("type", "call") != "call" for fields in each_of(facet)):
            return _CALLS_ONLY
    return None
