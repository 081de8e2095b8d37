"""Runs in one SQLite file, with the tables that MLflow uses.

A file that does not exist is an empty store; it is made when the first experiment or run is. Files that MLflow made
are read and written as they are and never migrated.
"""

from __future__ import annotations

import os
import sqlite3
import uuid
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from trackside.entities import (
    NO_TEXT,
    Experiment,
    LifecycleStage,
    Metric,
    Page,
    Param,
    Run,
    RunStatus,
    Tag,
)
from trackside.errors import ExperimentNotFoundError, InvalidValueError, RunNotFoundError
from trackside.stores import (
    artifacts,
    creation,
    datasets,
    experiment_purging,
    sqlite_purging,
    sqlite_rows,
    sqlite_writes,
    validation,
)
from trackside.stores.base import (
    DEFAULT_EXPERIMENT_ID,
    Artifacts,
    ExperimentQuery,
    Outline,
    Purged,
    PurgedExperiment,
    RunQuery,
    Store,
)
from trackside.stores.columns import RunColumns
from trackside.stores.database import WAIT_S, Database, EmptyDatabaseError, Work
from trackside.stores.logged_models import LoggedModel, ModelRow, fetch_models
from trackside.stores.sqlite_columns import fetch_columns
from trackside.stores.sqlite_outline import fetch_outline

if TYPE_CHECKING:
    from trackside.stores.layout import Layout


class SqliteStore(Store):
    """The experiments and runs in one database file.

    Args:
        path: Where the file is or will be.
        wait_s: How long a call waits for other processes that hold the file, in seconds.
    """

    def __init__(self, path: Path, *, wait_s: float = WAIT_S) -> None:
        self.path = path.absolute()
        self.uri = sqlite_uri(self.path)
        self._database = Database(self.path, wait_s=wait_s)

    def __repr__(self) -> str:
        return f"SqliteStore({str(self.path)!r})"

    # Experiments

    def create_experiment(
        self, name: str, *, artifact_location: str | None = None, tags: Mapping[str, str] = NO_TEXT
    ) -> str:
        validation.check_experiment_name(name)
        location = artifacts.checked_location(artifact_location) if artifact_location else ""

        def work(db: sqlite3.Connection, layout: Layout) -> str:
            validation.check_tags(tags, layout.experiment_tag_limit, kind="experiment tag")
            self._ensure_default_experiment(db, layout)
            sqlite_writes.require_free_name(db, layout, name)
            number = sqlite_writes.insert_experiment(db, layout, name)
            sqlite_writes.set_experiment_location(db, number, location or self._default_location(str(number)))
            sqlite_writes.set_experiment_tags(db, number, tags)
            return str(number)

        return self._database.write(work, create=True)

    def get_experiment(self, experiment_id: str) -> Experiment:
        found = self._fetch_experiments("e.experiment_id = ?", sqlite_rows.experiment_number(experiment_id))
        if not found:
            raise self._no_experiment(experiment_id)
        return found[0]

    def find_experiment(self, name: str) -> Experiment | None:
        def work(db: sqlite3.Connection, layout: Layout) -> tuple[Experiment, ...]:
            condition = f"e.name = ? AND {sqlite_rows.in_workspace(layout)}"
            return sqlite_rows.fetch_experiments(db, layout, condition, (name,))

        found: tuple[Experiment, ...] = self._database.read(work, ())
        return found[0] if found else None

    def find_experiments_by_tag(self, key: str, value: str) -> tuple[Experiment, ...]:
        def work(db: sqlite3.Connection, layout: Layout) -> tuple[Experiment, ...]:
            if not layout.has("experiment_tags"):
                return ()
            condition = (
                "e.lifecycle_stage = 'active' AND e.experiment_id IN "
                "(SELECT experiment_id FROM experiment_tags WHERE key = ? AND value = ?)"
            )
            order = sqlite_rows.by_creation(layout, "ASC")
            return sqlite_rows.fetch_experiments(db, layout, condition, (key, value), order)

        return self._database.read(work, ())

    def list_experiments(
        self, *, stages: Sequence[LifecycleStage] = (LifecycleStage.ACTIVE,)
    ) -> tuple[Experiment, ...]:
        def work(db: sqlite3.Connection, layout: Layout) -> tuple[Experiment, ...]:
            order = sqlite_rows.by_creation(layout, "DESC")
            found = sqlite_rows.fetch_experiments(db, layout, "1", (), order)
            return tuple(experiment for experiment in found if experiment.lifecycle_stage in stages)

        return self._database.read(work, ())

    def search_experiments(self, query: ExperimentQuery) -> tuple[Experiment, ...]:
        return self._database.read(lambda db, layout: sqlite_rows.find_experiments(db, layout, query), ())

    def rename_experiment(self, experiment_id: str, name: str) -> None:
        validation.check_experiment_name(name)

        def work(db: sqlite3.Connection, layout: Layout) -> None:
            number, _ = sqlite_writes.require_active_experiment(db, experiment_id)
            sqlite_writes.require_free_name(db, layout, name, number)
            sqlite_writes.change_experiment(db, layout, number, "name", name)

        self._write_experiment(experiment_id, work)

    def delete_experiment(self, experiment_id: str) -> None:
        self._move_experiment(experiment_id, LifecycleStage.DELETED)

    def restore_experiment(self, experiment_id: str) -> None:
        self._move_experiment(experiment_id, LifecycleStage.ACTIVE)

    def set_experiment_tag(self, experiment_id: str, key: str, value: str) -> None:
        def work(db: sqlite3.Connection, layout: Layout) -> None:
            validation.check_tags({key: value}, layout.experiment_tag_limit, kind="experiment tag")
            number, _ = sqlite_writes.require_active_experiment(db, experiment_id)
            sqlite_writes.set_experiment_tags(db, number, {key: value})

        self._write_experiment(experiment_id, work)

    def delete_experiment_tag(self, experiment_id: str, key: str) -> None:
        def work(db: sqlite3.Connection, _: Layout) -> None:
            number = sqlite_writes.require_active_experiment(db, experiment_id)[0]
            sqlite_writes.delete_experiment_tag(db, experiment_id, number, key)

        self._write_experiment(experiment_id, work)

    # Runs

    def create_run(
        self,
        experiment_id: str,
        *,
        run_name: str,
        user_id: str,
        start_time: int,
        tags: Mapping[str, str] = NO_TEXT,
        status: RunStatus = RunStatus.RUNNING,
    ) -> Run:
        run_id = uuid.uuid4().hex
        all_tags = {**tags, validation.RUN_NAME_TAG: validation.agreed_run_name(run_name, tags)}
        for key in all_tags:
            validation.check_key("tag", key)

        def work(db: sqlite3.Connection, layout: Layout) -> Run | None:
            sqlite_writes.check_tag_values(layout, [Tag(key, value) for key, value in all_tags.items()])
            number, recorded = sqlite_writes.require_active_experiment(db, experiment_id)
            location = artifacts.usable_location(recorded, self._default_location(str(number)))
            run = sqlite_writes.NewRun(
                run_id, run_name, user_id or "", status, int(start_time), f"{location}/{run_id}/artifacts"
            )
            sqlite_writes.insert_run(db, number, run, all_tags)
            return sqlite_rows.fetch_run(db, layout, run_id)

        if not self._database.exists() and experiment_id != DEFAULT_EXPERIMENT_ID:
            self.get_experiment(experiment_id)
        made = self._database.write(work, create=True)
        return made or self.get_run(run_id)

    def get_run(self, run_id: str) -> Run:
        found = self._database.read(lambda db, layout: sqlite_rows.fetch_run(db, layout, run_id), None)
        if found is None:
            raise self._no_run(run_id)
        return found

    def search_runs(self, query: RunQuery) -> Page[Run]:
        if query.max_results < 1:
            raise InvalidValueError(f"max_results must be at least 1, got {query.max_results!r}")
        return self._database.read(lambda db, layout: sqlite_rows.fetch_page(db, layout, query), Page(()))

    def count_runs(self, query: RunQuery) -> int:
        return self._database.read(lambda db, layout: sqlite_rows.count_runs(db, layout, query), 0)

    def run_columns(self, query: RunQuery) -> RunColumns:
        return self._database.read(lambda db, layout: fetch_columns(db, layout, query), RunColumns.of(()))

    def outline_runs(self, query: RunQuery, wanted: int) -> Outline:
        search = sqlite_rows.search_of(query)
        return self._database.read(lambda db, layout: fetch_outline(db, layout, search, wanted), Outline())

    def get_runs(self, run_ids: Sequence[str]) -> tuple[Run, ...]:
        return self._database.read(lambda db, layout: sqlite_rows.fetch_runs(db, layout, run_ids), ())

    def update_run(
        self,
        run_id: str,
        *,
        status: RunStatus | None = None,
        end_time: int | None = None,
        run_name: str | None = None,
    ) -> None:
        def work(db: sqlite3.Connection, layout: Layout) -> None:
            sqlite_writes.require_active_run(db, run_id)
            if run_name is not None:
                validation.check_run_name(run_name, layout.tag_limit)
            sqlite_writes.update_run(db, run_id, status, end_time, run_name)

        self._write_run(run_id, work)

    def delete_run(self, run_id: str) -> None:
        self._move_runs([run_id], LifecycleStage.DELETED)

    def restore_run(self, run_id: str) -> None:
        self._move_runs([run_id], LifecycleStage.ACTIVE)

    def delete_runs(self, run_ids: Iterable[str]) -> None:
        self._move_runs(list(run_ids), LifecycleStage.DELETED)

    def restore_runs(self, run_ids: Iterable[str]) -> None:
        self._move_runs(list(run_ids), LifecycleStage.ACTIVE)

    def purge_run(self, run_id: str, *, dry_run: bool = False) -> Purged:
        info = self.get_run(run_id).info
        sqlite_purging.require_deleted(info)
        size, left = sqlite_purging.remove_artifacts(info, creation.artifact_root(self.path), dry_run=dry_run)
        if not dry_run:
            self._write_run(run_id, lambda db, layout: sqlite_purging.delete_rows(db, layout, run_id))
        return Purged(run_id, size, left)

    def purge_experiment(self, experiment_id: str, *, dry_run: bool = False) -> PurgedExperiment:
        experiment, root = self.get_experiment(experiment_id), creation.artifact_root(self.path)

        def work(db: sqlite3.Connection, _: Layout) -> None:
            experiment_purging.delete_rows(db, experiment_id)

        experiment_purging.require_deleted(experiment)
        run_ids = self._run_ids(experiment_id)
        if not dry_run:
            experiment_purging.require_empty(experiment_id, run_ids)
        size, left = experiment_purging.remove_artifacts(experiment, root, run_ids, dry_run=dry_run)
        if not dry_run:
            self._write_experiment(experiment_id, work)
        return PurgedExperiment(experiment_id, experiment.name, size, left)

    # What is logged to a run

    def log_batch(
        self,
        run_id: str,
        *,
        metrics: Iterable[Metric] = (),
        params: Iterable[Param] = (),
        tags: Iterable[Tag] = (),
    ) -> None:
        points, params, tags = validation.checked_metrics(metrics), tuple(params), tuple(tags)
        for kind, entries in (("param", params), ("tag", tags)):
            for entry in entries:
                validation.check_key(kind, entry.key)

        def work(db: sqlite3.Connection, layout: Layout) -> None:
            sqlite_writes.require_active_run(db, run_id)
            sqlite_writes.check_tag_values(layout, tags)
            sqlite_writes.add_params(db, layout, run_id, params)
            sqlite_writes.set_tags(db, run_id, tags)
            sqlite_writes.add_metrics(db, run_id, points)

        self._write_run(run_id, work)

    def delete_tag(self, run_id: str, key: str) -> None:
        def work(db: sqlite3.Connection, _: Layout) -> None:
            sqlite_writes.require_active_run(db, run_id)
            sqlite_writes.delete_tag(db, run_id, key)

        self._write_run(run_id, work)

    def log_dataset(self, run_id: str, used: datasets.UsedDataset) -> bool:
        return self._database.write(lambda db, layout: datasets.insert(db, layout, run_id, used))

    def metric_history(self, run_id: str, key: str) -> tuple[Metric, ...]:
        return self._database.read(lambda db, layout: sqlite_rows.fetch_history(db, layout, run_id, key), ())

    # Artifacts

    def artifacts(self, run_id: str) -> Artifacts:
        info = self.get_run(run_id).info
        return self._files_of(info.artifact_uri, info.run_id, info.experiment_id)

    def logged_models(self, run_id: str) -> tuple[LoggedModel, ...]:
        none: tuple[ModelRow, ...] = ()
        rows = self._database.read(lambda db, layout: fetch_models(db, layout, run_id), none)
        return tuple(
            LoggedModel(row.model_id, row.name, partial(self._files_of, row.location, row.model_id, row.experiment_id))
            for row in rows
        )

    def _files_of(self, recorded: str, own_id: str, experiment_id: str) -> Artifacts:
        return artifacts.LocalArtifacts(artifacts.find_root(recorded, own_id, self._default_location(experiment_id)))

    # Life

    def text_limits(self) -> tuple[int, int]:
        return self._database.read(lambda _, layout: (layout.param_limit, layout.tag_limit), super().text_limits())

    def is_missing(self) -> bool:
        return not self._database.exists()

    def change_token(self) -> object:
        return self._database.change_token()

    near_token = change_token

    def close(self) -> None:
        self._database.close()

    def _fetch_experiments(self, condition: str, value: object) -> tuple[Experiment, ...]:
        return self._database.read(
            lambda db, layout: sqlite_rows.fetch_experiments(db, layout, condition, (value,)), ()
        )

    def _run_ids(self, experiment_id: str) -> tuple[str, ...]:
        nothing: tuple[str, ...] = ()
        return self._database.read(lambda db, _: experiment_purging.fetch_run_ids(db, experiment_id), nothing)

    def _default_location(self, experiment_id: str) -> str:
        return creation.location_text(creation.artifact_root(self.path) / experiment_id)

    def _ensure_default_experiment(self, db: sqlite3.Connection, layout: Layout) -> None:
        """Make experiment 0 where MLflow, which is making the file, has not come to it yet."""
        if db.execute("SELECT 1 FROM experiments LIMIT 1").fetchone() is None:
            number = sqlite_writes.insert_experiment(db, layout, "Default", int(DEFAULT_EXPERIMENT_ID))
            sqlite_writes.set_experiment_location(db, number, self._default_location(DEFAULT_EXPERIMENT_ID))

    def _move_experiment(self, experiment_id: str, stage: LifecycleStage) -> None:
        def work(db: sqlite3.Connection, layout: Layout) -> None:
            number, now, _ = sqlite_writes.require_experiment(db, experiment_id)
            if now is not stage:
                sqlite_writes.change_experiment(db, layout, number, "lifecycle_stage", stage.value)
                sqlite_writes.set_run_stage(db, layout, "experiment_id", number, stage)

        self._write_experiment(experiment_id, work)

    def _move_runs(self, run_ids: Sequence[str], stage: LifecycleStage) -> None:
        def work(db: sqlite3.Connection, layout: Layout) -> None:
            for run_id in run_ids:
                if sqlite_writes.require_run(db, run_id) is not stage:
                    sqlite_writes.set_run_stage(db, layout, "run_uuid", run_id, stage)

        if run_ids:
            self._write_run(run_ids[0], work)

    def _write_experiment(self, experiment_id: str, work: Work[None]) -> None:
        try:
            self._database.write(work)
        except EmptyDatabaseError:
            raise self._no_experiment(experiment_id) from None

    def _write_run(self, run_id: str, work: Work[None]) -> None:
        try:
            self._database.write(work)
        except EmptyDatabaseError:
            raise self._no_run(run_id) from None

    def _no_experiment(self, experiment_id: str) -> ExperimentNotFoundError:
        return ExperimentNotFoundError(f"there is no experiment with the id {experiment_id!r} in {self.uri}")

    def _no_run(self, run_id: str) -> RunNotFoundError:
        return RunNotFoundError(f"there is no run with the id {validation.short(run_id)} in {self.uri}")


def sqlite_uri(path: Path) -> str:
    """The tracking URI of a database file, as MLflow writes it."""
    return f"sqlite:///{quote(path.as_posix(), safe='/:' if os.name == 'nt' else '/')}"
