"""Writing experiments, runs and what is logged to them into the tables of a tracking database.

Every function runs inside a transaction that its caller opened and fills all columns that MLflow's readers rely on.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trackside.entities import LifecycleStage, Metric, Param, RunStatus, Tag
from trackside.errors import (
    ExperimentNotFoundError,
    LifecycleError,
    NotFoundError,
    RunNotFoundError,
)
from trackside.stores.sqlite_rows import experiment_number, in_workspace
from trackside.stores.validation import (
    RUN_NAME_TAG,
    check_run_name,
    check_text,
    name_taken,
    param_changed,
    short,
    stored_number,
)

if TYPE_CHECKING:
    from trackside.stores.layout import Layout

_ROWS_AT_ONCE = 100
_ADD_METRIC, _ADD_METRICS = (
    f"""
INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan)
VALUES {", ".join(["(?, ?, ?, ?, ?, ?)"] * rows)} ON CONFLICT DO NOTHING
"""  # noqa: S608
    for rows in (1, _ROWS_AT_ONCE)
)
_SET_LATEST = """
INSERT INTO latest_metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (key, run_uuid) DO UPDATE
SET value = excluded.value, timestamp = excluded.timestamp, step = excluded.step, is_nan = excluded.is_nan
WHERE (excluded.step, excluded.timestamp, excluded.value)
    > (latest_metrics.step, latest_metrics.timestamp, latest_metrics.value)
"""
_ADD_PARAM = "INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?) ON CONFLICT (key, run_uuid) DO NOTHING"
_SET_TAG = """
INSERT INTO tags (key, value, run_uuid) VALUES (?, ?, ?)
ON CONFLICT (key, run_uuid) DO UPDATE SET value = excluded.value
"""
_SET_EXPERIMENT_TAG = """
INSERT INTO experiment_tags (key, value, experiment_id) VALUES (?, ?, ?)
ON CONFLICT (key, experiment_id) DO UPDATE SET value = excluded.value
"""
_ADD_RUN = """
INSERT INTO runs (
    run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, end_time, source_version,
    lifecycle_stage, artifact_uri, experiment_id
) VALUES (?, ?, 'UNKNOWN', '', '', ?, ?, ?, NULL, '', 'active', ?, ?)
"""


def now_ms() -> int:
    """The time, in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


# Experiments


def require_experiment(db: sqlite3.Connection, experiment_id: str) -> tuple[int, LifecycleStage, str]:
    """The number, stage and artifact location of an experiment that is there."""
    number = experiment_number(experiment_id)
    row = db.execute(
        "SELECT lifecycle_stage, artifact_location FROM experiments WHERE experiment_id = ?", (number,)
    ).fetchone()
    if number is None or row is None:
        raise ExperimentNotFoundError(f"there is no experiment with the id {short(experiment_id)}")
    stage = LifecycleStage.ACTIVE if row[0] == "active" else LifecycleStage.DELETED
    return number, stage, row[1] or ""


def require_active_experiment(db: sqlite3.Connection, experiment_id: str) -> tuple[int, str]:
    """The number and artifact location of an experiment that can be written."""
    number, stage, location = require_experiment(db, experiment_id)
    if stage is not LifecycleStage.ACTIVE:
        raise LifecycleError(f"experiment {experiment_id} is deleted", hint="Restore it to write to it.")
    return number, location


def require_free_name(db: sqlite3.Connection, layout: Layout, name: str, own_id: int | None = None) -> None:
    """Refuse a name that another experiment has."""
    row = db.execute(
        f"SELECT e.experiment_id, e.lifecycle_stage FROM experiments AS e WHERE e.name = ? AND {in_workspace(layout)}",  # noqa: S608
        (name,),
    ).fetchone()
    if row is None or row[0] == own_id:
        return
    raise name_taken(name, str(row[0]), deleted=row[1] != "active")


def insert_experiment(db: sqlite3.Connection, layout: Layout, name: str, number: int | None = None) -> int:
    """Make an experiment without an artifact location yet, and return its number."""
    columns = {"experiment_id": number, "name": name, "lifecycle_stage": "active"}
    now = now_ms()
    columns |= {column: now for column in ("creation_time", "last_update_time") if layout.has("experiments", column)}
    cursor = db.execute(
        f"INSERT INTO experiments ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",  # noqa: S608
        tuple(columns.values()),
    )
    return int(cursor.lastrowid or 0)


def set_experiment_location(db: sqlite3.Connection, number: int, location: str) -> None:
    """Say where the artifacts of an experiment's runs go."""
    db.execute("UPDATE experiments SET artifact_location = ? WHERE experiment_id = ?", (location, number))


def change_experiment(db: sqlite3.Connection, layout: Layout, number: int, column: str, value: str) -> None:
    """Give an experiment another ``name`` or ``lifecycle_stage``."""
    db.execute(f"UPDATE experiments SET {column} = ? WHERE experiment_id = ?", (value, number))  # noqa: S608
    if layout.has("experiments", "last_update_time"):
        db.execute("UPDATE experiments SET last_update_time = ? WHERE experiment_id = ?", (now_ms(), number))


def set_experiment_tags(db: sqlite3.Connection, number: int, tags: Mapping[str, str]) -> None:
    """Set or change tags of an experiment."""
    db.executemany(_SET_EXPERIMENT_TAG, [(key, value, number) for key, value in tags.items()])


def delete_experiment_tag(db: sqlite3.Connection, experiment_id: str, number: int, key: str) -> None:
    """Remove a tag that is there."""
    cursor = db.execute("DELETE FROM experiment_tags WHERE experiment_id = ? AND key = ?", (number, key))
    if not cursor.rowcount:
        raise NotFoundError(f"experiment {experiment_id} has no tag {short(key)}")


# Runs


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run that is about to be made."""

    run_id: str
    run_name: str
    user_id: str
    status: RunStatus
    start_time: int
    artifact_uri: str


def require_run(db: sqlite3.Connection, run_id: str) -> LifecycleStage:
    """The stage of a run that is there."""
    row = db.execute("SELECT lifecycle_stage FROM runs WHERE run_uuid = ?", (run_id,)).fetchone()
    if row is None:
        raise RunNotFoundError(f"there is no run with the id {short(run_id)}")
    return LifecycleStage.ACTIVE if row[0] == "active" else LifecycleStage.DELETED


def require_active_run(db: sqlite3.Connection, run_id: str) -> None:
    """Refuse to write to a run that is deleted or not there."""
    if require_run(db, run_id) is not LifecycleStage.ACTIVE:
        raise LifecycleError(f"run {run_id} is deleted", hint="Restore it to write to it: restore_run(run_id).")


def insert_run(db: sqlite3.Connection, experiment: int, run: NewRun, tags: Mapping[str, str]) -> None:
    """Make a run. ``tags`` hold its name too."""
    db.execute(
        _ADD_RUN,
        (run.run_id, run.run_name, run.user_id, run.status.value, run.start_time, run.artifact_uri, experiment),
    )
    db.executemany(_SET_TAG, [(key, value, run.run_id) for key, value in tags.items()])


def update_run(
    db: sqlite3.Connection, run_id: str, status: RunStatus | None, end_time: int | None, run_name: str | None
) -> None:
    """Change what is given of a run."""
    if status is not None:
        db.execute("UPDATE runs SET status = ? WHERE run_uuid = ?", (status.value, run_id))
        if not status.is_final:
            db.execute("UPDATE runs SET end_time = NULL WHERE run_uuid = ?", (run_id,))
    if end_time is not None:
        db.execute("UPDATE runs SET end_time = ? WHERE run_uuid = ?", (end_time, run_id))
    if run_name is not None:
        set_tags(db, run_id, [Tag(RUN_NAME_TAG, run_name)])


def set_run_stage(db: sqlite3.Connection, layout: Layout, where: str, value: object, stage: LifecycleStage) -> None:
    """Move the runs whose column ``where`` has a value to the trash or back; those that are there already stay."""
    others = f"{where} = ? AND (lifecycle_stage IS NULL OR lifecycle_stage <> ?)"
    values: list[object] = [stage.value, value, stage.value]
    assignments = "lifecycle_stage = ?"
    if layout.has("runs", "deleted_time"):
        assignments = "deleted_time = ?, lifecycle_stage = ?"
        values.insert(0, now_ms() if stage is LifecycleStage.DELETED else None)
    db.execute(f"UPDATE runs SET {assignments} WHERE {others}", values)  # noqa: S608


# What is logged to a run


def add_metrics(db: sqlite3.Connection, run_id: str, metrics: Sequence[Metric]) -> None:
    """Add points, and let each metric's latest point be the one with the greatest step, then time, then value."""
    rows = [_metric_row(metric, run_id) for metric in metrics]
    latest: dict[str, tuple[str, float, int, str, int, int]] = {}
    for row in rows:
        known = latest.get(row[0])
        if known is None or (row[4], row[2], row[1]) > (known[4], known[2], known[1]):
            latest[row[0]] = row
    rest = len(rows) % _ROWS_AT_ONCE
    for start in range(
        0, len(rows) - rest, _ROWS_AT_ONCE
    ):  # other threads of Python go on while SQLite does one of these
        db.execute(_ADD_METRICS, [value for row in rows[start : start + _ROWS_AT_ONCE] for value in row])
    db.executemany(_ADD_METRIC, rows[len(rows) - rest :])
    db.executemany(_SET_LATEST, latest.values())


def add_params(db: sqlite3.Connection, layout: Layout, run_id: str, params: Iterable[Param]) -> None:
    """Add params; one that has the same value already is left alone."""
    limit = layout.param_limit
    for param in params:
        check_text(f"param {param.key!r}", param.value, limit)
        if not db.execute(_ADD_PARAM, (param.key, param.value, run_id)).rowcount:
            _require_same_value(db, run_id, param)


def set_tags(db: sqlite3.Connection, run_id: str, tags: Sequence[Tag]) -> None:
    """Set tags. The one that holds the run's name renames the run."""
    db.executemany(_SET_TAG, [(tag.key, tag.value, run_id) for tag in tags])
    for tag in tags:
        if tag.key == RUN_NAME_TAG:
            db.execute("UPDATE runs SET name = ? WHERE run_uuid = ?", (tag.value, run_id))


def delete_tag(db: sqlite3.Connection, run_id: str, key: str) -> None:
    """Remove a tag that is there."""
    cursor = db.execute("DELETE FROM tags WHERE run_uuid = ? AND key = ?", (run_id, key))
    if not cursor.rowcount:
        raise NotFoundError(f"run {run_id} has no tag {short(key)}")


def check_tag_values(layout: Layout, tags: Iterable[Tag]) -> None:
    """Refuse values that this file's columns or MLflow cannot take."""
    limit = layout.tag_limit
    for tag in tags:
        if tag.key == RUN_NAME_TAG:
            check_run_name(tag.value, limit)
        else:
            check_text(f"tag {tag.key!r}", tag.value, limit)


def _metric_row(metric: Metric, run_id: str) -> tuple[str, float, int, str, int, int]:
    value, is_nan = stored_number(metric.value)
    return metric.key, value, metric.timestamp, run_id, metric.step, is_nan


def _require_same_value(db: sqlite3.Connection, run_id: str, param: Param) -> None:
    (old,) = db.execute("SELECT value FROM params WHERE run_uuid = ? AND key = ?", (run_id, param.key)).fetchone()
    if old != param.value:
        raise param_changed(run_id, param.key, old, param.value)
