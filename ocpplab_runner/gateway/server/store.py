"""Where the Gateway keeps what must outlive it: one SQLite file, written in the same turn in which things happen.

A write is committed when :meth:`Store.commit` returns. With SQLite's write-ahead log that survives the death of the
process, ``kill -9`` included; ``synchronous=NORMAL`` leaves only a loss of the machine's power open.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import orjson

from ocpplab_runner.gateway.server.log import LogRow

_FORMAT = 1
_PRUNE_EVERY = 512
_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    kind TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, id)
);
CREATE TABLE IF NOT EXISTS log (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, charger TEXT NOT NULL, at TEXT NOT NULL, direction TEXT NOT NULL,
    action TEXT NOT NULL, message TEXT NOT NULL, call INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS log_of_charger ON log (charger, seq);
"""


class StoreError(Exception):
    """The file cannot be used; the text says why."""


class Storage(Protocol):
    """Keeps JSON objects by kind and id, and rows of message logs."""

    def put(self, kind: str, identifier: str, data: Any) -> None:
        """Keep an object; written by the next :meth:`commit`."""
        ...

    def delete(self, kind: str, identifier: str) -> None:
        """Forget an object."""
        ...

    def add_row(self, charger: str, row: LogRow) -> None:
        """Keep a row of a charger's log."""
        ...

    def clear_log(self, charger: str) -> None:
        """Forget a charger's log."""
        ...

    def commit(self) -> None:
        """Write everything that has been put, deleted and added."""
        ...

    def objects(self, kind: str) -> Iterator[tuple[str, Any]]:
        """Every object of a kind, in the order in which they were first put."""
        ...

    def rows(self, charger: str, limit: int) -> list[LogRow]:
        """The latest rows of a charger's log, the oldest first."""
        ...

    def close(self) -> None:
        """Write what is left and close the file."""
        ...


class Nothing:
    """No file: nothing outlives the process."""

    def put(self, kind: str, identifier: str, data: Any) -> None:
        """Nothing is kept."""

    def delete(self, kind: str, identifier: str) -> None:
        """Nothing was kept."""

    def add_row(self, charger: str, row: LogRow) -> None:
        """Nothing is kept."""

    def clear_log(self, charger: str) -> None:
        """Nothing was kept."""

    def commit(self) -> None:
        """There is nothing to write."""

    def objects(self, kind: str) -> Iterator[tuple[str, Any]]:
        """There are none."""
        return iter(())

    def rows(self, charger: str, limit: int) -> list[LogRow]:
        """There are none."""
        return []

    def close(self) -> None:
        """There is nothing to close."""


class Store:
    """An SQLite file.

    Args:
        path: made when it is not there; it belongs to this process until :meth:`close`.
        log_entries: rows kept per charger.

    Raises:
        StoreError: it is no such file, it cannot be written, or another Gateway has it.
    """

    def __init__(self, path: Path, *, log_entries: int) -> None:
        self._path = path
        self._log_entries = log_entries
        self._objects: dict[tuple[str, str], bytes | None] = {}
        self._written: dict[tuple[str, str], bytes] = {}
        self._rows: list[tuple[str, LogRow]] = []
        self._cleared: set[str] = set()
        self._added: dict[str, int] = {}
        try:
            self._db = sqlite3.connect(path, isolation_level=None, timeout=0.5)
            self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            found = self._db.execute("PRAGMA user_version").fetchone()[0]
            if found not in (0, _FORMAT):
                raise StoreError(f"{path} was written by another version of this program (format {found})")
            self._db.executescript(_SCHEMA)
            self._db.execute(f"PRAGMA user_version = {_FORMAT}")
        except sqlite3.OperationalError as error:
            hint = ": does another Gateway use it?" if "locked" in str(error) else ""
            raise StoreError(f"{path}: {error}{hint}") from error
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{path}: {error}") from error

    def put(self, kind: str, identifier: str, data: Any) -> None:
        """Keep an object; written by the next :meth:`commit`."""
        body = _dumps(data)
        key = (kind, identifier)
        if self._objects.get(key, self._written.get(key)) != body:
            self._objects[key] = body

    def delete(self, kind: str, identifier: str) -> None:
        """Forget an object."""
        self._objects[(kind, identifier)] = None

    def add_row(self, charger: str, row: LogRow) -> None:
        """Keep a row of a charger's log."""
        self._rows.append((charger, row))

    def clear_log(self, charger: str) -> None:
        """Forget a charger's log."""
        self._rows = [(owner, row) for owner, row in self._rows if owner != charger]
        self._cleared.add(charger)

    def commit(self) -> None:
        """Write everything that has been put, deleted and added.

        Raises:
            StoreError: it cannot be written now; it is kept for the next attempt.
        """
        if not self._objects and not self._rows and not self._cleared:
            return
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._write()
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise StoreError(f"{self._path}: {error}") from error
        for key, body in self._objects.items():
            if body is None:
                self._written.pop(key, None)
            else:
                self._written[key] = body
        self._objects.clear()
        self._rows.clear()
        self._cleared.clear()

    def _write(self) -> None:
        self._db.executemany("DELETE FROM log WHERE charger = ?", [(charger,) for charger in self._cleared])
        for (kind, identifier), body in self._objects.items():
            if body is None:
                self._db.execute("DELETE FROM objects WHERE kind = ? AND id = ?", (kind, identifier))
            else:
                self._db.execute(
                    "INSERT INTO objects VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
                    (kind, identifier, body),
                )
        self._db.executemany(
            "INSERT INTO log (charger, at, direction, action, message, call) VALUES (?, ?, ?, ?, ?, ?)",
            [
                (charger, row.at.isoformat(), row.direction, row.action, row.message, row.call)
                for charger, row in self._rows
            ],
        )
        for charger, _ in self._rows:
            self._prune(charger)

    def objects(self, kind: str) -> Iterator[tuple[str, Any]]:
        """Every object of a kind, in the order in which they were first put."""
        query = "SELECT id, body FROM objects WHERE kind = ? ORDER BY rowid"
        for identifier, body in self._db.execute(query, (kind,)).fetchall():
            self._written[(kind, identifier)] = body
            yield identifier, json.loads(body)

    def rows(self, charger: str, limit: int) -> list[LogRow]:
        """The latest rows of a charger's log, the oldest first."""
        found = self._db.execute(
            "SELECT at, direction, action, message, call FROM log WHERE charger = ? ORDER BY seq DESC LIMIT ?",
            (charger, limit),
        ).fetchall()
        rows = []
        for at, direction, action, message, call in reversed(found):
            moment = datetime.fromisoformat(at)
            rows.append(LogRow(moment, direction, action, message, bool(call), moment))
        return rows

    def close(self) -> None:
        """Write what is left and close the file.

        Raises:
            StoreError: it cannot be written; the file is closed all the same.
        """
        try:
            self.commit()
        finally:
            self._db.close()

    def _prune(self, charger: str) -> None:
        count = self._added.get(charger, 0) + 1
        if count >= _PRUNE_EVERY:
            count = 0
            self._db.execute(
                "DELETE FROM log WHERE charger = ? AND seq <= "
                "(SELECT seq FROM log WHERE charger = ? ORDER BY seq DESC LIMIT 1 OFFSET ?)",
                (charger, charger, self._log_entries),
            )
        self._added[charger] = count


def _dumps(data: Any) -> bytes:
    try:
        return orjson.dumps(data)
    except TypeError:
        # Integers beyond 64 bits, surrogates: what strange frames may have left behind.
        return json.dumps(data).encode()
