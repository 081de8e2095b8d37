"""What every store promises, as tests that each store's own test class inherits."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from trackside.entities import LifecycleStage, Metric, Param, Run, RunStatus, Tag
from trackside.errors import (
    ArtifactNotFoundError,
    ExperimentNotFoundError,
    InvalidValueError,
    LifecycleError,
    NotFoundError,
    ParamChangedError,
    RunNotFoundError,
    StoreRefusedError,
    UnsafePathError,
)
from trackside.search import parse_filter, parse_order
from trackside.search.matches import Evidence, sort_key
from trackside.stores.base import DEFAULT_EXPERIMENT_ID, Purged, RunQuery, Store

BOTH = (LifecycleStage.ACTIVE, LifecycleStage.DELETED)
HOSTILE = "<script>alert(1)</script> \"quotes\" 'and' \n new line \t tab; DROP TABLE runs; -- 🚀 ü \u202e"


FILTERS = {
    "metrics.loss < 2": "first",
    "MAX(metrics.loss) >= 5 OR run_name = 'third'": "third first",
    "params.lr = 1": "second first",
    "params.lr = '1' AND tags.`a b` IS NULL": "first",
    "NOT metrics.loss > 1": "third first",
    "tags.`a b` IN ('x', 'y')": "second",
    "run_name LIKE '%ir%' AND created < -1d": "third first",
    "models > 0 OR duration > 0": "",
    "": "third second first",
}


def history_in(store: Store, run: Run) -> Callable[[str], tuple[Metric, ...]]:
    return lambda key: store.metric_history(run.info.run_id, key)


def new_run(store: Store, experiment_id: str = DEFAULT_EXPERIMENT_ID, **changes: object) -> Run:
    settings = {"run_name": "swift-otter", "user_id": "ada", "start_time": 1_700_000_000_000, **changes}
    return store.create_run(experiment_id, **settings)  # type: ignore[arg-type]


def found_ids(store: Store, *experiment_ids: str, **settings: object) -> list[str]:
    return [run.info.run_id for run in store.search_runs(RunQuery(experiment_ids, **settings))]  # type: ignore[arg-type]


class StoreContract:
    """Inherit it and give the fixture ``open_store``: a function that opens the same, at first empty, place anew."""

    @pytest.fixture
    def open_store(self) -> Callable[[], Store]:
        raise NotImplementedError

    @pytest.fixture
    def store(self, open_store: Callable[[], Store]) -> Store:
        return open_store()

    @pytest.fixture
    def run(self, store: Store) -> Run:
        return new_run(store)

    # Experiments

    def test_an_experiment_is_found_by_id_and_by_name(self, store: Store) -> None:
        """R2.4: experiments are made and found."""
        experiment_id = store.create_experiment("wine", tags={"team": "red"})
        experiment = store.get_experiment(experiment_id)
        assert experiment.name == "wine"
        assert experiment.tags["team"] == "red"
        assert experiment.lifecycle_stage is LifecycleStage.ACTIVE
        assert experiment.creation_time is not None
        assert store.find_experiment("wine") == experiment
        assert store.find_experiment("Wine") is None

    def test_each_experiment_has_its_own_id(self, store: Store) -> None:
        ids = [store.create_experiment(f"number {number}") for number in range(5)]
        assert len({DEFAULT_EXPERIMENT_ID, *ids}) == 6

    def test_the_default_experiment_is_there_once_something_was_written(self, store: Store) -> None:
        store.create_experiment("wine")
        assert store.get_experiment(DEFAULT_EXPERIMENT_ID).name == "Default"

    def test_experiments_are_listed_by_stage(self, store: Store) -> None:
        kept, dropped = store.create_experiment("kept"), store.create_experiment("dropped")
        store.delete_experiment(dropped)
        assert {e.experiment_id for e in store.list_experiments()} == {DEFAULT_EXPERIMENT_ID, kept}
        assert [e.experiment_id for e in store.list_experiments(stages=(LifecycleStage.DELETED,))] == [dropped]
        assert len(store.list_experiments(stages=BOTH)) == 3

    def test_a_name_can_be_taken_only_once_even_by_a_deleted_experiment(self, store: Store) -> None:
        experiment_id = store.create_experiment("wine")
        with pytest.raises(InvalidValueError, match="wine"):
            store.create_experiment("wine")
        store.delete_experiment(experiment_id)
        with pytest.raises(InvalidValueError, match="deleted"):
            store.create_experiment("wine")

    @pytest.mark.parametrize("name", ["", "x" * 501])
    def test_an_unacceptable_experiment_name_is_refused(self, store: Store, name: str) -> None:
        with pytest.raises(InvalidValueError):
            store.create_experiment(name)

    def test_an_experiment_keeps_a_hostile_name_as_it_is(self, store: Store) -> None:
        experiment_id = store.create_experiment(HOSTILE)
        assert store.get_experiment(experiment_id).name == HOSTILE
        found = store.find_experiment(HOSTILE)
        assert found is not None
        assert found.experiment_id == experiment_id

    def test_an_experiment_is_renamed(self, store: Store) -> None:
        """R2.4: experiments are renamed."""
        first, second = store.create_experiment("first"), store.create_experiment("second")
        store.rename_experiment(first, "renamed")
        assert store.get_experiment(first).name == "renamed"
        with pytest.raises(InvalidValueError, match="renamed"):
            store.rename_experiment(second, "renamed")
        assert store.get_experiment(second).name == "second"

    def test_a_deleted_experiment_takes_its_runs_along_and_brings_them_back(self, store: Store) -> None:
        """R2.4: experiments are deleted and restored."""
        experiment_id = store.create_experiment("wine")
        run_id = new_run(store, experiment_id).info.run_id
        store.delete_experiment(experiment_id)
        assert store.get_experiment(experiment_id).lifecycle_stage is LifecycleStage.DELETED
        assert store.get_run(run_id).info.lifecycle_stage is LifecycleStage.DELETED
        store.restore_experiment(experiment_id)
        assert store.get_experiment(experiment_id).lifecycle_stage is LifecycleStage.ACTIVE
        assert store.get_run(run_id).info.lifecycle_stage is LifecycleStage.ACTIVE

    def test_a_deleted_experiment_takes_no_runs(self, store: Store) -> None:
        experiment_id = store.create_experiment("wine")
        store.delete_experiment(experiment_id)
        with pytest.raises(LifecycleError, match="deleted"):
            new_run(store, experiment_id)

    def test_experiment_tags_are_set_changed_found_and_deleted(self, store: Store) -> None:
        """R2.4: experiments have tags."""
        older, newer = store.create_experiment("older"), store.create_experiment("newer")
        for experiment_id in (newer, older):
            store.set_experiment_tag(experiment_id, "notebook", "no")
            store.set_experiment_tag(experiment_id, "notebook", "yes")
        assert [e.experiment_id for e in store.find_experiments_by_tag("notebook", "yes")] == [older, newer]
        assert store.find_experiments_by_tag("notebook", "no") == ()
        store.delete_experiment_tag(older, "notebook")
        assert "notebook" not in store.get_experiment(older).tags
        with pytest.raises(NotFoundError, match="notebook"):
            store.delete_experiment_tag(older, "notebook")
        store.delete_experiment(newer)
        assert store.find_experiments_by_tag("notebook", "yes") == ()

    @pytest.mark.parametrize("experiment_id", ["12345", "no-number", "", "-1", "0; DROP TABLE runs", "٣"])
    def test_an_unknown_experiment_is_named_in_the_error(self, store: Store, experiment_id: str) -> None:
        store.create_experiment("wine")
        with pytest.raises(ExperimentNotFoundError):
            store.get_experiment(experiment_id)
        with pytest.raises(ExperimentNotFoundError):
            new_run(store, experiment_id)
        with pytest.raises(ExperimentNotFoundError):
            store.set_experiment_tag(experiment_id, "a", "b")

    # Runs

    def test_a_new_run_is_running_and_carries_its_name_in_a_tag(self, store: Store) -> None:
        """R1.3: start time, status, user, name and stage are kept."""
        made = new_run(store, tags={"kind": "test"})
        for run in (made, store.get_run(made.info.run_id)):
            assert run.info.status is RunStatus.RUNNING
            assert (run.info.run_name, run.info.user_id) == ("swift-otter", "ada")
            assert (run.info.start_time, run.info.end_time) == (1_700_000_000_000, None)
            assert run.info.lifecycle_stage is LifecycleStage.ACTIVE
            assert run.info.experiment_id == DEFAULT_EXPERIMENT_ID
            assert run.info.run_id in run.info.artifact_uri
            assert dict(run.data.tags) == {"kind": "test", "mlflow.runName": "swift-otter"}

    def test_a_run_can_be_scheduled_before_it_runs(self, store: Store) -> None:
        assert new_run(store, status=RunStatus.SCHEDULED).info.status is RunStatus.SCHEDULED

    def test_a_run_is_not_made_with_two_names(self, store: Store) -> None:
        with pytest.raises(InvalidValueError, match="swift-otter"):
            new_run(store, tags={"mlflow.runName": "another"})

    @pytest.mark.parametrize("status", [RunStatus.FINISHED, RunStatus.FAILED, RunStatus.KILLED])
    def test_a_run_ends_with_a_status_and_can_be_continued(self, store: Store, run: Run, status: RunStatus) -> None:
        """R1.3: end time and status are kept."""
        store.update_run(run.info.run_id, status=status, end_time=1_700_000_060_000)
        info = store.get_run(run.info.run_id).info
        assert (info.status, info.end_time) == (status, 1_700_000_060_000)
        store.update_run(run.info.run_id, status=RunStatus.RUNNING)
        info = store.get_run(run.info.run_id).info
        assert (info.status, info.end_time) == (RunStatus.RUNNING, None)

    def test_a_run_is_renamed_in_its_name_and_its_tag(self, store: Store, run: Run) -> None:
        """R6.2: a run is renamed."""
        store.update_run(run.info.run_id, run_name="calm-heron")
        renamed = store.get_run(run.info.run_id)
        assert renamed.info.run_name == renamed.data.tags["mlflow.runName"] == "calm-heron"
        assert renamed.info.status is RunStatus.RUNNING

    def test_a_run_is_renamed_by_its_tag(self, store: Store, run: Run) -> None:
        store.log_batch(run.info.run_id, tags=[Tag("mlflow.runName", "calm-heron")])
        assert store.get_run(run.info.run_id).info.run_name == "calm-heron"

    def test_a_run_is_never_left_without_a_name(self, store: Store, run: Run) -> None:
        with pytest.raises(InvalidValueError, match="name"):
            store.update_run(run.info.run_id, run_name="")
        assert store.get_run(run.info.run_id).info.run_name == "swift-otter"

    def test_a_deleted_run_can_be_read_and_restored_but_not_written(self, store: Store, run: Run) -> None:
        run_id = run.info.run_id
        store.delete_run(run_id)
        info = store.get_run(run_id).info
        assert info.lifecycle_stage is LifecycleStage.DELETED
        for write in (
            lambda: store.log_batch(run_id, metrics=[Metric("loss", 1.0, 1)]),
            lambda: store.update_run(run_id, status=RunStatus.FINISHED),
            lambda: store.delete_tag(run_id, "mlflow.runName"),
        ):
            with pytest.raises(LifecycleError, match="deleted"):
                write()
        store.restore_run(run_id)
        store.log_batch(run_id, metrics=[Metric("loss", 1.0, 1)])
        assert store.get_run(run_id).data.metrics == {"loss": 1.0}

    def test_several_runs_are_deleted_and_restored_together(self, store: Store) -> None:
        """R9.1: those that are there already are left alone."""
        ids = [new_run(store).info.run_id for _ in range(3)]
        store.delete_run(ids[0])
        store.delete_runs(ids[:2])
        assert found_ids(store, DEFAULT_EXPERIMENT_ID) == [ids[2]]
        store.restore_runs(iter(ids))
        assert set(found_ids(store, DEFAULT_EXPERIMENT_ID)) == set(ids)
        store.delete_runs([])

    def test_a_deleted_run_is_purged_or_the_store_says_who_can(self, store: Store) -> None:
        """R9.2: with all that belongs to it, and nothing of another run."""
        ids = [new_run(store).info.run_id for _ in range(2)]
        for run_id in ids:
            store.log_batch(run_id, metrics=[Metric("m", 1.0, 1)], params=[Param("p", "1")], tags=[Tag("t", "1")])
            store.artifacts(run_id).write_bytes("folder/file.txt", b"12345")
        with pytest.raises((LifecycleError, StoreRefusedError)):
            store.purge_run(ids[0])
        store.delete_run(ids[0])
        if store.is_server:
            with pytest.raises(StoreRefusedError, match="mlflow gc"):
                store.purge_run(ids[0])
            return
        assert store.purge_run(ids[0], dry_run=True).artifact_bytes == 5
        assert store.get_run(ids[0]).data.params == {"p": "1"}
        assert store.purge_run(ids[0]) == Purged(ids[0], 5)
        with pytest.raises(RunNotFoundError):
            store.purge_run(ids[0])
        assert store.metric_history(ids[0], "m") == ()
        assert store.get_run(ids[1]).data.metrics == {"m": 1.0}
        assert store.artifacts(ids[1]).read_bytes("folder/file.txt") == b"12345"

    def test_deleting_and_restoring_twice_is_no_error(self, store: Store, run: Run) -> None:
        for _ in range(2):
            store.delete_run(run.info.run_id)
        for _ in range(2):
            store.restore_run(run.info.run_id)
        assert store.get_run(run.info.run_id).info == run.info

    @pytest.mark.parametrize("run_id", ["0" * 32, "no such run", "' OR '1'='1"])
    def test_an_unknown_run_is_an_error_everywhere(self, store: Store, run: Run, run_id: str) -> None:
        for call in (
            lambda: store.get_run(run_id),
            lambda: store.log_batch(run_id, params=[Param("a", "b")]),
            lambda: store.update_run(run_id, run_name="x"),
            lambda: store.delete_run(run_id),
            lambda: store.restore_run(run_id),
            lambda: store.delete_tag(run_id, "a"),
            lambda: store.artifacts(run_id),
        ):
            with pytest.raises(RunNotFoundError):
                call()
        assert store.metric_history(run_id, "loss") == ()
        assert store.get_run(run.info.run_id) == run

    # What is logged to a run

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

    # Search

    def test_runs_are_found_newest_first_with_their_data(self, store: Store) -> None:
        """R4.1: the runs of an experiment are listed."""
        other = store.create_experiment("other")
        runs = [new_run(store, start_time=time).info.run_id for time in (20, 30, 10)]
        new_run(store, other)
        store.log_batch(
            runs[0], metrics=[Metric("loss", 1.0, 1)], params=[Param("lr", "1")], tags=[Tag("note", "first")]
        )
        page = store.search_runs(RunQuery((DEFAULT_EXPERIMENT_ID,)))
        assert [run.info.run_id for run in page] == [runs[1], runs[0], runs[2]]
        assert page.token is None
        assert page.items[1] == store.get_run(runs[0])

    def test_runs_that_started_together_are_ordered_by_id(self, store: Store) -> None:
        runs = [new_run(store).info.run_id for _ in range(10)]
        assert found_ids(store, DEFAULT_EXPERIMENT_ID) == sorted(runs)

    def test_runs_are_found_by_stage(self, store: Store) -> None:
        kept, dropped = new_run(store, start_time=1).info.run_id, new_run(store, start_time=2).info.run_id
        store.delete_run(dropped)
        assert found_ids(store, DEFAULT_EXPERIMENT_ID) == [kept]
        assert found_ids(store, DEFAULT_EXPERIMENT_ID, stages=(LifecycleStage.DELETED,)) == [dropped]
        assert found_ids(store, DEFAULT_EXPERIMENT_ID, stages=BOTH) == [dropped, kept]
        assert found_ids(store, DEFAULT_EXPERIMENT_ID, stages=()) == []

    def test_runs_of_several_experiments_are_found_together(self, store: Store) -> None:
        other = store.create_experiment("other")
        runs = [new_run(store, which, start_time=time).info.run_id for which, time in (("0", 1), (other, 2), ("0", 3))]
        assert found_ids(store, "0", other) == runs[::-1]
        assert found_ids(store) == []

    def test_pages_give_every_run_once(self, store: Store) -> None:
        runs = [new_run(store, start_time=number // 3).info.run_id for number in range(11)]
        query, pages = RunQuery(("0",), max_results=4), []
        while True:
            page = store.search_runs(query)
            pages.append([run.info.run_id for run in page])
            if page.token is None:
                break
            query = RunQuery(("0",), max_results=4, page_token=page.token)
        assert [len(page) for page in pages] == [4, 4, 3]
        found = [run_id for page in pages for run_id in page]
        assert found == found_ids(store, "0")
        assert sorted(found) == sorted(runs)

    def test_a_page_that_just_fits_is_the_last(self, store: Store) -> None:
        for time in range(4):
            new_run(store, start_time=time)
        assert store.search_runs(RunQuery(("0",), max_results=4)).token is None

    def test_counting_counts_all_pages(self, store: Store) -> None:
        for time in range(5):
            new_run(store, start_time=time)
        store.delete_run(found_ids(store, "0")[0])
        assert store.count_runs(RunQuery(("0",), max_results=2)) == 4
        assert store.count_runs(RunQuery(("0",), stages=BOTH)) == 5
        assert store.count_runs(RunQuery(("77",))) == 0

    def test_runs_are_found_by_filter(self, store: Store) -> None:
        """R8.1, R8.2, R8.3: params, metrics, their extremes, tags, attributes, joined in any way."""
        names = ("first", "second", "third")
        runs = [new_run(store, run_name=name, start_time=time).info.run_id for time, name in enumerate(names)]
        store.log_batch(
            runs[0], metrics=[Metric("loss", 5.0, 1, 0), Metric("loss", 1.0, 2, 1)], params=[Param("lr", "1")]
        )
        store.log_batch(runs[1], metrics=[Metric("loss", 2.0, 1)], params=[Param("lr", "1.0")], tags=[Tag("a b", "x")])
        for text, expected in FILTERS.items():
            found = found_ids(store, "0", filter=parse_filter(text))
            assert [names[runs.index(run_id)] for run_id in found] == expected.split(), text
            assert store.count_runs(RunQuery(("0",), filter=parse_filter(text))) == len(found)

    @pytest.mark.parametrize(
        "steps", [["metrics.loss"], ["metrics.loss DESC", "params.n"], ["MAX(metrics.loss)"], ["params.n DESC"]]
    )
    def test_pages_of_an_order_give_every_run_once(self, store: Store, steps: list[str]) -> None:
        """R8.2: order by anything; NaN after all numbers, missing last."""
        losses = (3.0, None, 1.0, float("nan"), 2.0, None, 1.0)
        runs = [new_run(store, start_time=number).info.run_id for number in range(len(losses))]
        for number, (run_id, loss) in enumerate(zip(runs, losses, strict=True)):
            points = [] if loss is None else [Metric("loss", loss, 1)]
            store.log_batch(run_id, metrics=points, params=[Param("n", str(number % 3))])
        order = parse_order(steps)
        everything = store.search_runs(RunQuery(("0",), order_by=order)).items
        assert list(everything) == sorted(
            everything, key=lambda run: sort_key(order)(Evidence(run, history_in(store, run)))
        )
        found, token = [], None
        while True:
            page = store.search_runs(RunQuery(("0",), max_results=2, page_token=token, order_by=order))
            found += [run.info.run_id for run in page]
            if (token := page.token) is None:
                break
        assert found == [run.info.run_id for run in everything]

    @pytest.mark.parametrize("query", [RunQuery(("0",), max_results=0), RunQuery(("0",), page_token="nonsense")])
    def test_a_senseless_query_is_refused(self, store: Store, run: Run, query: RunQuery) -> None:
        with pytest.raises(InvalidValueError):
            store.search_runs(query)

    # Several at once

    def test_what_one_writes_the_other_reads(self, store: Store, open_store: Callable[[], Store]) -> None:
        other = open_store()
        run_id = new_run(store).info.run_id
        other.log_batch(run_id, metrics=[Metric("loss", 1.0, 1)])
        assert store.get_run(run_id).data.metrics == {"loss": 1.0}

    def test_the_change_token_changes_with_every_write_and_only_then(
        self, store: Store, open_store: Callable[[], Store]
    ) -> None:
        watcher = open_store()
        tokens = [watcher.change_token()]
        run_id = new_run(store).info.run_id
        tokens.append(watcher.change_token())
        for writer in (store, open_store(), watcher):
            writer.log_batch(run_id, metrics=[Metric("loss", float(len(tokens)), len(tokens))])
            tokens.append(watcher.change_token())
        assert len(set(tokens)) == len(tokens)
        watcher.get_run(run_id)
        assert watcher.change_token() == tokens[-1]

    def test_threads_log_at_the_same_time_and_nothing_is_lost(self, store: Store, run: Run) -> None:
        def log(thread: int) -> None:
            for step in range(20):
                store.log_batch(run.info.run_id, metrics=[Metric(f"m{thread}", float(step), step, step)])

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(log, range(4)))
        assert [len(store.metric_history(run.info.run_id, f"m{thread}")) for thread in range(4)] == [20] * 4

    def test_a_closed_store_opens_again_by_itself(self, store: Store, run: Run) -> None:
        store.close()
        store.close()
        assert store.get_run(run.info.run_id) == run

    # Artifacts

    def test_artifacts_are_written_listed_and_read(self, store: Store, run: Run, tmp_path: Path) -> None:
        """R1.7: files of any format and directories."""
        source = tmp_path / "model.bin"
        source.write_bytes(bytes(range(256)))
        artifacts = store.artifacts(run.info.run_id)
        assert artifacts.list() == ()
        artifacts.write_bytes("notes.txt", b"first")
        artifacts.write_bytes("notes.txt", b"second")
        artifacts.write_file(source, "models/one/model.bin")
        top = {file.path: (file.is_dir, file.file_size) for file in artifacts.list()}
        assert top == {"models": (True, None), "notes.txt": (False, 6)}
        assert [file.path for file in artifacts.list("models/one")] == ["models/one/model.bin"]
        again = store.artifacts(run.info.run_id)
        assert again.read_bytes("notes.txt") == b"second"
        assert again.read_bytes("models/one/model.bin") == bytes(range(256))

    def test_a_missing_artifact_is_an_error_and_a_missing_folder_is_empty(self, store: Store, run: Run) -> None:
        artifacts = store.artifacts(run.info.run_id)
        assert artifacts.list("nowhere") == ()
        assert artifacts.local_path("nowhere") is None
        with pytest.raises(ArtifactNotFoundError, match="nowhere"):
            artifacts.read_bytes("nowhere")

    def test_a_file_larger_than_asked_for_is_not_read(self, store: Store, run: Run) -> None:
        artifacts = store.artifacts(run.info.run_id)
        artifacts.write_bytes("big.txt", b"x" * 100)
        assert artifacts.read_bytes("big.txt", max_bytes=100) == b"x" * 100
        with pytest.raises(InvalidValueError, match="100 bytes"):
            artifacts.read_bytes("big.txt", max_bytes=99)

    @pytest.mark.parametrize(
        "path",
        ["../up", "a/../../up", "/etc/passwd", "C:/windows", "a\\..\\b", "..\\up", "\\\\host\\share", "nul\0l", ".."],
    )
    def test_an_artifact_path_that_leaves_the_run_is_refused(self, store: Store, run: Run, path: str) -> None:
        """Bad input: artifact names with `..`."""
        artifacts = store.artifacts(run.info.run_id)
        for call in (
            lambda: artifacts.write_bytes(path, b"x"),
            lambda: artifacts.read_bytes(path),
            lambda: artifacts.list(path),
            lambda: artifacts.local_path(path),
        ):
            with pytest.raises(UnsafePathError):
                call()
