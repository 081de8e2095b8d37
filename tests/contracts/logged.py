"""What every store promises of params, metrics and tags."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import pytest

from trackside.entities import Metric, Param, Run, RunStatus, Tag
from trackside.errors import (
    InvalidValueError,
    LifecycleError,
    NotFoundError,
    ParamChangedError,
)
from trackside.search import parse_filter
from trackside.stores.base import RunQuery
from trackside.stores.datasets import UsedDataset

from .places import HOSTILE, Contract, new_run

if TYPE_CHECKING:
    from trackside.stores.base import Store


class LoggedContract(Contract):
    """What every store promises of params, metrics and tags."""

    def test_a_param_keeps_its_first_value(self, store: Store, run: Run) -> None:
        """R1.4: a parameter's value cannot be changed; logging the same value again is fine."""
        run_id = run.info.run_id
        store.log_batch(run_id, params=[Param("lr", "0.1"), Param("depth", "3")])
        store.log_batch(run_id, params=[Param("lr", "0.1")])
        with pytest.raises(ParamChangedError, match=r"'lr'.*'0\.1'.*'0\.2'"):
            store.log_batch(run_id, params=[Param("lr", "0.2")])
        assert store.get_run(run_id).data.params == {"lr": "0.1", "depth": "3"}

    def test_a_batch_is_written_whole_or_not_at_all(self, store: Store, run: Run) -> None:
        run_id = run.info.run_id
        store.log_batch(run_id, params=[Param("lr", "0.1")])
        before = store.get_run(run_id)
        for params in ([Param("new", "1"), Param("lr", "0.2")], [Param("new", "1"), Param("bad key!", "2")]):
            with pytest.raises(InvalidValueError):
                store.log_batch(run_id, metrics=[Metric("loss", 1.0, 1)], params=params, tags=[Tag("new", "1")])
        with pytest.raises(InvalidValueError):
            store.log_batch(run_id, metrics=[Metric("loss", 1.0, 1), Metric("loss", "no", 2)], tags=[Tag("new", "1")])  # type: ignore[arg-type]
        assert store.get_run(run_id) == before
        assert store.metric_history(run_id, "loss") == ()

    def test_every_point_of_a_metric_is_kept(self, store: Store, run: Run) -> None:
        """R1.5: each point has a step and a timestamp; the whole history is kept."""
        points = [Metric("loss", 3.0, 30, 2), Metric("loss", 1.0, 10, 0), Metric("loss", 2.0, 20, 1)]
        store.log_batch(run.info.run_id, metrics=points)
        store.log_batch(run.info.run_id, metrics=points[:1])
        assert store.metric_history(run.info.run_id, "loss") == (points[1], points[2], points[0])
        assert store.metric_history(run.info.run_id, "other") == ()

    def test_a_dataset_that_a_run_read_is_found_by_its_name_digest_and_context(self, store: Store, run: Run) -> None:
        """R1.10: logging it again makes no second one, and does not change what it was for."""
        run_id, place = run.info.run_id, json.dumps({"uri": "/data/wine.csv"})
        for context in ("training", "testing"):
            used = UsedDataset("wine.csv", "0123abcd", "local", place, json.dumps({"bytes": 3}), context)
            assert store.log_dataset(run_id, used)
        found = "dataset.name = 'wine.csv' AND dataset.digest = '0123abcd' AND dataset.context = 'training'"
        query = RunQuery((run.info.experiment_id,), filter=parse_filter(found))
        assert [item.info.run_id for item in store.search_runs(query).items] == [run_id]
        store.delete_run(run_id)
        with pytest.raises(LifecycleError):
            store.log_dataset(run_id, used)

    def test_points_of_one_step_are_ordered_by_time_then_value(self, store: Store, run: Run) -> None:
        points = [Metric("loss", 1.0, 20), Metric("loss", 5.0, 10), Metric("loss", -5.0, 10)]
        store.log_batch(run.info.run_id, metrics=points)
        assert [metric.value for metric in store.metric_history(run.info.run_id, "loss")] == [-5.0, 5.0, 1.0]

    @pytest.mark.parametrize("together", [True, False])
    def test_the_latest_point_has_the_greatest_step_then_time_then_value(
        self, store: Store, run: Run, together: bool
    ) -> None:
        points = [
            Metric("loss", 1.0, 50, 1),
            Metric("loss", 2.0, 40, 7),
            Metric("loss", 3.0, 60, 7),
            Metric("loss", 4.0, 60, 7),
            Metric("loss", 9.0, 99, 6),
            Metric("loss", 3.5, 60, 7),
            Metric("loss", 8.0, 10, -1),
        ]
        for batch in [points] if together else [[point] for point in points]:
            store.log_batch(run.info.run_id, metrics=batch)
        data = store.get_run(run.info.run_id).data
        assert data.metrics == {"loss": 4.0}
        assert data.latest["loss"] == Metric("loss", 4.0, 60, 7)

    def test_nan_and_infinities_survive(self, store: Store, run: Run) -> None:
        """R1.5: NaN and ±inf survive the round trip."""
        values = [math.nan, math.inf, -math.inf, -0.0, 5e-324, 1.7e308]
        store.log_batch(run.info.run_id, metrics=[Metric("odd", v, 1, step) for step, v in enumerate(values)])
        read = [metric.value for metric in store.metric_history(run.info.run_id, "odd")]
        assert math.isnan(read[0])
        assert read[1:] == values[1:]
        for key, value in (("nan", math.nan), ("inf", math.inf), ("minus", -math.inf)):
            store.log_batch(run.info.run_id, metrics=[Metric(key, value, 1)])
        metrics = store.get_run(run.info.run_id).data.metrics
        assert math.isnan(metrics["nan"])
        assert (metrics["inf"], metrics["minus"]) == (math.inf, -math.inf)

    def test_extreme_steps_and_times_survive(self, store: Store, run: Run) -> None:
        points = (Metric("loss", 1.0, 0, -(2**63)), Metric("loss", 2.0, 2**53, 2**63 - 1))
        store.log_batch(run.info.run_id, metrics=points)
        assert store.metric_history(run.info.run_id, "loss") == points

    @pytest.mark.parametrize("value", ["0.5", None, True, 1j, [1.0], 10**400])
    def test_a_metric_that_is_no_number_is_refused(self, store: Store, run: Run, value: object) -> None:
        """Bad input: a metric that is not a number."""
        with pytest.raises(InvalidValueError, match="'loss'"):
            store.log_batch(run.info.run_id, metrics=[Metric("loss", value, 1)])  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        "metric",
        [Metric("loss", 1.0, -1), Metric("loss", 1.0, 1, 2**63), Metric("loss", 1.0, math.nan)],  # type: ignore[arg-type]
    )
    def test_a_step_or_time_that_cannot_be_kept_is_refused(self, store: Store, run: Run, metric: Metric) -> None:
        with pytest.raises(InvalidValueError, match=r"step|timestamp"):
            store.log_batch(run.info.run_id, metrics=[metric])

    def test_tags_are_set_changed_and_deleted_also_after_the_end(self, store: Store, run: Run) -> None:
        """R1.6: tags are set, changed and deleted during the run and after it ended."""
        run_id = run.info.run_id
        store.log_batch(run_id, tags=[Tag("stage", "draft"), Tag("owner", "ada")])
        store.update_run(run_id, status=RunStatus.FINISHED, end_time=1_700_000_060_000)
        store.log_batch(run_id, tags=[Tag("stage", "final")])
        store.delete_tag(run_id, "owner")
        tags = store.get_run(run_id).data.tags
        assert (tags["stage"], "owner" in tags) == ("final", False)
        with pytest.raises(NotFoundError, match="owner"):
            store.delete_tag(run_id, "owner")

    def test_the_last_of_two_equal_keys_in_a_batch_wins(self, store: Store, run: Run) -> None:
        store.log_batch(run.info.run_id, tags=[Tag("a", "1"), Tag("a", "2")])
        assert store.get_run(run.info.run_id).data.tags["a"] == "2"
        with pytest.raises(ParamChangedError):
            store.log_batch(run.info.run_id, params=[Param("p", "1"), Param("p", "2")])

    def test_hostile_text_is_kept_as_it_is(self, store: Store) -> None:
        """Bad input: markup, quotes, newlines, emoji in names, params and tags."""
        run = new_run(store, run_name=HOSTILE, user_id=HOSTILE, tags={"tag": HOSTILE})
        store.log_batch(run.info.run_id, params=[Param("param", HOSTILE), Param("empty", "")])
        read = store.get_run(run.info.run_id)
        assert read.info.run_name == read.info.user_id == read.data.tags["tag"] == HOSTILE
        assert read.data.params == {"param": HOSTILE, "empty": ""}

    @pytest.mark.parametrize("key", ["a", "train/loss", "Ünï.cöde-1 : x_y", "x" * 250])
    def test_keys_may_hold_what_mlflow_allows(self, store: Store, run: Run, key: str) -> None:
        store.log_batch(run.info.run_id, metrics=[Metric(key, 1.0, 1)], params=[Param(key, "1")], tags=[Tag(key, "1")])
        data = store.get_run(run.info.run_id).data
        assert (data.metrics[key], data.params[key], data.tags[key]) == (1.0, "1", "1")

    @pytest.mark.parametrize(
        "key",
        ["", "x" * 251, "a%b", "a\nb", "a\n", "<b>", "'; DROP TABLE runs", "/a", "a/", "a//b", "../a", ".", "..", "🚀"],
    )
    def test_keys_that_mlflow_refuses_are_refused(self, store: Store, run: Run, key: str) -> None:
        """Bad input: keys of params, metrics and tags."""
        for entries in ({"metrics": [Metric(key, 1.0, 1)]}, {"params": [Param(key, "1")]}, {"tags": [Tag(key, "1")]}):
            with pytest.raises(InvalidValueError, match="key"):
                store.log_batch(run.info.run_id, **entries)  # type: ignore[arg-type]
        assert store.get_run(run.info.run_id) == run

    def test_values_up_to_the_limits_are_kept_whole(self, store: Store, run: Run) -> None:
        store.log_batch(run.info.run_id, params=[Param("p", "é" * 6000)], tags=[Tag("t", "é" * 8000)])
        data = store.get_run(run.info.run_id).data
        assert (data.params["p"], data.tags["t"]) == ("é" * 6000, "é" * 8000)

    def test_values_over_the_limits_are_refused_with_limit_and_length(self, store: Store, run: Run) -> None:
        """Bad input: over MLflow's limits."""
        with pytest.raises(InvalidValueError, match=r"param 'p' has 6001 characters; the limit is 6000"):
            store.log_batch(run.info.run_id, params=[Param("p", "x" * 6001)])
        with pytest.raises(InvalidValueError, match=r"tag 't' has 10000 characters; the limit is 8000"):
            store.log_batch(run.info.run_id, tags=[Tag("t", "x" * 10_000)])
        with pytest.raises(InvalidValueError, match=r"10000 characters; the limit is 8000"):
            store.update_run(run.info.run_id, run_name="x" * 10_000)
        assert store.get_run(run.info.run_id) == run

    @pytest.mark.parametrize("value", [None, 1, b"x", "\ud800"])
    def test_a_value_that_is_no_text_is_refused(self, store: Store, run: Run, value: object) -> None:
        for entries in ({"params": [Param("k", value)]}, {"tags": [Tag("k", value)]}):  # type: ignore[arg-type]
            with pytest.raises(InvalidValueError):
                store.log_batch(run.info.run_id, **entries)  # type: ignore[arg-type]
