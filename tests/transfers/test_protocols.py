"""Files by HTTP and by FTP: the same client, the same shelf, the same troubles."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from ocpplab_runner import clock
from ocpplab_runner.transfers.client import fetch, send
from ocpplab_runner.transfers.errors import TransferError
from ocpplab_runner.transfers.ftp_server import FtpFiles
from ocpplab_runner.transfers.http_server import HttpFiles
from ocpplab_runner.transfers.shelf import Offered, Shelf, Trouble

PROTOCOLS = ["http", "ftp"]
CALM = Trouble()
CONTENT = bytes(range(256)) * 1000
Told = list[tuple[float, str, str, dict[str, Any]]]


def play(
    protocol: str,
    scene: Callable[[str, Told], Awaitable[None]],
    *,
    content: bytes = CONTENT,
    trouble: Trouble = CALM,
    uploads: Trouble = CALM,
    login: tuple[str, str] | None = None,
) -> Told:
    """Run a scene beside a server, of which it gets the base URL; returns what the server has told."""
    told: Told = []

    async def main() -> None:
        def hear(owner: str, name: str, fields: Any) -> None:
            told.append((clock.now(), owner, name, dict(fields)))

        shelf = Shelf({"a b.bin": Offered("a b.bin", content, trouble)}, uploads, hear, login=login)
        server = HttpFiles(shelf) if protocol == "http" else FtpFiles(shelf)
        loop = asyncio.get_running_loop()
        assert isinstance(loop, clock.VirtualEventLoop)
        await server.start(loop.imagined("127.0.0.1", 8080))
        try:
            await scene(f"{protocol}://127.0.0.1:8080/CP%201", told)
        finally:
            await server.stop()
            await clock.settled()

    clock.run(main(), virtual=True)
    return told


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("content", [CONTENT, b"", b"x"], ids=["long", "empty", "one-byte"])
def test_there_and_back(protocol: str, content: bytes) -> None:
    """What is offered comes whole, and so does what is sent."""

    async def scene(base: str, told: Told) -> None:
        assert await fetch(f"{base}/files/a%20b.bin") == content
        await send(f"{base}/uploads/", "log 1.txt", content)

    told = play(protocol, scene, content=content)
    assert [fields for *_, fields in told] == [
        {"is": "served", "file": "a b.bin"},
        {"is": "arrived", "file": "log 1.txt", "size": len(content), "content": content.decode("utf-8", "replace")},
    ]
    assert {owner for _, owner, *_ in told} == {"CP 1"}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_slow_files_take_their_time(protocol: str) -> None:
    """From the first byte to the last, on the run's clock."""

    async def scene(base: str, told: Told) -> None:
        await fetch(f"{base}/files/a%20b.bin")
        assert clock.now() == pytest.approx(20, abs=0.001)
        await send(f"{base}/uploads", "log.txt", b"x")
        assert clock.now() == pytest.approx(50, abs=0.001)

    play(protocol, scene, trouble=Trouble(takes=20), uploads=Trouble(takes=30))


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    ("trouble", "how"),
    [(Trouble(status=404), "refused"), (Trouble(cut_after=100_000), "cut"), (Trouble(cut_after=0), "cut")],
)
def test_what_goes_wrong_so_often_and_then_goes_right(protocol: str, trouble: Trouble, how: str) -> None:
    """Twice, and not a third time; what comes in part is no file."""
    twice = Trouble(trouble.status, trouble.cut_after, trouble.takes, times=2)

    async def scene(base: str, told: Told) -> None:
        for _ in range(2):
            with pytest.raises(TransferError):
                await fetch(f"{base}/files/a%20b.bin")
            with pytest.raises(TransferError):
                await send(f"{base}/uploads", "log.txt", CONTENT)
        assert await fetch(f"{base}/files/a%20b.bin") == CONTENT
        await send(f"{base}/uploads", "log.txt", CONTENT)

    told = play(protocol, scene, trouble=twice, uploads=twice)
    assert [fields["is"] for *_, name, fields in told if name == "download"] == [how, how, "served"]
    assert [fields["is"] for *_, name, fields in told if name == "upload"] == [how, how, "arrived"]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_is_not_there(protocol: str) -> None:
    """No such file, nowhere to put one, and nobody who listens."""

    async def scene(base: str, told: Told) -> None:
        for url in (f"{base}/files/b.bin", f"{base}/uploads", f"{base}/other/a%20b.bin", f"{protocol}://127.0.0.1:1/f"):
            with pytest.raises(TransferError):
                await fetch(url)
        for url in (f"{base}/other", f"{protocol}://127.0.0.1:1/f"):
            with pytest.raises(TransferError):
                await send(url, "log.txt", b"x")

    play(protocol, scene)


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (400, "bad"),
        (401, "denied"),
        (403, "denied"),
        (404, "failed"),
        (405, "unsupported"),
        (500, "failed"),
        (501, "unsupported"),
    ],
)
def test_why_nothing_was_taken(status: int, why: str) -> None:
    """HTTP says it by its status."""

    async def scene(base: str, told: Told) -> None:
        with pytest.raises(TransferError) as caught:
            await send(f"{base}/uploads", "log.txt", b"x")
        assert caught.value.why == why
        assert str(status) in str(caught.value)

    play("http", scene, uploads=Trouble(status=status))


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("gopher://h/f", "unsupported"),
        ("sftp://h/f", "unsupported"),
        ("f", "unsupported"),
        ("http:///f", "bad"),
        ("ftp:///f", "bad"),
        ("http://h:99999/f", "bad"),
        ("http://[::1/f", "bad"),
    ],
)
def test_what_is_no_url_of_a_file(url: str, why: str) -> None:
    """It is told before anything is opened."""

    async def main() -> None:
        for act in (fetch(url), send(url, "log.txt", b"x")):
            with pytest.raises(TransferError) as caught:
                await act
            assert caught.value.why == why

    clock.run(main(), virtual=True)


def test_several_requests_on_one_connection_and_what_is_no_request() -> None:
    """The server is an HTTP server: HEAD, POST, 404, 405, garbage."""

    async def scene(base: str, told: Told) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", 8080)
        answers = []
        for head in (
            b"HEAD /CP-1/files/a%20b.bin HTTP/1.1",
            b"PUT /CP-1/files/a%20b.bin HTTP/1.1\r\nContent-Length: 0",
            b"GET /nothing HTTP/1.1",
            b"POST /CP-1/uploads/deep/er/log.txt HTTP/1.1\r\nContent-Length: 0",
        ):
            writer.write(head + b"\r\nHost: h\r\n\r\n")
            answers.append((await reader.readuntil(b"\r\n\r\n")).split(b" ")[1])
        assert answers == [b"200", b"405", b"404", b"201"]
        writer.write(b"nonsense\r\n\r\n")
        assert await reader.read() == b""
        writer.close()

    told = play("http", scene)
    assert [fields["file"] for *_, fields in told] == ["log.txt"]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_login_is_asked_for(protocol: str) -> None:
    """Of who sends; what is offered is for everybody."""

    async def scene(base: str, told: Told) -> None:
        assert await fetch(f"{base}/files/a%20b.bin") == CONTENT
        scheme, _, rest = base.partition("://")
        for who in ("", "me:wrong@", "other:secret%2F@"):
            with pytest.raises(TransferError):
                await send(f"{scheme}://{who}{rest}/uploads", "log.txt", b"x")
        await send(f"{scheme}://me:secret%2F@{rest}/uploads", "log.txt", b"x")

    told = play(protocol, scene, login=("me", "secret/"))
    assert [fields["is"] for *_, fields in told if fields["is"] == "arrived"] == ["arrived"]
    assert told[-1][-1]["is"] == "arrived"


def test_a_file_is_fetched_where_it_has_moved_to_and_sent_nowhere_else() -> None:
    """Who is sent elsewhere with a log fails (2.1 N01)."""

    async def scene(base: str, told: Told) -> None:
        assert await fetch(f"{base}/files/a%20b.bin") == CONTENT
        with pytest.raises(TransferError) as failed:
            await send(f"{base}/uploads", "log.txt", b"x")
        assert failed.value.why == "failed"

    moved = Trouble(status=307, times=1)
    told = play("http", scene, trouble=moved, uploads=moved)
    assert [(name, fields["is"]) for _, _, name, fields in told] == [
        ("download", "refused"),
        ("download", "served"),
        ("upload", "refused"),
    ]
