"""What can be done to EVerests and seen of them, and why not the rest. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from ocpplab_runner.everest.topics import Module
from ocpplab_runner.plugin.capabilities import Capabilities
from ocpplab_runner.plugin.events import Source
from ocpplab_runner.scenario.model import Scenario
from ocpplab_runner.targets.everest.rig import EverestRig
from ocpplab_runner.targets.everest.site import Site
from ocpplab_runner.targets.station.limits import station_capabilities
from ocpplab_runner.targets.station.options import StationOptions
from ocpplab_runner.vocabulary.quirks import QUIRKS, Quirk

_INSIDE: frozenset[Source] = frozenset({"inside"})
#: Fact → the module that shows it.
_SHOWN_BY = {
    "token_status": Module.AUTH,
    "withdrawal": Module.AUTH,
    "authorized_evse": Module.AUTH,
    "session": Module.EVSE_MANAGER,
    "reservation": Module.EVSE_MANAGER,
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
            facts[fact] = _INSIDE
            reasons.pop(fact, None)
        else:
            reasons[fact] = str(unseen[0])
    return replace(plain, facts=facts, reasons=reasons)


def known_failure(scenario: Scenario, quirks: Iterable[Quirk]) -> str | None:
    """Why a scenario is known to fail where these oddities are; None when it is not."""
    for quirk in sorted(quirks):
        if QUIRKS[quirk].rule in scenario.covers:
            return f"EVerest's quirk {quirk} ({QUIRKS[quirk].rule}): {QUIRKS[quirk].summary}"
    return None
