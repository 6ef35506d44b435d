"""What the CSMS does for security: passwords, requests for certificates, roots to install."""

from __future__ import annotations

from random import Random

import pytest

from ocpplab_runner import clock
from ocpplab_runner.certificates.judging import wrong_chain, wrong_root
from ocpplab_runner.certificates.mint import Mint
from ocpplab_runner.certificates.reading import chain_in, hash_data
from ocpplab_runner.csms.core.authorities import Authorities
from ocpplab_runner.csms.core.operations import NothingToOperateOn, OperationNotAvailable
from ocpplab_runner.csms.core.passwords import Passwords, new_logins, new_passwords
from ocpplab_runner.ocppj.refusals import ConnectRefused
from ocpplab_runner.vocabulary.certificates import ROOTS, SIGNINGS
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.csms.stations import World, play

MINT = Mint("ocpplab-runner", random=Random(3))
NOW = clock.VIRTUAL_EPOCH
OLD, NEW = "0123456789abcdef", "fedcba9876543210"


def request(name: str = "CP-1") -> str:
    """A request for a certificate."""
    return MINT.request(MINT.key(), name)


@pytest.mark.parametrize("how", SIGNINGS)
@pytest.mark.parametrize("version", OcppVersion)
def test_a_request_is_met_as_was_said(how: str, version: OcppVersion) -> None:
    """Accepted unless it is refused; a certificate follows the answer unless none shall."""

    async def scene(world: World) -> None:
        station = await world.station(version)
        status = "Rejected" if how == "refused" else "Accepted"
        purpose = {} if version is OcppVersion.V16 else {"certificateType": "V2GCertificate"}
        assert await station.tell("SignCertificate", {"csr": request(), **purpose}) == {"status": status}
        await clock.settled()
        signed = [call.payload for call in station.calls if call.action == "CertificateSigned"]
        assert len(signed) == (how not in ("never", "refused"))
        for payload in signed:
            assert {key: value for key, value in payload.items() if key != "certificateChain"} == purpose
            if how == "unreadable":
                continue
            (made,) = chain_in(payload["certificateChain"])
            root = world.csms.authorities.pair("own", NOW).certificate
            wrong = wrong_chain([made], [root], NOW, "client")
            assert (wrong is None) is (how in ("correctly", "for_another_key", "for_another_name"))

    assert play(scene, sign_certificates=how).codes == []


@pytest.mark.parametrize(
    ("csr", "told"),
    [("nothing", "it is no PKCS #10 request"), (request("CP-2"), "'CP-2'")],
    ids=["none", "for another"],  # a signature is another one in each process, unless cryptography is new
)
def test_a_request_that_is_none_or_for_another_is_minded(csr: str, told: str) -> None:
    """It is refused, and nothing is signed."""

    async def scene(world: World) -> None:
        station = await world.station()
        assert await station.tell("SignCertificate", {"csr": csr}) == {"status": "Rejected"}
        await clock.settled()
        assert station.calls == []

    heard = play(scene)
    assert heard.codes == ["bad-certificate-request"]
    assert told in heard.violations[0][1].description


def test_roots_are_what_they_are_called() -> None:
    """And the same for as long as the CSMS runs."""
    authorities = Authorities(Random(1))
    good = {"own", "successor", "another"}
    for root in ROOTS:
        pem = authorities.root(root, NOW)
        assert authorities.root(root, NOW) == pem
        if root == "unreadable":
            with pytest.raises(ValueError):
                chain_in(pem)
        else:
            assert (wrong_root(chain_in(pem)[0], NOW) is None) is (root in good)
    own, successor = (chain_in(authorities.root(name, NOW))[0] for name in ("own", "successor"))
    successor.verify_directly_issued_by(own)
    assert Authorities(Random(1)).root("own", NOW) != Authorities(Random(2)).root("own", NOW)


def test_a_password_is_one_that_a_charger_takes() -> None:
    """40 digits, another each time."""
    authorities = Authorities(Random(1))
    first, second = authorities.secret(40), authorities.secret(40)
    assert first != second
    assert len(first) == len(second) == 40
    assert set(first) <= set("0123456789abcdef")


def test_passwords_are_followed() -> None:
    """The old one is good until the new one has come; whoever has none here may come."""
    passwords = Passwords({"CP-1": "old"}, strangers=True)
    assert passwords.judge("CP-2", None) is True
    assert passwords.judge("CP-1", None) is False
    assert passwords.judge("CP-1", ("CP-1", "new")) is False
    passwords.taken("CP-1", "new")
    assert passwords.judge("CP-1", ("CP-1", "old")) is True
    assert passwords.judge("CP-1", ("somebody", "new")) is False
    assert passwords.judge("CP-1", ("CP-1", "new")) is True
    assert passwords.judge("CP-1", ("CP-1", "old")) is False
    assert sorted(passwords.secrets()) == ["new"]


@pytest.mark.parametrize("status", ["Accepted", "Rejected", "NotSupported", "RebootRequired"])
def test_a_password_counts_when_the_station_has_taken_it(status: str) -> None:
    """In both forms of the call."""
    taken = ["secret"] if status in ("Accepted", "RebootRequired") else []
    payload = {"key": "AuthorizationKey", "value": "secret"}
    assert list(new_passwords("ChangeConfiguration", payload, {"status": status})) == taken
    place = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}
    data = {"setVariableData": [{"attributeValue": "secret", **place}]}
    answer = {"setVariableResult": [{"attributeStatus": status, **place}]}
    assert list(new_passwords("SetVariables", data, answer)) == taken


def test_the_csms_lets_in_by_its_passwords() -> None:
    """And takes one over that it has given."""

    async def scene(world: World) -> None:
        await world.station(password=OLD)
        world.csms.operate("CP-1", "change_password", {"password": NEW})
        await clock.settled()
        await world.station(password=OLD)
        await world.station(password=NEW)
        with pytest.raises(ConnectRefused) as refused:
            await world.station(password=OLD)
        assert refused.value.status == 401

    play(scene, passwords={"CP-1": OLD})


def test_what_was_installed_last_is_deleted_unless_said() -> None:
    """By the name that its certificate has; without one there is nothing to delete."""

    async def scene(world: World) -> None:
        station = await world.station()
        with pytest.raises(NothingToOperateOn):
            world.csms.operate("CP-1", "delete_certificate", {})
        for name in ("another", "successor"):
            world.csms.operate("CP-1", "install_certificate", {"type": "manufacturer_root", "certificate": name})
        await clock.settled()
        world.csms.operate("CP-1", "delete_certificate", {"hash": "SHA384"})
        await clock.settled()
        own, successor = (chain_in(world.csms.authorities.root(name, NOW))[0] for name in ("own", "successor"))
        assert station.calls[-1].payload == {"certificateHashData": hash_data(successor, own, "SHA384")}
        with pytest.raises(ValueError, match="one of own"):
            world.csms.operate("CP-1", "install_certificate", {"type": "csms_root", "certificate": "mine"})
        with pytest.raises(OperationNotAvailable, match="no oem_root"):
            world.csms.operate("CP-1", "install_certificate", {"type": "oem_root"})
        with pytest.raises(OperationNotAvailable, match="one type at a time"):
            world.csms.operate("CP-1", "get_certificates", {"type": ["csms_root", "manufacturer_root"]})
        with pytest.raises(OperationNotAvailable, match="one type at a time"):
            world.csms.operate("CP-1", "get_certificates", {"type": ["csms_root", "v2g_root"]})
        with pytest.raises(OperationNotAvailable, match="both purposes"):
            world.csms.operate("CP-1", "renew_certificate", {"type": "combined"})

    play(scene)


def test_a_network_profile_brings_a_password_for_later() -> None:
    """The station dials with the one that it has until it uses the other, perhaps as somebody else (2.1)."""
    passwords = Passwords({"CP-1": OLD, "CP-2": None})
    passwords.will_take("CP-1", NEW)
    passwords.will_take("CP-3", NEW)
    passwords.will_take("CP-2", NEW)
    assert passwords.judge("CP-1", ("CP-1", OLD)) is True
    assert passwords.judge("CP-3", ("CP-3", NEW)) is True
    assert passwords.judge("CP-3", ("CP-3", OLD)) is False
    assert passwords.judge("CP-2", None) is True
    assert passwords.judge("CP-1", ("CP-1", NEW)) is True
    assert passwords.judge("CP-1", ("CP-1", OLD)) is False


def _slot(variable: str, value: str, status: str = "Accepted", slot: str = "2") -> tuple[dict[str, object], ...]:
    place = {"component": {"name": "NetworkConfiguration", "instance": slot}, "variable": {"name": variable}}
    return {**place, "attributeValue": value}, {**place, "attributeStatus": status}


@pytest.mark.parametrize(
    ("items", "logins"),
    [
        ([_slot("Identity", "CP-3"), _slot("BasicAuthPassword", NEW)], [("CP-3", NEW)]),
        ([_slot("BasicAuthPassword", NEW)], [(None, NEW)]),
        ([_slot("BasicAuthPassword", NEW, "Rejected")], []),
        ([_slot("Identity", "CP-3", slot="3"), _slot("BasicAuthPassword", NEW)], [(None, NEW)]),
        ([_slot("BasicAuthPassword", OLD, "Rejected", "1"), _slot("BasicAuthPassword", NEW)], [(None, NEW)]),
    ],
)
def test_what_a_slot_has_taken(items, logins) -> None:
    """By variables, each slot by itself."""
    payload = {"setVariableData": [one for one, _ in items]}
    answer = {"setVariableResult": [one for _, one in items]}
    assert list(new_logins("SetVariables", payload, answer)) == logins


def test_what_a_message_has_brought() -> None:
    """SetNetworkProfile, where it was taken."""
    payload = {"configurationSlot": 2, "connectionData": {"identity": "CP-3", "basicAuthPassword": NEW}}
    assert list(new_logins("SetNetworkProfile", payload, {"status": "Accepted"})) == [("CP-3", NEW)]
    assert list(new_logins("SetNetworkProfile", payload, {"status": "Rejected"})) == []
    assert list(new_logins("SetNetworkProfile", "nothing", {"status": "Accepted"})) == []
