"""What can be done to EVerests and seen of them, and why not the rest. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from ocpplab_runner.everest.topics import Module
from ocpplab_runner.plugin.capabilities import Built, Capabilities
from ocpplab_runner.plugin.events import Source
from ocpplab_runner.scenario.model import Scenario
from ocpplab_runner.targets.capabilities import CSMS_STATES, CSMS_VERBS, foreign_csms_capabilities
from ocpplab_runner.targets.everest.cache_filling import why_not_filled
from ocpplab_runner.targets.everest.conclusions import unconcluded
from ocpplab_runner.targets.everest.rig import NO_TOKENS, EverestRig
from ocpplab_runner.targets.everest.site import Site
from ocpplab_runner.targets.known_data import known_data
from ocpplab_runner.targets.station.limits import FIXED_GROUP, objection, station_capabilities, unseen_at_station
from ocpplab_runner.targets.station.options import OVER_OCPP, StationOptions
from ocpplab_runner.targets.unseen import INSIDE_ROUTES
from ocpplab_runner.vocabulary.quirks import QUIRKS, Quirk
from ocpplab_runner.vocabulary.statuses import AuthorizationRoute
from ocpplab_runner.vocabulary.versions import OcppVersion

#: Why nobody can do what stations are told over OCPP.
NOT_OURS = "it is done over OCPP, and the CSMS is not ours"
#: What of ``given.charger`` only a CSMS can give.
_BY_CSMS = ("settings", "configuration", "local_list")
_INSIDE: frozenset[Source] = frozenset({"inside"})
#: A selection algorithm that EVerest's configuration takes, and its Auth does not.
_THROWS = "UserInput"
#: Fact → the module that shows it.
_SHOWN_BY = {
    "token_status": Module.AUTH,
    "withdrawal": Module.AUTH,
    "authorized_evse": Module.AUTH,
    "session": Module.EVSE_MANAGER,
    "validation_result": Module.TOKEN_VALIDATOR,
    "certificate_status": Module.TOKEN_VALIDATOR,
}


def everest_capabilities(options: StationOptions, sites: Collection[Site]) -> Capabilities:
    """What the target declares: what a station has, and what the modules of some EVerest add.

    Args:
        options: of the target; its rig is EVerest's.
        sites: the EVerests, found out.
    """
    plain = station_capabilities(options)
    facts, reasons = dict(plain.facts), dict(plain.reasons)
    assert isinstance(options.rig, EverestRig)
    reasons |= {
        verb: lacking
        for verb in reasons
        if verb not in plain.verbs and (lacking := options.rig.lacking(verb)) is not None
    }
    for fact, module in _SHOWN_BY.items():
        unseen = [site.installation.lacks(module) for site in sites]
        if None in unseen:
            facts[fact] = facts.get(fact, frozenset()) | _INSIDE
            reasons.pop(fact, None)
        elif fact not in facts:
            reasons[fact] = str(unseen[0])
    return replace(plain, facts=facts, reasons=reasons)


def known_failure(scenario: Scenario, quirks: Iterable[Quirk]) -> str | None:
    """Why a scenario is known to fail where these oddities are; None when it is not."""
    for quirk in sorted(quirks):
        if QUIRKS[quirk].rule in scenario.covers:
            return f"EVerest's quirk {quirk} ({QUIRKS[quirk].rule}): {QUIRKS[quirk].summary}"
    return None


def with_conclusions(ours: Capabilities, sites: Collection[Site]) -> Capabilities:
    """What is concluded of tokens where the CSMS is ours, and EVerest tells what becomes of them."""
    if all(site.installation.lacks(Module.AUTH) for site in sites):
        return ours
    reasons = {name: reason for name, reason in ours.reasons.items() if name not in INSIDE_ROUTES}
    return replace(ours, routes=frozenset(AuthorizationRoute), reasons=reasons)


def why_not_at_ours(
    scenario: Scenario,
    version: OcppVersion,
    variables: Mapping[str, Any],
    options: StationOptions,
    sites: Collection[Site],
) -> str | None:
    """Why a scenario cannot run at EVerests that dial our CSMS, as far as its text tells; None when it can."""
    for given in scenario.chargers.values():
        try:
            known = known_data(dict(given), variables)
        except LookupError:
            continue
        algorithm = (known.get("authorization") or {}).get("selection_algorithm")
        if algorithm == _THROWS and known.get("evses", 1) != 1:
            return f"given.charger.authorization.selection_algorithm: EVerest's Auth throws where {_THROWS} is used"
        if known.get("cache") and (reason := _cache(known["cache"], sites)) is not None:
            return reason
    blind = all(site.installation.lacks(Module.AUTH) for site in sites)
    unseen = unseen_at_station if blind else unconcluded
    return objection(scenario, version, variables, options, unseen=unseen, fills_cache=True)


def _cache(cards: Mapping[str, Any], sites: Collection[Site]) -> str | None:
    lacking = [
        None if site.installation.provides_tokens else NO_TOKENS
        for site in sites
        if site.installation.lacks(Module.AUTH) is None
    ]
    if None in lacking:
        return why_not_filled(cards)
    reason = lacking[0] if lacking else next(iter(sites)).installation.lacks(Module.AUTH)
    return f"given.charger.cache cannot be arranged: {reason}"


def at_csms_capabilities(options: StationOptions, sites: Collection[Site]) -> Capabilities:
    """What the target declares where the CSMS is somebody else's: nobody can ask that for anything.

    Args:
        options: of the target; its rig is EVerest's.
        sites: the EVerests, found out.
    """
    ours, theirs = everest_capabilities(options, sites), foreign_csms_capabilities(default_within=options.within)
    by_csms = CSMS_VERBS - theirs.verbs
    reasons = {**ours.reasons, **dict.fromkeys(OVER_OCPP, NOT_OURS)}
    reasons |= {name: theirs.reasons[name] for name in (*by_csms, *CSMS_STATES) if name in theirs.reasons}
    facts = ours.facts
    unheard = [site.installation.lacks(Module.OCPP) for site in sites]
    if None not in unheard:
        facts = {name: _INSIDE for name, sources in ours.facts.items() if "inside" in sources}
        reasons |= {name: str(unheard[0]) for name in ours.facts.keys() - facts.keys()}
    return replace(
        ours,
        verbs=ours.verbs - by_csms - OVER_OCPP,
        states=ours.states & theirs.states,
        facts=facts,
        frames=None in unheard,
        reasons=reasons,
        built=lambda _: Built(),
    )


def why_not_at_csms(
    scenario: Scenario, version: OcppVersion, variables: Mapping[str, Any], options: StationOptions
) -> str | None:
    """Why a scenario cannot run at EVerests whose CSMS is somebody else's, as far as its text tells; None when it can.

    Raises nothing where a value is not known yet: then it shows when the case runs.
    """
    for given in scenario.chargers.values():
        try:
            known = known_data(dict(given), variables)
        except LookupError:
            continue
        for key in _BY_CSMS:
            if known.get(key):
                return f"given.charger.{key} cannot be arranged: {NOT_OURS}"
        group = (known.get("authorization") or {}).get(FIXED_GROUP)
        fixed = [(one.charger.get("authorization") or {}).get(FIXED_GROUP) for one in options.stations]
        if group is not None and group not in fixed:
            return f"given.charger.authorization.{FIXED_GROUP} cannot be arranged: {NOT_OURS}"
    return objection(scenario, version, variables, options)
