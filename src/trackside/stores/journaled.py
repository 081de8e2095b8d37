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
import time
from collections.abc import Iterable, Mapping, Sequence
from weakref import WeakSet

from trackside.entities import NO_TEXT, Experiment, LifecycleStage, Metric, Page, Param, Run, RunStatus, Tag
from trackside.errors import RunNotFoundError, StoreError
from trackside.stores import validation
from trackside.stores.base import Artifacts, Outline, Purged, RunQuery, Store
from trackside.stores.delivery import write
from trackside.stores.outbox import Outbox
from trackside.stores.records import Change, Logged, TagDeleted, Updated, payload_of, points_payload
from trackside.stores.waiting import Waiting, together
from trackside.stores.waiting_files import WaitingFiles

logger = logging.getLogger("trackside")

RENEW_S = 2.0
"""How long it is taken for granted that a run can be written, where asking is cheap."""


class _Known:
    """What this process knows of a run that it logs to."""

    __slots__ = ("fresh_until", "params")

    def __init__(self, params: Mapping[str, str]) -> None:
        self.params = dict(params)
        self.fresh_until = time.monotonic() + RENEW_S


class JournaledStore(Store):
    """A store behind a journal.

    Args:
        store: The store itself.
        quick: The same store, to be asked in passing whether a run can still be written; it must not wait for others.
            Without it, a run that was deleted elsewhere is noticed when the store refuses what was logged to it.
    """

    behind: Store
    """The store itself."""

    def __init__(self, store: Store, *, quick: Store | None = None) -> None:
        self.uri = store.uri
        self.behind = store
        self._quick = quick
        self._outbox = Outbox(store, self._forget)
        self._files = WaitingFiles(store, lambda: self._outbox.is_away, self._forget)
        self._lock = threading.RLock()
        self._known: dict[str, _Known] = {}
        self._keys: set[str] = set()
        self._limits: tuple[int, int] | None = None
        _all.add(self)

    def __repr__(self) -> str:
        return f"JournaledStore({self.behind!r})"

    # Experiments

    def create_experiment(
        self, name: str, *, artifact_location: str | None = None, tags: Mapping[str, str] = NO_TEXT
    ) -> str:
        return self.behind.create_experiment(name, artifact_location=artifact_location, tags=tags)

    def get_experiment(self, experiment_id: str) -> Experiment:
        return self.behind.get_experiment(experiment_id)

    def find_experiment(self, name: str) -> Experiment | None:
        return self.behind.find_experiment(name)

    def find_experiments_by_tag(self, key: str, value: str) -> tuple[Experiment, ...]:
        return self.behind.find_experiments_by_tag(key, value)

    def list_experiments(
        self, *, stages: Sequence[LifecycleStage] = (LifecycleStage.ACTIVE,)
    ) -> tuple[Experiment, ...]:
        return self.behind.list_experiments(stages=stages)

    def rename_experiment(self, experiment_id: str, name: str) -> None:
        self.behind.rename_experiment(experiment_id, name)

    def delete_experiment(self, experiment_id: str) -> None:
        self._drain()
        self._known.clear()
        self.behind.delete_experiment(experiment_id)

    def restore_experiment(self, experiment_id: str) -> None:
        self.behind.restore_experiment(experiment_id)

    def set_experiment_tag(self, experiment_id: str, key: str, value: str) -> None:
        self.behind.set_experiment_tag(experiment_id, key, value)

    def delete_experiment_tag(self, experiment_id: str, key: str) -> None:
        self.behind.delete_experiment_tag(experiment_id, key)

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
        run = self.behind.create_run(
            experiment_id, run_name=run_name, user_id=user_id, start_time=start_time, tags=tags, status=status
        )
        self._outbox.look_for_others()
        self._files.outbox.look_for_others()
        self._known[run.info.run_id] = _Known(NO_TEXT)
        return run

    def get_run(self, run_id: str) -> Run:
        self._drain()
        return self.behind.get_run(run_id)

    def search_runs(self, query: RunQuery) -> Page[Run]:
        self._drain()
        return self.behind.search_runs(query)

    def count_runs(self, query: RunQuery) -> int:
        self._drain()
        return self.behind.count_runs(query)

    def outline_runs(self, query: RunQuery, wanted: int) -> Outline:
        self._drain()
        return self.behind.outline_runs(query, wanted)

    def get_runs(self, run_ids: Sequence[str]) -> tuple[Run, ...]:
        self._drain()
        return self.behind.get_runs(run_ids)

    def update_run(
        self,
        run_id: str,
        *,
        status: RunStatus | None = None,
        end_time: int | None = None,
        run_name: str | None = None,
    ) -> None:
        known = self._find_known(run_id)
        if known is None:
            self._drain()
            self.behind.update_run(run_id, status=status, end_time=end_time, run_name=run_name)
        else:
            if run_name is not None:
                validation.check_run_name(run_name, self._text_limits()[1])
            self._log(run_id, Updated(status, end_time, run_name))

    def delete_run(self, run_id: str) -> None:
        self._drain()
        self._forget(run_id)
        self.behind.delete_run(run_id)

    def restore_run(self, run_id: str) -> None:
        self.behind.restore_run(run_id)

    def delete_runs(self, run_ids: Iterable[str]) -> None:
        several = tuple(run_ids)
        self._drain()
        for run_id in several:
            self._forget(run_id)
        self.behind.delete_runs(several)

    def restore_runs(self, run_ids: Iterable[str]) -> None:
        self.behind.restore_runs(run_ids)

    def purge_run(self, run_id: str, *, dry_run: bool = False) -> Purged:
        self._drain()
        return self.behind.purge_run(run_id, dry_run=dry_run)

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
        known = self._find_known(run_id)
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
            self.behind.delete_tag(run_id, key)
        else:
            self._log(run_id, TagDeleted(key))

    def metric_history(self, run_id: str, key: str) -> tuple[Metric, ...]:
        self._drain()
        return self.behind.metric_history(run_id, key)

    # Artifacts

    def artifacts(self, run_id: str) -> Artifacts:
        return self._files.of_run(run_id)

    # Life

    def text_limits(self) -> tuple[int, int]:
        return self.behind.text_limits()

    def flush(self) -> None:
        self._outbox.flush()
        self._files.outbox.flush()

    def waiting(self) -> Waiting:
        return together((self._outbox.waiting(), self._files.outbox.waiting()))

    def change_token(self) -> object:
        return self.behind.change_token()

    def close(self) -> None:
        self._outbox.close()
        self._files.outbox.close()
        self.behind.close()
        if self._quick is not None:
            self._quick.close()

    def _drain(self) -> bool:
        """Wait until the store has what this process logged before; false where it cannot take it now."""
        self._files.outbox.look_for_others()
        return self._outbox.drain_all()

    def _find_known(self, run_id: str) -> _Known | None:
        """What is known of a run that can be written; None where only the store can tell."""
        known = self._known.get(run_id)
        if known is None or self._quick is None or time.monotonic() < known.fresh_until:
            return known
        return self._renewed(self._quick, run_id, known)

    def _renewed(self, quick: Store, run_id: str, known: _Known) -> _Known | None:
        began = time.monotonic()
        try:
            run = quick.get_run(run_id)
        except RunNotFoundError:
            self._forget(run_id)
            return None
        except StoreError:
            logger.debug("Whether run %s can be written could not be asked.", run_id)
        else:
            if run.info.lifecycle_stage is LifecycleStage.DELETED:
                self._forget(run_id)
                return None
            known.params = {**run.data.params, **known.params}
        now = time.monotonic()
        known.fresh_until = now + max(RENEW_S, 50 * (now - began))
        return known

    def _forget(self, run_id: str) -> None:
        self._known.pop(run_id, None)

    def _log_first(self, run_id: str, points: Sequence[Metric], params: Iterable[Param], tags: Iterable[Tag]) -> None:
        """Log to a run that this process has not logged to yet: the store itself says whether that can be."""
        self._drain()
        self.behind.log_batch(run_id, metrics=points, params=params, tags=tags)
        self._known[run_id] = _Known(self.behind.get_run(run_id).data.params)

    def _log_texts(self, run_id: str, known: _Known, change: Logged) -> None:
        param_limit, tag_limit = self._text_limits()
        for param in change.params:
            validation.check_key("param", param.key)
            validation.check_text(f"param {param.key!r}", param.value, param_limit)
        for tag in change.tags:
            validation.check_key("tag", tag.key)
            if tag.key == validation.RUN_NAME_TAG:
                validation.check_run_name(tag.value, tag_limit)
            else:
                validation.check_text(f"tag {tag.key!r}", tag.value, tag_limit)
        with self._lock:
            new = _agreed_params(run_id, known.params, change.params)
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


def _agreed_params(run_id: str, known: Mapping[str, str], params: Iterable[Param]) -> dict[str, str]:
    """The params that are new. Raises ParamChangedError where one has another value already."""
    new: dict[str, str] = {}
    for param in params:
        old = known.get(param.key, new.get(param.key))
        if old is None:
            new[param.key] = param.value
        elif old != param.value:
            raise validation.param_changed(run_id, param.key, old, param.value)
    return new


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
