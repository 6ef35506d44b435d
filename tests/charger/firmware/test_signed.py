"""Signed firmware: L01 of the security whitepaper of OCPP 1.6, and of 2.x."""

import asyncio
import hashlib
from datetime import timedelta
from random import Random

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_crl

from ocpplab_runner import clock
from ocpplab_runner.certificates.signing import fits, sign
from ocpplab_runner.csms.core.authorities import Authorities
from ocpplab_runner.transfers.firmware_image import firmware_image
from ocpplab_runner.transfers.shelf import Trouble
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.charger.files import BASE, files
from tests.charger.rig import rig

V16, V201, V21 = OcppVersion
DAY = timedelta(days=1)
NOW = "2026-01-01T00:00:00Z"
IMAGE = firmware_image("2.0.0", 1000)
GOOD = (IMAGE, Trouble())


class Manufacturer:
    """Signs, and can be trusted."""

    def __init__(self) -> None:
        self.authorities = Authorities(Random(7))

    def request(self, how="correctly", number=5, file="new", **firmware):
        digest = hashlib.sha256(IMAGE).digest()
        location = f"{BASE}/files/{file}"
        certificate, signature = self.authorities.sign_firmware(digest, how, clock.utcnow(), location)
        told = {"location": location, "retrieveDateTime": NOW, **firmware}
        return {"requestId": number, "firmware": {**told, "signingCertificate": certificate, "signature": signature}}

    @property
    def root(self):
        return self.authorities.root("another", clock.utcnow())


def _names(version):
    if version is V16:
        return "SignedUpdateFirmware", "SignedFirmwareStatusNotification"
    return "UpdateFirmware", "FirmwareStatusNotification"


async def _trusting(it, manufacturer):
    payload = {"certificateType": "ManufacturerRootCertificate", "certificate": manufacturer.root}
    assert (await it.call("InstallCertificate", **payload))["status"] == "Accepted"


def _told(it, version):
    return [(payload["status"], payload.get("requestId")) for payload in it.sent(_names(version)[1])]


@pytest.mark.parametrize("version", [V16, V201, V21])
def test_an_update_that_is_signed(version):
    """Every status in its order, each with its number; the new version runs."""

    async def main():
        manufacturer = Manufacturer()
        async with files(new=GOOD), rig(version=version) as it:
            await _trusting(it, manufacturer)
            it.forget()
            assert await it.call(_names(version)[0], **manufacturer.request()) == {"status": "Accepted"}
            await it.wait(60)
            wanted = "Downloading Downloaded SignatureVerified Installing InstallRebooting Installed"
            assert _told(it, version) == [(status, 5) for status in wanted.split()]
            events = [payload["type"] for payload in it.sent("SecurityEventNotification")]
            assert events == ["FirmwareUpdated"]
            assert it.charger.context.equipment.firmware_version == "2.0.0"

    clock.run(main())


@pytest.mark.parametrize("version", [V16, V201])
@pytest.mark.parametrize("how", ["by_another_ca", "expired", "unreadable", "nobody is trusted"])
def test_a_certificate_that_is_not_good(version, how):
    """It is refused before anything is fetched, and the CSMS is told of it as of a security event."""

    async def main():
        manufacturer = Manufacturer()
        async with files(new=GOOD) as served, rig(version=version) as it:
            if how == "nobody is trusted":
                request = manufacturer.request()
            else:
                await _trusting(it, manufacturer)
                request = manufacturer.request(how)
            assert await it.call(_names(version)[0], **request) == {"status": "InvalidCertificate"}
            await it.wait(60)
            assert (_told(it, version), served.told) == ([], [])
            assert [payload["type"] for payload in it.sent("SecurityEventNotification")] == [
                "InvalidFirmwareSigningCertificate"
            ]

    clock.run(main())


def _lists(manufacturer):
    """What may be found where the certificate says that its CA lists what it has revoked."""
    mint, now = manufacturer.authorities.mint, clock.VIRTUAL_EPOCH
    ca, other = (manufacturer.authorities.pair(name, now) for name in ("another", "own"))
    listed = manufacturer.authorities.lists["new.crl"]
    return {
        "the list": ((listed, Trouble()), "RevokedCertificate"),
        "the list in DER": (
            (load_pem_x509_crl(listed).public_bytes(Encoding.DER), Trouble()),
            "RevokedCertificate",
        ),
        "one without it": ((mint.revocations(ca, [], now).encode(), Trouble()), "Accepted"),
        "another CA's": ((mint.revocations(other, [], now).encode(), Trouble()), "InvalidCertificate"),
        "an old one": (
            (mint.revocations(ca, [], now - 4000 * DAY).encode(), Trouble()),
            "InvalidCertificate",
        ),
        "no list": ((b"nothing", Trouble()), "InvalidCertificate"),
        "nothing": ((listed, Trouble(status=404)), "InvalidCertificate"),
        "too late": ((listed, Trouble(takes=25.0)), "InvalidCertificate"),
    }


@pytest.mark.parametrize("version", [V16, V201])
@pytest.mark.parametrize(
    "found",
    [
        "the list",
        "the list in DER",
        "one without it",
        "another CA's",
        "an old one",
        "no list",
        "nothing",
        "too late",
    ],
)
def test_a_certificate_that_names_a_list_of_what_is_revoked(version, found):
    """The list is fetched before the request is answered; without one that counts nothing is installed."""

    async def main():
        manufacturer = Manufacturer()
        request = manufacturer.request("revoked")
        offered, status = _lists(manufacturer)[found]
        async with files(**{"new": GOOD, "new.crl": offered}), rig(version=version) as it:
            await _trusting(it, manufacturer)
            it.forget()
            assert await it.call(_names(version)[0], **request) == {"status": status}
            await it.wait(60)
            assert bool(_told(it, version)) is (status == "Accepted")
            told = [] if status == "Accepted" else ["InvalidFirmwareSigningCertificate"]
            events = [payload["type"] for payload in it.sent("SecurityEventNotification")]
            assert [event for event in events if event != "FirmwareUpdated"] == told

    clock.run(main())


def test_what_happens_while_the_list_is_fetched_counts():
    """A request is judged anew once its list is there: what is being installed by then is not given up."""

    async def main():
        manufacturer = Manufacturer()
        with_list, other = manufacturer.request("revoked"), manufacturer.request(number=6)
        ca = manufacturer.authorities.pair("another", clock.utcnow())
        nobody = manufacturer.authorities.mint.revocations(ca, [], clock.utcnow()).encode()
        offered = {"new": (IMAGE, Trouble(takes=2.0)), "new.crl": (nobody, Trouble(takes=5.0))}
        async with files(**offered), rig({"firmware": {"install_takes": 60}}, version=V201) as it:
            await _trusting(it, manufacturer)
            assert (await it.call("UpdateFirmware", **other))["status"] == "Accepted"
            assert (await it.call("UpdateFirmware", **with_list))["status"] == "Rejected"
            await it.wait(120)
            assert {number for _, number in _told(it, V201)} == {6}

    clock.run(main())


@pytest.mark.parametrize("version", [V16, V201])
def test_the_boot_waits_for_its_status(version):
    """The station restarts once the CSMS has answered InstallRebooting, and not before."""

    async def main():
        manufacturer = Manufacturer()
        async with files(new=GOOD), rig(version=version) as it:
            await _trusting(it, manufacturer)

            async def slowly(call):
                if call.payload["status"] == "InstallRebooting":
                    await asyncio.sleep(20)
                return {}

            it.answers[_names(version)[1]] = slowly
            it.forget()
            await it.call(_names(version)[0], **manufacturer.request())
            await it.wait(25)
            assert _told(it, version)[-1] == ("InstallRebooting", 5)
            assert it.charger.online
            assert it.sent("BootNotification") == []
            await it.wait(20)
            assert len(it.sent("BootNotification")) == 1
            assert _told(it, version)[-1] == ("Installed", 5)

    clock.run(main())


def test_a_programmed_answer_waits_for_the_usual_one():
    """What is changed of an answer is changed once it is there."""

    async def main():
        manufacturer = Manufacturer()
        request = manufacturer.request("revoked")
        offered, _ = _lists(manufacturer)["the list"]
        async with files(**{"new": GOOD, "new.crl": offered}), rig(version=V201) as it:
            await _trusting(it, manufacturer)
            for more in ({}, {"delay": "1s"}):
                info = {"reasonCode": "X"}
                await it.do("charger_reply", to="UpdateFirmware", patch={"statusInfo": info}, **more)
                answer = await it.call("UpdateFirmware", **request)
                assert answer == {"status": "RevokedCertificate", "statusInfo": info}

    clock.run(main())


@pytest.mark.parametrize("version", [V16, V201])
@pytest.mark.parametrize("spoiled", ["signature", "file", "no base64"])
def test_a_signature_that_does_not_fit(version, spoiled):
    """It is found out once the file is there; nothing is installed."""

    async def main():
        manufacturer = Manufacturer()
        content = IMAGE[:-1] + b"!" if spoiled == "file" else IMAGE
        async with files(new=(content, Trouble())), rig(version=version) as it:
            await _trusting(it, manufacturer)
            request = manufacturer.request("wrong_signature" if spoiled == "signature" else "correctly")
            if spoiled == "no base64":
                request["firmware"]["signature"] = "?"
            await it.call(_names(version)[0], **request)
            await it.wait(60)
            assert _told(it, version)[-1] == ("InvalidSignature", 5)
            assert [payload["type"] for payload in it.sent("SecurityEventNotification")] == ["InvalidFirmwareSignature"]
            assert it.charger.context.equipment.firmware_version == "1.0.0"

    clock.run(main())


@pytest.mark.parametrize("version", [V16, V201])
def test_times_ahead(version):
    """What waits says for what."""

    async def main():
        manufacturer = Manufacturer()
        async with files(new=GOOD), rig(version=version) as it:
            await _trusting(it, manufacturer)
            ahead = {"retrieveDateTime": "2026-01-01T01:00:00Z", "installDateTime": "2026-01-01T02:00:00Z"}
            await it.call(_names(version)[0], **manufacturer.request(**ahead))
            await it.wait(3599)
            assert _told(it, version) == [("DownloadScheduled", 5)]
            await it.wait(3600)
            assert [status for status, _ in _told(it, version)[1:]] == [
                "Downloading",
                "Downloaded",
                "SignatureVerified",
                "InstallScheduled",
            ]
            await it.wait(2)
            assert _told(it, version)[-1] == ("Installing", 5)

    clock.run(main())


@pytest.mark.parametrize("version", [V16, V201])
def test_requests_that_come_while_one_is_carried_out(version):
    """One takes the place of the other, unless that is being installed (L01.FR.24)."""

    async def main():
        manufacturer, (action, _) = Manufacturer(), _names(version)
        async with files(new=GOOD, slow=(IMAGE, Trouble(takes=60))), rig(version=version) as it:
            await _trusting(it, manufacturer)
            assert await it.call(action, **manufacturer.request(number=1, file="slow")) == {"status": "Accepted"}
            await it.wait(5)
            answer = await it.call(action, **manufacturer.request(number=2))
            assert answer == {"status": "AcceptedCanceled"}
            await it.wait(1)
            assert await it.call(action, **manufacturer.request(number=3)) == {"status": "Rejected"}
            await it.wait(100)
            assert {number for _, number in _told(it, version)} == {1, 2}
            assert _told(it, version)[-1] == ("Installed", 2)
            assert await it.call(action, **manufacturer.request(number=4)) == {"status": "Accepted"}

    clock.run(main())


@pytest.mark.parametrize(("retries", "attempts"), [(None, 1), (0, 1), (2, 3)])
def test_attempts_of_2_x(retries, attempts):
    """``retries`` says how often it must be tried again."""

    async def main():
        async with files(new=(None, Trouble(status=404))) as served, rig(version=V201) as it:
            more = {} if retries is None else {"retries": retries, "retryInterval": 10}
            firmware = {"location": f"{BASE}/files/new", "retrieveDateTime": NOW}
            await it.call("UpdateFirmware", requestId=1, firmware=firmware, **more)
            await it.wait(100)
            assert [at for at, *_ in served.told] == [10.0 * number for number in range(attempts)]

    clock.run(main())


def test_what_is_told_again_in_2_x():
    """The last status, but Idle after Installed and before the first (L01.FR.25, L01.FR.26)."""

    async def main():
        async with files(new=GOOD, gone=(None, Trouble(status=404))), rig(version=V201) as it:

            async def asked():
                it.forget()
                await it.call("TriggerMessage", requestedMessage="FirmwareStatusNotification")
                return it.sent("FirmwareStatusNotification")

            async def update(file, number):
                firmware = {"location": f"{BASE}/files/{file}", "retrieveDateTime": NOW}
                await it.call("UpdateFirmware", requestId=number, firmware=firmware)
                await it.wait(60)

            assert await asked() == [{"status": "Idle"}]
            await update("gone", 1)
            assert await asked() == [{"status": "DownloadFailed", "requestId": 1}]
            await update("new", 2)
            assert await asked() == [{"status": "Idle"}]

    clock.run(main())


def test_unsigned_firmware_in_1_6():
    """A station that takes none does not support its request (L01.FR.20), unless it has nothing of the whitepaper."""

    async def main():
        request = {"location": f"{BASE}/files/new", "retrieveDate": NOW}
        given = {"firmware": {"unsigned": "refused"}}
        async with files(new=GOOD) as served, rig(given) as it:
            assert (await it.call("UpdateFirmware", **request)).code == "NotSupported"
            await it.wait(60)
            assert (it.sent("FirmwareStatusNotification"), served.told) == ([], [])
        async with rig({**given, "features": ["FirmwareManagement"]}) as it:
            assert await it.call("UpdateFirmware", **request) == {}

    clock.run(main())


def test_unsigned_firmware_in_2_x():
    """It is the station's choice; half a signature is none."""

    async def main():
        async with rig({"firmware": {"unsigned": "refused"}}, version=V201) as it:
            firmware = {"location": f"{BASE}/files/new", "retrieveDateTime": NOW}
            assert (await it.call("UpdateFirmware", requestId=1, firmware=firmware))["status"] == "InvalidCertificate"
            half = {**firmware, "signature": "AA=="}
            answer = await it.call("UpdateFirmware", requestId=1, firmware=half)
            assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "MissingParam")

    clock.run(main())


def test_keys_of_both_kinds():
    """EC and RSA, each with its own signature and no other's."""
    from datetime import timedelta

    from cryptography.x509.oid import ExtendedKeyUsageOID

    from ocpplab_runner.certificates.mint import Mint

    async def main():
        now = clock.utcnow()
        for kind in ("ec", "rsa"):
            mint = Mint("me", kind)
            key = mint.key()
            span = (now - timedelta(days=1), now + timedelta(days=1))
            ca = mint.authority(now)
            leaf = mint.leaf(ca, mint.name("f"), key.public_key(), span, ExtendedKeyUsageOID.CODE_SIGNING)
            signature = sign(key, hashlib.sha256(b"file").digest())
            assert fits(leaf, signature, b"file")
            assert kind == "rsa" or sign(key, hashlib.sha256(b"file").digest()) == signature
            assert not fits(leaf, signature, b"File")
            assert not fits(ca.certificate, signature, b"file")
            assert not fits(leaf, "", b"file")

    clock.run(main())
