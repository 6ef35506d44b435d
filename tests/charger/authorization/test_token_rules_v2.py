"""EVerest's rules where OCPP 2.0.1 shows more than 1.6 does."""

from __future__ import annotations

from tests.charger.rig import Rig, play

HASHES = {
    "hashAlgorithm": "SHA256",
    "issuerNameHash": "a1",
    "issuerKeyHash": "b2",
    "serialNumber": "3",
    "responderURL": "http://ocsp.example",
}


def test_a_contract_is_asked_for_with_its_certificate() -> None:
    """C07: OCSP data where it is given, else the certificate; the CSMS's verdict on it is told."""

    async def scene(it: Rig) -> None:
        answer = {"to": "Authorize", "patch": {"certificateStatus": "CertificateRevoked"}, "times": 2}
        it.csms.program("CP-1", answer)
        contract = {"value": "A", "type": "eMAID"}
        await it.do(
            "provide_token",
            id_token=contract,
            authorization_type="PlugAndCharge",
            certificate="PEM",
            iso15118CertificateHashData=[HASHES],
        )
        await it.do("withdraw_authorization")
        await it.do("provide_token", id_token="S", authorization_type="PlugAndCharge", certificate="PEM")

    it = play(scene)
    first, second = it.sent("Authorize")
    assert first == {"idToken": {"idToken": "A", "type": "eMAID"}, "iso15118CertificateHashData": [HASHES]}
    assert second == {"idToken": {"idToken": "S", "type": "eMAID"}, "certificate": "PEM"}
    told = [(fields["id_tag"], fields["is"]) for name, fields in it.facts if name == "certificate_status"]
    assert told == [("A", "CertificateRevoked"), ("S", "CertificateRevoked")]


def test_a_withdrawal_ends_what_the_card_has_opened() -> None:
    """AUTH-17, E06: with TxStartPoint Authorized the transaction on the wire ends as Deauthorized, not as timed out."""

    async def scene(it: Rig) -> None:
        await it.do("set_configuration", configuration={"TxCtrlr.TxStartPoint": "Authorized"})
        await it.do("authorize_id_tag", id_tag="A")
        await it.do("withdraw_authorization", evse_id=1)

    assert play(scene).events() == ["Started 0 Authorized Idle", "Ended 1 Deauthorized Idle DeAuthorized"]


def test_texts_for_the_driver() -> None:
    """C01: personalMessage reaches token_status."""

    async def scene(it: Rig) -> None:
        message = {"format": "UTF8", "language": "de", "content": "Guten Tag"}
        it.csms.program("CP-1", {"to": "Authorize", "patch": {"idTokenInfo": {"personalMessage": message}}})
        await it.do("authorize_id_tag", id_tag="A")

    it = play(scene)
    told = [fields["messages"] for name, fields in it.facts if name == "token_status" and "messages" in fields]
    assert told == [[{"content": "Guten Tag", "format": "UTF8", "language": "de"}]]
