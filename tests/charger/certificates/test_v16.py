"""Certificates that a 1.6 station trusts: InstallCertificate, DeleteCertificate, GetInstalledCertificateIds."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from ocpplab_runner import clock
from ocpplab_runner.certificates.mint import Mint, Pair
from ocpplab_runner.certificates.reading import hash_data
from tests.charger.rig import Rig, is_error, rig

CSMS, MANUFACTURER = "CentralSystemRootCertificate", "ManufacturerRootCertificate"
SECURE = {"security_profile": 0}
MINT = Mint("Owner", random=Random(1))
NOW = clock.VIRTUAL_EPOCH
ROOT, OTHER = MINT.authority(NOW), MINT.authority(NOW)
NAME = hash_data(ROOT.certificate, ROOT.certificate)
LEAF = MINT.station(ROOT, "CP-1", (NOW, NOW + timedelta(days=9)))


def root(before: float, after: float) -> Pair:
    """A root that is valid from and until so many days from now."""
    return MINT.authority(NOW, span=(NOW + timedelta(days=before), NOW + timedelta(days=after)))


async def install(it: Rig, pem: str, kind: str = CSMS) -> str:
    """The status of an InstallCertificate."""
    return str((await it.call("InstallCertificate", certificateType=kind, certificate=pem))["status"])


async def installed(it: Rig, kind: str = CSMS) -> list[dict[str, str]]:
    """What GetInstalledCertificateIds tells."""
    answer = await it.call("GetInstalledCertificateIds", certificateType=kind)
    assert (answer["status"] == "Accepted") is ("certificateHashData" in answer)
    return list(answer.get("certificateHashData", []))


async def delete(it: Rig, name: dict[str, str]) -> str:
    """The status of a DeleteCertificate."""
    return str((await it.call("DeleteCertificate", certificateHashData=name))["status"])


def test_what_is_installed_is_listed_by_its_kind_and_can_be_deleted() -> None:
    """By the name that OCPP gives it, in any letter case and with any of the three hashes."""

    async def main() -> None:
        async with rig(SECURE) as it:
            assert await installed(it) == await installed(it, MANUFACTURER) == []
            assert await install(it, ROOT.pem) == await install(it, OTHER.pem, MANUFACTURER) == "Accepted"
            assert await install(it, ROOT.pem) == "Accepted"  # once more is no other
            assert await installed(it) == [NAME]
            assert await installed(it, MANUFACTURER) == [hash_data(OTHER.certificate, OTHER.certificate)]
            unknown = {**NAME, "serialNumber": "1"}
            assert await delete(it, unknown) == "NotFound"
            long = hash_data(ROOT.certificate, ROOT.certificate, "SHA512")
            assert len(long["issuerKeyHash"]) == 128
            shouted = {key: value if key == "hashAlgorithm" else value.upper() for key, value in long.items()}
            assert await delete(it, shouted) == "Accepted"
            assert await installed(it) == []
            assert await delete(it, NAME) == "NotFound"

    clock.run(main())


@pytest.mark.parametrize(
    "pem",
    [
        "no certificate",
        ROOT.pem[:200],
        LEAF.pem,
        ROOT.pem + OTHER.pem,
        root(-9, -1).pem,
        root(1, 9).pem,
        ROOT.key_pem,
    ],
    ids=["text", "half", "no CA", "two", "expired", "not yet valid", "a key"],
)
def test_what_is_no_root_is_refused_and_changes_nothing(pem: str) -> None:
    """M05: Rejected is for what is no valid certificate."""

    async def main() -> None:
        async with rig(SECURE) as it:
            assert await install(it, pem) == "Rejected"
            assert await installed(it) == []
            assert any("not installed" in note for note in it.notes)

    clock.run(main())


def test_there_is_room_for_so_many() -> None:
    """CertificateStoreMaxLength; one that is deleted makes room."""

    async def main() -> None:
        async with rig({**SECURE, "configuration": {"CertificateStoreMaxLength": "1"}}) as it:
            assert await install(it, ROOT.pem) == "Accepted"
            assert await install(it, OTHER.pem) == "Rejected"
            assert await delete(it, NAME) == "Accepted"
            assert await install(it, OTHER.pem) == "Accepted"

    clock.run(main())


def test_a_new_root_must_be_signed_by_the_old_one_where_that_is_checked() -> None:
    """AdditionalRootCertificateCheck: of the CSMS's roots only; the old one stays as a fallback."""

    async def main() -> None:
        async with rig({**SECURE, "configuration": {"AdditionalRootCertificateCheck": "true"}}) as it:
            assert await install(it, ROOT.pem) == await install(it, OTHER.pem, MANUFACTURER) == "Accepted"
            assert await install(it, OTHER.pem) == "Rejected"
            heir = MINT.authority(NOW, signed_by=ROOT)
            assert await install(it, heir.pem) == "Accepted"
            assert await installed(it) == [NAME, hash_data(heir.certificate, ROOT.certificate)]
            third = MINT.authority(NOW, signed_by=heir)
            assert await install(it, MINT.authority(NOW, signed_by=ROOT).pem) == "Rejected"
            assert await install(it, third.pem) == "Accepted"
            assert NAME not in await installed(it)  # a fallback is kept of one only
            assert len(await installed(it, MANUFACTURER)) == 1

    clock.run(main())


def test_they_outlive_a_loss_of_power() -> None:
    """And the station's keys are read-only."""

    async def main() -> None:
        async with rig(SECURE) as it:
            await install(it, ROOT.pem)
            await it.do("power", state="off")
            await it.do("power", state="on")
            await it.wait(1)
            assert await installed(it) == [NAME]
            for key in ("AdditionalRootCertificateCheck", "CertificateStoreMaxLength", "CertificateSignedMaxChainSize"):
                assert await it.call("ChangeConfiguration", key=key, value="1") == {"status": "Rejected"}

    clock.run(main())


def test_a_station_without_the_security_extension_has_none_of_it() -> None:
    """Neither messages nor keys nor events."""

    async def main() -> None:
        async with rig({"features": ["Core", "RemoteTrigger"]}) as it:
            wanted: dict[str, dict[str, Any]] = {
                "InstallCertificate": {"certificateType": CSMS, "certificate": ROOT.pem},
                "DeleteCertificate": {"certificateHashData": NAME},
                "GetInstalledCertificateIds": {"certificateType": CSMS},
                "CertificateSigned": {"certificateChain": LEAF.pem},
            }
            for action, payload in wanted.items():
                assert is_error(await it.call(action, **payload), "NotSupported")
            keys = ["SecurityProfile", "AuthorizationKey", "CpoName"]
            assert (await it.call("GetConfiguration", key=keys))["unknownKey"] == keys
            trigger = await it.call("ExtendedTriggerMessage", requestedMessage="SignChargePointCertificate")
            assert trigger == {"status": "NotImplemented"}
            refused = await it.do("security_event", type="TamperDetectionActivated")
            assert refused.status == "refused"
            assert it.sent("SecurityEventNotification") == []

    clock.run(main())
