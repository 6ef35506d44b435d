"""What the servers of a case offer and take, and what goes wrong there; whatever they speak."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ocpplab_runner.vocabulary.durations import seconds_of

#: Told of an owner (the identity of a charger): a fact of that name with these fields.
Hear = Callable[[str, str, Mapping[str, Any]], None]
#: Characters of an upload that its fact shows.
SHOWN = 1_000_000


@dataclass(frozen=True, slots=True)
class Trouble:
    """What goes wrong with a file.

    Attributes:
        status: of the HTTP answer, instead of the file; FTP answers 550, for 401 and 403 530. 0 for none.
        cut_after: the connection breaks after so many bytes; None for never.
        takes: seconds from the first byte to the last.
        times: how often it goes wrong before it goes right; None for always.
    """

    status: int = 0
    cut_after: int | None = None
    takes: float = 0.0
    times: int | None = None

    @classmethod
    def from_given(cls, given: Mapping[str, Any]) -> Trouble:
        """From the fields of a file, or of ``uploads``, in a scenario."""
        return cls(
            int(given.get("status", 0)),
            given.get("cut_after"),
            seconds_of(given.get("takes", 0.0)),
            given.get("times"),
        )

    @property
    def calm(self) -> Trouble:
        """The same when all that goes wrong is over: as slow as before."""
        return Trouble(takes=self.takes)


@dataclass(frozen=True, slots=True)
class Offered:
    """A file that can be fetched."""

    name: str
    content: bytes
    trouble: Trouble = field(default_factory=Trouble)


class Shelf:
    """The files of a case.

    Args:
        files: that are offered, by name.
        uploads: what goes wrong with those that come.
        hear: is told what has been fetched and what has come.
        lists: of revoked certificates, which are offered besides, by name; they may grow.
        login: user and password that must be given with what comes; None for anybody.
    """

    def __init__(
        self,
        files: Mapping[str, Offered],
        uploads: Trouble,
        hear: Hear,
        lists: Mapping[str, bytes] | None = None,
        login: tuple[str, str] | None = None,
    ) -> None:
        self.files = files
        self._lists = {} if lists is None else lists
        self.login = login
        self._uploads = uploads
        self._hear = hear
        self._asked: dict[tuple[str, str], int] = {}

    def offered(self, name: str) -> Offered | None:
        """The file of that name, or the list; None where there is none."""
        listed = self._lists.get(name)
        return self.files.get(name) if listed is None else Offered(name, listed)

    def trouble_of(self, owner: str, offered: Offered) -> Trouble:
        """What goes wrong this time with a file that a charger fetches."""
        return self._next(offered.trouble, owner, offered.name)

    def trouble_of_upload(self, owner: str) -> Trouble:
        """What goes wrong this time with a file that a charger sends."""
        return self._next(self._uploads, owner, "")

    def fetched(self, owner: str, name: str, how: str) -> None:
        """A charger has asked for a file: it was ``served``, ``refused``, or the connection was ``cut``."""
        self._hear(owner, "download", {"is": how, "file": name})

    def came(self, owner: str, name: str, how: str, content: bytes = b"") -> None:
        """A charger has sent a file: it has ``arrived``, was ``refused``, or the connection was ``cut``."""
        fields: dict[str, Any] = {"is": how, "file": name}
        if how == "arrived":
            fields |= {"size": len(content), "content": content[:SHOWN].decode("utf-8", "replace")}
        self._hear(owner, "upload", fields)

    def _next(self, trouble: Trouble, owner: str, name: str) -> Trouble:
        asked = self._asked[owner, name] = self._asked.get((owner, name), 0) + 1
        return trouble if trouble.times is None or asked <= trouble.times else trouble.calm
