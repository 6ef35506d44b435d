"""EVerest's rules at a station that speaks OCPP 1.6: providers, validators, withdrawal."""

from __future__ import annotations

from typing import Any

import pytest

from ocpplab_runner import clock
from tests.charger.rig import Rig, rig

GATE: dict[str, Any] = {
    "name": "gate",
    "verdicts": {"A": "Accepted", "B": {"status": "Accepted", "delay": "5s"}, "C": {"fails": True}},
    "otherwise": {"status": "Blocked", "certificate_status": "CertificateRevoked"},
}


def steps(it: Rig, card: str) -> list[str]:
    """The lifecycle of a token."""
    return [fact["is"] for fact in it.told("token_status") if fact["id_tag"] == card]


def test_validators_are_asked_in_their_order() -> None:
    """AUTH-7: each is called, also after one that accepts; a failing one says Unknown; the first good one decides."""

    async def main() -> None:
        given = {"authorization": {"validators": [GATE, "csms", {"name": "late", "otherwise": "NoCredit"}]}}
        async with rig(given, cards={"C": "Accepted", "X": "Expired"}) as it:
            for card, verdicts in (
                ("A", [("gate", "Accepted"), ("Authorize", "Accepted"), ("late", "NoCredit")]),
                ("C", [("gate", "Unknown"), ("Authorize", "Accepted"), ("late", "NoCredit")]),
                ("X", [("gate", "Blocked"), ("Authorize", "Expired"), ("late", "NoCredit")]),
            ):
                it.forget()
                await it.do("withdraw_authorization")
                await it.do("authorize_id_tag", id_tag=card)
                assert [(fact["via"], fact["is"]) for fact in it.told("validation_result")] == verdicts
                assert steps(it, card)[-1] == ("Rejected" if card == "X" else "UsedToStart")
                assert len(it.told("certificate_status")) == (card == "X")

    clock.run(main())


def test_a_slow_validator_and_a_restart() -> None:
    """A verdict comes when its time is over; a restart in between forgets the question."""

    async def main() -> None:
        async with rig({"authorization": {"validators": [GATE]}}) as it:
            await it.do("provide_token", id_token="B")
            assert steps(it, "B") == ["Processing"]
            await it.wait(5)
            assert steps(it, "B") == ["Processing", "Accepted", "UsedToStart"]
            await it.do("withdraw_authorization", id_token="b")
            it.forget()
            await it.do("provide_token", id_token="B")
            await it.do("power", state="off")
            await it.do("power", state="on")
            await it.wait(10)
            assert steps(it, "B") == ["Processing"]

    clock.run(main())


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({}, "Accepted"),
        ({"evse_id": 1}, "Accepted"),
        ({"id_token": "a"}, "Accepted"),
        ({"evse_id": 1, "id_token": {"value": "A", "type": "ISO14443"}}, "Accepted"),
        ({"id_token": {"value": "A", "type": "eMAID"}}, "AuthorizationNotFound"),
        ({"evse_id": 2}, "EvseNotFound"),
    ],
)
@pytest.mark.parametrize("plugged", [False, True])
def test_withdrawal(fields: dict[str, Any], answer: str, plugged: bool) -> None:
    """AUTH-17: the four forms, of a grant and of a transaction."""

    async def main() -> None:
        async with rig() as it:
            if plugged:
                await it.do("plug_connector")
            await it.do("authorize_id_tag", id_tag="A")
            it.forget()
            outcome = await it.do("withdraw_authorization", **fields)
            assert outcome.detail == {"result": answer}
            assert [fact["is"] for fact in it.told("withdrawal")] == [answer]
            reasons = [payload.get("reason") for payload in it.sent("StopTransaction")]
            assert reasons == (["DeAuthorized"] if plugged and answer == "Accepted" else [])
            assert steps(it, "A") == (["Withdrawn"] if not plugged and answer == "Accepted" else [])

    clock.run(main())


def test_the_driver_chooses() -> None:
    """AUTH-13d: select_evse grants, and is refused when nobody waits for it."""

    async def main() -> None:
        async with rig({"evses": 2, "authorization": {"selection_algorithm": "UserInput"}}) as it:
            assert (await it.do("select_evse", evse_id=1)).status == "refused"
            await it.do("plug_connector", evse_id=1)
            await it.do("authorize_id_tag", id_tag="A")
            assert (await it.do("select_evse", evse_id=2)).status == "done"
            assert it.told("authorized_evse") == [{"is": 2, "status": "Accepted", "id_tag": "A"}]
            assert (await it.do("select_evse", evse_id=3)).status == "refused"

    clock.run(main())


def test_a_card_that_is_ignored_says_why() -> None:
    """AUTH-2 is in what the command hands back, AUTH-8b in a note; a card that is handled says nothing."""

    async def main() -> None:
        given = {"evses": 1, "authorization": {"quirks": ["stuck-sibling"], "validators": ["csms", GATE]}}
        cards = {
            "A": {"status": "Accepted", "parentIdTag": "G"},
            "S": {"status": "Accepted", "parentIdTag": "G"},
        }
        async with rig(given, cards=cards) as it:
            assert "ignored" not in (await it.do("authorize_id_tag", id_tag="A")).detail
            again = await it.do("provide_token", id_token="A")
            assert again.detail["ignored"] == "it holds EVSE 1, where no transaction runs yet (AUTH-2)"
            await it.do("authorize_id_tag", id_tag="S")
            await clock.settled()
            assert any("S is ignored" in note and "AUTH-8b" in note for note in it.notes)
            stuck = await it.do("authorize_id_tag", id_tag="S")
            assert "stuck-sibling" in stuck.detail["ignored"]

    clock.run(main())


def test_a_later_verdict_is_told() -> None:
    """AUTH-18: the verdict of validation_result_update is a validation_result; a refusal ends nothing."""

    async def main() -> None:
        async with rig({"evses": 1}, cards={"A": "Accepted"}) as it:
            await it.do("plug_connector")
            await it.do("authorize_id_tag", id_tag="A")
            it.forget()
            await it.do("validation_result_update", evse_id=1, validation_result="Blocked")
            told = {"is": "Blocked", "via": "validation_result_update", "id_tag": "A", "evse_id": 1}
            assert it.told("validation_result") == [told]
            assert it.charger.evses[0].transaction is not None

    clock.run(main())


def test_a_later_verdict() -> None:
    """AUTH-18: brings the group; without a holder it is refused. In 1.6 the CSMS's counts when it names a group."""

    async def main() -> None:
        async with rig(cards={"B": {"status": "Accepted", "parentIdTag": "G"}}) as it:
            assert (
                await it.do("validation_result_update", evse_id=1, validation_result="Accepted")
            ).status == "refused"
            await it.do("start_session", id_tag="A")
            assert steps(it, "A") == ["Processing", "Accepted", "UsedToStart"]
            update = {"authorization_status": "Accepted", "parent_id_token": "g"}
            await it.do("validation_result_update", evse_id=1, validation_result=update)
            assert it.told("token_status")[-1] == {
                "is": "Accepted",
                "id_tag": "A",
                "parent_id_token": "g",
                "evse_id": 1,
            }
            await it.do("authorize_id_tag", id_tag="B")
            assert it.sent("StopTransaction")[0]["idTag"] == "B"
            await it.do("unplug_connector")
            await it.do("start_session", id_tag="B")
            assert steps(it, "B")[-2:] == ["UsedToStart", "Accepted"]

    clock.run(main())


def test_master_pass_at_run_time() -> None:
    """AUTH-8a, AUTH-19: 1.6 has no key for the group; inside the charger it is a setting all the same."""

    async def main() -> None:
        cards = {"M": {"status": "Accepted", "parentIdTag": "MASTER"}}
        async with rig({"evses": 2, "authorization": {"master_pass_group": "OTHER"}}, cards=cards) as it:
            await it.do("start_session", id_tag="A", evse_id=1)
            await it.do("set_configuration", settings={"master_pass_group": "master"})
            it.forget()
            await it.do("authorize_id_tag", id_tag="M")
            assert [payload["reason"] for payload in it.sent("StopTransaction")] == ["Other"]  # 1.6 has no MasterPass
            assert steps(it, "M") == ["Processing", "UsedToStop"]

    clock.run(main())


def test_what_is_no_token() -> None:
    """A value that does not fit the version, or EVerest's type, is refused with the reason."""

    async def main() -> None:
        async with rig() as it:
            for fields in (
                {"id_token": "X" * 21},
                {"id_token": {"value": "A", "type": "eMAID", "colour": "red"}},
                {"id_token": "A", "connectors": [0]},
            ):
                outcome = await it.do("provide_token", **fields)
                assert outcome.status == "refused" and outcome.reason
            assert it.told("token_status") == []
            await it.do("provide_token", id_token="A", connectors=[7])
            assert any("names EVSE 7" in note for note in it.notes)
            assert steps(it, "A") == ["Processing", "Rejected"]

    clock.run(main())
