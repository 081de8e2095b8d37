"""Runs as CSV: columns, quoting, order, and what a spreadsheet makes of it."""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import trackside
from trackside.entities import Run, RunData, RunInfo, RunStatus
from trackside.errors import FilterError, InvalidValueError, RunNotFoundError
from trackside.transfer.csv import FIXED_COLUMNS, write_csv

HEAD = "Run ID,Name,Source Type,Source Name,User,Status"
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def make_run(
    name: str = "swift-otter",
    params: dict[str, str] | None = None,
    metrics: dict[str, float] | None = None,
    tags: dict[str, str] | None = None,
) -> Run:
    info = RunInfo("1f", "0", name, "ada", RunStatus.FINISHED, 0, 1, "")
    return Run(info, RunData(metrics or {}, params or {}, tags or {}))


def text_of(*runs: Run, safe: bool = False) -> str:
    target = io.StringIO(newline="")
    assert write_csv(runs, target, safe_for_spreadsheets=safe) == len(runs)
    return target.getvalue()


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def test_the_header_is_the_documented_one() -> None:
    """R8.7: params and then metrics behind the fixed columns, each by name."""
    runs = make_run(params={"b": "1"}, metrics={"z": 1.0}), make_run(params={"a": "2"}, metrics={"y": 2.0})
    assert text_of(*runs).splitlines()[0] == f"{HEAD},a,b,y,z"
    assert ",".join(FIXED_COLUMNS) == HEAD
    assert text_of() == f"{HEAD}\n"


def test_a_line_says_who_made_the_run_with_what() -> None:
    """R8.7"""
    tags = {"mlflow.source.type": "NOTEBOOK", "mlflow.source.name": "wine.ipynb", "mlflow.user": "grace"}
    assert text_of(make_run(tags=tags)).splitlines()[1] == "1f,swift-otter,NOTEBOOK,wine.ipynb,grace,FINISHED"
    assert text_of(make_run()).splitlines()[1] == "1f,swift-otter,,,ada,FINISHED"


def test_what_is_missing_differs_from_what_is_empty() -> None:
    """R8.7"""
    lines = text_of(make_run(params={"a": ""}), make_run(params={"b": "x"})).splitlines()
    assert [line.partition("FINISHED")[2] for line in lines[1:]] == [',"",', ",,x"]


def test_metrics_keep_all_their_digits() -> None:
    """R8.7"""
    values = {"a": 0.1 + 0.2, "b": float("nan"), "c": float("inf"), "d": float("-inf"), "e": -1e-300}
    text = text_of(make_run(metrics=values))
    assert [float(cell) for cell in rows_of(text)[1][6:] if cell != "NaN"] == [values[key] for key in "acde"]
    assert "NaN,Infinity,-Infinity" in text
    assert list(pd.read_csv(io.StringIO(text))["c"]) == [float("inf")]


@given(st.lists(st.tuples(ANY_TEXT, st.dictionaries(ANY_TEXT, ANY_TEXT, max_size=4)), max_size=4))
def test_any_text_comes_back_as_it_was(content: list[tuple[str, dict[str, str]]]) -> None:
    """R8.7: line ends, quotes, separators, zero bytes and blanks at the ends included."""
    runs = [make_run(name, params) for name, params in content]
    head, *rows = rows_of(text_of(*runs).replace("\0", "\ufffe"))
    keys = sorted({key for _, params in content for key in params})
    assert head[6:] == [key.replace("\0", "\ufffe") for key in keys]
    for (name, params), row in zip(content, rows, strict=True):
        assert [row[1], *row[6:]] == [
            text.replace("\0", "\ufffe") for text in (name, *(params.get(k, "") for k in keys))
        ]


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|x", "-1+cmd|x", "@SUM(A1)", "\t=1", " =1", "\r=1", "\uff1d1", "-", "--1"]
)
def test_a_formula_becomes_text_where_that_is_asked_for(text: str) -> None:
    """R8.7: in names, keys and values."""
    runs = make_run(text, params={text: text})
    head, row = rows_of(text_of(runs, safe=True))
    assert [head[6], row[1], row[6]] == [f"'{text}"] * 3
    head, row = rows_of(text_of(runs))
    assert [head[6], row[1], row[6]] == [text] * 3


@pytest.mark.parametrize("text", ["-0.5", "+3", "-1e-5", "-.5", "12", "a=b", "3-4", ""])
def test_a_number_stays_a_number(text: str) -> None:
    """R8.7: negative ones too, as params and as metrics."""
    row = rows_of(text_of(make_run(params={"p": text}, metrics={"m": -0.25}), safe=True))[1]
    assert row[6:] == [text, "-0.25"]


def test_memory_does_not_grow_with_the_number_of_runs() -> None:
    """R8.7: 5,000 runs of 20 kB each in a few megabytes."""

    def runs() -> Iterator[Run]:
        for number in range(5000):
            yield make_run(params={f"p{key}": f"{number}" * 20 for key in range(20)})

    class Nowhere(io.StringIO):
        def write(self, text: str) -> int:
            return len(text)

    tracemalloc.start()
    try:
        assert write_csv(runs(), Nowhere()) == 5000
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


@pytest.fixture
def three_runs(workspace: Path) -> list[str]:
    """The ids of three runs, oldest first."""
    ids = []
    for number in range(3):
        with trackside.start_run(run_name=f"run {number}") as run:
            trackside.log_param("depth", number)
            trackside.log_metric("loss", 1 - number)
        ids.append(run.info.run_id)
    return ids


def test_a_search_is_written_page_by_page(three_runs: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """R8.7, R11.3"""
    monkeypatch.setattr("trackside.tracking.exporting._PAGE_SIZE", 1)
    assert trackside.runs_to_csv("runs.csv", filter_string="metrics.loss < 1", order_by=["metrics.loss"]) == 2
    rows = rows_of(Path("runs.csv").read_text(encoding="utf-8"))
    assert [row[0] for row in rows[1:]] == [three_runs[2], three_runs[1]]
    assert [row[6:] for row in rows] == [["depth", "loss"], ["2", "-1.0"], ["1", "0.0"]]


def test_chosen_runs_are_written_in_their_order(three_runs: list[str]) -> None:
    """R8.7"""
    target = io.StringIO(newline="")
    assert trackside.runs_to_csv(target, run_ids=[three_runs[2], three_runs[0]]) == 2
    assert [row[0] for row in rows_of(target.getvalue())[1:]] == [three_runs[2], three_runs[0]]
    assert trackside.runs_to_csv(target, run_ids=[]) == 0
    with pytest.raises(InvalidValueError, match="not both"):
        trackside.runs_to_csv(target, ["0"], run_ids=three_runs)


def test_a_file_stays_as_it_was_when_the_search_fails(three_runs: list[str]) -> None:
    """R8.7"""
    Path("runs.csv").write_text("before")
    with pytest.raises(FilterError):
        trackside.runs_to_csv("runs.csv", filter_string="metrics.")
    with pytest.raises(RunNotFoundError):
        trackside.runs_to_csv("runs.csv", run_ids=[three_runs[0], "gone"])
    assert Path("runs.csv").read_text() == "before"
    with pytest.raises(InvalidValueError, match="cannot be written"):
        trackside.runs_to_csv("no/such/folder.csv")
