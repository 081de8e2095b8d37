"""Runs on an MLflow tracking server, over its REST API.

What one request can hold is written whole or not at all. A batch above the server's limits (1000 points, 100 params,
100 tags) takes several requests, params first: when a later one fails, the earlier ones stay written, and logging the
same batch again completes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

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
from trackside.errors import (
    ExperimentNotFoundError,
    InvalidValueError,
    NotFoundError,
    NoTrackingServerError,
    StoreRefusedError,
)
from trackside.stores import _wire, validation
from trackside.stores._http import Call, Server
from trackside.stores._rest_errors import NameTakenError, Subject, refusals_about
from trackside.stores._rest_experiments import list_pages, search_experiments
from trackside.stores._rest_search import RunSearch, Sources, equals_filter, view_type
from trackside.stores._rest_watch import ChangeWatch
from trackside.stores.base import Artifacts, ExperimentQuery, Purged, RunQuery, Store
from trackside.stores.http_artifacts import open_artifacts
from trackside.stores.logged_models import LoggedModel, models_of, read_models

if TYPE_CHECKING:
    from trackside.stores._wire import Read
    from trackside.stores.datasets import UsedDataset

API = "/api/2.0/mlflow/"
_EXPERIMENT_PAGE = 1000
_HISTORY_PAGE = 25_000
_MODEL_VERSION_PAGE = 1000
_MOST_REMEMBERED = 1000


class RestStore(Store):
    """The experiments and runs of one server.

    Args:
        uri: The server's address, ``http`` or ``https``. Credentials in it win over those of the settings.
        server: Another connection than the settings describe.
    """

    is_server = True

    def __init__(self, uri: str, *, server: Server | None = None) -> None:
        self._server = server or Server(uri)
        self.uri = self._server.address.url
        self._watch = ChangeWatch(self._server)
        self._sources = Sources(self.uri, self._ask_for_runs, self.metric_history, self._count_model_versions)
        self._counts: dict[object, int] = {}
        self._artifact_uris: dict[str, str] = {}

    def impatient(self) -> RestStore:
        """The same store, for somebody who tries again later anyway: no request is sent again."""
        other = RestStore(self.uri, server=self._server.impatient())
        other._watch, other._artifact_uris = self._watch, self._artifact_uris
        return other

    def __repr__(self) -> str:
        return f"RestStore({self.uri!r})"

    # Experiments

    def create_experiment(
        self, name: str, *, artifact_location: str | None = None, tags: Mapping[str, str] = NO_TEXT
    ) -> str:
        validation.check_experiment_name(name)
        validation.check_tags(tags, validation.MAX_EXPERIMENT_TAG_LENGTH, kind="experiment tag")
        body: dict[str, object] = {"name": name, "tags": _wire.write_pairs(tags)}
        if artifact_location:
            body["artifact_location"] = artifact_location
        with self._free_name(name):
            answer = self._write("experiments/create", body, Subject("experiment", name), harmless=False)
        return self._read(answer, lambda found: str(found["experiment_id"]))

    def get_experiment(self, experiment_id: str) -> Experiment:
        query = {"experiment_id": experiment_id}
        answer = self._get("experiments/get", query, Subject("experiment", experiment_id))
        return self._read(answer, lambda found: _wire.read_experiment(found["experiment"]))

    def find_experiment(self, name: str) -> Experiment | None:
        if not name:
            return None
        try:
            answer = self._get("experiments/get-by-name", {"experiment_name": name}, Subject("experiment", name))
        except ExperimentNotFoundError:
            return None
        experiment = self._read(answer, lambda found: _wire.read_experiment(found["experiment"]))
        return experiment if experiment.name == name else None  # some databases compare without regard to case

    def find_experiments_by_tag(self, key: str, value: str) -> tuple[Experiment, ...]:
        found = self._list_experiments((LifecycleStage.ACTIVE,), equals_filter(key, value))
        return tuple(sorted((item for item in found if item.tags.get(key) == value), key=_by_creation))

    def list_experiments(
        self, *, stages: Sequence[LifecycleStage] = (LifecycleStage.ACTIVE,)
    ) -> tuple[Experiment, ...]:
        return tuple(sorted(self._list_experiments(stages), key=_by_creation, reverse=True))

    def search_experiments(self, query: ExperimentQuery) -> tuple[Experiment, ...]:
        return search_experiments(self.uri, self._ask_for_experiments, query)

    def rename_experiment(self, experiment_id: str, name: str) -> None:
        validation.check_experiment_name(name)
        with self._free_name(name):
            self._write_experiment("update", experiment_id, {"new_name": name})

    def delete_experiment(self, experiment_id: str) -> None:
        self._move_experiment("delete", experiment_id, LifecycleStage.DELETED)

    def restore_experiment(self, experiment_id: str) -> None:
        self._move_experiment("restore", experiment_id, LifecycleStage.ACTIVE)

    def set_experiment_tag(self, experiment_id: str, key: str, value: str) -> None:
        validation.check_tags({key: value}, validation.MAX_EXPERIMENT_TAG_LENGTH, kind="experiment tag")
        self._write_experiment("set-experiment-tag", experiment_id, {"key": key, "value": value})

    def delete_experiment_tag(self, experiment_id: str, key: str) -> None:
        self._write_experiment("delete-experiment-tag", experiment_id, {"key": key}, harmless=False)

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
        all_tags = {**tags, validation.RUN_NAME_TAG: validation.agreed_run_name(run_name, tags)}
        _check_tags(all_tags)
        body = {
            "experiment_id": experiment_id,
            "run_name": run_name,
            "user_id": user_id or "",
            "start_time": int(start_time),
            "tags": _wire.write_pairs(all_tags),
        }
        answer = self._write("runs/create", body, Subject("experiment", experiment_id), harmless=False)
        run = self._read(answer, lambda found: _wire.read_run(found["run"]))
        if status is RunStatus.RUNNING:
            return run
        self.update_run(run.info.run_id, status=status)
        return self.get_run(run.info.run_id)

    def get_run(self, run_id: str) -> Run:
        answer = self._get("runs/get", {"run_id": run_id}, Subject("run", run_id))
        return self._read(answer, lambda found: _wire.read_run(found["run"]))

    def search_runs(self, query: RunQuery) -> Page[Run]:
        """Conditions and orders that the server does not understand are decided here: see ``_rest_search``."""
        self._watch.follow(query.experiment_ids)
        return RunSearch(query, self._sources).page()

    def count_runs(self, query: RunQuery) -> int:
        """What the server can search by is counted in some thirty small requests, and in two when nothing changed."""
        known = (query.experiment_ids, query.stages, query.filter and query.filter.condition)
        _forget_if_many(self._counts)
        count = self._counts[known] = RunSearch(query, self._sources).count(self._counts.get(known))
        return count

    def update_run(
        self,
        run_id: str,
        *,
        status: RunStatus | None = None,
        end_time: int | None = None,
        run_name: str | None = None,
    ) -> None:
        changes: dict[str, object] = {}
        if status is not None:
            changes["status"] = status.value
            if not status.is_final:
                changes["end_time"] = 0  # how the API says that there is none
        if end_time is not None:
            changes["end_time"] = end_time
        if run_name is not None:
            validation.check_run_name(run_name, validation.MAX_TAG_LENGTH)
            changes["run_name"] = run_name
        self._write_run("update", run_id, changes)

    def delete_run(self, run_id: str) -> None:
        self._write_run("delete", run_id)

    def restore_run(self, run_id: str) -> None:
        self._write_run("restore", run_id)

    def purge_run(self, run_id: str, *, dry_run: bool = False) -> Purged:  # noqa: ARG002 - the contract's
        """Servers do not let clients do this."""
        raise StoreRefusedError(
            f"run {run_id} cannot be purged from here: {self.uri} lets no client remove runs for good",
            hint="Whoever runs the server does it with `mlflow gc --older-than 30d --backend-store-uri DATABASE`.",
        )

    # What is logged to a run

    def log_batch(
        self,
        run_id: str,
        *,
        metrics: Iterable[Metric] = (),
        params: Iterable[Param] = (),
        tags: Iterable[Tag] = (),
    ) -> None:
        points = validation.checked_metrics(metrics)
        agreed, last = _wire.agreed_params(tuple(params)), _wire.last_tags(tags)
        _check_params(agreed)
        _check_tags(last)
        parts = [batch.json() for batch in _wire.batches(points, agreed, last)]
        for part in parts or [{}]:
            self._write_run("log-batch", run_id, part)

    def delete_tag(self, run_id: str, key: str) -> None:
        self._write_run("delete-tag", run_id, {"key": key}, harmless=False)

    def log_dataset(self, run_id: str, used: UsedDataset) -> bool:
        try:
            self._write_run("log-inputs", run_id, used.as_request())
        except (StoreRefusedError, NoTrackingServerError):  # a server of before MLflow 2.4 knows no datasets
            return False
        return True

    def metric_history(self, run_id: str, key: str) -> tuple[Metric, ...]:
        points = [point for page in self._history_pages(run_id, key) for point in page]
        return tuple(sorted(points, key=_by_step))

    # Artifacts

    def artifacts(self, run_id: str) -> Artifacts:
        if run_id not in self._artifact_uris:
            _forget_if_many(self._artifact_uris)
            self._artifact_uris[run_id] = self.get_run(run_id).info.artifact_uri
        return open_artifacts(self._artifact_uris[run_id], self._server)

    def logged_models(self, run_id: str) -> tuple[LoggedModel, ...]:
        body = {
            "experiment_ids": [self.get_run(run_id).info.experiment_id],
            "filter": models_of(run_id),
            "order_by": [{"field_name": "creation_time", "ascending": True}],
        }
        try:
            answer = self._ask("logged-models/search", body, Subject("run", run_id))
        except (StoreRefusedError, NoTrackingServerError, NotFoundError):  # a server of MLflow 2 knows no such models
            return ()
        rows = self._read(answer, lambda found: list(read_models(found)))
        return tuple(
            LoggedModel(row.model_id, row.name, partial(open_artifacts, row.location, self._server)) for row in rows
        )

    # Life

    def change_token(self) -> object:
        """A value that differs when a change was noticed.

        Ask as often as you like: the server is asked once a second at most, and then less than a query costs. What it
        can miss is said in ``_rest_watch``. While the server cannot be reached the value stays the same.
        """
        return self._watch.token()

    def close(self) -> None:
        self._server.close()

    def _list_experiments(self, stages: Sequence[LifecycleStage], text: str | None = None) -> Iterator[Experiment]:
        body = {"max_results": _EXPERIMENT_PAGE, "view_type": view_type(stages), **({"filter": text} if text else {})}
        return list_pages(self.uri, self._ask_for_experiments, body) if stages else iter(())

    def _ask_for_experiments(self, body: Mapping[str, object]) -> dict[str, Any]:
        return self._ask("experiments/search", body, Subject("search", "experiments"))

    def _ask_for_runs(self, body: Mapping[str, object]) -> dict[str, Any]:
        return self._ask("runs/search", body, Subject("search", "runs"))

    def _count_model_versions(self) -> Counter[str]:
        """How many model versions come from each run."""
        query = {"max_results": str(_MODEL_VERSION_PAGE)}
        counts: Counter[str] = Counter()
        while True:
            answer = self._get("model-versions/search", query, Subject("search", "model versions"))
            counts.update(self._read(answer, _read_run_ids))
            token = answer.get("next_page_token")
            if not token or token == query.get("page_token"):
                return counts
            query["page_token"] = token

    def _history_pages(self, run_id: str, key: str) -> Iterator[list[Metric]]:
        query = {"run_id": run_id, "metric_key": key, "max_results": str(_HISTORY_PAGE)}
        while True:
            answer = self._get("metrics/get-history", query, Subject("run", run_id))
            yield self._read(answer, lambda found: [_wire.read_metric(item) for item in found.get("metrics") or ()])
            token = answer.get("next_page_token")
            if not token or token == query.get("page_token"):
                return
            query["page_token"] = token

    @contextmanager
    def _free_name(self, name: str) -> Iterator[None]:
        """Say which experiment has the name that the server refuses in the block."""
        try:
            yield
        except NameTakenError as refusal:
            other = self.find_experiment(name)
            if other is None:
                raise InvalidValueError(refusal.message, hint=refusal.hint) from None
            deleted = other.lifecycle_stage is LifecycleStage.DELETED
            raise validation.name_taken(name, other.experiment_id, deleted=deleted) from None

    def _move_experiment(self, verb: str, experiment_id: str, stage: LifecycleStage) -> None:
        try:
            self._write_experiment(verb, experiment_id, {})
        except ExperimentNotFoundError:  # also what the server says of an experiment that is there already
            if self.get_experiment(experiment_id).lifecycle_stage is not stage:
                raise

    def _write_experiment(
        self, verb: str, experiment_id: str, body: Mapping[str, object], *, harmless: bool = True
    ) -> None:
        about = Subject("experiment", experiment_id)
        self._write(f"experiments/{verb}", {"experiment_id": experiment_id, **body}, about, harmless=harmless)

    def _write_run(
        self, verb: str, run_id: str, body: Mapping[str, object] = NO_TEXT, *, harmless: bool = True
    ) -> None:
        self._write(f"runs/{verb}", {"run_id": run_id, **body}, Subject("run", run_id), harmless=harmless)

    def _write(self, path: str, body: Mapping[str, object], about: Subject, *, harmless: bool) -> dict[str, Any]:
        try:
            with refusals_about(about):
                return self._server.ask(Call("POST", API + path, json=body, harmless=harmless))
        finally:
            self._watch.wrote()

    def _ask(self, path: str, body: Mapping[str, object], about: Subject) -> dict[str, Any]:
        with refusals_about(about):
            return self._server.ask(Call("POST", API + path, json=body))

    def _get(self, path: str, query: Mapping[str, str], about: Subject) -> dict[str, Any]:
        with refusals_about(about):
            return self._server.ask(Call("GET", API + path, query=query))

    def _read(self, answer: Mapping[str, Any], read: Callable[[Mapping[str, Any]], Read]) -> Read:
        return _wire.read_answer(self.uri, answer, read)


def _check_params(params: Mapping[str, str]) -> None:
    for key, value in params.items():
        validation.check_key("param", key)
        validation.check_text(f"param {key!r}", value, validation.MAX_PARAM_LENGTH)


def _check_tags(tags: Mapping[str, str]) -> None:
    validation.check_tags(tags, validation.MAX_TAG_LENGTH)
    if validation.RUN_NAME_TAG in tags:
        validation.check_run_name(tags[validation.RUN_NAME_TAG], validation.MAX_TAG_LENGTH)


def _by_creation(experiment: Experiment) -> tuple[int, int, str]:
    number = int(experiment.experiment_id) if experiment.experiment_id.isdecimal() else 0
    return experiment.creation_time or 0, number, experiment.experiment_id


def _by_step(point: Metric) -> tuple[int, int, float]:
    return point.step, point.timestamp, validation.stored_number(point.value)[0]


def _read_run_ids(answer: Mapping[str, Any]) -> list[str]:
    return [str(version["run_id"]) for version in answer.get("model_versions") or () if version.get("run_id")]


def _forget_if_many(remembered: dict[Any, Any]) -> None:
    if len(remembered) >= _MOST_REMEMBERED:
        remembered.clear()
