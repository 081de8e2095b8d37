"""Copies of what single keys have in all runs, in the memory of the connection that searches.

The values of a key lie all over the file, and where no index has them, reading them takes most of a search. Whoever
filters goes on to filter by the same key, so what was read stays with the connection until somebody changes the file.
The connection keeps all that is known of copies, so that a transaction that is rolled back takes it along.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

Place = tuple[str, str]
"""A table and a key."""
MOST_BYTES = 30_000_000
"""How large a copy may be: there is none of long texts, or of a key that half a million runs have."""
MOST = 6
"""How many copies a connection keeps."""
_ROW_BYTES = 60
_SAMPLE = 300
_PREFIX = "trackside_copy_"
_COLUMNS = {"latest_metrics": "key, value, is_nan, run_uuid"}
_USUAL_COLUMNS = "key, value, run_uuid"


def find_copy(db: sqlite3.Connection, source: str, key: str) -> str | None:
    """The table that has the rows of a table with a key, as they are now."""
    names = _names(db)
    if names and _value(db, "temp.user_version") != _value(db, "main.data_version"):
        _drop(db, names)
        return None
    name = _name(source, key)
    return f"temp.{name}" if name in names else None


def can_copy(db: sqlite3.Connection, source: str, key: str, rows: float) -> bool:
    """Whether a copy of so many rows is not too large, judged by some of them."""
    some = f"SELECT value FROM {source} WHERE key = ? ORDER BY run_uuid LIMIT {_SAMPLE}"
    (length,) = db.execute(f"SELECT coalesce(avg(length(CAST(value AS BLOB))), 0) FROM ({some})", (key,)).fetchone()
    return bool(rows * (_ROW_BYTES + length) <= MOST_BYTES)


def make_copies(db: sqlite3.Connection, places: Iterable[Place]) -> dict[Place, str]:
    """Copies of the rows of these tables with these keys: those that there are, and new ones. Six places at most."""
    wanted = dict.fromkeys(places)
    found = {place: copy for place in wanted if (copy := find_copy(db, *place))}
    names = _names(db)
    if len(names) + len(wanted) - len(found) > MOST:
        _drop(db, names)
        found.clear()
    return {place: found.get(place) or _make_copy(db, *place) for place in wanted}


def _make_copy(db: sqlite3.Connection, source: str, key: str) -> str:
    """Copy the rows of a table with a key, in the order in which they lie in the file. Returns the copy's name.

    Along the key's index they lie anywhere, and where there are many of them each part of the file would be read
    several times.
    """
    name, columns = _name(source, key), _COLUMNS.get(source, _USUAL_COLUMNS)
    rows = f"SELECT {columns} FROM {source} WHERE rowid IN (SELECT rowid FROM {source} WHERE key = ?)"
    with _writable_memory(db):
        db.execute(f"CREATE TABLE temp.{name} AS {rows}", (key,))
        db.execute(f"PRAGMA temp.user_version = {_value(db, 'main.data_version')}")
    return f"temp.{name}"


def _names(db: sqlite3.Connection) -> set[str]:
    found = db.execute(f"SELECT name FROM sqlite_temp_master WHERE name GLOB '{_PREFIX}*'")
    return {name for (name,) in found}


def _name(source: str, key: str) -> str:
    place = f"{source}\0{key}".encode("utf-8", "surrogatepass")
    return _PREFIX + hashlib.sha256(place).hexdigest()[:32]


def _drop(db: sqlite3.Connection, names: set[str]) -> None:
    with _writable_memory(db):
        for name in names:
            db.execute(f"DROP TABLE temp.{name}")


@contextmanager
def _writable_memory(db: sqlite3.Connection) -> Iterator[None]:
    """A connection that must not change its file may not change what it has in memory either, unless it is told so."""
    is_kept_out = _value(db, "query_only")
    db.execute("PRAGMA query_only = OFF")
    try:
        yield
    finally:
        db.execute(f"PRAGMA query_only = {is_kept_out}")


def _value(db: sqlite3.Connection, pragma: str) -> int:
    (value,) = db.execute(f"PRAGMA {pragma}").fetchone()
    return int(value)
