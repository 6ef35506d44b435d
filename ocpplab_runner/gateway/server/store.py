"""Where the Gateway keeps what must outlive it: one SQLite file, written in the same turn in which things happen.

A write is committed when :meth:`Store.commit` returns. With SQLite's write-ahead log that survives the death of the
process, ``kill -9`` included; ``synchronous=NORMAL`` leaves only a loss of the machine's power open.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import orjson

from ocpplab_runner.gateway.server.log import LogRow
from ocpplab_runner.gateway.server.sealing import Seal, SealError

#: Before 2, nothing was sealed.
_FORMAT = 2
_UNSEALED = 1
#: Bytes of new rows of a charger after which its old ones are deleted.
_PRUNE_EVERY = 64 * 1024
_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    kind TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, id)
);
CREATE TABLE IF NOT EXISTS log (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, charger TEXT NOT NULL, at TEXT NOT NULL, direction TEXT NOT NULL,
    action TEXT NOT NULL, message BLOB NOT NULL, call INTEGER NOT NULL
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

    def add_row(self, charger: str, row: LogRow, kept: int) -> None:
        """Keep a row of a charger's log, and of those before it so many that there are ``kept``."""
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

    def add_row(self, charger: str, row: LogRow, kept: int) -> None:
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
        path: made when it is not there, for its owner only; it belongs to this process until :meth:`close`.

    Raises:
        StoreError: it is no such file, it cannot be written, or another Gateway has it.
    """

    def __init__(self, path: Path) -> None:
        if not path.parent.is_dir():
            raise StoreError(f"{path}: No such file or directory: make the directory {path.parent} first")
        self._path = path
        self._objects: dict[tuple[str, str], bytes | None] = {}
        self._written: dict[tuple[str, str], bytes] = {}
        self._rows: list[tuple[str, LogRow]] = []
        self._cleared: set[str] = set()
        self._kept: dict[str, int] = {}
        self._added: dict[str, int] = {}
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            # One that was there before may have been open to others.
            path.chmod(0o600)
            self._db = sqlite3.connect(path, isolation_level=None, timeout=0.5)
            # For as long as this Gateway lives: a second one is told so.
            self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            found = self._db.execute("PRAGMA user_version").fetchone()[0]
            if found not in (0, _UNSEALED, _FORMAT):
                raise StoreError(f"{path} was written by another version of this program (format {found})")
            self._db.executescript(_SCHEMA)
            self._seal = Seal.beside(path, may_be_made=found != _FORMAT)
            if found == _UNSEALED:
                self._seal_everything()
            self._db.execute(f"PRAGMA user_version = {_FORMAT}")
        except sqlite3.OperationalError as error:
            hint = ": does another Gateway use it?" if "locked" in str(error) else ""
            raise StoreError(f"{path}: {error}{hint}") from error
        except (sqlite3.DatabaseError, SealError) as error:
            raise StoreError(f"{path}: {error}") from error
        except OSError as error:
            raise StoreError(f"{error.filename or path}: {error.strerror or error}") from error

    def _seal_everything(self) -> None:
        """Seal what an older version has written."""
        self._db.execute("BEGIN IMMEDIATE")
        for table, column in (("objects", "body"), ("log", "message")):
            rows = self._db.execute(f"SELECT rowid, {column} FROM {table}").fetchall()
            sealed = ((self._seal.close(_bytes(value)), rowid) for rowid, value in rows)
            self._db.executemany(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", sealed)
        self._db.execute("COMMIT")
        # The pages that held the old content would still be in the file.
        self._db.execute("VACUUM")

    def put(self, kind: str, identifier: str, data: Any) -> None:
        """Keep an object; written by the next :meth:`commit`."""
        body = _dumps(data)
        key = (kind, identifier)
        if self._objects.get(key, self._written.get(key)) != body:
            self._objects[key] = body

    def delete(self, kind: str, identifier: str) -> None:
        """Forget an object."""
        self._objects[(kind, identifier)] = None

    def add_row(self, charger: str, row: LogRow, kept: int) -> None:
        """Keep a row of a charger's log, and of those before it so many that there are ``kept``."""
        self._rows.append((charger, row))
        self._kept[charger] = kept

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
                # An open transaction would let no later one begin, and nothing would ever be written again.
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
        # First: the rows that wait have come since their log was cleared.
        self._db.executemany("DELETE FROM log WHERE charger = ?", [(charger,) for charger in self._cleared])
        for (kind, identifier), body in self._objects.items():
            if body is None:
                self._db.execute("DELETE FROM objects WHERE kind = ? AND id = ?", (kind, identifier))
            else:
                self._db.execute(
                    "INSERT INTO objects VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
                    (kind, identifier, self._seal.close(body)),
                )
        self._db.executemany(
            "INSERT INTO log (charger, at, direction, action, message, call) VALUES (?, ?, ?, ?, ?, ?)",
            [(charger, *self._row(row)) for charger, row in self._rows],
        )
        for charger, row in self._rows:
            self._added[charger] = self._added.get(charger, 0) + row.size
        for charger in {charger for charger, _ in self._rows}:
            self._prune(charger)

    def objects(self, kind: str) -> Iterator[tuple[str, Any]]:
        """Every object of a kind, in the order in which they were first put; raises StoreError."""
        query = "SELECT id, body FROM objects WHERE kind = ? ORDER BY rowid"
        for identifier, sealed in self._db.execute(query, (kind,)).fetchall():
            body = self._open(sealed)
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
            text = self._open(message).decode("utf-8", "surrogatepass")
            rows.append(LogRow(moment, direction, action, text, bool(call), moment))
        return rows

    def _row(self, row: LogRow) -> tuple[Any, ...]:
        return row.at.isoformat(), row.direction, row.action, self._seal.close(_bytes(row.message)), row.call

    def _open(self, sealed: bytes) -> bytes:
        try:
            return self._seal.open(sealed)
        except SealError as error:
            raise StoreError(f"{self._path}: {error}") from error

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
        if self._added[charger] < _PRUNE_EVERY:
            return
        self._added[charger] = 0
        self._db.execute(
            "DELETE FROM log WHERE charger = ? AND seq <= "
            "(SELECT seq FROM log WHERE charger = ? ORDER BY seq DESC LIMIT 1 OFFSET ?)",
            (charger, charger, self._kept[charger]),
        )


def _bytes(value: str | bytes) -> bytes:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value


def _dumps(data: Any) -> bytes:
    try:
        return orjson.dumps(data)
    except TypeError:
        # Integers beyond 64 bits, surrogates: what strange frames may have left behind.
        return json.dumps(data).encode()
