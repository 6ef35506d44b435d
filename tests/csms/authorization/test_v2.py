"""Authorization in OCPP 2.x, as the CSMS sees it."""

from __future__ import annotations

from typing import Any

import pytest

from ocpplab_runner.ocppj import CallError
from tests.csms.stations import V201, World, play

HASH = {
    "hashAlgorithm": "SHA256",
    "issuerNameHash": "n",
    "issuerKeyHash": "k",
    "serialNumber": "1",
    "responderURL": "u",
}


@pytest.mark.parametrize("certificates", [{"certificate": "PEM"}, {"iso15118CertificateHashData": [HASH]}])
def test_a_contract_certificate_is_never_accepted_unread(certificates: dict[str, Any]) -> None:
    """C07: the CSMS validates none: NotImplemented, unless the scenario says what the certificate is worth."""

    async def scene(world: World) -> None:
        station = await world.station(V201)
        ask = {"idToken": {"idToken": "CARD", "type": "eMAID"}, **certificates}
        answer = await station.ask("Authorize", ask)
        assert isinstance(answer, CallError)
        assert answer.code == "NotImplemented"
        world.csms.program("CP-1", {"to": "Authorize", "delay": "1s"})
        assert isinstance(await station.ask("Authorize", ask), CallError)
        world.csms.program("CP-1", {"to": "Authorize", "patch": {"certificateStatus": "CertificateRevoked"}})
        judged = {"idTokenInfo": {"status": "Accepted"}, "certificateStatus": "CertificateRevoked"}
        assert await station.tell("Authorize", ask) == judged
        whole = {"idTokenInfo": {"status": "Blocked"}}
        world.csms.program("CP-1", {"to": "Authorize", "payload": whole})
        assert await station.tell("Authorize", ask) == whole

    assert play(scene, id_tokens={"CARD": "Accepted"}).codes == []


def test_a_start_button_needs_no_card() -> None:
    """C02: a token of type NoAuthorization is accepted."""

    async def scene(world: World) -> None:
        station = await world.station(V201)
        answer = await station.event("Started", idToken={"idToken": "", "type": "NoAuthorization"})
        assert answer == {"idTokenInfo": {"status": "Accepted"}}

    assert play(scene).codes == []
