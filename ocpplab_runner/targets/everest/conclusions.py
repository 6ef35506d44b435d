"""Who has judged a token, where EVerest tells only that it was accepted or refused: concluded, or left open.

EVerest publishes what becomes of a token, and the CSMS sees whether it is asked. What was accepted without being asked
about has been accepted by the station itself; by which of its rules is known where only one of them can have. OCPP
names them all (the local list, the cache, the rule for unknown cards while offline, tokens that need nobody's verdict),
and what each may know has crossed the wire (:mod:`ocpplab_runner.targets.everest.known_cards`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.plugin.stage import Doubt
from ocpplab_runner.scenario.model import Step
from ocpplab_runner.scenario.values import matches
from ocpplab_runner.targets.changes import Changes
from ocpplab_runner.targets.everest.known_cards import Knowledge, KnownCards, asks_about, starts_remotely
from ocpplab_runner.targets.unseen import INSIDE_ROUTES, each_of, routes_of, stated, unseen_absence
from ocpplab_runner.vocabulary.statuses import AuthorizationRoute
from ocpplab_runner.vocabulary.versions import OcppVersion

FACT = "auth_status"
_INSIDE = tuple(sorted(route.value for route in INSIDE_ROUTES))
_WHO = "EVerest does not tell who has judged a token, and more than one may have"
_HOW = "EVerest tells that it refuses a token, not with which status, nor why"
_CONCLUDED = "it does not tell who has judged the token, and the CSMS was not asked; so it was judged"
#: What may have been decided inside without a conclusion being possible, and what a conclusion leaves open.
DOUBTS = (
    Doubt(FACT, {"via": _INSIDE}, _WHO),
    Doubt(FACT, {"via": _INSIDE}, _HOW, frozenset({"is", "reason", "parent_id_token"})),
)
_TRUSTED = frozenset({"Central", "NoAuthorization"})
#: Calls after which a station's settings may be others.
_UNSETTLING = frozenset({"ChangeConfiguration", "SetVariables", "BootNotification"})
#: Calls that change what it knows of cards.
_TEACHING = frozenset({"ClearCache", "SendLocalList"})
#: After one of these the handling of a token is over.
_LAST = frozenset({"Rejected", "TimedOut", "Withdrawn", "UsedToStart", "UsedToStop", "UsedToReauthorize"})


@dataclass(slots=True)
class _Handling:
    """A token that was presented, and that EVerest has not done with.

    Attributes:
        kind: its type.
        known: what the station may have known of it when it was presented.
        asked: whether the CSMS was asked about it.
        offline: whether the station was offline for a time.
        open: whether another way may have led to a verdict, or to none.
        accepted: whether EVerest has accepted it.
    """

    kind: str
    known: Knowledge
    asked: bool = False
    offline: bool = False
    open: bool = False
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class OwnRules:
    """By which rules a station may accept on its own, beside list and cache.

    Attributes:
        anybody: whether authorization may be off (2.x ``AuthCtrlr.Enabled``).
        unknown_offline: whether unknown cards may charge while it is offline.
    """

    anybody: bool
    unknown_offline: bool


_ANY = OwnRules(anybody=True, unknown_offline=True)


class Conclusions:
    """Of one EVerest in one case.

    Args:
        version: of the case.
        scripted: whether the case scripts a validator, which may judge instead.

    Attributes:
        changes: wakes who waits for what becomes of a token.
        statuses: what EVerest has said last of each card, in lower case.
        asked: cards, in lower case, that the CSMS was asked about while they were in the air.
    """

    def __init__(self, version: OcppVersion, *, scripted: bool) -> None:
        self._version, self._scripted = version, scripted
        self._rules = _ANY
        self._cards = KnownCards(version)
        self._handled: dict[str, _Handling] = {}
        self._users: set[str] = set()
        self._online = True
        self.changes = Changes()
        self.statuses: dict[str, str] = {}
        self.asked: set[str] = set()

    def begin(self, rules: OwnRules) -> None:
        """The station is set up: what its settings are is known until somebody changes one, or it starts anew.

        Args:
            rules: as its settings stand.
        """
        self._rules = rules
        # Cards that were presented to fill the cache are no part of the case.
        self._handled.clear()
        self._users.clear()

    def presented(self, card: str, kind: str, *, prevalidated: bool) -> None:
        """A token is about to be handed over; one that is still in the air is not seen twice."""
        new = _Handling(kind, self._cards.of(card, kind), offline=not self._online)
        handling = self._handled.setdefault(card.casefold(), new)
        # Nobody is asked about a prevalidated one (AUTH-7); one number in the air under two types is not told apart.
        handling.open = handling.open or prevalidated or handling.kind != kind

    def hear(self, observation: Observation) -> None:
        """Take what has crossed between the station and the CSMS."""
        if observation.name == "connection" and observation.kind == "fact":
            self._online = observation.fields.get("is") != "closed"
            for handling in self._handled.values():
                handling.offline = handling.offline or not self._online
        if observation.kind != "frame":
            return
        if observation.name in _UNSETTLING and observation.fields.get("type") == "call":
            self._rules = _ANY
        for card, handling in self._handled.items():
            if asks_about(observation, card):
                handling.asked = True
                self.asked.add(card)
            taught = observation.name in _TEACHING
            handling.open = handling.open or taught or starts_remotely(observation, card)
        self._cards.hear(observation)

    def conclude(self, told: Observation) -> Iterable[Observation]:
        """The verdict that a ``token_status`` shows, with a note; none for most.

        Args:
            told: what EVerest has said of its inside.
        """
        if told.name != "token_status" or told.kind != "fact":
            return
        card, status = str(told.fields.get("id_tag")), str(told.fields.get("is"))
        key = card.casefold()
        handling = self._handled.get(key)
        if handling is not None and not self._scripted:
            verdict = self._verdict(card, status, handling, told.fields)
            if verdict is not None:
                fields = {**verdict, "id_tag": card, **_also("evse_id", told.fields)}
                yield replace(told, kind="note", name=f"EVerest: {_CONCLUDED}, via {verdict['via']}", fields={})
                yield replace(told, name=FACT, fields=fields)
        if handling is not None and status == "Accepted":
            handling.accepted = True
        if status in _LAST:
            self._handled.pop(key, None)
        if status == "UsedToStart":
            self._users.add(key)
        self.statuses[key] = status
        self.changes.stir(crossed=False)

    def _verdict(self, card: str, status: str, handling: _Handling, told: Mapping[str, Any]) -> dict[str, Any] | None:
        if handling.asked or handling.open or handling.accepted:
            return None
        if status == "Accepted" or (status == "UsedToStop" and self._is_by_group(card, told)):
            route = self._who_accepts(handling)
            return None if route is None else {"is": "Accepted", "via": route.value, **_also("parent_id_token", told)}
        if status == "Rejected" and self._refused_by_itself(handling):
            return {"via": AuthorizationRoute.STATION.value}
        return None

    def _is_by_group(self, card: str, told: Mapping[str, Any]) -> bool:
        """Whether a token stopped what another had started: only a validator can have told its group (rule 8b)."""
        group = told.get("parent_id_token")
        return card.casefold() not in self._users and group is not None and str(group).casefold() != card.casefold()

    def _who_accepts(self, handling: _Handling) -> AuthorizationRoute | None:
        rules, known = self._rules, handling.known
        may = {
            AuthorizationRoute.STATION: rules.anybody or self._is_trusted(handling),
            AuthorizationRoute.LOCAL_LIST: known.may_be_listed,
            AuthorizationRoute.CACHE: known.may_be_cached,
            AuthorizationRoute.OFFLINE: handling.offline and rules.unknown_offline,
        }
        able = [route for route, can in may.items() if can]
        if len(able) != 1:
            return None
        # That only the list, or the cache, may know it is not enough: it must be known to accept the card.
        good = {AuthorizationRoute.LOCAL_LIST: known.is_listed, AuthorizationRoute.CACHE: known.is_cached}
        return able[0] if good.get(able[0], True) else None

    def _refused_by_itself(self, handling: _Handling) -> bool:
        """Online, and of a card of which neither list nor cache knows anything."""
        known = handling.known.may_be_listed or handling.known.may_be_cached
        return not (handling.offline or known or self._is_trusted(handling))

    def _is_trusted(self, handling: _Handling) -> bool:
        return handling.kind in _TRUSTED and self._version is not OcppVersion.V16


def unconcluded(step: Step, variables: Mapping[str, Any]) -> str | None:
    """Why a step asks for a verdict that EVerest does not tell, nor lets be concluded; None when it does not."""
    for facet in step.expect.facets if step.expect is not None else ():
        for fields in each_of(facet) if facet.facet == FACT else ():
            routes = routes_of(fields, variables)
            if not routes or not routes <= INSIDE_ROUTES:
                continue
            wanted = stated(fields.get("is", "Accepted"), variables)
            refusal = "${{" not in str(wanted) and not matches(wanted, "Accepted", "is")
            if "reason" in fields or refusal:
                return f"the target cannot see this verdict via {min(routes)}: {_HOW}"
    return None if step.never is None else unseen_absence(step.never.facets, variables, _WHO)


def _also(name: str, told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: told[name]} if name in told else {}
