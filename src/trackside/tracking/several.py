"""The same change on several runs at once, told run by run: what was done, and what was refused and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from trackside.entities import LifecycleStage
from trackside.errors import (
    NotAuthorizedError,
    NotFoundError,
    StoreBusyError,
    StoreReadOnlyError,
    StoreUnreachableError,
    TracksideError,
)
from trackside.stores.base import Purged
from trackside.tracking import makers, session, tag_names
from trackside.tracking.deleting import find_descendants, find_kept_for_models
from trackside.tracking.names import given_name
from trackside.tracking.values import to_tags

_Error = TracksideError | None
_AT_ONCE = 8
"""How many runs are changed beside each other on a server, which takes its time for each."""
_HOPELESS = (StoreUnreachableError, NotAuthorizedError, StoreReadOnlyError, StoreBusyError)
"""What is wrong with one run is wrong with all of them."""


@dataclass(frozen=True, slots=True)
class ActionReport:
    """What came of a change of several runs."""

    done: tuple[str, ...]
    """Ids of the runs that were changed, descendants included."""
    refused: Mapping[str, TracksideError] = field(default_factory=dict)
    """Ids of the runs that are as they were, each with what was wrong."""
    purged: tuple[Purged, ...] = ()
    """What ``purge_runs`` removed, or would remove."""


def tag_runs(run_ids: Iterable[str], tags: Mapping[str, Any]) -> ActionReport:
    """Set tags of several runs; a tag whose value is None is removed from those that have it."""
    removed = [key for key, value in tags.items() if value is None]
    kept = to_tags({key: value for key, value in tags.items() if value is not None})

    def change(run_id: str) -> None:
        if kept:
            session.current_store().log_batch(run_id, tags=kept)
        for key in removed:
            _remove_tag(run_id, key)

    return _change_each(run_ids, change)


def rename_runs(names: Mapping[str, str]) -> ActionReport:
    """Give runs other names: ``names`` has the new name of each run id; blank ones are refused."""

    def change(run_id: str) -> None:
        session.current_store().update_run(run_id, run_name=given_name(names[run_id]))

    return _change_each(names, change)


def star_runs(run_ids: Iterable[str], starred: bool = True) -> ActionReport:
    """Mark runs with a star, or take it away: the tag ``trackside.starred``."""
    return tag_runs(run_ids, {tag_names.STARRED: "true" if starred else None})


def close_runs(run_ids: Iterable[str]) -> ActionReport:
    """End runs as FAILED that stayed RUNNING, because the kernel or program that made them is gone."""
    return _change_each(run_ids, makers.close_run)


def move_to_trash(run_ids: Iterable[str], *, descendants: bool = False) -> ActionReport:
    """Delete runs, and with ``descendants`` their children, the children of those and so on."""
    family, store = _family(run_ids, descendants, LifecycleStage.ACTIVE), session.current_store()
    return _change_each(family, store.delete_run) if store.is_server else _change_all(family, store.delete_runs)


def take_from_trash(run_ids: Iterable[str], *, descendants: bool = False) -> ActionReport:
    """Restore runs, and with ``descendants`` what was deleted of their children, the children of those and so on."""
    family, store = _family(run_ids, descendants, LifecycleStage.DELETED), session.current_store()
    return _change_each(family, store.restore_run) if store.is_server else _change_all(family, store.restore_runs)


def purge_runs(run_ids: Iterable[str], dry_run: bool = True) -> ActionReport:
    """Remove deleted runs for good, with their artifacts; ``purge`` does so with all that were deleted long ago.

    Artifacts are removed only in the folder ``mlruns`` beside the database; ``purged`` says where others are left.
    Runs that a registered model version comes from are refused.

    Args:
        run_ids: The runs.
        dry_run: Remove nothing and only say what would be removed.
    """
    store = session.current_store()
    ids = list(dict.fromkeys(run_ids))
    kept = find_kept_for_models(store, ids)
    purged = list[Purged]()
    free = [run_id for run_id in ids if run_id not in kept]
    changes = _change_each(free, lambda run_id: purged.append(store.purge_run(run_id, dry_run=dry_run)))
    return ActionReport(changes.done, {**kept, **changes.refused}, tuple(purged))


def _family(run_ids: Iterable[str], descendants: bool, stage: LifecycleStage) -> list[str]:
    ids = list(dict.fromkeys(run_ids))
    return ids + [run.info.run_id for run in (find_descendants(ids, stage=stage) if descendants else ())]


def _remove_tag(run_id: str, key: str) -> None:
    store = session.current_store()
    try:
        store.delete_tag(run_id, key)
    except NotFoundError:
        store.get_run(run_id)  # only a run that is not there is a fault


def _change_all(run_ids: Sequence[str], change: Callable[[Iterable[str]], None]) -> ActionReport:
    """All at once, which is quick; where that is refused, one by one, to learn which are to blame."""
    try:
        change(run_ids)
    except TracksideError as error:
        if isinstance(error, _HOPELESS) or len(run_ids) == 1:
            return ActionReport((), dict.fromkeys(run_ids, error))
        return _change_each(run_ids, lambda run_id: change([run_id]))
    return ActionReport(tuple(run_ids))


def _change_each(run_ids: Iterable[str], change: Callable[[str], object]) -> ActionReport:
    ids = list(dict.fromkeys(run_ids))
    attempts = _Attempts(change)
    is_slow = session.current_store().is_server and len(ids) > 1
    errors = _beside_each_other(attempts.make, ids) if is_slow else [attempts.make(run_id) for run_id in ids]
    refused = {run_id: error for run_id, error in zip(ids, errors, strict=True) if error is not None}
    return ActionReport(tuple(run_id for run_id in ids if run_id not in refused), refused)


def _beside_each_other(attempt: Callable[[str], _Error], run_ids: Sequence[str]) -> list[_Error]:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(_AT_ONCE, "trackside-changes") as threads:
        return list(threads.map(attempt, run_ids))


class _Attempts:
    """The same change of one run after the other, or of several beside each other, until it is hopeless."""

    def __init__(self, change: Callable[[str], object]) -> None:
        self._change = change
        self._hopeless: TracksideError | None = None

    def make(self, run_id: str) -> _Error:
        """Change a run, and return why it could not be."""
        if self._hopeless is not None:
            return self._hopeless
        try:
            self._change(run_id)
        except TracksideError as error:
            if isinstance(error, _HOPELESS):
                self._hopeless = error
            return error
        return None
