"""Files over FTP on the running event loop: RETR offers them, STOR takes them."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from typing import Any

import aioftp

from ocpplab_runner.transfers.shelf import Offered, Shelf, Trouble

#: Pieces in which a slow file comes at least.
_SLOW_PIECES = 10
_DIRECTORIES = ("files", "uploads")
_STARTED = 1_767_225_600  # what every file is dated by: nobody's clock


class FtpFiles:
    """Serves ``/IDENTITY/files/NAME`` and takes ``/IDENTITY/uploads/NAME``, from anybody or from who has the login.

    Args:
        shelf: the files.
    """

    def __init__(self, shelf: Shelf) -> None:
        # It tells of every connection, and of an error where a connection is broken on purpose.
        logging.getLogger("aioftp.server").setLevel(logging.CRITICAL)
        factory = type("PathIO", (_ShelfIO,), {"shelf": shelf})
        users = [aioftp.User(base_path=Path("/"), permissions=[aioftp.Permission("/", writable=shelf.login is None)])]
        if shelf.login is not None:
            users.append(aioftp.User(*shelf.login, base_path=Path("/"), permissions=[aioftp.Permission("/")]))
        self._server = _Server(users, path_io_factory=factory, wait_future_timeout=30)

    async def start(self, listener: socket.socket) -> None:
        """Listen there."""
        await self._server.start_at(listener)

    async def stop(self) -> None:
        """Break off what is open, and listen no more."""
        await self._server.close()


class _Server(aioftp.Server):
    """aioftp's, at a listener that somebody else has made, and with passive ports on the run's own loop."""

    async def start_at(self, listener: socket.socket) -> None:
        # All that aioftp's own start() sets: it can only make a listener itself.
        self._start_server_extra_arguments = {}
        self.connections = {}
        self.server_host, self.server_port = listener.getsockname()[:2]
        self.server = await asyncio.start_server(self.dispatcher, sock=listener)

    async def _start_passive_server(self, connection: Any, handler_callback: Any) -> Any:
        return _Passive(await super()._start_passive_server(connection, handler_callback))


class _Passive:
    """A passive port, as the TCP port that it stands for."""

    def __init__(self, server: asyncio.Server) -> None:
        self._server = server
        # The sockets of a virtual loop are of AF_UNIX, and aioftp looks for one of AF_INET to answer PASV with.
        self.sockets = [
            SimpleNamespace(
                family=socket.AF_INET6 if ":" in one.getsockname()[0] else socket.AF_INET, getsockname=one.getsockname
            )
            for one in server.sockets
        ]

    def close(self) -> None:
        self._server.close()

    async def wait_closed(self) -> None:
        await self._server.wait_closed()


class _File(BytesIO):
    """An open file: one that is fetched has a content, one that comes gets one."""

    def __init__(self, owner: str, name: str, trouble: Trouble, content: bytes | None) -> None:
        super().__init__()
        self.owner, self.name, self.trouble = owner, name, trouble
        self.content = content
        self.at = 0
        self.came = bytearray()


class _ShelfIO(aioftp.AbstractPathIO[PurePosixPath]):
    """The files of a shelf as a file system: a directory for each charger, whatever it is called."""

    shelf: Shelf

    async def exists(self, path: PurePosixPath) -> bool:
        return await self.is_dir(path) or self._offered(path) is not None

    async def is_dir(self, path: PurePosixPath) -> bool:
        parts = path.parts[1:]
        return len(parts) < 2 or (len(parts) == 2 and parts[1] in _DIRECTORIES)

    async def is_file(self, path: PurePosixPath) -> bool:
        return self._offered(path) is not None

    async def mkdir(self, path: PurePosixPath, *, parents: bool = False, exist_ok: bool = False) -> None:
        raise PermissionError

    async def rmdir(self, path: PurePosixPath) -> None:
        raise PermissionError

    async def unlink(self, path: PurePosixPath) -> None:
        raise PermissionError

    async def rename(self, source: PurePosixPath, destination: PurePosixPath) -> PurePosixPath:
        raise PermissionError

    def list(self, path: PurePosixPath) -> Any:
        return _Listing(self.shelf, path)

    async def stat(self, path: PurePosixPath) -> Any:
        offered = self._offered(path)
        size = 0 if offered is None else len(offered.content)
        mode = 0o100644 if offered is not None else 0o040755
        return SimpleNamespace(st_size=size, st_mtime=_STARTED, st_ctime=_STARTED, st_nlink=1, st_mode=mode)

    async def _open(self, path: PurePosixPath, mode: str = "rb", *args: Any, **kwargs: Any) -> _File:
        owner, kind, name = path.parts[1], path.parts[2], path.name
        if mode == "rb":
            offered = self._offered(path)
            if offered is None:
                raise FileNotFoundError
            return _File(owner, name, self.shelf.trouble_of(owner, offered), offered.content)
        trouble = self.shelf.trouble_of_upload(owner)
        return _File(owner, name, trouble if kind == "uploads" else Trouble(status=404), None)

    async def seek(self, file: BytesIO, offset: int, whence: int = 0) -> int:
        assert isinstance(file, _File)
        file.at = offset
        return offset

    async def read(self, file: BytesIO, block_size: int) -> bytes:
        assert isinstance(file, _File) and file.content is not None
        if file.trouble.status:  # not before: aioftp would leave its data connection open
            raise PermissionError
        whole, trouble = len(file.content), file.trouble
        end = whole if trouble.cut_after is None else min(whole, trouble.cut_after)
        if trouble.takes:
            block_size = max(1, min(block_size, whole // _SLOW_PIECES))
        piece = file.content[file.at : min(end, file.at + block_size)]
        if trouble.takes and piece:
            await asyncio.sleep(trouble.takes * len(piece) / whole)
        file.at += len(piece)
        return piece

    async def write(self, file: BytesIO, data: bytes) -> int:
        assert isinstance(file, _File)
        file.came += data
        if file.trouble.status:
            raise PermissionError
        if file.trouble.cut_after is not None and len(file.came) > file.trouble.cut_after:
            raise ConnectionAbortedError
        return len(data)

    async def close(self, file: BytesIO) -> None:
        assert isinstance(file, _File)
        if file.content is not None:
            how = "served" if file.at == len(file.content) else "cut"
            self.shelf.fetched(file.owner, file.name, "refused" if file.trouble.status else how)
            return
        if file.trouble.status:
            self.shelf.came(file.owner, file.name, "refused")
            return
        cut = file.trouble.cut_after
        if cut is not None and len(file.came) > cut:
            self.shelf.came(file.owner, file.name, "cut")
            return
        await asyncio.sleep(file.trouble.takes)
        self.shelf.came(file.owner, file.name, "arrived", bytes(file.came))

    def _offered(self, path: PurePosixPath) -> Offered | None:
        parts = path.parts[1:]
        return self.shelf.files.get(parts[2]) if len(parts) == 3 and parts[1] == "files" else None


class _Listing:
    """What a directory has: only the offered files are listed."""

    def __init__(self, shelf: Shelf, path: PurePosixPath) -> None:
        self._shelf, self._path = shelf, path

    def __aiter__(self) -> AsyncIterator[PurePosixPath]:
        return self._files()

    async def _files(self) -> AsyncIterator[PurePosixPath]:
        if self._path.name == "files":
            for name in self._shelf.files:
                yield self._path / name
