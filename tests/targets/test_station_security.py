"""Security profiles 2 and 3 at a target station: who is let in, and why the others are not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from ssl import TLSVersion
from typing import Any

import pytest

from ocpplab_runner import clock
from ocpplab_runner.plugin.stage import InfrastructureError
from ocpplab_runner.tools.certificates import Wanted, make_certificates
from tests.targets.station_kit import URL, lab, on_the_bench

_SECURE = URL.replace("ws://", "wss://")
_PASSWORD = "password-of-ours"


@pytest.fixture(scope="module")
def certs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `ocpplab-runner certs --wrong` makes."""
    place = tmp_path_factory.mktemp("certs")
    wanted = Wanted(hosts=("127.0.0.1",), identities=("CP-1",), wrong=True)
    make_certificates(place, wanted, datetime.now(UTC))
    return place


def server(certs: Path, name: str = "csms", profile: int = 2) -> dict[str, Any]:
    """The options of a target with that certificate."""
    told = {"security_profile": profile, "cert": str(certs / f"{name}.pem"), "key": str(certs / f"{name}.key")}
    return told | ({"basic_auth": _PASSWORD} if profile == 2 else {"client_ca": str(certs / "ca.pem")})


def client(certs: Path, name: str | None = None) -> dict[str, str]:
    """The files of a charger that trusts our CA, and shows that certificate."""
    own = {} if name is None else {"cert": str(certs / f"{name}.pem"), "key": str(certs / f"{name}.key")}
    return {"ca": str(certs / "ca.pem"), **own}


async def serve(place: Path, target: Mapping[str, Any], charger: Mapping[str, Any]) -> None:
    """One case."""
    async with lab(place, boot="8s", **target) as worker, on_the_bench(url=_SECURE, **charger):
        stage = await worker.set_up()
        assert list(await stage.close()) == []


@pytest.mark.parametrize("profile", [2, 3])
def test_the_right_ones_are_let_in(tmp_path: Path, certs: Path, profile: int) -> None:
    """With the password, or with the certificate."""
    if profile == 2:
        charger: dict[str, Any] = {"tls": client(certs), "basic_auth": {"password": _PASSWORD}}
    else:
        charger = {"tls": client(certs, "station-CP-1")}
    clock.run(serve(tmp_path, server(certs, profile=profile), charger))


PASSWORD = {"basic_auth": {"password": _PASSWORD}}


@pytest.mark.parametrize(
    ("ours", "theirs", "more", "why"),
    [
        ("csms", (2, None), {"basic_auth": {"password": "another-password"}}, "its user or password is wrong"),
        ("wrong/csms-other", (2, None), PASSWORD, "one that does not trust our certificate hangs up without a word"),
        ("wrong/csms-expired", (2, None), PASSWORD, "one that does not trust our certificate hangs up without a word"),
        ("wrong/csms-host", (2, None), PASSWORD, "one that does not trust our certificate hangs up without a word"),
        ("csms", (2, None), {**PASSWORD, "newest": TLSVersion.TLSv1_1}, "at least TLS 1.2 is needed"),
        ("wrong/csms-other", (3, "station-CP-1"), {}, "one that does not trust our certificate hangs up"),
        ("wrong/csms-expired", (3, "station-CP-1"), {}, "one that does not trust our certificate hangs up"),
        ("wrong/csms-host", (3, "station-CP-1"), {}, "one that does not trust our certificate hangs up"),
        ("csms", (3, "station-CP-1"), {"newest": TLSVersion.TLSv1_1}, "at least TLS 1.2 is needed"),
        ("csms", (3, None), {}, "the charger shows no certificate"),
        ("csms", (3, "wrong/station-CP-1-other"), {}, "the charger's certificate leads to no CA that is trusted"),
        ("csms", (3, "wrong/station-CP-1-expired"), {}, "the charger's certificate has expired"),
    ],
)
def test_each_of_the_others_is_told_as_such(
    tmp_path: Path, certs: Path, ours: str, theirs: tuple[int, str | None], more: Mapping[str, Any], why: str
) -> None:
    """Nobody is reached, and no password is told."""
    profile, shown = theirs
    with pytest.raises(InfrastructureError) as raised:
        clock.run(serve(tmp_path, server(certs, ours, profile), {"tls": client(certs, shown), **more}))
    assert not raised.value.reached
    assert "has not dialled wss://" in str(raised.value)
    assert why in str(raised.value)
    assert "password-of-ours" not in str(raised.value)


@pytest.mark.parametrize(
    ("password", "why"),
    [(_PASSWORD, ""), ("another-password", "its user or password is wrong"), (None, "it gave no credentials")],
)
def test_profile_1(tmp_path: Path, password: str | None, why: str) -> None:
    """A password, and no TLS."""

    async def once() -> None:
        given = {} if password is None else {"basic_auth": {"password": password}}
        async with lab(tmp_path, boot="8s", security_profile=1, basic_auth=_PASSWORD) as worker, on_the_bench(**given):
            stage = await worker.set_up()
            assert list(await stage.close()) == []

    if not why:
        clock.run(once())
        return
    with pytest.raises(InfrastructureError) as raised:
        clock.run(once())
    assert why in str(raised.value)
    assert "password-of" not in str(raised.value)
