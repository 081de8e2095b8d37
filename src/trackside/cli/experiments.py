"""The commands about experiments."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from trackside.cli import output
from trackside.cli.place import require_experiment, require_store, stages_meant
from trackside.entities import LifecycleStage
from trackside.errors import InvalidValueError, plain
from trackside.search import parse_experiment_filter, parse_experiment_order
from trackside.stores.base import ExperimentQuery

if TYPE_CHECKING:
    from trackside.stores.base import Store


def list_experiments(options: Namespace) -> None:
    """The experiments, or those that a filter finds."""
    store = require_store(options)
    found = store.search_experiments(_query(options))
    if options.json:
        output.write_json([output.experiment_to_json(experiment) for experiment in found])
        return
    if not found:
        output.note(f"no experiments found in {store.uri}")
        return
    heads = ("id", "name", "made", "state")
    rows = [(one.experiment_id, one.name, output.show_time(one.creation_time), one.lifecycle_stage) for one in found]
    output.write_table(heads, rows)


def create(options: Namespace) -> None:
    """Make an experiment."""
    store = require_store(options, may_be_missing=True)
    _confirm(options, store, store.create_experiment(_given_name(options)), "created")


def rename(options: Namespace) -> None:
    """Give an experiment another name."""
    store = require_store(options)
    experiment_id = require_experiment(store, options.which).experiment_id
    store.rename_experiment(experiment_id, _given_name(options))
    _confirm(options, store, experiment_id, "renamed")


def delete(options: Namespace) -> None:
    """Move an experiment and its runs to the trash."""
    store = require_store(options)
    experiment_id = require_experiment(store, options.which).experiment_id
    store.delete_experiment(experiment_id)
    _confirm(options, store, experiment_id, "deleted")


def restore(options: Namespace) -> None:
    """Bring an experiment and its runs back from the trash."""
    store = require_store(options)
    experiment_id = require_experiment(store, options.which).experiment_id
    store.restore_experiment(experiment_id)
    _confirm(options, store, experiment_id, "restored")


def _given_name(options: Namespace) -> str:
    name: str = options.name.strip()
    if not name:
        raise InvalidValueError("an experiment needs a name; the new one is empty")
    return name


def _query(options: Namespace) -> ExperimentQuery:
    if options.max is not None and options.max < 1:
        raise InvalidValueError(f"--max must be at least 1, not {options.max}")
    filter_ = parse_experiment_filter(options.filter) if options.filter else None
    order = parse_experiment_order(options.order_by) if options.order_by else ()
    return ExperimentQuery(stages_meant(options), options.max, filter_, order)


def _confirm(options: Namespace, store: Store, experiment_id: str, done: str) -> None:
    experiment = store.get_experiment(experiment_id)
    if options.json:
        output.write_json(output.experiment_to_json(experiment))
    else:
        deleted = " and its runs" if experiment.lifecycle_stage is LifecycleStage.DELETED else ""
        output.say(f"{done} experiment {plain(experiment.name)} (id {experiment_id}){deleted}")
