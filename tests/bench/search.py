# ruff: noqa: T201 - it prints a table
"""Measures search over many runs, beside MLflow's own on the same files.

    python tests/bench/search.py --runs 100000
    python tests/bench/search.py --runs 100000 --goals    only what has a goal, on our own file
    python tests/bench/search.py --points 10000000

Makes databases of runs with 20 params, 20 metrics and 10 tags each, the same ones every time: one as Trackside makes
them, with its extra indexes, and one as MLflow makes them. Trackside is measured first; MLflow upgrades our file, and
both files are analysed before its turn, because without that it does not answer some searches of 100,000 runs in
half an hour. With ``--points`` it measures conditions on the extremes of long histories, and reading one. Times are
medians in milliseconds: of the clock, and behind a slash of the processor, which is the steadier one where others use
the machine too.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import NamedTuple

from trackside.search import parse_filter, parse_order
from trackside.stores.base import RunQuery
from trackside.stores.creation import make_database
from trackside.stores.sqlite import SqliteStore
from trackside.transfer.dataframe import read_frame

PARAMS, METRICS, TAGS = 20, 20, 10
PAGE = 50
FRAME_ROWS = 10_000
FRAME = f"DataFrame of {FRAME_ROWS:,}"
Cases = dict[str, tuple[str, list[str]]]

CASES: Cases = {
    "newest page": ("", []),
    "order by a metric": ("", ["metrics.m1 DESC"]),
    "filter, order, page": ("metrics.m0 > 0.9 AND params.p1 = '3'", ["metrics.m1 DESC"]),
    "filter, newest page": ("metrics.m0 > 0.9 AND params.p1 = '3'", []),
    "rare filter, order": ("metrics.m0 > 0.999 AND params.p1 = '3'", ["metrics.m1 DESC"]),
    "two rare texts": ("params.p2 = '77' AND tags.t3 = '5'", ["metrics.m1"]),
    "pattern": ("params.p3 LIKE '%99'", ["start_time DESC"]),
    "order by a param": ("", ["params.p1"]),
    "one run": ("run_name = 'run 77'", []),
}
GOALS = ("newest page", "order by a metric", "filter, order, page")
OURS: Cases = {
    "OR": ("metrics.m0 > 0.99 OR params.p1 = '3' AND tags.t2 = '4'", ["metrics.m1 DESC"]),
    "number in a param": ("params.p2 < 5", ["metrics.m1 DESC"]),
    "MIN": ("MIN(metrics.m0) < 0.001", []),
}
POINTS: Cases = {
    "MIN below": ("MIN(metrics.m0) < 0.00001", []),
    "MIN above": ("MIN(metrics.m0) > 0.00001", []),
    "MAX, other metric, order": ("MAX(metrics.m1) > 0.9999 AND metrics.m0 > 0", ["MAX(metrics.m2) DESC"]),
}


def rows(count: int) -> Iterator[tuple[str, int, list[float], list[str], list[str]]]:
    """Id, number, metrics, params and tags of each run, from a small generator with a fixed seed."""
    state = 12345
    for number in range(count):
        run_id = hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest()
        drawn = []
        for _ in range(METRICS + PARAMS + TAGS):
            state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
            drawn.append(state >> 33)
        metrics = [value / 2**31 for value in drawn[:METRICS]]
        params = [
            str(value % (10 if place < 2 else 100)) for place, value in enumerate(drawn[METRICS : METRICS + PARAMS])
        ]
        yield run_id, number, metrics, params, [str(value % 10) for value in drawn[-TAGS:]]


def fill(path: Path, count: int) -> None:
    """Write the runs into a database that has the tables."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA cache_size = -2000000")
        columns = "run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, end_time, "
        run_sql = (
            f"INSERT INTO runs ({columns} source_version, lifecycle_stage, artifact_uri, experiment_id)"
            " VALUES (?, ?, 'UNKNOWN', '', '', 'me', 'FINISHED', ?, ?, '', 'active', ?, 0)"
        )
        metric_sql = "INSERT INTO {} (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, 0, 0)"
        for run_id, number, metrics, params, tags in rows(count):
            start, name = 1_700_000_000_000 + number * 1000, f"run {number}"
            db.execute(run_sql, (run_id, name, start, start + 60_000, f"/tmp/{run_id}/artifacts"))
            points = [(f"m{place}", value, start, run_id) for place, value in enumerate(metrics)]
            for table in ("metrics", "latest_metrics"):
                db.executemany(metric_sql.format(table), points)
            for table, letter, values in (("params", "p", params), ("tags", "t", tags)):
                pairs = [(f"{letter}{place}", value, run_id) for place, value in enumerate(values)]
                db.executemany(f"INSERT INTO {table} (key, value, run_uuid) VALUES (?, ?, ?)", pairs)
            db.execute("INSERT INTO tags (key, value, run_uuid) VALUES ('mlflow.runName', ?, ?)", (name, run_id))
        db.commit()


def made_by_mlflow(path: Path) -> None:
    from mlflow import MlflowClient

    MlflowClient(f"sqlite:///{path}").get_experiment("0")


class Times(NamedTuple):
    """Medians of some calls, in milliseconds."""

    clock: float
    processor: float

    def __str__(self) -> str:
        return " / ".join(f"{time:.{1 if time < 100 else 0}f}" for time in self)


def timed(work: Callable[[], object], repeats: int, *, warm: bool = True) -> Times:
    """The times of some calls, after one that does not count."""
    if warm:
        work()
    clock, processor = [], []
    for _ in range(repeats):
        start, started = time.perf_counter(), time.process_time()
        work()
        clock.append((time.perf_counter() - start) * 1000)
        processor.append((time.process_time() - started) * 1000)
    return Times(statistics.median(clock), statistics.median(processor))


def frame(store: SqliteStore) -> object:
    return read_frame(store, RunQuery(("0",), max_results=FRAME_ROWS, with_points=False))


def measure(path: Path, repeats: int, cases: Cases) -> dict[str, Times]:
    store = SqliteStore(path)

    def search(text: str, order: list[str]) -> object:
        query = RunQuery(("0",), max_results=PAGE, filter=parse_filter(text), order_by=parse_order(order))
        return store.search_runs(query)

    found = {name: timed(partial(search, *case), repeats) for name, case in cases.items()}
    if cases.keys() >= CASES.keys():
        found[FRAME] = timed(partial(frame, store), 1)
    store.close()
    return found


def measure_mlflow(path: Path, repeats: int, cases: Cases) -> dict[str, Times]:
    """MLflow's times; slow searches are repeated less often."""
    import mlflow

    mlflow.set_tracking_uri(f"sqlite:///{path}")
    client, found = mlflow.MlflowClient(), {}

    def search(text: str, order: list[str]) -> object:
        return client.search_runs(["0"], text, max_results=PAGE, order_by=order)

    for name, case in cases.items():
        start = time.perf_counter()
        search(*case)
        few = max(1, min(repeats, int(20 / (time.perf_counter() - start))))
        found[name] = timed(partial(search, *case), few)
        print(f"  MLflow, {name}: {found[name]} ms", file=sys.stderr)
    if cases.keys() >= CASES.keys():
        found[FRAME] = timed(lambda: mlflow.search_runs(["0"], max_results=FRAME_ROWS), 1, warm=False)
    return found


def analyse(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("ANALYZE")
        db.commit()


def compare(folder: Path, runs: int, repeats: int, with_mlflow: bool, goals: bool) -> None:
    """Print the times on both files as a table."""
    makers = {"Trackside's": make_database} | ({"MLflow's": made_by_mlflow} if with_mlflow and not goals else {})
    shared = {name: CASES[name] for name in GOALS} if goals else CASES
    columns: dict[str, dict[str, Times]] = {}
    for owner, make in makers.items():
        path = folder / f"{owner[:-2].lower()}-{runs}.db"
        if not path.exists():
            make(path)
            fill(path, runs)
        columns[f"Trackside, {owner} file"] = measure(path, repeats, shared if goals else {**CASES, **OURS})
        if with_mlflow:
            made_by_mlflow(path)
            analyse(path)
            columns[f"MLflow, {owner} file"] = measure_mlflow(path, repeats, shared)
    print(f"| {runs:,} runs, milliseconds | {' | '.join(columns)} |")
    print("|---|" + "---|" * len(columns))
    for name in shared if goals else (*CASES, *OURS, FRAME):
        cells = [str(times.get(name, "")) for times in columns.values()]
        print(f"| {name} | {' | '.join(cells)} |")


def compare_points(folder: Path, points: int, repeats: int) -> None:
    """Print the times of conditions on extremes, as kept by our files and read from the history of others."""
    path = folder / f"points-{points}.db"
    if not path.exists():
        make_database(path)
        fill_points(path, points)
    kept = measure(path, repeats, POINTS)
    with closing(sqlite3.connect(path)) as db:
        for name in ("added", "removed", "changed"):
            db.execute(f"DROP TRIGGER trackside_metric_{name}")
        db.commit()
    read = measure(path, repeats, POINTS)
    print(f"| {points:,} points of 100 runs, milliseconds | kept | from the history |\n|---|---|---|")
    for name in POINTS:
        print(f"| {name} | {kept[name]} | {read[name]} |")
    compare_history(folder, repeats)


def compare_history(folder: Path, repeats: int) -> None:
    """Print the times of reading a metric of 100,000 points."""
    path = folder / "history.db"
    if not path.exists():
        make_database(path)
        fill(path, 1)
        with closing(sqlite3.connect(path)) as db:
            (run_id,) = db.execute("SELECT run_uuid FROM runs").fetchone()
            points = (("m0", step * 7919 % 100_003 / 100_003, step, run_id, step) for step in range(1, 100_000))
            db.executemany("INSERT INTO metrics (key, value, timestamp, run_uuid, step) VALUES (?, ?, ?, ?, ?)", points)
            db.commit()
    store = SqliteStore(path)
    run_id = store.search_runs(RunQuery(("0",))).items[0].info.run_id
    history = store.metric_history(run_id, "m0")
    print(f"| history of {len(history):,} points | {timed(lambda: store.metric_history(run_id, 'm0'), repeats)} | |")
    store.close()


def fill_points(path: Path, points: int) -> None:
    """Write 100 runs with 20 metrics each, and histories as long as it takes, in the order of the primary key."""
    fill(path, 100)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA cache_size = -2000000")
        for place in range(METRICS):
            db.execute(_HISTORIES, (f"m{place}", points // (100 * METRICS) - 1))
            db.commit()


_HISTORIES = """
WITH RECURSIVE steps(step) AS (SELECT 1 UNION ALL SELECT step + 1 FROM steps WHERE step < ?2),
     ids(number, run_id) AS (SELECT row_number() OVER (ORDER BY run_uuid), run_uuid FROM runs)
INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan)
SELECT ?1, ((step * 7919 + number * 31) % 100003) / 100003.0, step, run_id, step, 0 FROM steps CROSS JOIN ids
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--points", type=int)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--folder", type=Path, help="keep the databases here, and use those that are there")
    parser.add_argument("--without-mlflow", action="store_true")
    parser.add_argument("--goals", action="store_true")
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as temporary:
        folder = (arguments.folder or Path(temporary)).absolute()
        folder.mkdir(exist_ok=True)
        os.chdir(folder)
        if arguments.points:
            compare_points(folder, arguments.points, arguments.repeats)
        else:
            compare(folder, arguments.runs, arguments.repeats, not arguments.without_mlflow, arguments.goals)


if __name__ == "__main__":
    main()
