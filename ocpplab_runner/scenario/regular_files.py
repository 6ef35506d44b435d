"""Reading what people name: regular files only, and no more of them than is allowed."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

_KINDS = {
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def read_regular(path: Path, most: int) -> bytes:
    """The first bytes of a regular file.

    A pipe that nobody writes to, or a device that never ends, would be waited for for ever.

    Args:
        path: of the file; a link to one is as good.
        most: bytes to read at most.

    Raises:
        OSError: there is none, it is no regular file, or it cannot be read.
        ValueError: no file can have such a name.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as stream:
        kind = stat.S_IFMT(os.fstat(descriptor).st_mode)
        if kind != stat.S_IFREG:
            raise OSError(errno.EINVAL, f"it is {_KINDS.get(kind, 'no regular file')}, not a file", str(path))
        return stream.read(most)
