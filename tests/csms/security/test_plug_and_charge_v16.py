"""Certificates of Plug & Charge in OCPP 1.6, by DataTransfer, as the CSMS sees them."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest

from ocpplab_runner import clock
from ocpplab_runner.certificates.mint import Mint
from ocpplab_runner.certificates.reading import chain_in, hash_data, request_in
from ocpplab_runner.ocppj.plug_and_charge import VENDOR, request, response
from tests.csms.stations import Station, World, play

NOW = clock.VIRTUAL_EPOCH
MINT = Mint("Owner", random=Random(6))


def last(station: Station) -> tuple[str, dict[str, Any]]:
    """The message that has come last, and its data."""
    payload = station.calls[-1].payload
    assert payload["vendorId"] == VENDOR
    return payload["messageId"], json.loads(payload.get("data", "{}"))


async def operate(world: World, operation: str, **fields: Any) -> None:
    """An operation that is answered."""
    world.csms.operate("CP-1", operation, fields)
    await clock.settled()


def test_what_came_by_data_transfer_is_deleted_by_it() -> None:
    """Also by a name that was listed so; the roots of the CSMS go as the security whitepaper has it."""

    async def scene(world: World) -> None:
        station = await world.station()
        station.answers["DataTransfer"] = response({"status": "Accepted"})
        await operate(world, "install_certificate", type="csms_root")
        await operate(world, "install_certificate", type="mo_root")
        root = world.csms.authorities.root("another", NOW)
        assert last(station) == ("InstallCertificate", {"certificateType": "MORootCertificate", "certificate": root})
        named = hash_data(chain_in(root)[0], chain_in(root)[0])
        await operate(world, "delete_certificate")
        assert last(station) == ("DeleteCertificate", {"certificateHashData": named})
        await operate(world, "delete_certificate", certificate="own")
        assert station.calls[-1].action == "DeleteCertificate"
        await operate(world, "delete_certificate", certificate=named)
        assert station.calls[-1].action == "DeleteCertificate"
        listed = [{"certificateType": "MORootCertificate", "certificateHashData": named}]
        station.answers["DataTransfer"] = response({"status": "Accepted", "certificateHashDataChain": listed})
        await operate(world, "get_certificates", type=["v2g_chain", "mo_root"])
        assert last(station) == (
            "GetInstalledCertificateIds",
            {"certificateType": ["V2GCertificateChain", "MORootCertificate"]},
        )
        await operate(world, "delete_certificate", certificate=named)
        assert last(station)[0] == "DeleteCertificate"

    play(scene)


def test_a_root_that_was_refused_is_not_the_last() -> None:
    """A DataTransfer may be Accepted, and what it carries refused."""

    async def scene(world: World) -> None:
        station = await world.station()
        await operate(world, "install_certificate", type="csms_root")
        station.answers["DataTransfer"] = response({"status": "Rejected"})
        await operate(world, "install_certificate", type="v2g_root")
        await operate(world, "delete_certificate")
        assert station.calls[-1].action == "DeleteCertificate"

    play(scene)


@pytest.mark.parametrize(("how", "comes"), [("correctly", True), ("refused", False), ("never", False)])
def test_a_certificate_for_evs_is_signed_as_was_said(how: str, comes: bool) -> None:
    """Asked for by TriggerMessage, and sent once the answer is out."""

    async def scene(world: World) -> None:
        station = await world.station()
        world.csms.sign_certificates(how)  # type: ignore[arg-type]
        await operate(world, "renew_certificate", type="v2g")
        assert last(station) == ("TriggerMessage", {})
        csr = MINT.request(MINT.key(), "CP-1")
        answer = await station.tell("DataTransfer", request("SignCertificate", {"csr": csr}))
        granted = "Rejected" if how == "refused" else "Accepted"
        assert answer == response({"status": granted})
        await clock.settled()
        if not comes:
            assert last(station)[0] == "TriggerMessage"
            return
        message, data = last(station)
        assert message == "CertificateSigned"
        assert chain_in(data["certificateChain"])[0].public_key() == request_in(csr).public_key()

    assert play(scene).codes == []


def test_a_request_for_another_is_minded() -> None:
    """As one by SignCertificate is."""

    async def scene(world: World) -> None:
        station = await world.station()
        csr = MINT.request(MINT.key(), "CP-2")
        answer = await station.tell("DataTransfer", request("SignCertificate", {"csr": csr}))
        assert answer == response({"status": "Rejected"})

    assert play(scene).codes == ["bad-certificate-request"]
