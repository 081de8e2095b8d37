"""Runs as columns: what comes out of them is what went in, whatever it was kept as."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from trackside.entities import Metric, Run, RunData, RunInfo, RunStatus
from trackside.stores.columns import RunColumns
from trackside.stores.sqlite import SqliteStore
from trackside.tracking.choosing import ChosenRun
from trackside.widgets.run_table import MOST_TEXTS, Numbers, Params, RunTable, Texts

if TYPE_CHECKING:
    from trackside.stores.base import Store

WRITTEN = st.one_of(st.none(), st.integers().map(str), st.floats().map(repr), st.text(max_size=3))


def _run(number: int, data: RunData) -> Run:
    return Run(
        RunInfo(f"{number:032x}", "7", f"run {number}", "ada", RunStatus.FINISHED, 5 + number, None, f"/a/{number}"),
        data,
    )


def _table(store: Store, rows: list[RunData]) -> RunTable:
    return RunTable(ChosenRun(store, _run(number, data)) for number, data in enumerate(rows))


def test_runs_come_out_of_the_columns_as_they_went_in(tmp_path: Path) -> None:
    """R10.1: also those that have nothing, or what no other run has."""
    store = SqliteStore(tmp_path / "mlflow.db")
    rows = [
        RunData(),
        RunData({"a": 1.5}, {"p": "x"}, {"t": ""}),
        RunData({"a": math.inf, "b": -0.0}, {"q": "1"}, {"mlflow.user": "bob"}),
    ]
    table = _table(store, rows)
    runs = [_run(number, data) for number, data in enumerate(rows)]
    assert [table.run(place) for place in range(3)] == runs
    assert table.columns_of([2, 0]).params == {"p": [None, None], "q": ["1", None]}
    whole, known = table.columns_of([0, 1, 2]), RunColumns.of(runs)
    assert (whole.params, whole.tags, whole.start_times) == (known.params, known.tags, known.start_times)
    assert math.isnan(whole.metrics["a"][0])
    store.close()


def test_metrics_have_a_history_from_their_second_step_on_or_where_no_steps_are_told(tmp_path: Path) -> None:
    """R10.2."""
    store = SqliteStore(tmp_path / "mlflow.db")
    data = RunData({"a": 1.0, "b": 2.0}, latest={"a": Metric("a", 1.0, 0, 3), "b": Metric("b", 2.0, 0, 0)})
    assert _table(store, [data]).histories == {"a"}
    assert _table(store, [data, RunData({"c": 1.0})]).histories == {"a", "c"}
    store.close()


@given(st.lists(WRITTEN, max_size=200))
def test_values_of_params_are_told_as_they_were_logged(values: list[str | None]) -> None:
    """R10.1."""
    column = Params()
    for place, text in enumerate(values):
        if text is not None:
            column.put(place, text)
    assert [column.get(place) for place in range(len(values))] == values


def _filled(texts: Iterator[str]) -> Params:
    column = Params()
    for place, text in enumerate(texts):
        column.put(place, text)
    return column


def test_many_different_numbers_are_kept_as_numbers_until_one_is_none() -> None:
    """Texts take ten times as much room."""
    many = [str(number / 8) if number % 8 else str(number // 8) for number in range(MOST_TEXTS + 1)]
    assert isinstance(_filled(iter(many[:-1])).column, Texts)
    assert isinstance(_filled(iter(many)).column, Numbers)
    mixed = _filled(iter([*many, "1e-3"]))
    assert isinstance(mixed.column, Texts)
    assert [mixed.get(place) for place in range(len(many) + 1)] == [*many, "1e-3"]
