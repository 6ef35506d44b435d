"""Who has judged a token at an EVerest: concluded where only one can have, and left open where another may."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.targets.everest.conclusions import Conclusions, OwnRules
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.targets.test_reservation_news import frame

_STRICT = OwnRules(anybody=False, unknown_offline=False)
Told = list[dict[str, Any]]


class _Everest:
    """Speaks as an EVerest of OCPP 2.0.1 and its CSMS do."""

    def __init__(self, rules: OwnRules = _STRICT, *, scripted: bool = False, knows: bool = True) -> None:
        self.conclusions, self._number = Conclusions(OcppVersion.V201, scripted=scripted), 0
        if knows:
            self.answered("GetLocalListVersion", {}, {"versionNumber": 0}, by_csms=True)
            self.answered("ClearCache", {}, {"status": "Accepted"}, by_csms=True)
        self.conclusions.begin(rules)

    def answered(self, action: str, asked: Any, answer: Any, *, by_csms: bool = False) -> None:
        """A call and its answer cross."""
        self._number += 1
        for kind, payload, to_csms in (("call", asked, not by_csms), ("result", answer, by_csms)):
            self.conclusions.hear(frame(action, payload, kind=kind, to_csms=to_csms, number=str(self._number)))

    def authorize(self, card: str, status: str = "Accepted") -> None:
        """The CSMS is asked."""
        asked = {"idToken": {"idToken": card, "type": "ISO14443"}}
        self.answered("Authorize", asked, {"idTokenInfo": {"status": status}})

    def list(self, *cards: str, status: str = "Accepted") -> None:
        """The station takes a local list."""
        entries = [
            {"idToken": {"idToken": card, "type": "ISO14443"}, "idTokenInfo": {"status": status}} for card in cards
        ]
        asked = {"versionNumber": 1, "updateType": "Full", "localAuthorizationList": entries}
        self.answered("SendLocalList", asked, {"status": "Accepted"}, by_csms=True)

    def connection(self, word: str) -> None:
        """It comes or goes."""
        self.conclusions.hear(Observation("fact", "connection", "charger", 0.0, {"is": word}))

    def present(
        self, card: str, *statuses: str, kind: str = "ISO14443", prevalidated: bool = False, **more: Any
    ) -> Told:
        """A token is handed over, and EVerest says what becomes of it; returns the verdicts that are concluded."""
        self.conclusions.presented(card, kind, prevalidated=prevalidated)
        return self.say(card, *statuses, **more)

    def say(self, card: str, *statuses: str, **more: Any) -> Told:
        """EVerest says what becomes of a token."""
        told = [{"is": status, "id_tag": card, **more} for status in statuses]
        said = (Observation("fact", "token_status", "charger", 0.0, fields, source="inside") for fields in told)
        shown = [one for status in said for one in self.conclusions.conclude(status)]
        assert [one.kind for one in shown] == ["note", "fact"] * (len(shown) // 2), "the trace says what is concluded"
        return [dict(one.fields) for one in shown if one.kind == "fact"]


def _in_a_loop(case: Callable[[], None]) -> None:
    async def run() -> None:
        case()

    asyncio.run(run())


_STARTS = ("Processing", "Accepted", "UsedToStart")
_REFUSED = ("Processing", "Rejected")


@pytest.mark.parametrize(
    ("before", "more", "via"),
    [
        (lambda it: it.authorize("CARD-1"), {}, "cache"),
        (lambda it: it.list("CARD-1"), {}, "local_list"),
        (lambda it: None, {"kind": "Central"}, "station"),
        (lambda it: None, {"kind": "NoAuthorization"}, "station"),
        # Neither is known, or both may have judged, or neither may have.
        (lambda it: it.authorize("CARD-1", "Blocked"), {}, None),
        (lambda it: it.list("CARD-1", status="Blocked"), {}, None),
        (lambda it: (it.authorize("CARD-1"), it.list("CARD-1")), {}, None),
        (lambda it: it.authorize("CARD-10"), {}, None),
        (lambda it: None, {}, None),
        (lambda it: it.authorize("CARD-1"), {"prevalidated": True}, None),
        (lambda it: it.authorize("CARD-1"), {"kind": "Central"}, None),
        (lambda it: it.authorize("CARD-1"), {"kind": "eMAID"}, None),
        (lambda it: it.list("CARD-1"), {"kind": "eMAID"}, None),
    ],
)
def test_who_accepts_without_asking(before: Callable[[_Everest], Any], more: dict[str, Any], via: str | None) -> None:
    """By what the station can know of the card; letter case does not matter."""

    def case() -> None:
        everest = _Everest()
        before(everest)
        told = everest.present("card-1", *_STARTS, **more)
        assert told == ([] if via is None else [{"is": "Accepted", "via": via, "id_tag": "card-1"}])

    _in_a_loop(case)


def test_who_is_asked_has_judged() -> None:
    """Then a frame shows the verdict; also where the token is still in the air from before."""

    def case() -> None:
        everest = _Everest()
        everest.authorize("CARD-1")
        everest.conclusions.presented("CARD-1", "ISO14443", prevalidated=False)
        everest.authorize("CARD-1")
        assert everest.present("CARD-1", *_STARTS) == []
        assert everest.present("CARD-1", *_REFUSED) == [], "the CSMS has been asked about it before"

    _in_a_loop(case)


@pytest.mark.parametrize(
    ("rules", "via"),
    [(OwnRules(anybody=False, unknown_offline=True), "offline"), (_STRICT, None), (OwnRules(True, True), None)],
)
def test_unknown_cards_offline(rules: OwnRules, via: str | None) -> None:
    """Accepted by the rule for them, where the settings have it; refused by nobody who could be named."""

    def case() -> None:
        everest = _Everest(rules)
        everest.connection("closed")
        told = everest.present("CARD-1", *_STARTS)
        assert [one["via"] for one in told] == ([] if via is None else [via])
        assert everest.present("CARD-2", *_REFUSED) == []

    _in_a_loop(case)


def test_who_refuses_without_asking() -> None:
    """Online, and of a card that neither list nor cache can know, it is the station; with which status is not told."""

    def case() -> None:
        everest = _Everest()
        assert everest.present("CARD-1", *_REFUSED) == [{"via": "station", "id_tag": "CARD-1"}]
        assert everest.present("CARD-2", "Processing", "Accepted", "Rejected") == [], "it was accepted before"
        everest.authorize("CARD-3", "Blocked")
        assert everest.present("CARD-3", *_REFUSED) == [], "the cache may have refused it"

    _in_a_loop(case)


def test_a_group_that_everest_names_comes_from_a_validator() -> None:
    """A sibling stops; the card that has started, and one that is the group, stop without a verdict (rule AUTH-4)."""

    def case() -> None:
        everest = _Everest()
        for card in ("CARD-1", "CARD-2", "FLEET"):
            everest.authorize(card)
        everest.present("CARD-1", *_STARTS)
        stops = ("Processing", "UsedToStop")
        told = everest.present("CARD-2", *stops, parent_id_token="FLEET")
        assert told == [{"is": "Accepted", "via": "cache", "parent_id_token": "FLEET", "id_tag": "CARD-2"}]
        assert everest.present("CARD-1", *stops, parent_id_token="FLEET") == []
        assert everest.present("FLEET", *stops, parent_id_token="FLEET") == []
        assert everest.present("CARD-2", *stops) == [], "no group is named"

    _in_a_loop(case)


@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda it: it.answered("ClearCache", {}, {"status": "Accepted"}, by_csms=True),
        lambda it: it.list("CARD-2"),
        lambda it: it.answered("SetVariables", {"setVariableData": []}, {"setVariableResult": []}, by_csms=True),
        lambda it: it.answered(
            "RequestStartTransaction", {"idToken": {"idToken": "CARD-1"}}, {"status": "Accepted"}, by_csms=True
        ),
    ],
)
def test_what_happens_meanwhile_leaves_it_open(meanwhile: Callable[[_Everest], Any]) -> None:
    """Another way may have led to the verdict."""

    def case() -> None:
        everest = _Everest()
        everest.authorize("CARD-1")
        everest.conclusions.presented("CARD-1", "ISO14443", prevalidated=False)
        meanwhile(everest)
        assert everest.say("CARD-1", *_STARTS) == []

    _in_a_loop(case)


def test_a_list_and_a_cache_of_which_nothing_is_known_may_know_every_card() -> None:
    """As may a validator that the case scripts; and a token that nobody here has handed over is none of ours."""

    def case() -> None:
        assert _Everest(knows=False).present("CARD-1", *_REFUSED) == []
        assert _Everest(scripted=True).present("CARD-1", *_REFUSED) == []
        assert _Everest().say("CARD-1", *_REFUSED) == []

    _in_a_loop(case)
