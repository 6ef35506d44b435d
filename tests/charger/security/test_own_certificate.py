"""A certificate of the station's own: SignCertificate and CertificateSigned, in all versions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from ocpplab_runner import clock
from ocpplab_runner.certificates.mint import Mint, Pair, pem_of
from ocpplab_runner.certificates.reading import common_name, organization, request_in
from ocpplab_runner.charger.config import ChargerConfig, Credentials
from ocpplab_runner.charger.core.services.security import CERTIFICATES, SECURITY
from ocpplab_runner.ocppj import NO_REPLY
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.charger.rig import Rig, rig

MINT = Mint("Owner", random=Random(2))
NOW = clock.VIRTUAL_EPOCH
DAY = timedelta(days=1)
SPAN = NOW - DAY, NOW + 9 * DAY
CA, OTHER = MINT.authority(NOW), MINT.authority(NOW)
#: A CA below the root, and one below that, which the root does not allow.
BELOW = MINT.authority(NOW, signed_by=CA)
KIND = "ChargingStationCertificate"


def signed(request: x509.CertificateSigningRequest, ca: Pair = CA, **more: Any) -> str:
    """A certificate for a request."""
    purpose = more.pop("purpose", ExtendedKeyUsageOID.CLIENT_AUTH)
    values: dict[str, Any] = {"subject": request.subject, "key": request.public_key(), "span": SPAN, **more}
    return pem_of(MINT.leaf(ca, purpose=purpose, **values))


async def asked(it: Rig) -> x509.CertificateSigningRequest:
    """The request that the station sends when it is asked to."""
    name = "SignChargePointCertificate" if it.version is OcppVersion.V16 else "SignChargingStationCertificate"
    action = "ExtendedTriggerMessage" if it.version is OcppVersion.V16 else "TriggerMessage"
    assert await it.call(action, requestedMessage=name) == {"status": "Accepted"}
    return request_in(it.sent("SignCertificate")[-1]["csr"])


async def send(it: Rig, chain: str) -> str:
    """The status of a CertificateSigned."""
    return str((await it.call("CertificateSigned", certificateChain=chain))["status"])


async def trust(it: Rig) -> None:
    """The station trusts the CA."""
    kind = "CentralSystemRootCertificate" if it.version is OcppVersion.V16 else "CSMSRootCertificate"
    answer = await it.call("InstallCertificate", certificateType=kind, certificate=CA.pem)
    assert answer["status"] == "Accepted"


def events(it: Rig) -> list[dict[str, Any]]:
    """What it has told."""
    return it.sent("SecurityEventNotification")


def secure(version: OcppVersion) -> Any:
    """A station with a security profile, whose requests are accepted."""
    limit = "CertificateSignedMaxChainSize" if version is OcppVersion.V16 else "SecurityCtrlr.MaxCertificateChainSize"
    given = {"security_profile": 0, "configuration": {limit: "4000"}}
    return rig(given, version=version, answers={"SignCertificate": {"status": "Accepted"}})


@pytest.mark.parametrize("version", OcppVersion)
def test_a_signed_certificate_is_taken_with_its_key(version: OcppVersion) -> None:
    """A02: the request names owner and station; the certificate is kept, and no other comes for it."""

    async def main() -> None:
        async with secure(version) as it:
            await trust(it)
            request = await asked(it)
            assert (common_name(request.subject), organization(request.subject)) == ("CP-1", "ocpplab-runner")
            it.forget()
            chain = signed(request, BELOW) + BELOW.pem
            assert await send(it, chain) == "Accepted"
            own = it.charger.context.ask(CERTIFICATES).own(KIND)
            assert own is not None
            assert own.key.public_key() == request.public_key() == own.chain[0].public_key()
            assert "".join(pem_of(one) for one in own.chain) == chain
            assert events(it) == []
            assert it.charger.context.ask(SECURITY).log[-1].event == "ReconfigurationOfSecurityParameters"
            assert await send(it, chain) == "Rejected"
            assert "not asked for" in events(it)[0]["techInfo"]

    clock.run(main())


Wrong = Callable[[x509.CertificateSigningRequest], str]
WRONG: dict[str, tuple[Wrong, str]] = {
    "expired": (lambda it: signed(it, span=(NOW - 9 * DAY, NOW - DAY)), "has expired"),
    "not yet valid": (lambda it: signed(it, span=(NOW + DAY, NOW + 9 * DAY)), "is not valid yet"),
    "another CA": (lambda it: signed(it, OTHER), "leads to no CA that is trusted"),
    "another CA, whose certificate comes along": (lambda it: signed(it, OTHER) + OTHER.pem, "leads to no CA"),
    "a CA in between that is left out": (lambda it: signed(it, BELOW), "leads to no CA"),
    "another key": (lambda it: signed(it, key=MINT.key().public_key()), "is for another key"),
    "another name": (lambda it: signed(it, subject=MINT.name("CP-2")), "is for another than CP-1"),
    "for a server": (lambda it: signed(it, purpose=ExtendedKeyUsageOID.SERVER_AUTH), "is for another purpose"),
    "unreadable": (lambda _: "nothing", "cannot be read"),
    "too long": (lambda it: signed(it) + " " * 4000, "4000 may be"),
}


@pytest.mark.parametrize("version", OcppVersion)
@pytest.mark.parametrize("name", WRONG)
def test_a_certificate_that_is_no_good_is_refused_and_told_of(name: str, version: OcppVersion) -> None:
    """A02.FR.06: Rejected, and InvalidChargingStationCertificate; the good one may still come."""

    async def main() -> None:
        async with secure(version) as it:
            await trust(it)
            request = await asked(it)
            it.forget()
            wrong, why = WRONG[name]
            assert await send(it, wrong(request)) == "Rejected"
            (event,) = events(it)
            v16 = version is OcppVersion.V16
            assert event["type"] == f"Invalid{'ChargePoint' if v16 else 'ChargingStation'}Certificate"
            assert why in event["techInfo"]
            assert it.charger.context.ask(CERTIFICATES).own(KIND) is None
            assert await send(it, signed(request)) == "Accepted"

    clock.run(main())


@pytest.mark.parametrize("version", OcppVersion)
def test_a_csms_that_signs_nothing_leaves_no_key_behind(version: OcppVersion) -> None:
    """A certificate for a request that was refused was not asked for."""

    async def main() -> None:
        async with rig(
            {"security_profile": 0}, version=version, answers={"SignCertificate": {"status": "Rejected"}}
        ) as it:
            await trust(it)
            request = await asked(it)
            assert await send(it, signed(request)) == "Rejected"

    clock.run(main())


@pytest.mark.parametrize("version", OcppVersion)
def test_a_request_whose_answer_was_lost_goes_again(version: OcppVersion) -> None:
    """After the next connection, with the same key: a certificate for either is taken."""

    async def main() -> None:
        async with secure(version) as it:
            await trust(it)
            it.answers["SignCertificate"] = lambda _: NO_REPLY
            request = await asked(it)
            await it.do("network", state="down")
            it.answers["SignCertificate"] = {"status": "Accepted"}
            await it.do("network", state="up")
            again = [request_in(one["csr"]) for one in it.sent("SignCertificate")]
            assert [one.public_key() for one in again] == [request.public_key()] * 2
            await it.do("network", state="down")
            await it.do("network", state="up")
            assert len(it.sent("SignCertificate")) == 2
            assert await send(it, signed(request)) == "Accepted"

    clock.run(main())


def test_a_request_that_is_due_without_a_connection_goes_with_the_next() -> None:
    """A02.FR.17: nobody has refused it."""

    async def main() -> None:
        async with secure(OcppVersion.V201) as it:
            await trust(it)
            request = await asked(it)
            await it.do("network", state="down")
            await it.wait(3600)
            assert len(it.sent("SignCertificate")) == 1
            await it.do("network", state="up")
            await it.wait(120)
            assert len(it.sent("SignCertificate")) >= 2
            assert await send(it, signed(request)) == "Accepted"

    clock.run(main())


def test_with_profile_3_a_new_certificate_is_shown_at_once() -> None:
    """The connection is opened anew with it, and the one before is gone."""
    first = MINT.station(CA, "CP-1", SPAN)

    async def main() -> None:
        async with rig({"security_profile": 3}, start=False, answers={"SignCertificate": {"status": "Accepted"}}) as it:
            config = ChargerConfig.from_given({"security_profile": 3})
            assert config.credentials == Credentials()
            certificates = it.charger.context.ask(CERTIFICATES)
            from ocpplab_runner.charger.core.services.security import Own

            certificates.keep(KIND, Own((first.certificate,), first.key))
            await it.charger.start()
            await clock.settled()
            await trust(it)
            dial = it.charger.context.ask(SECURITY).dial()
            assert dial is not None
            assert (dial.chain, dial.key, dial.password) == (first.pem, first.key_pem, None)
            assert "PRIVATE" not in repr(dial)
            request = await asked(it)
            it.forget()
            chain = signed(request)
            assert await send(it, chain) == "Accepted"
            await it.wait(0.1)
            assert [fields["is"] for fields in it.told("connection")] == ["closed", "opened"]
            dial = it.charger.context.ask(SECURITY).dial()
            assert dial is not None
            assert dial.chain == chain

    clock.run(main())
