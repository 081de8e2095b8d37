"""Reading experiments, runs and metric histories from the tables of a tracking database."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import nan
from typing import TYPE_CHECKING, Any

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
from trackside.search import in_sqlite
from trackside.search._sql import Sql, marks
from trackside.search.experiments_to_sql import ExperimentCompiler
from trackside.search.in_sqlite import Place, Search, find_run_ids
from trackside.stores.base import LARGEST_PAGE
from trackside.stores.validation import LARGEST_FLOAT, RUN_NAME_TAG

if TYPE_CHECKING:
    from trackside.stores.base import ExperimentQuery, RunQuery
    from trackside.stores.layout import Layout

_TIME = re.compile(r"(-?[0-9]{1,18})?")
_OFFSET = re.compile(r"\+[0-9]{1,18}")
_STATUSES = {status.value: status for status in RunStatus}
_LATEST_FROM_HISTORY = """(
    SELECT * FROM (
        SELECT *, row_number() OVER (
            PARTITION BY run_uuid, key ORDER BY {step} DESC, timestamp DESC, value DESC
        ) AS place FROM metrics AS m WHERE run_uuid IN (SELECT value FROM json_each(:ids))
    ) WHERE place = 1
)"""
_TEXTS = """
SELECT run_uuid, json_group_object(key, coalesce(CAST(value AS TEXT), '')) FROM {}
WHERE run_uuid IN (SELECT value FROM json_each(?)) GROUP BY run_uuid
"""


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


def find_experiments(db: sqlite3.Connection, layout: Layout, query: ExperimentQuery) -> tuple[Experiment, ...]:
    """The experiments that a query asks for; those that do not say that they are active count as deleted."""
    compiler = ExperimentCompiler(layout)
    stage = "CASE WHEN e.lifecycle_stage = 'active' THEN 'active' ELSE 'deleted' END"
    where = compiler.condition(query.filter.condition if query.filter else None)
    stages = Sql(f"{stage} IN (") + marks(stage.value for stage in query.stages) + ") AND "
    limit = Sql(" LIMIT ?", (-1 if query.max_results is None else query.max_results,))
    rest = " ORDER BY " + compiler.order(query.order_by) + limit
    return fetch_experiments(
        db, layout, (stages + where).text, (*stages.values, *where.values, *rest.values), rest.text
    )


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
        creation_time=read_time(creation_time),
        last_update_time=read_time(last_update_time),
        tags=tags,
    )


# Runs


def fetch_run(db: sqlite3.Connection, layout: Layout, run_id: str) -> Run | None:
    """One run with all that was logged to it."""
    rows = db.execute(f"{_select_runs(layout)} WHERE run_uuid = ?", (run_id,)).fetchall()
    runs = _with_data(db, layout, rows)
    return runs[0] if runs else None


def fetch_page(db: sqlite3.Connection, layout: Layout, query: RunQuery) -> Page[Run]:
    """A page of runs with their data: first their ids, then what belongs to them, in five queries for all of them."""
    place = _read_token(query)
    wanted = min(query.max_results, LARGEST_PAGE)
    offset, after = (place, None) if isinstance(place, int) else (0, place)
    ids = find_run_ids(db, layout, search_of(query), limit=wanted + 1, offset=offset, after=after)
    rows = fetch_rows(db, layout, ids[:wanted])
    token = None
    if len(ids) > wanted:
        token = f"+{offset + wanted}" if query.order_by else _token(rows[-1])
    return Page(_with_data(db, layout, rows, with_points=query.with_points), token)


def count_runs(db: sqlite3.Connection, layout: Layout, query: RunQuery) -> int:
    """How many runs a query finds."""
    return in_sqlite.count_runs(db, layout, search_of(query))


def fetch_history(db: sqlite3.Connection, layout: Layout, run_id: str, key: str) -> tuple[Metric, ...]:
    """Every point of a run's metric."""
    step, number = _metric_columns(layout, "metrics")
    sql = (
        f"SELECT {number}, timestamp, {step} AS at_step FROM metrics AS m "  # noqa: S608
        "WHERE run_uuid = :run_id AND key = :key ORDER BY at_step, timestamp, value"
    )
    found = db.execute(sql, {"run_id": run_id, "key": key, "largest": LARGEST_FLOAT})
    make_point = partial(tuple.__new__, Metric)  # half of the time of calling it
    return tuple([make_point((key, nan if value is None else value, time, step)) for value, time, step in found])


def fetch_runs(db: sqlite3.Connection, layout: Layout, ids: Sequence[str]) -> tuple[Run, ...]:
    """The runs that there are of these, in this order, with their data."""
    return _with_data(db, layout, fetch_rows(db, layout, list(ids)))


def search_of(query: RunQuery) -> Search:
    """The query in the words of the tables."""
    numbers = dict.fromkeys(number for text in query.experiment_ids if (number := experiment_number(text)) is not None)
    return Search(
        tuple(numbers), tuple(dict.fromkeys(stage.value for stage in query.stages)), query.filter, query.order_by
    )


def fetch_rows(db: sqlite3.Connection, layout: Layout, ids: Sequence[str]) -> list[tuple[object, ...]]:
    """The rows of these runs, in this order, without those that are not there."""
    sql = f"{_select_runs(layout)} WHERE run_uuid IN (SELECT value FROM json_each(?))"  # noqa: S608
    rows = {row[0]: row for row in db.execute(sql, (json.dumps(ids),))}
    return [rows[run_id] for run_id in ids if run_id in rows]


def _token(row: Sequence[object]) -> str:
    run_id, start_time = row[0], row[5]
    return f"{'' if start_time is None else start_time}/{run_id}"


def _read_token(query: RunQuery) -> Place | int | None:
    """Where the page starts: behind a run in the order by start time, at a row in another order."""
    token = query.page_token
    if token is None:
        return None
    time, slash, run_id = token.partition("/")
    if query.order_by and _OFFSET.fullmatch(token):
        return int(token)
    if query.order_by or not slash or not run_id or not _TIME.fullmatch(time):
        raise InvalidValueError(f"{token!r} is no page token", hint="Pass the token of the page before, unchanged.")
    return Place(int(time) if time else None, run_id)


def _select_runs(layout: Layout) -> str:
    deleted_time = "deleted_time" if layout.has("runs", "deleted_time") else "NULL"
    return (
        "SELECT run_uuid, experiment_id, name, user_id, status, start_time, end_time, artifact_uri, lifecycle_stage, "  # noqa: S608
        f"{deleted_time} FROM runs"
    )


def _metric_columns(layout: Layout, table: str) -> tuple[str, str]:
    """SQL for the step and the number of a row ``m``: what ``stored_number`` did is undone, but NaN is NULL."""
    step = "m.step" if layout.has(table, "step") else "0"
    is_nan = "m.is_nan" if layout.has(table, "is_nan") else "0"
    return step, f"CASE WHEN {is_nan} THEN NULL WHEN abs(m.value) < :largest THEN m.value ELSE m.value * 2 END"


@dataclass(slots=True)
class _Logged:
    """What was logged to one run, while its rows come in."""

    metrics: dict[str, float] = field(default_factory=dict)
    latest: dict[str, Metric] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    def data(self) -> RunData:
        return RunData(self.metrics, self.params, self.tags, self.latest)


def _with_data(
    db: sqlite3.Connection, layout: Layout, rows: Iterable[Sequence[object]], *, with_points: bool = True
) -> tuple[Run, ...]:
    rows = list(rows)
    logged = {str(row[0]): _Logged() for row in rows}
    if logged:
        _collect_metrics(db, layout, logged, with_points)
        _collect_texts(db, logged)
    return tuple(_run(row, logged[str(row[0])]) for row in rows)


def _collect_metrics(db: sqlite3.Connection, layout: Layout, logged: dict[str, _Logged], with_points: bool) -> None:
    if not with_points:
        places = [run.metrics for run in logged.values()]
        for place, key, value in fetch_latest(db, layout, list(logged)):
            places[place][key] = nan if value is None else value
        return
    runs = list(logged.values())
    for place, key, value, timestamp, step in fetch_latest(db, layout, list(logged), ", m.timestamp, {step}"):
        run, number = runs[place], nan if value is None else value
        run.metrics[key] = number
        run.latest[key] = Metric(key, number, timestamp, step)


def _collect_texts(db: sqlite3.Connection, logged: dict[str, _Logged]) -> None:
    """Read params and tags, all of a run in one row, which takes a third of the time."""
    ids = (json.dumps(list(logged)),)
    for run_id, texts in db.execute(_TEXTS.format("params"), ids):
        logged[run_id].params = json.loads(texts)
    for run_id, texts in db.execute(_TEXTS.format("tags"), ids):
        logged[run_id].tags = json.loads(texts)


def fetch_latest(
    db: sqlite3.Connection, layout: Layout, ids: Sequence[str], more: str = ""
) -> Iterable[tuple[Any, ...]]:
    """The latest values of these runs: the run's place among them, key, number (None for NaN), and more columns."""
    table = "latest_metrics" if layout.has("latest_metrics") else "metrics"
    step, number = _metric_columns(layout, table)
    source = table if table == "latest_metrics" else _LATEST_FROM_HISTORY.format(step=step)
    sql = (
        f"SELECT j.key, m.key, {number}{more.format(step=step)} "  # noqa: S608
        f"FROM json_each(:ids) AS j CROSS JOIN {source} AS m ON m.run_uuid = j.value"
    )
    return db.execute(sql, {"ids": json.dumps(ids), "largest": LARGEST_FLOAT})


def _run(row: Sequence[object], logged: _Logged) -> Run:
    run_id, experiment_id, name, user_id, status, start_time, end_time, artifact_uri, stage, deleted_time = row
    info = RunInfo(
        run_id=str(run_id),
        experiment_id=str(experiment_id),
        run_name=str(name or logged.tags.get(RUN_NAME_TAG, "")),
        user_id=str(user_id or ""),
        status=read_status(status),
        start_time=read_time(start_time),
        end_time=read_time(end_time),
        artifact_uri=str(artifact_uri or ""),
        lifecycle_stage=_stage(stage),
        deleted_time=read_time(deleted_time),
    )
    return Run(info, logged.data())


def _stage(text: object) -> LifecycleStage:
    """Like MLflow, take a row that does not say that it is active for one that is not."""
    return LifecycleStage.ACTIVE if text == LifecycleStage.ACTIVE.value else LifecycleStage.DELETED


def read_status(value: object) -> RunStatus:
    """The status that a row says; a run that says none goes on."""
    return _STATUSES.get(str(value), RunStatus.RUNNING)


def read_time(value: object) -> int | None:
    """The time that a row says, if it says one."""
    return int(value) if isinstance(value, int | float) else None
