"""Files that reports are written to: whole after a kill, never somebody else's, and in place where that is needed."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

#: Links in these directories stand for what a process has open, not for a file of that name.
_NOT_FILES = ("/dev/", "/proc/")


class ReportFile:
    """One report's file, locked for as long as it is written: a second run that names it is told.

    Directories that are missing are made. A link to a file is followed and stays a link. What is no regular file (a
    pipe, ``/dev/stdout``) is written in place.

    Attributes:
        in_place: it can only be written from its beginning to its end, once.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, and leave what is in it for now.

        Raises:
            OSError: it cannot be written, or another run is writing it.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        self._named = path
        stands_for_another = str(path.absolute()).startswith(_NOT_FILES)
        self._path = path if stands_for_another else Path(os.path.realpath(path))  # a loop of links fails at opening
        self._descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            mode = os.fstat(self._descriptor).st_mode
            self.in_place = stands_for_another or not stat.S_ISREG(mode)
            if stat.S_ISREG(mode):
                self._lock(self._descriptor)
        except BaseException:
            os.close(self._descriptor)
            raise

    def _lock(self, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OSError(errno.EBUSY, "another run is writing it", str(self._named)) from None

    def empty(self) -> None:
        """Drop what an earlier run has left there."""
        if not self.in_place:
            os.ftruncate(self._descriptor, 0)

    def append(self, data: bytes) -> None:
        """Write on; the data is in the kernel's hands on return.

        Raises:
            OSError: it cannot be written.
        """
        view = memoryview(data)
        with self._named_in_errors():
            while view:
                view = view[os.write(self._descriptor, view) :]

    def replace(self, data: bytes) -> None:
        """Put the data in the place of all that was there: a reader sees the one or the other, also after a kill.

        Raises:
            OSError: it cannot be written; what was there is still there.
        """
        if self.in_place:
            self.append(data)
            return
        # A name that nobody can have prepared, a link to elsewhere say.
        with self._named_in_errors():
            descriptor, draft = tempfile.mkstemp(".part", f".{self._path.name}.", self._path.parent)
        try:
            # A draft can be read by its owner only.
            os.fchmod(descriptor, stat.S_IMODE(os.fstat(self._descriptor).st_mode))
            # The draft takes the file's place, and the lock that was on the old one tells nobody anything then.
            self._lock(descriptor)
            before, self._descriptor = self._descriptor, descriptor
            try:
                self.append(data)
                Path(draft).rename(self._path)
            except BaseException:
                self._descriptor = before
                raise
            os.close(before)
        except BaseException:
            os.close(descriptor)
            with contextlib.suppress(OSError):
                Path(draft).unlink()
            raise

    @contextlib.contextmanager
    def _named_in_errors(self) -> Iterator[None]:
        """Let an error tell which file it is about, by the name that the user has given it."""
        try:
            yield
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self._named)) from error

    def close(self) -> None:
        """Close the file; may be called twice."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor != -1:
            with contextlib.suppress(OSError):  # a pipe has no lock
                fcntl.flock(descriptor, fcntl.LOCK_UN)  # a forked worker may have the file open still
            os.close(descriptor)
