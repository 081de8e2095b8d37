"""Comparisons: which runs, their columns, what front ends ask for, the selection, and what a notebook keeps."""

from __future__ import annotations

import base64
import json
import math
import random
import re
import string
import struct
import subprocess
import sys
import zlib
from array import array
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import nbformat
import pytest

import trackside
from trackside.entities import Metric, Param, RunData, RunStatus
from trackside.errors import FilterError, InvalidValueError, RunNotFoundError
from trackside.stores.uri import open_store
from trackside.tracking.choosing import ChosenRun
from trackside.tracking.session import current_store
from trackside.widgets import compare_saved
from trackside.widgets.bridge import answer
from trackside.widgets.chart_data import NumberColumn, TextColumn
from trackside.widgets.compare_requests import CompareRequests
from trackside.widgets.run_table import RunTable

from .widget_world import EXAMPLES, World, make_run, read_example

HOSTILE = "loss.<script>alert('x')</script> & \"more\" ü"


@pytest.fixture
def runs(workspace: Path) -> list[str]:
    """Three runs, the last made first in lists."""
    return [
        make_run("a", {"depth": "2", "solver": "sgd"}, {"loss": 0.5}),
        make_run("b", {"depth": "4", "solver": "adam"}, {"loss": 0.25, "gain": math.inf}),
        make_run("c", {"depth": "1e1"}, {"loss": math.nan}),
    ]


def unpack(saved: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    content = zlib.decompress(base64.b64decode(saved["content"]))
    (length,) = struct.unpack_from("<I", content)
    written = json.loads(content[4 : 4 + length])
    start = -(-(4 + length) // 8) * 8
    return written["data"], [content[start + at : start + at + size] for at, size in written["buffers"]]


def saved_of(comparison: trackside.Comparison) -> dict[str, Any]:
    found: dict[str, Any] = comparison._repr_mimebundle_()[compare_saved.MIME]
    return found


# Which runs


def test_runs_are_named_in_every_way(runs: list[str]) -> None:
    """R10.1: by ids, runs, an experiment, a filter, a DataFrame, a list of these, and all there are."""
    first = trackside.get_run(runs[0])
    everything = [run.info.run_id for run in trackside.search_runs(["0"], output_format="list")]
    for what, expected in (
        (runs[:2], runs[:2]),
        (runs[0], runs[:1]),
        (first, runs[:1]),
        ([first, runs[2]], [runs[0], runs[2]]),
        (trackside.get_experiment("0"), everything),
        ("Default", everything),
        ("metrics.loss < 0.4", [runs[1]]),
        (trackside.search_runs(["0"], "params.depth = '2'"), runs[:1]),
        ([runs[1], "params.depth = '2'", runs[1]], [runs[1], runs[0]]),
    ):
        assert [run.info.run_id for run in trackside.compare(what).runs] == expected, what
    assert len(trackside.compare(experiments="Default", max_runs=2)) == 2


def test_runs_of_several_stores_stand_side_by_side(runs: list[str]) -> None:
    """R10.1: each part under its tracking URI."""
    other = open_store("sqlite:///other.db")
    own = make_run("far", {"depth": "3"}, {"loss": 0.1}, other)
    comparison = trackside.compare({trackside.get_tracking_uri(): runs[:1], "sqlite:///other.db": [own]})
    stores = comparison.data.find("detail", "store")
    assert isinstance(stores, TextColumn)
    assert [run.info.run_name for run in comparison.runs] == ["a", "far"]
    assert len(stores.texts) == 2
    assert comparison.find_gone() == []
    assert len(trackside.compare({"sqlite:///other.db": None})) == 1


def test_what_names_no_runs_is_said(runs: list[str]) -> None:
    with pytest.raises(RunNotFoundError, match=r"there is no run 'f{32}'"):
        trackside.compare(["f" * 32])
    with pytest.raises(FilterError, match="was read as a filter"):
        trackside.compare("no such experiment")
    with pytest.raises(InvalidValueError, match="no runs to compare"):
        trackside.compare("metrics.loss > 100")
    with pytest.raises(InvalidValueError, match="no column run_id"):
        trackside.compare(trackside.search_runs(["0"])[["status"]])
    with pytest.raises(InvalidValueError, match="by a int"):
        trackside.compare(3)
    with pytest.raises(InvalidValueError, match="'lost' among its metrics"):
        trackside.compare(runs, metrics=["lost"])
    with pytest.raises(InvalidValueError, match="no chart"):
        trackside.compare(runs, charts=["pie"])
    with pytest.raises(InvalidValueError, match="baseline"):
        trackside.compare(runs, baseline="f" * 32)


# Columns


def test_columns_hold_what_was_logged_and_what_was_not(runs: list[str]) -> None:
    """NaN and infinities are values; a run without the metric is marked as missing."""
    data = trackside.compare(runs).data
    loss, gain = data.find("metric", "loss"), data.find("metric", "gain")
    solver = data.find("param", "solver")
    assert isinstance(loss, NumberColumn)
    assert isinstance(gain, NumberColumn)
    assert isinstance(solver, TextColumn)
    assert list(loss.values)[:2] == [0.5, 0.25]
    assert math.isnan(loss.values[2])
    assert loss.missing is None
    assert (gain.missing, gain.values[1]) == (bytes([1, 0, 1]), math.inf)
    assert (list(solver.codes), solver.texts) == ([0, 1, -1], ["sgd", "adam"])


def test_many_numbers_travel_as_numbers_only_where_that_says_the_same(workspace: Path) -> None:
    """500 different values of a param: numbers of any size, or texts as they are."""
    ids = [make_run(f"r{n}", {"rate": repr((n + 0.5) / 7), "name": f"v{n}", "size": f"{n}.0"}, {}) for n in range(100)]
    data = trackside.compare(ids).data
    assert isinstance(data.find("param", "rate"), NumberColumn)
    assert isinstance(data.find("param", "size"), TextColumn)
    name = data.find("param", "name")
    assert isinstance(name, TextColumn)
    assert len(name.texts) == 100


# What front ends ask for


def test_the_examples_are_answered_with_their_replies(workspace: Path) -> None:
    """Requests about a comparison, as `js/test/compare.test.ts` reads them."""
    world = World(open_store("sqlite:///mlflow.db"))
    comparison = trackside.compare([world.parent, world.child], metrics=["loss"])
    handlers = CompareRequests(comparison).handlers
    for path in sorted((EXAMPLES / "compare").glob("compare.[crs]*.json")):
        example = read_example(f"compare/{path.stem}")
        if "push" in example:
            continue
        message = answer(world.with_ids(example["request"]), handlers)
        assert world.named(message) == example["reply"], path.stem
        assert message.buffers == example["buffers"], path.stem
    state = read_example("compare/compare.changed")["push"]["data"]
    assert world.with_ids(state) == {key: comparison.take().content[key] for key in state}


def test_a_curve_keeps_its_extremes_and_has_as_many_points_as_asked_for(runs: list[str]) -> None:
    points = [Metric("loss", 100.0 if step == 777 else math.sin(step), step, step) for step in range(2000)]
    current_store().log_batch(runs[0], metrics=points)
    request = {"id": "p:1", "kind": "compare.curves", "data": {"metric": "loss", "runs": runs, "points": 50}}
    message = answer(request, CompareRequests(trackside.compare(runs)).handlers)
    curve = message.content["reply"]["curves"][0]
    values = array("d", message.buffers[curve["values"]])
    assert (len(values) <= 50, max(values), curve["points"]) == (True, 100.0, 2001)
    too_many = {**request, "data": {**request["data"], "points": 10**6}}  # type: ignore[dict-item]
    assert "fault" in answer(too_many, CompareRequests(trackside.compare(runs)).handlers).content


# The selection


def test_the_selection_comes_back_to_python(runs: list[str]) -> None:
    """What is not compared is left out; functions are called with a DataFrame, and only when something changed."""
    comparison = trackside.compare(runs)
    told: list[list[str]] = []
    comparison.on_select(lambda frame: told.append(list(frame["run_id"])))
    assert (len(comparison.selected), list(comparison.selected["metrics.loss"])) == (0, [])
    request = {"id": "p:1", "kind": "compare.select", "data": {"run_ids": [runs[2], "x", runs[0]]}}
    assert answer(request, CompareRequests(comparison).handlers).content["reply"] == {"waits": False}
    comparison.select([runs[0], runs[2]])
    assert list(comparison.selected["run_id"]) == [runs[0], runs[2]]
    assert told == [[runs[0], runs[2]]]
    with pytest.raises(InvalidValueError, match="takes a function"):
        comparison.on_select(3)  # type: ignore[arg-type]


def test_a_function_that_fails_is_told_of_once_and_harms_nothing(
    runs: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    comparison = trackside.compare(runs)
    told: list[int] = []
    pushed: list[str] = []

    def fail(frame: Any) -> None:
        if len(frame) < 3:
            raise ValueError("too few")

    comparison.on_select(fail)
    comparison.on_select(lambda frame: told.append(len(frame)))
    comparison.listeners.append(lambda: pushed.append(comparison.take().content["complaint"]))
    comparison.select(runs[:1])
    comparison.select(runs[:2])
    assert capsys.readouterr().err.count("on_select was given failed: fail: ValueError: too few") == 1
    assert pushed[-1] == "fail: ValueError: too few"
    comparison.select(runs)
    assert (told, pushed[-1]) == ([1, 2, 3], "")


def test_runs_that_were_deleted_since_are_known(runs: list[str]) -> None:
    comparison = trackside.compare(runs)
    trackside.delete_run(runs[1])
    assert comparison.find_gone() == [runs[1]]
    assert comparison.take().content["gone"] == [runs[1]]


def test_runs_that_go_on_are_followed_until_they_end(runs: list[str]) -> None:
    """R10.1: what is shown is as new as the runs; those that have ended stay as they were."""
    store, going = current_store(), runs[0]
    store.update_run(runs[1], status=RunStatus.FINISHED, end_time=5_000)
    comparison = trackside.compare(runs)
    assert comparison.take().content["round"] == 0
    histories = comparison.data.histories
    points = [Metric("gain", value, 3_000 + step, step) for step, value in enumerate((1.0, 2.0, math.nan))]
    store.log_batch(going, metrics=points)
    store.log_batch(runs[1], metrics=[Metric("late", 1.0, 3_000, 0)])
    trackside.flush()
    assert comparison.take().content["round"] == 1
    column = comparison.data.find("metric", "gain")
    assert isinstance(column, NumberColumn)
    assert column.is_there(comparison.table.places[going])
    assert comparison.data.find("metric", "late") is None
    assert set(comparison.data.histories) == {*histories, "gain"}
    assert [len(curve.kept) for curve in comparison.first_curves() if curve.key == "gain"] == [3]
    for run in (going, runs[2]):
        store.update_run(run, status=RunStatus.FINISHED, end_time=6_000)
    trackside.flush()
    assert comparison.take().content["round"] == 2
    store.log_batch(going, metrics=[Metric("gain", 9.0, 9_000, 9)])
    trackside.flush()
    assert comparison.take().content["round"] == 2


# What a notebook keeps


def test_a_notebook_keeps_the_columns_exactly_and_says_of_what_version_they_are(runs: list[str]) -> None:
    """R10.4: all that is drawn comes back out of the saved text."""
    comparison = trackside.compare(runs)
    saved = saved_of(comparison)
    assert (saved["version"], saved["comparison"], saved["runs"], saved["total"]) == (1, comparison.id, 3, 3)
    data, buffers = unpack(saved)
    loss = next(column for column in data["columns"] if column["key"] == "loss")
    assert data["run_ids"] == runs
    assert array("d", buffers[loss["values"]])[:2].tolist() == [0.5, 0.25]
    assert {"image/svg+xml", "text/plain"} < set(comparison._repr_mimebundle_())


def test_more_than_two_thousand_runs_are_reduced_with_the_best_and_worst_kept(workspace: Path) -> None:
    ids = [make_run(f"r{n}", {"n": str(n)}, {"loss": -5.0 if n == 1501 else n / 3000}) for n in range(2100)]
    saved = saved_of(trackside.compare(ids))
    data, _ = unpack(saved)
    assert (saved["runs"] <= 2000, saved["total"]) == (True, 2100)
    assert {ids[1501], ids[2099]} < set(data["run_ids"])
    assert len(json.dumps(saved)) < 200_000


def test_a_saved_comparison_stays_small_whatever_texts_the_runs_have(
    runs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Columns that are too large are left out, and named; then runs."""
    monkeypatch.setattr(compare_saved, "MOST_BYTES", 1200)
    letters = random.Random(1)
    for run in runs:
        text = "".join(letters.choices(string.ascii_letters, k=2000))
        current_store().log_batch(run, params=[Param("text", text)])
    data, _ = unpack(saved_of(trackside.compare(runs)))
    assert "params.text" in data["left_out"]
    assert len(saved_of(trackside.compare(runs))["content"]) < 1700


@pytest.mark.parametrize(
    "metrics",
    [
        [{"loss": 1.0}],
        [{"x": 1.0}, {"y": 2.0}],
        [{"loss": math.nan}, {"loss": math.nan}],
        [{"loss": math.inf}, {"loss": -math.inf}],
        [{"loss": 1e300}, {"loss": 1e-300}, {"loss": -1e300}],
        [{"a.b c/d": 1.0}, {"a.b c/d": 2.0}],
    ],
    ids=["one run", "no common metric", "all NaN", "infinities", "far apart", "dots and spaces"],
)
@pytest.mark.parametrize("chart", ["parallel", "scatter", "contour", "curves", "bars", "table"])
def test_bad_input_makes_a_picture_all_the_same(workspace: Path, metrics: list[dict[str, float]], chart: str) -> None:
    ids = [make_run(f"<b>{n}</b>", {"p": f"<i>{n}</i>"}, values) for n, values in enumerate(metrics)]
    bundle = trackside.compare(ids, charts=chart)._repr_mimebundle_()
    picture = ET.fromstring(bundle["image/svg+xml"])
    assert not [node for node in picture.iter() if node.tag.endswith(("script", "}b", "}i"))]
    assert "nan" not in " ".join(value for node in picture.iter() for value in node.attrib.values())
    assert "inf" not in " ".join(node.get("d", "") for node in picture.iter())


def test_markup_in_names_stays_text(runs: list[str]) -> None:
    """Trackside refuses such keys, but others may have written the database."""
    comparison = trackside.compare(runs)
    hostile = [RunData(metrics={HOSTILE: float(n)}, params={HOSTILE: f"{n}\x00"}) for n in range(3)]
    store = comparison.table.store_of(0)
    made = [replace(run, data=data) for run, data in zip(comparison.runs, hostile, strict=True)]
    comparison.table = RunTable(ChosenRun(store, run) for run in made)
    bundle = comparison._repr_mimebundle_()
    texts = [node.text for node in ET.fromstring(bundle["image/svg+xml"]).iter() if node.tag.endswith("text")]
    assert any("<script>" in (text or "") for text in texts)
    assert "<script" not in bundle["image/svg+xml"]
    data, _ = unpack(bundle[compare_saved.MIME])
    assert HOSTILE in [column["key"] for column in data["columns"]]


def test_five_hundred_texts_of_a_param_and_a_hundred_metrics_are_compared(workspace: Path) -> None:
    ids = [make_run(f"r{n}", {"seed": f"seed {n}"}, {f"m{m}": m * n for m in range(100)}) for n in range(500)]
    comparison = trackside.compare(ids)
    assert repr(comparison) == "<Comparison of 500 runs: 1 param, 100 metrics>"
    assert len(json.dumps(comparison._repr_mimebundle_())) < 1_500_000


def test_a_page_made_of_the_notebook_shows_the_picture_without_javascript(runs: list[str], tmp_path: Path) -> None:
    """R10.4: `nbconvert --to html` keeps the SVG as an image."""
    cell = nbformat.v4.new_code_cell("trackside.compare()")
    output = nbformat.v4.new_output("execute_result", trackside.compare(runs)._repr_mimebundle_(), execution_count=1)
    cell.outputs = [output]
    notebook = tmp_path / "kept.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), notebook)
    command = [sys.executable, "-m", "jupyter", "nbconvert", "--to", "html", "--log-level", "ERROR", str(notebook)]
    subprocess.run(command, check=True, timeout=240)
    page = re.sub("<script.*?</script>", "", notebook.with_suffix(".html").read_text(encoding="utf-8"), flags=re.DOTALL)
    picture = re.search('<img [^>]*src="data:image/svg.xml;base64,([^"]+)"', page)
    assert picture is not None
    drawn = ET.fromstring(base64.b64decode(picture.group(1)))
    texts = {node.text for node in drawn.iter() if node.tag.endswith("text")}
    assert {"depth", "loss"} <= texts
    told = {node.get("id"): node.text for node in drawn.iter()}
    title, description = (told[name] or "" for name in drawn.attrib["aria-labelledby"].split())
    assert (drawn.get("role"), title) == ("img", "Comparison of 3 runs, coloured by loss")
    assert "Metrics: " in description
    assert "Params: " in description
    assert f'alt="{title}. {description}"' in picture.group(0)
