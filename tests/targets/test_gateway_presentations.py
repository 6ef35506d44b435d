"""Presented cards: the place of a verdict among the frames, what is held back meanwhile, and what stays in doubt."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpplab_runner import clock
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.targets.gateway.presentations import Presentations
from ocpplab_runner.targets.gateway.verdicts import Verdict, is_without_verdict, verdict_in
from ocpplab_runner.vocabulary.statuses import AuthorizationRoute, AuthorizationStatus

ACCEPTED = AuthorizationStatus.ACCEPTED
CACHED = Verdict(ACCEPTED, AuthorizationRoute.CACHE)


def call(action: str, card: str | None = None, *, to: str = "to_csms", at: float | None = None) -> Observation:
    """A CALL."""
    fields = {"direction": to, "type": "call", "message_id": action, "payload": {"idTag": card} if card else {}}
    return Observation("frame", action, "A", clock.now() if at is None else at, fields, evidence="csms")


def answer(action: str, card: str, status: str = "Accepted", via: str | None = None) -> tuple[Observation, Any]:
    """A CALLRESULT with the verdict that it shows."""
    fields = {"direction": "to_charger", "type": "result", "message_id": action, "payload": {}}
    fact = ("auth_status", {"is": status, "id_tag": card, "via": via or action})
    return Observation("frame", action, "A", clock.now(), fields, evidence="csms"), [fact]


def played(play: Callable[[Presentations], None]) -> list[str]:
    """The names of what went on to the ledger, in order."""
    put: list[Observation] = []

    async def main() -> None:
        play(Presentations(put.append))

    clock.run(main())
    return [one.name for one in put]


def test_a_verdict_stands_before_what_follows_from_it() -> None:
    """Also at one instant, and after what the same command has done before."""

    def play(cards: Presentations) -> None:
        card = cards.present("CARD-1", leads=False)
        for one in (call("StatusNotification"), call("StartTransaction", "card-1"), call("MeterValues")):
            cards.hear(one)
        cards.judged(card, "A", "CARD-1", CACHED, clock.now())

    assert played(play) == ["StatusNotification", "auth_status", "StartTransaction", "MeterValues"]


def test_a_presented_card_leads() -> None:
    """Nothing that the command has set off comes before the verdict."""

    def play(cards: Presentations) -> None:
        cards.hear(call("Heartbeat"))
        card = cards.present("CARD-1")
        cards.hear(call("StatusNotification"))
        cards.judged(card, "A", "CARD-1", CACHED, clock.now())

    assert played(play) == ["Heartbeat", "auth_status", "StatusNotification"]


def test_a_charger_that_asks_holds_nothing_up() -> None:
    """The CSMS's verdict is the frames', whatever the result says later."""

    def play(cards: Presentations) -> None:
        card = cards.present("CARD-1")
        cards.hear(call("StatusNotification"))
        assert cards.watermark() < clock.now()
        cards.hear(call("Authorize", "CARD-1"))
        assert card.asked and not card.decided
        cards.hear(*answer("Authorize", "CARD-1"))
        assert card.decided and cards.watermark() > clock.now()
        cards.judged(card, "A", "CARD-1", CACHED, None)
        assert cards.doubts(0.0, 1e9) == []

    assert played(play) == ["StatusNotification", "Authorize", "Authorize"]


def test_what_has_not_been_told_is_in_doubt() -> None:
    """From the presentation on; once the CSMS is asked, from when the Gateway last knew of nothing."""

    async def main() -> None:
        cards = Presentations(lambda one: None)
        await asyncio.sleep(1)
        card = cards.present("CARD-1")
        assert (len(cards.doubts(0.0, 1.0)), cards.doubts(0.0, 0.9)) == (1, [])
        await asyncio.sleep(5)
        cards.still_open(card, clock.now())
        assert len(cards.doubts(0.0, 2.0)) == 1
        cards.hear(call("Authorize", "CARD-1"))
        assert (len(cards.doubts(0.0, 6.0)), cards.doubts(0.0, 5.9)) == (1, [])

    clock.run(main())


def test_somebody_elses_question_is_not_this_cards() -> None:
    """Each presentation waits for its own."""

    def play(cards: Presentations) -> None:
        first, second = cards.present("CARD-1"), cards.present("CARD-2")
        cards.hear(call("Authorize", "CARD-2"))
        assert (first.asked, second.asked) == (False, True)
        cards.judged(first, "A", "CARD-1", CACHED, None)

    assert played(play) == ["auth_status", "Authorize"]


def test_a_verdict_without_a_place_may_be_the_transactions() -> None:
    """Then there is no fact; else there is one, and who has given it stays in doubt."""

    def ambiguous(cards: Presentations) -> None:
        card = cards.present("CARD-1")
        cards.hear(*answer("StartTransaction", "CARD-1", "Blocked"))
        cards.judged(card, "A", "CARD-1", Verdict(AuthorizationStatus.BLOCKED, unknown=frozenset({"via"})), None)
        (doubt,) = cards.doubts(0.0, 1e9)
        assert doubt.unknown == frozenset()

    def clear(cards: Presentations) -> None:
        card = cards.present("CARD-1")
        cards.hear(*answer("StartTransaction", "CARD-1", "Blocked"))
        cards.judged(card, "A", "CARD-1", Verdict(ACCEPTED, unknown=frozenset({"via"})), None)
        (doubt,) = cards.doubts(0.0, 1e9)
        assert doubt.unknown == {"via"} and doubt.fields["is"] == ["Accepted"]

    assert played(ambiguous) == ["StartTransaction"]
    assert played(clear) == ["auth_status", "StartTransaction"]


@pytest.mark.parametrize("end", ["answered", "refused by the CSMS"])
def test_a_remote_start_stays_in_doubt_unless_the_csms_judges(end: str) -> None:
    """No command has presented its card, so no result tells."""

    def play(cards: Presentations) -> None:
        cards.hear(call("RemoteStartTransaction", "CARD-1", to="to_charger"))
        assert len(cards.doubts(0.0, 1e9)) == 1
        if end == "answered":
            fields = {"direction": "to_csms", "type": "result", "message_id": "RemoteStartTransaction", "payload": {}}
            cards.hear(Observation("frame", "RemoteStartTransaction", "A", clock.now(), fields))
            assert (len(cards.doubts(clock.now(), 1e9)), cards.doubts(clock.now() + 5, 1e9)) == (1, [])
        else:
            cards.hear(call("Authorize", "CARD-1"))
            cards.hear(*answer("Authorize", "CARD-1", "Blocked"))
            assert cards.doubts(0.0, 1e9) == []

    played(play)


@given(
    frames=st.lists(st.sampled_from(["StatusNotification", "StartTransaction", "Authorize", "Heartbeat"]), max_size=8),
    where=st.integers(0, 8),
    verdict=st.sampled_from(["inside", "csms", "nothing", "unsure", "end"]),
    leads=st.booleans(),
)
def test_nothing_is_lost_or_changes_places(frames: list[str], where: int, verdict: str, leads: bool) -> None:
    """Whatever happens to a card: every frame goes on once, in order, and at most one verdict with them."""

    def play(cards: Presentations) -> None:
        card = None
        for number, name in enumerate(frames):
            if number == where:
                card = cards.present("CARD-1", leads=leads)
            cards.hear(call(name, None if name in ("StatusNotification", "Heartbeat") else "CARD-1"))
        card = card or cards.present("CARD-1", leads=leads)
        for _ in range(2):
            match verdict:
                case "inside":
                    cards.judged(card, "A", "CARD-1", CACHED, None)
                case "csms":
                    cards.judged(card, "A", "CARD-1", Verdict(ACCEPTED, AuthorizationRoute.AUTHORIZE), None)
                case "nothing":
                    cards.nothing(card)
                case "unsure":
                    cards.unsure(card, "because")
                case "end":
                    cards.end()

    names = played(play)
    assert [name for name in names if name != "auth_status"] == frames
    assert names.count("auth_status") == (verdict == "inside")


@pytest.mark.parametrize(
    ("result", "verdict"),
    [
        ({}, None),
        ({"status": "whatever"}, None),
        ({"status": None, "via": "cache"}, None),
        ({"status": "accepted", "via": "CACHE"}, (ACCEPTED, AuthorizationRoute.CACHE, {})),
        ({"status": "Accepted", "via": "somewhere"}, (ACCEPTED, None, {})),
        ({"status": "Accepted", "via": 7, "evse_id": "1"}, (ACCEPTED, None, {})),
        (
            {"status": "Invalid", "via": "station", "evse_id": 1, "reason": "so", "parent_id_token": None},
            (AuthorizationStatus.INVALID, AuthorizationRoute.STATION, {"evse_id": 1, "reason": "so"}),
        ),
    ],
)
def test_what_a_result_says(result: dict[str, Any], verdict: Any) -> None:
    """Words are taken in any letter case, and nothing is made up."""
    read = verdict_in(result)
    assert (None if read is None else (read.status, read.via, dict(read.more))) == verdict


def test_what_a_result_does_not_say_is_unknown() -> None:
    """Null is an answer."""
    read = verdict_in({"status": "Accepted", "via": "cache", "evse_id": None})
    assert read is not None and read.unknown == {"parent_id_token", "reason"}
    assert is_without_verdict({"token_status": "UsedToStop"})
    assert not is_without_verdict({}) and not is_without_verdict({"status": "x", "token_status": "UsedToStop"})
