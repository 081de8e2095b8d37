"""Reading many runs from the tables of a tracking database column by column, in four queries for all of them."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import nan
from typing import TYPE_CHECKING

from trackside.search.in_sqlite import find_run_ids
from trackside.stores.columns import RunColumns, blank_numbers, blank_texts
from trackside.stores.sqlite_rows import fetch_latest, fetch_rows, read_status, read_time, search_of

if TYPE_CHECKING:
    from trackside.stores.base import RunQuery
    from trackside.stores.layout import Layout

_TEXTS = """
SELECT run_uuid, json_group_array(key), json_group_array(coalesce(CAST(value AS TEXT), '')) FROM {}
WHERE run_uuid IN (SELECT value FROM json_each(?)) GROUP BY run_uuid
"""


def fetch_columns(db: sqlite3.Connection, layout: Layout, query: RunQuery) -> RunColumns:
    """What the runs have that a query finds, from the first on."""
    ids = find_run_ids(db, layout, search_of(query), limit=query.max_results)
    rows = fetch_rows(db, layout, ids)
    found, experiment_ids, _, _, statuses, starts, ends, uris, _, _ = zip(*rows, strict=True) if rows else ((),) * 10
    return RunColumns(
        run_ids=list(found),
        experiment_ids=[str(experiment_id) for experiment_id in experiment_ids],
        statuses=[read_status(status).value for status in statuses],
        artifact_uris=[str(uri or "") for uri in uris],
        start_times=[read_time(time) for time in starts],
        end_times=[read_time(time) for time in ends],
        metrics=_fetch_metrics(db, layout, found),
        params=_fetch_texts(db, "params", found),
        tags=_fetch_texts(db, "tags", found),
    )


def _fetch_metrics(db: sqlite3.Connection, layout: Layout, ids: Sequence[str]) -> Mapping[str, Sequence[float]]:
    columns = blank_numbers(len(ids))
    for place, key, value in fetch_latest(db, layout, ids):
        columns[key][place] = nan if value is None else value
    return columns


def _fetch_texts(db: sqlite3.Connection, table: str, ids: Sequence[str]) -> Mapping[str, Sequence[str | None]]:
    """Runs with the same keys are read together: most have the same ones, as a loop over settings makes them."""
    place_of = {run_id: place for place, run_id in enumerate(ids)}
    alike: dict[str, list[tuple[int, str]]] = {}
    for run_id, keys, values in db.execute(_TEXTS.format(table), (json.dumps(ids),)):
        alike.setdefault(keys, []).append((place_of[run_id], values))
    columns = blank_texts(len(ids))
    for keys, found in alike.items():
        _spread(columns, json.loads(keys), sorted(found), len(ids))
    return columns


def _spread(
    columns: defaultdict[str, list[str | None]], keys: list[str], found: list[tuple[int, str]], count: int
) -> None:
    """Put the texts of runs that have the same keys into the columns; each run has its texts as JSON."""
    rows = json.loads(f"[{','.join(texts for _, texts in found)}]")
    for key, values in zip(keys, zip(*rows, strict=True), strict=True):
        if len(found) == count:
            columns[key] = list(values)
        else:
            for (place, _), value in zip(found, values, strict=True):
                columns[key][place] = value
