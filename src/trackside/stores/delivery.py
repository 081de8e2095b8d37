"""Taking the records and files of a journal to the store, in order, a few thousand records at a time.

How far it came is noted in the journal after each part. Where the process dies between a part and its note, the next
one delivers that part again: points and params are not doubled, and a tag that somebody else set in that instant gets
the value that was logged before. A server doubles points that it is sent twice only if it does not use a database.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from trackside.errors import (
    InvalidValueError,
    LifecycleError,
    NotAuthorizedError,
    NotFoundError,
    RunNotFoundError,
    StoreBusyError,
    StoreRefusedError,
    StoreUnreachableError,
    TracksideError,
)
from trackside.stores.journal import REFUSED_FILE_SUFFIX, Chunk
from trackside.stores.records import (
    Change,
    FileKept,
    Logged,
    NewRun,
    Step,
    TagDeleted,
    Updated,
    payload_of,
    step_of,
    steps_of,
)
from trackside.stores.sqlite import SqliteStore

if TYPE_CHECKING:
    from trackside.stores.base import Store
    from trackside.stores.journal import Journal
    from trackside.stores.postponed import PostponedRuns

logger = logging.getLogger("trackside")


class Delivery:
    """Delivers one journal. Called again after an error, it goes on where it was.

    Args:
        journal: The records.
        store: Where they go.
        runs: The runs of the store that were started while it was away.
        on_refused: Told the id of a run that takes no more.
    """

    def __init__(
        self, journal: Journal, store: Store, runs: PostponedRuns, on_refused: Callable[[str], None] = lambda _: None
    ) -> None:
        self._journal = journal
        self._store = store
        self._runs = runs
        self._on_refused = on_refused
        self._steps: deque[Step] = deque()
        self._chunk = Chunk((), journal.position)
        self._sent: list[Path] = []

    def deliver(self) -> None:
        """Deliver everything. Raises StoreError where the store cannot take it now; then it waits in the journal."""
        while self._steps or self._find_more():
            while self._steps:
                self._apply(self._steps[0])
                self._steps.popleft()
            self._journal.mark(self._chunk)
            self._drop_files()

    def _find_more(self) -> bool:
        self._chunk = self._journal.read()
        self._steps.extend(steps_of(self._chunk.payloads))
        return bool(self._chunk.payloads)

    def _apply(self, step: Step) -> None:
        if isinstance(step.change, NewRun):
            self._make_run(step, step.change)
        elif isinstance(step.change, FileKept):
            self._send_file(step, step.change)
        else:
            self._write(step)

    def _write(self, step: Step) -> None:
        try:
            write(self._store, self._runs.real_id(step.run_id), step.change)
        except (RunNotFoundError, LifecycleError) as refusal:
            self._refuse(step, refusal)
        except (InvalidValueError, StoreRefusedError) as refusal:
            if len(step.payloads) == 1:
                self._refuse(step, refusal)
            else:
                for payload in step.payloads:
                    self._write(step_of(payload))
        except NotFoundError:
            logger.debug("The tag that was to be removed from run %s is not there.", step.run_id)

    def _make_run(self, step: Step, new: NewRun) -> None:
        try:
            self._runs.make(step.run_id, new)
        except (InvalidValueError, NotFoundError, LifecycleError, StoreRefusedError) as refusal:
            self._runs.refuse(step.run_id)
            self._refuse(step, refusal)

    def _send_file(self, step: Step, kept: FileKept) -> None:
        file = self._journal.kept(kept.file)
        try:
            self._store.artifacts(self._runs.real_id(step.run_id)).write_file(file, kept.path)
        except TracksideError as refusal:
            if isinstance(refusal, StoreBusyError | StoreUnreachableError | NotAuthorizedError):
                raise
            _require_folder(self._store)
            refused = file.with_suffix(REFUSED_FILE_SUFFIX)
            with suppress(OSError):
                file.rename(refused)
            change = replace(kept, file=refused.name)
            self._refuse(Step(step.run_id, change, [payload_of(step.run_id, change)]), refusal)
        else:
            self._sent.append(file)

    def _drop_files(self) -> None:
        """Remove the files that were sent; one that cannot be removed goes with the journal."""
        while self._sent:
            with suppress(OSError):
                self._sent.pop().unlink()

    def _refuse(self, step: Step, refusal: TracksideError) -> None:
        """Keep what will never be taken in a file of its own, so that the rest goes on."""
        _require_folder(self._store)
        path = self._journal.set_aside(step.payloads)
        logger.warning(
            "Trackside: run %s did not take what was logged to it: %s. It is kept in %s.",
            step.run_id,
            refusal.message,
            path,
        )
        self._on_refused(step.run_id)


def _require_folder(store: Store) -> None:
    """Raise StoreUnreachableError where the folder of a database is gone: nobody knows then which runs it has."""
    if isinstance(store, SqliteStore) and not store.path.parent.is_dir():
        raise StoreUnreachableError(
            f"the folder {store.path.parent} is not there, in which the database is to be",
            hint="Is the disk or the shared folder mounted?",
        )


def write(store: Store, run_id: str, change: Change) -> None:
    """Make a change in the store itself."""
    if isinstance(change, Logged):
        store.log_batch(run_id, metrics=change.metrics, params=change.params, tags=change.tags)
    elif isinstance(change, TagDeleted):
        store.delete_tag(run_id, change.key)
    elif isinstance(change, Updated):
        store.update_run(run_id, status=change.status, end_time=change.end_time, run_name=change.run_name)
