"""A store that is logged to without waiting for it: what is logged goes to a journal, and from there to the store.

``log_batch`` and ``update_run`` return when the journal has what they were given: from then on it survives the death of
the process. One thread delivers it. Everything else goes to the store itself, and reading first waits until the store
has what was logged before. What can be known at once is raised at once; what the store refuses later, because the run
was deleted elsewhere in that moment, is kept in a file, and said. Artifacts are written to the store itself; those that
it cannot take because it is away wait as well.

The journals of processes that died are delivered by the next one that uses the store.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from weakref import WeakSet

from trackside.entities import (
    NO_TEXT,
    Metric,
    Page,
    Param,
    Run,
    RunData,
    RunInfo,
    RunStatus,
    Tag,
)
from trackside.errors import StoreError, StoreUnreachableError, is_away
from trackside.stores import validation
from trackside.stores.delivery import write
from trackside.stores.in_front import StoreInFront
from trackside.stores.journal import FILES_SUFFIX
from trackside.stores.known_runs import Known, KnownRuns, agreed_params, check_texts
from trackside.stores.news import say_away
from trackside.stores.outbox import Outbox
from trackside.stores.postponed import (
    OUTBOX_TAG,
    PARENT_TAG,
    PostponedRuns,
    new_id,
    points_here,
    seen_here,
)
from trackside.stores.records import (
    Change,
    ExperimentWanted,
    Logged,
    NewRun,
    TagDeleted,
    Updated,
    payload_of,
    points_payload,
)
from trackside.stores.waiting import Waiting, together
from trackside.stores.waiting_files import WaitingFiles

if TYPE_CHECKING:
    from trackside.stores.base import Artifacts, Outline, Purged, PurgedExperiment, RunQuery, Store
    from trackside.stores.columns import RunColumns
    from trackside.stores.datasets import UsedDataset
    from trackside.stores.logged_models import LoggedModel

logger = logging.getLogger("trackside")


class JournaledStore(StoreInFront):
    """A store behind a journal.

    Args:
        store: The store itself.
        quick: The same store, to be asked in passing whether a run can still be written; it must not wait for others.
            Without it, a run that was deleted elsewhere is noticed when the store refuses what was logged to it.
        courier: The same store, for whoever tries again later anyway.
        look: The same store, for whoever looks again and again; the courier unless given.
    """

    def __init__(
        self, store: Store, *, quick: Store | None = None, courier: Store | None = None, look: Store | None = None
    ) -> None:
        self.uri = store.uri
        self.is_server = store.is_server
        self.behind = store
        self._quick = quick
        self._lock = threading.RLock()
        self._courier = courier or store
        self._seen = look or self._courier
        self._runs = PostponedRuns(self._courier)
        self._known = KnownRuns(quick, self._runs.real_id)
        self._outbox = Outbox(self._courier, self._runs, self._known.forget)
        files = Outbox(self._courier, self._runs, self._known.forget, suffix=FILES_SUFFIX)
        self._files = WaitingFiles(store, self._runs, files, lambda: self._outbox.is_away)
        self._postponed: dict[str, Run] = {}
        self._keys: set[str] = set()
        self._limits: tuple[int, int] | None = None
        _all.add(self)

    def __repr__(self) -> str:
        return f"JournaledStore({self.behind!r})"

    # Experiments

    def delete_experiment(self, experiment_id: str) -> None:
        self._drain()
        self._known.forget_all()
        self.behind.delete_experiment(experiment_id)

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
        self._look_for_others()
        new = NewRun(ExperimentWanted(experiment_id), run_name, user_id, start_time, tags)
        run_id = new_id()
        if self._outbox.is_away:
            return self._postpone(run_id, new, status)
        try:
            run = self.behind.create_run(
                experiment_id,
                run_name=run_name,
                user_id=user_id,
                start_time=start_time,
                tags=self._tags_of_new(run_id, tags),
                status=status,
            )
        except StoreError as error:
            if not is_away(error):
                raise
            say_away(self.uri, error.message)
            return self._postpone(run_id, new, status)
        self._known.add(run.info.run_id, NO_TEXT)
        return run

    def postpone_run(self, new: NewRun) -> Run:
        return self._postpone(new_id(), new, RunStatus.RUNNING)

    def get_run(self, run_id: str) -> Run:
        self._drain()
        if self._runs.waits(run_id) and run_id in self._postponed:
            return seen_here(self._postponed[run_id], self._outbox.steps())
        return self.behind.get_run(self._runs.real_id(run_id))

    def search_runs(self, query: RunQuery) -> Page[Run]:
        self._drain()
        return self.behind.search_runs(query)

    def count_runs(self, query: RunQuery) -> int:
        self._drain()
        return self.behind.count_runs(query)

    def run_columns(self, query: RunQuery) -> RunColumns | None:
        self._drain()
        return self.behind.run_columns(query)

    def outline_runs(self, query: RunQuery, wanted: int) -> Outline:
        self._drain()
        return self.behind.outline_runs(query, wanted)

    def get_runs(self, run_ids: Sequence[str]) -> tuple[Run, ...]:
        self._drain()
        return self.behind.get_runs([self._runs.real_id(run_id) for run_id in run_ids])

    def update_run(
        self,
        run_id: str,
        *,
        status: RunStatus | None = None,
        end_time: int | None = None,
        run_name: str | None = None,
    ) -> None:
        known = self._known.find(run_id)
        if known is None:
            self._drain()
            self._now_or_later(run_id, Updated(status, end_time, run_name))
        else:
            if run_name is not None:
                validation.check_run_name(run_name, self._text_limits()[1])
            self._log(run_id, Updated(status, end_time, run_name))

    def delete_run(self, run_id: str) -> None:
        self._drain()
        self._known.forget(run_id)
        self.behind.delete_run(self._runs.real_id(run_id))

    def restore_run(self, run_id: str) -> None:
        self.behind.restore_run(self._runs.real_id(run_id))

    def delete_runs(self, run_ids: Iterable[str]) -> None:
        several = tuple(run_ids)
        self._drain()
        for run_id in several:
            self._known.forget(run_id)
        self.behind.delete_runs([self._runs.real_id(run_id) for run_id in several])

    def restore_runs(self, run_ids: Iterable[str]) -> None:
        self.behind.restore_runs([self._runs.real_id(run_id) for run_id in run_ids])

    def purge_run(self, run_id: str, *, dry_run: bool = False) -> Purged:
        self._drain()
        return self.behind.purge_run(self._runs.real_id(run_id), dry_run=dry_run)

    def purge_experiment(self, experiment_id: str, *, dry_run: bool = False) -> PurgedExperiment:
        self._drain()
        return self.behind.purge_experiment(experiment_id, dry_run=dry_run)

    # What is logged to a run

    def log_batch(
        self,
        run_id: str,
        *,
        metrics: Iterable[Metric] = (),
        params: Iterable[Param] = (),
        tags: Iterable[Tag] = (),
    ) -> None:
        points = validation.checked_metrics(metrics, self._keys)
        known = self._known.find(run_id)
        if known is None:
            self._log_first(run_id, points, params, tags)
        elif params or tags:
            self._log_texts(run_id, known, Logged(points, list(params), list(tags)))
        elif len(run_id) < 64:
            self._append(run_id, points_payload(run_id, points), Logged(points))
        else:
            self._log(run_id, Logged(points))

    def delete_tag(self, run_id: str, key: str) -> None:
        if self._drain():
            self._now_or_later(run_id, TagDeleted(key))
        else:
            self._log(run_id, TagDeleted(key))

    def log_dataset(self, run_id: str, used: UsedDataset) -> bool:
        is_there = self._drain() and not self._runs.waits(run_id)
        return is_there and self.behind.log_dataset(self._runs.real_id(run_id), used)

    def metric_history(self, run_id: str, key: str) -> tuple[Metric, ...]:
        self._drain()
        if self._runs.waits(run_id):
            return points_here(run_id, key, self._outbox.steps())
        return self.behind.metric_history(self._runs.real_id(run_id), key)

    # Artifacts

    def artifacts(self, run_id: str) -> Artifacts:
        return self._files.of_run(run_id)

    def logged_models(self, run_id: str) -> tuple[LoggedModel, ...]:
        return () if self._runs.waits(run_id) else self.behind.logged_models(self._runs.real_id(run_id))

    # Life

    def as_it_is(self) -> Store:
        return self._seen

    def settle(self, wait_s: float) -> bool:
        return self._outbox.drain_all(wait_s=wait_s)

    @property
    def is_away(self) -> bool:
        return self._outbox.is_away

    def flush(self) -> None:
        self._outbox.flush()
        self._files.outbox.flush()

    def deliver_all(self) -> None:
        for outbox in (self._outbox, self._files.outbox):
            outbox.deliver_all()

    def waiting(self) -> Waiting:
        return together((self._outbox.waiting(), self._files.outbox.waiting()))

    def close(self) -> None:
        self._outbox.close()
        self._files.outbox.close()
        for store in (self.behind, self._seen, self._quick):
            if store is not None:
                store.close()

    def _drain(self) -> bool:
        """Wait until the store has what this process logged before; false where it cannot take it now."""
        self._look_for_others()
        return self._outbox.drain_all()

    def _look_for_others(self) -> None:
        self._outbox.look_for_others()
        self._files.outbox.look_for_others()

    def _tags_of_new(self, run_id: str, tags: Mapping[str, str]) -> dict[str, str]:
        """The tags that a run is made with. On a server they tell whether a request without an answer made it."""
        sent = {**tags, OUTBOX_TAG: run_id} if self.behind.is_server else dict(tags)
        if PARENT_TAG in sent:
            sent[PARENT_TAG] = self._runs.real_id(sent[PARENT_TAG])
        return sent

    def _postpone(self, run_id: str, new: NewRun, status: RunStatus) -> Run:
        """Start a run that is made when the store is back."""
        name = validation.agreed_run_name(new.run_name, new.tags)
        new = replace(new, tags={**new.tags, validation.RUN_NAME_TAG: name})
        validation.check_tags(new.tags, validation.MAX_TAG_LENGTH)
        validation.check_run_name(name, validation.MAX_TAG_LENGTH)
        try:
            self._runs.begin(run_id)
            self._outbox.append(payload_of(run_id, new))
        except OSError as problem:
            raise StoreUnreachableError(
                f"{self.uri} is away, and the run cannot wait on this machine: {problem}",
                hint="Is there space on the disk? TRACKSIDE_JOURNAL_DIR names another folder.",
            ) from None
        place = new.experiment.experiment_id or ""
        info = RunInfo(run_id, place, name, new.user_id, RunStatus.RUNNING, new.start_time, None, "")
        self._postponed[run_id] = Run(info, RunData({}, {}, new.tags))
        self._known.add(run_id, NO_TEXT)
        if status is not RunStatus.RUNNING:
            self._log(run_id, Updated(status))
        return self.get_run(run_id)

    def _now_or_later(self, run_id: str, change: Change) -> None:
        """Make a change in the store itself; where that is away, the change waits."""
        try:
            write(self.behind, self._runs.real_id(run_id), change)
        except StoreError as error:
            if not is_away(error):
                raise
            self._log(run_id, change)

    def _log_first(self, run_id: str, points: Sequence[Metric], params: Iterable[Param], tags: Iterable[Tag]) -> None:
        """Log to a run that this process has not logged to yet: the store itself says whether that can be."""
        self._drain()
        change = Logged(list(points), list(params), list(tags))
        try:
            real_id = self._runs.real_id(run_id)
            write(self.behind, real_id, change)
            self._known.add(run_id, self.behind.get_run(real_id).data.params)
        except StoreError as error:
            if not is_away(error):
                raise
            self._log_texts(run_id, self._known.add(run_id, NO_TEXT), change)

    def _log_texts(self, run_id: str, known: Known, change: Logged) -> None:
        check_texts(change, *self._text_limits())
        with self._lock:
            new = agreed_params(run_id, known.params, change.params)
            self._log(run_id, change)
            known.params.update(new)

    def _text_limits(self) -> tuple[int, int]:
        if self._limits is None:
            self._limits = self.behind.text_limits()
        return self._limits

    def _log(self, run_id: str, change: Change) -> None:
        try:
            payload = payload_of(run_id, change)
        except UnicodeEncodeError as error:
            raise validation.not_unicode(error) from None
        self._append(run_id, payload, change)

    def _append(self, run_id: str, payload: bytes, change: Change) -> None:
        try:
            self._outbox.append(payload)
        except OSError as problem:
            _say_once(f"nothing can be kept in the journal ({problem}), so each call waits for {self.uri}")
            self._drain()
            write(self.behind, run_id, change)


_said: set[str] = set()
_all: WeakSet[JournaledStore] = WeakSet()


def _say_once(text: str) -> None:
    if text not in _said:
        _said.add(text)
        logger.warning("Trackside: %s", text)


def _after_fork_in_child() -> None:
    for store in list(_all):
        store._lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
