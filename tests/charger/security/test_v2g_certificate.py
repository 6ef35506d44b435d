"""A certificate for EVs: asked for, listed with its chain, looked after every week, and EVs' requests passed on."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from ocpplab_runner import clock
from ocpplab_runner.certificates.mint import Mint, pem_of
from ocpplab_runner.certificates.reading import hash_data, request_in
from ocpplab_runner.certificates.status import vouch
from ocpplab_runner.charger.core.services.security import CERTIFICATES
from ocpplab_runner.ocppj.plug_and_charge import request
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.charger.rig import Rig, rig

MINT = Mint("Owner", random=Random(8))
NOW = clock.VIRTUAL_EPOCH
SPAN = NOW - timedelta(days=1), NOW + timedelta(days=90)
ROOT = MINT.authority(NOW)
BETWEEN = MINT.authority(NOW, signed_by=ROOT)
ACCEPTED = {"SignCertificate": {"status": "Accepted"}}


async def renew(
    it: Rig, kind: str = "V2G", responder: str | None = "http://ocsp.example.org/", made_before: Any = lambda _: None
) -> Any:
    """The station trusts the root, asks for a certificate and gets it; returns that, and says it before it is sent."""
    for use in ("V2GRootCertificate", "CSMSRootCertificate"):
        await it.call("InstallCertificate", certificateType=use, certificate=ROOT.pem)
    answer = await it.call("TriggerMessage", requestedMessage=f"Sign{kind}Certificate")
    assert answer["status"] == "Accepted"
    sent = it.sent("SignCertificate")[-1]
    assert sent.get("certificateType") == ("V2GCertificate" if kind == "V2G" else None)
    request = request_in(sent["csr"])
    purpose = ExtendedKeyUsageOID.CLIENT_AUTH
    made = MINT.leaf(BETWEEN, request.subject, request.public_key(), SPAN, purpose, responder=responder)
    made_before(made)
    more = {"certificateType": "V2GCertificate"} if kind == "V2G" else {}
    answer = await it.call("CertificateSigned", certificateChain=pem_of(made) + BETWEEN.pem, **more)
    assert answer == {"status": "Accepted"}
    return made


def test_it_is_listed_with_what_is_above_it_and_can_be_deleted() -> None:
    """V2GCertificateChain."""

    async def main() -> None:
        async with rig(version=OcppVersion.V201, answers=ACCEPTED) as it:
            made = await renew(it)
            answer = await it.call("GetInstalledCertificateIds", certificateType=["V2GCertificateChain"])
            name = hash_data(made, BETWEEN.certificate)
            assert answer["certificateHashDataChain"] == [
                {
                    "certificateType": "V2GCertificateChain",
                    "certificateHashData": name,
                    "childCertificateHashData": [hash_data(BETWEEN.certificate, ROOT.certificate)],
                }
            ]
            certificates = it.charger.context.ask(CERTIFICATES)
            assert certificates.own("ChargingStationCertificate") is None
            assert await it.call("DeleteCertificate", certificateHashData=name) == {"status": "Accepted"}
            assert certificates.own("V2GCertificate") is None
            answer = await it.call("GetInstalledCertificateIds", certificateType=["V2GCertificateChain"])
            assert answer == {"status": "NotFound"}

    clock.run(main())


def test_one_for_both_is_both() -> None:
    """And that of the station itself cannot be deleted (M04.FR.06)."""

    async def main() -> None:
        async with rig(version=OcppVersion.V201, answers=ACCEPTED) as it:
            made = await renew(it, "Combined")
            certificates = it.charger.context.ask(CERTIFICATES)
            for kind in ("ChargingStationCertificate", "V2GCertificate"):
                own = certificates.own(kind)
                assert own is not None
                assert own.chain[0] == made
            answer = await it.call("DeleteCertificate", certificateHashData=hash_data(made, BETWEEN.certificate))
            assert answer["status"] == "Failed"

    clock.run(main())


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"status": "Failed"}, "has no word"),
        ({"status": "Accepted", "ocspResult": "bm90aGluZw=="}, "is no good"),
        ("good", "for EVs is good"),
    ],
)
def test_it_is_looked_after_every_week(answer: Any, told: str) -> None:
    """M06: of each that names a responder."""

    async def main() -> None:
        made: list[Any] = []

        def said(_: Any) -> dict[str, Any]:
            if answer != "good":
                return dict(answer)
            return {"status": "Accepted", "ocspResult": b64encode(vouch(made[0], BETWEEN, NOW)).decode()}

        async with rig(version=OcppVersion.V201, answers={**ACCEPTED, "GetCertificateStatus": said}) as it:
            made.append(None)
            made[0] = await renew(it)
            it.notes.clear()
            await it.wait(6 * 24 * 3600)
            assert len(it.sent("GetCertificateStatus")) == 1
            await it.wait(2 * 24 * 3600)
            first, second = it.sent("GetCertificateStatus")
            assert first == second
            url = {"responderURL": "http://ocsp.example.org/"}
            assert first["ocspRequestData"] == {**hash_data(made[0], BETWEEN.certificate), **url}
            assert any(told in note for note in it.notes)

    clock.run(main())


@pytest.mark.parametrize(("lasts", "asked_after"), [(2, [2, 4, 6]), (-1, [7]), (10, [7])])
def test_it_is_looked_after_when_there_is_newer_word(lasts: int, asked_after: list[int]) -> None:
    """M06.FR.10: at nextUpdate where it lies ahead, and after a week at the latest."""

    async def main() -> None:
        made: list[Any] = []
        asked: list[float] = []

        def said(_: Any) -> dict[str, Any]:
            asked.append(clock.now())
            told = vouch(made[0], BETWEEN, clock.utcnow(), lasts=timedelta(days=lasts))
            return {"status": "Accepted", "ocspResult": b64encode(told).decode()}

        async with rig(version=OcppVersion.V201, answers={**ACCEPTED, "GetCertificateStatus": said}) as it:
            await renew(it, made_before=made.append)
            await it.wait(7.5 * 24 * 3600)
            first, *others = asked
            assert [round((at - first) / (24 * 3600), 3) for at in others] == asked_after

    clock.run(main())


def test_one_that_names_no_responder_is_not_asked_about() -> None:
    """There is nobody to ask."""

    async def main() -> None:
        async with rig(version=OcppVersion.V201, answers=ACCEPTED) as it:
            await renew(it, responder=None)
            assert it.sent("GetCertificateStatus") == []

    clock.run(main())


@pytest.mark.parametrize("version", OcppVersion)
def test_a_request_of_an_ev_is_passed_on(version: OcppVersion) -> None:
    """As it is, in 1.6 as a DataTransfer; offline nobody can be asked."""

    async def main() -> None:
        answers = {"Get15118EVCertificate": {"status": "Failed", "exiResponse": ""}}
        async with rig(version=version, answers=answers) as it:
            assert (await it.do("ev_requests_certificate", action="Update", request="gJgC")).status == "done"
            schema = "urn:iso:15118:2:2013:MsgDef"
            wanted = {"iso15118SchemaVersion": schema, "action": "Update", "exiRequest": "gJgC"}
            if version is OcppVersion.V16:
                assert it.sent("DataTransfer") == [request("Get15118EVCertificate", wanted)]
            else:
                assert it.sent("Get15118EVCertificate") == [wanted]
            await it.do("network", state="down")
            assert (await it.do("ev_requests_certificate", action="Update", request="gJgC")).status == "refused"

    clock.run(main())


def test_a_request_that_is_not_met_goes_again_with_the_same_key() -> None:
    """A02.FR.17 to A02.FR.19; until the certificate comes."""

    async def main() -> None:
        given = {
            "configuration": {"SecurityCtrlr.CertSigningWaitMinimum": "10", "SecurityCtrlr.CertSigningRepeatTimes": "3"}
        }
        async with rig(given, version=OcppVersion.V201, answers=ACCEPTED) as it:
            await it.call("TriggerMessage", requestedMessage="SignV2GCertificate")
            times = []
            for _ in range(100):
                times.append(len(it.sent("SignCertificate")))
                await it.wait(1)
            assert [times.index(count) for count in (1, 2, 3, 4)] == [0, 10, 30, 70]
            keys = {request_in(sent["csr"]).public_key().public_numbers() for sent in it.sent("SignCertificate")}  # type: ignore[union-attr]
            assert len(keys) == 1
            it.forget()
            await renew(it)
            await it.wait(100)
            assert len(it.sent("SignCertificate")) == 1

    clock.run(main())
