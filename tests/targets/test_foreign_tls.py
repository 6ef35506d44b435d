"""Security profiles of our chargers at a CSMS that is somebody else's."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ocpplab_runner import clock
from ocpplab_runner.charger.config import ChargerConfig
from ocpplab_runner.charger.core.dialling import Dial
from ocpplab_runner.csms import BuiltInCsms, CsmsConfig
from ocpplab_runner.ocppj.refusals import ConnectRefused
from ocpplab_runner.ocppj.tls import ClientTls, server_context
from ocpplab_runner.plugin.stage import BlockedError
from ocpplab_runner.targets.charger_host import ChargerHost
from ocpplab_runner.targets.csms_options import CsmsTargetOptions
from ocpplab_runner.targets.foreign_tls import ForeignTls
from ocpplab_runner.tools.certificates import Wanted, make_certificates
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.csms.stations import Heard

PLAIN, SECURE = "ws://127.0.0.1:9/ocpp", "wss://127.0.0.1:9/ocpp"


def files(folder: Path) -> ClientTls:
    """Certificates that are good at this moment, in files."""
    make_certificates(folder, Wanted(lasting=timedelta(days=9)), clock.wall_now())
    return ClientTls(
        str(folder / "ca.pem"), str(folder / "station-{identity}.pem"), str(folder / "station-{identity}.key")
    )


def config(**given: Any) -> ChargerConfig:
    """A charger as a scenario gives it."""
    return ChargerConfig.from_given(given)


@pytest.mark.parametrize(
    ("url", "certificates", "profile"), [(PLAIN, False, 0), (PLAIN, True, 0), (SECURE, False, 2), (SECURE, True, 3)]
)
def test_a_charger_that_is_given_none_has_the_profile_that_dialling_comes_to(
    tmp_path: Path, url: str, certificates: bool, profile: int
) -> None:
    """Profile 1 comes of a password."""
    way = ForeignTls(url, files(tmp_path) if certificates else ClientTls())
    made = way.equip(config(), None)
    assert (way.profile, made.profile) == (profile, profile)
    assert way.equip(config(basic_auth={"password": "x"}), None).profile == (profile or 1)
    assert (made.credentials.chain is not None) is (made.credentials.key is not None) is (profile == 3)
    assert bool(made.credentials.csms_roots) is (profile == 3)
    if profile == 3:
        assert made.credentials.chain == (tmp_path / "station-CP-1.pem").read_text()
        assert made.credentials.key == (tmp_path / "station-CP-1.key").read_text()


@pytest.mark.parametrize(
    ("url", "given", "why"),
    [
        (PLAIN, {"security_profile": 2}, "without TLS"),
        (PLAIN, {"security_profile": 3}, "without TLS"),
        (SECURE, {"security_profile": 0}, "with TLS"),
        (SECURE, {"security_profile": 1}, "with TLS"),
        (SECURE, {"security_profile": 3}, "no `cert`"),
        (SECURE, {"tls": {"certificate": "expired"}}, "cannot be expired"),
        (PLAIN, {"security_profile": 1}, None),
        (SECURE, {"security_profile": 2}, None),
        (SECURE, {"security_profile": 3, "tls": {"certificate": "none"}}, None),
    ],
)
def test_what_the_target_lacks_blocks(url: str, given: dict[str, Any], why: str | None) -> None:
    """With the reason."""
    way = ForeignTls(url, ClientTls())
    if why is None:
        assert way.equip(config(**given), given.get("tls")).security_profile == given["security_profile"]
        return
    with pytest.raises(BlockedError, match=why):
        way.equip(config(**given), given.get("tls"))


def test_another_address_for_another_profile() -> None:
    """So that a profile can be raised; without one the attempt says why."""
    way = ForeignTls(PLAIN, ClientTls(), {2: SECURE})
    assert way.equip(config(security_profile=2), None).security_profile == 2

    async def main() -> None:
        assert await way.reach(Dial(1), "CP-1") == (PLAIN, None)
        url, context = await way.reach(Dial(2), "CP-1")
        assert (url, context is not None) == (SECURE, True)
        with pytest.raises(ConnectRefused, match="security profile 3 needs TLS"):
            await way.reach(Dial(3), "CP-1")
        with pytest.raises(ConnectRefused, match="security profile 1 is without TLS"):
            await ForeignTls(SECURE, ClientTls()).reach(Dial(1), "CP-1")

    clock.run(main())


@pytest.mark.parametrize(
    ("profiles", "why"),
    [
        ([], "the URL of each"),
        ({4: SECURE}, "0 to 3"),
        ({2: PLAIN}, "at wss://"),
        ({1: SECURE}, "at ws://"),
        ({2: "wss://a:b@127.0.0.1"}, "no credentials"),
        ({2: "no url"}, "wss:// URL"),
    ],
)
def test_profiles_of_a_target_are_urls(profiles: Any, why: str) -> None:
    """Of the right kind."""
    with pytest.raises(ValueError, match=why):
        CsmsTargetOptions.from_mapping({"url": PLAIN, "profiles": profiles})
    assert CsmsTargetOptions.from_mapping({"url": PLAIN, "profiles": {2: SECURE}}).profiles == {2: SECURE}


@pytest.mark.parametrize(
    ("given", "comes_in"),
    [
        ({}, True),
        ({"security_profile": 3}, True),
        ({"tls": {"version": "1.2"}}, True),
        ({"tls": {"version": "1.1"}}, False),
        ({"tls": {"certificate": "none"}}, False),
    ],
)
def test_what_the_files_hold_is_shown(tmp_path: Path, given: dict[str, Any], comes_in: bool) -> None:
    """To a CSMS that asks for a certificate, on the real clock."""
    own = files(tmp_path)

    async def main() -> None:
        csms = BuiltInCsms(CsmsConfig.from_given({}), observer=Heard(), random=Random(1))
        client_ca = str(tmp_path / "ca.pem")
        context = server_context(
            str(tmp_path / "csms.pem"), str(tmp_path / "csms.key"), client_ca=client_ca, refused=lambda _: None
        )
        await csms.start("127.0.0.1", 0, ssl=context)
        way, doing_tls = ForeignTls(f"wss://127.0.0.1:{csms.port}/ocpp", own), given.get("tls")
        host = ChargerHost(
            "1",
            way.equip(config(**given), doing_tls),
            version=OcppVersion.V16,
            url=PLAIN,
            record=lambda _: None,
            random=Random(1),
            reach=partial(way.reach, identity="CP-1", given=doing_tls),
        )
        try:
            await host.charger.start()
            async with asyncio.timeout(10):
                await host.changes.until(lambda: host.charger.booted or host.charger.connect_error is not None, "", 10)
            assert host.charger.booted is comes_in
        finally:
            await host.charger.stop()
            await csms.stop()

    clock.run(main(), virtual=False)
