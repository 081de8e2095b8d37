"""What the words of a command mean: the store, its experiments, the run that was named."""

from __future__ import annotations

import re
from argparse import Namespace
from pathlib import Path

from trackside.entities import Experiment, LifecycleStage, Run
from trackside.errors import ExperimentNotFoundError, InvalidValueError, RunNotFoundError, StoreError, nearest
from trackside.search.nodes import Comparison, Field, Filter, Kind, Operator
from trackside.stores.base import RunQuery, Store
from trackside.stores.uri import open_store, resolve_tracking_uri
from trackside.tracking import folder_store

BOTH = (LifecycleStage.ACTIVE, LifecycleStage.DELETED)

_ID_START = re.compile(r"[0-9a-f]{2,32}")
_MOST_NAMED = 5
_NO_DATABASE = "name another one with --uri or MLFLOW_TRACKING_URI; the first run makes one"


def require_store(options: Namespace, *, may_be_missing: bool = False) -> Store:
    """The store of ``--uri``, else the one that a kernel would use here.

    Raises:
        StoreError: There is none, and ``may_be_missing`` does not say that the command makes it.
    """
    if not options.uri:
        folder_store.follow(Path.cwd())
    store = open_store(resolve_tracking_uri(options.uri))
    if not may_be_missing and store.is_missing():
        raise StoreError(f"there is no database {store.uri}", hint=_NO_DATABASE)
    return store


def require_experiment(store: Store, text: str) -> Experiment:
    """The experiment with this name, else with this id."""
    found = store.find_experiment(text)
    try:
        return found or store.get_experiment(text)
    except (ExperimentNotFoundError, InvalidValueError):
        near = nearest(text, (known.name for known in store.list_experiments(stages=BOTH)))
        hint = f"did you mean {near!r}?" if near else "`trackside experiments` lists them"
        raise ExperimentNotFoundError(
            f"{store.uri} has no experiment with the name or id {text!r}", hint=hint
        ) from None


def experiments_meant(store: Store, options: Namespace, stages: tuple[LifecycleStage, ...]) -> tuple[Experiment, ...]:
    """That of ``--experiment``, else all in these stages."""
    if options.experiment is not None:
        return (require_experiment(store, options.experiment),)
    return store.list_experiments(stages=stages)


def stages_meant(options: Namespace) -> tuple[LifecycleStage, ...]:
    """What ``--deleted`` and ``--all`` say."""
    if options.all:
        return BOTH
    return (LifecycleStage.DELETED,) if options.deleted else (LifecycleStage.ACTIVE,)


def require_run(store: Store, options: Namespace, text: str) -> Run:
    """The run with this id, else the only one whose id begins so, else the only one with this name.

    Raises:
        RunNotFoundError: There is none, or there are several.
    """
    experiments = tuple(found.experiment_id for found in experiments_meant(store, options, BOTH))
    conditions = [Comparison(Field(Kind.ATTRIBUTE, "run_name"), Operator.EQ, text)]
    if _ID_START.fullmatch(text):
        conditions.insert(0, Comparison(Field(Kind.ATTRIBUTE, "run_id"), Operator.LIKE, f"{text}%"))
    for condition in conditions if experiments else ():
        query = RunQuery(experiments, BOTH, _MOST_NAMED + 1, filter=Filter("", condition))
        found = store.search_runs(query).items
        if len(found) > 1:
            raise _several(text, found)
        if found:
            return found[0]
    raise RunNotFoundError(
        f"there is no run with the name or id {text!r} in {store.uri}", hint="`trackside list --all` lists them"
    )


def _several(text: str, found: tuple[Run, ...]) -> RunNotFoundError:
    named = ", ".join(f"{run.info.run_name} ({run.info.run_id[:12]})" for run in found[:_MOST_NAMED])
    more = " and more" if len(found) > _MOST_NAMED else ""
    return RunNotFoundError(
        f"{text!r} names several runs: {named}{more}", hint="give more of the id, or the --experiment it is in"
    )
