"""Presented cards of one charger: their verdicts take their place among the frames, each once.

A verdict that no frame shows is read from the command's result, which comes later than what has followed from the
verdict. So frames are held back from the ledger until it is known, or until the charger asks the CSMS; the watermark
stands still meanwhile, and no expectation is judged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, nextafter
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.engine.interpreter import Fact
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.plugin.stage import Doubt
from ocpplab_runner.targets.gateway.verdicts import Verdict
from ocpplab_runner.targets.unseen import INSIDE_ROUTES
from ocpplab_runner.vocabulary.statuses import AuthorizationRoute

#: Name of the evidence source.
RESULT = "gateway-result"
_FACT = "auth_status"
_PLACELESS = "the result of the command does not say who has given the verdict"
_NOT_WHOLE = "the result of the command need not hold all that belongs to the verdict"
#: Calls by which a CSMS presents a card.
REMOTE_STARTS = frozenset({"RemoteStartTransaction", "RequestStartTransaction"})
#: Why the verdict on such a card may have been missed.
UNTOLD_REMOTE_START = "the Gateway API does not tell what a charger makes of the card of a remote start"
#: Seconds in which a charger that has answered a remote start has judged its card.
_REMOTE_START = 1.0


@dataclass(slots=True, eq=False)
class Presentation:
    """A card that is presented by a command, or by a remote start.

    Attributes:
        card: in lower case.
        begun: when, on the run's clock.
        place: EVSE that it was presented for, or None.
        leads: whether nothing comes before its verdict: no cable is plugged by the same command.
        first: number of the first observation after it.
        asked: whether the charger has asked the CSMS.
        decided: whether nothing more is to come.
        clear: the Gateway knew of no verdict then. It may tell one late that needs no asking.
        later: verdicts that came with a transaction.
    """

    card: str
    begun: float
    place: int | None = None
    leads: bool = True
    first: int = 0
    asked: bool = False
    decided: bool = False
    clear: float = -inf
    later: set[str] = field(default_factory=set)

    @property
    def holds(self) -> bool:
        """Whether what is seen may follow from a verdict that is not known yet."""
        return not self.decided and not self.asked

    @property
    def pending(self) -> float:
        """Since when a verdict may have been given that is not known."""
        return max(self.begun, self.clear) if self.asked else self.begun


@dataclass(slots=True)
class _Unsure:
    presentation: Presentation
    doubt: Doubt
    until: float


@dataclass(slots=True)
class _Held:
    number: int
    observation: Observation
    cards: frozenset[str]


class Presentations:
    """What is known of the cards that are presented to one charger.

    Args:
        put: where observations go.
    """

    def __init__(self, put: Callable[[Observation], None]) -> None:
        self._put = put
        self._open: list[Presentation] = []
        self._unsure: list[_Unsure] = []
        self._remote: dict[str, _Unsure] = {}
        self._held: list[_Held] = []
        self._count = 0
        self._released = asyncio.Event()
        self._released.set()

    # -- what is presented ----------------------------------------------------------------------------------------

    def present(self, card: str, *, place: int | None = None, leads: bool = True) -> Presentation:
        """A card is about to be presented; see :class:`Presentation`. One of the other methods must end it."""
        presentation = Presentation(card.lower(), clock.now(), place, leads, self._count)
        self._open.append(presentation)
        self._released.clear()
        return presentation

    def nothing(self, presentation: Presentation) -> None:
        """No verdict was given."""
        self._decide(presentation)

    def still_open(self, presentation: Presentation, asked: float) -> None:
        """The Gateway was asked then, and nothing had become of the card; its result comes when there is a verdict."""
        presentation.clear = asked

    def judged(self, presentation: Presentation, charger: str, card: str, verdict: Verdict, at: float | None) -> None:
        """A result holds a verdict.

        Args:
            presentation: of the card.
            charger: the scenario's name of it.
            card: as it was presented.
            verdict: of the result. When it does not say who has given it, everything that frames show up to now must
                have been heard.
            at: when the result says that it was given, on the run's clock; None when it does not.
        """
        if presentation.decided:
            return
        if verdict.via is not None and not verdict.inside:
            self._decide(presentation)  # frames show it
            return
        if verdict.via is None and verdict.status.value in presentation.later:
            self.unsure(presentation, _PLACELESS, verdict)
            return
        fields: dict[str, Any] = {"is": verdict.status.value, "id_tag": card}
        if verdict.via is not None:
            fields["via"] = verdict.via.value
        if presentation.place is not None:
            fields["evse_id"] = presentation.place
        fields |= verdict.more
        unknown = verdict.unknown - fields.keys()
        if unknown:
            doubt = _doubt(presentation.card, _PLACELESS if "via" in unknown else _NOT_WHOLE, verdict, unknown)
            self._unsure.append(_Unsure(presentation, doubt, clock.now()))
        self._insert(presentation, charger, fields, at)
        self._decide(presentation)

    def unsure(
        self, presentation: Presentation, reason: str, verdict: Verdict | None = None, *, for_ever: bool = False
    ) -> None:
        """Nobody knows whether a verdict was given that no frame shows.

        Args:
            presentation: of the card.
            reason: for people.
            verdict: as far as it is known.
            for_ever: whether it may still be given.
        """
        if presentation.decided:
            return
        doubt = _doubt(presentation.card, reason, verdict)
        self._unsure.append(_Unsure(presentation, doubt, inf if for_ever else clock.now()))
        self._decide(presentation)

    # -- what is heard --------------------------------------------------------------------------------------------

    def hear(self, observation: Observation, facts: Sequence[Fact] = ()) -> None:
        """Take an observation, and the facts that it shows; it goes on now or later."""
        self._count += 1
        cards = frozenset(_cards(observation, facts))
        if observation.kind == "frame":
            self._follow(observation, facts, cards)
        self._held.append(_Held(self._count, observation, cards))
        self._release()

    def watermark(self) -> float:
        """The time up to which nothing is lacking."""
        # Just before: at that very instant the verdict may have been given.
        return min((nextafter(one.pending, -inf) for one in self._open), default=inf)

    def doubts(self, since: float, until: float) -> list[Doubt]:
        """What may have been missed in a time."""
        unsure = [one for one in self._unsure if one.presentation.begun <= until and one.until >= since]
        pending = "the Gateway has not told yet what has become of the card"
        return [
            *(one.doubt for one in unsure),
            *(_doubt(one.card, pending) for one in self._open if one.pending <= until),
        ]

    async def released(self) -> None:
        """Return when nothing is held back."""
        await self._released.wait()

    def end(self) -> None:
        """Let go of everything: the case is over."""
        for presentation in tuple(self._open):
            self.unsure(presentation, "the case was over before the Gateway had told the verdict")

    # -- inside ---------------------------------------------------------------------------------------------------

    def _follow(self, observation: Observation, facts: Sequence[Fact], cards: frozenset[str]) -> None:
        """What a frame says of the cards that are under way."""
        fields = observation.fields
        kind, message_id = fields.get("type"), str(fields.get("message_id"))
        if kind == "call" and observation.name == "Authorize":
            asking = (one for one in self._open if one.holds and one.card in cards and one.begun <= observation.at)
            if (first := next(asking, None)) is not None:
                first.asked = True
        elif kind == "call" and observation.name in REMOTE_STARTS:
            for card in cards:
                remote = _Unsure(Presentation(card, observation.at), _doubt(card, UNTOLD_REMOTE_START), inf)
                self._unsure.append(remote)
                self._remote[message_id] = remote
        elif message_id in self._remote and kind in ("result", "error"):
            self._remote.pop(message_id).until = observation.at + _REMOTE_START
        for name, fact in facts:
            if name == _FACT:
                self._frame_verdict(str(fact.get("id_tag")).lower(), fact, observation.at)

    def _frame_verdict(self, card: str, fact: Mapping[str, Any], at: float) -> None:
        under_way = [one for one in self._open if one.card == card and one.begun <= at]
        if fact.get("via") != AuthorizationRoute.AUTHORIZE:
            for one in under_way:
                one.later.add(str(fact.get("is")))
            return
        if under_way:
            # Not released here: the frame that shows the verdict is itself still on its way in.
            self._decide(next((one for one in under_way if one.asked), under_way[0]), release=False)
        else:
            # A remote start's card, which was asked about after all: now its verdict has been seen.
            self._unsure = [
                one for one in self._unsure if one.doubt.reason != UNTOLD_REMOTE_START or one.presentation.card != card
            ]

    def _decide(self, presentation: Presentation, *, release: bool = True) -> None:
        presentation.decided = True
        if presentation in self._open:
            self._open.remove(presentation)
        if release:
            self._release()

    def _release(self) -> None:
        # A verdict that comes late goes before what it has caused, which must not be judged without it.
        if any(one.holds for one in self._open):
            return
        held, self._held = self._held, []
        for one in held:
            self._put(one.observation)
        self._released.set()

    def _insert(self, presentation: Presentation, charger: str, fields: Mapping[str, Any], at: float | None) -> None:
        """Put a verdict where it belongs: before what has followed from it."""
        now = clock.now()
        at = now if at is None else min(max(at, presentation.begun), now)
        index = next(
            (number for number, one in enumerate(self._held) if _follows(one, presentation, at)), len(self._held)
        )
        if index < len(self._held):  # clocks differ; what follows from a verdict never comes before it
            at = min(at, self._held[index].observation.at)
        verdict = Observation("fact", _FACT, charger, at, fields, source="inside", evidence=RESULT)
        self._held.insert(index, _Held(0, verdict, frozenset()))


def _follows(held: _Held, presentation: Presentation, at: float) -> bool:
    if held.number <= presentation.first:
        return False
    if presentation.card in held.cards:
        return True
    return held.observation.at > at or (presentation.leads and held.observation.at == at)


def _cards(observation: Observation, facts: Sequence[Fact]) -> Iterator[str]:
    """The cards that a frame names, in lower case."""
    payload = observation.fields.get("payload")
    if observation.kind == "frame" and isinstance(payload, Mapping):
        token = payload.get("idToken")
        named = payload.get("idTag") or (token.get("idToken") if isinstance(token, Mapping) else None)
        if isinstance(named, str):
            yield named.lower()
    for _, fact in facts:
        if isinstance(fact.get("id_tag"), str):
            yield fact["id_tag"].lower()


def _doubt(card: str, reason: str, verdict: Verdict | None = None, unknown: frozenset[str] = frozenset()) -> Doubt:
    fields: dict[str, Sequence[Any]] = {"id_tag": [card], "via": [route.value for route in INSIDE_ROUTES]}
    if verdict is not None:
        fields["is"] = [verdict.status.value]
        if verdict.via is not None:
            fields["via"] = [verdict.via.value]
    return Doubt(_FACT, fields, reason, unknown)
