"""Searching a SQLite file finds what the reference meaning of filters and orders says, in every way it may be done."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trackside.entities import LifecycleStage, Metric
from trackside.search import _sources, parse_filter, parse_order
from trackside.search._parser import MAX_DEPTH, MAX_TERMS
from trackside.search.in_sqlite import Place, Search, count_runs, find_and_count, find_run_ids
from trackside.search.matches import matches, sort_key
from trackside.search.nodes import Filter, OrderBy
from trackside.stores.creation import make_database
from trackside.stores.layout import Layout, read_layout

from .search_filters import EXTREME_LEAVES, OUR_FILTERS, OUR_ORDERS
from .search_world import EXPERIMENTS, World, fill

if TYPE_CHECKING:
    from trackside.search._sources import Source, Sources

SCOPES = st.lists(st.sampled_from(EXPERIMENTS), min_size=1, max_size=3, unique=True)
STAGES = st.lists(st.sampled_from(tuple(LifecycleStage)), min_size=1, max_size=2, unique=True)
LIMITS = st.sampled_from((1, 2, 5, 200))
OFFSETS = st.sampled_from((0, 0, 0, 1, 4, 30))
THOROUGH = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@dataclass
class Searched:
    """A database and what is in it."""

    world: World
    db: sqlite3.Connection
    layout: Layout

    def ids(self, search: Search, limit: int = 1000, offset: int = 0, after: Place | None = None) -> list[str]:
        return find_run_ids(self.db, self.layout, search, limit=limit, offset=offset, after=after)

    def expected(self, search: Search) -> list[str]:
        condition = search.filter.condition if search.filter else None
        runs = self.world.in_scope(search.experiment_numbers, map(LifecycleStage, search.stages))
        found = sorted((run for run in runs if matches(condition, run)), key=sort_key(search.order))
        return [evidence.run.info.run_id for evidence in found]


def opened(path: Path, world: World) -> Searched:
    db = sqlite3.connect(path)
    return Searched(world, db, read_layout(db))


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searched]:
    """A file as Trackside makes them."""
    path = tmp_path_factory.mktemp("ours") / "mlflow.db"
    make_database(path)
    searched = opened(path, fill(path, seed=1))
    yield searched
    searched.db.close()


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searched]:
    """The same tables without Trackside's indexes and without what keeps the extremes of metrics up to date."""
    path = tmp_path_factory.mktemp("plain") / "mlflow.db"
    make_database(path)
    world = fill(path, seed=2)
    with sqlite3.connect(path) as db:
        db.execute("DROP INDEX trackside_runs_by_start")
        db.execute("DROP INDEX trackside_latest_metrics_by_value")
        db.execute("DROP TRIGGER trackside_metric_added")
        db.execute("DELETE FROM trackside_metric_extremes")
    db.close()
    searched = opened(path, world)
    yield searched
    searched.db.close()


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searched]:
    """A file from before MLflow had a table of latest metrics, model versions and datasets."""
    path = tmp_path_factory.mktemp("old") / "mlflow.db"
    make_database(path)
    world = fill(path, seed=3, count=40)
    world.models.clear()
    world.datasets.clear()
    with sqlite3.connect(path) as db:
        db.execute("DROP TABLE trackside_metric_extremes")
        for table in ("latest_metrics", "model_versions", "model_version_tags", "datasets", "inputs", "input_tags"):
            db.execute(f"DROP TABLE {table}")
    db.close()
    searched = opened(path, world)
    yield searched
    searched.db.close()


def walk_anyway(sources: Sources, source: Source, steps: float) -> Source:
    return replace(source, collected=sources._collected(steps))


@pytest.fixture(scope="module", params=["as it is", "gathering from keys", "walking along indexes"])
def plan(request: pytest.FixtureRequest) -> Iterator[None]:
    """Small databases would never be searched in the ways that large ones are."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param != "as it is":
            patch.setattr(_sources, "_SMALL", 0)
            patch.setattr(_sources, "_SAMPLE", 5)
            patch.setattr(_sources, "_COUNTED", 7)
        if request.param == "gathering from keys":
            patch.setattr(_sources, "_STEP", 0.001)
        if request.param == "walking along indexes":
            patch.setattr(_sources.Sources, "_if_cheap", walk_anyway)
        yield


@st.composite
def searches(draw: st.DrawFn) -> Search:
    wanted = parse_filter(draw(st.just("") | OUR_FILTERS), now_ms=86_400_000)
    stages = tuple(stage.value for stage in draw(STAGES))
    return Search(tuple(draw(SCOPES)), stages, wanted, parse_order(draw(OUR_ORDERS)))


def check(searched: Searched, search: Search, limit: int, offset: int) -> None:
    expected = searched.expected(search)
    assert searched.ids(search, limit, offset) == expected[offset : offset + limit]
    assert count_runs(searched.db, searched.layout, search) == len(expected)
    assert find_and_count(searched.db, searched.layout, search, limit=limit) == (expected[:limit], len(expected))


@THOROUGH
@given(search=searches(), limit=LIMITS, offset=OFFSETS)
def test_sql_finds_what_the_reference_says(plan: None, ours: Searched, search: Search, limit: int, offset: int) -> None:
    """R8.1, R8.2: all fields, operators, joins and orders."""
    check(ours, search, limit, offset)


@THOROUGH
@given(search=searches(), limit=LIMITS, offset=OFFSETS)
def test_sql_needs_no_indexes(plan: None, plain: Searched, search: Search, limit: int, offset: int) -> None:
    check(plain, search, limit, offset)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(search=searches(), limit=LIMITS, offset=OFFSETS)
def test_sql_searches_the_tables_of_early_versions(old: Searched, search: Search, limit: int, offset: int) -> None:
    check(old, search, limit, offset)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(search=searches(), size=st.integers(1, 20))
def test_pages_go_on_behind_the_last_run(plan: None, ours: Searched, search: Search, size: int) -> None:
    search = Search(search.experiment_numbers, search.stages, search.filter)
    starts = {run.info.run_id: run.info.start_time for run in ours.world.runs}
    found: list[str] = []
    after = None
    while page := ours.ids(search, size, after=after):
        found += page
        after = Place(starts[page[-1]], page[-1])
    assert found == ours.expected(search)


@pytest.fixture(scope="module")
def thinned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searched]:
    """A file in which points of histories were removed and changed."""
    path = tmp_path_factory.mktemp("thinned") / "mlflow.db"
    make_database(path)
    world, dice = fill(path, seed=9), random.Random(9)
    with sqlite3.connect(path) as db:
        for (run_id, key), points in list(world.histories.items()):
            kept = points[-1:] if dice.random() < 0.3 else points
            db.execute("DELETE FROM metrics WHERE run_uuid = ? AND key = ? AND step < ?", (run_id, key, kept[0].step))
            if dice.random() < 0.2:
                kept = [Metric(key, 0.25, kept[0].timestamp, kept[0].step), *kept[1:]]
                where = (run_id, key, kept[0].step)
                db.execute(
                    "UPDATE metrics SET value = 0.25, is_nan = 0 WHERE run_uuid = ? AND key = ? AND step = ?", where
                )
            if dice.random() < 0.1:
                kept = []
                db.execute("DELETE FROM metrics WHERE run_uuid = ? AND key = ?", (run_id, key))
            world.histories[run_id, key] = kept
    db.close()
    searched = opened(path, world)
    assert searched.layout.keeps_extremes
    yield searched
    searched.db.close()


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(leaf=EXTREME_LEAVES, order=st.sampled_from((["MIN(metrics.acc)"], ["MAX(metrics.`val/loss`) DESC"])))
def test_extremes_follow_what_is_removed_and_changed(thinned: Searched, leaf: str, order: list[str]) -> None:
    """R8.1: ``MIN(metrics.rmse) <= 1``."""
    check(thinned, every_run(leaf, parse_order(order)), 200, 0)


def test_extremes_are_kept_by_the_file_itself(ours: Searched) -> None:
    kept = ours.db.execute("SELECT key, run_uuid, lowest, highest FROM trackside_metric_extremes").fetchall()
    values = "CASE WHEN NOT is_nan THEN value END"
    counted = f"SELECT key, run_uuid, min({values}), max({values}) FROM metrics GROUP BY key, run_uuid"
    assert sorted(kept, key=str) == sorted(ours.db.execute(counted).fetchall(), key=str)
    steps = plan_of(ours, every_run("MIN(metrics.acc) < 1"))
    assert "SEARCH m USING PRIMARY KEY (key=? AND run_uuid=?)" in steps
    assert "SEARCH h USING INDEX index_metrics_run_uuid (run_uuid=?)" in steps


def every_run(text: str = "", order: tuple[OrderBy, ...] = ()) -> Search:
    return Search(EXPERIMENTS, tuple(stage.value for stage in LifecycleStage), parse_filter(text), order)


def test_runs_without_a_start_come_last_and_are_paged(tmp_path: Path) -> None:
    make_database(tmp_path / "mlflow.db")
    searched = opened(tmp_path / "mlflow.db", World(tmp_path))
    starts = [("a", 5), ("b", None), ("c", 7), ("d", None), ("e", 5)]
    searched.db.executemany(
        "INSERT INTO runs (run_uuid, start_time, experiment_id, lifecycle_stage) VALUES (?, ?, 1, 'active')", starts
    )
    everything, after, found = every_run(), None, ""
    assert "".join(searched.ids(everything)) == "caebd"
    while page := searched.ids(everything, 1, after=after):
        found += page[0]
        after = Place(dict(starts)[page[0]], page[0])
    assert found == "caebd"
    searched.db.close()


@pytest.mark.parametrize(
    "value",
    ["'; DROP TABLE runs; --", "' OR '1'='1", "%' --", "x\0y", "?1 :a @b $c", "\\'; DELETE FROM runs"],
)
def test_sql_in_keys_and_values_stays_text(ours: Searched, value: str) -> None:
    """Bad input: SQL in keys and values."""
    quoted = json.dumps(value).replace("\\u0000", "\\x00")
    key = value.replace("`", "")
    for text in (f"params.lr = E{quoted}", f"tags.`{key}` = 'x'", f"metrics.`{key}` > 1", f"run_name LIKE E{quoted}"):
        assert ours.ids(every_run(text)) == []
        assert len(ours.ids(every_run(f"NOT {text}"))) == len(ours.world.runs)
    assert ours.ids(Search((1,), (value,))) == []
    assert len(ours.ids(every_run(order=parse_order([f"params.`{key}`"])))) == len(ours.world.runs)
    assert ours.db.execute("SELECT count(*) FROM runs").fetchone() == (len(ours.world.runs),)


def test_the_deepest_filter_fits_into_sqlite(ours: Searched) -> None:
    leaves = ["metrics.acc > 0", "NOT params.lr = 'x'", "MIN(metrics.acc) > 1", "models > 1", "dataset.name = 'iris%'"]
    text = leaves[0]
    for depth in range(MAX_DEPTH):
        text = f"{leaves[depth % 5]} {('AND', 'OR')[depth % 2]} NOT ({text})"
    assert ours.ids(every_run(text)) == ours.expected(every_run(text))


@pytest.mark.parametrize(
    "leaf", ["metrics.acc > {}", "NOT params.lr != {}", "MAX(metrics.acc) > {}", "NOT run_name = '{}'"]
)
def test_the_longest_filter_fits_into_sqlite(ours: Searched, leaf: str) -> None:
    for word in (" AND ", " OR "):
        search = every_run(word.join(leaf.format(number) for number in range(MAX_TERMS)))
        assert ours.ids(search) == ours.expected(search)


def test_the_longest_list_fits_into_sqlite(ours: Searched) -> None:
    """Bad input: a 1 MB filter."""
    known = [run.info.run_id for run in ours.world.runs[:5]]
    ids = ", ".join(repr(f"{number:032x}") for number in range(28_000))
    search = every_run(f"run_id IN ({ids}, {', '.join(map(repr, known))})")
    assert sorted(ours.ids(search)) == sorted(known)
    for name in ("params.lr", "run_name", "status"):
        assert ours.ids(every_run(f"{name} NOT IN ({ids})")) == ours.ids(every_run(f"{name} IS NOT NULL"))


def test_numbers_beyond_sqlites_are_compared_all_the_same(ours: Searched) -> None:
    large = "9" * 300
    for text in (
        f"created < {large}",
        f"created > -{large}",
        f"duration < {large}",
        f"models < {large}",
        f"created NOT IN ({large})",
    ):
        assert ours.ids(every_run(text)) == ours.expected(every_run(text)) != []


def plan_of(searched: Searched, search: Search, limit: int = 50) -> str:
    """What SQLite does for a search."""
    statements: list[str] = []
    searched.db.set_trace_callback(statements.append)
    searched.ids(search, limit)
    searched.db.set_trace_callback(None)
    last = statements[-1]
    return " / ".join(row[3] for row in searched.db.execute(f"EXPLAIN QUERY PLAN {last}"))


def test_orders_walk_along_their_index(ours: Searched) -> None:
    newest = Search((1,), ("active",))
    assert "USING COVERING INDEX trackside_runs_by_start (experiment_id=? AND lifecycle_stage=?)" in plan_of(
        ours, newest
    )
    best = Search((1,), ("active",), None, parse_order(["metrics.acc DESC"]))
    steps = plan_of(ours, best, limit=3)
    assert "USING COVERING INDEX trackside_latest_metrics_by_value (key=?)" in steps
    assert "USE TEMP B-TREE FOR ORDER BY" not in steps


def test_nothing_is_found_in_no_experiment_and_no_stage(ours: Searched) -> None:
    assert ours.ids(Search((), ("active",))) == []
    assert ours.ids(Search((1,), ())) == []
    assert count_runs(ours.db, ours.layout, Search((), ())) == 0


def test_any_number_of_experiments_is_searched(ours: Searched) -> None:
    everywhere = Search(tuple(range(50_000)), ("active", "deleted"), parse_filter("metrics.acc > 0"))
    assert ours.ids(everywhere) == ours.ids(every_run("metrics.acc > 0"))
    assert count_runs(ours.db, ours.layout, everywhere) == len(ours.ids(everywhere))


def test_a_filter_that_asks_for_nothing_finds_everything(ours: Searched) -> None:
    assert ours.ids(every_run("AND")) == ours.ids(Search(EXPERIMENTS, ("active", "deleted"), Filter("", None)))
    assert len(ours.ids(every_run())) == len(ours.world.runs)
