"""Making a new tracking database, whole or not at all.

The file is built under another name and appears under its own only when it is complete, so that no process ever
meets a half-made one. Where the file is there already but empty, it is filled in one transaction.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

from trackside.stores import base, schema

_NETWORK_FILE_SYSTEMS = (
    *("nfs", "cifs", "smb", "9p", "afs", "ceph", "lustre", "gpfs", "beegfs", "gluster", "fuse", "virtiofs", "drvfs"),
    *("vboxsf", "prl_fs", "webdav", "osxfs", "grpcfuse", "fakeowner"),
)


def artifact_root(path: Path) -> Path:
    """Where the artifacts of the experiments in a new database lie: beside it, as MLflow puts them."""
    return path.parent / "mlruns"


def location_text(path: Path) -> str:
    """A directory as MLflow records it: a plain path, or a URI on Windows."""
    return path.as_uri() if os.name == "nt" else str(path)


def make_database(path: Path) -> None:
    """Make the database at ``path``, or do nothing where another process was faster.

    Raises:
        OSError: The directory cannot be made or written.
        sqlite3.Error: The file is there, and is no empty database.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        _fill(path, path)
        return
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    try:
        _fill(draft, path)
        _publish(draft, path)
    finally:
        _remove(draft)


def _publish(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:
        _fill(path, path)
    except OSError:  # no hard links here
        with suppress(FileExistsError), path.open("xb"):
            pass
        _fill(path, path)


def _remove(draft: Path) -> None:
    for suffix in ("", "-journal", "-wal", "-shm"):
        draft.with_name(draft.name + suffix).unlink(missing_ok=True)


def _fill(file: Path, path: Path) -> None:
    """Make the tables in ``file`` unless it has some; ``path`` is where the database will lie."""
    with closing(sqlite3.connect(file, timeout=5, isolation_level=None)) as connection:
        if _has_tables(connection):
            return
        if not _is_on_network(path.parent):
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        if not _has_tables(connection):
            _make_tables(connection, path)
        connection.execute("COMMIT")


def _has_tables(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is not None


def _make_tables(connection: sqlite3.Connection, path: Path) -> None:
    for statement in (
        *schema.NEW_TABLES,
        *schema.NEW_INDEXES,
        *schema.EXTRA_INDEXES.values(),
        *schema.EXTREMES.values(),
    ):
        connection.execute(statement)
    connection.execute("INSERT INTO alembic_version (version_num) VALUES (?)", (schema.REVISION,))
    _insert_default_experiment(connection, path)
    connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")


def _insert_default_experiment(connection: sqlite3.Connection, path: Path) -> None:
    location = location_text(artifact_root(path) / base.DEFAULT_EXPERIMENT_ID)
    now = time.time_ns() // 1_000_000
    connection.execute(
        "INSERT INTO experiments VALUES (?, 'Default', ?, 'active', ?, ?)",
        (int(base.DEFAULT_EXPERIMENT_ID), location, now, now),
    )


def _is_on_network(directory: Path) -> bool:
    """Whether a directory may be shared by several machines, between which WAL mode does not work."""
    import psutil  # type: ignore[import-untyped, unused-ignore]

    text = str(directory)
    if text.startswith("\\\\"):
        return True
    mounts = [part for part in psutil.disk_partitions(all=True) if _lies_below(directory, Path(part.mountpoint))]
    if not mounts:
        return False
    nearest = max(mounts, key=lambda part: len(part.mountpoint))
    return str(nearest.fstype).lower().startswith(_NETWORK_FILE_SYSTEMS)


def _lies_below(directory: Path, mountpoint: Path) -> bool:
    return directory.resolve().is_relative_to(mountpoint)
