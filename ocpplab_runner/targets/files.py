"""The files of a case: servers that have what chargers fetch and take what they send, and the URLs of both."""

from __future__ import annotations

import asyncio
import hashlib
import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from ocpplab_runner import clock
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.plugin.stage import BlockedError, InfrastructureError, Recorder, StageRequest
from ocpplab_runner.transfers.firmware_image import firmware_image
from ocpplab_runner.transfers.shelf import Offered, Shelf, Trouble

if TYPE_CHECKING:
    from ocpplab_runner.transfers.ftp_server import FtpFiles
    from ocpplab_runner.transfers.http_server import HttpFiles

Fields = Mapping[str, Any]
Protocol = Literal["http", "ftp"]
#: Operations of the CSMS that name a file to fetch, and those that name where to put one.
FETCHING = frozenset({"update_firmware", "update_signed_firmware"})
SENDING = frozenset({"get_diagnostics", "get_log"})
#: Where chargers on the run's own loop find the files: at the same port in every run.
_HOST = "127.0.0.1"
_PORTS: Mapping[Protocol, int] = {"http": 8080, "ftp": 2121}


def unserved(operation: str | None, fields: Fields) -> str | None:
    """Why an operation cannot be asked for where no files are served; None when it can.

    Args:
        operation: of the CSMS.
        fields: of its verb.
    """
    if operation not in FETCHING | SENDING or "location" in fields:
        return None
    return f"{operation}: no files can be served here; give a `location`"


def shelf_of(files: Mapping[str, Any], uploads: Fields, hear: Any, lists: Mapping[str, bytes] | None = None) -> Shelf:
    """What a scenario gives under ``given.files`` and ``given.uploads``, and lists of revoked certificates."""
    offered = {
        name: Offered(name, _content(name, one or {}), Trouble.from_given(one or {})) for name, one in files.items()
    }
    return Shelf(offered, Trouble.from_given(uploads), hear, lists, _login(uploads))


def _login(uploads: Fields) -> tuple[str, str] | None:
    if "user" not in uploads and "password" not in uploads:
        return None
    return str(uploads.get("user", "")), str(uploads.get("password", ""))


def _content(name: str, given: Fields) -> bytes:
    if "content" in given:
        return str(given["content"]).encode()
    return firmware_image(str(given.get("version", name.rpartition(".")[0] or name)), int(given.get("size", 0)))


class CaseFiles:
    """The file servers of one case; they listen once they are needed.

    Args:
        request: the case.
        names: OCPP identity → the scenario's name of the charger.
        record: where observations go.
        at: where they listen: by HTTP there, by FTP at a free port of that host. On this machine unless given.
        lists: what the CSMS's CAs have revoked, by the names of the lists; None where the CSMS is not ours.
    """

    def __init__(
        self,
        request: StageRequest,
        names: Mapping[str, str],
        record: Recorder,
        at: tuple[str, int] | None = None,
        lists: Mapping[str, bytes] | None = None,
    ) -> None:
        self._revokes = lists is not None
        self._at = at or (_HOST, 0)
        self._names = names
        self._record = record
        self._files = request.files
        self._shelf = shelf_of(request.files, request.uploads, self._hear, lists)
        self._servers: dict[Protocol, tuple[HttpFiles | FtpFiles, str]] = {}

    async def located(self, identity: str, operation: str, fields: Fields) -> Fields:
        """The fields of an operation with the URL that they leave out.

        Args:
            identity: of the charger.
            operation: that the CSMS is asked for.
            fields: of its verb.

        Raises:
            BlockedError: they name a file that there is not.
        """
        if operation in FETCHING and "location" not in fields:
            name = self._chosen(operation, fields)
            offered = self._shelf.files.get(name)
            if offered is None:
                raise BlockedError(f"{operation}: given.files has no {name!r}")
            if fields.get("signature") == "revoked" and not self._revokes:
                raise BlockedError(f"{operation}: only the built-in CSMS has a list of what its CAs have revoked")
            signed = (
                {"sha256": hashlib.sha256(offered.content).hexdigest()} if operation == "update_signed_firmware" else {}
            )
            return {**fields, **signed, "location": await self._url(fields, identity, f"files/{quote(name)}")}
        if operation in SENDING and "location" not in fields:
            return {**fields, "location": await self._url(fields, identity, "uploads", self._shelf.login)}
        return fields

    async def stop(self) -> None:
        """Listen no more."""
        for server, _ in self._servers.values():
            await server.stop()

    def _chosen(self, operation: str, fields: Fields) -> str:
        name = fields.get("file")
        if name is not None:
            return str(name)
        if len(self._files) == 1:
            return next(iter(self._files))
        given = ", ".join(self._files) or "none"
        raise BlockedError(f"{operation}: say which file is meant (given.files has {given}), or give a `location`")

    async def _url(self, fields: Fields, identity: str, path: str, login: tuple[str, str] | None = None) -> str:
        protocol: Protocol = fields.get("over", "http")
        if protocol not in self._servers:
            self._servers[protocol] = await self._serve(protocol)
        scheme, _, host = self._servers[protocol][1].partition("://")
        who = "" if login is None else ":".join(quote(part, safe="") for part in login) + "@"
        return f"{scheme}://{who}{host}/{quote(identity, safe='')}/{path}"

    async def _serve(self, protocol: Protocol) -> tuple[HttpFiles | FtpFiles, str]:
        loop = asyncio.get_running_loop()
        if isinstance(loop, clock.VirtualEventLoop):
            host, listener = _HOST, loop.imagined(_HOST, _PORTS[protocol])
        else:
            host, port = self._at
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            try:
                listener = socket.create_server((host, port if protocol == "http" else 0), family=family)
            except OSError as error:
                raise InfrastructureError(f"cannot serve files at {host}:{port}: {error.strerror}") from error
        if protocol == "ftp":
            from ocpplab_runner.transfers.ftp_server import FtpFiles as Files
        else:
            from ocpplab_runner.transfers.http_server import HttpFiles as Files  # type: ignore[assignment]
        server = Files(self._shelf)
        await server.start(listener)
        shown = f"[{host}]" if ":" in host else host
        return server, f"{protocol}://{shown}:{listener.getsockname()[1]}"

    def _hear(self, owner: str, name: str, fields: Fields) -> None:
        charger = self._names.get(owner)
        if charger is not None:
            self._record(Observation("fact", name, charger, clock.now(), dict(fields)))
