"""Security profiles 1 to 3 in both directions, over real sockets: who connects, who is refused, and as what."""

from __future__ import annotations

import asyncio
import ssl
import warnings
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ocpplab_runner import clock
from ocpplab_runner.ocppj import Connection, ConnectRefused, connect, serve
from ocpplab_runner.ocppj.tls import ClientTls, TlsFileError, in_words, server_context, tls_error_behind
from ocpplab_runner.tools.certificates import Wanted, make_certificates
from tests.ocppj.sessions import V16

HOST = "127.0.0.1"


@pytest.fixture(scope="module")
def certs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of certificates, wrong ones too."""
    directory = tmp_path_factory.mktemp("certs")
    make_certificates(directory, Wanted(hosts=(HOST,), wrong=True), clock.wall_now())
    return directory


def older(context: ssl.SSLContext) -> ssl.SSLContext:
    """The same end, as it was before TLS 1.2."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    return context


def tls_12(context: ssl.SSLContext) -> ssl.SSLContext:
    """The same end, without TLS 1.3."""
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


def client(certs: Path, cert: str | None = None, ca: str | None = "ca.pem", **options: Any) -> ssl.SSLContext:
    """A charger that trusts that CA and shows that certificate."""
    files = {} if cert is None else {"cert": str(certs / cert), "key": str((certs / cert).with_suffix(".key"))}
    return ClientTls(ca=None if ca is None else str(certs / ca), **files, **options).context("CP-1")


def server(certs: Path, told: list[str], cert: str = "csms.pem", client_ca: str | None = None) -> ssl.SSLContext:
    """A CSMS that shows that certificate, and asks for one of that CA."""
    return server_context(
        str(certs / cert),
        str((certs / cert).with_suffix(".key")),
        client_ca=None if client_ca is None else str(certs / client_ca),
        refused=lambda error: told.append(in_words(error, "the charger")),
    )


async def dialled(
    client_side: ssl.SSLContext | None, server_side: ssl.SSLContext | None, password: str = "right"
) -> ConnectRefused | None:
    """What becomes of a charger that dials; None when it is let in."""

    async def take(connection: Connection) -> None:
        await connection.ws.wait_closed()

    csms = await serve(
        HOST,
        0,
        versions=[V16],
        on_connection=take,
        ssl=server_side,
        authenticate=lambda identity, credentials: credentials == ("CP-1", "right"),
    )
    scheme = "ws" if client_side is None else "wss"
    try:
        ws, _ = await connect(
            f"{scheme}://{HOST}:{csms.sockets[0].getsockname()[1]}/ocpp",
            identity="CP-1",
            versions=[V16],
            basic_auth=("CP-1", password),
            ssl=client_side,
        )
        await ws.close()
    except ConnectRefused as refused:
        return refused
    finally:
        csms.close()
        await csms.wait_closed()
    return None


@pytest.mark.parametrize("last", [None, tls_12], ids=["tls1.3", "tls1.2"])
@pytest.mark.parametrize(
    ("cert", "client_ca"), [(None, None), ("station-CP-1.pem", "ca.pem"), ("station-CP-1.pem", None)]
)
def test_right_ones_connect(
    certs: Path, cert: str | None, client_ca: str | None, last: Callable[[ssl.SSLContext], ssl.SSLContext] | None
) -> None:
    """Profiles 2 and 3, and with a certificate for which nobody asks; a wrong password is one there, too."""
    told: list[str] = []
    ours, theirs = client(certs, cert), server(certs, told, client_ca=client_ca)
    if last is not None:
        last(ours)
    assert clock.run(dialled(ours, theirs), virtual=False) is None
    refused = clock.run(dialled(ours, theirs, "wrong"), virtual=False)
    assert refused is not None and refused.reason == "unauthorized"
    assert told == []


def test_rsa_keys_serve_as_well(tmp_path: Path) -> None:
    """For chargers that know no elliptic curves."""
    make_certificates(tmp_path, Wanted(hosts=(HOST,), key="rsa"), clock.wall_now())
    ours, theirs = client(tmp_path, "station-CP-1.pem"), server(tmp_path, [], client_ca="ca.pem")
    assert clock.run(dialled(ours, theirs), virtual=False) is None


def test_profile_1() -> None:
    """A password without TLS."""
    assert clock.run(dialled(None, None), virtual=False) is None
    refused = clock.run(dialled(None, None, "wrong"), virtual=False)
    assert refused is not None and refused.reason == "unauthorized"


#: What is wrong → our charger's options, our CSMS's options, what the charger says, what the CSMS says.
REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], str, str]] = {
    "the CA": ({"ca": "wrong/ca-other.pem"}, {}, "the CSMS's certificate leads to no CA that is trusted", ""),
    "no CA": ({"ca": None}, {}, "the CSMS's certificate leads to no CA that is trusted", ""),
    "expired": ({}, {"cert": "wrong/csms-expired.pem"}, "the CSMS's certificate has expired", ""),
    "not yet valid": ({}, {"cert": "wrong/csms-not-yet-valid.pem"}, "the CSMS's certificate is not valid yet", ""),
    "the host": ({}, {"cert": "wrong/csms-host.pem"}, "the CSMS's certificate is for another host", ""),
    "no certificate of the charger": (
        {},
        {"client_ca": "ca.pem"},
        "the CSMS asks for a certificate, and was shown none",
        "the charger shows no certificate",
    ),
    "the CA of the charger": (
        {"cert": "wrong/station-CP-1-other.pem"},
        {"client_ca": "ca.pem"},
        "the CSMS does not trust the CA of the certificate that it was shown",
        "the charger's certificate leads to no CA that is trusted",
    ),
    "the charger's has expired": (
        {"cert": "wrong/station-CP-1-expired.pem"},
        {"client_ca": "ca.pem"},
        "the CSMS says that the certificate that it was shown has expired",
        "the charger's certificate has expired",
    ),
    "the charger's is a CSMS's": (
        {"cert": "csms.pem"},
        {"client_ca": "ca.pem"},
        "the CSMS refuses the kind of certificate that it was shown",
        "the charger's certificate is for another purpose",
    ),
}


@pytest.mark.parametrize("wrong", REFUSED)
def test_each_wrong_one_is_refused_as_what_it_is(certs: Path, wrong: str) -> None:
    """Both ends say it; where the charger refuses, its CSMS hears nothing that it could tell."""
    ours, theirs, charger_says, csms_says = REFUSED[wrong]
    told: list[str] = []
    refused = clock.run(dialled(client(certs, **ours), server(certs, told, **theirs)), virtual=False)
    assert refused is not None
    assert refused.reason == "tls"
    assert charger_says in str(refused)
    assert [csms_says in line for line in told] == ([True] if csms_says else [])


@pytest.mark.parametrize("who", ["charger", "CSMS"])
def test_older_tls_is_refused(certs: Path, who: str) -> None:
    """At least 1.2 (A00.FR.313), whichever end knows less, and both say so."""
    told: list[str] = []
    ours, theirs = client(certs), server(certs, told)
    older(ours if who == "charger" else theirs)
    refused = clock.run(dialled(ours, theirs), virtual=False)
    assert refused is not None and refused.reason == "tls"
    assert "no TLS version in common; at least TLS 1.2 is needed" in str(refused)
    assert len(told) == 1
    assert "no TLS version in common" in told[0]


def test_without_tls_on_one_side(certs: Path) -> None:
    """Neither end waits for the other's patience to end."""
    told: list[str] = []
    refused = clock.run(dialled(None, server(certs, told)), virtual=False)
    assert refused is not None
    assert told == ["the charger speaks ws://, without TLS (HTTP_REQUEST)"]
    refused = clock.run(dialled(client(certs), None), virtual=False)
    assert refused is not None and refused.reason == "tls"


def test_a_charger_may_trust_anybody(certs: Path) -> None:
    """With `verify` off, and only then."""
    told: list[str] = []
    theirs = server(certs, told, "wrong/csms-expired.pem")
    assert clock.run(dialled(client(certs, ca=None, verify=False), theirs), virtual=False) is None


def test_a_charger_that_says_nothing_is_given_up(certs: Path) -> None:
    """Under the virtual clock: the limit is the CSMS's own, and no task is left."""

    async def main() -> None:
        async def take(connection: Connection) -> None:
            raise AssertionError

        csms = await serve(HOST, 0, versions=[V16], on_connection=take, ssl=server(certs, []))
        port = csms.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection(HOST, port)
        began = clock.now()
        assert await reader.read() == b""
        assert clock.now() - began == pytest.approx(10)
        writer.close()
        csms.close()
        await csms.wait_closed()

    clock.run(main())


def test_each_charger_shows_its_own(certs: Path, tmp_path: Path) -> None:
    """`{identity}` stands for the identity as it stands in the URL."""
    make_certificates(tmp_path, Wanted(identities=("CP 1/ä",), lasting=timedelta(days=1)), clock.wall_now())
    own = ClientTls(cert=str(tmp_path / "station-{identity}.pem"), key=str(tmp_path / "station-{identity}.key"))
    own.context("CP 1/ä")
    with pytest.raises(TlsFileError, match=r"station-CP-9\.pem: No such file"):
        own.context("CP-9")
    assert own.varies
    assert not ClientTls(cert="station.pem").varies


def test_files_that_cannot_be_used_are_named(certs: Path, tmp_path: Path) -> None:
    """Which of them, and why."""
    garbage = tmp_path / "garbage.pem"
    garbage.write_text("no PEM")
    station, key = str(certs / "station-CP-1.pem"), str(certs / "station-CP-1.key")
    for files, told in (
        ({"ca": str(garbage)}, r"garbage\.pem: it holds no certificate in PEM form"),
        ({"ca": str(tmp_path / "none.pem")}, r"none\.pem: No such file"),
        ({"ca": str(tmp_path)}, "Is a directory"),
        ({"cert": station}, r"station-CP-1\.pem: the key of the certificate is not in it; give the key's own file too"),
        ({"cert": station, "key": str(certs / "ca.key")}, r"ca\.key: it is not the key of the certificate in "),
        ({"cert": str(garbage), "key": key}, r"garbage\.pem and .*: a certificate and its key in PEM form"),
        ({"cert": station, "key": str(tmp_path / "none.key")}, r"none\.key: No such file"),
        ({"key": key}, "a key needs its certificate"),
    ):
        with pytest.raises(TlsFileError, match=told):
            ClientTls(**files).context("CP-1")


def test_a_key_with_a_passphrase_asks_nobody(certs: Path, tmp_path: Path) -> None:
    """OpenSSL would ask on the terminal, and a run would hang."""
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key((certs / "station-CP-1.key").read_bytes(), None)
    locked = tmp_path / "locked.key"
    locked.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )
    with pytest.raises(TlsFileError, match=r"locked\.key: the key has a passphrase"):
        ClientTls(cert=str(certs / "station-CP-1.pem"), key=str(locked)).context("CP-1")


def test_an_error_raised_from_itself_has_no_error_of_tls_behind_it() -> None:
    """Whoever looks for one comes to an end."""
    error = ValueError("itself")
    error.__cause__ = error
    assert tls_error_behind(error) is None
    other = ConnectionError("other")
    other.__cause__ = ssl.SSLError("behind")
    error.__cause__ = other
    assert tls_error_behind(error) is other.__cause__
