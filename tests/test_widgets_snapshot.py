"""What the panel shows of a store: the newest runs, their telling params and metrics, and all of those unfolded."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

import pytest

from trackside.entities import Metric, Param, RunStatus
from trackside.stores.uri import open_store
from trackside.widgets.context import Context
from trackside.widgets.query import Query, Watch, Window
from trackside.widgets.rows import MAX_COLUMNS, MAX_METRICS, MAX_PARAMS, MAX_TEXT
from trackside.widgets.snapshot import Reader

if TYPE_CHECKING:
    from pathlib import Path

    from trackside.stores.base import Outline, RunQuery, Store
    from trackside.widgets.bridge import Message

START = 1_700_000_000_000


class Place:
    """A store with one experiment."""

    def __init__(self) -> None:
        self.store: Store = open_store("sqlite:///mlflow.db")
        self.experiment_id = self.store.create_experiment("wine")
        self.reader = Reader()
        self.made = 0

    def run(self, params: dict[str, str] | None = None, metrics: dict[str, float] | None = None, **tags: str) -> str:
        """A run that starts a second after the one before."""
        self.made += 1
        start = START + 1000 * self.made
        run = self.store.create_run(
            self.experiment_id, run_name=f"run {self.made}", user_id="ada", start_time=start, tags=tags
        )
        run_id = run.info.run_id
        points = [Metric(key, value, start) for key, value in (metrics or {}).items()]
        logged = [Param(key, value) for key, value in (params or {}).items()]
        self.store.log_batch(run_id, params=logged, metrics=points)
        return run_id

    def take(self, limit: int = 100, *open_ids: str, offset: int = 0) -> Message:
        return self.look(Watch(window=Window(offset, limit), open=open_ids))

    def look(self, watch: Watch) -> Message:
        context = Context(self.store, self.experiment_id, "wine", "wine.ipynb")
        return self.reader.take(context, watch, answers_while_busy=True)

    def rows(self, limit: int = 100) -> list[dict[str, Any]]:
        return self.take(limit).content["rows"]


@pytest.fixture
def place(workspace: Path) -> Place:
    return Place()


def column(message: Message, index: int) -> list[float]:
    values = array("d")
    values.frombytes(message.buffers[index])
    return list(values)


def test_runs_come_newest_first_and_no_more_than_asked_for(place: Place) -> None:
    """R4.1: the total is that of all runs."""
    for _ in range(5):
        place.run()
    snapshot = place.take(2).content
    assert [row["name"] for row in snapshot["rows"]] == ["run 5", "run 4"]
    assert snapshot["total"] == 5


def test_an_experiment_that_does_not_exist_yet_has_no_runs(place: Place) -> None:
    """R2.2: looking makes nothing."""
    context = Context(place.store, None, "later", "later.ipynb")
    snapshot = Reader().take(context, Watch(), answers_while_busy=False).content
    assert snapshot["experiment"] == {"id": None, "name": "later"}
    assert (snapshot["rows"], snapshot["total"], snapshot["store"]["fault"]) == ([], 0, None)
    assert place.store.find_experiment("later") is None


def test_params_that_differ_come_before_those_that_are_the_same(place: Place) -> None:
    """R4.1: what tells the runs apart is what the narrow list has room for."""
    same = {f"same {number}": "1" for number in range(MAX_PARAMS)}
    place.run({**same, "depth": "3"})
    place.run({**same, "depth": "4", "only here": "x"})
    newest, oldest = ([param["key"] for param in row["params"]] for row in place.rows())
    assert newest[:3] == ["depth", "only here", "same 0"]
    assert oldest[:2] == ["depth", "same 0"]
    assert len(newest) == len(oldest) == MAX_PARAMS


def test_long_texts_are_cut_in_rows_and_whole_in_details(place: Place) -> None:
    """R4.2"""
    text = "<b>" + "é🌲" * 2000
    run_id = place.run({"text": text}, **{"mlflow.note.content": f"\n {text}\nmore"})
    message = place.take(10, run_id)
    (row,) = message.content["rows"]
    assert row["params"] == [{"key": "text", "value": {"text": text[:MAX_TEXT], "cut": True}}]
    assert row["note"] == text[:MAX_TEXT]
    (detail,) = message.content["details"]
    assert detail["params"] == [{"key": "text", "value": text}]
    assert detail["note"] == f"\n {text}\nmore"


def test_the_metrics_listed_are_those_that_most_runs_have_and_system_metrics_only_if_there_are_no_others(
    place: Place,
) -> None:
    """R4.1"""
    run = place.run(metrics={"system/cpu": 1.0})
    assert place.take().content["metrics"]["keys"] == ["system/cpu"]
    place.store.log_batch(run, metrics=[Metric("rare", 2.0, 1), Metric("loss", 3.0, 1)])
    place.run(metrics={"system/cpu": 1.0, "loss": 4.0})
    message = place.take()
    metrics = message.content["metrics"]
    assert metrics["keys"] == ["loss", "rare"]
    assert column(message, metrics["values"]) == [4.0, 3.0, 0.0, 2.0]
    assert list(message.buffers[metrics["present"]]) == [1, 1, 0, 1]


def test_each_run_has_some_of_its_own_metrics_in_the_list(place: Place) -> None:
    """R4.1: also where no two runs measure the same."""
    for number in range(4):
        place.run(metrics={f"{number}-{index:02}": 1.0 for index in range(20)})
    message = place.take()
    keys, present = message.content["metrics"]["keys"], message.buffers[1]
    assert len(keys) <= MAX_COLUMNS
    for line in range(4):
        assert sum(present[column * 4 + line] for column in range(len(keys))) == MAX_METRICS


def test_system_tags_are_kept_apart_from_those_that_people_set(place: Place) -> None:
    """R6.1"""
    run_id = place.run(**{"color": "blue", "trackside.git.dirty": "true"})
    (detail,) = place.take(10, run_id).content["details"]
    assert detail["tags"] == [{"key": "color", "value": "blue"}]
    assert {tag["key"] for tag in detail["system_tags"]} == {"mlflow.runName", "trackside.git.dirty"}
    assert detail["source"]["git_dirty"] is True


def test_unfolded_runs_stay_when_newer_ones_push_them_out_and_deleted_ones_go(place: Place) -> None:
    """R4.2"""
    first, second = place.run(), place.run()
    place.run()
    place.store.delete_run(second)
    details = place.take(1, first, second, "no-such-run").content["details"]
    assert [detail["run_id"] for detail in details] == [first]


def test_a_history_is_read_again_only_when_its_metric_moved(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """R4.1: what stands still costs nothing."""
    run_id = place.run(metrics={"loss": 1.0, "gain": 1.0})
    read: list[str] = []
    history = place.store.as_it_is().metric_history

    def count(run: str, key: str) -> tuple[Metric, ...]:
        read.append(key)
        return history(run, key)

    monkeypatch.setattr(place.store.as_it_is(), "metric_history", count)
    monkeypatch.setattr("trackside.widgets.curves.REST", 0.0)
    place.take(10, run_id)
    place.take(10, run_id)
    assert sorted(read) == ["gain", "loss"]
    place.store.log_batch(run_id, metrics=[Metric("loss", 0.5, START, 1)])
    (detail,) = place.take(10, run_id).content["details"]
    assert sorted(read) == ["gain", "loss", "loss"]
    assert [metric["points"] for metric in detail["metrics"] if metric["key"] == "loss"] == [2]


def test_a_long_history_is_thinned_and_keeps_its_peak(place: Place) -> None:
    """R4.2: the curve has few points, `points` tells how many there are."""
    run_id = place.run()
    values = [float(step % 7) for step in range(3000)]
    values[1234] = 99.0
    place.store.log_batch(run_id, metrics=[Metric("loss", value, START, step) for step, value in enumerate(values)])
    message = place.take(10, run_id)
    (metric,) = message.content["details"][0]["metrics"]
    steps, drawn = column(message, metric["curve"]["steps"]), column(message, metric["curve"]["values"])
    assert metric["points"] == 3000
    assert len(drawn) == len(steps) <= 200
    assert drawn[steps.index(1234.0)] == 99.0


def test_an_error_of_the_run_is_told(place: Place) -> None:
    """R1.3: its type and message."""
    run_id = place.run(**{"trackside.error.type": "ValueError", "trackside.error.message": "no"})
    place.store.update_run(run_id, status=RunStatus.FAILED, end_time=START)
    (detail,) = place.take(10, run_id).content["details"]
    assert detail["error"] == {"type": "ValueError", "message": "no"}


def test_a_store_that_is_no_database_is_a_fault_in_the_snapshot(workspace: Path) -> None:
    """R4.1: the panel says what is wrong."""
    (workspace / "mlflow.db").write_bytes(b"PK\x03\x04" * 1000)
    context = Context(open_store("sqlite:///mlflow.db"), "1", "wine", "")
    snapshot = Reader().take(context, Watch(), answers_while_busy=True).content
    assert snapshot["store"]["fault"]["code"] == "StoreUnreadable"
    assert snapshot["experiment"]["name"] == "wine"
    assert snapshot["rows"] == []


def test_scrolling_through_a_list_searches_nothing_again(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """R4.3: the ids of a query are kept until the store changes."""
    for _ in range(6):
        place.run()
    searched: list[int] = []
    search = place.store.as_it_is().outline_runs

    def count(query: RunQuery, wanted: int) -> Outline:
        searched.append(wanted)
        return search(query, wanted)

    monkeypatch.setattr(place.store.as_it_is(), "outline_runs", count)
    names = [[row["name"] for row in place.take(2, offset=offset).content["rows"]] for offset in (0, 2, 4)]
    assert names == [["run 6", "run 5"], ["run 4", "run 3"], ["run 2", "run 1"]]
    assert len(searched) == 1
    place.run()
    assert place.take(2, offset=4).content["lines"] == 7
    assert len(searched) == 2


def test_a_window_stays_with_what_was_in_sight_and_knows_where_unfolded_runs_are(place: Place) -> None:
    """R4.1: new runs above move the window, not what it shows."""
    first, second = place.run(), place.run()
    place.run()
    anchored = Window(offset=1, limit=1, anchor=second, anchor_line=1)
    assert place.look(Watch(window=anchored, open=(first,))).content["open_lines"] == [2]
    place.run()
    snapshot = place.look(Watch(window=anchored, open=(first,))).content
    assert (snapshot["offset"], snapshot["rows"][0]["run_id"], snapshot["open_lines"]) == (2, second, [3])


def test_a_filter_that_cannot_be_read_is_told_with_its_place_as_javascript_counts(place: Place) -> None:
    """R8.2"""
    place.run()
    snapshot = place.look(Watch(Query(filter="tags.a = '🌲' AND metrics.x >> 1"))).content
    fault = snapshot["query_fault"]
    assert (fault["code"], fault["position"], fault["length"]) == ("Filter", 28, 2)
    assert (snapshot["rows"], snapshot["store"]["fault"]) == ([], None)


def test_columns_that_were_chosen_are_all_that_travels(place: Place) -> None:
    """R4.3"""
    place.run({"a": "1", "b c": "2"}, {"loss": 1.0, "gain": 2.0}, color="blue")
    columns = ("params.`b c`", "metrics.gain", "tags.color", "start_time", "nonsense(")
    snapshot = place.look(Watch(columns=columns)).content
    (row,) = snapshot["rows"]
    assert [param["key"] for param in row["params"]] == ["b c"]
    assert [tag["key"] for tag in row["tags"]] == ["color"]
    assert snapshot["metrics"]["keys"] == ["gain"]
    assert snapshot["columns"] == list(columns)
    assert place.take().content["columns"] == ["metrics.loss", "metrics.gain", "params.a", "params.`b c`"]


def test_the_runs_of_several_experiments_and_deleted_ones_are_listed(place: Place) -> None:
    """R4.1, R8.3"""
    place.store.delete_run(place.run())
    other = place.store.create_experiment("other")
    place.store.create_run(other, run_name="there", user_id="ada", start_time=START)
    asked = Query(state="all", experiments=(place.experiment_id, other, "77"))
    snapshot = place.look(Watch(asked)).content
    assert [(row["name"], row["state"]) for row in snapshot["rows"]] == [("run 1", "deleted"), ("there", "active")]
    assert [shown["name"] for shown in snapshot["experiments"]] == ["wine", "other", ""]


def test_equal_snapshots_compare_equal_and_others_do_not(place: Place) -> None:
    """R4.1: only what changed is pushed; NaN equals itself here."""
    run_id = place.run(metrics={"loss": float("nan")})
    assert place.take(10, run_id) == place.take(10, run_id)
    before = place.take(10)
    place.store.log_batch(run_id, metrics=[Metric("loss", 1.0, START + 5000)])
    assert place.take(10) != before
