"""Runs that were started while the store was away, and are made when it is back.

Until then such a run has an id of this machine's own, and its records wait in the journal behind the one that makes
it. The store gives it another id. Which run stands for which is noted in a file beside the journals, and on the run
itself in a tag; both are looked at before a run is made, so that a process that dies between the two makes no second.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from trackside.entities import LifecycleStage, Metric, Run, RunData
from trackside.errors import InvalidValueError, RunNotFoundError, StoreUnreachableError
from trackside.search.nodes import Comparison, Field, Filter, Kind, Operator
from trackside.stores.base import RunQuery
from trackside.stores.journal import journal_folder
from trackside.stores.records import ExperimentWanted, Logged, NewRun, Step, TagDeleted, Updated

if TYPE_CHECKING:
    from trackside.stores.base import Store

OUTBOX_TAG = "trackside.outbox.id"
"""The tag of a run that holds the id that it had on the machine that started it."""
PARENT_TAG = "mlflow.parentRunId"
_PREFIX = "waiting-"
_NOTE_SUFFIX = ".run"
_BOTH = (LifecycleStage.ACTIVE, LifecycleStage.DELETED)
_MOST_NAMES = 1000


class RunWaitsError(StoreUnreachableError):
    """The run was started while the store was away, and is not made yet."""


def new_id() -> str:
    """An id for a run that no store has made yet."""
    return f"{_PREFIX}{uuid.uuid4().hex[:24]}"


def is_postponed(run_id: str) -> bool:
    """Whether this is such an id."""
    return run_id.startswith(_PREFIX)


class PostponedRuns:
    """Which runs of one store stand for those that were started while it was away. Any thread may ask.

    A note is a file that is empty until the run is made, and then holds its id. A run without a note was made long
    ago, or was refused.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._made: dict[str, str] = {}

    def begin(self, run_id: str) -> None:
        """Note that a run is to be made. Raises OSError where that cannot be."""
        self._note(run_id).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._note(run_id).touch()

    def waits(self, run_id: str) -> bool:
        """Whether the run is still to be made."""
        return is_postponed(run_id) and run_id not in self._made and self._read_note(run_id) == ""

    def real_id(self, run_id: str) -> str:
        """The id that the store knows a run by.

        Raises:
            RunWaitsError: The run is still to be made.
            RunNotFoundError: The store has no such run.
        """
        if not is_postponed(run_id):
            return run_id
        if run_id not in self._made:
            noted = self._read_note(run_id)
            if noted == "":
                raise RunWaitsError(
                    f"run {run_id} was started while {self._store.uri} was away, and is not there yet",
                    hint="It is made as soon as the store can be used; `trackside sync` tries it now.",
                )
            self._made[run_id] = noted or self._require(run_id)
        return self._made[run_id]

    def make(self, run_id: str, new: NewRun) -> None:
        """Make a run in the store, unless it is there already."""
        if run_id in self._made or self._read_note(run_id):
            return
        experiment_id = find_or_make_experiment(self._store, new.experiment)
        found = self._find(run_id, (experiment_id,))
        if found is None:
            tags = {**new.tags, OUTBOX_TAG: run_id}
            if PARENT_TAG in tags:
                tags[PARENT_TAG] = self.real_id(tags[PARENT_TAG])
            made = self._store.create_run(
                experiment_id, run_name=new.run_name, user_id=new.user_id, start_time=new.start_time, tags=tags
            )
            found = made.info.run_id
        self._made[run_id] = found
        self._write_note(run_id, found)

    def refuse(self, run_id: str) -> None:
        """Note that a run is never made."""
        with suppress(OSError):
            self._note(run_id).unlink()

    def forget(self) -> None:
        """Remove the notes, once no journal is left that could need them."""
        folder = journal_folder(self._store.uri)
        notes = list(folder.glob(f"*{_NOTE_SUFFIX}"))  # first these: who makes one has a journal
        if not any(folder.glob("*journal")):
            for note in notes:
                with suppress(OSError):
                    note.unlink()

    def _require(self, run_id: str) -> str:
        experiments = tuple(each.experiment_id for each in self._store.list_experiments(stages=_BOTH))
        found = self._find(run_id, experiments)
        if found is None:
            raise RunNotFoundError(f"{self._store.uri} has no run that was started as {run_id}")
        return found

    def _find(self, run_id: str, experiment_ids: tuple[str, ...]) -> str | None:
        condition = Comparison(Field(Kind.TAG, OUTBOX_TAG), Operator.EQ, run_id)
        query = RunQuery(experiment_ids, _BOTH, max_results=1, filter=Filter("", condition))
        return next((run.info.run_id for run in self._store.search_runs(query)), None)

    def _note(self, run_id: str) -> Path:
        return journal_folder(self._store.uri) / f"{Path(run_id).name}{_NOTE_SUFFIX}"

    def _read_note(self, run_id: str) -> str | None:
        try:
            return self._note(run_id).read_text()
        except OSError:
            return None

    def _write_note(self, run_id: str, made: str) -> None:
        note = self._note(run_id)
        draft = note.with_suffix(f".{os.getpid()}")
        with suppress(OSError):  # the tag says the same
            draft.write_text(made)
            draft.replace(note)


def find_or_make_experiment(store: Store, wanted: ExperimentWanted) -> str:
    """The id of the experiment that is meant, which is made where there is none."""
    if wanted.experiment_id is not None:
        return wanted.experiment_id
    for place, (key, value) in enumerate(wanted.found_by):
        for found in store.find_experiments_by_tag(key, value):
            if all(found.tags.get(name, text) == text for name, text in wanted.found_by[:place]):
                return found.experiment_id
    for name in _names(wanted):
        known = store.find_experiment(name)
        if known is None:
            return store.create_experiment(name, tags=wanted.tags)
        if not wanted.found_by:
            return known.experiment_id
    raise InvalidValueError(f"{store.uri} has {_MOST_NAMES} experiments named like {wanted.name!r}")


def _names(wanted: ExperimentWanted) -> Iterator[str]:
    """The name; where the experiment is known by tags and another has the name, also with a number."""
    yield wanted.name
    yield from (f"{wanted.name} ({number})" for number in range(2, _MOST_NAMES))


def seen_here(run: Run, steps: Iterable[Step]) -> Run:
    """A run that waits, with what was logged to it."""
    info, params, tags = run.info, dict(run.data.params), dict(run.data.tags)
    latest: dict[str, Metric] = {}
    for change in (step.change for step in steps if step.run_id == run.info.run_id):
        if isinstance(change, Logged):
            params.update((param.key, param.value) for param in change.params)
            tags.update((tag.key, tag.value) for tag in change.tags)
            for point in change.metrics:
                latest[point.key] = max(latest.get(point.key, point), point, key=_age)
        elif isinstance(change, TagDeleted):
            tags.pop(change.key, None)
        elif isinstance(change, Updated):
            info = replace(
                info,
                status=change.status or info.status,
                end_time=change.end_time if change.end_time is not None else info.end_time,
                run_name=change.run_name or info.run_name,
            )
    return Run(info, RunData({key: point.value for key, point in latest.items()}, params, tags))


def points_here(run_id: str, key: str, steps: Sequence[Step]) -> tuple[Metric, ...]:
    """The points of a metric of a run that waits, by step, then timestamp, then value."""
    logged = [step.change for step in steps if step.run_id == run_id and isinstance(step.change, Logged)]
    return tuple(sorted((point for change in logged for point in change.metrics if point.key == key), key=_age))


def _age(point: Metric) -> tuple[int, int, float]:
    return point.step, point.timestamp, point.value
