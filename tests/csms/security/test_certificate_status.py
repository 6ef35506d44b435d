"""What the CSMS says of certificates that it has signed, and what a station makes of it."""

from __future__ import annotations

from base64 import b64decode
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from cryptography.x509 import ocsp

from ocpplab_runner import clock
from ocpplab_runner.certificates.mint import Mint
from ocpplab_runner.certificates.reading import chain_in, hash_data, responder_of
from ocpplab_runner.certificates.status import status_in, vouch
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.csms.stations import World, play

NOW = clock.VIRTUAL_EPOCH
SPAN = NOW - timedelta(days=1), NOW + timedelta(days=9)
MINT = Mint("Owner", random=Random(6))
CA, OTHER = MINT.authority(NOW), MINT.authority(NOW)


def test_word_of_a_ca_is_read_back_and_nobody_elses_counts() -> None:
    """By its signature, and for the one certificate."""
    one, another = (MINT.station(CA, name, SPAN).certificate for name in ("CP-1", "CP-2"))
    told = vouch(one, CA, NOW)
    assert status_in(told, one, CA.certificate) == "good"
    with pytest.raises(ValueError, match="another certificate"):
        status_in(told, another, CA.certificate)
    with pytest.raises(ValueError, match="somebody else"):
        status_in(told, one, OTHER.certificate)
    with pytest.raises(ValueError):
        status_in(b"nothing", one, CA.certificate)
    rsa = Mint("Owner", "rsa").authority(NOW)
    leaf = MINT.station(rsa, "CP-1", SPAN).certificate
    assert status_in(vouch(leaf, rsa, NOW), leaf, rsa.certificate) == "good"


def test_one_seed_and_one_time_give_one_word() -> None:
    """Byte by byte, and dated by the clock of the scenario."""
    leaf = MINT.station(CA, "CP-1", SPAN).certificate
    told = vouch(leaf, CA, NOW)
    assert told == vouch(leaf, CA, NOW)
    assert ocsp.load_der_ocsp_response(told).produced_at_utc == NOW
    assert vouch(leaf, CA, NOW + timedelta(seconds=1)) != told


def test_a_certificate_names_its_responder_or_none() -> None:
    """Authority information access."""
    from cryptography.x509.oid import ExtendedKeyUsageOID

    key, name = MINT.key().public_key(), MINT.name("CP-1")
    for url in (None, "http://ocsp.example.org/"):
        made = MINT.leaf(CA, name, key, SPAN, ExtendedKeyUsageOID.CLIENT_AUTH, responder=url)
        assert responder_of(made) == url


@pytest.mark.parametrize("version", [OcppVersion.V201, OcppVersion.V21])
def test_the_csms_knows_what_it_has_signed_and_nothing_else(version: OcppVersion) -> None:
    """Each hash will do; of another it has no word."""

    async def scene(world: World) -> None:
        station = await world.station(version)
        request = MINT.request(MINT.key(), "CP-1")
        await station.tell("SignCertificate", {"csr": request, "certificateType": "V2GCertificate"})
        await clock.settled()
        (made,) = chain_in(station.calls[-1].payload["certificateChain"])
        own = world.csms.authorities.pair("own", NOW).certificate
        url = responder_of(made)
        for algorithm in ("SHA256", "SHA384", "SHA512"):
            name: dict[str, Any] = hash_data(made, own, algorithm)  # type: ignore[arg-type]
            told = await station.tell("GetCertificateStatus", {"ocspRequestData": {**name, "responderURL": url}})
            assert status_in(b64decode(told["ocspResult"]), made, own) == "good"
            for key in ("issuerNameHash", "issuerKeyHash", "serialNumber"):
                other = {**name, key: "12", "responderURL": url}
                assert await station.tell("GetCertificateStatus", {"ocspRequestData": other}) == {"status": "Failed"}
        if version is OcppVersion.V21:
            asked = [
                {"certificateHashData": one, "source": source, "urls": [url]}
                for one, source in ((name, "OCSP"), ({**name, "serialNumber": "12"}, "CRL"))
            ]
            told = await station.tell("GetCertificateChainStatus", {"certificateStatusRequests": asked})
            assert [(one["source"], one["status"]) for one in told["certificateStatus"]] == [
                ("OCSP", "Good"),
                ("CRL", "Unknown"),
            ]

    assert play(scene).codes == []


@pytest.mark.parametrize(("given", "status"), [({}, "Failed"), ({"ev_certificate": "gJkC"}, "Accepted")])
def test_an_ev_is_answered_what_the_scenario_gives(given: dict[str, str], status: str) -> None:
    """Nothing is made up."""

    async def scene(world: World) -> None:
        station = await world.station(OcppVersion.V201)
        asked = {"iso15118SchemaVersion": "x", "action": "Install", "exiRequest": "gJgC"}
        told = await station.tell("Get15118EVCertificate", asked)
        assert told == {"status": status, "exiResponse": given.get("ev_certificate", "")}

    play(scene, **given)
