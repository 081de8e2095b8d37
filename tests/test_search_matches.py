"""What filters and orders mean, case by case: the reading of the reference that all else is held to."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trackside.entities import Metric, Run, RunData, RunInfo, RunStatus
from trackside.search import parse_filter, parse_order
from trackside.search._patterns import fits, lowered, to_glob
from trackside.search.matches import DatasetUse, Evidence, matches, sort_key

METRICS = {"acc": 0.9, "nan": math.nan, "inf": math.inf, "zero": -0.0, "flat": math.nan}
PARAMS = {"lr": "0.50", "model": "Tree", "big": "9007199254740993", "blank": "", "umlaut": "Größe", "spaced": " 7\n"}
TAGS = {"color": "blue", "mlflow.runName": "First run", "my custom tag": "my value", "size": "5"}
HISTORY = {
    "acc": [0.1, 0.95, 0.9, math.nan],
    "nan": [1.0, math.nan],
    "inf": [-math.inf, 0.0, math.inf],
    "zero": [0.0],
    "flat": [math.nan, math.nan],
}
DATASETS = (DatasetUse("iris", "d1", "training"), DatasetUse("mnist", "d2"))


def run_with(run_id: str = "a" * 32, start: int | None = 1000, end: int | None = 61_000, **data: object) -> Run:
    info = RunInfo(run_id, "1", "shown name", "ada", RunStatus.FINISHED, start, end, "/artifacts")
    return Run(info, RunData(**data))  # type: ignore[arg-type]


def history(key: str) -> Sequence[Metric]:
    return [Metric(key, value, step, step) for step, value in enumerate(HISTORY.get(key, ()))]


EVIDENCE = Evidence(run_with(metrics=METRICS, params=PARAMS, tags=TAGS), history, lambda: DATASETS, lambda: 2)

HOLD = """
metrics.acc > 0.3
metrics.acc = 0.9 AND metrics.acc >= .9 AND metrics.acc <= 9e-1 AND metrics.acc < 1 AND metrics.acc != 1
metrics.acc IN (1, 0.9) AND metrics.acc NOT IN (1, 2)
LATEST(metrics.acc) = 0.9 AND MIN(metrics.acc) <= 0.1 AND MAX(metrics.acc) > 0.94
MIN(metrics.inf) < -1e308 AND MAX(metrics.inf) > 1e308 AND metrics.inf < 1e999
metrics.inf IN (1.7976931348623157e308)
metrics.nan != 5 AND metrics.nan NOT IN (5) AND metrics.nan IS NOT NULL AND MIN(metrics.nan) = 1
MIN(metrics.flat) != 1 AND MAX(metrics.flat) IS NOT NULL AND MIN(metrics.flat) NOT IN (1)
metrics.zero = 0 AND metrics.missing IS NULL AND MIN(metrics.missing) IS NULL
params.lr = 0.5 AND params.lr = '0.50' AND params.lr != '0.5' AND params.lr < 1 AND params.lr >= 5e-1
params.lr IN ('x', 0.5) AND params.lr NOT IN ('0.5', 0.4)
params.model = 'Tree' AND params.model != 'tree' AND params.model LIKE 'T%e' AND params.model NOT LIKE 't%'
params.model ILIKE 'tREE' AND params.model NOT ILIKE 'x%' AND params.model != 5 AND params.model NOT IN (5)
params.big = 9007199254740993 AND params.big != 9007199254740992 AND params.big > 9007199254740992
params.blank = '' AND params.blank LIKE '' AND params.blank LIKE '%' AND params.blank IS NOT NULL
params.umlaut LIKE 'Gr__e' AND params.umlaut ILIKE 'gRöß_' AND NOT params.umlaut ILIKE 'grÖßE'
params.spaced = 7 AND params.spaced != '7'
tags.color="blue" AND tags.size=5
tags.`my custom tag` = "my value"
run_name = 'First run' AND `run name` != 'shown name'
status = 'FINISHED' AND status != 'finished' AND status ILIKE 'fin%' AND status IN ('FAILED', 'FINISHED')
user_id = 'ada' AND artifact_uri LIKE '/%' AND run_id LIKE 'aaa%' AND attributes.run_id NOT IN ('b')
start_time = 1000 AND created < 1000.5 AND ended IN (61000) AND duration = 1m AND duration IS NOT NULL
models > 0 AND models = 2 AND models != 0 AND models IS NOT NULL
dataset.name = 'iris' AND dataset.name != 'iris' AND dataset.digest LIKE 'd_' AND dataset.context = 'training'
dataset.context IS NOT NULL AND dataset.name IN ('mnist') AND dataset.name NOT IN ('mnist')
NOT metrics.missing > 1 AND NOT params.model = 'x' AND NOT (params.model = 'x' OR params.model = 'y')
metrics.acc > 1 OR params.model = 'Tree'
(metrics.acc > 1 OR params.model = 'Tree') AND NOT (metrics.acc > 1 AND params.model = 'Tree')
"""
FAIL = """
metrics.acc > 0.9
metrics.nan = 0
metrics.nan < 1
metrics.nan >= 0
metrics.nan IN (0)
metrics.nan IS NULL
MAX(metrics.flat) > 0
MIN(metrics.missing) != 1
metrics.missing != 1
metrics.missing NOT IN (1)
metrics.inf = 1e999
params.missing != 'x'
params.missing != 5
params.missing NOT LIKE 'x'
params.missing NOT IN ('x')
params.model < 5
params.model > 5
params.model = 5
params.lr > 0.5
params.lr IN (0.4, '0.5')
params.umlaut ILIKE 'GRÖSSE'
params.model LIKE 'tree'
params.model LIKE 'Tre'
tags.color = 'Blue'
run_name = 'shown name'
run_name IS NULL
status = 'finished'
end_time > 61000
duration > 60000
models IS NULL
models > 2
dataset.name = 'cifar'
dataset.context = 'test'
dataset.name IS NULL
NOT metrics.acc > 0.3
metrics.acc > 1 OR params.model = 'x'
"""


@pytest.mark.parametrize("text", HOLD.strip().splitlines())
def test_conditions_that_hold(text: str) -> None:
    """R8.1: each form of the filter language; missing things, NaN and infinity."""
    wanted = parse_filter(text)
    failing = [str(part) for part in wanted.conjuncts if not matches(part, EVIDENCE)]
    assert failing == []
    assert matches(wanted.condition, EVIDENCE)


@pytest.mark.parametrize("text", FAIL.strip().splitlines())
def test_conditions_that_fail(text: str) -> None:
    assert not matches(parse_filter(text).condition, EVIDENCE)
    assert matches(parse_filter(f"NOT ({text})").condition, EVIDENCE)


def test_a_run_that_goes_on_has_no_end_and_no_duration() -> None:
    going_on = Evidence(run_with(end=None))
    for text in ("ended IS NULL", "duration IS NULL", "NOT ended > 0", "run_name IS NULL", "dataset.name IS NULL"):
        assert matches(parse_filter(text).condition, going_on)
    for text in ("ended != 0", "duration != 0", "duration < 1d", "models > 0"):
        assert not matches(parse_filter(text).condition, going_on)
    assert matches(parse_filter("models = 0").condition, going_on)


def test_a_history_is_read_only_where_it_decides() -> None:
    asked: list[str] = []

    def noted(key: str) -> Sequence[Metric]:
        asked.append(key)
        return history(key)

    evidence = Evidence(
        EVIDENCE.run, noted, lambda: asked.append("datasets") or (), lambda: asked.append("models") or 0
    )  # type: ignore[func-returns-value]
    for text in (
        "MIN(metrics.acc) < 1 AND models > 0 AND metrics.acc > 1",
        "MAX(metrics.acc) < 1 OR dataset.name = 'x' OR params.model = 'Tree'",
        "(MIN(metrics.acc) < 1 OR NOT MAX(metrics.acc) < 1) AND NOT params.model = 'Tree'",
        "MIN(metrics.missing) < 1",
        "LATEST(metrics.acc) < 0",
    ):
        matches(parse_filter(text).condition, evidence)
    assert asked == []
    assert matches(parse_filter("MIN(metrics.acc) < 1 AND params.model = 'Tree'").condition, evidence)
    assert asked == ["acc"]


# Orders


def ordered(runs: list[Evidence], *order: str) -> str:
    return "".join(found.run.info.run_id for found in sorted(runs, key=sort_key(parse_order(order))))


def test_nan_comes_after_numbers_and_what_is_missing_last_in_both_directions() -> None:
    """R8.2: MLflow's order."""
    values = {"a": 1.0, "b": math.nan, "c": None, "d": math.inf, "e": -math.inf, "f": 0.0}
    runs = [Evidence(run_with(key, metrics={} if value is None else {"m": value})) for key, value in values.items()]
    assert ordered(runs, "metrics.m") == "efadbc"
    assert ordered(runs, "metrics.m DESC") == "dafebc"


def test_texts_are_ordered_by_their_characters() -> None:
    values = {"a": "10", "b": "9", "c": "", "d": "A", "e": "a", "f": "é", "g": None, "h": "😀", "i": "\uffff"}
    runs = [Evidence(run_with(key, params={} if value is None else {"p": value})) for key, value in values.items()]
    assert ordered(runs, "params.p") == "cabdefihg"
    assert ordered(runs, "params.p DESC") == "hifedbacg"


def test_equals_are_ordered_newest_first_then_by_id() -> None:
    starts = {"c": 5, "b": 7, "a": 5, "d": None}
    runs = [Evidence(run_with(key, start=start, end=10)) for key, start in starts.items()]
    assert ordered(runs) == "bacd"
    assert ordered(runs, "metrics.m", "status DESC") == "bacd"
    assert ordered(runs, "start_time") == "acbd"
    assert ordered(runs, "created DESC") == "bacd"
    assert ordered(runs, "duration DESC", "run_id DESC") == "cabd"
    assert ordered(runs, "run_id DESC") == "dcba"


def test_runs_are_ordered_by_the_name_that_they_show() -> None:
    runs = [Evidence(run_with("a", tags={"mlflow.runName": "x"})), Evidence(run_with("b"))]
    assert ordered(runs, "run_name") == "ab"


def test_runs_are_ordered_by_extremes_and_numbers_of_models() -> None:
    points = {"a": [3.0, 1.0], "b": [2.0, 2.0], "c": [math.nan], "d": []}
    runs = [
        Evidence(
            run_with(key, metrics={"m": values[-1]} if values else {}),
            lambda name, values=values: [Metric(name, value, 0) for value in values],  # type: ignore[misc]
            model_versions=lambda values=values: len(values),  # type: ignore[misc]
        )
        for key, values in points.items()
    ]
    assert ordered(runs, "MIN(metrics.m)") == "abcd"
    assert ordered(runs, "MAX(metrics.m)") == "bacd"
    assert ordered(runs, "models DESC", "MAX(metrics.m) DESC") == "abcd"


# Patterns and numbers, held to SQLite

AWKWARD = st.text(alphabet="ab%_A*?[]^-\\ßÄ\n.😀\0", max_size=12)


@pytest.fixture(scope="module")
def db() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE texts (value VARCHAR(8000))")
    yield connection
    connection.close()


@settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=AWKWARD, pattern=AWKWARD)
def test_patterns_mean_what_they_mean_in_sqlite(db: sqlite3.Connection, text: str, pattern: str) -> None:
    db.execute("PRAGMA case_sensitive_like = true")
    like, ilike = db.execute("SELECT ?1 LIKE ?2, lower(?1) LIKE lower(?2)", (text, pattern)).fetchone()
    glob, iglob = db.execute(
        "SELECT ? GLOB ?, lower(?) GLOB ?", (text, to_glob(pattern), text, to_glob(lowered(pattern)))
    ).fetchone()
    assert (fits(text, pattern), fits(lowered(text), lowered(pattern))) == (like, ilike) == (glob, iglob)


def test_a_pattern_of_many_wildcards_takes_no_time() -> None:
    """Whoever tries all ways to match it never comes to an end."""
    assert not fits("a" * 20_000, "%a" * 100 + "%b")
    assert fits("a" * 20_000, "%a_%" * 100)


NUMERALS = st.text(alphabet="0123456789.eE+- x\t_", max_size=8) | st.from_regex(
    r"[+-]?[0-9]{1,12}(\.[0-9]{0,3})?", fullmatch=True
)
LITERALS = st.sampled_from(("0", "1", "-1", "0.5", "1e3", "12", "99999999999", "1e-3"))


@settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=NUMERALS, sign=st.sampled_from(("=", "!=", "<", "<=", ">", ">=")), number=LITERALS)
def test_texts_are_read_as_numbers_as_sqlite_reads_them(
    db: sqlite3.Connection, text: str, sign: str, number: str
) -> None:
    db.execute("DELETE FROM texts")
    db.execute("INSERT INTO texts VALUES (?)", (text,))
    is_number = db.execute("SELECT value <= CAST(9e999 AS REAL) FROM texts").fetchone()[0]
    (holds,) = db.execute(f"SELECT value {sign} CAST(? AS NUMERIC) FROM texts", (number,)).fetchone()
    expected = bool(holds) if is_number else sign == "!="
    assert (
        matches(parse_filter(f"params.p {sign} {number}").condition, Evidence(run_with(params={"p": text}))) == expected
    )
