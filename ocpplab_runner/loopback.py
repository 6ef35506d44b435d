"""Loopback connections between two ends of one event loop, without a network in between.

A TCP segment to 127.0.0.1 is delivered by the kernel's own work, which may come a moment after ``send()`` has returned
when the machine is busy. Whoever must know that nothing is on its way cannot ask TCP. A Unix socket has no such moment:
what has been sent can be read, who has connected can be accepted, and an end that has closed is seen as closed. So a
server on a loopback address listens on a Unix socket here, and keeps the TCP port to itself; both ends are told TCP
addresses, as they would be over TCP.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import tempfile
from collections import deque
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any

#: What ``getsockname()`` gives: host and port first, as for TCP.
Address = tuple[Any, ...]
#: An address that a server may listen on to be found under every address of its family.
_WILDCARDS = ("0.0.0.0", "::")
_LOCALHOST = {"localhost": ("127.0.0.1", "::1")}
#: Where the ports begin that connecting ends are told to have; each loop counts on from here.
_FIRST_OWN_PORT = 49_152
_OWN_PORTS = 16_384
#: The address of somebody who has found the Unix socket by himself.
_STRANGER: Address = ("", 0)


class End(socket.socket):
    """One end of a connection, or a listener: a Unix socket that answers with the TCP addresses it stands for.

    Attributes:
        own: the address of this end.
        peer: the address of the other end; none for a listener.
    """

    own: Address = ()
    peer: Address = ()

    def getsockname(self) -> Any:
        """The TCP address that this end stands for."""
        return self.own

    def getpeername(self) -> Any:
        """The TCP address that the other end stands for."""
        return self.peer


class Listener(End):
    """Takes connections from ends of the same loop.

    Attributes:
        reserved: keeps the TCP port of :attr:`own` from everybody else; not listening.
        name: what the connecting end's kernel call needs.
        queued: the addresses of those who have connected and are not yet accepted, in order.
    """

    reserved: socket.socket | None = None
    name: str | bytes = b""
    queued: deque[Address]

    def accept(self) -> tuple[socket.socket, Any]:
        """The next connection, as :meth:`socket.socket.accept`.

        Raises:
            BlockingIOError: there is none.
        """
        descriptor, _ = self._accept()  # type: ignore[attr-defined]
        end = End(self.family, self.type, self.proto, fileno=descriptor)
        end.own, end.peer = self.own, self.queued.popleft() if self.queued else _STRANGER
        return end, end.peer

    def close(self) -> None:
        """Listen no more, and give the port back."""
        super().close()
        if self.reserved is not None:
            self.reserved.close()
        if isinstance(self.name, str):
            with contextlib.suppress(OSError):
                Path(self.name).unlink()
                Path(self.name).parent.rmdir()


class Loopback:
    """The listeners of one event loop, and the connections to them."""

    def __init__(self) -> None:
        self._listeners: dict[tuple[str, int], Listener] = {}
        self._connections = 0

    def listen(self, host: str, port: int) -> Listener:
        """A listener at a loopback address.

        Args:
            host: a numeric loopback address.
            port: 0 picks a free one.

        Raises:
            OSError: the port is taken.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        reserved = socket.socket(family, socket.SOCK_STREAM)
        try:
            # Without SO_REUSEADDR, which lets two sockets that do not listen have one port.
            reserved.bind((host, port))
            listener = self.stand_in(reserved.getsockname())
        except BaseException:
            reserved.close()
            raise
        listener.reserved = reserved
        return listener

    def stand_in(self, address: Address) -> Listener:
        """A listener for a port that the caller keeps."""
        listener = Listener(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.setblocking(False)
        listener.own, listener.queued = address, deque()
        if sys.platform == "linux":
            listener.bind("")  # the kernel makes up a name, which is in no file system
            listener.name = bytes(socket.socket.getsockname(listener))
        else:
            listener.name = str(Path(tempfile.mkdtemp()) / "end")
            listener.bind(listener.name)
        self._listeners[address[:2]] = listener
        return listener

    def find(self, host: str | None, port: int | None) -> Listener | None:
        """Who listens there on this loop; None where nobody does."""
        if host is None or port is None:
            return None
        hosts: Sequence[str] = _LOCALHOST.get(host, (host,) if is_loopback(host) else ())
        for one in (*hosts, *(_WILDCARDS if hosts else ())):
            listener = self._listeners.get((one, int(port)))
            if listener is not None:
                if listener.fileno() != -1:
                    return listener
                del self._listeners[one, int(port)]
        return None

    async def connect(self, listener: Listener) -> End:
        """Connect to a listener of this loop.

        Raises:
            OSError: it has stopped listening.
        """
        end = End(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            end.setblocking(False)
            end.own = (listener.own[0], _FIRST_OWN_PORT + self._connections % _OWN_PORTS, *listener.own[2:])
            end.peer = listener.own
            self._connections += 1
            while True:
                try:
                    end.connect(listener.name)
                except BlockingIOError:  # its backlog is full, and it accepts on this very loop
                    await asyncio.sleep(0)
                else:
                    listener.queued.append(end.own)
                    return end
        except BaseException:
            end.close()
            raise


@lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """Whether a host is a numeric loopback address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
