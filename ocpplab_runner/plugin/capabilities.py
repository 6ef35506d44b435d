"""What a target says that it can do and see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ocpplab_runner.ocppj.session import CALL_TIMEOUT
from ocpplab_runner.plugin.events import Source
from ocpplab_runner.vocabulary.versions import OcppVersion


@dataclass(frozen=True, slots=True)
class Built:
    """What our own ends do of one OCPP version; None where the end is somebody else's, of which nobody knows.

    A call that OCPP has and our end lacks says nothing about the other side: the case is ``blocked``.

    Attributes:
        charger: actions of the CSMS's calls that the simulated charger answers.
        triggers: messages that a TriggerMessage can ask it for.
        sends: actions of the calls that it makes by itself.
        absent: configuration keys, or variables as ``Component.Variable``, that it should have and lacks.
        csms: actions of the charger's calls that the built-in CSMS answers.
    """

    charger: frozenset[str] | None = None
    triggers: frozenset[str] | None = None
    sends: frozenset[str] | None = None
    absent: frozenset[str] = frozenset()
    csms: frozenset[str] | None = None


def _nothing_of_ours(version: OcppVersion) -> Built:
    return Built()


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a target can do and see.

    Attributes:
        verbs: names of the acting verbs that it performs.
        facts: fact name → the sources it has for it; a missing name means that it cannot see the fact.
        routes: the ``via`` routes of ``auth_status`` that it can see.
        states: named states that ``given.state`` may ask for.
        versions: the OCPP versions it speaks.
        frames: whether it sees OCPP frames.
        virtual_clock: whether time may jump.
        default_within: seconds that an expectation waits when it does not say.
        call_timeout: seconds that its chargers wait for the answer to a call.
        reasons: verb or fact name → why it is missing, shown in the ``blocked`` reason.
        built: what its own ends do of an OCPP version.
    """

    verbs: frozenset[str]
    facts: Mapping[str, frozenset[Source]]
    routes: frozenset[str]
    states: frozenset[str]
    versions: tuple[OcppVersion, ...]
    frames: bool = True
    virtual_clock: bool = False
    default_within: float = 30.0
    call_timeout: float = CALL_TIMEOUT
    reasons: Mapping[str, str] = field(default_factory=dict)
    built: Callable[[OcppVersion], Built] = _nothing_of_ours
