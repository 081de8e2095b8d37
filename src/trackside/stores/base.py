"""What every store can do, in words that hold for all of them.

A store keeps experiments and their runs. All methods may be called from any thread. Reading never
changes or creates anything on disk: a store that does not exist yet is empty. Writing either happens whole or
raises; when a method returns, another process that reads the store sees the change. Only what is logged to a run
through ``journaled`` gets there a moment later: it is kept when the method returns, and this process sees it.

Ids are opaque texts. Keys of metrics, params and tags and names of artifacts are checked before anything is written.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

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
from trackside.errors import StoreRefusedError, StoreUnreachableError
from trackside.stores.purged import Purged as Purged  # noqa: TC001 - the contract's words come from here
from trackside.stores.purged import PurgedExperiment as PurgedExperiment  # noqa: TC001
from trackside.stores.run_files import Artifacts as Artifacts  # noqa: TC001
from trackside.stores.validation import MAX_PARAM_LENGTH, MAX_TAG_LENGTH
from trackside.stores.waiting import Waiting

if TYPE_CHECKING:
    from trackside.search.nodes import Filter, OrderBy
    from trackside.stores.columns import RunColumns
    from trackside.stores.datasets import UsedDataset
    from trackside.stores.logged_models import LoggedModel
    from trackside.stores.records import NewRun

DEFAULT_EXPERIMENT_ID = "0"
LARGEST_PAGE = 50_000


@dataclass(frozen=True, slots=True)
class RunQuery:
    """Which runs to find: those of the experiments whose lifecycle stage is among ``stages`` and that pass ``filter``.

    They are ordered by ``order_by``, then newest first, then by id. ``trackside.search`` reads both from text. A page
    has at most ``max_results`` runs and never more than 50,000. Its token belongs to the same filter and order. Without
    ``with_points`` a store may leave ``data.latest`` empty, and only tell values of metrics, which is faster.
    """

    experiment_ids: tuple[str, ...]
    stages: tuple[LifecycleStage, ...] = (LifecycleStage.ACTIVE,)
    max_results: int = 1000
    page_token: str | None = None
    filter: Filter | None = None
    order_by: tuple[OrderBy, ...] = ()
    with_points: bool = True


@dataclass(frozen=True, slots=True)
class Outline:
    """What a query finds, without what was logged to the runs.

    Attributes:
        ids: The runs in order, from the first on.
        total: How many there are; more than ``ids`` where the rest was not looked for.
        parents: The parent of each of these runs that has one, and of its ancestors, as far as they are runs of the
            same experiments in the same stages.
        runs: Runs that had to be fetched whole.
    """

    ids: Sequence[str] = ()
    total: int = 0
    parents: Mapping[str, str] = field(default_factory=dict)
    runs: Mapping[str, Run] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExperimentQuery:
    """Which experiments to find: those whose lifecycle stage is among ``stages`` and that pass ``filter``.

    They are ordered by ``order_by``, then by id, the largest first; without ``order_by`` the newest come first, and of
    those made at the same time the one with the smallest id, as in MLflow. All are found unless ``max_results`` says
    how many.
    """

    stages: tuple[LifecycleStage, ...] = (LifecycleStage.ACTIVE,)
    max_results: int | None = None
    filter: Filter | None = None
    order_by: tuple[OrderBy, ...] = ()


class Store(ABC):
    """A place where runs live, named by a tracking URI."""

    uri: str

    def as_it_is(self) -> Store:
        """The same store, for somebody who looks again and again.

        Reading there waits neither for what this process has just logged nor longer than one request for a server.
        """
        return self

    def settle(self, wait_s: float) -> bool:  # noqa: ARG002
        """Wait at most so long until ``as_it_is`` shows what this process has logged; whether it does."""
        return True

    @property
    def is_away(self) -> bool:
        """Whether the store could not be used the last time, for a reason that passes. Asks nobody."""
        return False

    is_server = False
    """Whether it is a server, which neither says when runs were deleted nor lets clients purge them."""

    # Experiments

    @abstractmethod
    def create_experiment(
        self, name: str, *, artifact_location: str | None = None, tags: Mapping[str, str] = NO_TEXT
    ) -> str:
        """Make an experiment and return its id.

        Raises:
            InvalidValueError: The name is empty, too long, or taken (also by a deleted experiment).
        """

    @abstractmethod
    def get_experiment(self, experiment_id: str) -> Experiment:
        """The experiment with this id, active or deleted. Raises ExperimentNotFoundError."""

    @abstractmethod
    def find_experiment(self, name: str) -> Experiment | None:
        """The experiment with exactly this name, active or deleted, or None."""

    @abstractmethod
    def find_experiments_by_tag(self, key: str, value: str) -> tuple[Experiment, ...]:
        """The active experiments that carry exactly this tag, oldest first."""

    @abstractmethod
    def list_experiments(
        self, *, stages: Sequence[LifecycleStage] = (LifecycleStage.ACTIVE,)
    ) -> tuple[Experiment, ...]:
        """The experiments in these stages, newest first (by creation time, then id)."""

    def search_experiments(self, query: ExperimentQuery) -> tuple[Experiment, ...]:
        """The experiments that the query asks for. A store that cannot search looks at all of them."""
        from trackside.search import experiments

        listed = self.list_experiments(stages=query.stages)
        return experiments.select(listed, query.filter, query.order_by, query.max_results)

    @abstractmethod
    def rename_experiment(self, experiment_id: str, name: str) -> None:
        """Give an experiment another name. Raises like ``create_experiment``."""

    @abstractmethod
    def delete_experiment(self, experiment_id: str) -> None:
        """Move an experiment and its active runs to the trash."""

    @abstractmethod
    def restore_experiment(self, experiment_id: str) -> None:
        """Bring an experiment and its runs back from the trash."""

    @abstractmethod
    def set_experiment_tag(self, experiment_id: str, key: str, value: str) -> None:
        """Set or change a tag of an experiment."""

    @abstractmethod
    def delete_experiment_tag(self, experiment_id: str, key: str) -> None:
        """Remove a tag of an experiment. Raises NotFoundError where it has no such tag."""

    # Runs

    @abstractmethod
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
        """Make a run. ``run_name`` is also kept in the tag ``mlflow.runName``.

        Raises:
            ExperimentNotFoundError: There is no such experiment.
            LifecycleError: The experiment is deleted.
        """

    def postpone_run(self, new: NewRun) -> Run:
        """Start a run that is made, and its experiment found, when the store can be used again.

        Until then it has an id that only this machine knows, and with which it can be logged to.

        Raises:
            StoreUnreachableError: Nothing can wait for this store.
        """
        raise StoreUnreachableError(f"{self.uri} is away, and run {new.run_name!r} cannot wait for it")

    @abstractmethod
    def get_run(self, run_id: str) -> Run:
        """The run with this id, active or deleted. Raises RunNotFoundError."""

    @abstractmethod
    def search_runs(self, query: RunQuery) -> Page[Run]:
        """The runs that the query asks for, a page at a time."""

    @abstractmethod
    def count_runs(self, query: RunQuery) -> int:
        """How many runs the query finds in all its pages."""

    def run_columns(self, query: RunQuery) -> RunColumns | None:  # noqa: ARG002
        """What the first ``max_results`` runs have that the query finds; None where a store only knows pages."""
        return None

    def outline_runs(self, query: RunQuery, wanted: int) -> Outline:
        """Which runs the query finds and how they are nested: at least the first ``wanted``, without pages."""
        from trackside.stores.outline import outline_pages

        return outline_pages(self, query, wanted)

    def get_runs(self, run_ids: Sequence[str]) -> tuple[Run, ...]:
        """The runs with these ids, active or deleted, in this order; those that are not there are left out."""
        from trackside.stores.outline import get_one_by_one

        return get_one_by_one(self, run_ids)

    @abstractmethod
    def update_run(
        self,
        run_id: str,
        *,
        status: RunStatus | None = None,
        end_time: int | None = None,
        run_name: str | None = None,
    ) -> None:
        """Change what is given and leave the rest. A status that is not final clears the end time.

        Raises:
            LifecycleError: The run is deleted.
        """

    @abstractmethod
    def delete_run(self, run_id: str) -> None:
        """Move a run to the trash."""

    @abstractmethod
    def restore_run(self, run_id: str) -> None:
        """Bring a run back from the trash."""

    def delete_runs(self, run_ids: Iterable[str]) -> None:
        """Move several runs to the trash. A store that cannot do it at once does one after the other."""
        for run_id in run_ids:
            self.delete_run(run_id)

    def restore_runs(self, run_ids: Iterable[str]) -> None:
        """Bring several runs back from the trash. A store that cannot do it at once does one after the other."""
        for run_id in run_ids:
            self.restore_run(run_id)

    @abstractmethod
    def purge_run(self, run_id: str, *, dry_run: bool = False) -> Purged:
        """Remove a run that is in the trash for good: all that was logged to it, and its artifacts.

        Artifacts are removed only below the folder that is the store's own, and never through symbolic links.

        Args:
            run_id: The run.
            dry_run: Only say what would be removed.

        Raises:
            LifecycleError: The run is not deleted.
            StoreRefusedError: Runs of this store cannot be removed from here.
        """

    def purge_experiment(self, experiment_id: str, *, dry_run: bool = False) -> PurgedExperiment:  # noqa: ARG002
        """Remove an experiment that is in the trash for good, once all its runs were purged.

        Raises:
            LifecycleError: The experiment is not deleted, or still has runs; these are no hindrance with ``dry_run``.
            StoreRefusedError: Experiments of this store cannot be removed from here.
        """
        raise StoreRefusedError(
            f"experiment {experiment_id} cannot be purged from here: {self.uri} lets no client remove experiments",
            hint="Whoever runs the server does it with `mlflow gc --older-than 30d --backend-store-uri DATABASE`.",
        )

    # What is logged to a run

    @abstractmethod
    def log_batch(
        self,
        run_id: str,
        *,
        metrics: Iterable[Metric] = (),
        params: Iterable[Param] = (),
        tags: Iterable[Tag] = (),
    ) -> None:
        """Add metric points and params and set tags, all or nothing.

        A point that is already there is not doubled. A param that is there with the same value is left alone.

        Raises:
            ParamChangedError: A param has another value already.
            InvalidValueError: A key or value is not acceptable; nothing was written.
            LifecycleError: The run is deleted.
        """

    @abstractmethod
    def delete_tag(self, run_id: str, key: str) -> None:
        """Remove a tag of a run. Raises NotFoundError where it has no such tag."""

    def log_dataset(self, run_id: str, used: UsedDataset) -> bool:  # noqa: ARG002 - the contract's
        """Note that a run read a dataset, where MLflow's pages and clients find it; whether this store keeps that.

        Noted again, it stays what it was read for at first.

        Raises:
            LifecycleError: The run is deleted.
        """
        return False

    @abstractmethod
    def metric_history(self, run_id: str, key: str) -> tuple[Metric, ...]:
        """Every point of a metric, by step, then timestamp, then value; empty where it was never logged."""

    # Artifacts

    @abstractmethod
    def artifacts(self, run_id: str) -> Artifacts:
        """The files of a run. Raises RunNotFoundError."""

    def logged_models(self, run_id: str) -> tuple[LoggedModel, ...]:  # noqa: ARG002 - the contract's
        """The models of a run that are kept apart from its artifacts, oldest first."""
        return ()

    # Life

    def text_limits(self) -> tuple[int, int]:
        """How many characters the value of a param and of a tag may have."""
        return MAX_PARAM_LENGTH, MAX_TAG_LENGTH

    def flush(self) -> None:  # noqa: B027 - a store that is written at once has nothing to wait for
        """Wait, for a bounded time, until the store has everything that was logged. Says so where it has not."""

    def deliver_all(self) -> None:  # noqa: B027 - likewise
        """Deliver now what this process and those that died have left on this machine, as far as the store takes it."""

    def waiting(self) -> Waiting:
        """What is kept on this machine until the store can take it. Asks neither the store nor anybody else."""
        return Waiting()

    def is_missing(self) -> bool:
        """Whether there is nothing yet where this store would be. What is logged makes it."""
        return False

    def near_token(self) -> object | None:
        """As ``change_token``, from any thread, where that takes microseconds and asks no server; else None."""
        return None

    @abstractmethod
    def change_token(self) -> object:
        """A value that differs from an earlier one when anyone may have changed the store in between.

        Called often and from one thread; it costs far less than a query.
        """

    @abstractmethod
    def close(self) -> None:
        """Release what the calling process holds; the store can still be used and opens again by itself."""
