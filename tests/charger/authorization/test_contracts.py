"""What a station makes of a contract's certificate (2.x C07, in 1.6 the application note on Plug & Charge)."""

from __future__ import annotations

import json
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from ocpplab_runner import clock
from ocpplab_runner.certificates.mint import Mint, Pair, pem_of
from ocpplab_runner.certificates.reading import hash_data
from ocpplab_runner.ocppj.plug_and_charge import request, response
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.charger.rig import Rig, rig

MINT = Mint("Operator", random=Random(3))
NOW = clock.VIRTUAL_EPOCH
DAY = timedelta(days=1)
ROOT, OTHER = MINT.authority(NOW), MINT.authority(NOW)
BETWEEN = MINT.authority(NOW, signed_by=ROOT)
CONTRACT, URL = "DE-AB1-C00000001-X", "http://ocsp.example.org/"
VERSIONS = pytest.mark.parametrize("version", [OcppVersion.V16, OcppVersion.V201])
ACCEPTED = {"idTokenInfo": {"status": "Accepted"}}


def leaf(ca: Pair, name: str = "DEAB1C00000001", until: timedelta = DAY, since: timedelta = DAY, **more: Any) -> str:
    """A contract certificate in PEM."""
    span, key = (NOW - since, NOW + until), MINT.key().public_key()
    made = MINT.leaf(ca, MINT.name(name), key, span, ExtendedKeyUsageOID.CLIENT_AUTH, responder=more.get("url", URL))
    return pem_of(made)


async def install(it: Rig, kind: str) -> None:
    """The station trusts the root for something."""
    fields = {"certificateType": kind, "certificate": ROOT.pem}
    if it.version is OcppVersion.V16:
        await it.call("DataTransfer", request("InstallCertificate", fields))
    else:
        await it.call("InstallCertificate", fields)


async def present(it: Rig, **token: Any) -> str:
    """A contract is presented; returns how it was refused, or that it was not."""
    it.forget()
    await it.do("provide_token", id_token=CONTRACT, authorization_type="PlugAndCharge", connectors=[1], **token)
    found = [one["is"] for one in it.told("certificate_status")]
    if it.told("token_status")[-1]["is"] != "Rejected":
        return "good"
    return found[0] if found else "refused"


def asked(it: Rig) -> dict[str, Any] | None:
    """The fields of the Authorize that was sent; None where none was."""
    if it.version is OcppVersion.V16:
        sent = [json.loads(one["data"]) for one in it.sent("DataTransfer")]
        assert not it.sent("Authorize")
        return sent[0] if sent else None
    sent = [{**one, "idToken": one["idToken"]["idToken"]} for one in it.sent("Authorize")]
    return sent[0] if sent else None


def answers() -> dict[str, Any]:
    """Those of a CSMS that accepts every contract."""
    return {"DataTransfer": response(ACCEPTED), "Authorize": ACCEPTED}


@VERSIONS
@pytest.mark.parametrize("kind", ["MORootCertificate", "V2GRootCertificate"])
def test_of_a_good_certificate_the_csms_gets_what_names_it(version: OcppVersion, kind: str) -> None:
    """Those of the chain that name a responder, up to the root."""

    async def main() -> None:
        async with rig(version=version, answers=answers()) as it:
            await install(it, kind)
            chain = leaf(BETWEEN) + BETWEEN.pem
            assert await present(it, certificate=chain) == "good"
            from ocpplab_runner.certificates.reading import chain_in

            named = {**hash_data(chain_in(chain)[0], BETWEEN.certificate), "responderURL": URL}
            assert asked(it) == {"idToken": CONTRACT, "iso15118CertificateHashData": [named]}
            await it.do("withdraw_authorization")
            assert await present(it, certificate=leaf(ROOT, url=None)) == "good"
            assert asked(it) == {"idToken": CONTRACT}

    clock.run(main())


FORGED = Pair(ROOT.certificate, MINT.key())
BAD = {
    "expired": (leaf(ROOT, until=-timedelta(hours=1)), "CertificateExpired"),
    "not valid yet": (leaf(ROOT, since=-timedelta(hours=1)), "CertChainError"),
    "below one that has expired": (
        leaf(MINT.authority(NOW, signed_by=ROOT)) + MINT.authority(NOW, signed_by=ROOT, span=(NOW - DAY, NOW)).pem,
        "CertificateExpired",
    ),
    "signed by another": (leaf(FORGED), "SignatureError"),
    "of a CA": (BETWEEN.pem, "CertChainError"),
    "of another contract": (leaf(ROOT, "DEAB1C00000002"), "NoCertificateAvailable"),
}


@VERSIONS
@pytest.mark.parametrize("name", BAD)
def test_a_bad_one_is_refused_before_anybody_is_asked(version: OcppVersion, name: str) -> None:
    """Though the CSMS would accept it."""
    certificate, found = BAD[name]

    async def main() -> None:
        async with rig(version=version, answers=answers()) as it:
            await install(it, "MORootCertificate")
            await it.wait(1)
            assert await present(it, certificate=certificate) == found
            assert asked(it) is None
            assert it.told("auth_status")[-1]["via"] == "station"

    clock.run(main())


@VERSIONS
@pytest.mark.parametrize("central", [True, False])
def test_what_it_cannot_judge_the_csms_judges_where_it_may(version: OcppVersion, central: bool) -> None:
    """Of a strange CA, and unreadable; OCSP data alone are for the CSMS in any case."""

    async def main() -> None:
        given = {"settings": {"central_contract_validation": central}}
        async with rig(given, version=version, answers=answers()) as it:
            await install(it, "MORootCertificate")
            for certificate in (leaf(OTHER), "no certificate"):
                assert await present(it, certificate=certificate) == ("good" if central else "CertChainError")
                assert asked(it) == ({"idToken": CONTRACT, "certificate": certificate} if central else None)
                await it.do("withdraw_authorization")
            named = {**hash_data(ROOT.certificate, ROOT.certificate), "responderURL": URL}
            assert await present(it, iso15118CertificateHashData=[named], certificate=leaf(OTHER)) == "good"
            assert asked(it) == {"idToken": CONTRACT, "iso15118CertificateHashData": [named]}

    clock.run(main())


@VERSIONS
def test_the_csms_is_asked_each_time_and_the_cache_only_offline(version: OcppVersion) -> None:
    """C07.FR.01, C07.FR.07 to C07.FR.12."""

    async def main() -> None:
        certificate = leaf(ROOT)
        async with rig(version=version, answers=answers()) as it:
            await install(it, "MORootCertificate")
            for _ in range(2):
                assert await present(it, certificate=certificate) == "good"
                assert asked(it) is not None
                await it.do("withdraw_authorization")
            await it.do("network", state="down")
            assert await present(it, certificate=certificate) == "refused"
            it.charger.context.variables.set("contract_validation_offline", "true")
            assert await present(it, certificate=certificate) == "good"
            assert it.told("auth_status")[-1]["via"] == "cache"
            await it.do("withdraw_authorization")
            assert await present(it, certificate=leaf(OTHER)) == "CertChainError"
            named = {**hash_data(ROOT.certificate, ROOT.certificate), "responderURL": URL}
            assert await present(it, iso15118CertificateHashData=[named]) == "CertChainError"
            await it.do("reset_auth_cache")
            assert await present(it, certificate=certificate) == "refused"
            assert it.told("auth_status")[-1]["via"] == "offline"

    clock.run(main())


@pytest.mark.parametrize("given", [{"settings": {"pnc_enabled": False}}, {"features": ["Core"]}])
def test_without_plug_and_charge_there_is_no_contract(given: dict[str, Any]) -> None:
    """Nobody is asked about its eMAID as if it were a card."""

    async def main() -> None:
        async with rig(given, answers=answers()) as it:
            assert await present(it, certificate=leaf(ROOT)) == "refused"
            assert asked(it) is None
            message = request("GetInstalledCertificateIds", {})
            assert await it.call("DataTransfer", message) == {"status": "UnknownVendorId"}
            done = await it.do("ev_requests_certificate", action="Install", request="gJgC")
            assert done.status == "refused"

    clock.run(main())


def test_a_contract_must_fit_its_message() -> None:
    """In 1.6 its eMAID is an idTag besides."""

    async def main() -> None:
        async with rig() as it:
            for token in ({"id_token": "A" * 21, "certificate": "x"}, {"id_token": "A", "certificate": "x" * 5501}):
                done = await it.do("provide_token", authorization_type="PlugAndCharge", **token)
                assert done.status == "refused"

    clock.run(main())
