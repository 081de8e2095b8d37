"""Deleting, restoring and purging runs: with their descendants, many at once, and for good."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from trackside.entities import LifecycleStage, Run
from trackside.errors import InvalidValueError, LifecycleError, StoreRefusedError
from trackside.search.nodes import Comparison, Field, Filter, Kind, Membership, Operator, OrderBy
from trackside.stores.base import DEFAULT_EXPERIMENT_ID, Purged, PurgedExperiment, RunQuery, Store
from trackside.tracking import session, tag_names
from trackside.tracking.values import now_ms
from trackside.transfer.rows import read_runs

MOST_RUNS = 10_000
RETENTION_DAYS = 30

_DAY_MS = 86_400_000
_BOTH = (LifecycleStage.ACTIVE, LifecycleStage.DELETED)
_START = Field(Kind.ATTRIBUTE, "start_time")
_MODELS = Field(Kind.ATTRIBUTE, "models")
_PARENT = Field(Kind.TAG, tag_names.PARENT_RUN_ID)
_PARENTS_AT_ONCE = 100


def delete_run(run_id: str, *, descendants: bool = False) -> None:
    """Move a run to the trash.

    Args:
        run_id: The run.
        descendants: Whether its children, their children and so on go along.
    """
    session.current_store().delete_runs(_family(run_id, descendants, LifecycleStage.ACTIVE))


def restore_run(run_id: str, *, descendants: bool = False) -> None:
    """Bring a run back from the trash.

    Args:
        run_id: The run.
        descendants: Whether its children, their children and so on come along.
    """
    session.current_store().restore_runs(_family(run_id, descendants, LifecycleStage.DELETED))


def find_descendants(run_ids: Iterable[str], *, stage: LifecycleStage = LifecycleStage.ACTIVE) -> list[Run]:
    """The children of these runs, their children and so on that are in this stage, in any experiment.

    A run in the other stage hides nothing: the children of a deleted child are found too.
    """
    store = session.current_store()
    experiments = tuple(found.experiment_id for found in store.list_experiments(stages=_BOTH))
    known, found = set(run_ids), list[Run]()
    level = sorted(known)
    while level:
        children = [run for run in _children(store, experiments, level) if run.info.run_id not in known]
        level = [run.info.run_id for run in children]
        known.update(level)
        found += [run for run in children if run.info.lifecycle_stage is stage]
    return found


def delete_runs(experiment_id: str | int, max_timestamp_millis: int, max_runs: int = MOST_RUNS) -> int:
    """Delete the active runs of an experiment that were created at or before a time, and return how many.

    Where there are more than ``max_runs``, the oldest are deleted; call it again for the rest. Descendants that were
    created later stay.

    Args:
        experiment_id: The experiment.
        max_timestamp_millis: Milliseconds since 1970; it is compared with the start of the run.
        max_runs: From 1 to 10,000.

    Raises:
        InvalidValueError: ``max_runs`` or the time cannot be accepted.
        ExperimentNotFoundError: There is no such experiment.
    """
    _check_limits(max_timestamp_millis, max_runs)
    store = session.current_store()
    query = RunQuery(
        (store.get_experiment(str(experiment_id)).experiment_id,),
        max_results=max_runs,
        filter=Filter("", Comparison(_START, Operator.LE, max_timestamp_millis)),
        order_by=(OrderBy(_START),),
    )
    ids = [run.info.run_id for run in read_runs(store, query, page_size=1000)]
    store.delete_runs(ids)
    return len(ids)


def restore_runs(experiment_id: str | int, min_timestamp_millis: int, max_runs: int = MOST_RUNS) -> int:
    """Restore the runs of an experiment that were deleted at or after a time, and return how many.

    Where there are more than ``max_runs``, those deleted last are restored; call it again for the rest.

    Args:
        experiment_id: The experiment.
        min_timestamp_millis: Milliseconds since 1970; it is compared with the time of the deletion.
        max_runs: From 1 to 10,000.

    Raises:
        InvalidValueError: ``max_runs`` or the time cannot be accepted.
        ExperimentNotFoundError: There is no such experiment.
        StoreRefusedError: The store does not say when runs were deleted, as servers do not.
    """
    _check_limits(min_timestamp_millis, max_runs)
    store = _require_file("restored by the time of their deletion")
    query = RunQuery((store.get_experiment(str(experiment_id)).experiment_id,), (LifecycleStage.DELETED,), 2**62)
    deleted = [(_deleted_time(run), run.info.run_id) for run in read_runs(store, query, page_size=1000)]
    recent = sorted((entry for entry in deleted if entry[0] >= min_timestamp_millis), reverse=True)[:max_runs]
    store.restore_runs(run_id for _, run_id in recent)
    return len(recent)


@dataclass(frozen=True, slots=True)
class PurgeReport:
    """What ``purge`` removed, or with ``dry_run`` would remove."""

    runs: tuple[Purged, ...]
    experiments: tuple[PurgedExperiment, ...]
    """Those that were deleted as long ago, and of whose runs none is left."""
    kept_for_models: int
    """How many runs were old enough and stay, because a registered model version comes from them."""
    dry_run: bool

    @property
    def artifact_bytes(self) -> int:
        """The size of all artifacts that were removed."""
        return sum(run.artifact_bytes for run in self.runs) + sum(one.artifact_bytes for one in self.experiments)


def purge(older_than_days: float = RETENTION_DAYS, dry_run: bool = True) -> PurgeReport:
    """Remove the runs and experiments for good that were deleted longer ago than some days, with their artifacts.

    Runs that a registered model version comes from stay, as do runs of which nobody knows when they were deleted,
    experiments that have runs left, and the default experiment. Artifacts are removed only in the folder ``mlruns``
    beside the database; the report says where others are left.

    Args:
        older_than_days: How long ago, at least; 0 for all that is deleted.
        dry_run: Remove nothing and only say what would be removed.

    Raises:
        StoreRefusedError: Runs of this store cannot be removed from here: servers have `mlflow gc`.
    """
    if not 0 <= older_than_days < 1e6:
        raise InvalidValueError(f"older_than_days must be a number of days from 0, not {older_than_days!r}")
    store = _require_file("purged")
    latest = now_ms() - older_than_days * _DAY_MS
    linked, free = (list(_deleted_before(store, latest, operator)) for operator in (Operator.GT, Operator.EQ))
    experiments = _experiments_to_purge(store, latest, free)
    return PurgeReport(
        tuple(store.purge_run(run.info.run_id, dry_run=dry_run) for run in free),
        tuple(store.purge_experiment(experiment_id, dry_run=dry_run) for experiment_id in experiments),
        len(linked),
        dry_run,
    )


def find_kept_for_models(store: Store, run_ids: Iterable[str]) -> dict[str, LifecycleError]:
    """Those of the runs that must not be purged because registered model versions come from them, each with why."""
    wanted = set(run_ids)
    if store.is_server or not wanted:
        return {}
    query = RunQuery(
        tuple(found.experiment_id for found in store.list_experiments(stages=_BOTH)),
        (LifecycleStage.DELETED,),
        2**62,
        filter=Filter("", Comparison(_MODELS, Operator.GT, 0)),
    )
    linked = wanted & {run.info.run_id for run in read_runs(store, query, page_size=1000)}
    told = "run {} is not purged: a registered model version comes from it"
    return {run_id: LifecycleError(told.format(run_id), hint="Delete the model version first.") for run_id in linked}


def _require_file(done: str) -> Store:
    store = session.current_store()
    if store.is_server:
        raise StoreRefusedError(
            f"runs cannot be {done} from here: {store.uri} neither says when they were deleted nor purges them",
            hint="Restore runs by id; old ones are removed by `mlflow gc --older-than 30d`, run beside the server.",
        )
    return store


def _experiments_to_purge(store: Store, latest: float, runs: Sequence[Run]) -> list[str]:
    """The experiments deleted before a time that have no other runs than these; a deletion is a change."""
    going = Counter(run.info.experiment_id for run in runs)
    deleted = store.list_experiments(stages=(LifecycleStage.DELETED,))
    old = [one.experiment_id for one in deleted if one.last_update_time is not None and one.last_update_time <= latest]
    return [
        experiment_id
        for experiment_id in old
        if experiment_id != DEFAULT_EXPERIMENT_ID
        and store.count_runs(RunQuery((experiment_id,), _BOTH)) == going[experiment_id]
    ]


def _deleted_before(store: Store, latest: float, models: Operator) -> Iterator[Run]:
    query = RunQuery(
        tuple(found.experiment_id for found in store.list_experiments(stages=_BOTH)),
        (LifecycleStage.DELETED,),
        2**62,
        filter=Filter("", Comparison(_MODELS, models, 0)),
    )
    for run in read_runs(store, query, page_size=1000):
        deleted = _deleted_time(run)
        if 0 <= deleted <= latest:
            yield run


def _deleted_time(run: Run) -> int:
    """When a run was deleted; -1 where the database does not say it of this run."""
    return -1 if run.info.deleted_time is None else run.info.deleted_time


def _family(run_id: str, descendants: bool, stage: LifecycleStage) -> list[str]:
    return [run_id, *(run.info.run_id for run in (find_descendants([run_id], stage=stage) if descendants else ()))]


def _children(store: Store, experiments: tuple[str, ...], parents: Sequence[str]) -> Iterator[Run]:
    query = RunQuery(experiments, _BOTH, 2**62)
    for start in range(0, len(parents), _PARENTS_AT_ONCE):
        values = tuple(parents[start : start + _PARENTS_AT_ONCE])
        condition = Membership(_PARENT, values) if len(values) > 1 else Comparison(_PARENT, Operator.EQ, values[0])
        yield from read_runs(store, replace(query, filter=Filter("", condition)), page_size=1000)


def _check_limits(time_ms: int, max_runs: int) -> None:
    if isinstance(time_ms, bool) or not isinstance(time_ms, int):
        raise InvalidValueError(f"a time is a whole number of milliseconds since 1970, not {time_ms!r}")
    if isinstance(max_runs, bool) or not isinstance(max_runs, int) or not 1 <= max_runs <= MOST_RUNS:
        raise InvalidValueError(f"max_runs must be a whole number from 1 to {MOST_RUNS:,}, not {max_runs!r}")
