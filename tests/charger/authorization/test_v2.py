"""Cards in OCPP 2.x: who is asked, and what the answer does."""

from __future__ import annotations

import pytest

from ocpplab_runner.authorization.types import AuthorizationStatus
from ocpplab_runner.charger.core.services.authorization import AUTHORIZATION
from tests.charger.rig import Rig, play


def test_the_cache_is_cleared_unless_it_is_off() -> None:
    """C11."""

    async def scene(it: Rig) -> None:
        assert await it.operate("clear_cache") == {"status": "Accepted"}
        assert len(it.charger.context.ask(AUTHORIZATION).cache) == 0
        await it.do("set_configuration", settings={"cache_enabled": False})
        assert (await it.operate("clear_cache"))["status"] == "Rejected"

    play(scene, given={"cache": {"A": "Accepted"}})


@pytest.mark.parametrize("status", list(AuthorizationStatus))
def test_each_of_the_ten_statuses(status: AuthorizationStatus) -> None:
    """C01: only an accepted card charges."""

    async def scene(it: Rig) -> None:
        await it.charge("X")

    it = play(scene, csms={"id_tokens": {"X": status.value}})
    inner = [fields["is"] for name, fields in it.facts if name == "validation_result"]
    assert inner == [status]
    assert len(it.events()) == (1 if status is AuthorizationStatus.ACCEPTED else 0)


@pytest.mark.parametrize("kind", ["Central", "NoAuthorization"])
def test_types_that_need_no_request(kind: str) -> None:
    """C03.FR.01 and C05.FR.01."""

    async def scene(it: Rig) -> None:
        await it.do("plug_connector")
        await it.do("authorize_id_tag", id_tag="A", id_token_type=kind)

    it = play(scene)
    assert it.sent("Authorize") == []
    assert it.events() == ["Started 0 Authorized Charging"]
    assert it.sent("TransactionEvent")[0]["idToken"]["type"] == kind
    assert it.verdicts() == ["station Accepted"]


def test_an_unknown_card_offline() -> None:
    """C15: OfflineTxForUnknownIdEnabled decides."""

    async def scene(it: Rig) -> None:
        await it.do("network", state="down")
        await it.charge("X")

    assert play(scene).verdicts() == ["offline Unknown"]
    allowed = play(scene, given={"settings": {"allow_offline_tx_for_unknown_id": True}})
    assert allowed.verdicts() == ["offline Accepted"]
