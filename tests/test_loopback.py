"""Loopback connections under the virtual clock: exact, and to both ends like TCP."""

from __future__ import annotations

import asyncio
import socket
import ssl as tls
from pathlib import Path

import pytest

from ocpplab_runner import clock
from tests.acceptance.certificates import self_signed

HOST = "127.0.0.1"


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
    writer.close()


def _port(server: asyncio.Server) -> int:
    return int(server.sockets[0].getsockname()[1])


async def _end(server: asyncio.Server) -> None:
    await clock.settled()  # the handlers notice that the client has gone
    server.close()


def test_what_was_sent_has_arrived_once_nothing_can_run() -> None:
    """No byte is ever on its way when the clock may jump: a thousand answers come at the instant of their question."""

    async def main() -> list[float]:
        server = await asyncio.start_server(_echo, HOST, 0)
        reader, writer = await asyncio.open_connection(HOST, _port(server))
        assert writer.get_extra_info("socket").family == socket.AF_UNIX
        moments = []
        for number in range(1_000):
            writer.write(b"x" * (number + 1))
            await clock.settled()
            assert await reader.readexactly(number + 1)
            moments.append(clock.now())
        writer.close()
        await _end(server)
        return moments

    assert set(clock.run(main())) == {0.0}


def test_megabytes_take_no_time() -> None:
    """A message larger than every buffer goes through while time stands still, both ways at once."""

    async def main() -> float:
        server = await asyncio.start_server(_echo, HOST, 0)
        reader, writer = await asyncio.open_connection(HOST, _port(server))
        data = bytes(range(256)) * 40_000
        writer.write(data)
        assert await reader.readexactly(len(data)) == data
        writer.close()
        await _end(server)
        return clock.now()

    assert clock.run(main()) == 0.0


def test_a_closed_end_is_seen_at_once() -> None:
    """The other end reads the end of the stream at the instant of the close."""

    async def main() -> float:
        async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(5)
            writer.close()

        server = await asyncio.start_server(hang_up, HOST, 0)
        reader, writer = await asyncio.open_connection(HOST, _port(server))
        assert await reader.read() == b""
        writer.close()
        await _end(server)
        return clock.now()

    assert clock.run(main()) == 5.0


@pytest.mark.parametrize("host", [HOST, "::1", "127.0.0.2"])
def test_both_ends_are_told_tcp_addresses(host: str) -> None:
    """Each end's peer is the other end's own address, with host and port."""

    async def main() -> None:
        told = asyncio.get_running_loop().create_future()

        async def tell(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            told.set_result((writer.get_extra_info("sockname"), writer.get_extra_info("peername")))
            writer.close()

        server = await asyncio.start_server(tell, host, 0)
        _, writer = await asyncio.open_connection(host, _port(server))
        own, peer = await told
        assert own == writer.get_extra_info("peername")
        assert peer == writer.get_extra_info("sockname")
        assert own[:2] == (host, _port(server))
        assert peer[0] == host
        assert peer != own
        writer.close()
        await _end(server)

    clock.run(main())


def test_a_name_finds_the_server_too() -> None:
    """`localhost` is the loopback, whichever of its addresses the server has."""

    async def main() -> None:
        server = await asyncio.start_server(_echo, HOST, 0)
        _, writer = await asyncio.open_connection("localhost", _port(server))
        writer.close()
        await _end(server)

    clock.run(main())


def test_the_port_is_taken_for_everybody() -> None:
    """Neither another server of the loop nor another program gets a port that is in use."""

    async def main() -> None:
        server = await asyncio.start_server(_echo, HOST, 0)
        with pytest.raises(OSError, match="in use"):
            await asyncio.start_server(_echo, HOST, _port(server))
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind((HOST, _port(server)))
        port = _port(server)
        server.close()
        await server.wait_closed()
        with socket.socket() as other:
            other.bind((HOST, port))

    clock.run(main())


def test_nobody_is_there() -> None:
    """A port without a server, or whose server has been closed, refuses; time stands still meanwhile."""

    async def main() -> float:
        server = await asyncio.start_server(_echo, HOST, 0)
        port = _port(server)
        server.close()
        await server.wait_closed()
        asyncio.get_running_loop().call_later(1.0, lambda: None)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(HOST, port)
        return clock.now()

    assert clock.run(main()) == 0.0


def test_more_connections_than_the_backlog_has_room_for() -> None:
    """Those who find the backlog full are accepted a moment later; nobody is lost."""

    async def main() -> int:
        async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"hello")
            writer.close()

        server = await asyncio.start_server(greet, HOST, 0, backlog=1)

        async def one() -> bytes:
            reader, writer = await asyncio.open_connection(HOST, _port(server))
            greeting = await reader.read()
            writer.close()
            return greeting

        greetings = await asyncio.gather(*(one() for _ in range(100)))
        await _end(server)
        return greetings.count(b"hello")

    assert clock.run(main()) == 100


def test_tls_goes_over_it(tmp_path: Path) -> None:
    """A certificate is checked against the name that was dialled."""
    both, alone = self_signed(tmp_path)
    serving = tls.SSLContext(tls.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(both)
    trusting = tls.create_default_context(cafile=str(alone))

    async def main() -> float:
        server = await asyncio.start_server(_echo, HOST, 0, ssl=serving)
        reader, writer = await asyncio.open_connection(HOST, _port(server), ssl=trusting)
        writer.write(b"secret")
        assert await reader.readexactly(6) == b"secret"
        writer.close()
        await _end(server)
        return clock.now()

    assert clock.run(main()) == 0.0


def test_a_socket_that_somebody_else_has_bound() -> None:
    """A server that is given a TCP socket is found by the socket's address."""

    async def main() -> bytes:
        with socket.socket() as bound:
            bound.bind((HOST, 0))
            server = await asyncio.start_server(_echo, sock=bound)
            reader, writer = await asyncio.open_connection(*bound.getsockname())
            writer.write(b"ping")
            answer = await reader.readexactly(4)
            writer.close()
            await _end(server)
            return answer

    assert clock.run(main()) == b"ping"
