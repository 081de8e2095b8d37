"""What every store promises of experiments."""

from __future__ import annotations

import pytest

from trackside.entities import LifecycleStage
from trackside.errors import (
    ExperimentNotFoundError,
    InvalidValueError,
    LifecycleError,
    NotFoundError,
)
from trackside.search import parse_experiment_filter, parse_experiment_order
from trackside.search.experiments import sort_key
from trackside.stores.base import DEFAULT_EXPERIMENT_ID, ExperimentQuery, Store

from .places import BOTH, HOSTILE, Contract, new_run

EXPERIMENTS = {"wine red": "a", "wine white": "b", "Wine": "a", "beer": "it's"}
FILTERS = {
    "name LIKE 'wine%'": ["wine white", "wine red"],
    "name ILIKE 'wine' AND experiment_id NOT IN ('0')": ["Wine"],
    "tags.team = 'a' AND NOT name = 'Wine'": ["wine red"],
    'tags.size = 5 OR tags.team = "it\'s"': ["wine red", "beer"],
    "tags.team IS NULL": ["Default"],
    "created > -1d AND last_update_time >= 0 AND name IN ('beer', 'Wine')": ["beer", "Wine"],
    "name = E'\\\\' OR name = 'x; DROP TABLE experiments'": [],
}


class ExperimentContract(Contract):
    """What every store promises of experiments."""

    def test_an_experiment_is_found_by_id_and_by_name(self, store: Store) -> None:
        """R2.4: experiments are made and found."""
        experiment_id = store.create_experiment("wine", tags={"team": "red"})
        experiment = store.get_experiment(experiment_id)
        assert experiment.name == "wine"
        assert experiment.tags["team"] == "red"
        assert experiment.lifecycle_stage is LifecycleStage.ACTIVE
        assert experiment.creation_time is not None
        assert store.find_experiment("wine") == experiment
        assert store.find_experiment("Wine") is None

    def test_each_experiment_has_its_own_id(self, store: Store) -> None:
        ids = [store.create_experiment(f"number {number}") for number in range(5)]
        assert len({DEFAULT_EXPERIMENT_ID, *ids}) == 6

    def test_the_default_experiment_is_there_once_something_was_written(self, store: Store) -> None:
        store.create_experiment("wine")
        assert store.get_experiment(DEFAULT_EXPERIMENT_ID).name == "Default"

    def test_experiments_are_listed_by_stage(self, store: Store) -> None:
        kept, dropped = store.create_experiment("kept"), store.create_experiment("dropped")
        store.delete_experiment(dropped)
        assert {e.experiment_id for e in store.list_experiments()} == {DEFAULT_EXPERIMENT_ID, kept}
        assert [e.experiment_id for e in store.list_experiments(stages=(LifecycleStage.DELETED,))] == [dropped]
        assert len(store.list_experiments(stages=BOTH)) == 3

    def test_a_name_can_be_taken_only_once_even_by_a_deleted_experiment(self, store: Store) -> None:
        experiment_id = store.create_experiment("wine")
        with pytest.raises(InvalidValueError, match="wine"):
            store.create_experiment("wine")
        store.delete_experiment(experiment_id)
        with pytest.raises(InvalidValueError, match="deleted"):
            store.create_experiment("wine")

    @pytest.mark.parametrize("name", ["", "x" * 501])
    def test_an_unacceptable_experiment_name_is_refused(self, store: Store, name: str) -> None:
        with pytest.raises(InvalidValueError):
            store.create_experiment(name)

    def test_an_experiment_keeps_a_hostile_name_as_it_is(self, store: Store) -> None:
        experiment_id = store.create_experiment(HOSTILE)
        assert store.get_experiment(experiment_id).name == HOSTILE
        found = store.find_experiment(HOSTILE)
        assert found is not None
        assert found.experiment_id == experiment_id

    def test_an_experiment_is_renamed(self, store: Store) -> None:
        """R2.4: experiments are renamed."""
        first, second = store.create_experiment("first"), store.create_experiment("second")
        store.rename_experiment(first, "renamed")
        assert store.get_experiment(first).name == "renamed"
        with pytest.raises(InvalidValueError, match="renamed"):
            store.rename_experiment(second, "renamed")
        assert store.get_experiment(second).name == "second"

    def test_a_deleted_experiment_takes_its_runs_along_and_brings_them_back(self, store: Store) -> None:
        """R2.4: experiments are deleted and restored."""
        experiment_id = store.create_experiment("wine")
        run_id = new_run(store, experiment_id).info.run_id
        store.delete_experiment(experiment_id)
        assert store.get_experiment(experiment_id).lifecycle_stage is LifecycleStage.DELETED
        assert store.get_run(run_id).info.lifecycle_stage is LifecycleStage.DELETED
        store.restore_experiment(experiment_id)
        assert store.get_experiment(experiment_id).lifecycle_stage is LifecycleStage.ACTIVE
        assert store.get_run(run_id).info.lifecycle_stage is LifecycleStage.ACTIVE

    def test_a_deleted_experiment_takes_no_runs(self, store: Store) -> None:
        experiment_id = store.create_experiment("wine")
        store.delete_experiment(experiment_id)
        with pytest.raises(LifecycleError, match="deleted"):
            new_run(store, experiment_id)

    def test_experiment_tags_are_set_changed_found_and_deleted(self, store: Store) -> None:
        """R2.4: experiments have tags."""
        older, newer = store.create_experiment("older"), store.create_experiment("newer")
        for experiment_id in (newer, older):
            store.set_experiment_tag(experiment_id, "notebook", "no")
            store.set_experiment_tag(experiment_id, "notebook", "yes")
        assert [e.experiment_id for e in store.find_experiments_by_tag("notebook", "yes")] == [older, newer]
        assert store.find_experiments_by_tag("notebook", "no") == ()
        store.delete_experiment_tag(older, "notebook")
        assert "notebook" not in store.get_experiment(older).tags
        with pytest.raises(NotFoundError, match="notebook"):
            store.delete_experiment_tag(older, "notebook")
        store.delete_experiment(newer)
        assert store.find_experiments_by_tag("notebook", "yes") == ()

    @pytest.mark.parametrize("experiment_id", ["12345", "no-number", "", "-1", "0; DROP TABLE runs", "٣"])
    def test_an_unknown_experiment_is_named_in_the_error(self, store: Store, experiment_id: str) -> None:
        store.create_experiment("wine")
        with pytest.raises(ExperimentNotFoundError):
            store.get_experiment(experiment_id)
        with pytest.raises(ExperimentNotFoundError):
            new_run(store, experiment_id)
        with pytest.raises(ExperimentNotFoundError):
            store.set_experiment_tag(experiment_id, "a", "b")

    def test_experiments_are_found_by_filter_in_any_order(self, store: Store) -> None:
        """R2.4, R8.2: by name, id, times and tags, joined in any way."""
        ids = {name: store.create_experiment(name, tags={"team": team}) for name, team in EXPERIMENTS.items()}
        store.set_experiment_tag(ids["wine red"], "size", "05.0")
        store.delete_experiment(ids["beer"])
        made = [store.get_experiment(ids[name]) for name in EXPERIMENTS]
        for text, expected in FILTERS.items():
            query = ExperimentQuery(BOTH, None, parse_experiment_filter(text), parse_experiment_order(["name DESC"]))
            assert [one.name for one in store.search_experiments(query)] == expected, text
        for steps in ([], ["created"], ["tags.team", "name"], ["last_update_time DESC", "experiment_id"]):
            order = parse_experiment_order(steps)
            query = ExperimentQuery(BOTH, 3, parse_experiment_filter("name != 'Default'"), order)
            assert list(store.search_experiments(query)) == sorted(made, key=sort_key(order))[:3], steps
        query = ExperimentQuery((LifecycleStage.DELETED,), filter=parse_experiment_filter("tags.team LIKE '%'"))
        assert [one.name for one in store.search_experiments(query)] == ["beer"]
        assert store.search_experiments(ExperimentQuery(())) == ()
