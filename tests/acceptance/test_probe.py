"""``probe``: a good CSMS, and each that is broken in a way of its own."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import subprocess
import sys
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from ocpplab_runner import clock
from ocpplab_runner.ocppj import NO_REPLY, Connection, Reply
from ocpplab_runner.ocppj.tls import server_context
from ocpplab_runner.tools.certificates import Wanted, make_certificates
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.acceptance.cli_kit import ROOT, Done, cli
from tests.acceptance.servers import HOST, Csms, Plain, beside, silent

PASSWORD = "kein-Wort-davon-4711"


@pytest.fixture(scope="module")
def certs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates, wrong ones too."""
    directory = tmp_path_factory.mktemp("certs")
    make_certificates(directory, Wanted(hosts=(HOST,), wrong=True), clock.wall_now())
    return directory


def secure(certs: Path, name: str = "csms", client_ca: str | None = None, **options: Any) -> Csms:
    """A CSMS that speaks TLS with that certificate."""
    context = server_context(
        str(certs / f"{name}.pem"), str(certs / f"{name}.key"), client_ca=client_ca, refused=lambda _: None
    )
    return Csms(ssl=context, **options)


def probed(server: AbstractAsyncContextManager[int], scheme: str, *options: str, **environment: str) -> Done:
    """What the command says of that server."""
    with beside(server) as port:
        return cli("probe", f"{scheme}://{HOST}:{port}/ocpp", *options, cwd=ROOT, **environment)


def looks(done: Done) -> dict[str, tuple[str, str]]:
    """Check → verdict and text."""
    lines = (line.split(maxsplit=2) for line in done.out.splitlines())
    return {check: (verdict, text) for verdict, check, text in lines}


def in_an_hour() -> dict[str, Any]:
    """The answer of a CSMS whose clock is wrong."""
    later = clock.timestamp(clock.utcnow() + timedelta(hours=1))
    return {"status": "Accepted", "interval": 300, "currentTime": later}


def test_a_good_one(certs: Path) -> None:
    """Every look, with its own line; the password is nowhere."""
    server = secure(certs, client_ca=str(certs / "ca.pem"), password=PASSWORD)
    files = ("--ca", "ca.pem", "--cert", "station-CP-1.pem", "--key", "station-CP-1.key")
    options = [option if option.startswith("--") else str(certs / option) for option in files]
    done = probed(server, "wss", *options, OCPPLAB_BASIC_AUTH_PASSWORD=PASSWORD)
    found = looks(done)
    assert done.code == 0, done.out + done.err
    spoken = ["ocpp1.6", "ocpp2.0.1", "ocpp2.1"]
    assert list(found) == ["name", "tcp", "tls", "chain", "http", "auth", *spoken, "boot", "clock"]
    assert {verdict for verdict, _ in found.values()} == {"ok"}
    assert re.match(
        r"TLSv1\.[23], \S+; certificate for 127\.0\.0\.1 by ocpplab-runner test CA \w+, until 20", found["tls"][1]
    )
    assert found["auth"][1] == "let in with the password of CP-1 and a certificate"
    assert re.fullmatch(r"Accepted, interval 300 s \(\d+ ms\)", found["boot"][1])
    assert PASSWORD not in done.out + done.err
    assert [call.action for call in server.calls] == ["BootNotification"]


def chained(certs: Path, name: str, *ca: str) -> list[dict[str, str]]:
    """What is found of each certificate of a CSMS that shows its own and its CA's."""
    both = certs / "both.pem"
    both.write_text("".join((certs / f"{one}.pem").read_text("ascii") for one in (name, "ca")), "ascii")
    context = server_context(str(both), str(certs / f"{name}.key"), client_ca=None, refused=lambda _: None)
    done = probed(Csms(ssl=context), "wss", "--json", "--timeout", "5s", *ca)
    return [one for one in json.loads(done.out)["findings"] if one["check"] == "chain"]


@pytest.mark.parametrize("trusted", [True, False])
def test_every_certificate_of_the_chain(certs: Path, trusted: bool) -> None:
    """Whose it is, by whom and until when; also where nobody trusts it."""
    found = chained(certs, "csms", *(("--ca", str(certs / "ca.pem")) if trusted else ()))
    assert [one["verdict"] for one in found] == ["ok", "ok"]
    own, root = found
    assert own["subject"].endswith("CN=127.0.0.1")
    assert own["issuer"] == root["subject"] == root["issuer"]
    assert own["until"] < root["until"]
    assert root["text"].startswith(f"2: {root['subject']}, by itself, until 20")


def test_the_certificate_of_a_chain_that_has_expired(certs: Path) -> None:
    """Is the one that is told of."""
    found = chained(certs, "wrong/csms-expired", "--ca", str(certs / "ca.pem"))
    assert [(one["verdict"], one["text"].endswith("it has expired")) for one in found] == [
        ("warning", True),
        ("ok", False),
    ]


async def no_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A web server that knows no WebSocket and no TLS."""
    await reader.read(1)
    writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")


#: What is broken → the server, the scheme, the exit code, the look that tells, and its words.
BROKEN: dict[str, tuple[Any, str, int, str, str]] = {
    "no TLS": (lambda _: Csms(), "wss", 3, "tls", "ws://"),
    "no TLS, a web server": (lambda _: Plain(no_tls), "wss", 3, "tls", "does not speak TLS"),
    "TLS where none is dialled": (secure, "ws", 3, "http", "wss://|no WebSocket server"),
    "expired": (lambda certs: secure(certs, "wrong/csms-expired"), "wss", 3, "tls", "has expired"),
    "wrong host": (
        lambda certs: secure(certs, "wrong/csms-host"),
        "wss",
        3,
        "tls",
        "for another host|is not valid for",
    ),
    "wrong CA": (lambda certs: secure(certs, "wrong/csms-other"), "wss", 3, "tls", "trusted"),
    "no certificate of ours": (
        lambda certs: secure(certs, client_ca=str(certs / "ca.pem")),
        "wss",
        3,
        "tls",
        "asks for a certificate|client certificate",
    ),
    "401": (lambda _: Csms(password="x"), "ws", 3, "http", "HTTP 401: the CSMS refuses the credentials"),
    "404": (
        lambda _: Csms(password="x", status=HTTPStatus.NOT_FOUND),
        "ws",
        3,
        "http",
        "HTTP 404: the CSMS does not know this charger or this path",
    ),
    "503": (lambda _: Csms(password="x", status=HTTPStatus.SERVICE_UNAVAILABLE), "ws", 3, "http", "HTTP 503"),
    "400": (
        lambda _: Csms(password="x", status=HTTPStatus.BAD_REQUEST),
        "ws",
        3,
        "subprotocol",
        "speaks none of ocpp1.6, ocpp2.0.1, ocpp2.1",
    ),
    "no subprotocol": (
        lambda _: Csms(versions=()),
        "ws",
        3,
        "subprotocol",
        "speaks none of ocpp1.6, ocpp2.0.1, ocpp2.1",
    ),
    "silent": (lambda _: Plain(silent), "ws", 3, "http", "within 1 s"),
    "silent below TLS": (lambda _: Plain(silent), "wss", 3, "tls", "within 1 s"),
    "boot Rejected": (
        lambda _: Csms({"BootNotification": lambda _: in_an_hour() | {"status": "Rejected"}}),
        "ws",
        1,
        "boot",
        "Rejected: the CSMS takes no such charger, interval 300 s",
    ),
    "boot Pending": (
        lambda _: Csms({"BootNotification": lambda _: in_an_hour() | {"status": "Pending"}}),
        "ws",
        0,
        "boot",
        "Pending: the charger must wait",
    ),
    "no answer": (
        lambda _: Csms({"BootNotification": NO_REPLY}),
        "ws",
        1,
        "boot",
        "no answer to BootNotification within 1 s",
    ),
    "an answer of another kind": (
        lambda _: Csms({"BootNotification": Reply({"status": "Sure"}, validate=False)}),
        "ws",
        1,
        "boot",
        "schema: ",
    ),
    "a clock of its own": (
        lambda _: Csms({"BootNotification": lambda _: in_an_hour()}),
        "ws",
        0,
        "clock",
        "(3600|3599) s ahead of this machine's",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_told_in_words(certs: Path, name: str) -> None:
    """By the look that sees it, and with the exit code that it deserves; what lies below is fine."""
    make, scheme, code, check, words = BROKEN[name]
    ca = ("--ca", str(certs / "ca.pem")) if scheme == "wss" else ()
    done = probed(make(certs), scheme, "--timeout", "1s", *ca)
    found = looks(done)
    assert done.code == code, done.out + done.err
    assert re.search(words, found[check][1]), found
    assert found["tcp"][0] == "ok"
    if code:
        assert [told for told, (verdict, _) in found.items() if verdict in ("failed", "unreachable")] == [check]


def test_a_closed_port_and_a_name_that_is_none() -> None:
    """The first look that fails is the last."""
    with socket.socket() as held:
        held.bind((HOST, 0))
        done = cli("probe", f"ws://{HOST}:{held.getsockname()[1]}", cwd=ROOT)
    assert done.code == 3
    assert looks(done)["tcp"][1].endswith("is closed: nobody listens there")
    assert list(looks(done)) == ["name", "tcp"]
    done = cli("probe", "ws://no-such-host.invalid/ocpp", cwd=ROOT)
    assert done.code == 3
    assert looks(done).keys() == {"name"}


def test_a_connection_that_ends_instead_of_an_answer() -> None:
    """Whoever closed it, with its code and its reason."""

    def leave(connection: Connection) -> Any:
        asyncio.get_running_loop().create_task(connection.ws.close(1008, "unknown charger"))
        return NO_REPLY

    done = probed(Csms({"BootNotification": leave}), "ws", "--ocpp", "2.0.1")
    assert done.code == 1
    assert "1008" in looks(done)["boot"][1]
    assert "unknown charger" in looks(done)["boot"][1]


def test_versions_that_are_asked_for_must_be_spoken() -> None:
    """Otherwise one will do."""
    spoken = (OcppVersion.V201,)
    assert probed(Csms(versions=spoken), "ws").code == 0
    assert probed(Csms(versions=spoken), "ws", "--ocpp", "2.0.1").code == 0
    done = probed(Csms(versions=spoken), "ws", "--ocpp", "1.6", "--ocpp", "2.0.1", "--quiet")
    assert done.code == 1
    assert done.out.split() == ["failed", "ocpp1.6", "not", "spoken"]


def test_a_proxy_sees_to_the_name(certs: Path) -> None:
    """What is not there is the proxy, and not the CSMS."""
    done = cli("probe", "ws://csms.invalid/ocpp", "--proxy", f"http://u:{PASSWORD}@{HOST}:9", cwd=ROOT)
    found = looks(done)
    assert done.code == 3
    assert list(found) == ["proxy", "http"]
    assert found["http"][1].startswith(f"cannot reach the proxy http://{HOST}:9: ")
    assert PASSWORD not in done.out


def test_without_a_boot() -> None:
    """Nothing is sent that a CSMS would take for a charger's restart."""
    server = Csms()
    done = probed(server, "ws", "--no-boot", "--json")
    data = json.loads(done.out)
    assert (done.code, data["exit_code"]) == (0, 0)
    assert data["findings"][-1] == {"check": "boot", "verdict": "skipped", "text": "no BootNotification was sent"}
    assert server.calls == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it(number: signal.Signals) -> None:
    """At once, whatever it waits for."""
    with beside(Plain(silent)) as port:
        process = subprocess.Popen(
            [sys.executable, "-m", "ocpplab_runner", "probe", f"ws://{HOST}:{port}", "--timeout", "5m"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline().startswith("ok")
        assert process.stdout.readline().startswith("ok")
        process.send_signal(number)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert told.split() == ["interrupted"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("http://x",), "not a ws:// or wss:// URL"),
        (("wss://x", "--ca", "none.pem"), "none.pem: No such file"),
        (("ws://x", "--cert", "none.pem"), "need a wss:// URL"),
        (("wss://x", "--key", "none.pem"), "cert is missing"),
        (("ws://x", "--basic-auth-user", "u"), "OCPPLAB_BASIC_AUTH_PASSWORD"),
        (("ws://x", "--timeout", "0s"), "longer than nothing"),
        (("ws://x", "--identity", ""), "--identity is empty"),
        (("ws://x", "--ca", "none.pem"), "need a wss:// URL"),
        (("ws://x", "--insecure"), "need a wss:// URL"),
        (("ws://u@x",), "names a user without a password"),
        (("ws://a..b",), "not a ws:// or wss:// URL: ws://a..b"),
        (("ws://x", "--header", "X"), "--header is NAME=VALUE"),
        (("ws://x", "--header", "Authorization=kein-Wort"), "is set by `basic_auth`"),
        (("ws://x", "--proxy", "socks5://u:kein-Wort@h"), "not socks5://h"),
        (("ftp://u:kein-Wort@x", "--timeout", "1s"), "not a ws:// or wss:// URL: ftp://x"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], told: str) -> None:
    """Before anybody is dialled."""
    done = cli("probe", *arguments, cwd=ROOT)
    assert done.code == 2
    assert told in done.err
    assert "kein-Wort" not in done.err
