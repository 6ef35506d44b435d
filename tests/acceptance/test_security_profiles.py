"""Security profiles 1 to 3 at a CSMS that is not ours, with what ``certs`` makes: who gets in, and what is told.

The other direction, chargers that are not ours, is in ``tests/targets/test_station_security.py``.
"""

from __future__ import annotations

import json
import ssl
import warnings
from pathlib import Path

import pytest

from ocpplab_runner.ocppj.tls import server_context
from tests.acceptance.cli_kit import cli
from tests.acceptance.servers import HOST, Csms, beside

PASSWORD = "password-of-ours-16"
SCENARIO = """\
name: It boots
ocpp: ["1.6"]
steps:
  - still: {connector_status: Available}
"""
#: What the CSMS shows, what the charger shows of itself, what its password is → what it is told; empty: it gets in.
PROFILES: dict[int, dict[str, tuple[str, str | None, str | None, str]]] = {
    1: {
        "right": ("", None, PASSWORD, ""),
        "wrong password": ("", None, "password-of-yours", "401: the CSMS refuses the credentials"),
        "no password": ("", None, None, "401: the CSMS refuses the credentials"),
    },
    2: {
        "right": ("csms", None, PASSWORD, ""),
        "wrong password": ("csms", None, "password-of-yours", "401: the CSMS refuses the credentials"),
        "wrong CA": ("wrong/csms-other", None, PASSWORD, "the CSMS's certificate leads to no CA that is trusted"),
        "expired": ("wrong/csms-expired", None, PASSWORD, "the CSMS's certificate has expired"),
        "not yet valid": ("wrong/csms-not-yet-valid", None, PASSWORD, "the CSMS's certificate is not valid yet"),
        "wrong host": ("wrong/csms-host", None, PASSWORD, "the CSMS's certificate is for another host"),
        "TLS 1.1": ("1.1", None, PASSWORD, "TLS 1.2"),
    },
    3: {
        "right": ("csms", "station-CP-1", None, ""),
        "wrong CA": ("wrong/csms-other", "station-CP-1", None, "the CSMS's certificate leads to no CA"),
        "expired": ("wrong/csms-expired", "station-CP-1", None, "the CSMS's certificate has expired"),
        "wrong host": ("wrong/csms-host", "station-CP-1", None, "the CSMS's certificate is for another host"),
        "TLS 1.1": ("1.1", "station-CP-1", None, "TLS 1.2"),
        "no client certificate": ("csms", None, None, "asks for a certificate, and was shown none"),
        "another CA's client certificate": (
            "csms",
            "wrong/station-CP-1-other",
            None,
            "does not trust the CA of the certificate that it was shown",
        ),
        "expired client certificate": (
            "csms",
            "wrong/station-CP-1-expired",
            None,
            "says that the certificate that it was shown has expired",
        ),
    },
}
CELLS = [(profile, name) for profile, cells in PROFILES.items() for name in cells]


@pytest.fixture(scope="module")
def certs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the command makes, in the directory in which the others run."""
    place = tmp_path_factory.mktemp("profiles")
    assert cli("certs", "--host", HOST, "--wrong", "-q", cwd=place).code == 0
    (place / "it.yaml").write_text(SCENARIO, "utf-8")
    return place


def csms(place: Path, shows: str, *, profile: int) -> Csms:
    """A CSMS that wants what the profile says."""
    password = PASSWORD if profile in (1, 2) else None
    if not shows:
        return Csms(password=password)
    name = f"certs/{'csms' if shows == '1.1' else shows}"
    context = server_context(
        str(place / f"{name}.pem"),
        str(place / f"{name}.key"),
        client_ca=str(place / "certs" / "ca.pem") if profile == 3 else None,
        refused=lambda _: None,
    )
    if shows == "1.1":
        context.set_ciphers("DEFAULT@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    return Csms(ssl=context, password=password)


@pytest.mark.parametrize(("profile", "name"), CELLS, ids=[f"{profile}-{name}" for profile, name in CELLS])
def test_who_gets_in(profile: int, name: str, certs: Path) -> None:
    """``probe`` and a run say the same: an OCPP connection, or none and why; no password is told."""
    shows, own, password, told = PROFILES[profile][name]
    options, target = [], {"kind": "csms", "identities": ["CP-1"], "within": "5s"}
    if shows:
        options += ["--ca", "certs/ca.pem"]
        target["ca"] = "certs/ca.pem"
    if own is not None:
        options += ["--cert", f"certs/{own}.pem", "--key", f"certs/{own}.key"]
        target |= {"cert": f"certs/{own}.pem", "key": f"certs/{own}.key"}
    environment = {} if password is None else {"OCPPLAB_BASIC_AUTH_PASSWORD": password}
    with beside(csms(certs, shows, profile=profile)) as port:
        url = f"{'wss' if shows else 'ws'}://{HOST}:{port}/ocpp"
        probed = cli("probe", url, "--ocpp", "1.6", *options, cwd=certs, **environment)
        (certs / "ocpplab.yaml").write_text(json.dumps({"targets": {"mine": {**target, "url": url}}}), "utf-8")
        ran = cli("run", "it.yaml", "--target", "mine", cwd=certs, **environment)
    for done in (probed, ran):
        assert done.code == (3 if told else 0), done.out + done.err
        assert told in done.out + done.err
        assert "password-of" not in done.out + done.err


def test_a_failure_says_why_nobody_came(tmp_path: Path) -> None:
    """Where nothing has arrived: the charger's own word on its attempts."""
    text = (
        'name: It\nocpp: ["1.6"]\ngiven: {state: disconnected}\nsteps:\n  - power: "on"\n    expect: {boot: Accepted}\n'
    )
    (tmp_path / "it.yaml").write_text(text + "    within: 2s\n", "utf-8")
    with beside(Csms(password=PASSWORD)) as port:
        done = cli("run", "it.yaml", "--csms", f"ws://{HOST}:{port}/ocpp", "--identity", "CP-1", cwd=tmp_path)
    assert done.code == 1
    assert "note cannot connect: ws://" in done.out
    assert "HTTP 401: the CSMS refuses the credentials" in done.out
