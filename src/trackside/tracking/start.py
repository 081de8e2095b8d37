"""How a run starts: a row with its tags in one transaction, all else in the background."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from trackside.entities import LifecycleStage, Run, RunStatus, Tag
from trackside.errors import InvalidValueError, LifecycleError, RunActiveError, StoreError, is_away
from trackside.notebook import session as notebook_session
from trackside.notebook.identity import is_unattended
from trackside.stores.records import ExperimentWanted, NewRun
from trackside.tracking import active, session, tag_names
from trackside.tracking.capture import Capture
from trackside.tracking.names import generate_run_name
from trackside.tracking.notices import say_once
from trackside.tracking.run import ActiveRun, push
from trackside.tracking.source import UNKNOWN_USER, source_path, source_tags
from trackside.tracking.values import now_ms

if TYPE_CHECKING:
    from trackside.stores.base import Store


def require_no_active_run() -> None:
    """Raise RunActiveError where the calling thread has an active run."""
    run = active.own()
    if run is not None:
        raise RunActiveError(
            f"run {run.info.run_name!r} (id {run.info.run_id}) is active already",
            hint="end it with end_run(), or start the new run inside it with start_run(nested=True)",
        )


def given_tags(tags: Mapping[str, Any] | None, description: str | None) -> dict[str, str]:
    """The tags that the caller gave, the description among them."""
    given = {key: str(value) for key, value in (tags or {}).items()}
    if description:
        if tag_names.NOTE in given:
            raise InvalidValueError(
                f"the note was given twice: as description and as tag {tag_names.NOTE!r}", hint="leave one of them out"
            )
        given[tag_names.NOTE] = description
    return given


def find_parent(store: Store, parent_run_id: str | None, *, nested: bool) -> str | None:
    """The id of the run in which the new one is nested, or None."""
    if parent_run_id is None:
        around = active.current() if nested else None
        return around.info.run_id if around else None
    own = active.own()
    if own is not None and own.info.run_id != parent_run_id:
        name, own_id = own.info.run_name, own.info.run_id
        raise RunActiveError(
            f"parent_run_id is {parent_run_id!r}, and another run is active: {name!r} (id {own_id})",
            hint="end the active run first, or leave out parent_run_id to nest the new run in it",
        )
    _require_in_use(store.get_run(parent_run_id), "start a run inside it")
    return parent_run_id


def continue_run(store: Store, run_id: str, run_name: str | None, tags: Mapping[str, str]) -> ActiveRun:
    """Make a run that exists RUNNING again and active, with these tags added."""
    run = store.get_run(run_id)
    _require_in_use(run, "continue it")
    chosen = session.chosen_experiment_id()
    if chosen not in (None, run.info.experiment_id):
        raise InvalidValueError(
            f"run {run.info.run_name!r} (id {run_id}) belongs to experiment {run.info.experiment_id}, "
            f"and set_experiment chose experiment {chosen}",
            hint="choose the run's experiment with set_experiment(experiment_id=...), or do not choose any",
        )
    store.update_run(run_id, status=RunStatus.RUNNING, run_name=run_name)
    if tags:
        store.log_batch(run_id, tags=[Tag(key, value) for key, value in tags.items()])
    return _activate(store, store.get_run(run_id))


def create_run(
    store: Store, experiment_id: str | int | None, run_name: str | None, tags: Mapping[str, str]
) -> ActiveRun:
    """Make a run and make it active."""
    wanted = _find_experiment(store) if experiment_id is None else ExperimentWanted(str(experiment_id))
    all_tags = {**source_tags(), **tags}
    name = run_name or all_tags.get(tag_names.RUN_NAME) or generate_run_name()
    user = all_tags.get(tag_names.USER, UNKNOWN_USER)
    if wanted.experiment_id is None:
        run = store.postpone_run(NewRun(wanted, name, user, now_ms(), all_tags))
    else:
        run = store.create_run(wanted.experiment_id, run_name=name, user_id=user, start_time=now_ms(), tags=all_tags)
    return _activate(store, run)


def _find_experiment(store: Store) -> ExperimentWanted:
    """The experiment that the run goes to; while the store is away, what it will be found by."""
    try:
        if not store.is_away:
            return ExperimentWanted(session.active_experiment(create=True).experiment_id)
    except StoreError as error:
        if not is_away(error):
            raise
        say_once(f"{error.message}. The notebook goes on; the run is made as soon as the store can be used.")
    return session.wanted_experiment()


def _activate(store: Store, run: Run) -> ActiveRun:
    notebook = notebook_session.current()
    behind = notebook_session.watched()
    capture = Capture(store, run.info.run_id, session=behind, source_path=source_path(), given=run.data.tags)
    started = ActiveRun(
        run.info,
        run.data,
        store=store,
        capture=capture,
        cell=notebook.current_cell if notebook else None,
        is_attended=not (notebook and is_unattended(notebook.ipython)),
    )
    push(started)
    capture.begin()
    return started


def _require_in_use(run: Run, purpose: str) -> None:
    if run.info.lifecycle_stage is LifecycleStage.DELETED:
        raise LifecycleError(
            f"run {run.info.run_name!r} (id {run.info.run_id}) is deleted, so you cannot {purpose}",
            hint=f"bring it back with restore_run({run.info.run_id!r})",
        )
