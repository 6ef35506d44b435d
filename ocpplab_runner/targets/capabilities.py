"""What a target whose charger is the simulated one can do and see."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from ocpplab_runner.charger import assembly
from ocpplab_runner.csms import ANSWERED
from ocpplab_runner.plugin.capabilities import Built, Capabilities
from ocpplab_runner.plugin.csms_driver import CsmsDriver
from ocpplab_runner.plugin.events import Source
from ocpplab_runner.scenario.registry import VerbSpec
from ocpplab_runner.steps.blocks import ACTING, FACETS
from ocpplab_runner.targets.sides import CSMS_COMMANDS
from ocpplab_runner.vocabulary.states import STATES
from ocpplab_runner.vocabulary.statuses import AuthorizationRoute
from ocpplab_runner.vocabulary.versions import OcppVersion

#: The versions that the simulated charger speaks, the preferred one first.
VERSIONS = (OcppVersion.V16, OcppVersion.V201, OcppVersion.V21)
#: Facts that no frame shows.
INSIDE_ONLY = frozenset(
    {
        "token_status",
        "validation_result",
        "connection",
        "authorized_evse",
        "certificate_status",
        "withdrawal",
        "reservation",
        "charging_limit",
        "price_display",
        "display",
        "session",
    }
)
#: Facts that only an EVerest tells.
EVERESTS = frozenset({"session"})
NOT_EVEREST = "only an EVerest tells of its sessions in these words"
#: Verbs that only a CSMS can do, or that are done to one.
CSMS_VERBS = frozenset(spec.name for spec in ACTING if spec.actor == "csms") | CSMS_COMMANDS
#: States that only a CSMS can bring about.
CSMS_STATES = frozenset(name for name, state in STATES.items() if state.by_csms)
#: Those → the operation that does.
STATE_OPERATIONS = {"unavailable": "change_availability", "reserved": "reserve_now"}
_NOT_OURS = "the CSMS is not ours; only it can do that"
_NO_REQUEST = "the driver of the CSMS has no request for that"


def _facts() -> dict[str, frozenset[Source]]:
    facts: dict[str, frozenset[Source]] = {}
    for spec in FACETS:
        if spec.kind != "fact" or spec.event is None or spec.event in EVERESTS:
            continue
        sources: set[Source] = {"inside"} if spec.event in INSIDE_ONLY else {"wire"}
        if spec.event == "auth_status":
            sources.add("inside")
        facts[spec.event] = frozenset(sources)
    return facts


@cache
def charger_built(version: OcppVersion) -> Built:
    """What the simulated charger does of a version."""
    return Built(
        charger=assembly.answered(version),
        triggers=assembly.triggered(version),
        sends=assembly.sent(version),
        absent=assembly.absent(version),
    )


@cache
def csms_built(version: OcppVersion) -> Built:
    """What the built-in CSMS does of a version."""
    return Built(csms=ANSWERED[version])


@cache
def both_built(version: OcppVersion) -> Built:
    """What both do."""
    return replace(charger_built(version), csms=ANSWERED[version])


def simulated_capabilities(*, virtual_clock: bool) -> Capabilities:
    """Both ends are ours: every verb, every fact, every state."""
    return Capabilities(
        verbs=frozenset(spec.name for spec in ACTING),
        facts=_facts(),
        routes=frozenset(AuthorizationRoute),
        states=frozenset(STATES),
        versions=VERSIONS,
        virtual_clock=virtual_clock,
        reasons=dict.fromkeys(EVERESTS, NOT_EVEREST),
        built=both_built,
    )


def foreign_csms_capabilities(*, default_within: float, driver: CsmsDriver | None = None) -> Capabilities:
    """Only the charger is ours: what the CSMS does can be seen, and asked for where there is a driver for it."""
    lacking = {spec.name for spec in ACTING if spec.name in CSMS_VERBS and not can_ask(driver, spec)}
    states = frozenset(state for state, operation in STATE_OPERATIONS.items() if operation in lacking)
    return Capabilities(
        verbs=frozenset(spec.name for spec in ACTING) - lacking,
        facts=_facts(),
        routes=frozenset(AuthorizationRoute),
        states=frozenset(STATES) - states,
        versions=VERSIONS,
        default_within=default_within,
        reasons={
            **dict.fromkeys((*lacking, *states), _NOT_OURS if driver is None else _NO_REQUEST),
            **dict.fromkeys(EVERESTS, NOT_EVEREST),
        },
        built=charger_built,
    )


def can_ask(driver: CsmsDriver | None, verb: VerbSpec) -> bool:
    """Whether a CSMS can be asked for a verb of the CSMS: by itself, or as the OCPP call that it becomes."""
    if driver is None:
        return False
    return verb.name in driver.operations or (bool(verb.actions) and "csms_call" in driver.operations)


def served_capabilities(versions: tuple[OcppVersion, ...] = VERSIONS) -> Capabilities:
    """Only the CSMS is ours: a charger that somebody else has made dials it, and nobody can press its buttons."""
    return Capabilities(
        verbs=CSMS_VERBS,
        facts={
            **{name: sources for name, sources in _facts().items() if "wire" in sources},
            "connection": frozenset({"wire"}),
        },
        routes=frozenset({AuthorizationRoute.AUTHORIZE}),
        states=frozenset({"booted"}),
        versions=versions,
        built=csms_built,
    )


def versions_option(value: Any, known: tuple[OcppVersion, ...] = VERSIONS) -> tuple[OcppVersion, ...]:
    """The option `versions` of a target: the OCPP versions that the other side speaks; all when it is not given.

    Args:
        value: what is given.
        known: those that a target of this kind can speak.

    Raises:
        ValueError: one of them is none of these.
    """
    if value is None:
        return known
    said = {str(one) for one in (value if isinstance(value, list | tuple) else [value])}
    strange = sorted(said - {version.value for version in known})
    if strange or not said:
        raise ValueError(f"`versions` lists some of {', '.join(version.value for version in known)}")
    return tuple(version for version in known if version.value in said)
