# ruff: noqa: T201 - it prints a table
"""Measures search over many runs, beside MLflow's own on the same file.

    python tests/bench/search.py --runs 100000

Makes a database of runs with 20 params, 20 metrics and 10 tags each, the same ones every time: once with the tables
that MLflow makes, once as Trackside makes them, with its extra indexes. Times are medians in milliseconds.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from trackside.search import parse_filter, parse_order
from trackside.stores.base import RunQuery
from trackside.stores.creation import make_database
from trackside.stores.sqlite import SqliteStore

PARAMS, METRICS, TAGS = 20, 20, 10
PAGE = 50
CASES: dict[str, tuple[str, list[str]]] = {
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
OURS: dict[str, tuple[str, list[str]]] = {
    "OR": ("metrics.m0 > 0.99 OR params.p1 = '3' AND tags.t2 = '4'", ["metrics.m1 DESC"]),
    "number in a param": ("params.p2 < 5", ["metrics.m1 DESC"]),
    "MIN": ("MIN(metrics.m0) < 0.001", []),
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


def timed(work: Callable[[], object], repeats: int) -> float:
    """The median time of some calls, in milliseconds, after one that does not count."""
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def measure(path: Path, repeats: int, cases: dict[str, tuple[str, list[str]]]) -> dict[str, float]:
    store = SqliteStore(path)
    found = {}
    for name, (text, order) in cases.items():

        def search() -> object:
            query = RunQuery(("0",), max_results=PAGE, filter=parse_filter(text), order_by=parse_order(order))  # noqa: B023
            return store.search_runs(query)

        found[name] = timed(search, repeats)
    store.close()
    return found


def measure_mlflow(path: Path, repeats: int, give_up_s: float) -> dict[str, float]:
    from mlflow import MlflowClient

    client, found = MlflowClient(f"sqlite:///{path}"), {}
    for name, (text, order) in CASES.items():
        start = time.perf_counter()
        client.search_runs(["0"], text, max_results=PAGE, order_by=order)
        first = time.perf_counter() - start
        few = max(1, min(repeats, int(give_up_s / max(first, 0.001))))
        found[name] = timed(lambda: client.search_runs(["0"], text, max_results=PAGE, order_by=order), few)  # noqa: B023
        print(f"  mlflow {name}: {found[name]:.1f}", file=sys.stderr)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--folder", type=Path, help="keep the databases here and use them again")
    parser.add_argument("--without-mlflow", action="store_true")
    parser.add_argument("--analyze", action="store_true", help="run ANALYZE on the file that MLflow searches")
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary)
        folder.mkdir(exist_ok=True)
        os.chdir(folder)
        compare(folder, arguments)


def compare(folder: Path, arguments: argparse.Namespace) -> None:
    ours, theirs = folder / f"ours-{arguments.runs}.db", folder / f"mlflow-{arguments.runs}.db"
    for path, make in ((ours, make_database), (theirs, made_by_mlflow)):
        if not path.exists() and not (path == theirs and arguments.without_mlflow):
            make(path)
            fill(path, arguments.runs)
    if arguments.analyze:
        with closing(sqlite3.connect(theirs)) as db:
            db.execute("ANALYZE")
            db.commit()
    results = {"ours": measure(ours, arguments.repeats, {**CASES, **OURS})}
    if theirs.exists():
        results["ours on mlflow's file"] = measure(theirs, arguments.repeats, {**CASES, **OURS})
    if not arguments.without_mlflow:
        results["mlflow"] = measure_mlflow(theirs, arguments.repeats, give_up_s=20)
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
