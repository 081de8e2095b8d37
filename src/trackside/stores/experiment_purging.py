"""Removing a deleted experiment without runs for good, with what is left in its artifact folder."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from trackside.entities import Experiment, LifecycleStage
from trackside.errors import InvalidValueError, LifecycleError
from trackside.stores import sqlite_writes
from trackside.stores.artifacts import named_folder
from trackside.stores.base import DEFAULT_EXPERIMENT_ID
from trackside.stores.sqlite_purging import remove_folder, size_of

if TYPE_CHECKING:
    from collections.abc import Iterable

_REFERRING = """
SELECT t.name, f.id, f."from", coalesce(f."to", f."from"), f.on_delete
FROM sqlite_master AS t JOIN pragma_foreign_key_list(t.name) AS f
WHERE t.type = 'table' AND f."table" = ? ORDER BY t.name, f.id, f.seq
"""
_DEEPEST = 8


def require_deleted(experiment: Experiment) -> None:
    """Refuse to purge an experiment that is in use."""
    if experiment.experiment_id == DEFAULT_EXPERIMENT_ID:
        raise InvalidValueError("the default experiment is never purged")
    if experiment.lifecycle_stage is not LifecycleStage.DELETED:
        what = f"experiment {experiment.experiment_id}"
        raise LifecycleError(f"{what} is not deleted, so it is not purged", hint="Delete it first.")


def require_empty(experiment_id: str, run_ids: Sequence[str]) -> None:
    """Refuse to purge an experiment that has runs."""
    if run_ids:
        count = f"{len(run_ids)} run{'s' if len(run_ids) > 1 else ''}"
        raise LifecycleError(f"experiment {experiment_id} still has {count}", hint="Purge what is in it first.")


def fetch_run_ids(db: sqlite3.Connection, experiment_id: str) -> tuple[str, ...]:
    """The runs of an experiment, whatever their stage."""
    sql = "SELECT run_uuid FROM runs WHERE experiment_id = ?"
    return tuple(run_id for (run_id,) in db.execute(sql, (int(experiment_id),)))


def delete_rows(db: sqlite3.Connection, experiment_id: str) -> None:
    """Delete an experiment and every row that belongs to it, also in tables of later versions that refer to it."""
    number, stage, _ = sqlite_writes.require_experiment(db, experiment_id)
    if stage is not LifecycleStage.DELETED:
        raise LifecycleError(f"experiment {experiment_id} was restored in the meantime, so it is not purged")
    require_empty(experiment_id, fetch_run_ids(db, experiment_id))
    _delete(db, "experiments", "experiment_id = ?", number, 0)


def remove_artifacts(experiment: Experiment, root: Path, run_ids: Collection[str], *, dry_run: bool) -> tuple[int, str]:
    """Remove an experiment's folder where it lies directly below ``root``.

    Returns:
        The size in bytes of what does not belong to its runs, and where it is left if it is not to be touched.

    Raises:
        StoreReadOnlyError: The folder cannot be removed; part of it may be gone, and another attempt does the rest.
    """
    folder = root / experiment.experiment_id
    recorded = named_folder(experiment.artifact_location)
    is_moved = recorded is not None and not os.path.lexists(recorded)
    if recorded != folder and not is_moved:
        return 0, experiment.artifact_location
    if not os.path.lexists(folder):
        return 0, ""
    if Path(os.path.realpath(folder)) != Path(os.path.realpath(root), experiment.experiment_id):
        return 0, str(folder)
    size = sum(size_of(entry) for entry in _others(folder, run_ids))
    if not dry_run:
        remove_folder(folder)
    return size, ""


def _others(folder: Path, run_ids: Collection[str]) -> Iterable[Path]:
    known = set(run_ids)
    return (entry for entry in folder.iterdir() if entry.name not in known)


def _delete(db: sqlite3.Connection, table: str, where: str, number: int, depth: int) -> None:
    """Delete rows after those that refer to them; a reference that may be empty is emptied instead."""
    if depth > _DEEPEST:
        raise LifecycleError("the tables of this database refer to each other in circles, so nothing is purged")
    for child, pairs, rule in _references(db, table):
        here, there = (", ".join(f'"{pair[side]}"' for pair in pairs) for side in (0, 1))
        rows = f'({here}) IN (SELECT {there} FROM "{table}" WHERE {where})'  # noqa: S608 - names from the schema
        if rule == "SET NULL":
            emptied = ", ".join(f'"{pair[0]}" = NULL' for pair in pairs)
            db.execute(f'UPDATE "{child}" SET {emptied} WHERE {rows}', (number,))  # noqa: S608
        elif child != table:
            _delete(db, child, rows, number, depth + 1)
    db.execute(f'DELETE FROM "{table}" WHERE {where}', (number,))  # noqa: S608


def _references(db: sqlite3.Connection, table: str) -> Iterator[tuple[str, list[tuple[str, str]], str]]:
    """The tables that refer to one, with the columns that do and those that they refer to."""
    found: dict[tuple[str, int], tuple[list[tuple[str, str]], str]] = {}
    for child, key, column, target, rule in db.execute(_REFERRING, (table,)).fetchall():
        found.setdefault((child, key), ([], rule))[0].append((column, target))
    for (child, _), (pairs, rule) in found.items():
        yield child, pairs, rule
