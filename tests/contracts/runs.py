"""What every store promises of runs."""

from __future__ import annotations

import pytest

from trackside.entities import LifecycleStage, Metric, Param, Run, RunStatus, Tag
from trackside.errors import (
    InvalidValueError,
    LifecycleError,
    RunNotFoundError,
    StoreRefusedError,
)
from trackside.stores.base import DEFAULT_EXPERIMENT_ID, Purged, Store

from .places import Contract, found_ids, new_run


class RunContract(Contract):
    """What every store promises of runs."""

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
