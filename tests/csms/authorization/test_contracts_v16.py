"""Contracts in OCPP 1.6, by DataTransfer, as the CSMS sees them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ocpplab_runner.ocppj import CallError
from ocpplab_runner.ocppj.plug_and_charge import request
from tests.csms.authorization.test_v2 import HASH
from tests.csms.stations import Station, World, play

CERTIFICATES = [{"certificate": "PEM"}, {"iso15118CertificateHashData": [HASH]}]
GROUP = {"idToken": "GROUP", "type": "Central"}


async def ask(station: Station, **data: Any) -> Any:
    """What an Authorize is answered: its data, a status of DataTransfer, or the code of a CALLERROR."""
    answer = await station.ask("DataTransfer", request("Authorize", data))
    if isinstance(answer, CallError):
        return answer.code
    return json.loads(answer.payload["data"]) if "data" in answer.payload else answer.payload["status"]


@pytest.mark.parametrize("certificates", CERTIFICATES)
def test_a_contract_certificate_is_never_accepted_unread(certificates: dict[str, Any]) -> None:
    """NotImplemented, unless the scenario says what the certificate is worth."""

    async def scene(world: World) -> None:
        station = await world.station()
        assert await ask(station, idToken="CARD") == {"idTokenInfo": {"status": "Accepted"}}
        assert await ask(station, idToken="CARD", **certificates) == "NotImplemented"
        judged = {
            "idTokenInfo": {"status": "Accepted", "groupIdToken": GROUP},
            "certificateStatus": "CertificateExpired",
        }
        assert await ask(station, idToken="SAID", **certificates) == judged
        as_everest = {"idToken": "SAID", "type": "eMAID"}
        assert await ask(station, idToken=as_everest, **certificates) == judged
        assert await ask(station, idToken="SAID") == {"idTokenInfo": judged["idTokenInfo"]}
        assert await ask(station, idToken="NOBODY") == {"idTokenInfo": {"status": "Invalid"}}
        assert await ask(station, idToken=5) == "Rejected"
        world.csms.program("CP-1", {"to": "DataTransfer", "payload": {"status": "Accepted", "data": '{"a":1}'}})
        assert await ask(station, idToken="CARD", **certificates) == {"a": 1}

    said = {"status": "Accepted", "certificate_status": "CertificateExpired", "parent_id_token": "GROUP"}
    assert play(scene, id_tokens={"CARD": "Accepted", "SAID": said}).codes == []


def test_a_card_says_nothing_strange_of_its_certificate() -> None:
    """One of CertificateStatus."""

    async def scene(_: World) -> None:
        raise AssertionError("it was made")

    with pytest.raises(ValueError, match="certificate_status is one of"):
        play(scene, id_tokens={"CARD": {"status": "Accepted", "certificate_status": "Nice"}})
