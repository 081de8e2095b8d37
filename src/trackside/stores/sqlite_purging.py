"""Removing a deleted run from a tracking database for good, with the artifacts that lie in the store's own folder."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from trackside.entities import LifecycleStage, RunInfo
from trackside.errors import LifecycleError, StoreReadOnlyError
from trackside.stores import sqlite_writes
from trackside.stores.artifacts import named_folder

if TYPE_CHECKING:
    from trackside.stores.layout import Layout

_KNOWN = ("metrics", "latest_metrics", "params", "tags")
_TO_RUNS = """
SELECT t.name, f."from", f.on_delete FROM sqlite_master AS t JOIN pragma_foreign_key_list(t.name) AS f
WHERE t.type = 'table' AND f."table" = 'runs'
"""
_RUN_TYPES = "('RUN', 'RUN_INPUT', 'RUN_OUTPUT')"
_INPUTS = (
    f"(source_type IN {_RUN_TYPES} AND source_id = :id) OR (destination_type IN {_RUN_TYPES} AND destination_id = :id)"
)


def require_deleted(info: RunInfo) -> None:
    """Refuse to purge a run that is in use."""
    if info.lifecycle_stage is not LifecycleStage.DELETED:
        raise LifecycleError(f"run {info.run_id} is not deleted, so it is not purged", hint="Delete it first.")


def delete_rows(db: sqlite3.Connection, layout: Layout, run_id: str) -> None:
    """Delete a run and every row that belongs to it, also in tables of later versions that refer to runs."""
    if sqlite_writes.require_run(db, run_id) is not LifecycleStage.DELETED:
        raise LifecycleError(f"run {run_id} was restored in the meantime, so it is not purged")
    referring = {(table, "run_uuid"): "" for table in _KNOWN if layout.has(table)}
    referring |= {(table, column): rule for table, column, rule in db.execute(_TO_RUNS).fetchall()}
    for (table, column), rule in referring.items():
        change = f'UPDATE "{table}" SET "{column}" = NULL' if rule == "SET NULL" else f'DELETE FROM "{table}"'  # noqa: S608
        db.execute(f'{change} WHERE "{column}" = ?', (run_id,))
    _delete_inputs(db, layout, run_id)
    db.execute("DELETE FROM runs WHERE run_uuid = ?", (run_id,))


def remove_artifacts(info: RunInfo, root: Path, *, dry_run: bool) -> tuple[int, str]:
    """Remove a run's folder where it lies below ``root``.

    Returns:
        The size of its files in bytes, and where they are left if they are not to be touched.

    Raises:
        StoreReadOnlyError: The folder cannot be removed; part of it may be gone, and another attempt does the rest.
    """
    folder = _own_folder(info, root)
    if folder is None:
        recorded = named_folder(info.artifact_uri)
        return 0, "" if recorded is not None and not os.path.lexists(recorded) else info.artifact_uri
    size = size_of(folder)
    if not dry_run and folder.exists():
        remove_folder(folder)
    return size, ""


def remove_folder(folder: Path) -> None:
    """Remove a folder of artifacts. Raises StoreReadOnlyError where that cannot be done whole."""
    try:
        shutil.rmtree(folder)
    except OSError as cause:
        reason = cause.strerror or str(cause)
        raise StoreReadOnlyError(f"the artifacts in {folder} cannot be removed: {reason}") from cause


def _own_folder(info: RunInfo, root: Path) -> Path | None:
    """The folder named after the run that holds its artifacts, or None where it is not surely the store's own."""
    recorded = named_folder(info.artifact_uri)
    if recorded is not None and not os.path.lexists(recorded):  # the database was moved with its artifacts
        recorded = root / info.experiment_id / info.run_id / "artifacts"
    if recorded is None or ".." in recorded.parts or not recorded.is_relative_to(root):
        return None
    below = recorded.relative_to(root).parts
    if len(below) != 3 or below[1:] != (info.run_id, "artifacts"):
        return None
    folder = recorded.parent
    is_direct = Path(os.path.realpath(folder)) == Path(os.path.realpath(root), *below[:2])
    return folder if is_direct and not recorded.is_symlink() else None


def size_of(folder: Path) -> int:
    """The size of all files in a folder, or of one file, in bytes; links are not followed."""
    if folder.is_symlink() or folder.is_file():
        return folder.lstat().st_size
    return sum(
        (Path(place) / name).lstat().st_size for place, _, names in os.walk(folder, followlinks=False) for name in names
    )


def _delete_inputs(db: sqlite3.Connection, layout: Layout, run_id: str) -> None:
    """Delete which datasets and models went into a run, and what was noted about that."""
    if not layout.has("inputs"):
        return
    if layout.has("input_tags"):
        ids = f"SELECT input_uuid FROM inputs WHERE {_INPUTS}"  # noqa: S608 - our own text
        db.execute(f"DELETE FROM input_tags WHERE input_uuid IN ({ids})", {"id": run_id})  # noqa: S608
    db.execute(f"DELETE FROM inputs WHERE {_INPUTS}", {"id": run_id})  # noqa: S608
