"""Reading experiments, runs and metric histories from the tables of a tracking database."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trackside.entities import (
    Experiment,
    LifecycleStage,
    Metric,
    Page,
    Run,
    RunData,
    RunInfo,
    RunStatus,
)
from trackside.errors import InvalidValueError
from trackside.stores.validation import RUN_NAME_TAG, read_number

if TYPE_CHECKING:
    from trackside.stores.base import RunQuery
    from trackside.stores.layout import Layout

_STATUSES = {status.value: status for status in RunStatus}
_LATEST_FROM_HISTORY = """(
    SELECT * FROM (
        SELECT *, row_number() OVER (
            PARTITION BY run_uuid, key ORDER BY {step} DESC, timestamp DESC, value DESC
        ) AS place FROM metrics
    ) WHERE place = 1
)"""


def experiment_number(experiment_id: str) -> int | None:
    """The id as the tables hold it, or None for a text that is the id of no experiment here."""
    text = str(experiment_id)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


# Experiments


def fetch_experiments(
    db: sqlite3.Connection, layout: Layout, condition: str, values: Sequence[object], order: str = ""
) -> tuple[Experiment, ...]:
    """The experiments for which an SQL condition on the table ``experiments`` (called ``e``) holds."""
    times = [name if layout.has("experiments", name) else "NULL" for name in ("creation_time", "last_update_time")]
    rows = db.execute(
        f"SELECT e.experiment_id, e.name, e.artifact_location, e.lifecycle_stage, {', '.join(times)} "  # noqa: S608
        f"FROM experiments AS e WHERE {condition} {order}",
        values,
    ).fetchall()
    tags = _fetch_experiment_tags(db, layout, [row[0] for row in rows])
    return tuple(_experiment(row, tags.get(row[0], {})) for row in rows)


def by_creation(layout: Layout, direction: str) -> str:
    """The ORDER BY clause that puts experiments in the order in which they were made."""
    first = f"e.creation_time {direction}, " if layout.has("experiments", "creation_time") else ""
    return f"ORDER BY {first}e.experiment_id {direction}"


def in_workspace(layout: Layout) -> str:
    """A condition that leaves out what lies in other workspaces, where a name may exist a second time."""
    return "e.workspace = 'default'" if layout.has("experiments", "workspace") else "1"


def _fetch_experiment_tags(db: sqlite3.Connection, layout: Layout, ids: list[int]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    if ids and layout.has("experiment_tags"):
        sql = (
            "SELECT experiment_id, key, value FROM experiment_tags "
            "WHERE experiment_id IN (SELECT value FROM json_each(?))"
        )
        for experiment_id, key, value in db.execute(sql, (json.dumps(ids),)):
            found.setdefault(experiment_id, {})[key] = value or ""
    return found


def _experiment(row: Sequence[object], tags: dict[str, str]) -> Experiment:
    experiment_id, name, location, stage, creation_time, last_update_time = row
    return Experiment(
        experiment_id=str(experiment_id),
        name=str(name),
        artifact_location=str(location or ""),
        lifecycle_stage=_stage(stage),
        creation_time=_time(creation_time),
        last_update_time=_time(last_update_time),
        tags=tags,
    )


# Runs


def fetch_run(db: sqlite3.Connection, layout: Layout, run_id: str) -> Run | None:
    """One run with all that was logged to it."""
    rows = db.execute(f"{_select_runs(layout)} WHERE run_uuid = ?", (run_id,)).fetchall()
    runs = _with_data(db, layout, rows)
    return runs[0] if runs else None


def fetch_page(db: sqlite3.Connection, layout: Layout, query: RunQuery) -> Page[Run]:
    """A page of runs with their data, in four queries however many runs it has."""
    condition, values = _condition(query)
    rows = _rows_after(db, layout, condition, values, query)
    token = None
    if len(rows) > query.max_results:
        rows = rows[: query.max_results]
        token = _token(rows[-1])
    return Page(_with_data(db, layout, rows), token)


def count_runs(db: sqlite3.Connection, query: RunQuery) -> int:
    """How many runs a query finds."""
    condition, values = _condition(query)
    (count,) = db.execute(f"SELECT count(*) FROM runs WHERE {condition}", values).fetchone()  # noqa: S608
    return int(count)


def fetch_history(db: sqlite3.Connection, layout: Layout, run_id: str, key: str) -> tuple[Metric, ...]:
    """Every point of a run's metric."""
    step, is_nan = _metric_columns(layout, "metrics")
    sql = (
        f"SELECT value, timestamp, {step} AS at_step, {is_nan} FROM metrics WHERE run_uuid = ? AND key = ? "  # noqa: S608
        "ORDER BY at_step, timestamp, value"
    )
    return tuple(
        Metric(key, read_number(value, is_nan), timestamp, step)
        for value, timestamp, step, is_nan in db.execute(sql, (run_id, key))
    )


def _condition(query: RunQuery) -> tuple[str, list[object]]:
    ids = [number for text in query.experiment_ids if (number := experiment_number(text)) is not None]
    stages = [stage.value for stage in query.stages]
    condition = f"experiment_id IN ({_marks(ids)}) AND lifecycle_stage IN ({_marks(stages)})"
    return condition, [*ids, *stages]


def _rows_after(
    db: sqlite3.Connection, layout: Layout, condition: str, values: list[object], query: RunQuery
) -> list[tuple[object, ...]]:
    """The rows of a page and one more. Runs without a start time come after all others."""
    start_time, run_id = _read_token(query.page_token)
    wanted = query.max_results + 1
    rows: list[tuple[object, ...]] = []
    order = "ORDER BY start_time DESC, run_uuid LIMIT ?"
    if query.page_token is None:
        return db.execute(f"{_select_runs(layout)} WHERE {condition} {order}", (*values, wanted)).fetchall()
    if start_time is not None:
        after = "start_time <= ? AND (start_time < ? OR run_uuid > ?)"
        sql = f"{_select_runs(layout)} WHERE {condition} AND {after} {order}"
        rows = db.execute(sql, (*values, start_time, start_time, run_id, wanted)).fetchall()
        run_id = ""
    if len(rows) < wanted:
        sql = f"{_select_runs(layout)} WHERE {condition} AND start_time IS NULL AND run_uuid > ? {order}"
        rows += db.execute(sql, (*values, run_id, wanted - len(rows))).fetchall()
    return rows


def _token(row: Sequence[object]) -> str:
    run_id, start_time = row[0], row[5]
    return f"{'' if start_time is None else start_time}/{run_id}"


def _read_token(token: str | None) -> tuple[int | None, str]:
    if token is None:
        return None, ""
    time, slash, run_id = token.partition("/")
    if not slash or not run_id or not (time == "" or time.removeprefix("-").isdigit()):
        raise InvalidValueError(f"{token!r} is no page token", hint="Pass the token of the page before, unchanged.")
    return (int(time) if time else None), run_id


def _select_runs(layout: Layout) -> str:
    deleted_time = "deleted_time" if layout.has("runs", "deleted_time") else "NULL"
    return (
        "SELECT run_uuid, experiment_id, name, user_id, status, start_time, end_time, artifact_uri, lifecycle_stage, "  # noqa: S608
        f"{deleted_time} FROM runs"
    )


def _metric_columns(layout: Layout, table: str) -> tuple[str, str]:
    step = "step" if layout.has(table, "step") else "0"
    return step, "is_nan" if layout.has(table, "is_nan") else "0"


@dataclass(slots=True)
class _Logged:
    """What was logged to one run, while its rows come in."""

    latest: dict[str, Metric] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    def data(self) -> RunData:
        values = {key: metric.value for key, metric in self.latest.items()}
        return RunData(values, self.params, self.tags, self.latest)


def _with_data(db: sqlite3.Connection, layout: Layout, rows: Iterable[Sequence[object]]) -> tuple[Run, ...]:
    rows = list(rows)
    logged = {str(row[0]): _Logged() for row in rows}
    if logged:
        _collect(db, layout, logged)
    return tuple(_run(row, logged[str(row[0])]) for row in rows)


def _collect(db: sqlite3.Connection, layout: Layout, logged: dict[str, _Logged]) -> None:
    ids = (json.dumps(list(logged)),)
    of_runs = "WHERE run_uuid IN (SELECT value FROM json_each(?))"
    for run_id, key, value, timestamp, step, is_nan in db.execute(f"{_select_latest(layout)} {of_runs}", ids):
        logged[run_id].latest[key] = Metric(key, read_number(value, is_nan), timestamp, step)
    for run_id, key, text in db.execute(f"SELECT run_uuid, key, value FROM params {of_runs}", ids):  # noqa: S608
        logged[run_id].params[key] = text
    for run_id, key, text in db.execute(f"SELECT run_uuid, key, value FROM tags {of_runs}", ids):  # noqa: S608
        logged[run_id].tags[key] = text or ""


def _select_latest(layout: Layout) -> str:
    table = "latest_metrics" if layout.has("latest_metrics") else "metrics"
    step, is_nan = _metric_columns(layout, table)
    source = table if table == "latest_metrics" else _LATEST_FROM_HISTORY.format(step=step)
    return f"SELECT run_uuid, key, value, timestamp, {step}, {is_nan} FROM {source}"  # noqa: S608


def _run(row: Sequence[object], logged: _Logged) -> Run:
    run_id, experiment_id, name, user_id, status, start_time, end_time, artifact_uri, stage, deleted_time = row
    info = RunInfo(
        run_id=str(run_id),
        experiment_id=str(experiment_id),
        run_name=str(name or logged.tags.get(RUN_NAME_TAG, "")),
        user_id=str(user_id or ""),
        status=_STATUSES.get(str(status), RunStatus.RUNNING),
        start_time=_time(start_time),
        end_time=_time(end_time),
        artifact_uri=str(artifact_uri or ""),
        lifecycle_stage=_stage(stage),
        deleted_time=_time(deleted_time),
    )
    return Run(info, logged.data())


def _stage(text: object) -> LifecycleStage:
    """Like MLflow, take a row that does not say that it is active for one that is not."""
    return LifecycleStage.ACTIVE if text == LifecycleStage.ACTIVE.value else LifecycleStage.DELETED


def _time(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) else None


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values)) or "NULL"
